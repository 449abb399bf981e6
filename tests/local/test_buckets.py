"""Buckets: what they tell queues, topics, functions and the default bus, and what a client's requests change."""

import json

import boto3
import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow.sources import Bucket, BucketNotifications, Notification, Stream
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario
from .test_streams import reading, table


def bucket(*notifications, name="uploads", to_default_bus=False, **properties):
    return Bucket(
        **{**w._node("s3", name), "arn": f"arn:aws:s3:::{name}"},
        type="AWS::S3::Bucket",
        notifications=notifications,
        to_default_bus=to_default_bus,
        properties=properties,
    )


def telling(node, *events, **keys):
    return Notification(destination=node.arn, events=events or ("s3:ObjectCreated:*",), **keys)


def put_object(engine, node, key, **more):
    return w.send(engine, node, json.dumps({"key": key, **more}))


@scenario
async def test_queues_topics_and_functions_hear_of_the_objects_that_they_want():
    q, t, f = w.queue("Q"), w.topic("T"), w.function("F")
    b = bucket(telling(q, prefix="in/", suffix=".csv"), telling(t), telling(f, "s3:ObjectRemoved:*"))
    async with w.engine(q, t, f, b) as e:
        put_object(e, b, "in/a b.csv", size=7)
        put_object(e, b, "out/a.csv", event="ObjectRemoved:Delete")
        await e.settle()
        (message,) = e.queue("Q")
        record = json.loads(message.body)["Records"][0]
        assert (record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"]["size"]) == (
            "ObjectCreated:Put", "in/a+b.csv", 7,
        )  # fmt: skip
        assert record["s3"]["bucket"]["arn"] == b.arn
        ((_, removed),) = e.invoker.calls
        assert removed["Records"][0]["eventName"] == "ObjectRemoved:Delete"
        assert "size" not in removed["Records"][0]["s3"]["object"]


@scenario
async def test_an_object_that_nobody_wants_says_why():
    q = w.queue("Q")
    b = bucket(telling(q, prefix="in/"))
    async with w.engine(q, b) as e:
        root = put_object(e, b, "out/a")
        assert root.state is State.UNMATCHED
        assert root.why() == ("the key is out/a, the notification of uploads wants keys that begin with in/",)


@scenario
async def test_the_default_bus_hears_of_every_object():
    q = w.queue("Q")
    b = bucket(to_default_bus=True)
    default = w.bus("default")
    wanted = w.rule("R", {"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "in/"}]}}}, q, on=default)
    async with w.engine(default, wanted, q, b) as e:
        put_object(e, b, "in/a")
        put_object(e, b, "out/a")
        await e.settle()
        (message,) = e.queue("Q")
        event = json.loads(message.body)
        assert (event["detail-type"], event["detail"]["object"]["key"], event["detail"]["reason"]) == (
            *("Object Created", "in/a"),
            "PutObject",
        )
        assert w.outcomes(e) == [State.PENDING, State.UNMATCHED]


@scenario
async def test_the_custom_resource_of_cdk_tells_too():
    q = w.queue("Q")
    b = bucket()
    custom = BucketNotifications(
        **w._node("x", "Custom"), type="Custom::S3BucketNotifications", bucket_arn=b.arn, notifications=(telling(q),)
    )
    async with w.engine(q, b, custom) as e:
        put_object(e, b, "a")
        assert len(e.queue("Q")) == 1


@scenario
async def test_a_failed_invoke_becomes_an_object_of_its_destination_bucket_which_tells_of_it():
    q, f = w.queue("Q"), w.function("F")
    b = bucket(telling(q))
    config = w.model.AsyncConfig(**w._node("x", "Async"), function_arn=f.arn, retries=0, on_failure=b.arn)

    def handler(_):
        raise ValueError("no")

    async with w.engine(q, f, b, config, handlers={"F": handler}) as e:
        w.send(e, f, "{}")
        await e.settle()
        (message,) = e.queue("Q")
        key = json.loads(message.body)["Records"][0]["s3"]["object"]["key"]
        assert key.startswith("aws/lambda/async/F/2026/01/14/2026-01-14T")


def client(run, service):
    return boto3.client(
        service, endpoint_url=run.endpoint_url, region_name=w.REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )


@pytest.fixture(scope="module")
def serving():
    """One run for the tests that ask as clients do."""
    q, f = w.queue("Q"), w.function("F")
    b = bucket(
        telling(q, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"), VersioningConfiguration={"Status": "Enabled"}
    )
    s = Stream(**w._node("kinesis", "Clicks", "stream/Clicks"), type="AWS::Kinesis::Stream", properties={"ShardCount": 2})
    t = table()
    with w.serving(q, f, b, s, t, reading(s, f), reading(t, f), fast=False) as run:
        yield run


def heard(run, of):
    """What the queue got about objects, taken out of it."""
    sqs = client(run, "sqs")
    url = sqs.get_queue_url(QueueName="Q")["QueueUrl"]
    found = []
    for _ in range(of):
        (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=5)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        (record,) = json.loads(message["Body"])["Records"]
        found.append((record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"].get("size")))
    return found


def test_requests_to_a_bucket_are_told(serving):
    s3 = client(serving, "s3")
    s3.put_object(Bucket="uploads", Key="in/a", Body=b"12345")
    s3.copy_object(Bucket="uploads", Key="in/b", CopySource="uploads/in/a")
    upload = s3.create_multipart_upload(Bucket="uploads", Key="big")["UploadId"]
    part = s3.upload_part(Bucket="uploads", Key="big", UploadId=upload, PartNumber=1, Body=b"123")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket="uploads", Key="big", UploadId=upload, MultipartUpload=parts)
    s3.put_object_tagging(Bucket="uploads", Key="big", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object(Bucket="uploads", Key="in/a")
    s3.delete_objects(Bucket="uploads", Delete={"Objects": [{"Key": "in/b"}]})
    s3.get_object(Bucket="uploads", Key="big")
    assert heard(serving, 6) == [
        ("ObjectCreated:Put", "in/a", 5),
        ("ObjectCreated:Copy", "in/b", 5),
        ("ObjectCreated:CompleteMultipartUpload", "big", 3),
        ("ObjectTagging:Put", "big", 3),
        ("ObjectRemoved:DeleteMarkerCreated", "in/a", None),
        ("ObjectRemoved:DeleteMarkerCreated", "in/b", None),
    ]


def waited(calls, number):
    import time

    until = time.monotonic() + 10
    while len(calls) < number and time.monotonic() < until:
        time.sleep(0.01)
    return calls[:number]


def test_records_that_a_client_puts_reach_the_function(serving):
    calls = serving.made[0].calls
    calls.clear()
    kinesis = client(serving, "kinesis")
    answer = kinesis.put_record(StreamName="Clicks", Data=b"one", PartitionKey="k")
    kinesis.put_records(StreamName="Clicks", Records=[{"Data": bytes([255]), "PartitionKey": "k"}])
    found = [record for _, given in waited(calls, 2) for record in given["Records"]]
    assert [record["kinesis"]["data"] for record in found] == ["b25l", "/w=="]
    assert found[0]["kinesis"]["sequenceNumber"] == answer["SequenceNumber"]
    assert found[0]["eventID"].startswith(answer["ShardId"])


def test_changes_of_items_reach_the_function_and_no_change_does_not(serving):
    calls = serving.made[0].calls
    calls.clear()
    table = boto3.resource(
        "dynamodb", endpoint_url=serving.endpoint_url, region_name=w.REGION, aws_access_key_id="a", aws_secret_access_key="b"
    ).Table("Orders")
    table.put_item(Item={"id": "1", "total": 5})
    table.put_item(Item={"id": "1", "total": 5})
    table.update_item(
        Key={"id": "1"}, UpdateExpression="SET #t = :t", ExpressionAttributeNames={"#t": "total"}, ExpressionAttributeValues={":t": 6}
    )
    table.delete_item(Key={"id": "1"})
    found = [record for _, given in waited(calls, 3) for record in given["Records"]]
    assert [record["eventName"] for record in found] == ["INSERT", "MODIFY", "REMOVE"]
    assert found[1]["dynamodb"]["OldImage"]["total"] == {"N": "5"}
    assert found[1]["dynamodb"]["NewImage"]["total"] == {"N": "6"}
    assert found[0]["awsRegion"] == w.REGION


@scenario
async def test_what_a_bucket_or_table_cannot_take_is_refused_and_accounted_for():
    b, t, f = bucket(), table(), w.function("F")
    async with w.local_run(b, t, f, reading(t, f)) as run:
        for name, body in (("uploads", "x"), ("uploads", "{}"), ("Orders", "[1]")):
            with pytest.raises(EventError, match="EF-EVENT"):
                await run.send(name, body)
        await run.settle()
        assert [root.state for root in run.trace.roots] == [State.DROPPED] * 3
