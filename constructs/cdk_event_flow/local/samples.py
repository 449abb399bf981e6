"""What the run measures, as CloudWatch would have it: queues as they are, and what the trace tells of all else."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from cdk_event_flow.flow.model import EventSourceMapping, Subscription
from cdk_event_flow.flow.sources import Api, Pipe
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.messages import Place
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.trace import Attempt, Delivery, State
from cdk_event_flow.match.jsons import parse

Sample = tuple[float, float]  # epoch seconds, value
"""Of what is counted, a 1 when it happened; of what is measured, the value at that time."""

STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "Sum": sum, "Maximum": max, "Minimum": min, "SampleCount": lambda v: float(len(v)), "Average": lambda v: sum(v) / len(v),
}  # fmt: skip
# Of each namespace what is measured here; of all else there is nothing.
MEASURED: Mapping[str, frozenset[str]] = {
    "AWS/SQS": frozenset(
        {"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
         "ApproximateAgeOfOldestMessage", "ApproximateNumberOfNoisyGroups", "ApproximateAgeOfOldestMessageInQuietGroups",
         "NumberOfMessagesSent", "NumberOfMessagesDeleted"}),
    "AWS/Lambda": frozenset(
        {"Invocations", "Errors", "Throttles", "RecursiveInvocationsDropped", "Duration", "IteratorAge", "DeadLetterErrors",
         "DestinationDeliveryFailures"}),
    "AWS/Events": frozenset(
        {"Invocations", "FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"}),
    "AWS/SNS": frozenset(
        {"NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed",
         "NumberOfNotificationsFilteredOut", "NumberOfNotificationsFilteredOut-InvalidMessageBody",
         "NumberOfNotificationsRedrivenToDlq", "NumberOfNotificationsFailedToRedriveToDlq"}),
    "AWS/ApiGateway": frozenset({"Count", "4xx", "5xx"}),
    "AWS/EventBridge/Pipes": frozenset({"Invocations", "ExecutionFailed"}),
}  # fmt: skip
_STATUS = re.compile(r"(?:client got|answered) (\d{3})")


class Samples:
    """The samples of an engine, of which `deliveries` tell."""

    def __init__(self, engine: Engine, deliveries: Callable[[], Iterator[Delivery]]) -> None:
        self._engine = engine
        self._deliveries = deliveries
        self._sources: dict[str, Callable[[str, Mapping[str, str]], Iterator[Sample]]] = {
            "AWS/SQS": self._of_queue,
            "AWS/Lambda": self._of_function,
            "AWS/Events": self._of_rule,
            "AWS/SNS": self._of_topic,
            "AWS/ApiGateway": self._of_api,
            "AWS/EventBridge/Pipes": self._of_pipe,
        }

    def of(self, namespace: str, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        """The samples of one metric, in no order."""
        return self._sources[namespace](metric, dimensions)

    def _of_queue(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        now = self._engine.hub.clock.now()
        queue = next((each for each in self._engine.queues if each.name == dimensions.get("QueueName")), None)
        if queue is None:
            return
        measured: dict[str, Callable[[LocalQueue], float]] = {
            "ApproximateNumberOfMessagesVisible": lambda q: q.count(Place.VISIBLE),
            "ApproximateNumberOfMessagesNotVisible": lambda q: q.count(Place.IN_FLIGHT),
            "ApproximateNumberOfMessagesDelayed": lambda q: q.count(Place.DELAYED),
            "ApproximateNumberOfNoisyGroups": lambda q: len(_noisy(q)),
        }
        if metric in measured:
            yield now, measured[metric](queue)
        elif metric == "ApproximateAgeOfOldestMessage" and len(queue):
            yield now, now - min(message.sent_at for message in queue)
        elif metric == "ApproximateAgeOfOldestMessageInQuietGroups":
            noisy = _noisy(queue)
            sent = [message.sent_at for message in queue if message.group_id not in noisy]
            if sent:
                yield now, now - min(sent)
        elif metric in ("NumberOfMessagesSent", "NumberOfMessagesDeleted"):
            for each in self._deliveries():
                if each.node == queue.node.arn and metric == "NumberOfMessagesSent":
                    yield each.at, 1.0
                elif each.node == queue.node.arn and each.state is State.PROCESSED:
                    yield each.ended_at, 1.0

    def _of_function(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        arn = self._engine.functions.resolve(dimensions.get("FunctionName", ""))
        if not arn:
            return
        if metric == "IteratorAge":
            yield from self._behind(arn)
            return
        if metric in ("DeadLetterErrors", "DestinationDeliveryFailures"):
            ways = ("dead letter",) if metric == "DeadLetterErrors" else ("on success", "on failure")
            for each in self._deliveries():
                if each.node.startswith(arn) and not _not_delivered(each):
                    yield from ((lost.ended_at, 1.0) for lost in _lost(each, *ways))
            return
        told: set[str] = set()
        for delivery in self._deliveries():
            for attempt in delivery.attempts:
                # A batch is one invocation, though each of its messages tells of it.
                key = attempt.request_id or attempt.trace_id
                if attempt.ended and attempt.function.startswith(arn) and key and key not in told:
                    told.add(key)
                    yield from _of_attempt(metric, attempt)

    def _behind(self, arn: str) -> Iterator[Sample]:
        """Of each batch of a stream how long its last record, the newest, had waited, in milliseconds."""
        post = self._engine.hub.post
        mappings = self._engine.all(EventSourceMapping)
        streams = {post.name(each.arn) for each in mappings if ":sqs:" not in each.source_arn and each.function_arn.startswith(arn)}
        waited: dict[str, Sample] = {}
        for each in self._deliveries():
            if each.via in streams and each.node.startswith(arn):
                for attempt in each.attempts:
                    age = (attempt.at - each.at) * 1_000
                    key = attempt.request_id or attempt.trace_id or f"{each.id} {attempt.at}"
                    waited[key] = min(waited.get(key, (attempt.at, age)), (attempt.at, age), key=lambda sample: sample[1])
        yield from waited.values()

    def _of_rule(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        name, bus = dimensions.get("RuleName"), dimensions.get("EventBusName", "default")
        names = {
            self._engine.hub.post.name(rule.arn)
            for each in self._engine.buses if each.name == bus for rule in each.rules if rule.name == name
        }  # fmt: skip
        for each in self._deliveries():
            if each.via not in names:
                continue
            counts = {
                "Invocations": True,
                "FailedInvocations": _not_delivered(each),
                "InvocationsSentToDlq": _kept(each),
                "InvocationsFailedToBeSentToDlq": _not_delivered(each) and bool(_lost(each, "dead letter")),
            }
            if counts.get(metric):
                yield each.at, 1.0

    def _of_topic(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        topic = self._engine.topic(dimensions.get("TopicName", ""))
        for each in self._deliveries():
            if topic and each.node == topic.node.arn:
                failed = [child for child in each.children if _not_delivered(child)]
                out = len(topic.subscriptions) - len(each.children)
                unread = [given for given, policy in topic.subscriptions if policy and _unread(given, each.payload)]
                counts = {
                    "NumberOfMessagesPublished": 1,
                    "NumberOfNotificationsDelivered": len(each.children) - len(failed),
                    "NumberOfNotificationsFailed": len(failed),
                    "NumberOfNotificationsFilteredOut": out,
                    "NumberOfNotificationsFilteredOut-InvalidMessageBody": len(unread),
                    "NumberOfNotificationsRedrivenToDlq": sum(map(_kept, failed)),
                    "NumberOfNotificationsFailedToRedriveToDlq": sum(bool(_lost(child, "dead letter")) for child in failed),
                }
                yield from ((each.at, 1.0) for _ in range(counts.get(metric, 0)))

    def _of_api(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        apis = {each.arn for each in self._engine.all(Api) if each.name == dimensions.get("ApiId")}
        for each in self._deliveries():
            if each.node in apis and each.parent is None:
                said = (_STATUS.search(part.reason) for part in each.walk())
                status = next((found[1] for found in said if found), "")
                if metric == "Count" or metric == f"{status[:1]}xx":
                    yield each.at, 1.0

    def _of_pipe(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        """A batch that failed is told of by the attempts of its records, whatever failed: enrichment or target."""
        for pipe in self._engine.all(Pipe):
            if pipe.name != dimensions.get("PipeName"):
                continue
            name, told = self._engine.hub.post.name(pipe.arn), set()
            for each in self._deliveries():
                if each.node != pipe.source_arn and each.via != name:
                    continue
                for attempt in each.attempts:
                    if (key := (attempt.at, attempt.request_id)) not in told:
                        told.add(key)
                        if metric == "Invocations" or attempt.fault or attempt.failed:
                            yield attempt.at, 1.0


def _noisy(queue: LocalQueue) -> set[str]:
    """Groups with 30 messages in flight or more, and more than a tenth of all: SQS looks at shares of processing time as well.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
    """
    in_flight = [message for message in queue if message.place is Place.IN_FLIGHT]
    groups = Counter(message.group_id for message in in_flight if message.group_id is not None)
    return {group for group, number in groups.items() if number >= 30 and number > len(in_flight) / 10}


def _not_delivered(delivery: Delivery) -> bool:
    """Whether the receiver never took it: what a queue or function took and could not process is another matter."""
    return delivery.state in (State.DEAD_LETTERED, State.DROPPED) and bool(delivery.attempts) and not delivery.attempts[-1].trace_id


def _kept(delivery: Delivery) -> bool:
    return delivery.state is State.DEAD_LETTERED and _not_delivered(delivery) and not _lost(delivery, "dead letter")


def _lost(delivery: Delivery, *ways: str) -> list[Delivery]:
    """What should have been kept of it, or told of it, and was not."""
    return [child for child in delivery.children if child.via in ways and child.state is State.DROPPED]


def _unread(subscription: Subscription, body: str) -> bool:
    """Whether a filter of bodies cannot read this one: SNS drops it, and counts it apart."""
    if subscription.filter_scope != "MessageBody":
        return False
    try:
        return not isinstance(parse(body), dict)
    except ValueError:
        return True


def _of_attempt(metric: str, attempt: Attempt) -> Iterator[Sample]:
    throttled = attempt.fault in (Fault.THROTTLED, Fault.RECURSION)
    happened = {
        "Invocations": not throttled,
        "Errors": attempt.fault is not None and not throttled,
        "Throttles": attempt.fault is Fault.THROTTLED,
        "RecursiveInvocationsDropped": attempt.fault is Fault.RECURSION,
    }
    if happened.get(metric):
        yield attempt.at, 1.0
    elif metric in happened and not throttled:
        yield attempt.at, 0.0
    elif metric == "Duration" and not throttled:
        yield attempt.at, attempt.duration_ms
