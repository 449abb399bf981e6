"""Bills submitted orders: once each, whatever is delivered twice."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.idempotency import idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext

from charges import charge
from shared.batches import LoudBatch, OrderRecord
from shared.events import Order
from shared.idempotency import BILLING, once_per_order, persistence

logger = Logger(service="billing")
tracer = Tracer(service="billing")
metrics = Metrics(namespace="OrderPacking", service="billing")
processor = LoudBatch(OrderRecord, logger, metrics)
once = once_per_order(metrics)


@tracer.capture_method(capture_response=False)
def bill(record: OrderRecord) -> None:
    """Bill one message's order."""
    order = record.body.detail
    with logger.append_context_keys(order_id=order.order_id):
        bill_order(order=order)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools declares that it returns Any
    data_keyword_argument="order", persistence_store=persistence, config=once, key_prefix=BILLING
)
def bill_order(order: Order) -> dict[str, str]:
    """Charge the order. The answer is remembered, and given again when the order comes again."""
    charged = charge(order)
    metrics.add_metric(name="OrdersBilled", unit=MetricUnit.Count, value=1)
    logger.info("billed", extra={"amount": str(charged.amount), "currency": charged.currency})
    return {"order_id": charged.order_id, "amount": str(charged.amount), "currency": charged.currency}


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Bill a batch. A message that fails is received again; the others are done."""
    once.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=bill, processor=processor, context=context)
