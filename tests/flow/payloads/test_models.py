"""What functions are given is read by the models that handlers parse it with."""

import pytest
from aws_lambda_powertools.utilities.parser import models

from cdk_event_flow.flow import payload
from cdk_event_flow.flow.payloads import http, s3, services, streams

REQUEST = http.Request("POST", "/orders/7", "text", {"x-a": "1"}, {"q": "2"})
TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
ENVELOPE = payload.sns_envelope("text", TOPIC, subscription_arn=f"{TOPIC}:1")
CHANGE, BUCKET = s3.Change("in/a b.csv"), ("files", "arn:aws:s3:::files")

READ = {
    "queue": (models.SqsModel, payload.sqs_lambda_event([payload.sqs_record("text", "arn:aws:sqs:eu-west-1:123456789012:orders")])),
    "topic": (models.SnsModel, payload.sns_lambda_event(ENVELOPE, f"{TOPIC}:1")),
    "topic with attributes": (
        models.SnsModel,
        payload.sns_lambda_event(payload.sns_envelope("x", TOPIC, attributes={"a": {"Type": "String", "Value": "b"}}), f"{TOPIC}:1"),
    ),
    "queue behind a topic": (models.SnsNotificationModel, ENVELOPE),
    "stream": (
        models.KinesisDataStreamModel,
        {"Records": [streams.kinesis_record("text", "arn:aws:kinesis:eu-west-1:123456789012:stream/s")]},
    ),
    "table": (models.DynamoDBStreamModel, {"Records": [streams.dynamodb_record({"id": 1}, TABLE, ("id",))]}),
    "bucket": (models.S3Model, s3.notification(CHANGE, *BUCKET, "eu-west-1")),
    "bucket over a bus": (
        models.S3EventNotificationEventBridgeModel, s3.bus_event(CHANGE, *BUCKET, account="123456789012", region="eu-west-1"),
    ),
    "bus": (models.EventBridgeModel, payload.put_event({"source": "shop"}, account="123456789012", region="eu-west-1")),
    "scheduled rule": (
        models.EventBridgeModel, services.scheduled_event("arn:aws:events:eu-west-1:123456789012:rule/r", source="aws.events"),
    ),
    "HTTP API": (
        models.APIGatewayProxyEventV2Model, http.version_2(REQUEST, "POST /orders/{id}", {"id": "7"}, api="abc", account="1"),
    ),
    "function URL": (models.LambdaFunctionUrlModel, http.version_2(REQUEST, "$default", {}, api="abc", account="1")),
    "REST API": (models.APIGatewayProxyEventModel, http.version_1(REQUEST, "/orders/{id}", {"id": "7"}, api="abc", account="1")),
    "message": (models.APIGatewayWebSocketMessageEventModel, http.websocket_event("order", {"n": 1}, api="abc")),
    "connecting": (models.APIGatewayWebSocketConnectEventModel, http.websocket_event("$connect", {}, api="abc")),
    "disconnecting": (models.APIGatewayWebSocketDisconnectEventModel, http.websocket_event("$disconnect", {}, api="abc")),
}  # fmt: skip


@pytest.mark.parametrize("source", READ)
def test_the_model_of_a_source_reads_what_it_gives(source):
    model, event = READ[source]
    assert model.model_validate(event)
