"""Charges orders, once each: idempotent by Powertools, and with a payment provider that knows an order's key.

The provider is a folder: one file an order. A kill between the charge and the record of it makes the order come again;
then the provider knows it, as one does. An order that comes again after it was recorded as done is written to `twice`.
"""

import os
from pathlib import Path

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function

provider = Path(os.environ["PROVIDER"])
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
once = IdempotencyConfig(event_key_jmespath="order_id")
processor = BatchProcessor(event_type=EventType.SQS)


def take(record):
    order = record.json_body["detail"]
    if order["poison"]:
        raise ValueError(f"order {order['order_id']} is poison")
    bill(order=order)
    with (provider / order["order_id"]).open("a") as charge:
        charge.write("done\n")


@idempotent_function(data_keyword_argument="order", persistence_store=persistence, config=once)
def bill(order):
    charge = provider / order["order_id"]
    try:
        os.close(os.open(charge, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        known = "twice" if "done" in charge.read_text() else "known"
        with (provider.parent / known).open("a") as file:
            file.write(f"{order['order_id']}\n")


def handler(event, context):
    once.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)
