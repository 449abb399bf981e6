"""Deployed stacks, read as CloudFormation has them."""

import json
import re

import boto3
import pytest

from cdk_event_flow.errors import RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function, Queue, Rule, Subscription, Topic
from cdk_event_flow.operate.aws import Aws
from cdk_event_flow.operate.deployed import Place, deployed_flow, synthesized_flow

from .cloudformation import ACCOUNT, REGION, Told, moto, stack_id


def to(resource):
    """A rule on the default bus, to a queue or topic of the template."""
    arn = {"Fn::GetAtt": [resource, "Arn"]} if resource.endswith("Queue") else {"Ref": resource}
    pattern = {"source": ["shop"]}
    return {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [{"Id": "T", "Arn": arn}]}}


LIVE = {
    "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
    "Conditions": {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
    "Resources": {
        "AnyQueue": {"Type": "AWS::SQS::Queue"},
        "ToAny": to("AnyQueue"),
        "LiveQueue": {
            "Type": "AWS::SQS::Queue",
            "Condition": "Live",
            "Properties": {"VisibilityTimeout": {"Fn::If": ["Live", 60, 5]}},
        },
        "ToLive": {**to("LiveQueue"), "Condition": "Live"},
    },
}


@pytest.fixture
def aws():
    """The SDK with an account's credentials."""

    def made():
        return Aws.of_profile(region=REGION, profile=None)

    return made


@pytest.fixture
def told(monkeypatch):
    """CloudFormation that answers what it is told."""
    return Told(monkeypatch)


def led_to(flow):
    """The queues and topics that rules lead to."""
    return sorted(flow.nodes[target.arn].path for rule in flow.of(Rule) for target in rule.targets)


def test_a_stack_is_read_with_its_parameters_and_what_exists_of_it(monkeypatch, aws):
    with moto(monkeypatch) as formation:
        formation.create_stack(StackName="Dev", TemplateBody=json.dumps(LIVE))
        live = [{"ParameterKey": "Stage", "ParameterValue": "live"}]
        formation.create_stack(StackName="Live", TemplateBody=json.dumps(LIVE), Parameters=live)
        assert led_to(deployed_flow(["Dev"], aws())) == ["AnyQueue"]
        flow = deployed_flow(["Live"], aws())
        assert led_to(flow) == ["AnyQueue", "LiveQueue"]
        assert flow.find("LiveQueue").visibility == 60
        assert flow.find("LiveQueue").unknown == {}
        assert flow.region == REGION
        urls = boto3.client("sqs").list_queues()["QueueUrls"]
        assert {queue.url for queue in flow.of(Queue)} == {url for url in urls if "/Live-" in url}


def test_stacks_given_together_are_read_together(monkeypatch, aws):
    shared = {
        "Resources": {"News": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"News": {"Value": {"Ref": "News"}, "Export": {"Name": "news"}}},
    }
    shop = {"Resources": {"ToNews": to("News")}}
    shop["Resources"]["ToNews"]["Properties"]["Targets"][0]["Arn"] = {"Fn::ImportValue": {"Fn::Sub": "news"}}
    with moto(monkeypatch) as formation:
        formation.create_stack(StackName="Shared", TemplateBody=json.dumps(shared))
        formation.create_stack(StackName="Shop", TemplateBody=json.dumps(shop))
        [topic] = boto3.client("sns").list_topics()["Topics"]
        alone, both = deployed_flow(["Shop"], aws()), deployed_flow(["Shop", "Shared"], aws())
    assert [rule.targets[0].arn for rule in alone.of(Rule)] == [topic["TopicArn"]]
    assert alone.of(Topic) == ()
    assert [node.arn for node in both.of(Topic)] == [topic["TopicArn"]]


def test_nested_stacks_are_followed(monkeypatch, aws):
    inner = {"Parameters": LIVE["Parameters"], "Conditions": LIVE["Conditions"], "Resources": LIVE["Resources"]}
    outer = {
        "Resources": {
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": "https://s3.amazonaws.com/templates/inner.json", "Parameters": {"Stage": "live"}},
            }
        }
    }
    with moto(monkeypatch) as formation:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="templates", Key="inner.json", Body=json.dumps(inner))
        formation.create_stack(StackName="Outer", TemplateBody=json.dumps(outer))
        flow = deployed_flow(["Outer"], aws())
        urls = boto3.client("sqs").list_queues()["QueueUrls"]
    assert led_to(flow) == ["AnyQueue", "LiveQueue"]
    assert {queue.url for queue in flow.of(Queue)} == set(urls)


def test_what_is_deployed_of_the_reference_app_is_what_was_synthesized(assembly, told, aws):
    template = json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))
    told.stack("OrderPacking", template)
    told.stack("OrderPacking", template)
    flow, synthesized = deployed_flow(["OrderPacking"], aws()), Flow.from_assembly(assembly)
    assert [type(node) for node in flow.nodes.values()] == [type(node) for node in synthesized.nodes.values()]
    assert [node.path for node in flow.nodes.values()] == [node.path for node in synthesized.nodes.values()]
    assert flow.check() == []
    for kind in (Function, Queue, Topic):
        for node in flow.of(kind):
            assert node.arn.split(":")[3:5] == [REGION, ACCOUNT]
            assert node.name.startswith("OrderPacking-")
            assert node.name.endswith("-X1Y2Z3")
    [rule] = flow.of(Rule)
    assert rule.arn == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/OrderPacking-OrdersBusEC605DBA-X1Y2Z3/{rule.name}"
    billed = {"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {"total": 5, "region": "apac"}}
    assert [end.path for end in flow.send("Orders", billed).ends] == ["OrderPacking/Billing/Function"]
    there = Flow.from_assembly(assembly, account=ACCOUNT, region=REGION)
    again = synthesized_flow(["OrderPacking"], aws())
    assert list(again.nodes) == list(there.nodes)
    assert not there.diff(again)


def test_a_template_in_yaml_with_short_forms_is_read(told, aws):
    template = """
Resources:
  News: {Type: AWS::SNS::Topic}
  Inbox: {Type: AWS::SQS::Queue}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Inbox.Arn}
"""
    inbox, news = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/Inbox-1", f"arn:aws:sns:{REGION}:{ACCOUNT}:News-1"
    told.stack("Shop", template, {"News": news, "Inbox": inbox, "Subscription": f"{news}:5a5b"})
    [subscription] = deployed_flow(["Shop"], aws()).of(Subscription)
    assert (subscription.topic_arn, subscription.endpoint) == (news, f"arn:aws:sqs:{REGION}:{ACCOUNT}:Inbox-1")


def test_of_a_secret_parameter_nothing_is_known(told, aws):
    template = {
        "Parameters": {
            "Name": {"Type": "String", "NoEcho": True, "Default": "dev"},
            "Ssm": {"Type": "AWS::SSM::Parameter::Value<String>"},
        },
        "Resources": {
            "A": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": {"N": {"Ref": "Name"}}}}},
            "B": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": {"N": {"Ref": "Ssm"}}}}},
        },
    }
    given = [
        {"ParameterKey": "Name", "ParameterValue": "****"},
        {"ParameterKey": "Ssm", "ParameterValue": "/shop/name", "ResolvedValue": "orders"},
    ]
    told.stack("Shop", template, Parameters=given)
    flow = deployed_flow(["Shop"], aws())
    assert [function.environment for function in flow.of(Function)] == [
        {"N": "unknown (parameter Name has no default)"},
        {"N": "orders"},
    ]


def test_outputs_of_other_stacks_have_their_values(told, aws):
    reference = {"Fn::GetStackOutput": {"StackName": "Shared", "OutputName": "NewsArn"}}
    gone = {"Fn::GetStackOutput": {"StackName": "Gone", "OutputName": "Arn"}}
    rules = {"ToNews": to("News"), "ToNobody": to("News")}
    rules["ToNews"]["Properties"]["Targets"][0]["Arn"] = reference
    rules["ToNobody"]["Properties"]["Targets"][0]["Arn"] = gone
    told.stack("Shop", {"Resources": rules})
    told.error("describe_stacks", "ValidationError", "Stack with id Gone does not exist")
    news = f"arn:aws:sns:{REGION}:{ACCOUNT}:Shared-News-1"
    told.described("Shared", Outputs=[{"OutputKey": "NewsArn", "OutputValue": news}])
    flow = deployed_flow(["Shop"], aws())
    assert [rule.targets[0].arn for rule in flow.of(Rule)] == [news, "unknown (output Arn is of the stack Gone, which is not here)"]


def test_one_stack_can_be_read_in_place_of_another(told, aws):
    told.stack("ShopLive", {"Resources": {"Inbox": {"Type": "AWS::SQS::Queue"}}})
    flow = synthesized_flow(["ShopLive"], aws(), called=["Shop"], place=Place("444455556666", "us-west-2"))
    assert [queue.arn for queue in flow.of(Queue)] == ["arn:aws:sqs:us-west-2:444455556666:Shop-Inbox"]


def test_a_stack_that_is_not_there_is_said(told, aws):
    told.error("describe_stacks", "ValidationError", "Stack with id Shop does not exist")
    with pytest.raises(RunError, match=f"^EF-STACK at Shop: there is no stack of this name in {REGION}, "):
        deployed_flow(["Shop"], aws())


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE"])
def test_a_stack_of_which_nothing_is_deployed_is_said(told, aws, status):
    told.described("Shop", status)
    with pytest.raises(RunError, match=f"^EF-STACK at Shop: nothing of the stack is deployed, it is {status}, "):
        deployed_flow(["Shop"], aws())


OPERATIONS = {
    "DescribeStacks": lambda told, template: None,
    "GetTemplate": lambda told, template: told.described("Shop"),
    "ListExports": lambda told, template: told.stack("Shop", template),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_permission_that_is_missing_is_named(told, aws, operation):
    imported = {"Fn::ImportValue": "key"}
    OPERATIONS[operation](told, {"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": imported}}}})
    told.error(re.sub("(?<!^)([A-Z])", r"_\1", operation).lower(), "AccessDenied", f"not allowed: cloudformation:{operation}")
    with pytest.raises(RunError, match=f"^EF-AWS-DENIED at Shop: {operation} was refused: not allowed: cloudformation:{operation}"):
        deployed_flow(["Shop"], aws())


def test_a_template_that_cannot_be_read_is_said_with_the_stacks_name(told, aws):
    told.described("Shop")
    told.stubber.add_response("get_template", {"TemplateBody": "Resources: [1, 2"})
    with pytest.raises(TemplateError, match="^EF-TEMPLATE at Shop: it is neither JSON nor YAML"):
        deployed_flow(["Shop"], aws())


def test_the_stacks_of_a_name_that_is_an_arn_are_asked_for_by_it(told, aws):
    told.stack("Shop", {"Resources": {"Inbox": {"Type": "AWS::SQS::Queue"}}})
    assert len(deployed_flow([stack_id("Shop")], aws()).of(Queue)) == 1
