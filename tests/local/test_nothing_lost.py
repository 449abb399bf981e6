"""A real handler with real idempotency, killed, timed out and poisoned in the middle of a batch."""

import asyncio
import json
import shutil
from pathlib import Path

import boto3
import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.start import start
from cdk_event_flow.local.trace import State

HERE = Path(__file__).parent
REQUIREMENTS = HERE.parent.parent / "lambda_src" / "billing" / "requirements.txt"
RECEIVES = 4


def table(name):
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    properties = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": key, "AttributeDefinitions": attributes}
    return {"Type": "AWS::DynamoDB::Table", "Properties": properties}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A folder with the handler and its requirements."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(HERE / "handlers" / "ledger", folder / "ledger")
    shutil.copyfile(REQUIREMENTS, folder / "ledger" / "requirements.txt")
    return folder


@pytest.fixture(scope="module")
def flow():
    """A queue with dead letters whose messages a function books in batches of ten, 2 seconds a batch."""
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": RECEIVES}
    function = {
        "Runtime": "python3.14",
        "Handler": "handler.handler",
        "Timeout": 2,
        "MemorySize": 512,
        "Environment": {"Variables": {"LEDGER": "Ledger", "IDEMPOTENCY_TABLE": "Idempotency"}},
    }
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Orders", "Arn"]},
        "FunctionName": {"Ref": "Book"},
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    resources = {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Orders": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 12, "RedrivePolicy": redrive}},
        "Book": {
            "Type": "AWS::Lambda::Function",
            "Properties": function,
            "Metadata": {"cdk-event-flow:code": {"source": "ledger"}},
        },
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        "Ledger": table("Ledger"),
        "Idempotency": table("Idempotency"),
    }
    return Flow.from_template({"Resources": resources})


def booked(endpoint):
    """How often each order stands in the ledger."""
    secrets = {"aws_access_key_id": "id", "aws_secret_access_key": "secret"}
    client = boto3.client("dynamodb", endpoint_url=endpoint, region_name="us-east-1", **secrets)
    return {item["id"]["S"]: int(item["times"]["N"]) for item in client.scan(TableName="Ledger")["Items"]}


def after(flow, app, *troubles):
    """What a batch of orders with these troubles left: deliveries, the ledger, the dead letters, the balance."""

    async def run():
        async with start(flow, app=app, assembly=app, fast=True) as run:
            sent = [await run.send("Orders", json.dumps({"id": f"{n}", "trouble": t})) for n, t in enumerate(troubles)]
            await run.settle()
            ledger = await asyncio.to_thread(booked, run.endpoint_url)
            assert Report(run.trace, run.engine.hub.post).balanced
            return sent, ledger, run.dead_letters("Dead")

    return asyncio.run(run())


def test_a_batch_killed_in_its_middle_is_received_again_and_nothing_is_done_twice(flow, app):
    sent, ledger, dead = after(flow, app, "", "", "killed", "")
    assert [delivery.state for delivery in sent] == [State.PROCESSED] * 4
    assert [[attempt.fault for attempt in delivery.attempts] for delivery in sent] == [[Fault.CRASH, None]] * 4
    assert [attempt.batch for attempt in sent[0].attempts] == [4, 4]
    assert ledger == {"0": 1, "1": 1, "2": 1, "3": 1}
    assert dead == []


def test_a_batch_that_times_out_in_its_middle_is_received_again_and_nothing_is_done_twice(flow, app):
    sent, ledger, dead = after(flow, app, "", "slow", "")
    assert [delivery.state for delivery in sent] == [State.PROCESSED] * 3
    assert {delivery.attempts[0].fault for delivery in sent} == {Fault.TIMEOUT}
    assert "Task timed out after 2.00 seconds" in sent[0].attempts[0].error_message
    assert ledger == {"0": 1, "1": 1, "2": 1}
    assert dead == []


def test_one_poison_record_is_received_exactly_as_configured_and_the_others_once(flow, app):
    sent, ledger, dead = after(flow, app, "", "poison", "")
    good, poison, other = sent
    assert [good.receives, other.receives] == [1, 1]
    assert [attempt.receives for attempt in poison.attempts] == [1, 2, 3, 4]
    assert (poison.state, poison.receives) == (State.DEAD_LETTERED, RECEIVES)
    assert "order 1 is poison" in poison.last_error
    assert ledger == {"0": 1, "2": 1}
    (message,) = dead
    assert json.loads(message.body) == {"id": "1", "trouble": "poison"}


def test_all_at_once_nothing_is_lost(flow, app):
    sent, ledger, dead = after(flow, app, "killed", "poison", "", "slow", "", "")
    assert [delivery.state for delivery in sent].count(State.PROCESSED) == 5
    assert sent[1].state is State.DEAD_LETTERED
    assert ledger == {"0": 1, "2": 1, "3": 1, "4": 1, "5": 1}
    assert [json.loads(message.body)["id"] for message in dead] == ["1"]
