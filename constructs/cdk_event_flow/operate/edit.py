"""Changing the body of a dead letter: a path and a value (`detail.currency=EUR`), or a program in the language of jq."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow.payload import json_or_text
from cdk_event_flow.operate.letters import opened

_STEP = re.compile(r"""\[(?P<index>\d+)\]|\[(?P<quote>["'])(?P<quoted>.*?)(?P=quote)\]|(?:^|\.)(?P<key>[^.\[\]=]+)""")


class EditError(Exception):
    """An edit that a body cannot take, as a sentence."""


class Edit(Protocol):
    """Makes another body of a body. Raises EditError."""

    def applied(self, body: str) -> str:
        """The body, changed."""
        ...


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

    def applied(self, body: str) -> str:
        """The body with the value there. Objects that are missing on the way are made. Raises EditError."""
        return _in_text(body, self.steps, self.value, "the body")


class JqProgram:
    """A program of jq that makes one value of a body: `.detail.items |= map(select(.quantity > 0))`.

    The body is given as JSON in which JSON written as text (an SNS envelope's `Message`) is opened; it is text again
    afterwards. https://jqlang.org/manual/
    """

    def __init__(self, text: str) -> None:
        """Raises EventError (EF-EDIT) for what is no program."""
        import jq

        self.text = text
        try:
            self._program = jq.compile(text)
        except ValueError as error:
            said = " ".join(str(error).split()).removeprefix("jq: error: ")
            problem = Problem(code="EF-EDIT", given=f"jq refuses it: {said}", allowed="an edit is a program of jq",
                              fix="write it as '.detail.currency = \"EUR\"'")  # fmt: skip
            raise EventError(text, problem) from None

    def applied(self, body: str) -> str:
        """The body as the program makes it. Raises EditError."""
        before = opened(body)
        if isinstance(before, str):
            raise EditError("the body is no JSON")
        try:
            made = self._program.input_value(before).all()
        except ValueError as error:
            raise EditError(f"jq: {' '.join(str(error).split())}") from None
        if len(made) != 1:
            raise EditError(f"the edit makes {len(made)} values of the body, and one is needed")
        return json.dumps(_closed(json.loads(body), made[0]), ensure_ascii=False, separators=(",", ":"))


def edited(body: str, edits: Iterable[Edit]) -> str:
    """The body after all edits; JSON written as text inside (an SNS envelope's `Message`) stays text. Raises EditError."""
    for edit in edits:
        body = edit.applied(body)
    return body


def _closed(before: Any, after: Any) -> Any:
    """`after`, with text where JSON written as text was in `before`."""
    if isinstance(before, str) and isinstance(after, dict | list):
        return json.dumps(_closed(json_or_text(before), after), ensure_ascii=False, separators=(",", ":"))
    if isinstance(before, dict) and isinstance(after, dict):
        return {key: _closed(before.get(key), value) for key, value in after.items()}
    if isinstance(before, list) and isinstance(after, list):
        texts = [isinstance(each, str) and not isinstance(opened(each), str) for each in before]
        if any(texts) and len(before) != len(after):
            raise EditError("a list with JSON written as text in it would have another length, and which is text is not known")
        return [_closed(old, new) for old, new in zip(before, after, strict=True)] if len(before) == len(after) else after
    return after


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
