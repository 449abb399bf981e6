"""Cloud assemblies as they lie on disk: stacks, stages, nested stacks, and construct paths that templates do not carry."""

import json

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Bus, Queue, Template
from cdk_event_flow.flow.template import StackFile, stacks_of, tell_paths, tell_places

QUEUE = {"Type": "AWS::SQS::Queue"}
ONE, TWO = "1" * 64, "2" * 64


def written(folder, **files):
    """The folder, with these values as JSON in it; `_` in a name stands for a point."""
    folder.mkdir(exist_ok=True)
    for name, value in files.items():
        (folder / name.replace("_", ".")).write_text(json.dumps(value), "utf-8")
    return folder


def manifest(**artifacts):
    return {"artifacts": artifacts}


def stack(file="a.json", **more):
    properties = {"templateFile": file, **more.pop("properties", {})}
    return {"type": "aws:cloudformation:stack", "properties": properties, **more}


def nested(url=None, **more):
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {} if url is None else {"TemplateURL": url}, **more}


@pytest.mark.parametrize(
    ("artifact", "expected"),
    [
        (stack(), {}),
        (stack(properties={"stackName": "Called"}), {"name": "Called"}),
        (stack(environment="aws://111111111111/eu-west-1"), {"account": "111111111111", "region": "eu-west-1"}),
        (stack(environment="aws://111111111111/unknown-region"), {"account": "111111111111"}),
        (stack(environment="aws://unknown-account/eu-west-1"), {"region": "eu-west-1"}),
        (stack(environment="aws://unknown-account/unknown-region"), {}),
        (stack(properties={"parameters": {"A": "1"}}), {"parameters": {"A": "1"}}),
        (stack(properties={"parameters": "none"}), {}),
        (stack(properties={"tags": {"Team": "shop", "Cost": 5}}), {"tags": {"Team": "shop", "Cost": "5"}}),
        (stack(properties={"tags": "none"}), {}),
        (stack(additionalMetadataFile="a.metadata.json"), {"metadata": "a.metadata.json"}),
        (stack(additionalMetadataFile=5), {}),
    ],
)
def test_a_stack_is_read_as_the_manifest_says(tmp_path, artifact, expected):
    (found,) = stacks_of(written(tmp_path, manifest_json=manifest(Shop=artifact)))
    if "metadata" in expected:
        expected["metadata"] = tmp_path / expected["metadata"]
    assert found == StackFile(**{"name": "Shop", "file": tmp_path / "a.json", **expected})


def test_stacks_are_read_by_name_and_stages_with_them(tmp_path):
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "stage"}}
    itself = [{"type": "cdk:cloud-assembly", "properties": {"directoryName": folder}} for folder in ("", ".")]
    written(tmp_path / "stage", manifest_json=manifest(Inner=stack()))
    others = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}, "Odd": 5, "Assets": {"type": "cdk:asset-manifest"}}
    folder = written(tmp_path, manifest_json=manifest(B=stack(), C=stage, A=stack(), D=itself[0], E=itself[1], **others))
    assert [(each.name, each.file.parent.name) for each in stacks_of(folder)] == [
        ("A", tmp_path.name), ("B", tmp_path.name), ("Inner", "stage"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["{", "[" * 100_000, None, b"\xff"])
def test_a_folder_without_a_manifest_is_no_assembly(tmp_path, text):
    if text is not None:
        (tmp_path / "manifest.json").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(TemplateError) as refused:
        list(stacks_of(tmp_path))
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code) == (str(tmp_path), "EF-TEMPLATE")
    assert problem.given == "there is no manifest.json: it is not a cloud assembly"


@pytest.mark.parametrize("manifest", [[], 5, {}, {"artifacts": []}])
def test_a_manifest_without_artifacts_has_no_stacks(tmp_path, manifest):
    assert list(stacks_of(written(tmp_path, manifest_json=manifest))) == []


def entry(logical_id, **more):
    return [{"type": "aws:cdk:logicalId", "data": logical_id, **more}]


@pytest.mark.parametrize(
    ("metadata", "path"),
    [
        ({"/Shop/Jobs/Resource": entry("Jobs")}, "Shop/Jobs"),
        ({"/Shop/Jobs/Resource": [{"type": "aws:cdk:warning", "data": "x"}, *entry("Jobs")]}, "Shop/Jobs"),
        ({"/Shop/Jobs/Resource": entry("Jobs", type="aws:cdk:warning")}, "Jobs"),
        ({"/Shop/Jobs/Resource": entry("Other")}, "Jobs"),
        ({"/Shop/Jobs/Resource": [{"type": "aws:cdk:logicalId"}, "text"], "/Shop/Other": "text", "/Shop/More": 5}, "Jobs"),
        ({"/Xylo/Jobs/Resource": entry("Jobs")}, "Xylo/Jobs"),
        ([], "Jobs"),
        ("text", "Jobs"),
        (None, "Jobs"),
    ],
)
def test_construct_paths_may_stand_in_the_metadata_beside_the_template(tmp_path, metadata, path):
    files = {} if metadata is None else {"more_json": metadata}
    artifact = stack(additionalMetadataFile="more.json")
    folder = written(tmp_path, manifest_json=manifest(Shop=artifact), a_json={"Resources": {"Jobs": QUEUE}}, **files)
    assert [queue.path for queue in Flow.from_assembly(folder).of(Queue)] == [path]


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_metadata_that_cannot_be_read_say_nothing(tmp_path, text):
    folder = written(tmp_path, manifest_json=manifest(Shop=stack(additionalMetadataFile="m")), a_json={"Resources": {"Jobs": QUEUE}})
    (tmp_path / "m").write_text(text)
    assert [queue.path for queue in Flow.from_assembly(folder).of(Queue)] == ["Jobs"]


def test_a_path_that_the_template_has_is_kept():
    template = {"Resources": {"Jobs": {"Metadata": {"aws:cdk:path": "Mine"}}, "Odd": 5, "Other": {"Metadata": "text"}}}
    tell_paths(template, [("Jobs", "Shop/Jobs"), ("Odd", "Shop/Odd"), ("Other", "Shop/Other"), ("Gone", "Shop/Gone")])
    assert template == {"Resources": {"Jobs": {"Metadata": {"aws:cdk:path": "Mine"}}, "Odd": 5, "Other": {"Metadata": "text"}}}


def test_what_stands_under_a_resource_that_is_no_nested_stack_is_of_the_same_stack():
    template = {"Resources": {"Outer": {}, "Part": {}}}
    tell_paths(template, [("Outer", "Shop/Outer"), ("Part", "Shop/Outer/Part")])
    assert template["Resources"]["Part"] == {"Metadata": {"aws:cdk:path": "Shop/Outer/Part"}}


def test_each_nested_stack_is_given_the_paths_of_what_is_in_it():
    template = {"Resources": {"Jobs": {}, "Audit": {}, "Auditor": {}, "Odd": {"Metadata": 5}}}
    within = [("Jobs", "Shop/Audit/Jobs/Resource"), ("Old", "Shop/Audit/Old.NestedStack/Old.NestedStackResource"),
              ("Jobs", "Shop/Audit/Old/Jobs/Resource")]  # fmt: skip
    tell_paths(template, [
        ("Jobs", "Shop/Jobs/Resource"), ("Auditor", "Shop/Auditor/Resource"), *within,
        ("Audit", "Shop/Audit.NestedStack/Audit.NestedStackResource"), ("Odd", "Shop/Odd.NestedStack/Odd.NestedStackResource"),
        ("In", "Shop/Odd/In"),
    ])  # fmt: skip
    assert template["Resources"] == {
        "Jobs": {"Metadata": {"aws:cdk:path": "Shop/Jobs/Resource"}},
        "Auditor": {"Metadata": {"aws:cdk:path": "Shop/Auditor/Resource"}},
        "Audit": {"Metadata": {
            "aws:cdk:path": "Shop/Audit.NestedStack/Audit.NestedStackResource", "aws:cdk-event-flow:paths": within,
        }},
        "Odd": {"Metadata": 5},
    }  # fmt: skip


def test_what_is_in_a_nested_stack_is_called_as_the_metadata_of_the_stack_say(tmp_path):
    inner = nested(URL, Metadata={"aws:asset:path": "inner.json"})
    paths = {
        "/Shop/Jobs/Resource": entry("Jobs"), "/Shop/Audit/Jobs/Resource": entry("Jobs"),
        "/Shop/Audit.NestedStack/Audit.NestedStackResource": entry("Audit"),
    }  # fmt: skip
    artifact = stack(additionalMetadataFile="m.json")
    written(tmp_path, manifest_json=manifest(Shop=artifact), m_json=paths, a_json={"Resources": {"Jobs": QUEUE, "Audit": inner}})
    written(tmp_path, inner_json={"Resources": {"Jobs": QUEUE}})
    assert [queue.path for queue in Flow.from_assembly(tmp_path).of(Queue)] == ["Shop/Jobs", "Shop/Audit/Jobs"]


URL = {"Fn::Sub": f"https://s3.${{AWS::Region}}.amazonaws.com/assets/{ONE}.json"}


def told(folder, resource, files):
    """The metadata of a nested stack, after it was looked up in the files of assets."""
    template = {"Resources": {"Inner": resource, "Odd": 5}}
    for name, value in files.items():
        (folder / name).write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    tell_places(template, folder)
    return template["Resources"]["Inner"].get("Metadata", {})


def asset(path="inner.json", of=ONE):
    return {"files": {of: {"source": {"path": path}}}}


@pytest.mark.parametrize(
    ("resource", "files", "place"),
    [
        (nested(URL), {"a.assets.json": asset()}, "inner.json"),
        (nested(URL), {"a.assets.json": asset(of=TWO), "b.assets.json": asset()}, "inner.json"),
        (
            nested(URL),
            {"a.assets.json": "{", "b.assets.json": "[" * 100_000, "c.assets.json": [], "d.assets.json": asset()},
            "inner.json",
        ),
        (nested(URL), {"a.assets.json": {}, "b.assets.json": {"files": 5}, "c.assets.json": asset()}, "inner.json"),
        (nested(URL), {"a.assets.json": asset(path=5)}, None),
        (nested(URL), {"a.assets.json": {"files": {ONE: {"source": {}}}}}, None),
        (nested(URL), {"a.json": asset()}, None),
        (nested(URL), {}, None),
        (nested(URL, Metadata={"aws:asset:path": "known.json"}), {"a.assets.json": asset()}, "known.json"),
        (nested({"Fn::Join": ["", [ONE, TWO]]}), {"a.assets.json": asset()}, None),
        (nested({"Fn::Join": ["/", [ONE, TWO]]}), {"a.assets.json": asset()}, None),
        (nested(f"{ONE}0"), {"a.assets.json": asset()}, None),
        (nested([b"bytes", ONE]), {"a.assets.json": asset()}, "inner.json"),
        (nested(), {"a.assets.json": asset()}, None),
        ({"Type": "AWS::CloudFormation::Stack", "Properties": [ONE]}, {"a.assets.json": asset()}, None),
        ({"Type": "AWS::SQS::Queue", "Properties": {"TemplateURL": ONE}}, {"a.assets.json": asset()}, None),
    ],
)
def test_where_a_nested_template_lies_is_told_by_its_hash(tmp_path, resource, files, place):
    assert told(tmp_path, resource, files).get("aws:asset:path") == place


def test_a_nested_stack_with_metadata_of_another_type_is_left_as_it_is(tmp_path):
    assert told(tmp_path, nested(URL, Metadata="text"), {"a.assets.json": asset()}) == "text"


def test_a_stack_that_is_empty_as_yet_is_read_with_the_others(tmp_path):
    written(tmp_path, a_json={"Description": "nothing yet"}, b_json={"Resources": {"Jobs": QUEUE}})
    flow = Flow.from_assembly(written(tmp_path, manifest_json=manifest(A=stack(), B=stack("b.json"))))
    assert [queue.name for queue in flow.of(Queue)] == ["B-Jobs"]


def test_nested_stacks_are_called_after_their_parents_and_read_with_their_sizes(tmp_path):
    inner, innermost = {"Resources": {"Jobs": QUEUE, "Deep": nested(URL)}}, {"Resources": {"Jobs": QUEUE}}
    outer = {"Resources": {"Jobs": QUEUE, "Inner": nested(URL), "Far": nested("https://x/y")}}
    written(tmp_path / "in", inner_json=inner, deep_json=innermost)
    written(tmp_path / "in", x_assets_json=asset("deep.json"))
    written(tmp_path, x_assets_json=asset("in/inner.json"))
    placed = stack(environment="aws://111111111111/eu-west-1", properties={"tags": {"Team": "shop"}})
    flow = Flow.from_assembly(written(tmp_path, manifest_json=manifest(Shop=placed), a_json=outer), only=["Shop"])
    here = "arn:aws:sqs:eu-west-1:111111111111"
    assert [(queue.arn, queue.tags) for queue in flow.of(Queue)] == [
        (f"{here}:Shop-Jobs", {"Team": "shop"}), (f"{here}:Shop-Inner-Jobs", {"Team": "shop"}),
        (f"{here}:Shop-Inner-Deep-Jobs", {"Team": "shop"}),
    ]  # fmt: skip
    assert [(each.name, each.size, each.resources) for each in flow.templates] == [
        ("Shop", (tmp_path / "a.json").stat().st_size, 3),
        ("Shop-Inner", (tmp_path / "in" / "inner.json").stat().st_size, 2),
        ("Shop-Inner-Deep", (tmp_path / "in" / "deep.json").stat().st_size, 1),
    ]  # fmt: skip
    assert {type(each) for each in flow.templates} == {Template}
    assert Flow.from_assembly(tmp_path, only=["Other"]).templates == ()


def test_a_nested_template_may_be_named_by_its_path(tmp_path):
    resources = {"Inner": nested("inner.json"), "Queue": {**QUEUE, "Metadata": {"aws:asset:path": "inner.json"}}, "Odd": nested([])}
    file = written(tmp_path, main_json={"Resources": resources}, inner_json={"Resources": {"Jobs": QUEUE}}) / "main.json"
    assert [queue.name for queue in Flow.from_template(file).of(Queue)] == ["main-Queue", "main-Inner-Jobs"]


def test_a_template_in_memory_has_no_nested_templates_beside_it():
    assert Flow.from_template({"Resources": {"Inner": nested("inner.json"), "Jobs": QUEUE}}).of(Queue)[0].name == "Stack-Jobs"


ARN = "arn:aws:events:eu-west-1:111111111111:event-bus/orders"


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (ARN, "orders"),
        (ARN.replace("aws:", "aws-cn:", 1), "orders"),
        (ARN.replace("orders", "aws.partner/a-b.com/1/x"), "aws.partner/a-b.com/1/x"),
        (f"{ARN} or so", None),
        (ARN.replace("111111111111", "1"), None),
        ("arn:aws:sqs:eu-west-1:111111111111:orders", None),
    ],
)
def test_a_bus_that_no_template_makes_is_there_where_a_rule_or_archive_is_on_it(arn, name):
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventBusName": arn, "EventPattern": {"source": ["a"]}}}
    archive = {"Type": "AWS::Events::Archive", "Properties": {"SourceArn": arn}}
    for resource in (rule, archive):
        buses = Flow.from_template({"Resources": {"It": resource}}).of(Bus)[1:]
        assert [(bus.arn, bus.logical_id, bus.name, bus.path) for bus in buses] == ([(arn, name, name, name)] if name else [])


def test_a_bus_that_a_template_makes_is_that_one():
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventBusName": {"Fn::GetAtt": ["Bus", "Arn"]}, "EventPattern": {}}}
    assert [each.logical_id for each in Flow.from_template({"Resources": {"Rule": rule, "Bus": bus}}).of(Bus)] == ["default", "Bus"]
