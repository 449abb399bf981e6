"""Batches of SQS messages whose bodies are EventBridge events, delivered raw."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
from pydantic import Json

from shared.events import OrderSubmitted


class OrderRecord(SqsRecordModel):
    """One message with a submitted order."""

    body: Json[OrderSubmitted]


class LoudBatch(BatchProcessor):
    """Says of each failed message which it is, why, and counts it.

    Lambda's own `Errors` metric counts only batches of which nothing succeeded.
    """

    def __init__(self, model: type[SqsRecordModel], logger: Logger, metrics: Metrics) -> None:
        super().__init__(event_type=EventType.SQS, model=model)
        self.log = logger
        self.metrics = metrics

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """`record` is the model, or the raw record where the message does not fit the model."""
        message_id = record.messageId if isinstance(record, SqsRecordModel) else record.message_id
        self.log.warning("failed", exc_info=exception, extra={"message_id": message_id})
        self.metrics.add_metric(name="RecordsFailed", unit=MetricUnit.Count, value=1)
        return super().failure_handler(record, exception)
