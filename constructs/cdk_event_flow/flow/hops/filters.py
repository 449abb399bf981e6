"""Filters judged with what is known: what a filter or an event leaves open is a doubt, not a refusal and not a match."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cdk_event_flow.errors import EventFlowError, PatternError
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.ways import Ways
from cdk_event_flow.match import Verdict


class Judged(NamedTuple):
    """Why not, and what is open. Both empty: it passes."""

    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class Known(NamedTuple):
    """What a pattern asks for sure, and what of it is unknown."""

    pattern: dict[str, Any]
    unknown: tuple[str, ...]


def known(pattern: Any) -> Known:
    """A pattern without the fields whose values are unknown: it lets through all that the whole one lets through."""
    unknown: list[str] = []
    found = _without_unknown(pattern, unknown)
    return Known(found if isinstance(found, dict) else {}, tuple(dict.fromkeys(unknown)))


def judge(
    ways: Ways, pattern: Any, filter_name: str, event: Any, make: Callable[[Any], Any], explain: Callable[[Any], Verdict]
) -> Judged:
    """Whether an event passes: `make` compiles what is known of the pattern, `explain` asks the compiled for its verdict."""
    asked: Known = ways.compiled(("known", id(pattern)), lambda: known(pattern))
    doubts = tuple(f"{filter_name} is not known in full: {reason}" for reason in asked.unknown)
    if not asked.pattern and asked.unknown:
        return Judged(doubts=doubts)
    if isinstance(event, Unknown):
        return Judged(doubts=(*doubts, f"{filter_name} looks at what is not known: {event.reason}"))

    def compile() -> Any:
        try:
            return make(asked.pattern)
        except PatternError as refused:
            return Judged(reasons=(f"{filter_name} is refused: {refused.reason}",))

    compiled = ways.compiled((make, id(pattern)), compile)
    if isinstance(compiled, Judged):
        return compiled
    try:
        verdict = explain(compiled)
    except EventFlowError as refused:
        return Judged(reasons=(f"{filter_name} cannot read it: {refused.problems[0].given}",))
    return _judged(verdict, filter_name, event, doubts)


def _judged(verdict: Verdict, filter_name: str, event: Any, doubts: tuple[str, ...]) -> Judged:
    if verdict.matched:
        return Judged(doubts=doubts)
    holes = dict(_holes(event, ""))
    opened = [next((why for hole, why in holes.items() if _inside(miss.path, hole)), "") for miss in verdict.misses]
    if opened and all(opened):
        return Judged(doubts=(*doubts, *(f"{filter_name} looks at what is not known: {why}" for why in dict.fromkeys(opened))))
    return Judged(reasons=said(verdict, filter_name))


def said(verdict: Verdict, filter_name: str) -> tuple[str, ...]:
    """`detail.region is "apac", the filter of OrderEvents → Packing wants "eu" or "us"`."""
    if verdict.matched:
        return ()
    if not verdict.misses:
        return (f"{filter_name} wants fields of one element of an array, the event has them in different ones",)
    return tuple(
        f"{miss.path} is {'absent' if miss.outcome == 'absent' else json.dumps(miss.value, ensure_ascii=False, default=str)}, "
        f"{filter_name} wants {miss.wanted}"
        for miss in verdict.misses
    )


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
    elif isinstance(event, dict):
        for key, value in event.items():
            yield from _holes(value, f"{path}.{key}" if path else str(key))
    elif isinstance(event, list):
        for value in event:
            yield from _holes(value, path)


def _inside(path: str, hole: str) -> bool:
    return path == hole or path.startswith(f"{hole}.")


_OMITTED = object()


def _without_unknown(value: Any, unknown: list[str]) -> Any:
    """The pattern, or part of one, without what is unknown; `_OMITTED` where nothing is left to ask."""
    if isinstance(value, Unknown):
        unknown.append(value.reason)
        return _OMITTED
    if isinstance(value, dict):
        kept = {}
        for key, each in value.items():
            before = len(unknown)
            if key == "$or" and isinstance(each, list):
                branches = [_without_unknown(branch, unknown) for branch in each]
                found: Any = _OMITTED if any(branch is _OMITTED or branch == {} for branch in branches) else branches
            else:
                found = _without_unknown(each, unknown)
            if found is _OMITTED or (found == {} and len(unknown) > before):
                continue
            kept[key] = found
        return _OMITTED if not kept and value else kept
    if isinstance(value, list):
        before = len(unknown)
        for each in value:
            _without_unknown(each, unknown)
        return _OMITTED if len(unknown) > before else value
    return value
