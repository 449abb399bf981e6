"""What schedules, alarms and Lambda's destinations send."""

from typing import Any

from cdk_event_flow.flow.model import Schedule, Unknown
from cdk_event_flow.flow.payload import DEFAULT_ID, DEFAULT_TIME, put_event


def scheduled_event(arn: str, *, source: str, id: str = DEFAULT_ID, time: str = DEFAULT_TIME) -> dict[str, Any]:
    """What a rule (`aws.events`) or schedule (`aws.scheduler`) sends unless its target has an input of its own."""
    region, account = arn.split(":")[3:5] if arn.count(":") >= 5 else ("", "")
    event = {"source": source, "detail-type": "Scheduled Event", "resources": [arn], "detail": {}}
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


def alarm_message(name: str, arn: str, state: str) -> dict[str, Any]:
    """The message of an alarm on a topic.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
    """
    return {
        "AlarmName": name,
        "AlarmDescription": None,
        "AWSAccountId": arn.split(":")[4] if arn.count(":") >= 5 else "",
        "NewStateValue": state,
        "OldStateValue": "OK",
        "NewStateReason": "EXAMPLE",
        "StateChangeTime": DEFAULT_TIME,
        "AlarmArn": arn,
    }


def invocation_record(function_arn: str, request: Any) -> dict[str, Any]:
    """What Lambda sends to the destination of a success; the template does not tell what the function returned.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    return {
        "version": "1.0",
        "timestamp": DEFAULT_TIME,
        "requestContext": {
            "requestId": DEFAULT_ID,
            "functionArn": function_arn,
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": request,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": Unknown("what the function returns"),
    }
