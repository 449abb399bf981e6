"""Where functions send their X-Ray segments: a UDP port that keeps what a run's traces are made of.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

MOST_TRACES, MOST_OF_A_TRACE, DEEPEST = 2_000, 200, 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Subsegment:
    """A piece of work that a handler told of. `began` and `ended` in epoch seconds; `depth` from 0; `error` where it failed."""

    name: str
    began: float
    ended: float
    depth: int
    error: str = ""


class Subsegments(asyncio.DatagramProtocol):
    """Takes what X-Ray's SDK sends: a line of JSON that names the format, then a segment."""

    def __init__(self) -> None:
        self._of_trace: dict[str, list[Mapping[str, Any]]] = {}

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        """Keep a segment; what cannot be read is not one."""
        try:
            segment = json.loads(data.partition(b"\n")[2])
            trace = segment["trace_id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        if not isinstance(trace, str):
            return
        if trace not in self._of_trace and len(self._of_trace) >= MOST_TRACES:
            del self._of_trace[next(iter(self._of_trace))]
        kept = self._of_trace.setdefault(trace, [])
        if len(kept) < MOST_OF_A_TRACE:
            kept.append(segment)

    def of(self, root: str, parent: str) -> list[Subsegment]:
        """Those of one invocation: `root` and `parent` are those of its trace header."""
        inside: dict[str, list[Mapping[str, Any]]] = {}
        for segment in self._of_trace.get(root, ()):
            inside.setdefault(str(segment.get("parent_id")), []).append(segment)
        walked = (each for segment in sorted(inside.get(parent, ()), key=_began) for each in _walk(segment, inside, 0))
        return list(islice(walked, MOST_OF_A_TRACE))


def _began(segment: Mapping[str, Any]) -> float:
    began = segment.get("start_time")
    return float(began) if isinstance(began, int | float) else 0.0


def _walk(segment: Mapping[str, Any], inside: Mapping[str, list[Mapping[str, Any]]], depth: int) -> Iterator[Subsegment]:
    """A segment, and what is in it: in its own JSON, or sent by itself because it was over earlier."""
    began = _began(segment)
    ended = segment.get("end_time")
    yield Subsegment(
        name=str(segment.get("name", "")),
        began=began,
        ended=float(ended) if isinstance(ended, int | float) else began,
        depth=depth,
        error=_error(segment),
    )
    own = segment.get("subsegments")
    parts = [each for each in own if isinstance(each, Mapping)] if isinstance(own, list) else []
    if isinstance(id := segment.get("id"), str):
        parts += inside.get(id, [])
    for inner in sorted(parts, key=_began) if depth < DEEPEST else ():
        yield from _walk(inner, inside, depth + 1)


def _error(segment: Mapping[str, Any]) -> str:
    cause = segment.get("cause")
    exceptions = cause.get("exceptions") if isinstance(cause, Mapping) else None
    first = exceptions[0] if isinstance(exceptions, list) and exceptions and isinstance(exceptions[0], Mapping) else {}
    said = ": ".join(str(first[key]) for key in ("type", "message") if first.get(key))
    return said or ("failed" if segment.get("fault") or segment.get("error") else "")
