"""Which consumers may do things twice: said on request, and of nobody who remembers or is answered."""

import copy

import pytest

from cdk_event_flow.flow import Flow

from .cases.making import resource
from .sound import SOUND


def advised(change=lambda resources: None, **variables):
    """(path, what) of the advice on the sound template, changed, whose function has these variables."""
    template = copy.deepcopy(SOUND)
    if variables:
        template["Resources"]["Function"]["Properties"]["Environment"] = {"Variables": variables}
    change(template["Resources"])
    flow = Flow.from_template(template)
    assert {finding.severity for finding in flow.check()} <= {"error", "warning"}
    return [(finding.logical_id, finding.what) for finding in flow.check(advice=True) if finding.severity == "info"]


def test_a_consumer_that_remembers_nothing_is_named_with_who_invokes_it():
    ((function, what),) = advised()
    assert function == "Function"
    assert what == "It is invoked at least once for each event of Queue, and has nothing to remember in."


@pytest.mark.parametrize("variable", ["IDEMPOTENCY_TABLE", "ORDERS_IDEMPOTENCY_STORE", "idempotency"])
def test_one_with_something_to_remember_in_is_not(variable):
    assert advised(**{variable: "Done"}) == []


def test_the_switch_that_turns_remembering_off_is_nothing_to_remember_in():
    assert len(advised(POWERTOOLS_IDEMPOTENCY_DISABLED="true")) == 1


def test_a_variable_of_another_name_is_nothing_to_remember_in():
    assert len(advised(TABLE="Done")) == 1


def test_a_function_that_only_requests_invoke_is_not():
    def behind_a_url(resources):
        del resources["Mapping"]
        resources["Url"] = resource("Lambda::Url", TargetFunctionArn={"Ref": "Function"}, AuthType="AWS_IAM")

    assert advised(behind_a_url) == []


def test_a_schedule_a_rule_and_a_destination_deliver_at_least_once():
    def asynchronous(resources):
        del resources["Mapping"]
        target = {"Id": "F", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Dead", "Arn"]}}}
        resources["Rule"]["Properties"]["Targets"].append(target)
        given = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/scheduler"}
        resources["Nightly"] = resource("Scheduler::Schedule", ScheduleExpression="rate(1 day)", Target=given)
        resources["First"] = resource("Lambda::Function", Environment={"Variables": {"IDEMPOTENCY_TABLE": "Done"}})
        told = {"OnSuccess": {"Destination": {"Fn::GetAtt": ["Function", "Arn"]}}}
        resources["Async"] = resource(
            "Lambda::EventInvokeConfig", FunctionName={"Ref": "First"}, Qualifier="$LATEST", DestinationConfig=told
        )

    ((_, what),) = advised(asynchronous)
    assert what == "It is invoked at least once for each event of Rule, Nightly, First, and has nothing to remember in."
