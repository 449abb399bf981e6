"""Assignments to the body of a dead letter."""

import json
import re

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.operate.edit import Assignment, EditError, JqProgram, edited


def changed(body, *assignments):
    return json.loads(edited(json.dumps(body), map(Assignment.parse, assignments)))


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("total=6", {"total": 6, "items": [{"sku": "A"}]}),
        ("total=six", {"total": "six", "items": [{"sku": "A"}]}),
        ('total="6"', {"total": "6", "items": [{"sku": "A"}]}),
        ("total=", {"total": "", "items": [{"sku": "A"}]}),
        ("items[0].sku=B=C", {"total": 5, "items": [{"sku": "B=C"}]}),
        ("items[0]=null", {"total": 5, "items": [None]}),
        ("customer.id=7", {"total": 5, "items": [{"sku": "A"}], "customer": {"id": 7}}),
        ('["a.b"].c=[1]', {"total": 5, "items": [{"sku": "A"}], "a.b": {"c": [1]}}),
        ("detail-type=X", {"total": 5, "items": [{"sku": "A"}], "detail-type": "X"}),
    ],
)
def test_a_path_is_given_a_value(assignment, expected):
    assert changed({"total": 5, "items": [{"sku": "A"}]}, assignment) == expected


def test_json_written_as_text_inside_stays_text():
    envelope = {"Message": json.dumps({"detail": {"total": 5}})}
    assert json.loads(changed(envelope, "Message.detail.total=6")["Message"]) == {"detail": {"total": 6}}


def test_several_are_done_in_their_order():
    assert changed({}, "a.b=1", "a.c=2", "a.b=3") == {"a": {"b": 3, "c": 2}}


def test_without_any_the_body_is_untouched():
    assert edited('{ "a":1 }', ()) == '{ "a":1 }'


@pytest.mark.parametrize(
    ("body", "assignment", "said"),
    [
        ("no json", "a=1", "the body is no JSON"),
        ("5", "a=1", "the body is 5 and has no key a"),
        ('{"a": 5}', "a.b=1", "a is 5 and has no key b"),
        ('{"a": [1]}', "a[1]=1", r"a is \[1\] and has no place 1"),
        ('{"a": {}}', "a[0]=1", "a is {} and has no place 0"),
        ('{"a": "text"}', "a.b=1", "a is no JSON"),
    ],
)
def test_what_a_body_cannot_take_is_said(body, assignment, said):
    with pytest.raises(EditError, match=said):
        edited(body, [Assignment.parse(assignment)])


@pytest.mark.parametrize("text", ["a", "=1", "", "a..b=1", "a[x]=1", "a b", "__import__('os').remove('x')"])
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(EventError, match="EF-SET"):
        Assignment.parse(text)


SNS = json.dumps({"Type": "Notification", "Message": json.dumps({"detail": {"items": [{"n": 1}, {"n": 0}], "note": "{no json"}})})


def test_a_program_of_jq_sees_json_in_json_and_leaves_it_text():
    made = edited(SNS, [JqProgram(".Message.detail.items |= map(select(.n > 0)) | .Message.detail.total = 5")])
    envelope = json.loads(made)
    assert json.loads(envelope["Message"]) == {"detail": {"items": [{"n": 1}], "note": "{no json", "total": 5}}
    assert envelope["Type"] == "Notification"


def test_assignments_and_programs_follow_each_other():
    edits = [Assignment.parse("total=41"), JqProgram(".total += 1"), JqProgram("del(.old)")]
    assert json.loads(edited('{"old": 1}', edits)) == {"total": 42}


@pytest.mark.parametrize(
    ("body", "program", "why"),
    [
        ('{"a": 1}', ".a.b", "Cannot index number with"),
        ('{"a": [1, 2]}', ".a[]", "the edit makes 2 values of the body, and one is needed"),
        ('{"a": 1}', "empty", "the edit makes 0 values of the body, and one is needed"),
        ("no json", ".", "the body is no JSON"),
        (json.dumps({"a": ['{"b": 1}', "x"]}), ".a |= .[1:]", "a list with JSON written as text in it would have another length"),
    ],
)
def test_what_a_program_cannot_make_is_a_sentence(body, program, why):
    with pytest.raises(EditError, match=re.escape(why)):
        edited(body, [JqProgram(program)])


def test_what_is_no_program_is_refused_before_anything_is_read():
    with pytest.raises(EventError, match=r"^EF-EDIT at \.a = : jq refuses it: .*syntax error"):
        JqProgram(".a = ")
