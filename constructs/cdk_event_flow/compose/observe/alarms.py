"""The alarms every consumer has, each with a sentence saying what to do."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from constructs import Construct


def dead_letters_alarm(scope: Construct, id: str, queue: sqs.IQueue) -> cloudwatch.CfnAlarm:
    """Fires when one dead letter is visible (`NumberOfMessagesSent` would not count redriven messages)."""
    return _alarm(
        scope, id, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue.queue_name}, "Maximum", 0,
        "Messages could not be processed. Read one with `event-flow dlq show`, mend the cause, then redrive.",
    )  # fmt: skip


def oldest_message_alarm(scope: Construct, id: str, queue: sqs.IQueue, *, promise: int) -> cloudwatch.CfnAlarm:
    """Fires when the oldest message waits longer than the consumer's `promise`, in seconds."""
    return _alarm(
        scope, id, "AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue.queue_name}, "Maximum", promise,
        "The consumer falls behind or fails. Look at its errors and throttles, then at what it depends on.",
    )  # fmt: skip


def errors_alarm(scope: Construct, id: str, function: lambda_.IFunction, alias_name: str) -> cloudwatch.CfnAlarm:
    """Fires on an invocation of the alias that failed; a release is rolled back by it."""
    dimensions = {"FunctionName": function.function_name, "Resource": f"{function.function_name}:{alias_name}"}
    return _alarm(
        scope, id, "AWS/Lambda", "Errors", dimensions, "Sum", 0,
        "Invocations fail. Read the function's log for the error; if it began with a release, roll back.",
    )  # fmt: skip


def untold_alarm(scope: Construct, id: str, function: lambda_.IFunction) -> cloudwatch.CfnAlarm:
    """Fires when Lambda could not tell a destination of an asynchronous invocation: that record is lost."""
    return _alarm(
        scope, id, "AWS/Lambda", "DestinationDeliveryFailures", {"FunctionName": function.function_name}, "Sum", 0,
        "A record for a destination is lost. Look whether the destination is there, and the role and its key let Lambda send.",
    )  # fmt: skip


def throttles_alarm(scope: Construct, id: str, function: lambda_.IFunction) -> cloudwatch.CfnAlarm:
    """Fires when Lambda refused an invocation for want of concurrency."""
    return _alarm(
        scope, id, "AWS/Lambda", "Throttles", {"FunctionName": function.function_name}, "Sum", 0,
        "Concurrency ran out. Raise the reserved concurrency, or the account's, or slow the producers.",
    )  # fmt: skip


def iterator_age_alarm(scope: Construct, id: str, function: lambda_.IFunction) -> cloudwatch.CfnAlarm:
    """Fires when the last record of a batch had waited 15 minutes in its stream: records are lost when they expire."""
    return _alarm(
        scope, id, "AWS/Lambda", "IteratorAge", {"FunctionName": function.function_name}, "Maximum", 15 * 60 * 1_000,
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
        alarm_description=f"{cdk.Names.unique_resource_name(scope, separator=' ', max_length=120)}: {what_to_do}",
        namespace=namespace,
        metric_name=metric,
        dimensions=[{"name": name, "value": value} for name, value in dimensions.items()],
        statistic=statistic,
        period=60,
        evaluation_periods=1,
        threshold=threshold,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
    )
