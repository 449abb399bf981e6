"""Why nothing wanted an event, in sentences."""

from collections.abc import Iterable

from cdk_event_flow.match import Verdict


def nearest_first(verdicts: Iterable[tuple[str, Verdict]]) -> tuple[str, ...]:
    """One sentence for each rule or subscription, the one that missed by the least first."""
    ranked = sorted(verdicts, key=lambda named: len(named[1].misses))
    return tuple(f"{name}: {'; '.join(map(str, verdict.misses))}" for name, verdict in ranked)
