"""EC2 state changes on the default bus."""

import boto3
import pytest

from tests.examples.checked import checked
from tests.examples.readme import differences

EXAMPLE = "ec2_state_changes"


@pytest.fixture
def event(sample):
    """An event of an instance's state, with something else in its detail."""

    def event(name, **detail):
        found = sample(EXAMPLE, "restart", name)
        return {**found, "detail": {**found["detail"], **detail}}

    return event


def test_what_stopped_is_started_again_and_every_change_is_kept(event):
    flow = checked(EXAMPLE).flow
    stopped, pending = flow.send("default", event("stopped")), flow.send("default", event("pending"))
    assert stopped.reaches("Restart")
    assert stopped.reaches("History")
    assert pending.reaches("History")
    assert not pending.reaches("Restart")
    assert "pending" in pending.why_not("Restart")


@pytest.fixture
def instance(aws):
    ec2 = boto3.client("ec2")
    (image, *_) = ec2.describe_images()["Images"]
    (made,) = ec2.run_instances(ImageId=image["ImageId"], MinCount=1, MaxCount=1)["Instances"]
    ec2.stop_instances(InstanceIds=[made["InstanceId"]])
    return made["InstanceId"]


def state_of(instance):
    (reservation,) = boto3.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def test_the_handler_starts_the_instance_and_may_be_asked_twice(instance, event, load):
    handler = load(EXAMPLE, "restart").handler
    for _ in range(2):
        assert handler(event("stopped", **{"instance-id": instance}), None) == {"instance": instance, "did": "start"}
    assert state_of(instance) == "running"


def test_the_event_of_the_notes_is_the_sample(sample):
    assert sample(EXAMPLE, "restart", "pending") == {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "123456789012",
        "time": "2015-11-11T21:29:54Z",
        "region": "us-east-1",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
        "detail": {"instance-id": "i-abcd1111", "state": "pending"},
    }


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
