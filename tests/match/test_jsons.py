"""Events are read the same way whether the fast reader is installed or not."""

import json

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
