"""Where an event goes and why not: every key with its verdict, the nearest miss first, and what stands in the way beyond filters."""

from cdk_event_flow.page.hints import fields, hints
from cdk_event_flow.page.verdicts import verdicts
from tests.local import world as w
from tests.page.world import FLOW, SCHEMA

ORDER = {"source": "shop.orders", "detail-type": "OrderSubmitted"}


def test_it_says_who_gets_it_by_which_way(flow):
    found = verdicts(flow, "Orders", {**ORDER, "detail": {"total": 5, "region": "apac"}})
    assert found["ends"] == ["Billing"]
    assert [(hop["depth"], hop["kind"], hop["name"]) for hop in found["hops"]] == [
        (1, "topic", "OrderEvents"),
        (2, "queue", "OrderEvents/Billing"),
        (3, "function", "Billing"),
    ]
    assert '"total":5' in found["hops"][1]["payload"]


def test_each_key_is_matched_rejected_or_absent_and_the_nearest_miss_comes_first(flow):
    found = verdicts(flow, "Orders", {**ORDER, "detail": {"region": "apac"}})
    missed = {miss["to"]: miss for miss in found["missed"]}
    assert [miss["distance"] for miss in found["missed"]] == sorted(miss["distance"] for miss in found["missed"])
    billing = {key["path"]: key for key in missed["Billing"]["keys"]}
    assert billing["detail-type"]["outcome"] == "matched"
    assert billing["detail.total"] == {
        "path": "detail.total",
        "outcome": "absent",
        "value": None,
        "wanted": "a number greater than 0",
    }
    assert missed["Packing"]["keys"] == [
        {"path": "detail.region", "outcome": "rejected", "value": '"apac"', "wanted": '"eu" or "us"'}
    ]
    assert missed["Packing"]["through"] == "OrderEvents/Packing"


def test_a_policy_that_is_missing_is_said_beside_the_keys():
    found = verdicts(FLOW, "Orders", w.event(5, region="eu"))
    assert found["ends"] == []
    [miss] = found["missed"]
    assert [key["outcome"] for key in miss["keys"]] == ["matched"]
    [other] = miss["others"]
    assert "sns:Publish" in other or "policy" in other


def test_a_rule_that_is_disabled_is_said():
    from cdk_event_flow.flow import Flow

    bus, queue = w.bus(), w.queue("Q")
    rule = w.rule("Off", {"source": ["shop.orders"]}, queue, enabled=False)
    found = verdicts(Flow({node.arn: node for node in (bus, queue, rule)}), "Orders", w.event())
    assert "the rule Off is disabled" in found["missed"][0]["others"]


def test_hints_name_what_is_not_as_declared():
    assert hints(FLOW, w.event(5, region="eu")) == []
    said = hints(FLOW, w.event("five", region="mars", nota="x"))
    assert said == [
        'detail.total is "five", declared as number',
        'detail.region is "mars", declared as "eu" or "us" or "apac"',
        "detail.nota is not declared; did you mean note?",
    ]
    assert hints(FLOW, {**ORDER, "detail": {}}) == ["detail.total is missing", "detail.region is missing"]
    assert hints(FLOW, {**ORDER, "detail-type": "OrderSubmited", "detail": {}}) == [
        "no event of shop.orders is declared as OrderSubmited; did you mean OrderSubmitted?"
    ]


def test_fields_of_a_contract_have_types_and_values():
    assert fields(SCHEMA)[:2] == [
        {"path": "detail.total", "type": "number", "required": True, "values": [], "says": ""},
        {"path": "detail.region", "type": "anything", "required": True, "values": ['"eu"', '"us"', '"apac"'], "says": ""},
    ]
