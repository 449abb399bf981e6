"""The alarms every consumer has, each with a sentence saying what to do.

What calls for the same look is joined into one alarm by metric math: the errors and throttles of a function, the dead letters of
a queue and the age of its oldest message. The context `cdk-event-flow:single-alarms` (True, for an app or a stack) makes one
alarm of each, for teams that answer them differently.
"""

from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.known import path_of, stack_of, value_of
from cdk_event_flow.compose.observe.making import Shared, joined, single, summed
from cdk_event_flow.compose.observe.parts import Part, part_of
from constructs import Construct

SINGLE_ALARMS = "cdk-event-flow:single-alarms"
QUIET_AGE = "ApproximateAgeOfOldestMessageInQuietGroups"
LETTERS = "Messages could not be processed. Read one with `event-flow dlq show`, mend the cause, then redrive."
OLDEST = "The consumer falls behind or fails. Look at its errors and throttles, then at what it depends on."
ERRORS = "Invocations fail. Read the function's log for the error; if it began with a release, roll back."
THROTTLES = "Concurrency ran out. Raise the reserved concurrency, or the account's, or slow the producers."
ROUTE = "Events could not be delivered, or not even be kept. Look at the target, its policy and its key, then redrive `Undelivered`."
TOPIC = "Messages are lost: of a subscription that could not keep them, or as their body is no JSON, which the filter reads."
UNTOLD = (
    "An event that failed, or the record of one, is lost. Look whether the dead-letter queue or the destination is there, and the "
    "role and its key let Lambda send."
)
REQUESTS = "Requests are answered with server errors. Read `integrationErrorMessage` in the log of requests, then the function's log."

_UNTOLD: WeakSet[Construct] = WeakSet()
# By where they stand, in this process only.
_SHARED: WeakKeyDictionary[Construct, dict[str, Shared]] = WeakKeyDictionary()


def single_alarms(scope: Construct) -> bool:
    """Whether each metric shall have an alarm of its own here."""
    return bool(value_of(scope, SINGLE_ALARMS, lambda stack: stack.node.try_get_context(SINGLE_ALARMS)))


def dead_letters_alarm(scope: Construct, id: str, queue: sqs.IQueue, *, of: Part | None = None) -> cloudwatch.CfnAlarm:
    """Fires when one dead letter is visible (`NumberOfMessagesSent` would not count redriven messages)."""
    dimensions = {"QueueName": queue.queue_name}
    return single(scope, id, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, "Maximum", 0, LETTERS, of=of)


def oldest_message_alarm(scope: Construct, id: str, queue: sqs.IQueue, *, promise: int, fair: bool = False) -> cloudwatch.CfnAlarm:
    """Fires when the oldest message waits longer than the consumer's `promise`, in seconds."""
    metric = QUIET_AGE if fair else "ApproximateAgeOfOldestMessage"
    return single(scope, id, "AWS/SQS", metric, {"QueueName": queue.queue_name}, "Maximum", promise, OLDEST)


def consumer_alarm(
    scope: Construct, id: str, *, letters_arn: str, queue_arn: str, promise: int, fair: bool = False
) -> cloudwatch.CfnAlarm:
    """Fires when one dead letter is visible, or the oldest message waits longer than `promise` seconds; of a `fair` queue the
    oldest of the groups that are not noisy: a tenant who floods the queue waits for himself.

    The queues are named out of their ARNs, which are known.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
    """
    # One letter counts for more than the promise. MAX takes what there is; FILL says 0 for a queue that SQS tells nothing of.
    metrics = {
        "letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name_in(letters_arn)}, "Maximum"),
        "age": ("AWS/SQS", QUIET_AGE if fair else "ApproximateAgeOfOldestMessage", {"QueueName": name_in(queue_arn)}, "Maximum"),
    }
    oldest = "the oldest message of a quiet group" if fair else "the oldest message"
    what_to_do = f"There are dead letters, or {oldest} is over {promise} seconds old. {LETTERS} {OLDEST}"
    return joined(scope, id, f"MAX([FILL(letters, 0) * {promise + 1}, FILL(age, 0)])", metrics, promise, what_to_do)


def function_alarms(scope: Construct, name: str, alias_name: str) -> tuple[cloudwatch.CfnAlarm, ...]:
    """Fire on an invocation of the alias that failed, or one that Lambda refused for want of concurrency; releases are rolled
    back by them. One alarm, or one of each; `name` is the function's."""
    errors = {"FunctionName": name, "Resource": f"{name}:{alias_name}"}
    if single_alarms(scope):
        return (
            single(scope, "Errors", "AWS/Lambda", "Errors", errors, "Sum", 0, ERRORS),
            single(scope, "Throttles", "AWS/Lambda", "Throttles", {"FunctionName": name}, "Sum", 0, THROTTLES),
        )
    metrics = {
        "errors": ("AWS/Lambda", "Errors", errors, "Sum"),
        "throttles": ("AWS/Lambda", "Throttles", {"FunctionName": name}, "Sum"),
    }
    return (summed(scope, "Errors", metrics, f"Errors: {ERRORS} Throttles: {THROTTLES}"),)


def watch_untold(function: Construct, name: str) -> None:
    """Alarm, once, when Lambda could neither keep an asynchronous invocation that failed as a dead letter, nor tell a destination
    of it: the event, or the record of it, is lost.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    if function in _UNTOLD:
        return
    _UNTOLD.add(function)
    of_function = {"FunctionName": name}
    metrics = {
        "unkept": ("AWS/Lambda", "DeadLetterErrors", of_function, "Sum"),
        "untold": ("AWS/Lambda", "DestinationDeliveryFailures", of_function, "Sum"),
    }
    summed(function, "Untold", metrics, UNTOLD)


def iterator_age_alarm(scope: Construct, id: str, name: str) -> cloudwatch.CfnAlarm:
    """Fires when the last record of a batch had waited 15 minutes in its stream: records are lost when they expire."""
    return single(
        scope, id, "AWS/Lambda", "IteratorAge", {"FunctionName": name}, "Maximum", 15 * 60 * 1_000,
        "The function falls behind its stream, or one batch holds up a shard. Look at its errors, then give it more shards, "
        "parallel batches or memory.",
    )  # fmt: skip


def lag_alarm(scope: Construct, id: str, name: str) -> cloudwatch.CfnAlarm:
    """Fires when a function fell further behind its Kafka topic in each of fifteen minutes: what lag is too much, only its owner
    knows. Of Kafka Lambda has no IteratorAge.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    metrics = {"lag": ("AWS/Lambda", "OffsetLag", {"FunctionName": name}, "Maximum")}
    return joined(
        scope, id, "DIFF(lag)", metrics, 0,
        "The function falls behind its topic, and does not catch up. Look at its errors, then give it more partitions, pollers or "
        "memory.",
        periods=15,
    )  # fmt: skip


def watch_rule(scope: Construct, id: str, path: str, rule: dict[str, Any], *, of: Part | None) -> None:
    """Alarm when the rule at `path` could not deliver an event, or not even keep it as a dead letter; `rule` are its dimensions.

    Five rules of a bus share one. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    metrics = {
        "failed": ("AWS/Events", "FailedInvocations", rule, "Sum"),
        "lost": ("AWS/Events", "InvocationsFailedToBeSentToDlq", rule, "Sum"),
    }
    _shared(scope, id, ROUTE).add(path, metrics, of=of)


def watch_topic(topic: Construct, topic_name: Any) -> None:
    """Alarm when SNS could not even keep what it could not deliver, or dropped a message because its body is no JSON.

    Five topics of a stack share one. https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
    """
    of_topic = {"TopicName": topic_name}
    metrics = {
        "unkept": ("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", of_topic, "Sum"),
        "unread": ("AWS/SNS", "NumberOfNotificationsFilteredOut-InvalidMessageBody", of_topic, "Sum"),
    }
    _shared(stack_of(topic), "TopicsLosing", TOPIC).add(path_of(topic), metrics, of=part_of(topic))


def _shared(scope: Construct, id: str, what_to_do: str) -> Shared:
    shared = _SHARED.setdefault(scope, {})
    return shared.setdefault(id, Shared(scope, id, what_to_do))


def api_alarm(scope: Construct, id: str, api_id: str) -> None:
    """Fires when a request was answered with 500 or more: by the function, or for it when it did not answer in time.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    """
    single(scope, id, "AWS/ApiGateway", "5xx", {"ApiId": api_id}, "Sum", 0, REQUESTS)


def pipe_alarm(scope: Construct, id: str, pipe_name: str) -> cloudwatch.CfnAlarm:
    """Fires when a pipe could not hand a batch on: its records come again, until they are given up."""
    return single(
        scope, id, "AWS/EventBridge/Pipes", "ExecutionFailed", {"PipeName": pipe_name}, "Sum", 0,
        "Records are not handed on. Read the pipe's log for the step that failed: enrichment or target, and its answer.",
    )  # fmt: skip


def name_in(arn: str) -> dict[str, Any]:
    """The name of a queue or topic, which its ARN ends with."""
    return {"Fn::Select": [5, {"Fn::Split": [":", arn]}]}
