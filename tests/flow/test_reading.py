"""Intrinsics, and stacks read together: what is known has its value, what is not says why."""

import json

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Queue, ResourcePolicy, Subscription, Unknown
from cdk_event_flow.flow.resolve import Resolver
from cdk_event_flow.flow.sources import Archive

TEMPLATE = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev"},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
        "Open": {"Type": "String"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path"},
    },
    "Mappings": {"Regions": {"us-east-1": {"zones": [1, 2]}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "Undecided"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "Undecided"}]},
        "Undecided": {"Fn::Equals": [{"Ref": "Open"}, "x"]},
        "Odd": {"Fn::Equals": ["x"]},
        "Neither": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "Undecided"}]},
    },
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
        "Gone": {"Type": "AWS::SQS::Queue", "Condition": "IsProd"},
    },
}

ARN = "arn:aws:sqs:us-east-1:123456789012:q"
KNOWN = [
    ({"Ref": "Stage"}, "dev"),
    ({"Ref": "Names"}, ["a", "b", "c"]),
    ({"Ref": "AWS::Partition"}, "aws"),
    ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
    ({"Ref": "Queue"}, "https://sqs.us-east-1.amazonaws.com/123456789012/q"),
    ({"Fn::GetAtt": "Queue.Arn"}, ARN),
    ({"Fn::Sub": "${Queue.Arn}-${!Stage}-${Stage}"}, ARN + "-${Stage}-dev"),
    ({"Fn::Sub": ["${A}${Stage}", {"A": {"Fn::Base64": "a"}}]}, "YQ==dev"),
    ({"Fn::Join": ["-", ["a", 1, True, {"Ref": "Stage"}]]}, "a-1-true-dev"),
    ({"Fn::Join": [",", {"Ref": "Names"}]}, "a,b,c"),
    ({"Fn::Select": ["1", {"Fn::Split": ["/", "a/b"]}]}, "b"),
    ({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "zones"]}, [1, 2]),
    ({"Fn::FindInMap": ["Regions", "nowhere", "zones", {"DefaultValue": 3}]}, 3),
    ({"Fn::Cidr": ["10.0.0.0/16", 2, "8"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    ({"Fn::Length": {"Ref": "Names"}}, 3),
    ({"Fn::ToJsonString": {"a": {"Ref": "Stage"}}}, '{"a":"dev"}'),
    ({"Fn::GetAZs": ""}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
    ({"Fn::If": ["IsDev", "yes", "no"]}, "yes"),
    ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
    ({"Fn::If": ["Both", "yes", "no"]}, "no"),
    ({"Fn::Cidr": ["10.0.0.0/16", 2]}, ["10.0.0.0/24", "10.0.1.0/24"]),
    ({"Fn::Cidr": ["10.0.0.0/24", "3", 4]}, ["10.0.0.0/28", "10.0.0.16/28", "10.0.0.32/28"]),
    ({"Fn::FindInMap": [{"Fn::Join": ["", ["Reg", "ions"]]}, "us-east-1", "zones", {"DefaultValue": 3}]}, [1, 2]),
    ({"Fn::FindInMap": ["None", "x", "y", {"DefaultValue": {"Ref": "Stage"}}]}, "dev"),
    ({"Fn::Select": [0, ["a", "b"]]}, "a"),
    ({"Fn::If": ["IsProd", "yes", "no"]}, "no"),
    ({"Fn::Base64": 5}, "NQ=="),
    ({"Fn::ToJsonString": [1, "a", None]}, '[1,"a",null]'),
    ({"Fn::ToJsonString": [{"Ref": "AWS::NoValue"}, 1]}, "[1]"),
    ([1, {"Fn::If": ["IsDev", {"Ref": "AWS::NoValue"}, 2]}], [1]),
    ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
    ({"Fn::Join": ["", ["a", False, 1.5]]}, "afalse1.5"),
    ({"Fn::Sub": ["${AWS::Region}"]}, "us-east-1"),
    ({"Fn::Sub": "no variable"}, "no variable"),
    ({"Fn::Cidr": ["10.0.0.0/16", 1, 8]}, ["10.0.0.0/24"]),
    ({"Fn::Length": {"Fn::Cidr": ["10.0.0.0/8", 256, 8]}}, 256),
    ({"Fn::Base64": "\ud800"}, "Pw=="),
    ({"Fn::GetAZs": "eu-west-1"}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
    ({"Fn::Select": ["01", ["a", "b"]]}, "b"),
    ({"Fn::FindInMap": ["Regions", "us-east-1", "zones", {"Other": 3}]}, [1, 2]),
]
UNKNOWN = [
    ({"Ref": "Open"}, "parameter Open has no default"),
    ({"Ref": "Stored"}, "parameter Stored is read from the Parameter Store at deployment"),
    ({"Ref": "Nobody"}, "nothing is named Nobody"),
    ({"Ref": "AWS::Nothing"}, "nothing is named AWS::Nothing"),
    ({"Ref": "Gone"}, "Gone is not created: its condition is false"),
    ({"Fn::GetAtt": ["Gone", "Arn"]}, "Gone is not created: its condition is false"),
    ({"Fn::GetAtt": ["Queue", "Nonsense"]}, "Queue.Nonsense is known only after deploying"),
    ({"Fn::Sub": "a-${Open}"}, "parameter Open has no default"),
    ({"Fn::Join": ["", ["a", {"Ref": "Open"}]]}, "parameter Open has no default"),
    ({"Fn::If": ["Undecided", 1, 2]}, "parameter Open has no default"),
    ({"Fn::If": ["NoSuch", 1, 2]}, "no condition is named NoSuch"),
    ({"Fn::Transform": {"Name": "AWS::Include"}}, "Fn::Transform is not followed"),
    ({"Fn::ImportValue": "elsewhere"}, "export elsewhere is of a stack that is not here"),
    ({"Fn::GetStackOutput": {"StackName": "S", "OutputName": "O"}}, "output O is of the stack S, which is not here"),
    ({"Fn::GetStackOutput": {"StackName": "Shop", "OutputName": "O"}}, "the stack Shop has no output O"),
    ({"Fn::Select": [9, ["a"]]}, "Fn::Select outside its list"),
    ({"Fn::Select": ["999999", ["a"]]}, "Fn::Select outside its list"),
    ({"Fn::Select": [{"Ref": "Open"}, ["a"]]}, "parameter Open has no default"),
    ({"Fn::Select": [0, {"Ref": "Open"}]}, "parameter Open has no default"),
    ({"Fn::Select": ["one", ["a"]]}, "Fn::Select is not written as CloudFormation takes it"),
    ({"Fn::Select": [0]}, "Fn::Select is not written as CloudFormation takes it"),
    ({"Fn::Split": [",", {"Ref": "Open"}]}, "parameter Open has no default"),
    ({"Fn::Split": [",", 5]}, "Fn::Split is not written as CloudFormation takes it"),
    ({"Fn::Split": ["", "a"]}, "Fn::Split is not written as CloudFormation takes it"),
    ({"Fn::If": ["IsDev", 1]}, "Fn::If is not written as CloudFormation takes it"),
    ({"Fn::FindInMap": ["Regions", {"Ref": "Open"}, "zones"]}, "parameter Open has no default"),
    ({"Fn::FindInMap": ["Regions", "us-east-1"]}, "Fn::FindInMap is not written as CloudFormation takes it"),
    ({"Fn::ImportValue": {"Ref": "Open"}}, "parameter Open has no default"),
    ({"Fn::ImportValue": 5}, "Fn::ImportValue is not written as CloudFormation takes it"),
    ({"Fn::GetStackOutput": {"Ref": "Open"}}, "parameter Open has no default"),
    ({"Fn::GetStackOutput": {"StackName": "S"}}, "Fn::GetStackOutput is not written as CloudFormation takes it"),
    ({"Fn::Cidr": [{"Ref": "Open"}, 2, 8]}, "parameter Open has no default"),
    ({"Fn::Cidr": ["10.0.0.0/16"]}, "Fn::Cidr is not written as CloudFormation takes it"),
    ({"Fn::Cidr": ["ten", 2, 8]}, "Fn::Cidr is not written as CloudFormation takes it"),
    ({"Fn::Cidr": ["10.0.0.0/16", 0, 8]}, "Fn::Cidr is not written as CloudFormation takes it"),
    ({"Fn::GetAtt": ["Queue"]}, "Fn::GetAtt is not written as CloudFormation takes it"),
    ({"Fn::GetAtt": 5}, "Fn::GetAtt is not written as CloudFormation takes it"),
    ({"Fn::Base64": {"Ref": "Open"}}, "parameter Open has no default"),
    ({"Fn::ToJsonString": {"a": {"Ref": "Open"}}}, "parameter Open has no default"),
    ({"Fn::If": ["Odd", 1, 2]}, "a condition that cannot be read"),
    ({"Fn::FindInMap": ["Regions", "nowhere", "zones"]}, "Fn::FindInMap of what is not in the map"),
    ({"Fn::Join": "x"}, "Fn::Join is not written as CloudFormation takes it"),
    ({"Fn::Cidr": ["10.0.0.0/16", 9999, 8]}, "Fn::Cidr is not written as CloudFormation takes it"),
    ("{{resolve:ssm:/name}}", "{{resolve:ssm:/name}} is resolved at deployment"),
    ({"Fn::Sub": "a${AWS::NoValue}"}, "AWS::NoValue"),
    ({"Fn::Join": [","]}, "Fn::Join is not written as CloudFormation takes it"),
    ({"Fn::Join": [5, ["a"]]}, "Fn::Join is not written as CloudFormation takes it"),
    ({"Fn::Join": [",", "a"]}, "Fn::Join is not written as CloudFormation takes it"),
    ({"Fn::Join": [",", ["a", ["b"]]]}, "Fn::Join is not written as CloudFormation takes it"),
    ({"Fn::Join": [",", {"Ref": "Open"}]}, "parameter Open has no default"),
    ({"Fn::Sub": 5}, "Fn::Sub is not written as CloudFormation takes it"),
    ({"Fn::Sub": ["${A}", {"A": [1]}]}, "A is not a text"),
    ({"Fn::Sub": ["${A}-${Open}", {"A": {"Ref": "Nobody"}}]}, "nothing is named Nobody"),
    ({"Fn::GetAtt": "Queue.Outputs.Arn"}, "Queue.Outputs.Arn is known only after deploying"),
    ({"Fn::Select": 5}, "Fn::Select is not written as CloudFormation takes it"),
    ({"Fn::Select": [[1], ["a"]]}, "Fn::Select is not written as CloudFormation takes it"),
    ({"Fn::Select": [0, "a"]}, "Fn::Select is not written as CloudFormation takes it"),
    ({"Fn::Select": [1, ["a"]]}, "Fn::Select outside its list"),
    ({"Fn::Select": ["9" * 5000, ["a"]]}, "Fn::Select outside its list"),
    ({"Fn::FindInMap": 5}, "Fn::FindInMap is not written as CloudFormation takes it"),
    ({"Fn::FindInMap": ["Regions", "nowhere", "zones", {"Other": 3}]}, "Fn::FindInMap of what is not in the map"),
    ({"Fn::Cidr": 5}, "Fn::Cidr is not written as CloudFormation takes it"),
    ({"Fn::Cidr": ["10.0.0.0/16", 257, 8]}, "Fn::Cidr is not written as CloudFormation takes it"),
    ({"Fn::Length": {"Ref": "Open"}}, "parameter Open has no default"),
    ({"Fn::Length": "text"}, "Fn::Length is not written as CloudFormation takes it"),
    ({"Fn::GetAZs": {"Ref": "Open"}}, "parameter Open has no default"),
    ({"Fn::GetAZs": 5}, "Fn::GetAZs is not written as CloudFormation takes it"),
    ({"Fn::Base64": [1]}, "Fn::Base64 is not written as CloudFormation takes it"),
    ({"Fn::ToJsonString": {"a": b"bytes"}}, "Fn::ToJsonString of what is no JSON"),
    ({"Fn::If": ["Neither", 1, 2]}, "parameter Open has no default"),
]


@pytest.mark.parametrize(("raw", "value"), KNOWN, ids=[json.dumps(raw) for raw, _ in KNOWN])
def test_what_can_be_known_has_its_value(raw, value):
    assert Resolver(TEMPLATE, "Shop").value(raw) == value


@pytest.mark.parametrize(("raw", "why"), UNKNOWN, ids=[json.dumps(raw, default=str)[:80] for raw, _ in UNKNOWN])
def test_what_cannot_be_known_says_why(raw, why):
    assert Resolver(TEMPLATE, "Shop").value(raw) == Unknown(why)


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")])
def test_names_are_of_the_partition_of_the_region(region, partition):
    flow = Flow.from_template(TEMPLATE, region=region)
    assert flow.of(Queue)[0].arn == f"arn:{partition}:sqs:{region}:123456789012:q"
    assert flow.send("default", {"source": "x", "detail-type": "y", "detail": {}}).deliveries == ()


def test_the_caller_decides_parameters_and_conditions():
    assert [queue.logical_id for queue in Flow.from_template(TEMPLATE).of(Queue)] == ["Queue"]
    prod = Flow.from_template(TEMPLATE, parameters={"Stage": "prod"})
    assert [queue.logical_id for queue in prod.of(Queue)] == ["Queue", "Gone"]


def assembly(folder, **stacks):
    """A cloud assembly of these templates."""
    artifacts = {}
    for name, template in stacks.items():
        (folder / f"{name}.json").write_text(json.dumps(template), "utf-8")
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": {"templateFile": f"{name}.json"}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    return folder


def test_imports_are_joined_over_a_chain_in_any_order(tmp_path):
    first = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Fn::ImportValue": "second"}, "Protocol": "sqs", "Endpoint": "x"},
    }
    passed_on = {"Value": {"Fn::ImportValue": {"Fn::Sub": "${AWS::Partition}-third"}}, "Export": {"Name": "second"}}
    made = {"Value": {"Ref": "Topic"}, "Export": {"Name": {"Fn::Join": ["-", ["aws", "third"]]}}}
    flow = Flow.from_assembly(
        assembly(
            tmp_path,
            A={"Resources": {"Subscription": first}},
            B={"Resources": {}, "Outputs": {"Out": passed_on}},
            C={"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Out": made}},
        )
    )
    assert flow.of(Subscription)[0].topic_arn == flow.find("Topic").arn


def test_an_output_is_of_the_stack_in_the_region_that_is_asked_for(tmp_path):
    def stack(file, **of):
        return {"type": "aws:cloudformation:stack", "environment": f"aws://111111111111/{file}",
                "properties": {"templateFile": f"{file}.json", "stackName": "Base"}, **of}  # fmt: skip

    for region in ("eu-west-1", "us-east-1"):
        (tmp_path / f"{region}.json").write_text(json.dumps({"Resources": {}, "Outputs": {"Out": {"Value": {"Ref": "AWS::Region"}}}}))

    def named(**more):
        asked = {"Fn::GetStackOutput": {"StackName": "Base", "OutputName": "Out", **more}}
        queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": asked}}
        (tmp_path / "Shop.json").write_text(json.dumps({"Resources": {"Queue": queue}}))
        shop = {**stack("Shop"), "environment": "aws://111111111111/us-east-1", "properties": {"templateFile": "Shop.json"}}
        artifacts = {"A": stack("eu-west-1"), "B": stack("us-east-1"), "Shop": shop}
        (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        return Flow.from_assembly(tmp_path).of(Queue)[0].name

    assert (named(Region="eu-west-1"), named(), named(Region="us-east-1"), named(Region="x")) == (
        "eu-west-1", "us-east-1", "us-east-1", "eu-west-1",
    )  # fmt: skip


def test_exports_that_import_each_other_are_unknown(tmp_path):
    def stack(mine, other):
        return {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": other}}}},
                "Outputs": {"Out": {"Value": {"Fn::ImportValue": other}, "Export": {"Name": mine}}}}  # fmt: skip

    flow = Flow.from_assembly(assembly(tmp_path, A=stack("a", "b"), B=stack("b", "a")))
    assert {queue.name for queue in flow.of(Queue)} == {"A-Queue", "B-Queue"}
    assert {queue.unknown["QueueName"] for queue in flow.of(Queue)} == {"Out refers to itself"}


def test_nested_templates_beside_a_template_are_read_with_their_parameters_and_outputs(tmp_path):
    nested = {
        "Parameters": {"Topic": {"Type": "String"}},
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}},
            },
        },
        "Outputs": {"Queue": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    }
    (tmp_path / "nested.json").write_text(json.dumps(nested))
    main = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": "./nested.json", "Parameters": {"Topic": {"Ref": "Topic"}}},
            },
            "Second": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Inner", "Outputs.Queue"]},
                },
            },
        }
    }  # fmt: skip
    (tmp_path / "main.json").write_text(json.dumps(main))
    flow = Flow.from_template(tmp_path / "main.json")
    [queue] = flow.of(Queue)
    assert [each.endpoint for each in flow.of(Subscription)] == [queue.arn, queue.arn]
    assert {each.topic_arn for each in flow.of(Subscription)} == {flow.find("Topic").arn}


def test_a_stack_that_nests_itself_is_read_so_deep_and_no_deeper(tmp_path):
    itself = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "main.json"}}
    (tmp_path / "main.json").write_text(json.dumps({"Resources": {"Again": itself, "Queue": {"Type": "AWS::SQS::Queue"}}}))
    assert len(Flow.from_template(tmp_path / "main.json").of(Queue)) == 11


def test_a_nested_stack_has_no_attributes_but_its_outputs(tmp_path):
    (tmp_path / "inner.json").write_text('{"Resources": {}, "Outputs": {"StackId": {"Value": "not it"}}}')
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json"}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["Inner", "StackId"]}}}
    (tmp_path / "main.json").write_text(json.dumps({"Resources": {"Inner": inner, "Queue": queue}}))
    [read] = Flow.from_template(tmp_path / "main.json").of(Queue)
    assert read.unknown == {"QueueName": "Inner.StackId is known only after deploying"}


@pytest.mark.parametrize("properties", [{"Ref": "AWS::Region"}, {"Ref": "Open"}, "text", []])
def test_properties_that_are_no_object_say_nothing(properties):
    [queue] = Flow.from_template({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}}).of(Queue)
    assert (queue.name, queue.visibility, queue.unknown) == ("Stack-Queue", 30, {})


def test_a_nested_template_that_is_not_here_is_unknown():
    main = {
        "Resources": {
            "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/x.json"}},
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "EventPattern": {"source": ["x"]},
                    "Targets": [{"Id": "T", "Arn": {"Fn::GetAtt": ["Inner", "Outputs.Arn"]}}],
                },
            },
        }
    }
    sent = Flow.from_template(main).send("default", {"source": "x", "detail-type": "y", "detail": {}})
    assert [each.receiver.name for each in sent.deliveries] == ["unknown (Inner.Outputs.Arn is known only after deploying)"]


PATTERNS = [
    ({"source": ["a"], "detail": {"name": [{"Ref": "Open"}]}}, {"source": ["a"]}),
    ({"source": ["a", {"Ref": "Open"}]}, {"source": [{"prefix": ""}]}),
    ({"$or": [{"source": ["a"]}, {"detail": {"b": [{"Ref": "Open"}]}}], "account": ["1"]}, {"account": ["1"]}),
    ({"Ref": "Open"}, {"source": [{"prefix": ""}]}),
    ({"source": ["a"], "detail": {"name": [{"anything-but": [{"Ref": "Open"}]}]}}, {"source": ["a"]}),
]


@pytest.mark.parametrize(("pattern", "known"), PATTERNS)
def test_what_a_pattern_leaves_open_lets_pass_with_a_doubt(pattern, known):
    target = {"Id": "T", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [target]}}
    policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}
    allowed = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": policy}}
    flow = Flow.from_template({**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "Rule": rule, "Allowed": allowed}})
    assert flow.find("Rule").pattern == known
    [delivery] = flow.send("default", {"source": "a", "detail-type": "x", "account": "1", "detail": {}}).deliveries
    assert delivery.doubts == ("EventPattern of Rule allows it: parameter Open has no default",)
    assert not [each for each in flow.check() if each.id == "EF101"]


def test_resources_of_one_name_are_both_read():
    rule = {"Type": "AWS::Events::Rule", "Properties": {"Name": "same", "EventPattern": {"source": ["a"]}, "Targets": []}}
    archive = {"Type": "AWS::Events::Archive", "Properties": {"ArchiveName": "same", "SourceArn": "arn:x"}}
    flow = Flow.from_template({"Resources": {"A": rule, "B": rule, "C": archive, "D": archive}})
    assert len(flow.of(Archive)) == 2
    assert {node.logical_id for node in flow.nodes.values()} >= {"A", "B", "C", "D"}


def test_findings_on_times_wait_until_the_template_tells_them():
    def findings(**parameters):
        queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": {"Ref": "Seconds"}}}
        mapping = {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Work"}, "BatchSize": {"Ref": "Size"}}
        template = {
            "Parameters": {"Seconds": {"Type": "Number"}, "Size": {"Type": "Number"}},
            "Resources": {
                "Queue": queue,
                "Work": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 100}},
                "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
            },
        }
        return {finding.id for finding in Flow.from_template(template, parameters=parameters).check()} & {"EF205", "EF301", "EF302"}

    assert findings() == set()
    assert findings(Seconds=30, Size=10) == {"EF205", "EF301"}
    assert findings(Seconds="600", Size="1") == set()


@pytest.mark.parametrize("of", ["orders", "aws.partner/example.com/1/orders"])
@pytest.mark.parametrize("named", ["{}", "arn:aws:events:us-east-1:123456789012:event-bus/{}"])
def test_a_bus_is_named_by_its_whole_name_or_its_arn(of, named):
    rule = {"EventBusName": named.format(of), "EventPattern": {"source": ["s"]}, "Targets": [{"Id": "T", "Arn": ARN}]}
    policy = {"EventBusName": of, "StatementId": "S", "Statement": {"Effect": "Allow"}}
    resources = {"Bus": ("EventBus", {"Name": of}), "Rule": ("Rule", rule), "Policy": ("EventBusPolicy", policy)}
    flow = Flow.from_template({"Resources": {id: {"Type": f"AWS::Events::{t}", "Properties": p} for id, (t, p) in resources.items()}})
    bus, rule = flow.find("Bus"), flow.find("Rule")
    assert rule.bus_arn == bus.arn
    assert rule.arn == f"arn:aws:events:us-east-1:123456789012:rule/{of}/Stack-Rule"
    assert [str(arn) for policy in flow.of(ResourcePolicy) for arn in policy.resources] == [bus.arn]
