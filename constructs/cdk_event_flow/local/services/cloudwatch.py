"""Amazon CloudWatch, as far as the figures of queues, functions, rules and topics are asked for; the rest is moto's."""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.samples import STATISTICS, Samples
from cdk_event_flow.local.services.service import Result, Service
from cdk_event_flow.local.wire import Caller

OF_METRICS = ("AWS/SQS", "AWS/Lambda", "AWS/Events", "AWS/SNS")  # whose metrics are told; all else is moto's


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
            query.get("MetricStat", {}).get("Metric", {}).get("Namespace") in OF_METRICS for query in queries
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
