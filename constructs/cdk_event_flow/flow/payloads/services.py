"""What schedules, alarms and Lambda's destinations send."""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.flow.arns import place
from cdk_event_flow.flow.model import Schedule, Unknown
from cdk_event_flow.flow.payload import DEFAULT_ID, DEFAULT_TIME, json_or_text, put_event

UNQUALIFIED = 6  # colons in the ARN of a function that names neither version nor alias


def scheduled_event(arn: str, *, source: str, id: str = DEFAULT_ID, time: str = DEFAULT_TIME) -> dict[str, Any]:
    """What a rule (`aws.events`) or schedule (`aws.scheduler`) sends unless its target has an input of its own."""
    region, account = place(arn)
    event = {"source": source, "detail-type": "Scheduled Event", "resources": [arn]}
    return put_event(event, account=account, region=region, id=id, time=time)


def schedule_input(schedule: Schedule, *, id: str = DEFAULT_ID, time: str = DEFAULT_TIME) -> Any:
    """What a schedule's target receives: its Input with the context attributes filled in, or the default event.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    if schedule.target.input is None:
        return {**scheduled_event(schedule.arn, source="aws.scheduler", id=id, time=time), "detail": "{}"}
    return (
        schedule.target.input.replace("<aws.scheduler.schedule-arn>", schedule.arn)
        .replace("<aws.scheduler.scheduled-time>", time)
        .replace("<aws.scheduler.execution-id>", id)
        .replace("<aws.scheduler.attempt-number>", "1")
    )


def schedule_event(schedule: Schedule, *, id: str = DEFAULT_ID, time: str = DEFAULT_TIME) -> dict[str, Any]:
    """What a schedule puts on a bus: its input is the detail, its target says the source and the detail-type.

    https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EventBridgeParameters.html
    """
    region, account = place(schedule.arn)
    target, detail = schedule.target, json_or_text(schedule_input(schedule, id=id, time=time))
    entry = {"source": target.event_source or "", "detail-type": target.detail_type or "", "detail": detail}
    return put_event(entry, account=account, region=region, id=id, time=time)


def alarm_message(name: str, arn: str, state: str) -> dict[str, Any]:
    """The message of an alarm on a topic.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
    """
    return {
        "AlarmName": name,
        "AlarmDescription": None,
        "AWSAccountId": place(arn)[1],
        "NewStateValue": state,
        "OldStateValue": "OK",
        "NewStateReason": "EXAMPLE",
        "StateChangeTime": DEFAULT_TIME,
        "AlarmArn": arn,
    }


def invocation_record(
    function_arn: str,
    request: Any,
    *,
    condition: str = "Success",
    count: int = 1,
    answer: Mapping[str, Any] | None = None,
    id: str = DEFAULT_ID,
    time: str = DEFAULT_TIME,
) -> dict[str, Any]:
    """What Lambda sends to a destination. `answer` is `responseContext` and `responsePayload`; empty where there was none.

    Without `answer` it is a success, of which the template does not tell what the function returned.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    success = {
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": Unknown("what the function returns"),
    }
    qualified = function_arn if function_arn.count(":") > UNQUALIFIED else f"{function_arn}:$LATEST"
    return {
        "version": "1.0",
        "timestamp": time,
        "requestContext": {"requestId": id, "functionArn": qualified, "condition": condition, "approximateInvokeCount": count},
        "requestPayload": request,
        **(success if answer is None else answer),
    }


def destination_event(record: Mapping[str, Any], bus_arn: str, *, id: str = DEFAULT_ID, time: str = DEFAULT_TIME) -> dict[str, Any]:
    """The event by which Lambda puts an invocation record on a bus."""
    request = record["requestContext"]
    ending = "Success" if request["condition"] == "Success" else "Failure"
    region, account = place(bus_arn)
    entry = {"source": "lambda", "detail-type": f"Lambda Function Invocation Result - {ending}", "detail": record}
    return put_event({**entry, "resources": [bus_arn, request["functionArn"]]}, account=account, region=region, id=id, time=time)
