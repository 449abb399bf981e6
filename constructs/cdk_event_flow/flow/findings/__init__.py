"""What is dead, loses messages or cannot work. Each finding has a stable id and a fix that a person can do.

One module a family; ids are EF1xx routes, EF2xx lost messages, EF3xx times, EF4xx limits, EF5xx permissions,
EF6xx loops, EF7xx contracts, EF8xx cost of scale.
"""

from typing import TYPE_CHECKING

from cdk_event_flow.flow.findings import contracts, limits, loops, lost, permissions, routes, scale, times
from cdk_event_flow.flow.findings.kinds import KINDS, Finding, Kind

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

__all__ = ["KINDS", "Finding", "Kind", "check"]

_FAMILIES = (contracts, limits, loops, lost, permissions, routes, scale, times)  # each registers its kinds when it is imported


def check(flow: "Flow") -> list[Finding]:
    """All findings, errors first; the same one of several routes or targets once."""
    found = [finding for kind in KINDS.values() if not kind.unless_errors for finding in kind.findings(flow)]
    if not any(finding.severity == "error" for finding in found):
        found += [finding for kind in KINDS.values() if kind.unless_errors for finding in kind.findings(flow)]
    return sorted(dict.fromkeys(found), key=lambda finding: (finding.severity, finding.path, finding.id))
