"""Which dead letters are meant."""

import json

import pytest

from cdk_event_flow.match import EventPattern
from cdk_event_flow.operate.letters import DeadLetter
from cdk_event_flow.operate.select import Selection

NOW = 10_000.0


def letter(body, sent_at=NOW - 3_600, error="NO_PERMISSIONS"):
    attributes = {"ERROR_CODE": {"DataType": "String", "StringValue": error}}
    return DeadLetter(id="one", body=body, receipt="r", sent_at=sent_at, attributes=attributes)


def test_nothing_given_takes_everything():
    assert Selection().everything
    assert Selection().takes(letter("anything"))
    assert not Selection(newer=1.0).everything


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(ids=frozenset({"one"})), True),
        (Selection(ids=frozenset({"two"})), False),
        (Selection(error="no_perm"), True),
        (Selection(error="throttl"), False),
        (Selection(older=3_000, now=NOW), True),
        (Selection(older=4_000, now=NOW), False),
        (Selection(newer=4_000, now=NOW), True),
        (Selection(newer=3_000, now=NOW), False),
        (Selection(pattern=EventPattern({"detail": {"total": [{"numeric": [">", 4]}]}})), True),
        (Selection(pattern=EventPattern({"detail": {"total": [{"numeric": [">", 5]}]}})), False),
        (Selection(pattern=EventPattern({"detail": {"total": [5]}}), error="throttl"), False),
    ],
)
def test_all_that_is_given_must_hold(selection, taken):
    assert selection.takes(letter('{"detail": {"total": 5}}')) is taken


def test_a_pattern_looks_into_the_message_of_an_envelope():
    envelope = json.dumps({"Type": "Notification", "Message": json.dumps({"detail": {"total": 5}})})
    assert Selection(pattern=EventPattern({"Message": {"detail": {"total": [5]}}})).takes(letter(envelope))


@pytest.mark.parametrize("body", ["text", "5", "[1]", "null", ""])
def test_what_is_no_object_matches_no_pattern(body):
    assert not Selection(pattern=EventPattern({"a": [{"exists": False}]})).takes(letter(body))


def test_an_error_may_be_what_the_consumer_logged_and_is_asked_for_of_none_that_is_not_selected():
    asked = []

    def logged(one):
        asked.append(one.id)
        return ["ERROR ValidationError: currency is missing"]

    assert Selection(error="validationerror", logged=logged).takes(letter("{}"))
    assert not Selection(error="timeout", logged=logged).takes(letter("{}"))
    assert asked == ["one", "one"]
    assert Selection(error="no_perm", logged=logged).takes(letter("{}"))
    assert not Selection(error="currency", logged=logged, older=4_000, now=NOW).takes(letter("{}"))
    assert asked == ["one", "one"], "what is told, or not meant, is not looked up"
