"""Events to try a flow with: what rules ask for, and filters right behind them; what is declared; what two flows take apart."""

import copy

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.contracts import Contract
from cdk_event_flow.flow.model import EventSchema
from cdk_event_flow.flow.witnesses import admits, admitted, asked_of, between, declared, witnesses

from .findings.cases.making import resource
from .findings.cases.routes import mapping_filter
from .findings.sound import SOUND

SHOP, EU = {"source": "shop"}, {"source": "shop", "detail": {"region": "eu"}}
BODY = {"body": {"detail": {"total": [5]}}}
FIVE = {"source": "shop", "detail": {"total": 5}}


def flow_of(*changes):
    template = copy.deepcopy(SOUND)
    for change in changes:
        change(template["Resources"])
    return Flow.from_template(template)


def of(id, **properties):
    """A resource with other properties; None takes one away."""

    def change(resources):
        given = resources[id]["Properties"]
        for name, value in properties.items():
            given[name] = value
            if value is None:
                del given[name]

    return change


def target(**more):
    return lambda resources: resources["Rule"]["Properties"]["Targets"][0].update(more)


def filtered(*patterns):
    """Filters of the mapping behind the queue."""
    return lambda resources: mapping_filter(*patterns)(resources["Mapping"]["Properties"])


def straight(resources):
    """The rule leads to the queue, too."""
    resources["Rule"]["Properties"]["Targets"].append({"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}})


def of_another_topic(resources):
    resources["Another"] = resource("SNS::Topic")
    resources["Subscription"]["Properties"]["TopicArn"] = {"Ref": "Another"}


def of_another_queue(resources):
    filtered(BODY)(resources)
    resources["Another"] = resource("SQS::Queue")
    resources["Mapping"]["Properties"]["EventSourceArn"] = {"Fn::GetAtt": ["Another", "Arn"]}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ([], [SHOP, EU]),
        ([of("Subscription", FilterPolicy=None)], [SHOP]),
        ([of("Subscription", FilterPolicyScope=None)], [SHOP]),
        ([of("Subscription", FilterPolicy={"source": ["another"]})], [SHOP]),
        ([of("Subscription", FilterPolicy={"source": [{"sufix": "x"}]})], [SHOP]),
        ([of_another_topic], [SHOP]),
        ([target(Input="{}")], [SHOP]),
        ([target(InputPath="$.detail")], [SHOP]),
        ([target(InputTransformer={"InputTemplate": '"x"'})], [SHOP]),
        ([filtered(BODY)], [SHOP, EU, FIVE]),
        ([filtered(BODY, {"body": {"detail": {"total": [6]}}})], [SHOP, EU, FIVE, {"source": "shop", "detail": {"total": 6}}]),
        ([filtered(BODY), of("Subscription", RawMessageDelivery=None)], [SHOP, EU]),
        ([filtered(BODY), of("Subscription", RawMessageDelivery=None), straight], [SHOP, EU, FIVE]),
        ([filtered(BODY), of_another_topic], [SHOP]),
        ([filtered({"messageId": ["x"]})], [SHOP, EU]),
        ([filtered({"body": ["plain"]})], [SHOP, EU]),
        ([of_another_queue], [SHOP, EU]),
        ([of("Rule", EventBusName="default")], []),
        ([of("Rule", EventPattern=None, ScheduleExpression="rate(1 day)")], []),
        ([of("Rule", EventPattern={"source": []})], []),
        ([of("Rule", EventPattern={"source": ["shop"], "detail": {"region": ["us"]}})], [{**EU, "detail": {"region": "us"}}]),
    ],
)
def test_a_bus_is_asked_for_what_each_rule_takes_and_each_filter_right_behind_its_targets(changes, asked):
    flow = flow_of(*changes)
    assert list(witnesses(flow, flow.find("Bus"))) == asked


def schema(source="shop", detail_type="Sold", **detail):
    fields = {"detail": {"type": "object", "properties": detail}}
    return EventSchema(
        logical_id="S", arn="arn:s", name="s", path="S", source=source, detail_type=detail_type, schema={"properties": fields}
    )


@pytest.mark.parametrize(
    ("pattern", "asked"),
    [
        ({"source": ["shop"]}, [{}, {"detail": {"region": "eu"}}]),
        ({"source": [{"prefix": "sh"}], "detail-type": ["Bought", "Sold"]}, [{}, {"detail": {"region": "eu"}}]),
        ({"detail-type": ["Bought"]}, []),
        ({"source": ["another"]}, []),
    ],
)
def test_of_a_declared_kind_rules_are_asked_that_take_it(pattern, asked):
    flow = flow_of(of("Rule", EventPattern=pattern))
    kind = {"source": "shop", "detail-type": "Sold"}
    assert list(asked_of(flow, flow.find("Bus"), schema())) == [{**kind, **each} for each in asked]
    assert list(asked_of(flow, flow.find("default"), schema())) == []
    clock = flow_of(of("Rule", EventPattern=None, ScheduleExpression="rate(1 day)"))
    assert list(asked_of(clock, clock.find("Bus"), schema())) == []


TOTAL, REGION = {"type": "integer"}, {"type": "string"}


@pytest.mark.parametrize(
    ("asked", "details"),
    [
        ({"detail": {"total": 5}}, [{"total": 1, "region": "text"}, {"total": 5, "region": "text"}]),
        ({"source": "shop", "detail-type": "Sold", "detail": {"region": "eu"}}, [{"total": 1, "region": "text"},
                                                                                 {"total": 1, "region": "eu"}]),
        ({"source": "another", "detail": {"total": 5}}, [{"total": 1, "region": "text"}]),
        ({"detail-type": "Bought", "detail": {"total": 5}}, [{"total": 1, "region": "text"}]),
        ({"detail": {"unheard": 5}}, [{"total": 1, "region": "text"}]),
        ({"detail": "x"}, [{"total": 1, "region": "text"}, "x"]),
        ({"detail": {"total": None}}, [{"total": 1, "region": "text"}, {"total": None, "region": "text"}]),
        ({"detail": {"total": 5, "region": {"in": None}}}, [{"total": 1, "region": "text"}, {"total": 5, "region": {"in": None}}]),
        ({"detail": {"inner": {"x": 1}, "total": 5}}, [{"total": 1, "region": "text"}]),
    ],
)  # fmt: skip
def test_a_declared_event_is_a_sample_and_the_sample_with_what_is_asked_of_its_kind(asked, details):
    events = list(declared(schema(total=TOTAL, region=REGION), [asked]))
    assert [event["detail"] for event in events] == details
    assert {(event["source"], event["detail-type"]) for event in events} == {("shop", "Sold")}


def test_what_is_asked_inside_a_field_is_laid_over_that_field():
    inner = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    _, laid = declared(schema(inner=inner), [{"detail": {"inner": {"a": "x"}}}])
    assert laid["detail"] == {"inner": {"a": "x", "b": "text"}}
    for asked in ({"inner": {"c": "x"}}, {"inner": {"c": "x"}, "total": 5}):
        assert len(list(declared(schema(inner=inner, total=TOTAL), [{"detail": asked}]))) == 1


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        ({"source": ["shop"]}, ["Sold", "Bought"]),
        ({"source": ["another"]}, ["Sent"]),
        ({"detail-type": ["Sold", "Sent"]}, ["Sold", "Sent"]),
        ({"detail-type": [{"prefix": "S"}], "source": ["shop"]}, ["Sold"]),
        ({"detail": {"a": ["b"]}}, ["Sold", "Bought", "Sent"]),
        ({"account": ["1"], "source": ["another"]}, ["Sent"]),
        ({"source": []}, ["Sold", "Bought", "Sent"]),
    ],
)
def test_a_pattern_lets_kinds_through_by_what_it_says_of_source_and_detail_type(pattern, kinds):
    events = [schema(), schema(detail_type="Bought"), Contract("another", "Sent", {})]
    assert [each.detail_type for each in admitted(pattern, events)] == kinds
    assert [each.detail_type for each in events if admits(pattern, each)] == kinds


US = {"source": "shop", "detail": {"region": "us"}}


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ([], []),
        ([of("Rule", EventPattern={"source": ["shop", "market"]})], [{"source": "market"}]),
        ([of("Rule", EventPattern={"source": ["market"]})], [{"source": "market"}, {"source": "shop"}]),
        ([of("Rule", EventPattern=None, ScheduleExpression="rate(1 day)")], []),
        ([of("Subscription", FilterPolicy={"detail": {"region": ["eu", "us"]}})], [{"detail": {"region": "us"}}]),
        ([of("Subscription", FilterPolicy=None)], []),
        ([of("Subscription", FilterPolicyScope=None, FilterPolicy={"region": ["us"]})], []),
        ([of("Subscription", FilterPolicy={"detail": {"region": [{"sufix": "u"}]}})], []),
        ([lambda resources: resources.update(Second=copy.deepcopy(resources["Rule"]))], []),
        ([lambda resources: resources.pop("Rule")], []),
        ([of("Mapping", BatchSize=1), of("Queue", VisibilityTimeout=90)], []),
    ],
)
def test_between_two_flows_are_events_that_one_takes_and_the_other_does_not(changes, events):
    assert list(between(flow_of(), flow_of(*changes))) == events
