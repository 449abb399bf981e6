"""Whole payloads of schedules, alarms and destinations, as the documentation of each shows them."""

import pytest

from cdk_event_flow.flow.model import Schedule, Target
from cdk_event_flow.flow.payloads import services

from .making import ACCOUNT, BUS, FUNCTION, NEW_YEAR, NOBODY, RULE, SCHEDULE, event


def schedule(**target):
    return Schedule(
        logical_id="S", arn=SCHEDULE, name="nightly", path="S", expression="rate(1 day)", target=Target(id="T", arn="x", **target),
        timezone="UTC", enabled=True,
    )  # fmt: skip


def test_a_rule_s_schedule_sends_an_event_without_detail():
    wanted = event(source="aws.events", detail_type="Scheduled Event", resources=[RULE])
    assert services.scheduled_event(RULE, source="aws.events") == wanted
    assert services.scheduled_event(RULE, source="aws.events", id="i", time="t") == {**wanted, "id": "i", "time": "t"}


def test_a_rule_elsewhere_has_no_region_and_no_account():
    made = services.scheduled_event("elsewhere", source="aws.events")
    assert (made["region"], made["account"]) == ("", "")


def test_a_schedule_without_input_sends_the_default_event_with_text_as_detail():
    wanted = event(source="aws.scheduler", detail_type="Scheduled Event", resources=[SCHEDULE], detail="{}")
    assert services.schedule_input(schedule()) == wanted
    assert services.schedule_input(schedule(), id="i", time="t") == {**wanted, "id": "i", "time": "t"}


CONTEXT = "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id> <aws.scheduler.attempt-number>"


@pytest.mark.parametrize(("given", "at", "of"), [({}, NEW_YEAR, NOBODY), ({"id": "i", "time": "t"}, "t", "i")])
def test_the_context_of_a_schedule_is_filled_into_its_input(given, at, of):
    assert services.schedule_input(schedule(input=CONTEXT), **given) == f"{SCHEDULE} {at} {of} 1"


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ({"input": '{"a": 1}', "event_source": "shop", "detail_type": "Night"},
         {"source": "shop", "detail_type": "Night", "detail": {"a": 1}}),
        ({"input": '{"a": 1}'}, {"detail": {"a": 1}}),
        ({"input": '{"at": "<aws.scheduler.scheduled-time> <aws.scheduler.execution-id>"}'},
         {"detail": {"at": f"{NEW_YEAR} {NOBODY}"}}),
    ],
)  # fmt: skip
def test_what_a_schedule_puts_on_a_bus_is_an_event(target, wanted):
    assert services.schedule_event(schedule(**target)) == event(**wanted)


def test_an_event_of_a_schedule_has_the_id_and_time_of_its_run():
    made = services.schedule_event(
        schedule(input='{"at": "<aws.scheduler.scheduled-time> <aws.scheduler.execution-id>"}'), id="i", time="t"
    )
    assert made == event(id="i", time="t", detail={"at": "t i"})


@pytest.mark.parametrize(
    ("arn", "account"), [(f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:late", ACCOUNT), ("elsewhere", ""), ("a:b:c:d:e:f", "e")]
)
def test_the_message_of_an_alarm_is_as_cloudwatch_shows_it(arn, account):
    assert services.alarm_message("late", arn, "ALARM") == {
        "AlarmName": "late",
        "AlarmDescription": None,
        "AWSAccountId": account,
        "NewStateValue": "ALARM",
        "OldStateValue": "OK",
        "NewStateReason": "EXAMPLE",
        "StateChangeTime": NEW_YEAR,
        "AlarmArn": arn,
    }


def record(**changes):
    """What Lambda tells of an invocation."""
    about = {"requestId": NOBODY, "functionArn": f"{FUNCTION}:$LATEST", "condition": "Success", "approximateInvokeCount": 1}
    return {"version": "1.0", "timestamp": NEW_YEAR, "requestContext": about | changes, "requestPayload": {"n": 1}}


def test_the_record_of_an_invocation_is_as_lambda_shows_it():
    made = services.invocation_record(FUNCTION, {"n": 1})
    assert str(made.pop("responsePayload")) == "unknown (what the function returns)"
    assert made == {**record(), "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"}}
    answer = {"responseContext": {"statusCode": 200, "functionError": "Unhandled"}, "responsePayload": {"errorMessage": "no"}}
    failed = services.invocation_record(
        f"{FUNCTION}:live", {"n": 1}, condition="RetriesExhausted", count=3, answer=answer, id="i", time="t"
    )
    told = record(functionArn=f"{FUNCTION}:live", condition="RetriesExhausted", approximateInvokeCount=3, requestId="i")
    assert failed == {**told, "timestamp": "t", **answer}
    assert services.invocation_record(FUNCTION, {"n": 1}, answer={}) == record()


@pytest.mark.parametrize(
    ("condition", "ending"), [("Success", "Success"), ("RetriesExhausted", "Failure"), ("EventAgeExceeded", "Failure")]
)
def test_a_destination_s_event_says_how_the_invocation_ended(condition, ending):
    told = record(condition=condition)
    wanted = event(
        source="lambda",
        detail_type=f"Lambda Function Invocation Result - {ending}",
        resources=[BUS, f"{FUNCTION}:$LATEST"],
        detail=told,
    )
    assert services.destination_event(told, BUS) == wanted
    assert services.destination_event(told, BUS, id="i", time="t") == {**wanted, "id": "i", "time": "t"}
