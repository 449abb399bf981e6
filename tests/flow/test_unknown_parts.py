"""Events of which a part is unknown: what a filter asks of it is a doubt wherever the event goes, never a match or a refusal."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Unknown

RESULT = "what the function returns"
DETAIL = {"total": 5, "result": Unknown(RESULT)}


def document(**statement):
    return {"Statement": [{"Effect": "Allow", **statement}]}


ALLOWED = document(Principal="*", Action=["sns:Publish", "sqs:SendMessage"], Resource="*")
TRUST = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
ANYTHING = {"PolicyName": "p", "PolicyDocument": document(Action="*", Resource="*")}
QUEUE, TOPIC = {"Fn::GetAtt": ["Queue", "Arn"]}, {"Ref": "Topic"}


def flow_of(filter, *, behind="topic"):
    policy = {"FilterPolicy": filter, "FilterPolicyScope": "MessageBody"} if behind == "topic" else {}
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": {"body": filter}}]}} if behind == "queue" else {}
    subscribed = {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, "RawMessageDelivery": True}
    rule = {"EventBusName": "orders", "EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "t", "Arn": TOPIC}]}
    resources = {
        "Bus": ("Events::EventBus", {"Name": "orders"}),
        "Rule": ("Events::Rule", rule),
        "Topic": ("SNS::Topic", {}),
        "OnTopic": ("SNS::TopicPolicy", {"Topics": [TOPIC], "PolicyDocument": ALLOWED}),
        "Queue": ("SQS::Queue", {}),
        "OnQueue": ("SQS::QueuePolicy", {"Queues": [{"Ref": "Queue"}], "PolicyDocument": ALLOWED}),
        "Subscription": ("SNS::Subscription", {**subscribed, **policy}),
        "Role": ("IAM::Role", {"AssumeRolePolicyDocument": TRUST, "Policies": [ANYTHING]}),
        "Function": ("Lambda::Function", {"Code": {}, "Role": {"Fn::GetAtt": ["Role", "Arn"]}}),
        "Mapping": ("Lambda::EventSourceMapping", {"FunctionName": {"Ref": "Function"}, "EventSourceArn": QUEUE, **criteria}),
    }
    made = {name: {"Type": f"AWS::{kind}", "Properties": given} for name, (kind, given) in resources.items()}
    return Flow.from_template({"Resources": made})


def sent(filter, **how):
    return flow_of(filter, **how).send("orders", {"source": "shop", "detail-type": "Done", "detail": DETAIL})


@pytest.mark.parametrize("behind", ["topic", "queue"])
@pytest.mark.parametrize("wanted", ["yes", {"anything-but": ["no"]}, {"prefix": "y"}, {"exists": False}])
def test_what_is_asked_of_it_is_a_doubt(wanted, behind):
    made = sent({"detail": {"result": [wanted]}}, behind=behind)
    receiver = "Queue" if behind == "topic" else "Function"
    (delivery,) = [each for each in made.deliveries if each.receiver.path == receiver]
    assert any(RESULT in doubt for doubt in delivery.doubts), made.explain()


@pytest.mark.parametrize("behind", ["topic", "queue"])
@pytest.mark.parametrize("wanted", [{"total": [5]}, {"result": [{"exists": True}]}])
def test_what_is_asked_of_the_rest_is_known(wanted, behind):
    made = sent({"detail": wanted}, behind=behind)
    assert made.reaches("Function")
    assert [each.doubts for each in made.deliveries if each.doubts] == []


@pytest.mark.parametrize("behind", ["topic", "queue"])
def test_what_is_known_to_differ_is_a_refusal(behind):
    made = sent({"detail": {"total": [6], "result": ["yes"]}}, behind=behind)
    assert not made.reaches("Function")
    assert "detail.total is 5" in made.why_not("Function")


def test_a_rule_that_excludes_a_value_is_in_doubt_too():
    flow = flow_of({})
    rule = next(node for node in flow.nodes.values() if node.path == "Rule")
    rule.pattern["detail"] = {"result": [{"anything-but": ["no"]}]}
    (delivery,) = [
        each for each in flow.send("orders", {"source": "shop", "detail": DETAIL}).deliveries if each.receiver.path == "Topic"
    ]
    assert any(RESULT in doubt for doubt in delivery.doubts)
