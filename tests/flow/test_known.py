"""What of a pattern is known: its unknown parts are left out, so that all passes that may."""

import pytest

from cdk_event_flow.flow.known import known, unknown_in
from cdk_event_flow.flow.model import Unknown

A, B = Unknown("a"), Unknown("b")


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ({"x": [1]}, {"x": [1]}),
        ({"x": [1], "y": [A]}, {"x": [1]}),
        ({"x": [1, A]}, None),
        ({"x": [{"prefix": A}]}, None),
        ({"x": [{"anything-but": ["a"]}]}, {"x": [{"anything-but": ["a"]}]}),
        ({"x": A, "y": {"z": [A], "w": [1]}}, {"y": {"w": [1]}}),
        ({"x": {"y": [A]}, "z": [1]}, {"z": [1]}),
        ({"x": {}}, {"x": {}}),
        ({"x": 5}, {"x": 5}),
        ({"$or": [{"x": [1]}, {"y": [2]}]}, {"$or": [{"x": [1]}, {"y": [2]}]}),
        ({"$or": [{"x": [1]}, {"y": [2], "z": [A]}]}, {"$or": [{"x": [1]}, {"y": [2]}]}),
        ({"$or": [{"x": [1]}, {"y": [A]}], "z": [1]}, {"z": [1]}),
        ({"$or": [{"x": [1]}, A], "z": [1]}, {"z": [1]}),
        ({"$or": A, "z": [1]}, {"z": [1]}),
        ({"or": [{"x": [1]}, {"y": [A], "w": [1]}], "z": [1]}, {"z": [1]}),
        ({"x": {"$or": [{"y": [A], "z": [1]}]}}, {"x": {"$or": [{"z": [1]}]}}),
        ({}, None),
        (A, None),
        ([1], None),
        (None, None),
        ("text", None),
    ],
)
def test_what_is_known_of_a_pattern(pattern, left):
    assert known(pattern) == left


@pytest.mark.parametrize(
    ("value", "reasons"),
    [
        (A, "a"),
        ([A, {"x": B}], "a; b"),
        ({"x": [A], "y": {"z": A}}, "a"),
        ([B, A, B], "b; a"),
        ({"x": 1}, ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_each_reason_is_said_once(value, reasons):
    assert unknown_in(value) == reasons
