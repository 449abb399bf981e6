"""Books orders in a ledger, once each. An order's `trouble` comes at its first receive only; poison stays poison."""

import os
import signal
import time

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function

ledger = boto3.resource("dynamodb").Table(os.environ["LEDGER"])
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
once = IdempotencyConfig(event_key_jmespath="id")
processor = BatchProcessor(event_type=EventType.SQS)


def take(record):
    order = record.json_body
    first = record.attributes.approximate_receive_count == "1"
    if order["trouble"] == "poison":
        raise ValueError(f"order {order['id']} is poison")
    if order["trouble"] == "killed" and first:
        os.kill(os.getpid(), signal.SIGKILL)
    book(order=order, slow=order["trouble"] == "slow" and first)


@idempotent_function(data_keyword_argument="order", persistence_store=persistence, config=once)
def book(order, slow):
    if slow:
        time.sleep(60)
    ledger.update_item(Key={"id": order["id"]}, UpdateExpression="ADD times :one", ExpressionAttributeValues={":one": 1})


def handler(event, context):
    once.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)
