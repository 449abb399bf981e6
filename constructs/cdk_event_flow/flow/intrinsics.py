"""CloudFormation's intrinsic functions as values. What is written otherwise than CloudFormation takes it is Unknown."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import Unknown

if TYPE_CHECKING:
    from cdk_event_flow.flow.resolve import Resolver

NOTHING = Unknown("AWS::NoValue")
MOST_SUBNETS = 256  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html


def call(resolver: "Resolver", name: str, argument: Any) -> Any:
    """The value of `{name: argument}`."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return Unknown(f"{name} is not followed")
    result = function(resolver, argument)
    return Unknown(f"{name} is not written as CloudFormation takes it") if result is None else result


def text(value: Any) -> str | Unknown | None:
    """A scalar as CloudFormation writes it into a text; None for what is no scalar."""
    match value:
        case str() | Unknown():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    return None


def condition(resolver: "Resolver", raw: Any) -> bool | Unknown:
    """A condition, decided where the parameters decide it."""
    decided: bool | Unknown = resolver.stacks.one_level_deeper(lambda inner: _condition(resolver, inner), raw)
    return decided


def _condition(resolver: "Resolver", raw: Any) -> bool | Unknown:
    match raw:
        case {"Fn::Equals": [one, other]}:
            values = [text(resolver.value(each)) for each in (one, other)]
            unknown = next((each for each in values if isinstance(each, Unknown)), None)
            return unknown or values[0] == values[1]
        case {"Fn::Not": [inner]}:
            decided = condition(resolver, inner)
            return decided if isinstance(decided, Unknown) else not decided
        case {"Fn::And": list(parts)} | {"Fn::Or": list(parts)}:
            settles = "Fn::Or" in raw
            all_decided = [condition(resolver, part) for part in parts]
            if settles in all_decided:
                return settles
            return next((each for each in all_decided if isinstance(each, Unknown)), not settles)
        case {"Condition": str(name)}:
            return resolver.condition(name)
    return Unknown("a condition that cannot be read")


def _join(resolver: "Resolver", argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
        return None
    parts = resolver.value(argument[1])
    if not isinstance(parts, list):
        return parts if isinstance(parts, Unknown) else None
    texts = [text(each) for each in parts]
    unknown = next((each for each in texts if isinstance(each, Unknown)), None)
    return unknown or (None if None in texts else argument[0].join(str(each) for each in texts))


def _sub(resolver: "Resolver", argument: Any) -> Any:
    match argument:
        case str(template) | [str(template)]:
            given: Mapping[str, Any] = {}
        case [str(template), dict(given)]:
            pass
        case _:
            return None
    unknown: list[Unknown] = []

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        named = {"Fn::GetAtt": name} if "." in name else {"Ref": name}
        value = resolver.value(given.get(name, named))
        written = text(value)
        if not isinstance(written, str):
            unknown.append(written or Unknown(f"{name} is not a text"))
        return str(written)

    done = re.sub(r"\$\{([^}]+)\}", replaced, template)
    return unknown[0] if unknown else done


def _get_att(resolver: "Resolver", argument: Any) -> Any:
    match argument:
        case str() if "." in argument:
            target, attribute = argument.split(".", 1)
        case [str(target), str(attribute)]:
            pass
        case _:
            return None
    return resolver.attribute(target, attribute)


def _select(resolver: "Resolver", argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2):
        return None
    index, values = text(resolver.value(argument[0])), resolver.value(argument[1])
    for each in (index, values):
        if isinstance(each, Unknown):
            return each
    if not (isinstance(index, str) and index.isdecimal() and isinstance(values, list)):
        return None
    try:
        return values[int(index)]
    except (IndexError, ValueError):
        return Unknown("Fn::Select outside its list")


def _split(resolver: "Resolver", argument: Any) -> Any:
    match argument:
        case [str(separator), raw] if separator:
            value = resolver.value(raw)
            return value.split(separator) if isinstance(value, str) else value if isinstance(value, Unknown) else None
    return None


def _if(resolver: "Resolver", argument: Any) -> Any:
    match argument:
        case [str(name), when_true, when_false]:
            decided = resolver.condition(name)
            return decided if isinstance(decided, Unknown) else resolver.value(when_true if decided else when_false)
    return None


def _find_in_map(resolver: "Resolver", argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) in (3, 4)):
        return None
    found: Any = resolver.section("Mappings")
    for raw in argument[:3]:
        key = text(resolver.value(raw))
        if isinstance(key, Unknown):
            return key
        found = found.get(key) if isinstance(found, dict) else None
    match argument[3:]:
        case [{"DefaultValue": default}] if found is None:
            return resolver.value(default)
    return Unknown("Fn::FindInMap of what is not in the map") if found is None else found


def _import(resolver: "Resolver", argument: Any) -> Any:
    name = resolver.value(argument)
    return resolver.stacks.export(name) if isinstance(name, str) else name if isinstance(name, Unknown) else None


def _stack_output(resolver: "Resolver", argument: Any) -> Any:
    match resolver.value(argument):
        case {"StackName": str(stack), "OutputName": str(name), **more}:
            return resolver.stacks.output(stack, name, str(more.get("Region", resolver.region)))
        case Unknown() as unknown:
            return unknown
    return None


def _cidr(resolver: "Resolver", argument: Any) -> Any:
    if not (isinstance(argument, list) and len(argument) in (2, 3)):
        return None
    values = [text(resolver.value(each)) for each in argument]
    unknown = next((each for each in values if isinstance(each, Unknown)), None)
    if unknown:
        return unknown
    try:
        block, count, bits = ipaddress.ip_network(str(values[0])), int(str(values[1])), int(str((*values, 8)[2]))
        if not 1 <= count <= MOST_SUBNETS:
            return None
        subnets = block.subnets(new_prefix=block.max_prefixlen - bits)
        return [str(subnet) for subnet, _ in zip(subnets, range(count), strict=False)]
    except ValueError:
        return None


def _base64(resolver: "Resolver", argument: Any) -> Any:
    value = text(resolver.value(argument))
    return base64.b64encode(value.encode(errors="replace")).decode() if isinstance(value, str) else value


def _json(resolver: "Resolver", argument: Any) -> Any:
    unknown: list[Unknown] = []

    def note(value: Any) -> None:
        unknown.append(value if isinstance(value, Unknown) else Unknown("Fn::ToJsonString of what is no JSON"))

    done = json.dumps(resolver.value(argument), separators=(",", ":"), default=note)
    return unknown[0] if unknown else done


def _length(resolver: "Resolver", argument: Any) -> Any:
    value = resolver.value(argument)
    return len(value) if isinstance(value, list) else value if isinstance(value, Unknown) else None


def _zones(resolver: "Resolver", argument: Any) -> Any:
    region = resolver.value(argument) or resolver.region
    return [f"{region}{letter}" for letter in "abc"] if isinstance(region, str) else region if isinstance(region, Unknown) else None


_FUNCTIONS: Mapping[str, "Callable[[Resolver, Any], Any]"] = {
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _zones,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _stack_output,
    "Fn::If": _if,
    "Fn::ImportValue": _import,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _json,
}
