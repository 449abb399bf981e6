"""Why nothing wanted an event, in sentences."""

from collections.abc import Iterable

from cdk_event_flow.match import Verdict


def nearest_first(verdicts: Iterable[tuple[str, Verdict]]) -> tuple[str, ...]:
    """One sentence for each rule or subscription, the one that missed by the least first."""
    ranked = sorted(verdicts, key=lambda named: named[1].distance)
    return tuple(f"{name}: {verdict}" for name, verdict in ranked)
