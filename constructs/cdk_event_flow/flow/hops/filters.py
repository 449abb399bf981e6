"""Filters judged with what is known: what an event leaves open is a doubt, not a refusal and not a match."""

import json
from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple

from cdk_event_flow.errors import EventFlowError, PatternError
from cdk_event_flow.flow.delivery import Judgement
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.payload import OpenText
from cdk_event_flow.flow.ways import Ways
from cdk_event_flow.match import Verdict
from cdk_event_flow.match.operators.exists import Exists

_PRESENT = Exists(True).wanted()


class Judged(NamedTuple):
    """Why not, and what is open. Both empty: it passes. `judgement` says it key by key, where the filter could be asked."""

    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    judgement: Judgement | None = None


def judge(
    ways: Ways, pattern: Any, filter_name: str, event: Any, make: Callable[[Any], Any], explain: Callable[[Any], Verdict]
) -> Judged:
    """Whether an event passes: `make` compiles the pattern once, `explain` asks the compiled for its verdict."""
    if isinstance(event, Unknown):
        return Judged(doubts=(f"{filter_name} looks at what is not known: {event.reason}",))
    try:
        verdict = explain(ways.compiled((make, id(pattern)), lambda: make(pattern)))
    except PatternError as refused:
        return Judged(reasons=(f"{filter_name} is refused: {refused.reason}",))
    except EventFlowError as refused:
        return Judged(reasons=(f"{filter_name} cannot read it: {refused.problems[0].given}",))
    return _judged(verdict, filter_name, event)


def _judged(verdict: Verdict, filter_name: str, event: Any) -> Judged:
    told = Judgement(filter_name, verdict)
    holes = dict(_holes(event, ""))
    # Of a match, what was asked of a hole is as open as of a miss, but for whether there is anything.
    asked = [path for path in verdict.paths if path.wanted != _PRESENT] if verdict.matched else verdict.misses
    opened = {path.path: next((why for hole, why in holes.items() if _inside(path.path, hole)), "") for path in asked}
    open_questions = tuple(why for why in dict.fromkeys(opened.values()) if why)
    if open_questions and (verdict.matched or all(opened.values())):
        return Judged(doubts=tuple(f"{filter_name} looks at what is not known: {why}" for why in open_questions), judgement=told)
    return Judged(reasons=said(verdict, filter_name, leaving_out={path for path, why in opened.items() if why}), judgement=told)


def said(verdict: Verdict, filter_name: str, *, leaving_out: Container[str] = ()) -> tuple[str, ...]:
    """`detail.region is "apac", the filter of OrderEvents → Packing wants "eu" or "us"`, then what no path can say."""
    if verdict.matched:
        return ()
    if not verdict.misses:
        return (f"{filter_name} wants fields of one element of an array, the event has them in different ones",)
    missed = (
        f"{miss.path} is {'absent' if miss.outcome == 'absent' else json.dumps(miss.value, ensure_ascii=False, default=str)}, "
        f"{filter_name} wants {miss.wanted}"
        for miss in verdict.misses
        if miss.path not in leaving_out
    )
    return (*missed, *(f"{filter_name}: {note}" for note in verdict.notes))


def known_event(event: Any) -> Any:
    """The event with null where something is unknown, for an engine that takes JSON."""
    if isinstance(event, Unknown):
        return None
    if isinstance(event, dict):
        return {key: known_event(value) for key, value in event.items()}
    return [known_event(value) for value in event] if isinstance(event, list) else event


def _holes(event: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(event, Unknown):
        yield path, event.reason
    elif isinstance(event, OpenText):
        yield from _holes(event.payload, path)
    elif isinstance(event, dict):
        for key, value in event.items():
            yield from _holes(value, f"{path}.{key}" if path else str(key))
    elif isinstance(event, list):
        for value in event:
            yield from _holes(value, path)


def _inside(path: str, hole: str) -> bool:
    return path == hole or path.startswith(f"{hole}.")
