"""EF2xx: places where a message that fails is gone."""

from collections.abc import Iterator, Mapping

from cdk_event_flow.flow.dead_letters import dead_letters_of
from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import (
    JSON,
    AsyncConfig,
    EventSourceMapping,
    Queue,
    Rule,
    Schedule,
    Subscription,
    Topic,
)
from cdk_event_flow.flow.readers.resource import as_list, as_mapping
from cdk_event_flow.flow.sources import Alarm
from cdk_event_flow.flow.ways import invoked
from cdk_event_flow.flow.workers import consumed_queues

RULE_DLQ = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"
SNS_DLQ = "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"
SQS_DLQ = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"
SQS_METRICS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
PARTIAL = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"
ASYNC = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"
SCHEDULER_DLQ = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html"
LAMBDA_WITH_SQS = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
ADVISED_RECEIVES = 5  # see LAMBDA_WITH_SQS
ARN_PARTS = 6
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60}


@finds(
    "EF201",
    "warning",
    "Rule target without dead letters",
    why="After 24 hours of failed attempts an event is dropped",
    docs=RULE_DLQ,
)
def targets_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Targets of rules."""
    for rule in flow.of(Rule):
        for target in rule.targets:
            if target.dead_letter_arn is None:
                yield Found(rule, f"The target {target.id} has no dead-letter queue.", "Give the target a dead-letter queue.")


@finds(
    "EF202",
    "warning",
    "Subscription without dead letters",
    why="A message that cannot be delivered is dropped",
    docs=SNS_DLQ,
)
def subscriptions_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Subscriptions of queues and functions."""
    for subscription in flow.of(Subscription):
        if subscription.protocol in ("sqs", "lambda") and subscription.dead_letter_arn is None:
            yield Found(subscription, "The subscription has no dead-letter queue.", "Give the subscription a redrive policy.")


@finds(
    "EF203",
    "warning",
    "Consumed queue without dead letters",
    why="A message that always fails is retried until its retention ends, then gone",
    docs=SQS_DLQ,
)
def queues_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Queues that a function or workers consume."""
    for arn in sorted(consumed_queues(flow)):
        queue = flow.nodes.get(arn)
        if isinstance(queue, Queue) and queue.dead_letter_arn is None:
            yield Found(queue, "The queue is consumed and has no dead-letter queue.", "Give the queue a redrive policy.")


@finds(
    "EF204",
    "warning",
    "Dead letters kept no longer than the queue's messages",
    why="In a standard dead-letter queue the clock started when the message was first sent: it may be gone before anybody looks",
    docs=SQS_DLQ,
)
def dead_letters_kept_too_short(flow: Flow) -> Iterator[Found]:
    """Standard dead-letter queues of queues."""
    for queue in flow.of(Queue):
        dead = flow.nodes.get(queue.dead_letter_arn or "")
        if not isinstance(dead, Queue) or not all(each.tells("MessageRetentionPeriod") for each in (dead, queue)):
            continue
        if not dead.fifo and dead.retention <= queue.retention:
            yield Found(
                dead,
                f"Dead letters are kept {_said(dead.retention)}, the messages of {queue.path} {_said(queue.retention)}.",
                "Keep dead letters for 14 days (1,209,600 seconds).",
            )


@finds(
    "EF205",
    "warning",
    "Batches without partial responses",
    why="One record that fails brings the whole batch back, and the others are done again",
    docs=PARTIAL,
)
def batches_without_partial_responses(flow: Flow) -> Iterator[Found]:
    """Mappings of queues that take more than one record at a time."""
    for mapping in flow.of(EventSourceMapping):
        told = mapping.tells("BatchSize", "FunctionResponseTypes")
        if told and ":sqs:" in mapping.source_arn and mapping.batch_size > 1 and not mapping.partial_failures:
            yield Found(
                mapping,
                f"Batches of up to {mapping.batch_size} records succeed or fail as one.",
                "Turn ReportBatchItemFailures on, and return batchItemFailures from the handler.",
            )


@finds("EF206", "error", "FIFO dead letters of a rule", why="EventBridge takes standard queues only and refuses this", docs=RULE_DLQ)
def fifo_dead_letters_of_rules(flow: Flow) -> Iterator[Found]:
    """Targets of rules and schedules."""
    holders = [(rule, target) for rule in flow.of(Rule) for target in rule.targets]
    for node, target in [*holders, *((schedule, schedule.target) for schedule in flow.of(Schedule))]:
        dead = flow.nodes.get(target.dead_letter_arn or "")
        if isinstance(dead, Queue) and dead.fifo:
            yield Found(node, f"The dead-letter queue of the target {target.id} is FIFO.", "Use a standard queue.")


@finds(
    "EF207",
    "error",
    "Subscription's dead letters of the wrong kind",
    why="A FIFO topic wants a FIFO queue for its dead letters, a standard topic a standard one; SNS refuses the other",
    docs=SNS_DLQ,
)
def dead_letters_of_the_wrong_kind(flow: Flow) -> Iterator[Found]:
    """Subscriptions whose dead-letter queue does not fit their topic."""
    for subscription in flow.of(Subscription):
        topic, dead = flow.nodes.get(subscription.topic_arn), flow.nodes.get(subscription.dead_letter_arn or "")
        if isinstance(topic, Topic) and isinstance(dead, Queue) and topic.fifo is not dead.fifo:
            wanted = "FIFO" if topic.fifo else "standard"
            yield Found(subscription, f"The topic is {wanted}, its dead-letter queue is not.", f"Use a {wanted} queue.")


@finds(
    "EF208",
    "error",
    "Queue's dead letters of the wrong kind",
    why="A FIFO queue wants a FIFO queue for its dead letters, a standard queue a standard one; SQS refuses the other",
    docs=SQS_DLQ,
)
def redrive_to_the_wrong_kind(flow: Flow) -> Iterator[Found]:
    """Queues whose dead-letter queue is not of their kind."""
    for queue in flow.of(Queue):
        dead = flow.nodes.get(queue.dead_letter_arn or "")
        if isinstance(dead, Queue) and dead.fifo is not queue.fifo:
            wanted = "FIFO" if queue.fifo else "standard"
            yield Found(queue, f"The queue is {wanted}, its dead-letter queue is not.", f"Use a {wanted} queue.")


@finds(
    "EF209",
    "warning",
    "Asynchronous function without dead letters",
    why="An event that fails at every attempt, or waits until it is too old, is dropped",
    docs=ASYNC,
)
def asynchronous_functions_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Functions invoked by rules, schedules and topics, with neither a dead-letter target nor a failure destination."""
    arns = [target.arn for rule in flow.of(Rule) for target in rule.targets]
    arns += [schedule.target.arn for schedule in flow.of(Schedule)]
    arns += [subscription.endpoint for subscription in flow.of(Subscription)]
    configs = {invoked(config): config for config in flow.of(AsyncConfig)}
    for arn in dict.fromkeys(arns):
        function, config = flow.function(arn), configs.get(arn, _USUAL)
        if function is not None and function.dead_letter_arn is None and config.on_failure is None:
            yield Found(
                function,
                f"Failed asynchronous events are not kept{_dropped(config)}.",
                "Give the function a dead-letter queue or a failure destination.",
            )


_USUAL = AsyncConfig(logical_id="", arn="", name="", path="", function_arn="")


def _dropped(config: AsyncConfig) -> str:
    """When Lambda gives an event up, where the template tells."""
    if not config.tells("MaximumRetryAttempts", "MaximumEventAgeInSeconds"):
        return ""
    attempts = f"{config.retries + 1} attempts" if config.retries else "one attempt"
    return f": after {attempts}, or {_said(config.max_age)}, they are dropped"


@finds("EF210", "warning", "Schedule without dead letters", why="After its retries an invocation is dropped", docs=SCHEDULER_DLQ)
def schedules_without_dead_letters(flow: Flow) -> Iterator[Found]:
    """Schedules of EventBridge Scheduler."""
    for schedule in flow.of(Schedule):
        if schedule.target.dead_letter_arn is None:
            yield Found(schedule, "The schedule's target has no dead-letter queue.", "Give the target a dead-letter queue.")


@finds(
    "EF211",
    "warning",
    "Few receives before dead letters",
    why="Throttled batches count as receives: AWS advises at least five for a queue that a function consumes",
    docs=LAMBDA_WITH_SQS,
)
def few_receives(flow: Flow) -> Iterator[Found]:
    """Consumed queues whose messages are dead-lettered after fewer than five receives."""
    for arn in dict.fromkeys(mapping.source_arn for mapping in flow.of(EventSourceMapping)):
        queue = flow.nodes.get(arn)
        if isinstance(queue, Queue) and queue.max_receives is not None and queue.max_receives < ADVISED_RECEIVES:
            yield Found(queue, f"The queue's maxReceiveCount is {queue.max_receives}.", "Set maxReceiveCount to 5 or more.")


@finds(
    "EF212",
    "warning",
    "Dead letters that nobody is told of",
    why="A dead-letter queue without an alarm fills in silence",
    docs=SQS_METRICS,
)
def dead_letters_without_alarm(flow: Flow) -> Iterator[Found]:
    """Queues of dead letters, and of batches that failed, without an alarm on their visible messages, and without a consumer."""
    watched = {str(dimension.get("Value")) for alarm in flow.of(Alarm) for dimension in _dimensions(alarm.properties)}
    consumed = consumed_queues(flow)
    dead = [each.queue for each in dead_letters_of(flow) if each.kind != "destination"]
    failed = [mapping.on_failure for mapping in flow.of(EventSourceMapping)]
    for queue in (flow.nodes.get(str(arn)) for arn in dict.fromkeys((*dead, *failed))):
        if isinstance(queue, Queue) and queue.name not in watched and queue.arn not in consumed:
            yield Found(
                queue,
                "No alarm watches this dead-letter queue.",
                "Alarm on ApproximateNumberOfMessagesVisible above 0 (NumberOfMessagesSent does not count dead letters).",
            )


@finds(
    "EF213",
    "error",
    "Subscription's dead letters elsewhere",
    why="The dead-letter queue must be in the topic's account and region",
    docs=SNS_DLQ,
)
def dead_letters_elsewhere(flow: Flow) -> Iterator[Found]:
    """Subscriptions whose dead-letter queue is in another account or region than their topic."""
    for subscription in flow.of(Subscription):
        here, there = subscription.topic_arn.split(":"), str(subscription.dead_letter_arn or "").split(":")
        if len(here) == len(there) == ARN_PARTS and here[3:5] != there[3:5]:
            yield Found(
                subscription,
                f"The dead-letter queue is in {there[3]} of account {there[4]}, the topic in {here[3]} of account {here[4]}.",
                "Use a queue of the topic's account and region.",
            )


def _dimensions(properties: Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    """The dimensions of an alarm, of its one metric or of each of its metrics."""
    metrics = (as_mapping(as_mapping(each).get("MetricStat")) for each in as_list(properties.get("Metrics")))
    for holder in (properties, *(as_mapping(each.get("Metric")) for each in metrics)):
        yield from map(as_mapping, as_list(holder.get("Dimensions")))


def _said(seconds: int) -> str:
    """In the largest unit of which it is a whole number."""
    unit, size = next(((unit, size) for unit, size in _UNITS.items() if seconds % size == 0), ("second", 1))
    return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
