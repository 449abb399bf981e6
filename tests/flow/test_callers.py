"""Which functions call which, as far as a template tells."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.callers import callers

OTHER, ALIAS, VERSION = {"Fn::GetAtt": ["Other", "Arn"]}, {"Ref": "Live"}, {"Ref": "One"}


def function(**variables):
    properties = {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Environment": {"Variables": variables}}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def told(*, environment=None, action="lambda:InvokeFunction", resource=None, effect="Allow", more=None):
    """(function, the one that it calls, how) of a template of two functions, an alias and a version."""
    statements = [{"Effect": effect, "Action": action, "Resource": resource}] if resource else []
    policy = {"PolicyName": "Inline", "PolicyDocument": {"Statement": statements}}
    other = {"Type": "AWS::Lambda::Function", "Properties": {"Role": "arn:aws:iam::123456789012:role/other"}}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}},
        "Caller": function(**(environment or {})),
        "Other": other,
        "One": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Other"}}},
        "Live": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {"FunctionName": {"Ref": "Other"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": ["One", "Version"]}},
        },
        **(more or {}),
    }
    flow = Flow.from_template({"Resources": resources}, stack="Shop")
    return [(caller.logical_id, called.logical_id, how) for caller, called, how in callers(flow)]


@pytest.mark.parametrize("value", [OTHER, ALIAS, VERSION])
def test_a_variable_with_the_arn_of_a_function_alias_or_version_tells(value):
    assert told(environment={"NEXT": value}) == [("Caller", "Other", "its variable NEXT names it")]


@pytest.mark.parametrize("action", ["lambda:InvokeFunction", "lambda:*", ["logs:PutLogEvents", "lambda:InvokeFunction"]])
def test_a_policy_of_the_role_tells(action):
    assert told(action=action, resource=[ALIAS]) == [("Caller", "Other", "its role allows it")]


def test_what_both_tell_is_told_once():
    assert len(told(environment={"NEXT": OTHER}, resource=OTHER)) == 1


@pytest.mark.parametrize(
    "case",
    [
        {"resource": "*"},
        {"resource": OTHER, "effect": "Deny"},
        {"resource": OTHER, "action": "lambda:GetFunction"},
        {"environment": {"NEXT": {"Fn::GetAtt": ["Caller", "Arn"]}}},
        {"environment": {"NEXT": "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere"}},
    ],
)
def test_nothing_is_made_up(case):
    assert told(**case) == []


def test_the_destination_of_its_asynchronous_invokes_is_not_called_by_it():
    config = {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": "Caller"},
            "Qualifier": "$LATEST",
            "DestinationConfig": {"OnSuccess": {"Destination": OTHER}},
        },
    }
    assert told(resource=OTHER, more={"Config": config}) == []
