"""Whole records of streams and tables, as the documentation of each shows them."""

import base64

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.payloads import streams

from .making import STREAM, TABLE

SEQUENCE = "49590338271490256608559692538361571095921575989136588898"


@pytest.mark.parametrize(("arn", "region"), [(STREAM, "eu-west-1"), ("elsewhere", ""), ("a:b:c:d:e", "")])
def test_a_record_of_a_stream_is_as_lambda_shows_it(arn, region):
    assert streams.kinesis_record({"n": "é"}, arn) == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": SEQUENCE,
            "data": base64.b64encode('{"n":"é"}'.encode()).decode(),
            "approximateArrivalTimestamp": 1767225600.0,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{SEQUENCE}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "",
        "awsRegion": region,
        "eventSourceARN": arn,
    }


def of_table(arn=TABLE, region="eu-west-1"):
    return {
        "eventID": "1",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "eventSourceARN": arn,
    }


@pytest.mark.parametrize(("arn", "region"), [(TABLE, "eu-west-1"), ("elsewhere", ""), ("a:b:c:d:e:f", "d")])
def test_a_record_of_a_table_is_as_lambda_shows_it(arn, region):
    made = streams.dynamodb_record({"id": "1", "n": 2}, arn, ("id", "absent"))
    image = {"id": {"S": "1"}, "n": {"N": "2"}}
    change = {
        "ApproximateCreationDateTime": 1767225600.0,
        "Keys": {"id": {"S": "1"}},
        "NewImage": image,
        "SequenceNumber": "1",
        "SizeBytes": len('{"id":{"S":"1"},"n":{"N":"2"}}'),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    assert made == {**of_table(arn, region), "dynamodb": change}


def test_a_record_that_is_given_stays_and_is_filled_up():
    given = {"eventName": "REMOVE", "dynamodb": {"Keys": {"id": {"S": "1"}}}}
    assert streams.dynamodb_record(given, TABLE, ("id",)) == {**of_table(), **given}


def test_what_is_no_item_is_refused_with_one():
    with pytest.raises(EventError) as refused:
        streams.dynamodb_record("x" * 100, TABLE, ())
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code) == ("the table", "EF-EVENT")
    assert (problem.given, problem.allowed) == ("x" * 80 + " was sent to a table", "a table takes an item, an object")
    assert problem.fix == 'give the item ({"id": "1"}) or a stream record ({"eventName": "INSERT", "dynamodb": {…}})'


@pytest.mark.parametrize(
    ("at", "milliseconds"), [({"ApproximateCreationDateTime": 5.5}, {"ApproximateCreationDateTime": 5500}), ({}, {})]
)
def test_a_change_on_a_kinesis_stream_is_as_dynamodb_shows_it(at, milliseconds):
    change = {**at, "Keys": {"id": {"S": "1"}}, "NewImage": {"id": {"S": "1"}}, "SizeBytes": 8}
    of_stream = {"SequenceNumber": "1", "StreamViewType": "NEW_IMAGE", **change}
    assert streams.kinesis_change({**of_table(), "eventID": "7", "eventName": "MODIFY", "dynamodb": of_stream}, "orders") == {
        "awsRegion": "eu-west-1",
        "eventID": "7",
        "eventName": "MODIFY",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": "orders",
        "dynamodb": {**change, **milliseconds},
        "eventSource": "aws:dynamodb",
    }


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("x", {"S": "x"}),
        (5, {"N": "5"}),
        (2.5, {"N": "2.5"}),
        (True, {"BOOL": True}),
        (None, {"NULL": True}),
        ({}, {"M": {}}),
        ({"a": 1}, {"M": {"a": {"N": "1"}}}),
        ({1: "x"}, {"M": {"1": {"S": "x"}}}),
        (["x", 1], {"L": [{"S": "x"}, {"N": "1"}]}),
        (("x",), {"L": [{"S": "x"}]}),
        ({"S": "x", "N": "1"}, {"M": {"S": {"S": "x"}, "N": {"S": "1"}}}),
        (Unknown("who knows"), {"S": "unknown (who knows)"}),
        *(({name: "given"}, {name: "given"}) for name in ("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS")),
    ],
)
def test_a_value_has_the_type_that_dynamodb_writes(value, typed):
    assert streams.typed(value) == typed
