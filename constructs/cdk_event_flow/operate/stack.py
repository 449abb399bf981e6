"""A flow where it runs: a stack on AWS, named as CloudFormation named its resources, or a local run."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import Problem, RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.arns import kind_of
from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.template import read_template
from cdk_event_flow.operate.aws import Aws, code_of
from cdk_event_flow.operate.letters import last_part

_NESTED = "AWS::CloudFormation::Stack"
_VERSIONS = ("AWS::Lambda::Alias", "AWS::Lambda::Version")  # their ids are ARNs with the function's name in them


@dataclass(frozen=True, kw_only=True)
class Stack:
    """`flow` has the names and ARNs that `aws` knows. `run` is the id of a local run, empty on AWS."""

    name: str
    flow: Flow
    aws: Aws
    run: str = ""

    def called(self, arn: str) -> str:
        """What people call the node of this ARN; of another stack's, the last part of its ARN."""
        return self.flow.names.get(arn, last_part(arn))

    def find(self, name: str, *kinds: type[Node]) -> Node:
        """The node of this name. Raises RunError (EF-NAME-UNKNOWN, EF-NAME-AMBIGUOUS)."""
        try:
            return self.flow.find(name, *kinds)
        except TemplateError as error:
            raise RunError(self.name, error.problems) from None


def deployed(name: str, aws: Aws) -> Stack:
    """The deployed stack of this name, with those nested in it.

    Every resource has its physical name, and what was not created for a condition is not there; what the stack imports is
    looked up in the account's exports. Raises RunError (EF-STACK).
    """
    formation = aws.client("cloudformation")
    described = _described(formation, name)
    _, _, _, region, account, _ = described["StackId"].split(":", 5)
    given = {each["ParameterKey"]: each.get("ResolvedValue", each.get("ParameterValue")) for each in described.get("Parameters", ())}
    with tempfile.TemporaryDirectory(prefix="event-flow-") as folder:
        template = _laid_down(formation, name, Path(folder), _Exports(formation))
        flow = Flow.from_template(template, stack=name, account=account, region=region, parameters=given)
    return Stack(name=name, flow=flow, aws=aws)


def _described(formation: Any, name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = formation.describe_stacks(StackName=name)["Stacks"][0]
    except formation.exceptions.ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        problem = Problem(code="EF-STACK", given=f"there is no stack of this name in {formation.meta.region_name}",
                          allowed="a stack is given by the name that CloudFormation has for it",
                          fix="look at `aws cloudformation list-stacks`, --region and --profile")  # fmt: skip
        raise RunError(name, problem) from None
    return found


class _Exports:
    """The exports of the account, asked for when a template imports."""

    def __init__(self, formation: Any) -> None:
        self._formation = formation
        self._values: dict[str, str] | None = None

    def into(self, value: Any) -> Any:
        """`value` with what it imports in place of the imports."""
        if isinstance(value, list):
            return [self.into(each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"Fn::ImportValue"} and isinstance(value["Fn::ImportValue"], str):
            return self._all().get(value["Fn::ImportValue"], value)
        return {key: self.into(each) for key, each in value.items()}

    def _all(self) -> dict[str, str]:
        if self._values is None:
            pages = self._formation.get_paginator("list_exports").paginate()
            self._values = {each["Name"]: each["Value"] for page in pages for each in page["Exports"]}
        return self._values


def _laid_down(formation: Any, stack: str, folder: Path, exports: _Exports) -> Path:
    """The file with the stack's template as it is deployed; those of nested stacks lie beside it."""
    body = formation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    file = folder / "template"
    file.write_text(body if isinstance(body, str) else json.dumps(body), "utf-8")
    template = read_template(file)
    physical = _physical(formation, stack)
    resources = {
        logical_id: _as_named({key: each for key, each in resource.items() if key != "Condition"}, physical[logical_id])
        for logical_id, resource in exports.into(template["Resources"]).items()
        if logical_id in physical
    }
    for logical_id, resource in resources.items():
        if resource["Type"] == _NESTED:
            (folder / logical_id).mkdir()
            nested = _laid_down(formation, physical[logical_id], folder / logical_id, exports)
            resource["Metadata"] = {**resource.get("Metadata", {}), "aws:asset:path": str(nested.relative_to(folder))}
    file.write_text(json.dumps({**template, "Resources": resources}), "utf-8")
    return file


def _physical(formation: Any, stack: str) -> dict[str, str]:
    """Physical ids by logical ids, of what exists."""
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
        if each.get("PhysicalResourceId") and each.get("ResourceStatus") != "DELETE_COMPLETE"
    }


def _as_named(resource: dict[str, Any], physical: str) -> dict[str, Any]:
    """The resource, named as it is; `Ref` gives a URL or ARN for some, `bus|rule` for a rule."""
    kind = kind_of(resource["Type"])
    if not kind.named_by or resource["Type"] in _VERSIONS:
        return resource
    name = physical.rpartition("|")[2]
    if "://" in name:
        name = name.rpartition("/")[2]
    elif name.startswith("arn:"):
        before, after = kind.shape.split("{name}")
        name = name.split(":", 5)[5].removeprefix(before).removesuffix(after)
    properties = resource.get("Properties")
    return {**resource, "Properties": {**(properties if isinstance(properties, Mapping) else {}), kind.named_by: name}}
