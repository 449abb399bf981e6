"""Which events a function may publish on a bus, as its role limits them."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Bus, EventSchema, Function
from cdk_event_flow.flow.published import Allowance, allowances

from .findings.cases.making import resource

BUS = {"Fn::GetAtt": ["Orders", "Arn"]}
ALL = Allowance(None, None)


def limits(*statements):
    """What these statements of its role let a function put on the bus."""
    policy = {"PolicyName": "own", "PolicyDocument": {"Statement": list(statements)}}
    flow = Flow.from_template(
        {
            "Resources": {
                "Orders": resource("Events::EventBus", Name="orders"),
                "Role": resource("IAM::Role", Policies=[policy]),
                "Worker": resource("Lambda::Function", Role={"Fn::GetAtt": ["Role", "Arn"]}),
            }
        }
    )
    [bus] = [each for each in flow.of(Bus) if each.name == "orders"]
    return allowances(flow, flow.of(Function)[0], bus)


def puts(**more):
    """A statement that lets put on the bus, but for what is changed."""
    return {"Effect": "Allow", "Action": "events:PutEvents", "Resource": BUS, **more}


def only(**equals):
    """A condition that limits events."""
    return {"StringEquals": {f"events:{name.replace('_', '-')}": value for name, value in equals.items()}}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (puts(), ALL),
        (puts(Action=["logs:PutLogEvents", "EVENTS:putevents"]), ALL),
        (puts(Action="events:*"), ALL),
        (puts(Resource="*"), ALL),
        (puts(Resource=["arn:aws:events:us-east-1:123456789012:event-bus/another", BUS]), ALL),
        (puts(Condition=only(source="shop")), Allowance(frozenset({"shop"}), None)),
        (puts(Condition=only(source=["shop", "till"])), Allowance(frozenset({"shop", "till"}), None)),
        (puts(Condition=only(detail_type="Sold")), Allowance(None, frozenset({"Sold"}))),
        (puts(Condition=only(source="shop", detail_type=["Sold"])), Allowance(frozenset({"shop"}), frozenset({"Sold"}))),
        (puts(Condition={"Bool": {"aws:SecureTransport": "true"}}), ALL),
        (puts(Condition={"Fn::ImportValue": "x"}), ALL),
        (puts(Condition={"StringEquals": {"Fn::ImportValue": "x"}}), ALL),
    ],
)
def test_a_statement_allows_what_its_condition_says(statement, found):
    assert limits(statement) == [found]


@pytest.mark.parametrize(
    "statement",
    [
        puts(Effect="Deny"),
        puts(Action="events:PutRule"),
        puts(Resource="arn:aws:events:us-east-1:123456789012:event-bus/another"),
        {"Fn::ImportValue": "x"},
        "no statement",
    ],
)
def test_other_statements_tell_nothing(statement):
    assert limits(statement, puts(Condition=only(source="shop"))) == [Allowance(frozenset({"shop"}), None)]


@pytest.mark.parametrize(
    ("sources", "detail_types", "admitted"),
    [
        (None, None, True),
        ({"shop"}, None, True),
        ({"till"}, None, False),
        (None, {"Sold"}, True),
        (None, {"Lost"}, False),
        ({"shop", "till"}, {"Sold", "Lost"}, True),
        ({"shop"}, {"Lost"}, False),
        ({"till"}, {"Sold"}, False),
    ],
)
def test_a_kind_of_event_is_admitted_by_source_and_detail_type(sources, detail_types, admitted):
    schema = EventSchema(logical_id="S", arn="s", name="s", path="S", source="shop", detail_type="Sold", schema={})
    assert Allowance(sources, detail_types).admits(schema) is admitted
