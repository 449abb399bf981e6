"""What is dead, loses messages or cannot work. Each finding has a stable id and a fix that a person can do.

One module a family; ids are EF1xx routes, EF2xx lost messages, EF3xx times, EF4xx limits, EF5xx permissions,
EF6xx loops, EF7xx contracts, EF8xx cost of scale, EF9xx advice.
"""

from typing import TYPE_CHECKING

from cdk_event_flow.flow.findings import advice, contracts, limits, loops, lost, permissions, routes, scale, times, workers
from cdk_event_flow.flow.findings.kinds import KINDS, SEVERITIES, Finding, Kind

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

__all__ = ["KINDS", "SEVERITIES", "Finding", "Kind", "check"]

# Each registers its kinds when it is imported.
_FAMILIES = (advice, contracts, limits, loops, lost, permissions, routes, scale, times, workers)


def check(flow: "Flow", *, advice: bool) -> list[Finding]:
    """All findings, errors first, then warnings, then `advice`; the same one of several routes or targets once."""
    wanted = [kind for kind in KINDS.values() if advice or kind.severity != "info"]
    found = [finding for kind in wanted if not kind.unless_errors for finding in kind.findings(flow)]
    if not any(finding.severity == "error" for finding in found):
        found += [finding for kind in wanted if kind.unless_errors for finding in kind.findings(flow)]
    return sorted(dict.fromkeys(found), key=lambda finding: (SEVERITIES.index(finding.severity), finding.path, finding.id))
