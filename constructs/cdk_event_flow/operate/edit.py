"""Changing the body of a dead letter: `detail.currency=EUR`. A path and a value, never code."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.payload import json_or_text

_STEP = re.compile(r"""\[(?P<index>\d+)\]|\[(?P<quote>["'])(?P<quoted>.*?)(?P=quote)\]|(?:^|\.)(?P<key>[^.\[\]=]+)""")


class EditError(Exception):
    """An assignment that a body cannot take, as a sentence."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """`steps` lead to the place: keys of objects, positions in lists."""

    steps: tuple[str | int, ...]
    value: Any

    @classmethod
    def parse(cls, text: str) -> "Assignment":
        """From `path=value`: `detail.items[0].sku=SOFA-1`, `["detail-type"]={"a": 1}`. A value that is no JSON is text.

        Raises EventError (EF-SET).
        """
        steps: list[str | int] = []
        at = 0
        while (found := _STEP.match(text, at)) and found.end() > at:
            steps.append(int(found["index"]) if found["index"] else found["key"] or found["quoted"] or "")
            at = found.end()
        if not steps or text[at : at + 1] != "=":
            problem = Problem(code="EF-SET", given="it is no assignment", allowed="an assignment is a path and a value",
                              fix="write it as detail.items[0].sku=SOFA-1")  # fmt: skip
            raise EventError(text, problem)
        return cls(tuple(steps), json_or_text(text[at + 1 :]))


def edited(body: str, assignments: Iterable[Assignment]) -> str:
    """The body with all assignments done; JSON written as text inside (an SNS envelope's `Message`) stays text.

    Objects that are missing on the way are made. Raises EditError.
    """
    for assignment in assignments:
        body = _in_text(body, assignment.steps, assignment.value, "the body")
    return body


def _in_text(text: str, steps: tuple[str | int, ...], value: Any, at: str) -> str:
    try:
        inside = json.loads(text)
    except (ValueError, RecursionError):
        raise EditError(f"{at} is no JSON") from None
    return json.dumps(_with(inside, steps, value, at), ensure_ascii=False, separators=(",", ":"))


def _with(holder: Any, steps: tuple[str | int, ...], value: Any, at: str) -> Any:
    """`holder` with the value at the end of the steps."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(holder, str):
        return _in_text(holder, steps, value, at)
    if isinstance(step, str) and (isinstance(holder, dict) or holder is None):
        known = holder or {}
        return {**known, step: _with(known.get(step), rest, value, step)}
    if isinstance(step, int) and isinstance(holder, list) and step < len(holder):
        return [*holder[:step], _with(holder[step], rest, value, f"{at}[{step}]"), *holder[step + 1 :]]
    wanted = f"no place {step}" if isinstance(step, int) else f"no key {step}"
    raise EditError(f"{at} is {json.dumps(holder)[:60]} and has {wanted}")
