"""Keys that are not the stack's own: opened to whoever delivers to what they encrypt, or the exact statement is said."""

from datetime import timedelta

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import EventBus, Queue, Schedule, Topic
from cdk_event_flow.flow import Flow
from tests.compose.synthesis import new_stack, resources, template_of
from tests.compose.wildcards import unnamed

PATTERN = {"source": ["shop"]}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def deliver(stack, key):
    """A bus to a queue, a topic and plain ones; a topic to queues; dead letters and a schedule: all encrypted with `key`."""
    bus, news = EventBus(stack, "Bus"), Topic(stack, "News", key=key)
    plain = sqs.Queue(stack, "Plain", encryption_master_key=key), sns.Topic(stack, "PlainNews", master_key=key)
    bus.route("All", PATTERN, to=[Queue(stack, "Jobs", key=key), news, *plain], dead_letters=Queue(stack, "Unsent", key=key))
    news.subscribe("Ours", Queue(stack, "Other", key=key))
    news.subscribe("Plain", sqs.Queue(stack, "PlainOther", encryption_master_key=key))
    Schedule(stack, "Often", every=timedelta(minutes=5), to=Queue(stack, "Timed", key=key))


def test_a_key_of_ones_own_is_opened_to_events_and_topics_for_targets_subscribers_and_dead_letters(stack):
    deliver(stack, kms.Key(stack, "Mine"))
    template = template_of(stack)
    assert [finding for finding in Flow.from_template(template).check() if finding.severity == "error"] == []
    sids = [each.get("Sid", "") for key in resources(template, "AWS::KMS::Key") for each in key["KeyPolicy"]["Statement"]]
    assert sorted(sid for sid in sids if sid.startswith("DeliverFrom")) == ["DeliverFromEvents", "DeliverFromSns"]
    assert unnamed(template) == []


def test_the_owner_of_an_imported_key_is_told_both_statements(stack):
    deliver(stack, kms.Key.from_key_arn(stack, "Theirs", "arn:aws:kms:us-east-1:210987654321:key/1"))
    said = {
        str(entry.data) for node in stack.node.find_all() for entry in node.node.metadata if "its policy must have" in str(entry.data)
    }
    for service in ("events", "sns"):
        assert any(f"{service}.amazonaws.com" in each and "kms:GenerateDataKey*" in each for each in said), service


def test_the_stacks_own_key_needs_no_statement_more(stack):
    EventBus(stack, "Bus").route("All", PATTERN, to=[Queue(stack, "Jobs"), topic := Topic(stack, "News")])
    topic.subscribe("It", Queue(stack, "Other"))
    (key,) = resources(template_of(stack), "AWS::KMS::Key")
    assert not [each for each in key["KeyPolicy"]["Statement"] if each.get("Sid", "").startswith("DeliverFrom")]
