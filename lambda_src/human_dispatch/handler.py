"""Sends a human where packing failed."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Json

from roster import dispatch_for
from shared.batches import LoudBatch
from shared.events import PackingFailed


class FailureRecord(SqsRecordModel):
    """One message with a failure."""

    body: Json[PackingFailed]


logger = Logger(service="human-dispatch")
tracer = Tracer(service="human-dispatch")
metrics = Metrics(namespace="OrderPacking", service="human-dispatch")
processor = LoudBatch(FailureRecord, logger, metrics)


@tracer.capture_method(capture_response=False)
def dispatch(record: FailureRecord) -> None:
    """Call the team out. Saying it twice does no harm: a team that is on its way stays on its way."""
    failure = record.body.detail
    sent = dispatch_for(failure)
    metrics.add_metric(name="HumansDispatched", unit=MetricUnit.Count, value=1)
    logger.info(
        "dispatched",
        extra={"order_id": failure.order_id, "sku": failure.sku, "team": sent.team, "within_minutes": sent.minutes},
    )


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Dispatch for a batch of failures. A message that fails is received again; the others are done."""
    return process_partial_response(event=event, record_handler=dispatch, processor=processor, context=context)
