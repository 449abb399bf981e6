"""Any AWS SDK or CLI against the endpoint, as a user drives it: what is answered, and errors that an SDK has a class for."""

import base64
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from awscli.clidriver import create_clidriver
from botocore.config import Config
from botocore.exceptions import ClientError

from cdk_event_flow.flow import model
from cdk_event_flow.flow.sources import Archive

from . import world as w
from .test_endpoint import BUS, DEAD, FUNCTION, NODES, QUEUE, TOPIC, handler

VERSION = model.Version(logical_id="V", arn=f"{FUNCTION.arn}:1", name="1", path="Shop/V", function_arn=FUNCTION.arn, version="1")
LIVE = model.Alias(
    logical_id="L", arn=f"{FUNCTION.arn}:live", name="live", path="Shop/L", function_arn=FUNCTION.arn, version_arn=VERSION.arn
)
ARCHIVE = Archive(
    logical_id="A", arn=w.arn("events", "archive/A"), name="A", path="Shop/A", bus_arn=BUS.arn, type="AWS::Events::Archive"
)
JOBS = w.queue("Jobs")
CONFIG = model.AsyncConfig(
    logical_id="C", arn="c", name="c", path="Shop/C", function_arn=FUNCTION.arn, qualifier="live", retries=1, on_failure=DEAD.arn
)
MAPPING = w.mapping(JOBS, LIVE, batch_size=3, window=1, partial_failures=True, max_concurrency=2)


@pytest.fixture(scope="module")
def run():
    with w.serving(*NODES, VERSION, LIVE, ARCHIVE, JOBS, CONFIG, MAPPING, handlers={"Billing": handler}) as run:
        yield run


@pytest.fixture(scope="module")
def client(run):
    made = {}

    def client(service):
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=run.endpoint_url,
                region_name=w.REGION,
                aws_access_key_id="AKIDEXAMPLE",
                aws_secret_access_key="any",
                config=Config(retries={"max_attempts": 1}),
            )
        return made[service]

    return client


@pytest.fixture
def url(client):
    client("sqs").purge_queue(QueueUrl=(url := client("sqs").get_queue_url(QueueName="Plain")["QueueUrl"]))
    return url


def replay(name="again", archive=ARCHIVE.arn):
    now = datetime.now(UTC)
    times = {"EventStartTime": now - timedelta(days=9_000), "EventEndTime": now + timedelta(days=9_000)}
    return {"ReplayName": name, "EventSourceArn": archive, "Destination": {"Arn": BUS.arn}, **times}


MESSAGE = {"Id": "a", "MessageBody": "x"}
TOO_MANY = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
NOTE = {"Id": "a", "Message": "x"}
ENTRY = {"Source": "shop", "DetailType": "x", "Detail": "{}"}
# Service, operation, parameters, the class that botocore raises, and the code where the class is only ClientError.
REFUSED = [
    ("sqs", "get_queue_url", {"QueueName": "Nope"}, "QueueDoesNotExist"),
    ("sqs", "send_message", {"MessageBody": "\x01"}, "InvalidMessageContents"),
    ("sqs", "send_message", {"MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue"),
    ("sqs", "send_message", {"MessageBody": "x" * 1_048_577}, "InvalidParameterValue"),
    ("sqs", "send_message_batch", {"Entries": []}, "EmptyBatchRequest"),
    ("sqs", "send_message_batch", {"Entries": TOO_MANY}, "TooManyEntriesInBatchRequest"),
    ("sqs", "send_message_batch", {"Entries": [MESSAGE, MESSAGE]}, "BatchEntryIdsNotDistinct"),
    ("sqs", "send_message_batch", {"Entries": [{**MESSAGE, "Id": "a b"}]}, "InvalidBatchEntryId"),
    ("sqs", "send_message_batch", {"Entries": [{"Id": i, "MessageBody": "x" * 600_000} for i in "ab"]}, "BatchRequestTooLong"),
    ("sqs", "receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue"),
    ("sqs", "receive_message", {"VisibilityTimeout": 43_201}, "InvalidParameterValue"),
    ("sqs", "receive_message", {"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
    ("sqs", "delete_message", {"ReceiptHandle": "x"}, "ReceiptHandleIsInvalid"),
    ("sqs", "change_message_visibility", {"ReceiptHandle": "x", "VisibilityTimeout": 1}, "ReceiptHandleIsInvalid"),
    ("sqs", "change_message_visibility", {"ReceiptHandle": "gone#1", "VisibilityTimeout": 1}, "MessageNotInflight"),
    ("sqs", "get_queue_attributes", {"AttributeNames": ["Nope"]}, "InvalidAttributeName"),
    ("sqs", "start_message_move_task", {"SourceArn": f"{DEAD.arn}x"}, "ResourceNotFoundException"),
    ("sqs", "start_message_move_task", {"SourceArn": QUEUE.arn}, "InvalidParameterValue"),
    ("sqs", "cancel_message_move_task", {"TaskHandle": "x"}, "ResourceNotFoundException"),
    ("sqs", "list_queues", {"NextToken": "x"}, "InvalidParameterValueException"),
    ("sns", "publish", {"TopicArn": f"{TOPIC.arn}x", "Message": "x"}, "NotFoundException"),
    ("sns", "publish", {"Message": ""}, "InvalidParameterException"),
    ("sns", "publish", {"Message": "x" * 262_145}, "InvalidParameterException"),
    ("sns", "publish", {"Message": "x", "Subject": "é"}, "InvalidParameterException"),
    ("sns", "publish", {"Message": "x", "MessageStructure": "json"}, "InvalidParameterException"),
    (
        "sns",
        "publish",
        {"Message": "x", "MessageAttributes": {"a": {"DataType": "Text", "StringValue": "x"}}},
        "InvalidParameterValueException",
    ),
    ("sns", "publish_batch", {"PublishBatchRequestEntries": [NOTE, NOTE]}, "BatchEntryIdsNotDistinctException"),
    ("sns", "publish_batch", {"PublishBatchRequestEntries": []}, "EmptyBatchRequestException"),
    ("sns", "get_topic_attributes", {"TopicArn": f"{TOPIC.arn}x"}, "NotFoundException"),
    ("sns", "get_subscription_attributes", {"SubscriptionArn": f"{TOPIC.arn}:x"}, "NotFoundException"),
    ("sns", "list_subscriptions_by_topic", {"TopicArn": f"{TOPIC.arn}x"}, "NotFoundException"),
    ("events", "put_events", {"Entries": [ENTRY] * 11}, "ValidationException"),
    ("events", "describe_event_bus", {"Name": "Nope"}, "ResourceNotFoundException"),
    ("events", "list_rules", {"EventBusName": "Nope"}, "ResourceNotFoundException"),
    ("events", "describe_rule", {"Name": "Nope", "EventBusName": "Orders"}, "ResourceNotFoundException"),
    ("events", "list_targets_by_rule", {"Rule": "Nope", "EventBusName": "Orders"}, "ResourceNotFoundException"),
    ("events", "test_event_pattern", {"EventPattern": '{"source": "a"}', "Event": "{}"}, "InvalidEventPatternException"),
    ("events", "start_replay", replay(archive=f"{ARCHIVE.arn}x"), "ResourceNotFoundException"),
    ("events", "describe_replay", {"ReplayName": "nope"}, "ResourceNotFoundException"),
    ("lambda", "invoke", {"FunctionName": "Nope"}, "ResourceNotFoundException"),
    ("lambda", "invoke", {"Qualifier": "nope"}, "ResourceNotFoundException"),
    ("lambda", "invoke", {"Payload": b"{"}, "InvalidRequestContentException"),
    ("lambda", "invoke", {"Payload": b"\xff"}, "InvalidRequestContentException"),
    ("lambda", "invoke", {"Payload": b"{", "InvocationType": "Event"}, "InvalidRequestContentException"),
    ("lambda", "invoke", {"Payload": b'"busy"'}, "TooManyRequestsException"),
    ("lambda", "invoke", {"Payload": b'"%s"' % (b"x" * 6_291_456)}, "RequestTooLargeException"),
    ("lambda", "get_function", {"FunctionName": "Nope"}, "ResourceNotFoundException"),
    ("lambda", "get_alias", {"Name": "nope"}, "ResourceNotFoundException"),
    ("lambda", "get_event_source_mapping", {"UUID": "0" * 36}, "ResourceNotFoundException"),
    ("lambda", "get_function_event_invoke_config", {}, "ResourceNotFoundException"),
    ("scheduler", "get_schedule", {"Name": "nope"}, "ResourceNotFoundException"),
]
NEEDS = {"sqs": {"QueueUrl": ""}, "sns": {"TopicArn": TOPIC.arn}, "lambda": {"FunctionName": "Billing"}}


@pytest.mark.parametrize(
    ("service", "operation", "given", "expected"), REFUSED, ids=[f"{o} {e} {n}" for n, (_, o, _, e) in enumerate(REFUSED)]
)
def test_what_aws_refuses_is_refused_by_the_class_that_botocore_has_for_it(client, url, service, operation, given, expected):
    made = client(service)
    shape = made.meta.service_model.operation_model(made.meta.method_to_api_mapping[operation])
    known = shape.input_shape.members
    usual = {name: url if name == "QueueUrl" else value for name, value in NEEDS.get(service, {}).items() if name in known}
    with pytest.raises(ClientError) as caught:
        getattr(made, operation)(**{**usual, **given})
    assert expected in (type(caught.value).__name__, caught.value.response["Error"]["Code"])
    modelled = {
        shape.name for shape in made.meta.service_model.operation_model(made.meta.method_to_api_mapping[operation]).error_shapes
    }
    assert type(caught.value).__name__ == expected or expected not in modelled
    assert caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["RequestId"]


def test_a_message_is_hidden_shown_again_and_moved_back(client, url):
    sqs = client("sqs")
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "one", "MessageBody": "1"}, {"Id": "two", "MessageBody": "2"}])
    for _ in range(2):
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"])["Messages"]
        assert [message["Body"] for message in got] == ["1", "2"]
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        for message in got:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert got[0]["Attributes"]["ApproximateReceiveCount"] == "2"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    dead = sqs.get_queue_url(QueueName="Dead")["QueueUrl"]
    shown = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"])
    assert shown["Attributes"] == {"ApproximateNumberOfMessages": "2"}
    handle = sqs.start_message_move_task(SourceArn=DEAD.arn)["TaskHandle"]
    (task,) = sqs.list_message_move_tasks(SourceArn=DEAD.arn)["Results"]
    assert (task["ApproximateNumberOfMessagesMoved"], task["Status"]) == (2, "COMPLETED")
    with pytest.raises(sqs.exceptions.UnsupportedOperation):
        sqs.cancel_message_move_task(TaskHandle=handle)
    assert len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 2


def test_lists_come_in_pages(client):
    pages = list(client("sqs").get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["QueueUrls"]) for page in pages] == [2, 2]
    pages = list(client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName="Billing", MaxItems=1))
    assert [page["Versions"][0]["Version"] for page in pages] == ["$LATEST", "1"]


def test_lambda_tells_what_the_template_has(client):
    aws = client("lambda")
    assert aws.get_function(FunctionName=FUNCTION.arn)["Configuration"]["Version"] == "$LATEST"
    live = aws.get_function_configuration(FunctionName="Billing", Qualifier="live")
    assert (live["FunctionArn"], live["Version"], live["State"]) == (LIVE.arn, "1", "Active")
    assert aws.get_alias(FunctionName="Billing", Name="live")["FunctionVersion"] == "1"
    assert [alias["Name"] for alias in aws.list_aliases(FunctionName="Billing")["Aliases"]] == ["live"]
    (mapping,) = aws.list_event_source_mappings(FunctionName="Billing")["EventSourceMappings"]
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (3, {"MaximumConcurrency": 2})
    assert aws.get_event_source_mapping(UUID=mapping["UUID"])["EventSourceArn"] == JOBS.arn
    assert aws.list_event_source_mappings(EventSourceArn=QUEUE.arn)["EventSourceMappings"] == []
    config = aws.get_function_event_invoke_config(FunctionName="Billing", Qualifier="live")
    assert (config["MaximumRetryAttempts"], config["DestinationConfig"]["OnFailure"]["Destination"]) == (1, DEAD.arn)
    waiter = aws.get_waiter("function_active_v2")
    waiter.wait(FunctionName="Billing", WaiterConfig={"Delay": 1, "MaxAttempts": 1})


def test_a_function_is_invoked_in_every_way(client, run):
    aws = client("lambda")
    before = len(run.received("Billing"))
    answer = aws.invoke(FunctionName="Billing", Payload=b'{"a": 1}', LogType="Tail", ClientContext=base64.b64encode(b"{}").decode())
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
    failed = aws.invoke(FunctionName="Billing:live", Payload=b'"bad"')
    assert (failed["StatusCode"], failed["FunctionError"]) == (200, "Unhandled")
    assert aws.invoke(FunctionName="Billing", InvocationType="Event")["StatusCode"] == 202
    assert aws.invoke(FunctionName="Billing", InvocationType="DryRun")["StatusCode"] == 204
    assert aws.invoke_async(FunctionName="Billing", InvokeArgs=b"{}")["Status"] == 202
    until = time.monotonic() + 5
    while len(run.received("Billing")) < before + 4 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(run.received("Billing")) == before + 4  # the dry run called nobody


def test_a_replay_puts_archived_events_on_the_bus_again(client, run):
    events = client("events")
    entry = {"Source": "shop.orders", "DetailType": "Replayed", "Detail": "{}", "EventBusName": "Orders"}
    before = len(run.received("Orders"))
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    started = events.start_replay(**replay())
    assert started["State"] == "STARTING"
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
        events.start_replay(**replay())
    assert events.describe_replay(ReplayName="again")["State"] == "COMPLETED"
    assert json.loads(run.received("Orders")[-1])["replay-name"] == "again"
    assert len(run.received("Orders")) > before + 1
    assert events.list_rule_names_by_target(TargetArn=QUEUE.arn, EventBusName="Orders")["RuleNames"] == ["ToQueue"]


# Version 1 of the AWS CLI has an endpoint of its own for SQS, whatever the environment says.
SQS = ("sqs", "--endpoint-url")


@pytest.fixture
def aws(run, monkeypatch, capsys, tmp_path):
    """The AWS CLI: `aws("sqs", "list-queues")` gives what it prints, read, or raises with what it says."""
    own = {"AWS_ENDPOINT_URL": run.endpoint_url, "AWS_DEFAULT_REGION": w.REGION, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
           "AWS_SECRET_ACCESS_KEY": "any", "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_PAGER": ""}  # fmt: skip
    for name, value in own.items():
        monkeypatch.setenv(name, value)

    def aws(*arguments):
        status = create_clidriver().main(list(arguments))
        said = capsys.readouterr()
        if status:
            raise AssertionError(said.err)
        return json.loads(said.out) if said.out.strip() else None

    return aws


def test_the_aws_cli_drives_the_run(aws, run, url, tmp_path):
    entry = {**ENTRY, "Source": "shop.orders", "EventBusName": "Orders"}
    assert aws("events", "put-events", "--entries", json.dumps([entry]))["FailedEntryCount"] == 0
    assert aws("sns", "publish", "--topic-arn", TOPIC.arn, "--message", "hello")["MessageId"]
    got = aws(*SQS, run.endpoint_url, "receive-message", "--queue-url", url, "--max-number-of-messages", "10")["Messages"]
    assert json.loads(got[0]["Body"])["source"] == "shop.orders"
    assert got[1]["Body"] == "hello"
    answer = tmp_path / "answer.json"
    invoke = ("lambda", "invoke", "--function-name", "Billing:live", "--payload", '{"a": 1}', str(answer))
    assert aws(*invoke)["StatusCode"] == 200
    assert json.loads(answer.read_text()) == {"got": {"a": 1}}
    assert aws("events", "describe-rule", "--name", "ToQueue", "--event-bus-name", "Orders")["State"] == "ENABLED"
    assert aws("sns", "list-subscriptions")["Subscriptions"][0]["Endpoint"] == QUEUE.arn
    with pytest.raises(AssertionError, match="ResourceNotFoundException"):
        aws("lambda", "get-function", "--function-name", "Nope")


@pytest.mark.usefixtures("aws")
def test_the_aws_command_itself_reaches_the_run_by_one_variable():
    command = [Path(sys.executable).with_name("aws"), "sns", "list-topics", "--output", "text"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert TOPIC.arn in done.stdout
