"""Streams: encrypted, on demand unless told otherwise, a week long."""

from datetime import timedelta

import pytest
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import EventBus, Function, Stream
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, policies, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def ours(stack):
    return Function(stack, "Producer", code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")


def test_a_stream_is_encrypted_on_demand_and_a_week_long(stack):
    stream = Stream(stack, "Clicks")
    made = template_of(stack)["Resources"][stack.get_logical_id(stream.stream.node.default_child)]
    assert made["Properties"]["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert made["Properties"]["StreamEncryption"]["EncryptionType"] == "KMS"
    assert made["Properties"]["RetentionPeriodHours"] == 7 * 24
    assert made["DeletionPolicy"] == "Retain"


def test_shards_can_be_provisioned(stack):
    Stream(stack, "Clicks", shards=3)
    (stream,) = resources(template_of(stack), "AWS::Kinesis::Stream")
    assert (stream["StreamModeDetails"], stream["ShardCount"]) == ({"StreamMode": "PROVISIONED"}, 3)


@pytest.mark.parametrize(
    ("inside", "outside", "code"),
    [
        ({"shards": 1}, {"shards": 0}, "EF-STREAM-SHARDS"),
        ({"shards": 10_000}, {"shards": 10_001}, "EF-STREAM-SHARDS"),
        ({"retention": timedelta(days=1)}, {"retention": timedelta(hours=23)}, "EF-STREAM-RETENTION"),
        ({"retention": timedelta(days=365)}, {"retention": timedelta(days=365, hours=1)}, "EF-STREAM-RETENTION"),
        ({"retention": timedelta(hours=25)}, {"retention": timedelta(hours=24, minutes=30)}, "EF-STREAM-RETENTION"),
    ],
)
def test_a_limit_holds_just_inside_and_refuses_just_outside(stack, inside, outside, code):
    assert Stream(stack, "Inside", **inside).stream
    with pytest.raises(ConstructError, match=f"{code} at Shop/Outside"):
        Stream(stack, "Outside", **outside)


def test_a_producer_may_put_records_and_encrypt_them(stack):
    stream, producer = Stream(stack, "Clicks"), ours(stack)
    stream.allow_publishing(producer)
    allowed = [each["Action"] for policy in policies(template_of(stack)) for each in policy["Statement"]]
    assert ["kinesis:PutRecord", "kinesis:PutRecords"] in allowed


def test_a_bus_routes_to_it_as_to_the_cdks_own(stack):
    EventBus(stack, "Orders").route("All", {"source": ["shop"]}, to=Stream(stack, "Clicks"))
    flow = flow_of(stack)
    assert flow.send("Orders", {"source": "shop", "detail-type": "Sold", "detail": {}}).reaches("Clicks")
    assert flow.check() == []


def test_an_existing_stream_is_taken(stack):
    existing = kinesis.Stream(stack, "Existing")
    assert Stream(stack, "Taken", stream=existing).stream is existing
