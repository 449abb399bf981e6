"""EC2 state changes on the default bus."""

import boto3
import pytest
from moto import mock_aws

from tests.examples.checked import checked
from tests.examples.handlers import handler_of, sample_event

EXAMPLE = "ec2_state_changes"


def event(name, **detail):
    found = sample_event(EXAMPLE, "restart", name)
    return {**found, "detail": {**found["detail"], **detail}}


def test_what_stopped_is_started_again_and_every_change_is_kept():
    flow = checked(EXAMPLE).flow
    stopped, pending = flow.send("default", event("stopped")), flow.send("default", event("pending"))
    assert stopped.reaches("Restart")
    assert stopped.reaches("History")
    assert pending.reaches("History")
    assert not pending.reaches("Restart")
    assert "pending" in pending.why_not("Restart")


@pytest.fixture
def instance(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        ec2 = boto3.client("ec2")
        (image, *_) = ec2.describe_images()["Images"]
        (made,) = ec2.run_instances(ImageId=image["ImageId"], MinCount=1, MaxCount=1)["Instances"]
        ec2.stop_instances(InstanceIds=[made["InstanceId"]])
        yield made["InstanceId"]


def state_of(instance):
    (reservation,) = boto3.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def test_the_handler_starts_the_instance_and_may_be_asked_twice(instance):
    handler = handler_of(EXAMPLE, "restart").handler
    for _ in range(2):
        assert handler(event("stopped", **{"instance-id": instance}), None) == {"instance": instance, "did": "start"}
    assert state_of(instance) == "running"
