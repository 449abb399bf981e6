"""SNS subscription filter policies."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import prod
from typing import Any, Literal

from cdk_event_flow.errors import EventError, PatternError, Problem
from cdk_event_flow.match import jsons
from cdk_event_flow.match.dialects import SNS
from cdk_event_flow.match.event_pattern import EventPattern
from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.base import is_number
from cdk_event_flow.match.parser import Alternative, is_or, load
from cdk_event_flow.match.verdict import PathVerdict, Verdict

Scope = Literal["MessageAttributes", "MessageBody"]
Attributes = Mapping[str, Mapping[str, Any]]

# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MAX_KEYS = 5
MAX_COMBINATIONS = 150


class FilterPolicy:
    """An SNS filter policy. Raises PatternError, with SNS's wording, for what SNS refuses. `{}` lets all through."""

    def __init__(self, policy: dict[str, Any] | str, scope: Scope = "MessageAttributes") -> None:
        self.policy = load(policy, SNS)
        if scope not in ("MessageAttributes", "MessageBody"):
            raise PatternError(f"FilterPolicyScope {scope} is unknown", fix="use MessageAttributes or MessageBody")
        self.scope: Scope = scope
        _refuse(self.policy, scope)
        self.pattern: EventPattern | None = EventPattern(self.policy, SNS) if self.policy else None
        if self.pattern:
            _refuse_combinations(self.pattern.alternatives, scope)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What SNS accepts and nobody means: lists that are always true, values that another one covers."""
        return self.pattern.warnings if self.pattern else ()

    def matches(self, body: str, attributes: Attributes | None = None) -> bool:
        """Whether the subscription would get the message. In body scope, a body that is no JSON object is dropped."""
        if self.pattern is None:
            return True
        seen = self._seen(body, attributes or {})
        return seen is not None and self.pattern.matches(seen)

    def explain(self, body: str, attributes: Attributes | None = None) -> Verdict:
        """Path by path, why or why not."""
        if self.pattern is None:
            return Verdict(True, ())
        seen = self._seen(body, attributes or {})
        if seen is None:
            return Verdict(False, (PathVerdict("the message body", "rejected", body, "a JSON object"),))
        verdict = self.pattern.explain(seen)
        attribute_scope = self.scope == "MessageAttributes"
        open_ones = tuple(_undetermined(self.pattern.alternatives, attributes or {}, seen)) if attribute_scope else ()
        return replace(verdict, notes=verdict.notes + open_ones)

    def _seen(self, body: str, attributes: Attributes) -> dict[str, Any] | None:
        """What the policy is matched against; None when the message is dropped unseen."""
        if self.scope == "MessageAttributes":
            named = {name: _value(name, each) for name, each in attributes.items() if each.get("Type") != "Binary"}
            return {name: _rounded(value) for name, value in named.items()}
        try:
            parsed = jsons.parse(body)
        except EventError:
            return None
        return _rounded(parsed) if isinstance(parsed, dict) else None


def _undetermined(alternatives: list[Alternative], attributes: Attributes, seen: dict[str, Any]) -> Iterator[str]:
    """`anything-but` on a String.Array of which some elements are excluded: AWS's documents contradict each other."""
    for alternative in alternatives:
        for path, leaves in alternative.items():
            values = seen.get(path)
            if attributes.get(path, {}).get("Type") != "String.Array" or not isinstance(values, list):
                continue
            for leaf in leaves:
                if isinstance(leaf, AnythingBut) and len({leaf.matches(value) for value in values}) == 2:
                    yield f"{path} is a String.Array of which {leaf.wanted()} excludes a part: AWS's documents disagree on it"


def _value(name: str, attribute: Mapping[str, Any]) -> Any:
    value, kind = attribute.get("Value"), attribute.get("Type")
    if kind == "Number":
        return _number(name, value)
    if kind == "String.Array" and isinstance(value, str):
        try:
            parsed = jsons.parse(value)
        except EventError:
            return []
        return [each for each in parsed if not isinstance(each, dict | list)] if isinstance(parsed, list) else parsed
    return value


def _number(name: str, value: Any) -> float:
    try:
        parsed = jsons.parse(str(value))
    except EventError:
        parsed = None
    if not is_number(parsed):
        problem = Problem(
            code="EF-EVENT-ATTRIBUTE",
            given=f"its Type is Number and its Value {str(value)[:64]!r}",
            allowed="SNS refuses this",
            fix="give a number, or the Type String",
        )
        raise EventError(f"attribute {name}", problem)
    number: float = parsed
    return number


def _rounded(value: Any) -> Any:
    """The message with its numbers as SNS compares them. Iterative: depth is no limit."""
    holder: list[Any] = [value]
    todo: list[tuple[Any, Any]] = [(holder, 0)]
    while todo:
        into, key = todo.pop()
        inner = into[key]
        if isinstance(inner, float):
            into[key] = round(inner, SNS.digits)
        elif isinstance(inner, dict):
            into[key] = copy = dict(inner)
            todo.extend((copy, each) for each in copy)
        elif isinstance(inner, list):
            into[key] = listed = list(inner)
            todo.extend((listed, each) for each in range(len(listed)))
    return holder[0]


def _refuse(policy: dict[str, Any], scope: Scope) -> None:
    if scope == "MessageAttributes":
        for key, value in policy.items():
            if isinstance(value, dict) and any(isinstance(inner, dict | list) for inner in value.values()):
                wording = "Filter policy scope MessageAttributes does not support nested filter policy"
                raise PatternError(wording, path=str(key), fix="set FilterPolicyScope to MessageBody, or name the attribute")
    keys = {str(key) for branch in _branches(policy) for key in branch}
    if len(keys) > MAX_KEYS:
        fix = f"filter on at most five keys; here are {', '.join(sorted(keys))}"
        raise PatternError("Filter policy can not have more than 5 keys", fix=fix)


def _branches(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The policy once for each branch of its `$or`."""
    if not is_or(policy.get("$or")):
        return [policy]
    rest = {key: value for key, value in policy.items() if key != "$or"}
    return [{**rest, **branch} for branch in policy["$or"]]


def _refuse_combinations(parsed: list[Alternative], scope: Scope) -> None:
    """The product of the lists' lengths, in body scope each times its nesting depth; `$or` branches are added."""
    body = scope == "MessageBody"
    total = sum(prod(len(leaves) * (path.count(".") + 1 if body else 1) for path, leaves in a.items()) for a in parsed)
    if total > MAX_COMBINATIONS:
        fix = f"use fewer values: these make {total:,} combinations, SNS takes {MAX_COMBINATIONS}"
        raise PatternError("Filter policy is too complex", fix=fix)
