"""Queues: FIFO, delay, producers, and a queue between two tiers."""

from datetime import timedelta

import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import Fifo, Queue, decouple
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def inline(stack, id="Plain"):
    return lambda_.Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


@pytest.mark.parametrize(
    ("name", "inside", "outside", "code"),
    [
        ("visibility", [0, 43_200], [-1, 43_201], "EF-QUEUE-VISIBILITY"),
        ("retention", [60, 1_209_600], [59, 1_209_601], "EF-QUEUE-RETENTION"),
        ("delay", [0, 900], [-1, 901], "EF-QUEUE-DELAY"),
    ],
)
def test_times_are_held_to_the_limits_of_sqs(stack, name, inside, outside, code):
    for number, value in enumerate(inside):
        Queue(stack, f"Inside{number}", **{name: timedelta(seconds=value)})
    for number, value in enumerate(outside):
        with pytest.raises(ConstructError, match=code):
            Queue(stack, f"Outside{number}", **{name: timedelta(seconds=value)})


def test_a_fifo_queue_has_fifo_dead_letters_and_the_higher_throughput(stack):
    Queue(stack, "Orders", fifo=True)
    queues = resources(template_of(stack), "AWS::SQS::Queue")
    assert [queue["FifoQueue"] for queue in queues] == [True, True]
    (main,) = [queue for queue in queues if "RedrivePolicy" in queue]
    assert (main["DeduplicationScope"], main["FifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")
    with pytest.raises(ConstructError, match="EF-FIFO-ARCHIVE"):
        Queue(stack, "Archived", fifo=Fifo(archive=timedelta(days=1)))


def test_a_queue_between_two_tiers_lets_neither_wait_for_the_other(stack):
    web, worker = inline(stack, "Web"), inline(stack, "Worker")
    decouple(stack, "Jobs", producers=[web], consumer=worker)
    template = template_of(stack)
    (with_url,) = [f for f in resources(template, "AWS::Lambda::Function") if "Environment" in f]
    assert set(with_url["Environment"]["Variables"]) == {"QUEUE_URL"}
    flow = flow_of(stack)
    assert flow.send("Jobs", {"job": 1}).reaches("Worker")
    assert [finding for finding in flow.check() if finding.severity == "error"] == []


def test_an_existing_queue_stands_in_place_of_our_own(stack):
    theirs = sqs.Queue(stack, "Theirs", encryption=sqs.QueueEncryption.KMS)
    queue = Queue(stack, "Ours", queue=theirs)
    queue.allow_sending(inline(stack))
    template = template_of(stack)
    assert len(resources(template, "AWS::SQS::Queue")) == 1
    actions = [s["Action"] for p in resources(template, "AWS::IAM::Policy") for s in p["PolicyDocument"]["Statement"]]
    assert actions == ["sqs:SendMessage", ["kms:Decrypt", "kms:GenerateDataKey"]]
