"""The alarms every consumer has, each with a sentence saying what to do.

What calls for the same look is joined into one alarm by metric math: the errors and throttles of a function, the dead letters of
a queue and the age of its oldest message. The context `cdk-event-flow:single-alarms` (True, for an app or a stack) makes one
alarm of each, for teams that answer them differently.
"""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.known import path_of, value_of
from constructs import Construct

SINGLE_ALARMS = "cdk-event-flow:single-alarms"
LETTERS = "Messages could not be processed. Read one with `event-flow dlq show`, mend the cause, then redrive."
OLDEST = "The consumer falls behind or fails. Look at its errors and throttles, then at what it depends on."
ERRORS = "Invocations fail. Read the function's log for the error; if it began with a release, roll back."
THROTTLES = "Concurrency ran out. Raise the reserved concurrency, or the account's, or slow the producers."
_ALWAYS: dict[str, Any] = {
    "evaluation_periods": 1,
    "comparison_operator": "GreaterThanThreshold",
    "treat_missing_data": "notBreaching",
}


def single_alarms(scope: Construct) -> bool:
    """Whether each metric shall have an alarm of its own here."""
    return bool(value_of(scope, SINGLE_ALARMS, lambda stack: stack.node.try_get_context(SINGLE_ALARMS)))


def dead_letters_alarm(scope: Construct, id: str, queue: sqs.IQueue) -> cloudwatch.CfnAlarm:
    """Fires when one dead letter is visible (`NumberOfMessagesSent` would not count redriven messages)."""
    return _alarm(scope, id, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue.queue_name}, "Maximum", 0, LETTERS)


def oldest_message_alarm(scope: Construct, id: str, queue: sqs.IQueue, *, promise: int) -> cloudwatch.CfnAlarm:
    """Fires when the oldest message waits longer than the consumer's `promise`, in seconds."""
    return _alarm(scope, id, "AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue.queue_name}, "Maximum", promise, OLDEST)


def consumer_alarm(scope: Construct, id: str, *, letters_arn: str, queue_arn: str, promise: int) -> cloudwatch.CfnAlarm:
    """Fires when one dead letter is visible, or the oldest message waits longer than `promise` seconds.

    The queues are named out of their ARNs, which are known.
    """
    # One letter counts for more than the promise. MAX takes what there is; FILL says 0 for a queue that SQS tells nothing of.
    metrics = {
        "letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": _name_in(letters_arn)}, "Maximum"),
        "age": ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": _name_in(queue_arn)}, "Maximum"),
    }
    what_to_do = f"There are dead letters, or the oldest message is over {promise} seconds old. {LETTERS} {OLDEST}"
    worst = f"MAX([FILL(letters, 0) * {promise + 1}, FILL(age, 0)])"
    return _joined(scope, id, worst, metrics, promise, what_to_do, intrinsics=True)


def function_alarms(scope: Construct, name: str, alias_name: str) -> tuple[cloudwatch.CfnAlarm, ...]:
    """Fire on an invocation of the alias that failed, or one that Lambda refused for want of concurrency; releases are rolled
    back by them. One alarm, or one of each; `name` is the function's."""
    errors = {"FunctionName": name, "Resource": f"{name}:{alias_name}"}
    if single_alarms(scope):
        return (
            _alarm(scope, "Errors", "AWS/Lambda", "Errors", errors, "Sum", 0, ERRORS),
            _alarm(scope, "Throttles", "AWS/Lambda", "Throttles", {"FunctionName": name}, "Sum", 0, THROTTLES),
        )
    metrics = {
        "errors": ("AWS/Lambda", "Errors", errors, "Sum"),
        "throttles": ("AWS/Lambda", "Throttles", {"FunctionName": name}, "Sum"),
    }
    what_to_do = f"Errors: {ERRORS} Throttles: {THROTTLES}"
    return (_joined(scope, "Errors", "SUM([FILL(errors, 0), FILL(throttles, 0)])", metrics, 0, what_to_do),)


def untold_alarm(scope: Construct, id: str, name: str) -> cloudwatch.CfnAlarm:
    """Fires when Lambda could not tell a destination of an asynchronous invocation of the function: that record is lost."""
    return _alarm(
        scope, id, "AWS/Lambda", "DestinationDeliveryFailures", {"FunctionName": name}, "Sum", 0,
        "A record for a destination is lost. Look whether the destination is there, and the role and its key let Lambda send.",
    )  # fmt: skip


def iterator_age_alarm(scope: Construct, id: str, name: str) -> cloudwatch.CfnAlarm:
    """Fires when the last record of a batch had waited 15 minutes in its stream: records are lost when they expire."""
    return _alarm(
        scope, id, "AWS/Lambda", "IteratorAge", {"FunctionName": name}, "Maximum", 15 * 60 * 1_000,
        "The function falls behind its stream, or one batch holds up a shard. Look at its errors, then give it more shards, "
        "parallel batches or memory.",
    )  # fmt: skip


def pipe_alarm(scope: Construct, id: str, pipe_name: str) -> cloudwatch.CfnAlarm:
    """Fires when a pipe could not hand a batch on: its records come again, until they are given up."""
    return _alarm(
        scope, id, "AWS/EventBridge/Pipes", "ExecutionFailed", {"PipeName": pipe_name}, "Sum", 0,
        "Records are not handed on. Read the pipe's log for the step that failed: enrichment or target, and its answer.",
    )  # fmt: skip


def _alarm(
    scope: Construct,
    id: str,
    namespace: str,
    metric: str,
    dimensions: dict[str, str],
    statistic: str,
    threshold: int,
    what_to_do: str,
) -> cloudwatch.CfnAlarm:
    return cloudwatch.CfnAlarm(
        scope,
        id,
        alarm_description=_described(scope, id, what_to_do),
        namespace=namespace,
        metric_name=metric,
        dimensions=[{"name": name, "value": value} for name, value in dimensions.items()],
        statistic=statistic,
        period=60,
        threshold=threshold,
        **_ALWAYS,
    )


def _joined(
    scope: Construct,
    id: str,
    expression: str,
    metrics: Mapping[str, tuple[str, str, Mapping[str, Any], str]],
    threshold: int,
    what_to_do: str,
    intrinsics: bool = False,
) -> cloudwatch.CfnAlarm:
    """One alarm on an expression of several metrics: by its name, each one's namespace, metric, dimensions and statistic.

    The CDK's own alarm, so that aspects over all alarms find it; its metrics are plain, for an app has many, and the classes for
    their parts check the types of each. As a token they may have intrinsics in place of strings.
    """
    measured = [
        {
            "id": name,
            "metricStat": {
                "metric": {
                    "namespace": namespace,
                    "metricName": metric,
                    "dimensions": [{"name": key, "value": value} for key, value in dimensions.items()],
                },
                "period": 60,
                "stat": statistic,
            },
            "returnData": False,
        }
        for name, (namespace, metric, dimensions, statistic) in metrics.items()
    ]
    all_of_them = [{"id": "worst", "expression": expression, "returnData": True}, *measured]
    return cloudwatch.CfnAlarm(
        scope,
        id,
        alarm_description=_described(scope, id, what_to_do),
        metrics=cdk.Token.as_any(all_of_them) if intrinsics else all_of_them,
        threshold=threshold,
        **_ALWAYS,
    )


def _described(scope: Construct, id: str, what_to_do: str) -> str:
    return f"{path_of(scope)}/{id}: {what_to_do}"


def _name_in(arn: str) -> dict[str, Any]:
    return {"Fn::Select": [5, {"Fn::Split": [":", arn]}]}
