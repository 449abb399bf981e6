"""The logical ids of what keeps state never change: another id means an empty resource in place of the one with the data."""

from datetime import timedelta

import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Bucket, EventBus, Function, Queue, Stream, Table, Topic
from tests.compose.synthesis import new_stack, template_of

STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
)
KEY = "EventFlowKey4A4AED9B"
UNDELIVERED = "UndeliveredF3CF66A9"
IDEMPOTENCY = "IdempotencyC15CBC33"


def function(stack, id="Mine"):
    code = lambda_.Code.from_inline("x")
    return Function(stack, id, code=code, handler="i.h", runtime="nodejs24.x", idempotent=True)


def fan_out(stack):
    Topic(stack, "Mine").fan_out("Billing", to=function(stack, "Billing"))


MADE = {
    "bucket": (lambda stack: Bucket(stack, "Mine"), {KEY, "AccessLogs8B620ECA", "MineBucketCF4326C9"}),
    "bus": (lambda stack: EventBus(stack, "Mine", archive=timedelta(days=1)), {"MineBus593A01F2", "MineArchive59C57741"}),
    "fan_out": (
        fan_out,
        {KEY, UNDELIVERED, IDEMPOTENCY, "MineTopic3E65C025", "MineBillingQueueDDB7646A", "MineBillingDeadLettersCDB2BF55"},
    ),
    "function": (function, {KEY, UNDELIVERED, IDEMPOTENCY}),
    "queue": (lambda stack: Queue(stack, "Mine"), {KEY, "MineQueue04AF14DB", "MineDeadLetters47AF6C4B"}),
    "stream": (lambda stack: Stream(stack, "Mine"), {KEY, "MineStream99D23F17"}),
    "table": (lambda stack: Table(stack, "Mine", partition_key="id"), {KEY, "MineTable77094188"}),
    "topic": (lambda stack: Topic(stack, "Mine"), {KEY, "MineTopic3E65C025"}),
}


@pytest.mark.parametrize("kind", MADE)
def test_ids_of_what_keeps_state_are_what_they_were(monkeypatch, kind):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    stack = new_stack()
    make, pinned = MADE[kind]
    make(stack)
    kept = {name for name, each in template_of(stack)["Resources"].items() if each["Type"] in STATEFUL}
    assert kept == pinned
