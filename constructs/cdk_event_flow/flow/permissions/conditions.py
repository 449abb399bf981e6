"""Condition blocks of a statement: operators, sets of values, `…IfExists`, policy variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.permissions.truth import Truth, every, like, like_arn, opposite, some

# The values of each key of a request, by the key in small letters; none where the request is known not to have it. Of what
# is not here nobody knows.
Context = Mapping[str, Sequence[str] | Unknown]

_Compare = Callable[[str, str], Truth]


def _number(compare: Callable[[float, float], bool]) -> _Compare:
    def compared(wanted: str, given: str) -> Truth:
        try:
            return compare(float(wanted), float(given))
        except ValueError:
            return False

    return compared


_OPERATORS: Mapping[str, _Compare] = {
    "stringequals": lambda wanted, given: wanted == given,
    "stringequalsignorecase": lambda wanted, given: wanted.lower() == given.lower(),
    "stringlike": like,
    "arnequals": like_arn,
    "arnlike": like_arn,
    "bool": lambda wanted, given: wanted.lower() == given.lower(),
    "numericequals": _number(lambda wanted, given: given == wanted),
    "numericlessthan": _number(lambda wanted, given: given < wanted),
    "numericlessthanequals": _number(lambda wanted, given: given <= wanted),
    "numericgreaterthan": _number(lambda wanted, given: given > wanted),
    "numericgreaterthanequals": _number(lambda wanted, given: given >= wanted),
}
_NEGATED: Mapping[str, str] = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
}


def holds(condition: Any, context: Context) -> Truth:
    """Whether all conditions of the block hold for a request with this context."""
    if isinstance(condition, Unknown):
        return condition
    if not isinstance(condition, Mapping):
        return True
    return every(truth for operator, keys in condition.items() for truth in _each(operator, keys, context))


def filled(text: Any, context: Context) -> str | Unknown:
    """A value of a policy as text, its variables (`${aws:SourceAccount}`) filled in from the request."""
    if isinstance(text, Unknown):
        return text
    if isinstance(text, bool):
        return str(text).lower()
    unknown: list[Unknown] = []

    def value(found: re.Match[str]) -> str:
        values = context.get(found[1].lower(), Unknown(f"{found[1]} is known only when it is asked"))
        if isinstance(values, Unknown):
            unknown.append(values)
            return ""
        return values[0] if values else found[0]

    done = re.sub(r"\$\{([\w.:/-]+)(?:,[^}]*)?\}", value, str(text))
    return unknown[0] if unknown else done


def _each(operator: str, keys: Any, context: Context) -> list[Truth]:
    if isinstance(keys, Mapping):
        return [_holds(operator, key, wanted, context) for key, wanted in keys.items()]
    return [keys if isinstance(keys, Unknown) else Unknown(f"the condition {operator} is not written as AWS takes it")]


def _holds(operator: str, key: str, wanted: Any, context: Context) -> Truth:
    name = operator.lower()
    quantifier, _, name = name.rpartition(":")
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    given = context.get(key.lower(), Unknown(f"{key} is known only when it is asked"))
    if isinstance(given, Unknown):
        return given
    values = [filled(each, context) for each in (wanted if isinstance(wanted, list) else [wanted])]
    if name == "null":
        return some(each if isinstance(each, Unknown) else (each == "true") == (not given) for each in values)
    negated = name in _NEGATED
    compare = _OPERATORS.get(_NEGATED.get(name, name))
    if compare is None:
        return Unknown(f"the condition operator {operator} is not followed")
    if not given:
        return if_exists or negated or quantifier == "forallvalues"

    def fits(value: str) -> Truth:
        found = some(each if isinstance(each, Unknown) else compare(each, value) for each in values)
        return opposite(found) if negated else found

    return every(map(fits, given)) if quantifier == "forallvalues" or (negated and not quantifier) else some(map(fits, given))
