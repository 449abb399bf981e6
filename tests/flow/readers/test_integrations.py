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
