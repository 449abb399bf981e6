"""Who is sent."""

import pytest


@pytest.mark.parametrize(
    ("reason", "team", "minutes"), [("too-heavy", "forklift", 30), ("damaged", "quality", 60), ("out-of-stock", "purchasing", 240)]
)
def test_each_reason_has_its_team(load, reason, team, minutes):
    roster = load("human_dispatch", "roster")
    failure = roster.Failure(order_id="ORD-1", reason=reason, sku="BOOK-1")
    assert roster.dispatch_for(failure) == roster.Dispatch(team, minutes)


def test_no_reason_is_without_a_team(load):
    roster = load("human_dispatch", "roster")
    assert set(roster.BY_REASON) == set(roster.Failure.model_json_schema()["properties"]["reason"]["enum"])
