"""The endpoint, asked by the real boto3."""

import json
import socket
import time
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cdk_event_flow.errors import RunError
from cdk_event_flow.flow import model
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.trace import State

from . import world as w

DEAD = w.queue("Dead")
QUEUE = w.queue("Plain", max_receives=2, dead_letter_arn=DEAD.arn)
FIFO = w.queue("Ordered.fifo", fifo=True, content_deduplication=True)
TOPIC = w.topic("News")
FUNCTION = w.function("Billing")
BUS = w.bus()
TABLE = model.Table(
    logical_id="Orders",
    arn=w.arn("dynamodb", "table/Orders"),
    name="Orders",
    path="Shop/Orders",
    properties={
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    },
)
NODES = (
    QUEUE,
    DEAD,
    FIFO,
    TOPIC,
    FUNCTION,
    BUS,
    TABLE,
    w.subscription(TOPIC, QUEUE, raw=True),
    w.rule("ToQueue", {"source": ["shop.orders"]}, QUEUE),
)


def handler(event):
    if event == "bad":
        raise ValueError("bad order")
    if event == "busy":
        raise w.FailureError(Fault.THROTTLED)
    return {"got": event}


@pytest.fixture(scope="module")
def run():
    with w.serving(*NODES, handlers={"Billing": handler}) as run:
        yield run


@pytest.fixture
def client(run):
    def make(service):
        return boto3.client(
            service,
            endpoint_url=run.endpoint_url,
            region_name=w.REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"max_attempts": 1}),
        )

    return make


def url_of(run, name):
    return f"{run.endpoint_url}/{w.ACCOUNT}/{name}"


def test_sqs_sends_receives_and_deletes(client, run):
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="Plain")["QueueUrl"]
    assert url == url_of(run, "Plain")
    attributes = {
        "kind": {"DataType": "String", "StringValue": "new"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
    }
    sent = sqs.send_message(QueueUrl=url, MessageBody="hällo", MessageAttributes=attributes)
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"])
    (message,) = answer["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "hällo"
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert shown["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert json.loads(shown["RedrivePolicy"]) == {"deadLetterTargetArn": DEAD.arn, "maxReceiveCount": 2}
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
    )


def test_sqs_takes_the_url_that_the_template_gives_to_a_function(client):
    sqs = client("sqs")
    sqs.send_message(QueueUrl=QUEUE.url, MessageBody="x")
    (message,) = sqs.receive_message(QueueUrl=QUEUE.url)["Messages"]
    assert message["Body"] == "x"
    sqs.delete_message(QueueUrl=QUEUE.url, ReceiptHandle=message["ReceiptHandle"])


def test_sqs_batches_tell_which_entry_failed(client, run):
    sqs = client("sqs")
    entries = [
        {"Id": "good", "MessageBody": "1", "MessageGroupId": "g"},
        {"Id": "bad", "MessageBody": "2"},
    ]
    answer = sqs.send_message_batch(QueueUrl=url_of(run, "Ordered.fifo"), Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [(entry["Id"], entry["Code"]) for entry in answer["Failed"]] == [("bad", "MissingParameter")]
    assert len(answer["Successful"][0]["SequenceNumber"]) == 20
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=QUEUE.url, Entries=[{"Id": "a", "MessageBody": "1"}] * 2)


def test_sqs_errors_are_those_of_sqs(client):
    sqs = client("sqs")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as caught:
        sqs.get_queue_url(QueueName="Nowhere")
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(ClientError, match="ReceiptHandleIsInvalid"):
        sqs.delete_message(QueueUrl=QUEUE.url, ReceiptHandle="nonsense")


def test_a_long_poll_in_a_fast_run_takes_no_time(client):
    began = time.monotonic()
    assert "Messages" not in client("sqs").receive_message(QueueUrl=DEAD.url, WaitTimeSeconds=20)
    assert time.monotonic() - began < 5


def test_sns_publishes_to_its_subscriptions(client):
    sns, sqs = client("sns"), client("sqs")
    attributes = {"kind": {"DataType": "String", "StringValue": "new"}}
    assert sns.publish(TopicArn=TOPIC.arn, Message="hello", MessageAttributes=attributes)["MessageId"]
    (message,) = sqs.receive_message(QueueUrl=QUEUE.url, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]) == ("hello", attributes)
    sqs.delete_message(QueueUrl=QUEUE.url, ReceiptHandle=message["ReceiptHandle"])
    with pytest.raises(ClientError) as caught:
        sns.publish(TopicArn=TOPIC.arn + "x", Message="hello")
    assert caught.value.response["Error"]["Code"] == "NotFound"
    batch = sns.publish_batch(TopicArn=TOPIC.arn, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}])
    assert [entry["Id"] for entry in batch["Successful"]] == ["1"]
    sqs.purge_queue(QueueUrl=QUEUE.url)


def test_events_are_put_and_bad_entries_are_refused_one_by_one(client):
    events, sqs = client("events"), client("sqs")
    entry = {
        "Source": "shop.orders",
        "DetailType": "OrderSubmitted",
        "Detail": '{"total": 1}',
        "EventBusName": "Orders",
    }
    answer = events.put_events(Entries=[entry, {**entry, "Detail": "{"}, {**entry, "EventBusName": "Nope"}])
    assert answer["FailedEntryCount"] == 2
    assert [e.get("ErrorCode") for e in answer["Entries"]] == [None, "MalformedDetail", "InvalidArgument"]
    (message,) = sqs.receive_message(QueueUrl=QUEUE.url)["Messages"]
    event = json.loads(message["Body"])
    assert (event["detail"], event["account"], event["region"]) == ({"total": 1}, w.ACCOUNT, w.REGION)
    sqs.delete_message(QueueUrl=QUEUE.url, ReceiptHandle=message["ReceiptHandle"])
    pattern = json.dumps({"source": ["shop.orders"]})
    assert events.test_event_pattern(EventPattern=pattern, Event=message["Body"])["Result"] is True
    assert [rule["Name"] for rule in events.list_rules(EventBusName="Orders")["Rules"]] == ["ToQueue"]


def test_lambda_invokes_answers_and_refuses(client):
    functions = client("lambda")
    answer = functions.invoke(FunctionName="Billing", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
    failed = functions.invoke(FunctionName=FUNCTION.arn, Payload=b'"bad"')
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorMessage"] == "bad order"
    assert functions.invoke(FunctionName="Billing", InvocationType="Event")["StatusCode"] == 202
    assert functions.invoke(FunctionName="Billing", InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName="Nope")
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName="Billing", Payload=b'"busy"')


def test_a_schedule_can_be_made_by_a_client(client, run):
    scheduler = client("scheduler")
    made = scheduler.create_schedule(
        Name="Once",
        ScheduleExpression="at(2026-01-15T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": DEAD.arn, "RoleArn": "arn:aws:iam::111122223333:role/r", "Input": "now"},
    )
    assert made["ScheduleArn"].endswith("schedule/default/Once")
    assert [s["Name"] for s in scheduler.list_schedules()["Schedules"]] == ["Once"]
    with pytest.raises(scheduler.exceptions.ValidationException):
        scheduler.create_schedule(
            Name="Bad",
            ScheduleExpression="rate(0 minutes)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": DEAD.arn, "RoleArn": "arn:aws:iam::111122223333:role/r"},
        )
    scheduler.delete_schedule(Name="Once")


def test_tables_buckets_and_parameters_are_there(client):
    table = client("dynamodb")
    table.put_item(TableName="Orders", Item={"id": {"S": "1"}})
    assert table.get_item(TableName="Orders", Key={"id": {"S": "1"}})["Item"] == {"id": {"S": "1"}}
    with pytest.raises(table.exceptions.ConditionalCheckFailedException):
        table.put_item(TableName="Orders", Item={"id": {"S": "1"}}, ConditionExpression="attribute_not_exists(id)")
    ttl = table.describe_time_to_live(TableName="Orders")["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert table.describe_table(TableName="Orders")["Table"]["TableArn"] == TABLE.arn
    s3 = client("s3")
    s3.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": w.REGION})
    s3.put_object(Bucket="things", Key="a b/ü.txt", Body=b"content")
    assert s3.get_object(Bucket="things", Key="a b/ü.txt")["Body"].read() == b"content"
    assert s3.head_object(Bucket="things", Key="a b/ü.txt")["ContentLength"] == 7
    ssm = client("ssm")
    ssm.put_parameter(Name="/shop/rate", Value="7", Type="String")
    assert ssm.get_parameter(Name="/shop/rate")["Parameter"]["Value"] == "7"
    assert client("sts").get_caller_identity()["Account"] == w.ACCOUNT


def test_what_is_not_answered_says_so_and_is_noted_once(client, run):
    sqs = client("sqs")
    for _ in range(2):
        with pytest.raises(ClientError, match="UnknownOperation"):
            sqs.create_queue(QueueName="More")
    with pytest.raises(ClientError):
        client("ec2").describe_vpcs()
    assert [note for note in run.notes if "sqs:CreateQueue" in note] == [
        "a client asked for sqs:CreateQueue, which this run does not answer"
    ]
    assert any("ec2" in note for note in run.notes)


def asked(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_another_host_or_another_sites_origin_is_refused(run):
    port = run.endpoint_url.rpartition(":")[2]
    assert asked(run.endpoint_url, Host="evil.example") == 403
    assert asked(run.endpoint_url, Host="127.0.0.1:1") == 403
    assert asked(run.endpoint_url, Origin="https://evil.example") == 403
    assert asked(run.endpoint_url, Origin="null") == 403
    assert asked(run.endpoint_url) != 403
    assert asked(run.endpoint_url, Host=f"localhost:{port}", Origin=f"http://localhost:{port}") != 403


def test_a_port_in_use_says_which_and_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RunError) as caught, w.serving(port=port):
            pass
    assert caught.value.code == "EF-RUN-PORT"
    assert f"port {port} is in use" in str(caught.value)
    assert "--port" in str(caught.value)


def test_what_a_handler_publishes_is_linked_to_its_invocation(client, run):
    functions = client("lambda")
    functions.invoke(FunctionName="Billing", Payload=b"{}")
    header = run.made[0].trace_ids[-1]
    events = client("events")
    events.meta.events.register(
        "before-sign.events.PutEvents", lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", header)
    )
    entry = {"Source": "shop.billing", "DetailType": "Billed", "Detail": "{}", "EventBusName": "Orders"}
    events.put_events(Entries=[entry])
    root = run.trace.roots[-1]
    assert root.cause is not None
    assert root.cause.function == FUNCTION.arn
    assert root.state is State.UNMATCHED
