"""Events are read the same way whether the fast reader is installed or not."""

import json
import sys

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.match import jsons

TEXTS = [
    '{"a": 1}',
    '{"a": "\\ud800"}',
    '{"a": 1, "a": 2}',
    '{"a": 123456789012345678901234567890}',
    '{"a": 1e400}',
    '{"a": NaN}',
    '{"a": [1, 2, {"b": null}]}',
    b'{"a": "\xc3\xa9"}',
    "[1]",
    "",
    "{",
    b"\xff",
    '{"a":' * 100_000 + "1" + "}" * 100_000,
    json.dumps({"a": "é"}, ensure_ascii=False),
]


def read(text):
    """What is read, as text that tells numbers of one value apart from others only; or that it is refused."""
    try:
        return repr({key: float(value) if type(value) is int else value for key, value in jsons.event(text).items()})
    except EventError:
        return "refused"


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_with_and_without_the_fast_reader_the_event_is_the_same(text, monkeypatch):
    fast = read(text)
    monkeypatch.setattr(jsons, "_fast", None)
    assert read(text) == fast


def test_what_cannot_be_read_says_why_and_what_an_event_is():
    for text, given in (("{", "it is not JSON ("), ('{"a": NaN}', "it is not JSON (NaN is no JSON number)"), ("[1]", "it is list")):
        with pytest.raises(EventError) as refused:
            jsons.event(text)
        (problem,) = refused.value.problems
        assert (refused.value.at, problem.code, problem.allowed) == ("event", "EF-EVENT", "an event is a JSON object")
        assert problem.given.startswith(given)


def test_events_are_read_a_thousand_levels_deep_and_no_recursion_stays_allowed(monkeypatch):
    monkeypatch.setattr(jsons, "_fast", None)
    allowed = sys.getrecursionlimit()
    assert jsons.event('{"a":' * 1_000 + "1" + "}" * 1_000)
    with pytest.raises(EventError, match="it is nested more than 1,000 levels deep"):
        jsons.event('{"a":' * 100_000 + "1" + "}" * 100_000)
    assert sys.getrecursionlimit() == allowed
