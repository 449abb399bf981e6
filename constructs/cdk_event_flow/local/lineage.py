"""How often an event has been through which function: what Lambda stops endless loops by.

It travels in the X-Ray header, as in AWS, over queues, topics, buckets and direct invokes; a bus does not hand it on.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

import hashlib
from collections.abc import Iterable

from cdk_event_flow.local.ids import trace_field

MOST_PASSES = 16  # "approximately"
_FIELD = "Lineage"


def passes(header: str, function_arn: str) -> int:
    """How often what came with this header went through the function."""
    return _read(header).get(_name(function_arn), 0)


def passing(header: str, came_with: str, function_arn: str) -> str:
    """The header of an invocation, with what the event that it came with has been through, and one pass more."""
    counts = _read(came_with)
    counts[_name(function_arn)] = counts.get(_name(function_arn), 0) + 1
    return f"{header};{_FIELD}={_written(counts)}"


def merged(headers: Iterable[str]) -> str:
    """What a batch has been through: of each function the most passes of any of its messages."""
    counts: dict[str, int] = {}
    for header in headers:
        for name, count in _read(header).items():
            counts[name] = max(count, counts.get(name, 0))
    return f"{_FIELD}={_written(counts)}" if counts else ""


def without(header: str) -> str:
    """The header without it."""
    return ";".join(part for part in header.split(";") if not part.startswith(f"{_FIELD}="))


def _name(function_arn: str) -> str:
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]


def _read(header: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in trace_field(header, _FIELD).split("|"):
        name, _, count = part.partition(":")
        if name and count.isdigit():
            found[name] = int(count)
    return found


def _written(counts: dict[str, int]) -> str:
    return "|".join(f"{name}:{count}" for name, count in counts.items())
