"""SNS subscription filter policies."""

import json
from collections.abc import Mapping
from math import prod
from typing import Any, Literal

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match import fields
from cdk_event_flow.match.leaves import ALL_OPERATORS
from cdk_event_flow.match.parser import Alternative, alternatives, load
from cdk_event_flow.match.pattern import any_matches, explained
from cdk_event_flow.match.verdict import PathVerdict, Verdict

Scope = Literal["MessageAttributes", "MessageBody"]

MAX_KEYS = 5  # https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MAX_COMBINATIONS = 150
OPERATORS = ALL_OPERATORS - {"wildcard"}


class FilterPolicy:
    """An SNS filter policy. Raises PatternError, with SNS's wording, for what SNS refuses. `{}` lets all through."""

    def __init__(self, policy: dict[str, Any] | str, scope: Scope = "MessageAttributes") -> None:
        self.policy = load(policy)
        self.scope: Scope = scope
        _refuse(self.policy, scope)
        self._alternatives = alternatives(self.policy, operators=OPERATORS) if self.policy else []
        _refuse_complexity(self._alternatives, scope)

    def matches(self, body: str, attributes: Mapping[str, Mapping[str, Any]] | None = None) -> bool:
        """Whether the subscription would get the message. In body scope, a body that is no JSON object is dropped."""
        flat = self._flat(body, attributes or {})
        return flat is not None and (not self._alternatives or any_matches(self._alternatives, flat))

    def explain(self, body: str, attributes: Mapping[str, Mapping[str, Any]] | None = None) -> Verdict:
        """Path by path, why or why not."""
        flat = self._flat(body, attributes or {})
        if flat is None:
            return Verdict(False, (PathVerdict("the message body", "rejected", body, "a JSON object"),))
        return explained(self._alternatives, flat) if self._alternatives else Verdict(True, ())

    def _flat(self, body: str, attributes: Mapping[str, Mapping[str, Any]]) -> fields.Fields | None:
        if self.scope == "MessageAttributes":
            return {
                name: [(value, {}) for value in _values(attribute)]
                for name, attribute in attributes.items()
                if attribute.get("Type") != "Binary"
            }
        if not self.policy:
            return {}
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return fields.flatten(parsed) if isinstance(parsed, dict) else None


def _values(attribute: Mapping[str, Any]) -> list[Any]:
    value, kind = attribute.get("Value"), attribute.get("Type")
    if kind == "Number":
        return [json.loads(str(value))]
    if kind == "String.Array" and isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return []
        return parsed if isinstance(parsed, list) else [parsed]
    return [value]


def _refuse(policy: dict[str, Any], scope: Scope) -> None:
    if scope == "MessageAttributes":
        for key, value in policy.items():
            if isinstance(value, dict) and any(isinstance(inner, dict | list) for inner in value.values()):
                wording = "Filter policy scope MessageAttributes does not support nested filter policy"
                raise PatternError(wording, path=key)
    keys = {key for branch in _branches(policy) for key in branch}
    if len(keys) > MAX_KEYS:
        fix = f"filter on at most five keys; here are {', '.join(sorted(keys))}"
        raise PatternError("Filter policy can not have more than 5 keys", fix=fix)
    _refuse_suffix(policy)


def _branches(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The policy once for each branch of its `$or`."""
    branches = policy.get("$or")
    if not (isinstance(branches, list) and len(branches) >= 2 and all(isinstance(b, dict) for b in branches)):
        return [policy]
    rest = {key: value for key, value in policy.items() if key != "$or"}
    return [{**rest, **branch} for branch in branches]


def _refuse_complexity(parsed: list[Alternative], scope: Scope) -> None:
    """The product of the lists' lengths, in body scope each times its nesting depth; `$or` branches are added."""
    body = scope == "MessageBody"
    total = sum(prod(len(leaves) * (path.count(".") + 1 if body else 1) for path, leaves in a.items()) for a in parsed)
    if total > MAX_COMBINATIONS:
        fix = f"use fewer values: these make {total:,} combinations, SNS takes {MAX_COMBINATIONS}"
        raise PatternError("Filter policy is too complex", fix=fix)


def _refuse_suffix(level: dict[str, Any]) -> None:
    for key, value in level.items():
        if isinstance(value, dict):
            _refuse_suffix(value)
        for element in value if isinstance(value, list) else ():
            inner = element.get("anything-but") if isinstance(element, dict) else None
            if isinstance(inner, dict) and list(inner) != ["prefix"]:
                raise PatternError(f"Unsupported anything-but pattern: {next(iter(inner), '')}", path=key)
            if isinstance(inner, dict) and not isinstance(inner["prefix"], str):
                raise PatternError("prefix match pattern must be a string", path=key)
