"""Amazon CloudWatch, as far as the figures of queues, functions, rules and topics are asked for; the rest is moto's."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.messages import Place
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.services.service import Result, Service
from cdk_event_flow.local.trace import Attempt, Delivery, State
from cdk_event_flow.local.wire import Caller

Sample = tuple[float, float]  # epoch seconds, value
"""Of what is counted, a 1 when it happened; of what is measured, the value at that time."""


STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "Sum": sum, "Maximum": max, "Minimum": min, "SampleCount": lambda v: float(len(v)), "Average": lambda v: sum(v) / len(v),
}  # fmt: skip


class Samples:
    """What the run measures: queues as they are, and what `deliveries` tell. Of other namespaces there is nothing."""

    namespaces = ("AWS/SQS", "AWS/Lambda", "AWS/Events", "AWS/SNS")

    def __init__(self, engine: Engine, deliveries: Callable[[], Iterator[Delivery]]) -> None:
        self._engine = engine
        self._deliveries = deliveries
        self._sources: dict[str, Callable[[str, Mapping[str, str]], Iterator[Sample]]] = {
            "AWS/SQS": self._of_queue,
            "AWS/Lambda": self._of_function,
            "AWS/Events": self._of_rule,
            "AWS/SNS": self._of_topic,
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
        }
        if metric in measured:
            yield now, measured[metric](queue)
        elif metric == "ApproximateAgeOfOldestMessage" and len(queue):
            yield now, now - min(message.sent_at for message in queue)
        elif metric in ("NumberOfMessagesSent", "NumberOfMessagesDeleted"):
            for each in self._deliveries():
                if each.node == queue.node.arn and metric == "NumberOfMessagesSent":
                    yield each.at, 1.0
                elif each.node == queue.node.arn and each.state is State.PROCESSED:
                    yield each.ended_at, 1.0

    def _of_function(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        arn = self._engine.functions.resolve(dimensions.get("FunctionName", ""))
        told: set[str] = set()
        for delivery in self._deliveries():
            for attempt in delivery.attempts:
                # A batch is one invocation, though each of its messages tells of it.
                key = attempt.request_id or attempt.trace_id
                if arn and attempt.ended and attempt.function.startswith(arn) and key and key not in told:
                    told.add(key)
                    yield from _of_attempt(metric, attempt)

    def _of_rule(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        name, bus = dimensions.get("RuleName"), dimensions.get("EventBusName", "default")
        names = {
            self._engine.hub.post.name(rule.arn)
            for each in self._engine.buses if each.name == bus for rule in each.rules if rule.name == name
        }  # fmt: skip
        for each in self._deliveries():
            counts = metric == "Invocations" or (metric == "FailedInvocations" and _not_delivered(each))
            if counts and each.via in names:
                yield each.at, 1.0

    def _of_topic(self, metric: str, dimensions: Mapping[str, str]) -> Iterator[Sample]:
        topic = self._engine.topic(dimensions.get("TopicName", ""))
        for each in self._deliveries():
            if topic and each.node == topic.node.arn:
                failed = [child for child in each.children if _not_delivered(child)]
                counts = {
                    "NumberOfMessagesPublished": 1,
                    "NumberOfNotificationsDelivered": len(each.children) - len(failed),
                    "NumberOfNotificationsFailed": len(failed),
                }
                yield from ((each.at, 1.0) for _ in range(counts.get(metric, 0)))


class CloudWatch(Service):
    """GetMetricData of the namespaces AWS/SQS, AWS/Lambda, AWS/Events and AWS/SNS, read from the queues and the trace."""

    name = "monitoring"
    model_name = "cloudwatch"

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        trace = engine.hub.trace
        self._samples = Samples(engine, lambda: (delivery for root in trace.roots for delivery in root.walk()))
        self.operations = {"GetMetricData": self._get_metric_data}

    def knows(self, operation: str, parameters: Mapping[str, Any]) -> bool:
        """See Service. One query of another namespace, or an expression, makes a request moto's."""
        queries = parameters.get("MetricDataQueries") or ()
        return super().knows(operation, parameters) and all(
            query.get("MetricStat", {}).get("Metric", {}).get("Namespace") in Samples.namespaces for query in queries
        )

    def _get_metric_data(self, parameters: dict[str, Any], _: Caller) -> Result:
        # Whoever asks has this machine's clock; a fast run's is ahead of it.
        offset = self._engine.hub.clock.offset
        begin, end = (parameters[which].timestamp() + offset for which in ("StartTime", "EndTime"))
        return {"MetricDataResults": [self._result(query, begin, end + 1) for query in parameters["MetricDataQueries"]]}

    def _result(self, query: Mapping[str, Any], begin: float, end: float) -> Result:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()}
        values = [v for at, v in self._samples.of(metric["Namespace"], metric["MetricName"], dimensions) if begin <= at <= end]
        # All of it is one value: what is asked for here is a time and not its course.
        found = [STATISTICS[stat["Stat"]](values)] if values else []
        return {
            "Id": query["Id"],
            "Label": metric["MetricName"],
            "StatusCode": "Complete",
            "Values": found,
            "Timestamps": [begin] * len(found),
        }


def _not_delivered(delivery: Delivery) -> bool:
    """Whether the receiver never took it: what a queue or function took and could not process is another matter."""
    return delivery.state in (State.DEAD_LETTERED, State.DROPPED) and bool(delivery.attempts) and not delivery.attempts[-1].trace_id


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
