"""What the tests of constructs share: a stack, its template, and the flow read from it."""

from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from cdk_event_flow.flow import Flow


def new_stack(name: str = "Shop", **kwargs: Any) -> cdk.Stack:
    """A stack of an app of its own, with the context that the CDK command line would give; not validated."""
    context = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
    return cdk.Stack(cdk.App(context=context, builtin_cloud_formation_validation=False), name, **kwargs)


def template_of(stack: cdk.Stack) -> dict[str, Any]:
    """The synthesized template."""
    return Template.from_stack(stack).to_json()


def flow_of(stack: cdk.Stack) -> Flow:
    """The flow of a stack alone."""
    return Flow.from_template(template_of(stack))


def policies(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of all policies: beside roles, shared by them, and inside of them."""
    beside = [*resources(template, "AWS::IAM::Policy"), *resources(template, "AWS::IAM::ManagedPolicy")]
    inside = [policy for role in resources(template, "AWS::IAM::Role") for policy in role.get("Policies", [])]
    return [policy["PolicyDocument"] for policy in (*beside, *inside)]


def resources(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The properties of all resources of a type (`AWS::Events::Rule`)."""
    return [each.get("Properties", {}) for each in template["Resources"].values() if each["Type"] == kind]
