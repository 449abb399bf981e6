"""EventBridge patterns: moto's `EventPattern` beside ours."""

import ipaddress
from collections import Counter

from moto.events.models import EventPattern as MotoPattern

from cdk_event_flow.match import EventPattern
from tests.match import generate, reference

from . import Wrong, flat, met, operands, operators, opinion, paths


def ask(pattern, event):
    """Both, on one pair."""
    return opinion(
        pattern, event, lambda: EventPattern(pattern).matches(event), lambda: MotoPattern(None, pattern).matches_event(event), WRONG
    )


def at_random(rnd):
    """Both, on a random pattern and an event that comes close to it."""
    pattern = generate.pattern(rnd)
    return ask(pattern, generate.event(rnd, pattern))


def _objects_in_arrays(pattern, event):
    wanted = [f"{path}." for path, _ in paths(pattern)]
    holders = [
        path for path, value in flat(event)[0].items() if isinstance(value, list) and {type(each) for each in value} & {dict, list}
    ]
    return any(each.startswith(f"{path}.") for path in holders for each in wanted)


def _written_twice(pattern, event):
    return any(times > 1 for times in Counter(path for path, _ in paths(pattern)).values())


def _stands_twice(pattern, event):
    return bool(flat(event)[1])


def _empty(pattern, event):
    return any(value in ({}, []) for _, value in met(pattern, event) if isinstance(value, dict | list))


def _booleans(pattern, event):
    kinds = [{type(each) for each in (*operands(leaf), value)} for leaf, value in met(pattern, event)]
    return any(bool in each and each & {int, float} for each in kinds)


def _letters(pattern, event):
    cased = [(leaf, value) for leaf, value in met(pattern, event) if "equals-ignore-case" in operators(leaf)]
    return any(not str(each).isascii() for leaf, value in cased for each in (*operands(leaf), value))


def _addresses(pattern, event):
    return any(
        isinstance(value, str) and ":" in value and reference.is_address(value) and any(":" in str(each) for each in operands(leaf))
        for leaf, value in met(pattern, event)
    )


def _hosts(pattern, event):
    networks = [each for leaf, _ in met(pattern, event) if "cidr" in operators(leaf) for each in operands(leaf)]
    return any(ipaddress.ip_interface(each).network.with_prefixlen != each for each in networks)


def _numbers_as_addresses(pattern, event):
    return any("cidr" in operators(leaf) and type(value) in (int, bool) for leaf, value in met(pattern, event))


def _large(pattern, event):
    compared = [each for leaf, value in met(pattern, event) for each in (*operands(leaf), value)]
    return any(type(each) in (int, float) and abs(each) > 2**63 for each in compared)


WRONG = (
    Wrong("objects and arrays in arrays are not looked into", _objects_in_arrays, {"a": {"b": ["x"]}}, {"a": [{"b": "x"}]}),
    Wrong(
        "a path that is written twice wants both, where the second replaces the first",
        _written_twice,
        {"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]},
        {"a": "2"},
    ),
    Wrong(
        "of a path that stands in the event twice only the last value is seen",
        _stands_twice,
        {"a.b": ["x"]},
        {"a.b": "x", "a": {"b": "y"}},
    ),
    Wrong("an empty object or array exists, where only leaves do", _empty, {"a": [{"exists": True}]}, {"a": []}),
    Wrong("true is 1, and false is 0", _booleans, {"a": [1]}, {"a": True}),
    Wrong(
        "letters beyond ASCII are lowered as a text, where each of the pattern is compared in both its forms",
        _letters,
        {"a": [{"equals-ignore-case": "ß"}]},
        {"a": "SS"},
    ),
    Wrong("addresses compare as texts", _addresses, {"a": ["::1"]}, {"a": "0:0:0:0:0:0:0:1"}),
    Wrong("a network with bits of a host set holds nothing", _hosts, {"a": [{"cidr": "10.0.0.5/24"}]}, {"a": "10.0.0.1"}),
    Wrong("a number is an address", _numbers_as_addresses, {"a": [{"cidr": "0.0.0.0/0"}]}, {"a": 5}),
    Wrong("integers beyond 64 bits compare exactly, where they compare as doubles", _large, {"a": [2**64]}, {"a": 2**64 + 1}),
)
