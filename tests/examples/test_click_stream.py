"""Clicks in real time: which reach the function, what it keeps, and where the unreadable go."""

import boto3
import pytest

from tests.examples.checked import checked, sample_event
from tests.examples.readme import differences

EXAMPLE = "click_stream"
CLICK = {"session_id": "S-1", "page": "/", "kind": "view", "at": "2026-03-02T09:15:00Z"}


def test_it_is_clean_and_views_and_purchases_alone_reach_the_function():
    flow = checked(EXAMPLE).flow
    assert flow.send("Clicks", CLICK).reaches("Follower")
    assert not flow.send("Clicks", {**CLICK, "kind": "scroll"}).reaches("Follower")


def test_batches_are_bisected_and_the_unreadable_told_to_a_queue_that_is_watched():
    template = checked(EXAMPLE).template["Resources"]
    (mapping,) = [each["Properties"] for each in template.values() if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    assert (mapping["BisectBatchOnFunctionError"], mapping["MaximumRetryAttempts"]) == (True, 3)
    assert (mapping["ParallelizationFactor"], mapping["FunctionResponseTypes"]) == (2, ["ReportBatchItemFailures"])
    queue = mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    alarms = [each["Properties"] for each in template.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert [each for each in alarms if {"Fn::GetAtt": [queue, "QueueName"]} in [d["Value"] for d in each.get("Dimensions", [])]]


@pytest.fixture
def follower(aws, load):
    boto3.client("dynamodb").create_table(
        TableName="Sessions",
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return load(EXAMPLE, "sessions", TABLE="Sessions").handler


def sessions():
    items = boto3.client("dynamodb").scan(TableName="Sessions")["Items"]
    return {item["session_id"]["S"]: item["page"]["S"] for item in items}


def test_the_newest_click_of_each_session_is_kept(follower, context):
    assert follower(sample_event(EXAMPLE, "sessions", "clicks"), context) == {"batchItemFailures": []}
    assert sessions() == {"S-1": "/books", "S-2": "/sofas"}


def test_clicks_that_come_again_change_nothing(follower, context):
    event = sample_event(EXAMPLE, "sessions", "clicks")
    follower(event, context)
    follower({"Records": event["Records"][:2]}, context)
    assert sessions() == {"S-1": "/books", "S-2": "/sofas"}


def test_the_click_that_nobody_can_read_comes_back_by_its_sequence_number(follower, context):
    event = sample_event(EXAMPLE, "sessions", "one-poison")
    poison = event["Records"][1]["kinesis"]["sequenceNumber"]
    assert follower(event, context) == {"batchItemFailures": [{"itemIdentifier": poison}]}
    assert sessions() == {"S-1": "/books"}


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
