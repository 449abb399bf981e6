"""Events in files, and as entries of PutEvents: each in the form it was given in, or one clear error."""

import json

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow.entries import entry_of
from cdk_event_flow.flow.event_files import events_in, events_of

EVENT = {"source": "shop", "detail-type": "Sold", "detail": {"n": 1}}


def test_an_event_as_rules_see_it_is_an_entry():
    entry = {"Source": "shop", "DetailType": "Sold", "Detail": '{"n": 1}', "Resources": []}
    assert entry_of(EVENT) == entry
    more = {"time": "2026-01-01T00:00:00Z", "EventBusName": "orders", "resources": ["arn:a"], "id": "left out"}
    assert entry_of({**EVENT, **more}) == {
        **entry, "Time": "2026-01-01T00:00:00Z", "EventBusName": "orders", "Resources": ["arn:a"],
    }  # fmt: skip
    assert entry_of({"source": "shop", "detail-type": "Sold"})["Detail"] == "{}"


def test_an_entry_stays_one_with_its_detail_as_text():
    assert entry_of({"Source": "shop", "Detail": {"n": 1}}) == {"Source": "shop", "Detail": '{"n": 1}'}
    assert entry_of({"DetailType": "Sold", "Detail": "{}"}) == {"DetailType": "Sold", "Detail": "{}"}


@pytest.mark.parametrize(
    ("event", "keys"), [({"source": "shop"}, "source"), ({"detail-type": "T", "a": 1}, "detail-type, a"), ({}, "(none)")]
)
def test_what_is_no_event_is_refused_with_its_keys(event, keys):
    with pytest.raises(EventError) as refused:
        entry_of(event)
    assert (refused.value.at, refused.value.code) == ("event", "EF-EVENT-FORM")
    assert refused.value.problems[0].given == f"the event has the keys {keys}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (EVENT, [("e.json", EVENT)]),
        ([EVENT], [("e.json", EVENT)]),
        ([EVENT, {"a": 1}], [("e.json[1]", EVENT), ("e.json[2]", {"a": 1})]),
        ({"Entries": [EVENT, EVENT]}, [("e.json[1]", EVENT), ("e.json[2]", EVENT)]),
        ({"Entries": "none"}, [("e.json", {"Entries": "none"})]),
        ([], []),
    ],
)
def test_a_text_holds_one_event_or_several(text, found):
    assert list(events_in("e.json", json.dumps(text))) == found


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[" * 100_000, "it is not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string"),
        ("5", "it holds 5, which is no event"),
        (json.dumps([EVENT, "x" * 100]), f'it holds "{"x" * 59}, which is no event'),
    ],
    ids=["no JSON", "deep", "a number", "a long text"],
)
def test_what_holds_no_event_is_refused_by_its_name(text, given):
    with pytest.raises(EventError) as refused:
        list(events_in("e.json", text))
    assert (refused.value.at, refused.value.code) == ("e.json", "EF-EVENT")
    assert refused.value.problems[0].given.startswith(given[:40])
    assert len(refused.value.problems[0].given) <= len(given) + 60


def test_a_folder_gives_the_events_of_its_files_by_name(tmp_path):
    (tmp_path / "b.json").write_text(json.dumps(EVENT))
    (tmp_path / "a.json").write_text(json.dumps([EVENT, EVENT]))
    (tmp_path / "c.txt").write_text("none")
    assert [name for name, _ in events_of(tmp_path)] == ["a.json[1]", "a.json[2]", "b.json"]
    assert list(events_of(tmp_path / "b.json")) == [("b.json", EVENT)]


def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path):
    (tmp_path / "bytes.json").write_bytes(b'{"a": "\xff"}')
    (tmp_path / "empty").mkdir()
    for place, given in (
        (tmp_path / "gone.json", "it cannot be read: No such file or directory"),
        (tmp_path / "bytes.json", "it is not UTF-8: invalid start byte at byte 7"),
        (tmp_path / "empty", "the folder has no *.json"),
    ):
        with pytest.raises(EventError) as refused:
            list(events_of(place))
        assert (refused.value.at, refused.value.code) == (str(place), "EF-EVENT")
        assert refused.value.problems[0].given == given
