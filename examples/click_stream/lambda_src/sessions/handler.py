"""Keeps the newest click of each session. A click that comes twice, or late, changes nothing."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.parser.models import KinesisDataStreamRecord, KinesisDataStreamRecordPayload
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AwareDatetime, BaseModel, Field, Json

logger = Logger(service="sessions")
tracer = Tracer(service="sessions")
metrics = Metrics(namespace="Clicks", service="sessions")
dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]
KEPT = timedelta(hours=1)


class Click(BaseModel):
    """A visitor looks at a page, or buys what is on it."""

    session_id: str = Field(min_length=1)
    page: str = Field(pattern="^/")
    kind: Literal["view", "buy"]
    at: AwareDatetime


class Payload(KinesisDataStreamRecordPayload):
    """A record's data: one click."""

    data: Json[Click]


class Record(KinesisDataStreamRecord):
    """One record of the stream."""

    kinesis: Payload


@tracer.capture_method(capture_response=False)
def follow(record: Record) -> None:
    """Keep where the session is, unless it has gone on already."""
    click: Click = record.kinesis.data
    at = click.at.astimezone(UTC)
    item = {
        "session_id": {"S": click.session_id},
        "page": {"S": click.page},
        "kind": {"S": click.kind},
        "at": {"S": at.isoformat()},
        "until": {"N": str(int((datetime.now(UTC) + KEPT).timestamp()))},
    }
    try:
        dynamodb.put_item(
            TableName=TABLE,
            Item=item,
            ConditionExpression="attribute_not_exists(session_id) OR #at < :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":at": item["at"]},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        metrics.add_metric(name="ClicksLate", unit=MetricUnit.Count, value=1)


processor = BatchProcessor(event_type=EventType.KinesisDataStreams, model=Record)


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Follow a batch. From the first record that fails on, it comes again in two halves, until the one is found."""
    metrics.add_metric(name="Clicks", unit=MetricUnit.Count, value=len(event["Records"]))
    return process_partial_response(event=event, record_handler=follow, processor=processor, context=context)
