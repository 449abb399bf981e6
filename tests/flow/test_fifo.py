"""What does not arrive at FIFO queues and topics, and why: they ask more of a sender than a template seems to say."""

import pytest

from cdk_event_flow.flow import Flow

EVENT = {"source": "shop", "detail-type": "Ordered", "detail": {"id": 1}}
MAY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


def flow(*rules, deduplication=True):
    """A bus and its rules, a FIFO topic and a FIFO queue."""
    resources = {
        "Ledger": ("SNS::Topic", {"FifoTopic": True, "ContentBasedDeduplication": True}),
        "News": ("SNS::Topic", {}),
        "Orders": ("SQS::Queue", {"FifoQueue": True, "ContentBasedDeduplication": deduplication}),
        "MayPublish": ("SNS::TopicPolicy", {"Topics": [{"Ref": "Ledger"}, {"Ref": "News"}], "PolicyDocument": MAY}),
        "MaySend": ("SQS::QueuePolicy", {"Queues": [{"Ref": "Orders"}], "PolicyDocument": MAY}),
        "FromLedger": ("SNS::Subscription", subscription("Ledger")),
        "FromNews": ("SNS::Subscription", subscription("News")),
    }
    for number, target in enumerate(rules):
        resources[f"Rule{number}"] = ("Events::Rule", {"EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "T", **target}]})
    return Flow.from_template(
        {"Resources": {id: {"Type": f"AWS::{type}", "Properties": given} for id, (type, given) in resources.items()}}
    )


def subscription(topic):
    return {"TopicArn": {"Ref": topic}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Orders", "Arn"]}}


def queue(group=None, **more):
    return {"Arn": {"Fn::GetAtt": ["Orders", "Arn"]}, **({"SqsParameters": {"MessageGroupId": group}} if group else {}), **more}


@pytest.mark.parametrize(
    ("of", "to", "reason"),
    [
        (flow(queue()), "Orders", "Orders is FIFO, and Rule0 gives no message group"),
        (
            flow(queue("all"), deduplication=False),
            "Orders",
            "Orders is FIFO without content-based deduplication, and Rule0 gives no deduplication id",
        ),
        (flow({"Arn": {"Ref": "Ledger"}}), "Ledger", "Ledger is FIFO, and Rule0 gives no message group"),
    ],
)
def test_a_rule_does_not_reach_a_fifo_receiver_that_misses_something(of, to, reason):
    sent = of.send("default", EVENT)
    assert not sent.reaches(to)
    assert reason in sent.why_not(to)


def test_a_standard_topic_does_not_reach_a_fifo_queue_and_a_fifo_topic_does():
    assert flow(deduplication=False).send("Ledger", "x").reaches("Orders")
    sent = flow().send("News", "x")
    assert sent.why_not("Orders") == "Orders is FIFO, and FromNews gives no message group"


def test_the_same_message_of_two_rules_arrives_once():
    sent = flow(queue("a"), queue("b"), queue("c", InputPath="$.detail")).send("default", EVENT)
    assert [each.by.logical_id for each in sent.deliveries] == ["Rule0", "Rule2"]
    assert "Orders takes what Rule1 sends for a duplicate of what it has already" in sent.explain()


def test_what_the_template_does_not_tell_of_a_queue_is_a_doubt():
    template = {
        "Parameters": {"ByContent": {"Type": "String"}},
        "Resources": {
            "Orders": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"FifoQueue": True, "ContentBasedDeduplication": {"Ref": "ByContent"}},
            },
            "MaySend": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Orders"}], "PolicyDocument": MAY}},
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "T", **queue("all")}]},
            },
        },
    }
    [delivery] = Flow.from_template(template).send("default", EVENT).deliveries
    assert delivery.doubts == ("ContentBasedDeduplication of Orders allows it: parameter ByContent has no default",)
