"""A queue and its dead-letter queue share one policy, whoever adds to it: AWS keeps the last policy of a queue, and no other."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications

from cdk_event_flow import EventBus, Queue
from tests.compose.synthesis import new_stack, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def policies_by_queue(template):
    """The policies of each queue, by its logical id."""
    found = {}
    for policy in resources(template, "AWS::SQS::QueuePolicy"):
        for queue in policy["Queues"]:
            found.setdefault(queue["Ref"], []).append(policy["PolicyDocument"]["Statement"])
    return found


def test_both_are_reached_by_tls_only_and_by_their_arns(stack):
    Queue(stack, "Orders")
    template = template_of(stack)
    found = policies_by_queue(template)
    arns = [{"Fn::GetAtt": [name, "Arn"]} for name, each in template["Resources"].items() if each["Type"] == "AWS::SQS::Queue"]
    assert len(found) == 2
    for ((denied,),) in found.values():
        assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert sorted(map(str, denied["Resource"])) == sorted(map(str, arns))


def test_what_the_cdk_and_the_user_add_stands_in_the_same_policy(stack):
    orders = Queue(stack, "Orders")
    rule = events.Rule(stack, "Rule", event_pattern=events.EventPattern(source=["shop"]))
    rule.add_target(targets.SqsQueue(orders.queue, dead_letter_queue=orders.dead_letter_queue))
    s3.Bucket(stack, "Uploads").add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(orders.queue))
    partner = iam.PolicyStatement(
        principals=[iam.AccountPrincipal("123456789012")],
        actions=["sqs:ReceiveMessage"],
        resources=[orders.dead_letter_queue.queue_arn],
    )
    assert orders.dead_letter_queue.add_to_resource_policy(partner).statement_added
    found = policies_by_queue(template_of(stack))
    assert {len(each) for each in found.values()} == {1}
    (statements,) = found[next(iter(found))]
    said = str(statements)
    assert all(
        word in said for word in ("events.amazonaws.com", "s3.amazonaws.com", ":iam::123456789012:root", "aws:SecureTransport")
    )
    assert said.count("events.amazonaws.com") == 2  # to the queue, and to its dead letters: each from its own condition


def test_rules_to_one_queue_are_one_statement(stack):
    orders, bus = Queue(stack, "Orders"), EventBus(stack, "Bus")
    for source in ("shop", "stock"):
        bus.route(source.title(), {"source": [source]}, to=orders)
    (statements,) = policies_by_queue(template_of(stack))[stack.get_logical_id(orders.queue.node.default_child)]
    (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
    assert len(allowed["Condition"]["ArnEquals"]["aws:SourceArn"]) == 2


def test_what_is_added_while_the_app_is_synthesized_is_written_too(stack):
    orders = Queue(stack, "Orders")

    @__import__("jsii").implements(cdk.IAspect)
    class Late:
        def visit(self, node):
            if node.node.path == "Shop/Orders":
                orders.queue.add_to_resource_policy(
                    iam.PolicyStatement(
                        principals=[iam.ServicePrincipal("iot.amazonaws.com")],
                        actions=["sqs:SendMessage"],
                        resources=[orders.queue.queue_arn],
                    )
                )

    cdk.Aspects.of(stack).add(Late())
    assert "iot.amazonaws.com" in str(resources(template_of(stack), "AWS::SQS::QueuePolicy"))
