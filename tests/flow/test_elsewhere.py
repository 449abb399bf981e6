"""What a template names by its ARN and does not make: its service is known, and what here leads on from it."""

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.elsewhere import elsewhere
from cdk_event_flow.flow.model import Node, Other, Queue, Topic
from cdk_event_flow.flow.sources import Stream

HERE = "eu-central-1:123456789012"
QUEUE, TOPIC, STREAM = f"arn:aws:sqs:{HERE}:theirs", f"arn:aws:sns:{HERE}:news", f"arn:aws:kinesis:{HERE}:stream/clicks"
MAY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}
EVENT = {"source": "shop", "detail-type": "Order", "detail": {}}


def rule(*targets):
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["shop"]},
            "Targets": [{"Id": str(at), "Arn": arn} for at, arn in enumerate(targets)],
        },
    }


def function(source):
    return {
        "Fn": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"FunctionName": "fn", "Role": "arn:aws:iam::123456789012:role/theirs"},
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": source, "FunctionName": {"Ref": "Fn"}},
        },
    }


def flow_of(**resources):
    return Flow.from_template({"Resources": resources}, account="123456789012", region="eu-central-1")


def subscription(endpoint, topic=TOPIC, **more):
    return {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": topic, "Protocol": "sqs", "Endpoint": endpoint, **more}}


@pytest.mark.parametrize("source", [QUEUE, STREAM])
def test_an_event_goes_on_from_what_is_imported(source):
    flow = flow_of(R=rule(source), **function(source))
    sent = flow.send("default", EVENT)
    assert sent.reaches("Fn")
    assert [end.path for end in sent.ends] == ["Fn"]
    assert repr(sent.reaches("Fn")) == f"reached by default → {source} → Fn"


def test_over_an_imported_topic_its_filters_here_hold():
    flow = flow_of(
        R=rule(TOPIC),
        Mine={"Type": "AWS::SQS::Queue"},
        Other={"Type": "AWS::SQS::Queue"},
        May={"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Mine"}, {"Ref": "Other"}], "PolicyDocument": MAY}},
        A=subscription({"Fn::GetAtt": ["Mine", "Arn"]}),
        B=subscription({"Fn::GetAtt": ["Other", "Arn"]}, FilterPolicy={"source": ["bank"]}, FilterPolicyScope="MessageBody"),
    )
    sent = flow.send("default", EVENT)
    assert sent.reaches("Mine")
    assert not sent.reaches("Other")
    assert "source" in sent.why_not("Other")


@pytest.mark.parametrize("name", [QUEUE, "theirs"])
def test_it_can_be_sent_to_and_asked_for_by_arn_and_by_name(name):
    flow = flow_of(R=rule(QUEUE), **function(QUEUE))
    assert flow.send(name, {"order": 1}).reaches("Fn")
    assert flow.send("default", EVENT).reaches(name)
    assert not flow.send("default", {**EVENT, "source": "bank"}).reaches(name)


def test_what_the_template_makes_is_meant_before_what_is_imported_under_its_name():
    flow = flow_of(R=rule(f"arn:aws:sqs:{HERE}:Fn"), **function(QUEUE))
    assert flow.anywhere("Fn").arn == flow.find("Fn").arn


def test_a_name_that_two_have_is_asked_for_by_its_arn():
    elsewhere_too = QUEUE.replace("eu-central-1", "us-east-1")
    flow = flow_of(R=rule(QUEUE, elsewhere_too))
    with pytest.raises(TemplateError, match="EF-NAME-UNKNOWN"):
        flow.anywhere("theirs")
    assert flow.anywhere(elsewhere_too).arn == elsewhere_too


def test_an_imported_fifo_queue_wants_a_message_group_too():
    flow = flow_of(R=rule(f"{QUEUE}.fifo"))
    (hop,) = flow.send("default", EVENT).root.next
    assert hop.reasons == (f"{QUEUE}.fifo is FIFO, and R gives no message group",)


@pytest.mark.parametrize(
    ("arn", "kind", "name"),
    [
        (QUEUE, Queue, "theirs"),
        (TOPIC, Topic, "news"),
        (STREAM, Stream, "clicks"),
        (f"arn:aws:kinesis:{HERE}:stream/clicks/consumer/c:1", Node, f"arn:aws:kinesis:{HERE}:stream/clicks/consumer/c:1"),
        (f"arn:aws:states:{HERE}:stateMachine:pay", Node, f"arn:aws:states:{HERE}:stateMachine:pay"),
        ("https://example.com/a:b:c:d", Node, "https://example.com/a:b:c:d"),
    ],
)
def test_the_service_is_read_from_the_arn(arn, kind, name):
    node = elsewhere(arn)
    assert (type(node), node.arn, node.name, node.path) == (kind, arn, name, arn)
    assert getattr(node, "type", "AWS::Kinesis::Stream") == "AWS::Kinesis::Stream"


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("aws:sqs:eu-central-1", "https://sqs.eu-central-1.amazonaws.com/1/q"),
        ("aws-cn:sqs:cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn/1/q"),
    ],
)
def test_the_address_of_an_imported_queue_is_of_its_region(place, url):
    assert elsewhere(f"arn:{place}:1:q").url == url


MACHINE = f"arn:aws:states:{HERE}:stateMachine:pay"


def test_what_is_imported_is_what_something_here_listens_on():
    flow = flow_of(R=rule(QUEUE, MACHINE), S=subscription(f"{QUEUE}2"), **function(f"{STREAM}/consumer/c:1"))
    assert {node.arn for node in flow.imported} == {TOPIC, STREAM}
    assert flow_of(**function(f"arn:aws:kafka:{HERE}:cluster/theirs")).imported == ()
    assert flow_of(**function(QUEUE)).imported == (elsewhere(QUEUE),)
    own = flow_of(Jobs={"Type": "AWS::SQS::Queue"}, **function({"Fn::GetAtt": ["Jobs", "Arn"]}))
    assert own.imported == ()


@pytest.mark.parametrize(
    ("name", "kinds", "found"),
    [
        (QUEUE, (), True),
        (QUEUE, (Queue,), True),
        (QUEUE, (Topic, Queue), True),
        (QUEUE, (Topic,), False),
        (QUEUE, (Other,), True),
        (MACHINE, (), True),
        (MACHINE, (Other,), True),
        (MACHINE, (Topic, Other), True),
        (MACHINE, (Queue,), False),
        ("pay", (), False),
    ],
)
def test_only_what_is_of_the_kinds_asked_for_is_found_elsewhere(name, kinds, found):
    flow = flow_of(R=rule(QUEUE, MACHINE))
    if found:
        assert flow.anywhere(name, *kinds).arn == name
    else:
        with pytest.raises(TemplateError, match="EF-NAME-UNKNOWN"):
            flow.anywhere(name, *kinds)


@pytest.mark.parametrize("arn", [QUEUE, TOPIC])
def test_whether_a_fifo_one_is_deduplicated_by_content_is_not_known(arn):
    standard, fifo = elsewhere(arn), elsewhere(f"{arn}.fifo")
    assert (standard.fifo, standard.tells("ContentBasedDeduplication")) == (False, True)
    assert (fifo.fifo, fifo.tells("ContentBasedDeduplication")) == (True, False)


def test_whether_its_policy_permits_is_not_known():
    (hop,) = flow_of(R=rule(QUEUE)).send("default", EVENT).root.next
    assert hop.doubts == (f"it is permitted: the policy of {QUEUE} is outside the template",)


@pytest.mark.parametrize("arn", [QUEUE, f"{QUEUE}.fifo"])
def test_nor_where_it_takes_part_in_a_run(arn):
    flow = flow_of(R=rule(arn), **function(arn))
    (imported,) = flow.imported
    (hop,) = Flow({**flow.nodes, imported.arn: imported}, region=flow.region).send("default", EVENT).root.next
    assert hop.permission.verdict == "unknown"
