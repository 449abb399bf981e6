"""What references come to: names, ARNs, URLs and attributes as CloudFormation gives them, parameters as they are given."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Queue, Unknown
from cdk_event_flow.flow.resolve import Resolver
from cdk_event_flow.flow.stacks import Stacks

HERE = "eu-west-1:210987654321"
PLACE = {"stack": "Shop", "account": "210987654321", "region": "eu-west-1"}
FUNCTION = f"arn:aws:lambda:{HERE}:function:work"


def resolver(resources, **more):
    """A resolver of resources, given as type and properties."""
    written = {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in resources.items()}
    return Resolver({"Resources": written, **more}, **PLACE)


def of(kind, properties, expression, **beside):
    """What an expression on the resource `It` comes to."""
    return resolver({"It": (kind, properties), **beside}).value(expression)


def ref(kind, properties, **beside):
    return of(kind, properties, {"Ref": "It"}, **beside)


def att(kind, properties, attribute, **beside):
    return of(kind, properties, {"Fn::GetAtt": ["It", attribute]}, **beside)


OPEN = {"Ref": "Open"}


@pytest.mark.parametrize(
    ("kind", "properties", "name"),
    [
        ("AWS::Lambda::Function", {"FunctionName": "work"}, "work"),
        ("AWS::Lambda::Function", {"FunctionName": {"Fn::Sub": "${AWS::Region}-work"}}, "eu-west-1-work"),
        ("AWS::Lambda::Function", {"FunctionName": OPEN}, "Shop-It"),
        ("AWS::Lambda::Function", {"FunctionName": ""}, "Shop-It"),
        ("AWS::Lambda::Function", {"FunctionName": 5}, "Shop-It"),
        ("AWS::Lambda::Function", {"": "work"}, "Shop-It"),
        ("AWS::Lambda::Function", "none", "Shop-It"),
        ("AWS::ApiGateway::RestApi", {"Name": "shop", "": "shop"}, "Shop-It"),
        ("AWS::Some::Thing", {}, "Shop-It"),
        ("AWS::S3::Bucket", {}, "shop-it"),
        ("AWS::S3::Bucket", {"BucketName": "Mine"}, "Mine"),
    ],
)
def test_a_name_is_the_one_given_or_made_of_the_stack_and_the_logical_id(kind, properties, name):
    assert ref(kind, properties) == name


@pytest.mark.parametrize(("kind", "flag"), [("AWS::SQS::Queue", "FifoQueue"), ("AWS::SNS::Topic", "FifoTopic")])
@pytest.mark.parametrize(
    ("written", "name"), [(True, "Shop-It.fifo"), ("TRUE", "Shop-It.fifo"), (False, "Shop-It"), ("yes", "Shop-It"), (None, "Shop-It")]
)
def test_a_name_of_what_is_fifo_ends_so(kind, flag, written, name):
    attribute = "QueueName" if kind == "AWS::SQS::Queue" else "TopicName"
    assert att(kind, {flag: written}, attribute) == name


@pytest.mark.parametrize(
    ("kind", "properties", "arn"),
    [
        ("AWS::Lambda::Version", {"FunctionName": "work"}, f"{FUNCTION}:1"),
        ("AWS::Lambda::Version", {"FunctionName": "arn:f"}, "arn:f:1"),
        ("AWS::Lambda::Version", {"FunctionName": OPEN}, f"arn:aws:lambda:{HERE}:function:unknown (nothing is named Open):1"),
        ("AWS::Lambda::Alias", {"FunctionName": "work", "Name": "live"}, f"{FUNCTION}:live"),
        ("AWS::Kinesis::StreamConsumer", {"StreamARN": "arn:s", "ConsumerName": "fast"}, "arn:s/consumer/fast:1767225600"),
        ("AWS::Kinesis::StreamConsumer", {"StreamARN": OPEN, "ConsumerName": "fast"}, "unknown (nothing is named Open)"),
        ("AWS::Scheduler::Schedule", {"Name": "daily"}, f"arn:aws:scheduler:{HERE}:schedule/default/daily"),
        ("AWS::Scheduler::Schedule", {"Name": "daily", "GroupName": "g"}, f"arn:aws:scheduler:{HERE}:schedule/g/daily"),
        ("AWS::Scheduler::Schedule", {"Name": "daily", "GroupName": OPEN}, f"arn:aws:scheduler:{HERE}:schedule/default/daily"),
        ("AWS::Events::Rule", {"Name": "r"}, f"arn:aws:events:{HERE}:rule/r"),
        ("AWS::Events::Rule", {"Name": "r", "EventBusName": "default"}, f"arn:aws:events:{HERE}:rule/r"),
        ("AWS::Events::Rule", {"Name": "r", "EventBusName": OPEN}, f"arn:aws:events:{HERE}:rule/r"),
        ("AWS::Events::Rule", {"Name": "r", "EventBusName": "orders"}, f"arn:aws:events:{HERE}:rule/orders/r"),
        ("AWS::Events::Rule", {"Name": "r", "EventBusName": "arn:x:event-bus/orders"}, f"arn:aws:events:{HERE}:rule/orders/r"),
        ("AWS::IAM::Role", {"RoleName": "r"}, "arn:aws:iam::210987654321:role/r"),
        ("AWS::S3::Bucket", {"BucketName": "b"}, "arn:aws:s3:::b"),
        ("AWS::Some::Thing", {}, f"arn:aws:some:{HERE}:Shop-It"),
        ("Custom::Thing", {}, f"arn:aws:unknown:{HERE}:Shop-It"),
    ],
)
def test_an_arn_is_as_the_service_writes_it(kind, properties, arn):
    assert resolver({"It": (kind, properties)}).arn("It") == arn
    assert att(kind, properties, "Arn") == arn


@pytest.mark.parametrize(
    ("kind", "properties", "attribute", "value"),
    [
        ("AWS::SQS::Queue", {"QueueName": "q"}, "QueueUrl", "https://sqs.eu-west-1.amazonaws.com/210987654321/q"),
        ("AWS::DynamoDB::Table", {"TableName": "t"}, "StreamArn", f"arn:aws:dynamodb:{HERE}:table/t/stream/2026-01-01T00:00:00.000"),
        ("AWS::DynamoDB::GlobalTable", {"TableName": "t"}, "StreamArn",
         f"arn:aws:dynamodb:{HERE}:table/t/stream/2026-01-01T00:00:00.000"),
        ("AWS::Lambda::Version", {"FunctionName": "work"}, "Version", "1"),
        ("AWS::Lambda::Version", {"FunctionName": "work"}, "FunctionArn", f"{FUNCTION}:1"),
        ("AWS::Kinesis::StreamConsumer", {"StreamARN": "arn:s", "ConsumerName": "fast"}, "ConsumerARN",
        "arn:s/consumer/fast:1767225600"),
        ("AWS::SNS::Topic", {"TopicName": "t"}, "TopicArn", f"arn:aws:sns:{HERE}:t"),
        ("AWS::SNS::Topic", {"TopicName": "t"}, "TopicName", "t"),
        ("AWS::Lambda::Function", {}, "FunctionArn", Unknown("It.FunctionArn is known only after deploying")),
        ("AWS::SQS::Queue", {}, "Version", Unknown("It.Version is known only after deploying")),
        ("AWS::SQS::Queue", {}, "StreamArn", Unknown("It.StreamArn is known only after deploying")),
        ("AWS::EC2::RouteTable", {}, "RouteTableId", "Shop-It"),
        ("AWS::EC2::SecurityGroup", {}, "GroupId", "Shop-It"),
        ("AWS::EC2::Subnet", {}, "SubnetId", "Shop-It"),
        ("AWS::EC2::VPC", {}, "VpcId", "Shop-It"),
        ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, "CidrBlock", "10.0.0.0/16"),
        ("AWS::EC2::Subnet", {"CidrBlock": "10.0.1.0/24"}, "CidrBlock", "10.0.1.0/24"),
        ("AWS::EC2::Subnet", {"VpcId": {"Fn::Sub": "vpc-${AWS::Region}"}}, "VpcId", "vpc-eu-west-1"),
        ("AWS::EC2::SecurityGroup", {"VpcId": "vpc-1"}, "VpcId", Unknown("It.VpcId is known only after deploying")),
        ("AWS::ApiGateway::RestApi", {}, "RootResourceId", "Shop-It/"),
        ("AWS::CloudFormation::Stack", {}, "Outputs.Topic", Unknown("It.Outputs.Topic is known only after deploying")),
    ],
)  # fmt: skip
def test_an_attribute_is_as_cloudformation_gives_it(kind, properties, attribute, value):
    assert att(kind, properties, attribute) == value


def test_an_attribute_of_nothing_is_unknown():
    assert resolver({}).value({"Fn::GetAtt": "Nobody.Arn"}) == Unknown("nothing is named Nobody")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/210987654321/Shop-It"),
        ("AWS::SNS::Topic", f"arn:aws:sns:{HERE}:Shop-It"),
        ("AWS::Events::EventBus", "Shop-It"),
    ],
)
def test_a_reference_is_a_url_an_arn_or_a_name(kind, value):
    assert ref(kind, {}) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS::AccountId", "210987654321"),
        ("AWS::NotificationARNs", []),
        ("AWS::Partition", "aws"),
        ("AWS::Region", "eu-west-1"),
        ("AWS::StackId", f"arn:aws:cloudformation:{HERE}:stack/Shop/0"),
        ("AWS::StackName", "Shop"),
        ("AWS::URLSuffix", "amazonaws.com"),
        ("AWS::Nothing", Unknown("nothing is named AWS::Nothing")),
        (5, Unknown("Ref is not written as CloudFormation takes it")),
        ([], Unknown("Ref is not written as CloudFormation takes it")),
    ],
)
def test_a_pseudo_parameter_says_where_the_stack_is(name, value):
    assert resolver({}).value({"Ref": name}) == value


def test_in_china_addresses_end_otherwise():
    queue = Resolver({"Resources": {"It": {"Type": "AWS::SQS::Queue"}}}, "Shop", "1", "cn-north-1").value({"Ref": "It"})
    assert queue == "https://sqs.cn-north-1.amazonaws.com.cn/1/Shop-It"


def test_versions_of_a_function_are_counted():
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    other = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Other"}}}
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Work"}}}
    read = Resolver({"Resources": {"One": version, "Alias": alias, "Of": other, "Two": version, "Three": version}}, "Shop")
    numbers = {name: read.value({"Fn::GetAtt": [name, "Version"]}) for name in ("One", "Two", "Three", "Of")}
    assert numbers == {"One": "1", "Two": "2", "Three": "3", "Of": "1"}


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("Shop/Orders/Resource", "Shop/Orders"),
        ("Shop/Orders/Default", "Shop/Orders"),
        ("Shop/Orders", "Shop/Orders"),
        ("Shop/Resource", "Shop"),
        ("Shop/Resource/Orders", "Shop/Resource/Orders"),
        ("Shop/Resource/Resource", "Shop/Resource"),
        ("Resource", "Resource"),
        (5, "It"),
        (None, "It"),
    ],
)
def test_a_path_is_the_constructs_without_the_resource_in_it(written, path):
    template = {"Resources": {"It": {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": written}}}}
    assert Resolver(template, "Shop").path("It") == path


DECLARED = {
    "Stage": {"Type": "String", "Default": "dev"},
    "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
    "Numbers": {"Type": "List<Number>", "Default": "1,2"},
    "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path"},
    "Without": {"Default": "a, b"},
    "Empty": {"Type": "String", "Default": None},
    "Odd": "text",
}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("Stage", {}, "dev"),
        ("Stage", {"Stage": "prod"}, "prod"),
        ("Names", {}, ["a", "b"]),
        ("Names", {"Names": "x ,y"}, ["x", "y"]),
        ("Names", {"Names": ["x, y"]}, ["x, y"]),
        ("Numbers", {}, ["1", "2"]),
        ("Subnets", {}, Unknown("parameter Subnets has no default")),
        ("Subnets", {"Subnets": "s-1,s-2"}, ["s-1", "s-2"]),
        ("Stored", {}, Unknown("parameter Stored is read from the Parameter Store at deployment")),
        ("Stored", {"Stored": "value"}, "value"),
        ("Without", {}, "a, b"),
        ("Empty", {}, None),
        ("Odd", {}, Unknown("nothing is named Odd")),
        ("Odd", {"Odd": "given"}, "given"),
        ("Nobody", {}, Unknown("nothing is named Nobody")),
        ("Nobody", {"Nobody": "given"}, "given"),
    ],
)
def test_a_parameter_is_as_it_is_given_or_as_by_default(name, given, value):
    read = Resolver({"Parameters": DECLARED, "Resources": {}}, "Shop", parameters=given)
    assert read.value({"Ref": name}) == value


def test_a_nested_stack_has_the_parameters_that_its_parent_gives_it():
    declared = {name: {"Type": "String", "Default": "default"} for name in ("Given", "Ours", "Left")}
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"Given": {"Ref": "Stage"}, "Ours": "theirs"}}}
    odd = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": ["Given"]}}
    stacks = Stacks()
    parent = Resolver({"Parameters": DECLARED, "Resources": {"Inner": inner, "Odd": odd}}, "Shop", stacks=stacks)
    nested = Resolver(
        {"Parameters": declared, "Resources": {}}, "In", stacks=stacks, parent=(parent, "Inner"), parameters={"Ours": "ours"}
    )
    assert [nested.value({"Ref": name}) for name in declared] == ["dev", "ours", "default"]
    nothing = Resolver({"Parameters": declared, "Resources": {}}, "In", stacks=stacks, parent=(parent, "Odd"))
    assert [nothing.value({"Ref": name}) for name in declared] == ["default"] * 3


def test_tags_of_a_stack_are_of_all_that_is_in_it():
    parent = Resolver({"Resources": {}}, "Shop", tags={"Team": "shop", "Cost": "1"})
    nested = Resolver({"Resources": {}}, "In", tags={"Cost": "2"}, parent=(parent, "Inner"))
    assert parent.stack_tags == {"Team": "shop", "Cost": "1"}
    assert nested.stack_tags == {"Team": "shop", "Cost": "2"}


@pytest.mark.parametrize(
    ("condition", "exists"),
    [
        (None, True), ("Yes", True), ("No", False), ("Nobody", Unknown("no condition is named Nobody")),
        ("Itself", Unknown("Itself refers to itself")), ("Odd", Unknown("a condition that cannot be read")),
        (["Yes"], Unknown("its condition is not a name")),
    ],
)  # fmt: skip
def test_a_resource_exists_as_its_condition_says(condition, exists):
    conditions = {
        "Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}, "Itself": {"Fn::Not": [{"Condition": "Itself"}]},
        "Odd": "x",
    }  # fmt: skip
    queue = {"Type": "AWS::SQS::Queue"} | ({"Condition": condition} if condition else {})
    template = {"Conditions": conditions, "Resources": {"It": queue}}
    assert Resolver(template, "Shop").exists("It") == exists
    assert len(Flow.from_template(template).of(Queue)) == (exists is not False)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("text", "text"), (5, 5), (None, None), (["a", {"Ref": "AWS::NoValue"}], ["a"]), ({}, {}), ({5: "a"}, {"5": "a"}),
        ({"Ref": "AWS::Region", "other": 1}, {"Ref": "AWS::Region", "other": 1}),
        ({"a": {"Ref": "AWS::Region"}, "b": {"Ref": "AWS::NoValue"}}, {"a": "eu-west-1"}),
        ({"Fn::Nothing": 1}, Unknown("Fn::Nothing is not followed")), ({"Fnord": 1}, {"Fnord": 1}),
        ("a {{resolve:ssm:/x}}", Unknown("a {{resolve:ssm:/x}} is resolved at deployment")),
    ],
)  # fmt: skip
def test_a_value_is_resolved_through_and_through(raw, value):
    assert resolver({}).value(raw) == value


@pytest.mark.parametrize(
    ("outputs", "value"),
    [
        ({"Out": {"Value": {"Ref": "AWS::Region"}}}, "eu-west-1"),
        ({"Out": {}}, None),
        ({"Out": "text"}, Unknown("the stack Shop has no output Out")),
        ({}, Unknown("the stack Shop has no output Out")),
        ([], Unknown("the stack Shop has no output Out")),
        ({"Out": {"Value": {"Fn::GetStackOutput": {"StackName": "Shop", "OutputName": "Out"}}}}, Unknown("Out refers to itself")),
    ],
)
def test_an_output_is_resolved_where_it_stands(outputs, value):
    assert resolver({}, Outputs=outputs).output("Out") == value


def test_a_name_that_is_made_of_itself_is_made_up():
    named = {"QueueName": {"Fn::Sub": "${It.QueueName}-2"}}
    assert att("AWS::SQS::Queue", named, "QueueName") == "Shop-It"
    read = resolver(
        {"It": ("AWS::SQS::Queue", named), "Other": ("AWS::SQS::Queue", {"QueueName": {"Fn::GetAtt": ["It", "QueueName"]}})}
    )
    assert read.name("Other") == "Shop-It"
    consumer = {"StreamARN": {"Fn::GetAtt": ["It", "ConsumerARN"]}}
    assert att("AWS::Kinesis::StreamConsumer", consumer, "ConsumerARN") == "unknown (It refers to itself)"
