"""A flow as it is asked: nodes by name, what stands behind an ARN, where it is, and from what it was read."""

import datetime
import json

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Bus, Function, Queue, Topic

KINDS = {
    "Function": "AWS::Lambda::Function", "Queue": "AWS::SQS::Queue", "Topic": "AWS::SNS::Topic", "Rule": "AWS::Events::Rule",
    "Bus": "AWS::Events::EventBus", "Table": "AWS::DynamoDB::Table", "Schedule": "AWS::Scheduler::Schedule",
    "Subscription": "AWS::SNS::Subscription",
}  # fmt: skip


def built(*paths, **named):
    """A flow of resources at these construct paths, of the kind that the last segment says."""
    resources = {
        f"Id{number}": {"Type": KINDS[path.rpartition("/")[2]], "Metadata": {"aws:cdk:path": f"{path}/Resource"}}
        for number, path in enumerate(paths)
    }
    return Flow.from_template({"Resources": resources | named}, stack="Shop")


NAMED = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}, "Metadata": {"aws:cdk:path": "Shop/Work/Queue/Resource"}}


@pytest.mark.parametrize(
    "name", ["arn:aws:sqs:us-east-1:123456789012:jobs", "Jobs1A2B", "jobs", "Shop/Work/Queue", "Work/Queue", "Work"]
)
def test_a_node_is_found_by_any_of_its_names(name):
    flow = built("Shop/Other/Queue", Jobs1A2B=NAMED)
    assert flow.find(name).logical_id == "Jobs1A2B"


@pytest.mark.parametrize(
    ("paths", "name", "found"),
    [
        (["Shop/Events/Billing/Queue", "Shop/Billing/Function"], "Billing", "Shop/Billing/Function"),
        (["Shop/Billing/Queue", "Shop/Billing/Function"], "Billing", "Shop/Billing/Function"),
        (["Shop/Billing/Bus", "Shop/Billing/Function"], "Billing", "Shop/Billing/Function"),
        (["Shop/A/B/Table", "Shop/A/C/D/E/Function", "Shop/X/A/Queue"], "A", "Shop/X/A/Queue"),
        (["Shop/Billing/Function/Queue", "Shop/Events/Billing/Topic"], "Billing", "Shop/Events/Billing/Topic"),
        (["Shop/Billing/Topic", "Shop/Billing/Bus"], "Billing", "Shop/Billing/Bus"),
        (["Shop/Billing/Queue", "Shop/Billing/Topic"], "Billing", "Shop/Billing/Topic"),
        (["Shop/Billing/Rule", "Shop/Billing/Queue"], "Billing", "Shop/Billing/Queue"),
        (["Shop/Billing/Schedule", "Shop/Billing/Rule"], "Billing", "Shop/Billing/Rule"),
        (["Shop/Billing/Subscription", "Shop/Billing/Schedule"], "Billing", "Shop/Billing/Schedule"),
        (["Shop/Billing/Table", "Shop/Billing/Subscription"], "Billing", "Shop/Billing/Subscription"),
        (["Shop/A/A/Queue", "Shop/B/A/A/Queue"], "A/A", "Shop/A/A/Queue"),
        (["Shop/A/B/A/Queue", "Shop/C/D/A/Queue"], "Shop/A", "Shop/A/B/A/Queue"),
        (["Shop/A/Queue", "Shop/B/A/Queue"], "A/Queue", "Shop/A/Queue"),
        (["Shop/Orders/Queue"], "Queue", "Shop/Orders/Queue"),
        (["Shop/Shop/Queue", "Shop/A/Topic"], "Shop", "Shop/Shop/Queue"),
    ],
)
def test_of_several_the_one_named_most_directly_is_found(paths, name, found):
    assert built(*paths).find(name).path == found
    assert built(*reversed(paths)).find(name).path == found


def test_only_nodes_of_the_kinds_asked_for_are_found():
    flow = built("Shop/Billing/Function", "Shop/Billing/Queue", "Shop/Billing/Topic")
    assert flow.find("Billing", Queue).path == "Shop/Billing/Queue"
    assert flow.find("Billing", Queue, Topic).path == "Shop/Billing/Topic"
    with pytest.raises(TemplateError):
        flow.find("Billing", Bus)


def test_a_name_that_several_have_is_refused_with_their_paths():
    flow = built("Shop/B/A/Queue", "Shop/C/A/Queue", "Shop/C/A/D/Queue")
    with pytest.raises(TemplateError) as refused:
        flow.find("A")
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code, problem.given) == ("A", "EF-NAME-AMBIGUOUS", "'A' names 2 nodes")
    assert problem.allowed == "a name must mean one of Shop/B/A/Queue, Shop/C/A/Queue"
    assert problem.fix == "give more of the path"


@pytest.mark.parametrize(
    ("paths", "name", "allowed", "fix"),
    [
        (["Shop/Billing/Function", "Shop/Jobs/Queue", "Shop/Stock/Table"], "Biling", "there is Billing, Jobs, default",
         "did you mean Billing?"),
        (["Shop/Billing/Function", "Shop/Jobs/Queue"], "Zzz", "there is Billing, Jobs, default",
         "use one of these, a logical id, or a construct path"),
    ],
)  # fmt: skip
def test_a_name_that_nothing_has_is_refused_with_those_there_are(paths, name, allowed, fix):
    with pytest.raises(TemplateError) as refused:
        built(*paths).find(name)
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code, problem.given) == (name, "EF-NAME-UNKNOWN", f"nothing in the template is named {name!r}")
    assert (problem.allowed, problem.fix) == (allowed, fix)


def test_of_kinds_that_events_do_not_come_to_the_parts_of_paths_are_told():
    from cdk_event_flow.flow.model import Table

    with pytest.raises(TemplateError) as refused:
        built("Shop/Stock/Table").find("Zzz", Table)
    assert refused.value.problems[0].allowed == "there is Shop, Stock, Table"


@pytest.mark.parametrize(("count", "more"), [(19, ""), (20, " and 1 more"), (25, " and 6 more")])
def test_an_error_tells_of_twenty_names(count, more):
    with pytest.raises(TemplateError) as refused:
        built(*(f"Shop/J{number:02}/Queue" for number in range(count))).find("Zzz")
    names = sorted([f"J{number:02}" for number in range(count)] + ["default"])
    assert refused.value.problems[0].allowed == f"there is {', '.join(names[:20])}{more}"


RESOURCES = {
    "Work": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "work"}},
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}},
    "Live": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": "1"}},
    "Far": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": "elsewhere", "Name": "live", "FunctionVersion": "1"}},
    "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
    "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "logs"}},
    "Clicks": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "clicks"}},
    "Fast": {
        "Type": "AWS::Kinesis::StreamConsumer",
        "Properties": {"StreamARN": {"Fn::GetAtt": "Clicks.Arn"}, "ConsumerName": "fast"},
    },
}
CLICKS = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function"


@pytest.mark.parametrize(
    ("arn", "function", "receiver"),
    [
        (f"{LAMBDA}:work", "Work", "Work"),
        (f"{LAMBDA}:work:1", "Work", "Work"),
        (f"{LAMBDA}:work:live", "Work", "Work"),
        (f"{LAMBDA}:work:other", "Work", "Work"),
        (f"{LAMBDA}:elsewhere:live", None, "Far"),
        (f"{LAMBDA}:elsewhere", None, None),
        ("arn:aws:sqs:us-east-1:123456789012:jobs", None, "Jobs"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:logs", None, "Logs"),
        ("arn:aws:sqs:us-east-1:123456789012:other", None, None),
        (f"{CLICKS}/consumer/fast:1767225600", None, "Fast"),
        (f"{CLICKS}/consumer/other:1767225600", None, "Clicks"),
    ],
)
def test_behind_an_arn_stands_a_function_or_what_is_delivered_to(arn, function, receiver):
    flow = Flow.from_template({"Resources": RESOURCES})
    assert getattr(flow.function(arn), "logical_id", None) == function
    assert getattr(flow.receiver(arn), "logical_id", None) == receiver


def test_nodes_of_a_kind_stand_in_the_order_of_the_template():
    flow = Flow.from_template({"Resources": RESOURCES})
    assert [node.logical_id for node in flow.of(Function)] == ["Work"]
    assert [node.logical_id for node in flow.of(Bus)] == ["default"]
    assert [node.logical_id for node in flow.nodes.values()] == ["default", *RESOURCES]
    assert flow.names[f"{LAMBDA}:work:live"] == "Work"


def test_the_default_bus_is_of_the_place():
    for flow, place in (
        (Flow.from_template({"Resources": {}}), "us-east-1:123456789012"),
        (Flow.from_template({"Resources": {}}, account="1", region="eu-west-1"), "eu-west-1:1"),
        (Flow({}, account="1", region="eu-west-1"), "eu-west-1:1"),
        (Flow({}), "us-east-1:123456789012"),
    ):
        (bus,) = flow.of(Bus)
        assert (bus.arn, bus.logical_id, bus.name, bus.path) == (f"arn:aws:events:{place}:event-bus/default", *["default"] * 3)
        assert f"{flow.region}:{flow.account}" == place


def test_a_stack_is_called_as_told_or_as_its_file(tmp_path):
    template = {"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}}
    file = tmp_path / "shop.template.json"
    file.write_text(json.dumps(template), "utf-8")
    for given, stack, called in (
        (template, None, "Stack"),
        (template, "Mine", "Mine"),
        (file, None, "shop"),
        (str(file), "Mine", "Mine"),
    ):
        flow = Flow.from_template(given, stack=stack)
        assert flow.find("Jobs").name == f"{called}-Jobs"
        assert [each.name for each in flow.templates] == [called]


def test_the_size_of_a_template_is_that_of_its_file_or_of_compact_json(tmp_path):
    template = {
        "Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"O": {"Value": "ü"}},
        "Parameters": {"A": {}, "B": {}},
    }
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(template, indent=4), "utf-8")
    (of_file,), (of_none,) = Flow.from_template(file).templates, Flow.from_template(template).templates
    assert of_file.size == file.stat().st_size
    assert of_none.size == len(json.dumps(template, separators=(",", ":")))
    assert (of_none.resources, of_none.outputs, of_none.parameters) == (1, 1, 2)
    assert of_none.arn == "arn:aws:cloudformation:us-east-1:123456789012:stack/Stack"
    assert (of_none.logical_id, of_none.path) == ("Stack", "Stack")


def test_of_what_is_no_json_or_too_deep_for_it_the_size_is_read_all_the_same():
    resources = {"Jobs": {"Type": "AWS::SQS::Queue"}}
    deep = []
    for _ in range(5_000):
        deep = [deep]
    (dated,), (nested,) = (
        Flow.from_template({"Resources": resources, "Metadata": more}).templates for more in (datetime.date(2026, 1, 1), deep)
    )
    assert (dated.size, nested.size) == (len('{"Resources":{"Jobs":{"Type":"AWS::SQS::Queue"}},"Metadata":"2026-01-01"}'), 0)


def test_a_template_in_memory_that_is_none_is_refused_as_the_template():
    with pytest.raises(TemplateError) as refused:
        Flow.from_template({})
    assert refused.value.at == "the template"


def test_a_message_goes_with_its_attributes():
    subscription = {"TopicArn": {"Ref": "News"}, "Protocol": "sqs", "Endpoint": "arn:q", "FilterPolicy": {"kind": ["new"]}}
    resources = {"News": {"Type": "AWS::SNS::Topic"}, "Told": {"Type": "AWS::SNS::Subscription", "Properties": subscription}}
    flow = Flow.from_template({"Resources": resources})
    for attributes, refused in (({"kind": "new"}, False), ({"kind": "old"}, True), (None, True)):
        (hop,) = flow.send("News", "text", attributes=attributes).root.next
        assert any("kind" in reason for reason in hop.reasons) is refused


def test_what_is_worth_a_look_besides_is_found_where_it_is_asked_for():
    mapping = {"EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Work"}}
    resources = {**RESOURCES, "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}
    flow = Flow.from_template({"Resources": resources})
    assert {finding.id for finding in flow.check(advice=True)} - {finding.id for finding in flow.check()} == {"EF901"}


def assembly(folder, **stacks):
    """A cloud assembly of stacks, each of a template and the rest of its artifact."""
    artifacts = {}
    for name, (template, more) in stacks.items():
        (folder / f"{name}.json").write_text(json.dumps(template, indent=2), "utf-8")
        properties = {"templateFile": f"{name}.json", **more.pop("properties", {})}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": properties, **more}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    return folder


def queues(*names, **more):
    return {"Resources": {name: {"Type": "AWS::SQS::Queue"} for name in names}, **more}


def test_a_stack_of_an_assembly_stands_where_the_app_places_it(tmp_path):
    placed = {"environment": "aws://111111111111/eu-west-1"}
    open_ = {"environment": "aws://unknown-account/unknown-region"}
    folder = assembly(tmp_path, A=(queues("One"), placed), B=(queues("Two"), open_), C=(queues("Three"), {}))
    flow = Flow.from_assembly(str(folder), account="222222222222", region="cn-north-1")
    assert [queue.arn.split(":")[1:5] for queue in flow.of(Queue)] == [
        ["aws", "sqs", "eu-west-1", "111111111111"],
        ["aws-cn", "sqs", "cn-north-1", "222222222222"],
        ["aws-cn", "sqs", "cn-north-1", "222222222222"],
    ]
    assert (flow.account, flow.region) == ("111111111111", "eu-west-1")
    assert [(bus.name, bus.path, bus.logical_id) for bus in flow.of(Bus)] == [
        ("default", "default", "default"),
        ("default", "default (222222222222 cn-north-1)", "default (222222222222 cn-north-1)"),
    ]
    only = Flow.from_assembly(folder, account="222222222222", region="cn-north-1", only=["B"])
    assert (only.account, only.region) == ("222222222222", "cn-north-1")
    assert [queue.logical_id for queue in only.of(Queue)] == ["Two"]
    first = Flow.from_assembly(folder, account="222222222222", region="cn-north-1", only=["B", "A"])
    assert (first.account, first.region) == ("111111111111", "eu-west-1")
    last = Flow.from_assembly(folder, account="222222222222", only=["C"])
    assert (last.account, last.region) == ("222222222222", "us-east-1")
    nobody = Flow.from_assembly(folder, only=["Nobody"])
    assert (nobody.account, nobody.region, nobody.of(Queue)) == ("123456789012", "us-east-1", ())


def test_a_stack_of_an_assembly_has_its_name_parameters_tags_and_size(tmp_path):
    declared = queues("One", Parameters={"Name": {"Type": "String"}})
    declared["Resources"]["One"]["Properties"] = {"QueueName": {"Ref": "Name"}}
    more = {"properties": {"stackName": "Called", "parameters": {"Name": "jobs"}, "tags": {"Team": "shop", "Cost": 5}}}
    flow = Flow.from_assembly(assembly(tmp_path, A=(declared, more), B=(queues("Two"), {})))
    one, two = flow.of(Queue)
    assert (one.name, one.tags, two.name, two.tags) == ("jobs", {"Team": "shop", "Cost": "5"}, "B-Two", {})
    assert [(each.name, each.size) for each in flow.templates] == [
        ("Called", (tmp_path / "A.json").stat().st_size), ("B", (tmp_path / "B.json").stat().st_size),
    ]  # fmt: skip
    only = Flow.from_assembly(tmp_path, only=["Called"])
    assert [each.name for each in only.templates] == ["Called"]


def test_of_other_stacks_only_what_these_take_from_them_is_read(tmp_path):
    subscription = {"TopicArn": {"Fn::ImportValue": "news"}, "Protocol": "sqs", "Endpoint": "arn:q"}
    base = {"Resources": {"News": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}},
            "Outputs": {"News": {"Value": {"Ref": "News"}, "Export": {"Name": "news"}}}}  # fmt: skip
    shop = {"Resources": {"Told": {"Type": "AWS::SNS::Subscription", "Properties": subscription}}}
    flow = Flow.from_assembly(assembly(tmp_path, Base=(base, {}), Shop=(shop, {})), only={"Shop"})
    assert flow.of(Topic) == ()
    assert flow.find("Told").topic_arn == "arn:aws:sns:us-east-1:123456789012:news"
