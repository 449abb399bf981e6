"""Searching events by words and by fields."""

import json

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.page.search import wanted

PAYLOAD = json.dumps({"detail-type": "OrderSubmitted", "detail": {"total": 40, "region": "eu", "id": "ORD-1", "ok": True}})


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("ord-1", True),
        ("ord-2", False),
        ("detail.total=40", True),
        ("detail.total>39 detail.region=eu", True),
        ("detail.total>=41", False),
        ("detail.total<=40", True),
        ("detail.region!=eu", False),
        ("detail.region!=us", True),
        ('detail.id="ORD-1"', True),
        ("detail.id=ORD*", True),
        ("detail.ok=true", True),
        ("detail-type:OrderSubmitted ord-1", True),
        ('{"detail": {"total": [{"numeric": ["<", 41]}]}}', True),
        ('{"detail": {"total": [1]}}', False),
    ],
)
def test_a_query_takes_what_it_says(query, fits):
    assert wanted(query)(PAYLOAD) is fits


def test_what_is_no_json_is_searched_by_words():
    assert wanted("plain")("Plain text")
    assert not wanted("detail.total=1")("plain text")


def test_nothing_asked_is_everything():
    assert wanted("  ") is None


@pytest.mark.parametrize("query", ["{", '{"a": 1}', "detail.total>many"])
def test_what_cannot_be_asked_is_refused(query):
    with pytest.raises(EventError, match="EF-SEARCH"):
        wanted(query)
