"""Packs submitted orders; what cannot be packed is announced as `PackingFailed`."""

import json
import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.idempotency import idempotent_function
from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Json

from boxes import CannotPack, boxes_for
from shared.events import Order, OrderSubmitted
from shared.idempotency import once_per_order, persistence


class OrderRecord(SqsRecordModel):
    """One message: its body is the event, delivered raw."""

    body: Json[OrderSubmitted]


logger = Logger(service="packing")
tracer = Tracer(service="packing")
metrics = Metrics(namespace="OrderPacking", service="packing")
processor = BatchProcessor(event_type=EventType.SQS, model=OrderRecord)
once = once_per_order()
bus = boto3.client("events")


class NotPublished(Exception):
    """EventBridge did not take the event; the record is tried again."""


@tracer.capture_method(capture_response=False)
def pack(record: OrderRecord) -> dict[str, Any]:
    """Pack one message's order."""
    order = record.body.detail
    logger.append_keys(order_id=order.order_id)
    return pack_order(order=order.model_dump(mode="json"))


@idempotent_function(data_keyword_argument="order", persistence_store=persistence, config=once)
def pack_order(order: dict[str, Any]) -> dict[str, Any]:
    """Choose the boxes, or announce the failure. The answer is remembered, and given again when the order comes again."""
    parsed = Order.model_validate(order)
    try:
        boxes = boxes_for(parsed.items)
    except CannotPack as failure:
        logger.warning("cannot be packed", extra={"reason": str(failure)})
        announce({"order_id": parsed.order_id, "reason": "too-heavy", "sku": failure.item.sku})
        metrics.add_metric(name="OrdersNotPacked", unit=MetricUnit.Count, value=1)
        return {"order_id": parsed.order_id, "boxes": []}
    metrics.add_metric(name="OrdersPacked", unit=MetricUnit.Count, value=1)
    logger.info("packed", extra={"boxes": boxes})
    return {"order_id": parsed.order_id, "boxes": boxes}


@tracer.capture_method(capture_response=False)
def announce(failure: dict[str, str]) -> None:
    """Put `PackingFailed` on the bus. EventBridge answers 200 also when it refused an entry, so the count is read."""
    entry = {
        "EventBusName": os.environ["EVENT_BUS_NAME"],
        "Source": "shop.packing",
        "DetailType": "PackingFailed",
        "Detail": json.dumps(failure),
    }
    answer = bus.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise NotPublished(answer["Entries"][0].get("ErrorMessage", "refused without a reason"))


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Pack a batch. A message that fails is received again; the others are done."""
    once.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=pack, processor=processor, context=context)
