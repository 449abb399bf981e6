"""Packs submitted orders; what cannot be packed is announced as `PackingFailed`."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.idempotency import idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext

from boxes import CannotPack, boxes_for
from shared.batches import LoudBatch, OrderRecord
from shared.events import Failure, Order
from shared.idempotency import PACKING, once_per_order, persistence

logger = Logger(service="packing")
tracer = Tracer(service="packing")
metrics = Metrics(namespace="OrderPacking", service="packing")
processor = LoudBatch(OrderRecord, logger, metrics)
once = once_per_order(metrics)
bus = boto3.client("events")
BUS_NAME = os.environ["EVENT_BUS_NAME"]


class NotPublished(Exception):
    """EventBridge did not take the event; the record is tried again."""


@tracer.capture_method(capture_response=False)
def pack(record: OrderRecord) -> None:
    """Pack one message's order."""
    order = record.body.detail
    with logger.append_context_keys(order_id=order.order_id):
        pack_order(order=order)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools declares that it returns Any
    data_keyword_argument="order", persistence_store=persistence, config=once, key_prefix=PACKING
)
def pack_order(order: Order) -> dict[str, Any]:
    """Choose the boxes, or announce the failure. The answer is remembered, and given again when the order comes again."""
    answer: dict[str, Any] = {"order_id": order.order_id, "total": str(order.total), "boxes": []}
    try:
        answer["boxes"] = boxes_for(order.items)
    except CannotPack as failure:
        announce(Failure(order_id=order.order_id, reason="too-heavy", sku=failure.item.sku))
        metrics.add_metric(name="OrdersNotPacked", unit=MetricUnit.Count, value=1)
        logger.warning("cannot be packed", extra={"reason": str(failure)})
    else:
        metrics.add_metric(name="OrdersPacked", unit=MetricUnit.Count, value=1)
        logger.info("packed", extra={"boxes": answer["boxes"]})
    return answer


@tracer.capture_method(capture_response=False)
def announce(failure: Failure) -> None:
    """Put `PackingFailed` on the bus. EventBridge answers 200 also when it refused an entry, so the count is read."""
    entry = {
        "EventBusName": BUS_NAME,
        "Source": "shop.packing",
        "DetailType": "PackingFailed",
        "Detail": failure.model_dump_json(),
    }
    answer = bus.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise NotPublished(f"{refused['ErrorCode']}: {refused['ErrorMessage']}")


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Pack a batch. A message that fails is received again; the others are done."""
    once.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=pack, processor=processor, context=context)
