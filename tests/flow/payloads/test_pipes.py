"""What a pipe sees of a record, what its templates make of it, and the event that it puts on a bus."""

import base64

import pytest

from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.payload import sqs_record
from cdk_event_flow.flow.payloads import pipes
from cdk_event_flow.flow.payloads.streams import dynamodb_record, kinesis_record
from cdk_event_flow.flow.sources import Pipe

from .making import ACCOUNT, NEW_YEAR, QUEUE, STREAM, TABLE, event

SELF = f"arn:aws:pipes:eu-west-1:{ACCOUNT}:pipe/copies"
TARGET, ENRICHMENT = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:copies", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:enrich"


def pipe(**changes):
    return Pipe(
        logical_id="P", arn=SELF, name="copies", path="P", type="", properties={}, source_arn=QUEUE, target_arn=TARGET,
        enrichment_arn=ENRICHMENT, **changes,
    )  # fmt: skip


def test_a_record_of_kinesis_is_flat_and_all_others_are_as_lambda_shows_them():
    lambdas = kinesis_record("x", STREAM)
    flat = pipes.record_of(lambdas)
    assert flat == {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "1",
        "sequenceNumber": lambdas["kinesis"]["sequenceNumber"],
        "data": "eA==",
        "approximateArrivalTimestamp": 1767225600.0,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": lambdas["eventID"],
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "",
        "awsRegion": "eu-west-1",
        "eventSourceARN": STREAM,
    }
    for each in (sqs_record("x", QUEUE), dynamodb_record({"id": 1}, TABLE, ("id",)), {"kinesis": 1}):
        assert pipes.record_of(each) == each


def in_base64(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("template", "record", "wanted"),
    [
        (None, {"body": '{"n": 1}'}, {"body": '{"n": 1}'}),
        ('{"n": <$.body.n>}', {"body": '{"n": 1}'}, {"n": 1}),
        ('{"n": "<$.body>"}', {"body": "words"}, {"n": "words"}),
        ('{"n": <$.body.n>}', {"body": {"n": 1}}, {"n": 1}),
        ('{"n": <$.data.n>}', {"data": in_base64('{"n": 1}')}, {"n": 1}),
        ('{"n": "<$.data>"}', {"data": in_base64("words")}, {"n": in_base64("words")}),
        ('{"n": "<$.data>"}', {"data": '{"n": 1}'}, {"n": '{"n": 1}'}),
        ('{"n": "<$.data>"}', {"data": "e#30="}, {"n": "e#30="}),
        ('{"n": "<$.body>"}', {"body": "[" * 100_000}, {"n": "[" * 100_000}),
        ('{"n": "<$.other.n>"}', {"other": '{"n": 1}'}, {"n": ""}),
        ('{"n": <$.body.n>}', {}, {"n": None}),
        ('{"n": <$>}', "words", {"n": "words"}),
        ('"<aws.pipes.pipe-name> <aws.pipes.pipe-arn>"', {}, f"copies {SELF}"),
        ('"<aws.pipes.source-arn> <aws.pipes.target-arn> <aws.pipes.enrichment-arn>"', {}, f"{QUEUE} {TARGET} {ENRICHMENT}"),
        ('{"a": <aws.pipes.event>, "b": <aws.pipes.event.json>}', {"body": "{}"}, {"a": {"body": "{}"}, "b": {"body": "{}"}}),
        ('"<aws.pipes.event.ingestion-time> <unknown>"', {}, f"{NEW_YEAR} <unknown>"),
    ],
)
def test_a_template_is_filled_from_the_record(template, record, wanted):
    assert pipes.transformed(pipe(), template, record) == wanted


@pytest.mark.parametrize(
    ("parameters", "record", "wanted"),
    [
        ({}, {"eventSource": "aws:sqs"}, {"source": "Pipe copies", "detail_type": "Event from aws:sqs"}),
        ({}, {}, {"source": "Pipe copies", "detail_type": "Event from "}),
        ({}, Unknown("who knows"), {"source": "Pipe copies", "detail_type": "Event from "}),
        ({"event_source": "shop", "detail_type": "Sold"}, {}, {"source": "shop", "detail_type": "Sold"}),
        (
            {"event_source": "$.body.by", "detail_type": "$.eventName"},
            {"body": '{"by": "web"}', "eventName": "INSERT"},
            {"source": "web", "detail_type": "INSERT"},
        ),
        ({"event_source": "$.body.by", "detail_type": "a $.b"}, {}, {"source": "Pipe copies", "detail_type": "a $.b"}),
    ],
)
def test_what_a_pipe_puts_on_a_bus_is_an_event_around_what_it_sends(parameters, record, wanted):
    made = pipes.bus_event(pipe(**parameters), {"n": 1}, record, account=ACCOUNT, region="eu-west-1")
    assert made == event(detail={"n": 1}, **wanted)
