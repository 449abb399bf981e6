"""Message attributes on their way: through attribute filters, in envelopes, beside raw messages."""

import json

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.attributes import attributes_of, in_record

from .findings.cases.making import resource


def fan_out(policy, *, raw):
    """A topic with a filtered queue that a function reads, and a function of its own."""
    given = {"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}, "RawMessageDelivery": raw, "FilterPolicy": policy}
    function = {"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Direct", "Arn"]}}
    source = {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Work"}}
    anybody = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}]}
    permission = {"FunctionName": {"Ref": "Direct"}, "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}
    return Flow.from_template(
        {
            "Resources": {
                "Topic": resource("SNS::Topic"),
                "Queue": resource("SQS::Queue"),
                "Policy": resource("SQS::QueuePolicy", Queues=[{"Ref": "Queue"}], PolicyDocument=anybody),
                "Subscription": resource("SNS::Subscription", TopicArn={"Ref": "Topic"}, **given),
                "Work": resource("Lambda::Function"),
                "Mapping": resource("Lambda::EventSourceMapping", **source),
                "Direct": resource("Lambda::Function"),
                "ToDirect": resource("SNS::Subscription", TopicArn={"Ref": "Topic"}, **function),
                "Permits": resource("Lambda::Permission", **permission),
            }
        }
    )


URGENT = {"kind": ["urgent"], "size": [{"numeric": [">", 5]}], "tags": ["a"]}
GIVEN = {"kind": "urgent", "size": 7, "tags": ["a", "b"]}


def payload(sent, name):
    """What the one receiver of this name sees."""
    [found] = [each.payload for each in sent.deliveries if each.receiver.logical_id == name]
    return found


@pytest.mark.parametrize(
    ("given", "reaches"),
    [
        (GIVEN, True),
        ({**GIVEN, "kind": "dull"}, False),
        ({**GIVEN, "size": 5}, False),
        ({**GIVEN, "size": "7"}, False),
        ({**GIVEN, "size": {"DataType": "Number", "StringValue": "7"}}, True),
        ({**GIVEN, "tags": ["b"]}, False),
        ({}, False),
    ],
)
def test_an_attribute_filter_is_asked_with_the_attributes(given, reaches):
    sent = fan_out(URGENT, raw=True).send("Topic", "text", attributes=given)
    assert bool(sent.reaches("Queue")) is reaches, sent.explain()


def test_a_miss_names_the_attribute():
    sent = fan_out({"kind": ["urgent"]}, raw=True).send("Topic", "text", attributes={"kind": "dull"})
    assert sent.why_not("Queue") == 'kind is "dull", the filter of Topic → Queue wants "urgent"'


def test_attributes_stand_in_the_envelope_or_beside_a_raw_message():
    shown = {"Type": "Number", "Value": "7"}
    raw = fan_out(URGENT, raw=True).send("Topic", "text", attributes=GIVEN)
    [record] = payload(raw, "Work")["Records"]
    assert record["messageAttributes"]["kind"] == {
        "stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "urgent",
    }  # fmt: skip
    [direct] = payload(raw, "Direct")["Records"]
    assert direct["Sns"]["MessageAttributes"] == {
        "kind": {"Type": "String", "Value": "urgent"}, "size": shown, "tags": {"Type": "String.Array", "Value": '["a", "b"]'},
    }  # fmt: skip
    enveloped = fan_out(URGENT, raw=False).send("Topic", "text", attributes=GIVEN)
    assert payload(enveloped, "Queue")["MessageAttributes"]["size"] == shown
    assert payload(enveloped, "Work")["Records"][0]["messageAttributes"] == {}


def test_a_queue_takes_attributes_and_a_bus_does_not():
    flow = fan_out(URGENT, raw=True)
    [record] = payload(flow.send("Queue", "text", attributes={"open": True}), "Work")["Records"]
    assert (record["messageAttributes"]["open"]["dataType"], record["messageAttributes"]["open"]["stringValue"]) == ("String", "true")
    with pytest.raises(EventError, match="topics and queues take them"):
        flow.send("default", {"source": "s", "detail-type": "d", "detail": {}}, attributes={"kind": "urgent"})


def test_what_is_binary_is_shown_in_base64():
    picture = {"DataType": "Binary", "BinaryValue": b"\x00"}
    assert in_record(attributes_of({"picture": picture}))["picture"]["binaryValue"] == "AA=="
    sent = fan_out({}, raw=False).send("Topic", "text", attributes={"picture": picture})
    [direct], [record] = payload(sent, "Direct")["Records"], payload(sent, "Work")["Records"]
    assert direct["Sns"]["MessageAttributes"] == {"picture": {"Type": "Binary", "Value": "AA=="}}
    assert json.loads(record["body"])["MessageAttributes"] == direct["Sns"]["MessageAttributes"]


def test_an_attribute_without_a_value_is_empty():
    sent = fan_out(URGENT, raw=True).send("Queue", "text", attributes={"kind": {"DataType": "String"}})
    assert payload(sent, "Work")["Records"][0]["messageAttributes"]["kind"]["stringValue"] == ""
