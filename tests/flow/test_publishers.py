"""Who publishes where, as far as a template tells."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.publishers import publishers

BUS, TOPIC, QUEUE = {"Fn::GetAtt": ["Orders", "Arn"]}, {"Ref": "Events"}, {"Fn::GetAtt": ["Jobs", "Arn"]}


def told(*, environment=None, policy=None, mapping=False, inline=False):
    """(function, receiver, how) of a template with a bus, a topic, a queue and one function."""
    document = {"Statement": [policy]} if policy else {"Statement": []}
    role = {"Policies": [{"PolicyName": "Inline", "PolicyDocument": document}]} if inline else {}
    resources = {
        "Orders": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
        "Events": {"Type": "AWS::SNS::Topic"},
        "Jobs": {"Type": "AWS::SQS::Queue"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Worker": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Environment": {"Variables": environment or {}}},
        },
    }
    if policy and not inline:
        resources["Policy"] = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document, "Roles": [{"Ref": "Role"}]}}
    if mapping:
        properties = {"EventSourceArn": QUEUE, "FunctionName": {"Ref": "Worker"}}
        resources["Mapping"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}
    flow = Flow.from_template({"Resources": resources}, stack="Shop")
    return [(function.logical_id, receiver.logical_id, how) for function, receiver, how in publishers(flow)]


def allow(action, resource, effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("value", "receiver"), [({"Ref": "Orders"}, "Orders"), (BUS, "Orders"), (TOPIC, "Events"), ({"Ref": "Jobs"}, "Jobs")]
)
def test_a_variable_with_a_name_an_arn_or_a_url_tells(value, receiver):
    assert told(environment={"TO": value}) == [("Worker", receiver, "its variable TO names it")]


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize(
    ("action", "resource", "receiver"),
    [
        ("events:PutEvents", BUS, "Orders"),
        ("events:*", BUS, "Orders"),
        (["sns:Publish"], [TOPIC], "Events"),
        (["sns:*"], [TOPIC], "Events"),
        ("sqs:SendMessage", QUEUE, "Jobs"),
        ("sqs:*", QUEUE, "Jobs"),
    ],
)
def test_a_policy_of_the_role_tells(action, resource, receiver, inline):
    assert told(policy=allow(action, resource), inline=inline) == [("Worker", receiver, "its role allows it")]


@pytest.mark.parametrize(
    ("environment", "policy", "how"),
    [
        ({"BUS": BUS}, allow("events:PutEvents", BUS), "its variable BUS names it"),
        ({"BUS": BUS, "NAME": {"Ref": "Orders"}}, None, "its variable BUS names it"),
        ({}, allow(["events:PutEvents", "events:*"], [BUS, BUS]), "its role allows it"),
    ],
)
def test_what_is_told_twice_is_told_once(environment, policy, how):
    assert told(environment=environment, policy=policy) == [("Worker", "Orders", how)]


@pytest.mark.parametrize(
    "policy",
    [
        {"Fn::ImportValue": "statement"},
        allow("events:PutEvents", "*"),
        allow("events:PutEvents", BUS, "Deny"),
        allow("sqs:ReceiveMessage", QUEUE),
        allow("sns:Publish", BUS),
    ],
)
def test_other_statements_name_nobody(policy):
    assert told(policy=policy) == []


def test_a_queue_that_is_consumed_is_not_published_to_for_being_named():
    assert told(environment={"QUEUE": {"Ref": "Jobs"}}, mapping=True) == []
    assert told(environment={"QUEUE": {"Ref": "Jobs"}}) != []


def test_the_word_default_does_not_name_the_default_bus():
    assert told(environment={"STAGE": "default"}) == []
