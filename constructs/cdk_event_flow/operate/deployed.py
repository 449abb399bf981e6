"""Stacks as CloudFormation has them: their templates after transforms, their parameters, and what of them exists."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cdk_event_flow.errors import Problem, RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.arns import kind_of
from cdk_event_flow.flow.template import read_template
from cdk_event_flow.operate.aws import Aws, clear_errors, code_of

_NESTED = "AWS::CloudFormation::Stack"
_VERSIONS = ("AWS::Lambda::Alias", "AWS::Lambda::Version")  # their ids are ARNs with the function's name in them
# A stack of these has no resources: its first change set waits, or it is gone.
_NOT_THERE = ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")


class Place(NamedTuple):
    """An account and a region."""

    account: str
    region: str


def deployed_flow(names: Sequence[str], aws: Aws) -> Flow:
    """The flow of the deployed stacks of these names (or ARNs), with those nested in them.

    Parameters have the values that the stacks were given, resources their physical names; what was not created is not
    there, and what the stacks take from others has its value. Of a parameter with NoEcho nothing is known. The caller
    needs cloudformation:DescribeStacks, GetTemplate and ListStackResources, for a stack that imports also ListExports.
    Raises RunError (EF-STACK, and what `clear_errors` makes of the SDK's errors) and TemplateError.
    """
    return _flow(names, aws, named=True)


def synthesized_flow(names: Sequence[str], aws: Aws, *, called: Sequence[str] = (), place: Place | None = None) -> Flow:
    """The same as it would be synthesized, to compare it with what is: names and ARNs are made up, as for any template.

    The stacks are `called` otherwise, in the same order, and stand at another `place`, where that is given.
    """
    return _flow(names, aws, named=False, called=called, place=place)


def _flow(names: Sequence[str], aws: Aws, *, named: bool, called: Sequence[str] = (), place: Place | None = None) -> Flow:
    with clear_errors(", ".join(names)), tempfile.TemporaryDirectory(prefix="event-flow-") as folder:
        formation = _Formation(aws.client("cloudformation"), named)
        artifacts = {}
        for number, stack in enumerate([formation.described(name) for name in names]):
            there = place or _place(stack)
            file = Path(folder) / f"{number:03}" / "template"
            file.parent.mkdir()
            template = formation.lay_down(stack, file)
            name = called[number] if called else stack["StackName"]
            artifacts[f"1-{number:03}"] = _artifact(name, there, f"{number:03}/template", _parameters(stack, template), _tags(stack))
        if named:
            # Before the others, which have the last word on what they export themselves.
            for number, (name, outputs) in enumerate(formation.others()):
                (Path(folder) / f"other-{number}").write_text(json.dumps({"Resources": {}, "Outputs": outputs}), "utf-8")
                artifacts[f"0-{number:03}"] = _artifact(name, there, f"other-{number}", {}, {})
        (Path(folder) / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
        return Flow.from_assembly(folder)


def _artifact(name: str, place: Place, file: str, parameters: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{place.account}/{place.region}",
        "properties": {"stackName": name, "templateFile": file, "parameters": parameters, "tags": tags},
    }


@dataclass
class _Formation:
    """What CloudFormation tells. `named`: templates get physical names, and nested stacks the parameters that they were given."""

    client: Any
    named: bool
    _templates: list[dict[str, Any]] = field(default_factory=list)
    _described: set[str] = field(default_factory=set)

    def described(self, name: str) -> dict[str, Any]:
        """What DescribeStacks tells of a stack. Raises RunError (EF-STACK) for one that is not there."""
        try:
            found: dict[str, Any] = self.client.describe_stacks(StackName=name)["Stacks"][0]
        except self.client.exceptions.ClientError as error:
            if code_of(error) != "ValidationError":
                raise
            raise _absent(name, f"there is no stack of this name in {self.client.meta.region_name}") from None
        if found["StackStatus"] in _NOT_THERE:
            raise _absent(name, f"nothing of the stack is deployed, it is {found['StackStatus']}")
        self._described.add(found["StackName"])
        return found

    def lay_down(self, stack: Mapping[str, Any], file: Path) -> dict[str, Any]:
        """The template of a stack as it is deployed, written into `file`, and those of stacks nested in it beside it."""
        body = self.client.get_template(StackName=stack["StackId"], TemplateStage="Processed")["TemplateBody"]
        file.write_text(body if isinstance(body, str) else json.dumps(body), "utf-8")
        try:
            template = read_template(file)
        except TemplateError as error:
            raise TemplateError(stack["StackName"], error.problems) from None
        for name in _secrets(template):
            template["Parameters"][name].pop("Default", None)
        physical = self._physical(stack["StackId"])
        template["Resources"] = {
            logical_id: self._existing(resource, physical[logical_id], file.parent / logical_id)
            for logical_id, resource in template["Resources"].items()
            if logical_id in physical
        }
        file.write_text(json.dumps(template), "utf-8")
        self._templates.append(template)
        return template

    def _existing(self, resource: Mapping[str, Any], physical: str, folder: Path) -> dict[str, Any]:
        """A resource that exists, whatever its condition says; a nested stack with the place of its template."""
        existing = {key: value for key, value in resource.items() if key != "Condition"}
        if resource["Type"] != _NESTED:
            return _as_named(existing, physical) if self.named else existing
        stack = self.described(physical)
        folder.mkdir()
        template = self.lay_down(stack, folder / "template")
        existing["Metadata"] = {**_object(resource.get("Metadata")), "aws:asset:path": f"{folder.name}/template"}
        if self.named:
            properties = _object(resource.get("Properties"))
            given = {**_object(properties.get("Parameters")), **_parameters(stack, template)}
            existing["Properties"] = {**properties, "Parameters": given}
        return existing

    def _physical(self, stack: str) -> dict[str, str]:
        """Physical ids by logical ids, of what exists."""
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=stack)
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each.get("PhysicalResourceId") and each["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def others(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Outputs, as a template has them, of what the stacks refer to and are not: the account's exports, and other stacks."""
        if any('"Fn::ImportValue"' in json.dumps(template) for template in self._templates):
            pages = self.client.get_paginator("list_exports").paginate()
            exports = [each for page in pages for each in page["Exports"]]
            yield "", {str(n): {"Value": each["Value"], "Export": {"Name": each["Name"]}} for n, each in enumerate(exports)}
        for name in sorted(set(_referred(self._templates)) - self._described):
            try:
                told = self.described(name).get("Outputs", ())
            except RunError:  # a stack that is gone: what it gave is not known
                continue
            yield name, {each["OutputKey"]: {"Value": each["OutputValue"]} for each in told}


def _referred(value: Any) -> Iterator[str]:
    """The stacks of the same region that Fn::GetStackOutput names somewhere in a value."""
    match value:
        case {"Fn::GetStackOutput": {"StackName": str(name), **more}} if "Region" not in more and "RoleArn" not in more:
            yield name
        case dict():
            yield from _referred(list(value.values()))
        case list():
            for each in value:
                yield from _referred(each)


def _as_named(resource: dict[str, Any], physical: str) -> dict[str, Any]:
    """The resource with its physical name; as ids there are URLs, ARNs, and `bus|rule` for a rule."""
    kind = kind_of(resource["Type"])
    if not kind.named_by or resource["Type"] in _VERSIONS:
        return resource
    name = physical.rpartition("|")[2]
    if "://" in name:
        name = name.rpartition("/")[2]
    elif name.startswith("arn:"):
        before, after = kind.shape.split("{name}")
        name = name.split(":", 5)[5].removeprefix(before).removesuffix(after)
    return {**resource, "Properties": {**_object(resource.get("Properties")), kind.named_by: name}}


def _parameters(stack: Mapping[str, Any], template: Mapping[str, Any]) -> dict[str, str]:
    """The values of a stack's parameters; of those with NoEcho, CloudFormation tells asterisks."""
    secret = _secrets(template)
    return {
        each["ParameterKey"]: each.get("ResolvedValue", each["ParameterValue"])
        for each in stack.get("Parameters", ())
        if each["ParameterKey"] not in secret
    }


def _tags(stack: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a stack, which what is in it has too."""
    return {each["Key"]: each["Value"] for each in stack.get("Tags", ())}


def _secrets(template: Mapping[str, Any]) -> set[str]:
    declared = _object(template.get("Parameters")).items()
    return {name for name, each in declared if str(_object(each).get("NoEcho")).lower() == "true"}


def _place(stack: Mapping[str, Any]) -> Place:
    _, _, _, region, account, _ = stack["StackId"].split(":", 5)
    return Place(account, region)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _absent(name: str, given: str) -> RunError:
    return RunError(
        name,
        Problem(code="EF-STACK", given=given, allowed="a stack is given by the name that CloudFormation has for it",
                fix="look at `aws cloudformation list-stacks`, --region and --profile"),
    )  # fmt: skip
