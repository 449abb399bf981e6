"""What an integration of an API calls, as people write it: by path, by action, in a template, in a body."""

import pytest

from cdk_event_flow.flow.readers.integrations import served
from cdk_event_flow.flow.resolve import Resolver

RESOLVER = Resolver({"Resources": {}}, "Shop")
HERE = "us-east-1:123456789012"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:m"
TOPIC = f"arn:aws:sns:{HERE}:news"
ROLE = "arn:aws:iam::123456789012:role/api"


def uri(rest):
    """The address of a service as API Gateway writes it."""
    return f"arn:aws:apigateway:us-east-1:{rest}"


def template(text):
    """A REST integration whose request is made by a template."""
    return {"RequestTemplates": {"application/json": text}}


@pytest.mark.parametrize(
    ("integration", "target", "actions"),
    [
        (
            {"Uri": uri(f"lambda:path/2015-03-31/functions/arn:aws:lambda:{HERE}:function:f/invocations"), "Type": "AWS_PROXY"},
            f"arn:aws:lambda:{HERE}:function:f",
            (),
        ),
        ({"Uri": uri("sqs:path/123456789012/jobs"), **template("Action=SendMessage&MessageBody=$input.body")},
         f"arn:aws:sqs:{HERE}:jobs", ("sqs:SendMessage",)),
        ({"Uri": uri("sqs:path/123456789012/jobs"), "RequestParameters": {"integration.request.querystring.Action": "'SendMessage'"}},
         f"arn:aws:sqs:{HERE}:jobs", ("sqs:SendMessage",)),
        ({"Uri": uri("sqs:path/123456789012/jobs")}, f"arn:aws:sqs:{HERE}:jobs", ()),
        ({"Uri": uri("sqs:action/SendMessage"),
          "RequestParameters": {"integration.request.querystring.QueueUrl": "'https://sqs.us-east-1.amazonaws.com/123456789012/jobs'"}},
         f"arn:aws:sqs:{HERE}:jobs", ("sqs:SendMessage",)),
        ({"Uri": uri("events:action/PutEvents"), **template('{"Entries": [{"Source": "web", "EventBusName": "orders"}]}')},
         f"arn:aws:events:{HERE}:event-bus/orders", ("events:PutEvents",)),
        ({"Uri": uri("events:action/PutEvents"), **template('{"Entries": [{"Source": "web", "DetailType": "d"}]}')},
         f"arn:aws:events:{HERE}:event-bus/default", ("events:PutEvents",)),
        ({"Uri": uri("events:action/PutEvents"), **template(f'{{"EventBusName":"arn:aws:events:{HERE}:event-bus/x"}}')},
         f"arn:aws:events:{HERE}:event-bus/x", ("events:PutEvents",)),
        ({"Uri": uri("events:action/PutEvents"), **template('{"EventBusName": "$stageVariables.bus"}')},
         uri("events:action/PutEvents"), ("events:PutEvents",)),
        ({"Uri": uri("states:action/StartSyncExecution"), **template(f'{{"stateMachineArn": "{MACHINE}"}}')},
         MACHINE, ("states:StartSyncExecution",)),
        ({"Uri": uri("sns:action/Publish"), **template(f"Action=Publish&TopicArn=$util.urlEncode('{TOPIC}')&Message=x")},
         TOPIC, ("sns:Publish",)),
        ({"Uri": uri("kinesis:action/PutRecord"), **template('{ \\"StreamName\\": \\"clicks\\" }')},
         f"arn:aws:kinesis:{HERE}:stream/clicks", ("kinesis:PutRecord",)),
        ({"Uri": uri("dynamodb:action/PutItem"), **template('{"TableName":"orders","Item":{}}')},
         f"arn:aws:dynamodb:{HERE}:table/orders", ("dynamodb:PutItem",)),
        ({"Uri": uri("rekognition:action/DetectFaces")}, uri("rekognition:action/DetectFaces"), ()),
        ({"Uri": uri("dynamodb:action/GetItem"), **template('{"TableName": "orders"}')}, uri("dynamodb:action/GetItem"), ()),
        ({"Uri": uri("sqs:path/123456789012/jobs"), **template("Action=ReceiveMessage")}, uri("sqs:path/123456789012/jobs"), ()),
        ({"Uri": uri("sqs:path/jobs"), **template("Action=SendMessage")}, f"arn:aws:sqs:{HERE}:jobs", ("sqs:SendMessage",)),
        ({"IntegrationSubtype": "EventBridge-PutEvents", "RequestParameters": {"EventBusName": "unknown (why)"}},
         "unknown (why)", ("events:PutEvents",)),
        ({"Uri": "https://example.com/", "Type": "HTTP_PROXY"}, "https://example.com/", ()),
        ({"IntegrationSubtype": "SQS-SendMessage",
          "RequestParameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs", "MessageBody": "$request.body"}},
         f"arn:aws:sqs:{HERE}:jobs", ("sqs:SendMessage",)),
        ({"IntegrationSubtype": "EventBridge-PutEvents", "RequestParameters": {"Source": "web", "Detail": "$request.body"}},
         f"arn:aws:events:{HERE}:event-bus/default", ("events:PutEvents",)),
        ({"IntegrationSubtype": "StepFunctions-StartExecution",
          "RequestParameters": {"StateMachineArn": MACHINE}},
         MACHINE, ("states:StartExecution",)),
        ({"IntegrationSubtype": "Kinesis-PutRecord", "RequestParameters": {"StreamName": "clicks", "Data": "$request.body"}},
         f"arn:aws:kinesis:{HERE}:stream/clicks", ("kinesis:PutRecord",)),
        ({"IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"QueueUrl": "$request.body.q"}}, "", ("sqs:SendMessage",)),
        ({"IntegrationSubtype": "SQS-ReceiveMessage",
          "RequestParameters": {"queueurl": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"}}, "", ("sqs:ReceiveMessage",)),
        ({"IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"QUEUEURL": "https://sqs.eu-west-1.amazonaws.com/1/jobs"}},
         "arn:aws:sqs:eu-west-1:1:jobs", ("sqs:SendMessage",)),
        ({"IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"QueueUrl": "no URL"}}, "no URL", ("sqs:SendMessage",)),
        ({"IntegrationSubtype": "Kinesis-PutRecord"}, "", ("kinesis:PutRecord",)),
        ({"IntegrationSubtype": "AppConfig-GetConfiguration"}, "", ("appconfig:GetConfiguration",)),
        ({"IntegrationSubtype": "AppConfig-PutSomething"}, "", ("appconfig:PutSomething",)),
        ({"Uri": uri("sqs:path/210987654321/jobs/"), **template("Action=SendMessage")},
         "arn:aws:sqs:us-east-1:210987654321:jobs", ("sqs:SendMessage",)),
        ({"Uri": uri("sns:path/jobs"), **template(f"Action=Publish&TopicArn={TOPIC}")}, TOPIC, ("sns:Publish",)),
        ({"Uri": uri("sqs:action/jobs")}, uri("sqs:action/jobs"), ()),
        ({"Uri": uri("kinesis:action/PutRecord")}, uri("kinesis:action/PutRecord"), ("kinesis:PutRecord",)),
        ({"Uri": uri("kinesis:action/PutRecord"), **template('{"StreamName": "unknown (why)"}')},
         uri("kinesis:action/PutRecord"), ("kinesis:PutRecord",)),
        ({"Uri": uri("firehose:action/PutRecord"), **template('{"DeliveryStreamName": "clicks"}')},
         f"arn:aws:firehose:{HERE}:deliverystream/clicks", ("firehose:PutRecord",)),
        ({"Uri": uri("states:action/StartExecution"), **template('{"stateMachineArn": "m"}')}, MACHINE, ("states:StartExecution",)),
        ({"Uri": uri("rekognition:action/StartFaceDetection")},
         uri("rekognition:action/StartFaceDetection"), ("rekognition:StartFaceDetection",)),
        ({"Uri": uri("my.events:action/PutEvents")}, f"arn:aws:events:{HERE}:event-bus/default", ("events:PutEvents",)),
        ({"Uri": uri("sns:action/Publish"), **template("Action=Publish&TopicArn=news&Message=x")}, TOPIC, ("sns:Publish",)),
        ({}, "", ()),
    ],
)  # fmt: skip
def test_what_is_called_and_what_a_role_needs_for_it(integration, target, actions):
    found = served({**integration, "Credentials": ROLE}, RESOLVER)
    assert (found.target_arn, found.actions, found.role_arn) == (target, actions, ROLE)
    in_body = {key[0].lower() + key[1:]: value for key, value in integration.items()}
    assert served({**in_body, "credentials": ROLE}, RESOLVER) == found


@pytest.mark.parametrize(
    ("integration", "kind"),
    [
        ({"Type": "AWS_PROXY"}, "proxy-v1"),
        ({"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}, "proxy-v2"),
        ({"Type": "AWS", "Uri": uri("sqs:path/1/q")}, "template"),
        ({"IntegrationSubtype": "SQS-SendMessage"}, "parameters"),
        ({"IntegrationSubtype": "StepFunctions-StartExecution"}, "template"),
    ],
)
def test_what_the_target_sees_is_told_by_the_type(integration, kind):
    assert served(integration, RESOLVER).kind == kind


def test_a_function_behind_a_template_does_not_see_the_request():
    found = served({"Type": "AWS", "Uri": uri(f"lambda:path/functions/arn:aws:lambda:{HERE}:function:f/invocations")}, RESOLVER)
    assert (found.kind, found.target_arn) == ("template", f"arn:aws:lambda:{HERE}:function:f")


def test_parameters_are_texts():
    found = served({"IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"MessageBody": 5, "DelaySeconds": None}}, RESOLVER)
    assert found.parameters == {"MessageBody": "5", "DelaySeconds": ""}


@pytest.mark.parametrize("action", [
    "PutEvents", "SendMessage", "SendMessageBatch", "Publish", "StartExecution", "UpdateItem", "DeleteItem", "BatchWriteItem",
    "TransactWriteItems",
])  # fmt: skip
def test_an_action_that_hands_on_has_a_target(action):
    found = served({"Uri": uri(f"dynamodb:action/{action}"), **template('{"TableName": "orders"}')}, RESOLVER)
    assert found.target_arn == f"arn:aws:dynamodb:{HERE}:table/orders"


@pytest.mark.parametrize("action", ["DeleteMessage", "GetItem", "Query", "ListStreams"])
def test_one_that_reads_or_administers_has_none(action):
    found = served({"Uri": uri(f"dynamodb:action/{action}"), **template('{"TableName": "orders"}')}, RESOLVER)
    assert (found.target_arn, found.actions) == (uri(f"dynamodb:action/{action}"), ())
