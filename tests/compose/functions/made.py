"""What the tests of functions share: a function that needs no bundling, and a template by parts."""

from typing import Any

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Function
from constructs import Construct


def function(stack: Construct, id: str = "Billing", **options: Any) -> Function:
    """A function of one line."""
    given = {"code": lambda_.Code.from_inline("exports.handler = 0"), "handler": "index.handler", "runtime": "nodejs24.x"}
    return Function(stack, id, **{**given, **options})


def made(template: dict[str, Any], kind: str, within: str = "") -> dict[str, dict[str, Any]]:
    """The whole resources of a type (`AWS::Lambda::Alias`) whose logical ids begin so, by logical id."""
    return {id: each for id, each in template["Resources"].items() if each["Type"] == f"AWS::{kind}" and id.startswith(within)}


def only(template: dict[str, Any], kind: str, within: str = "") -> dict[str, Any]:
    """The one resource of that type."""
    (found,) = made(template, kind, within).values()
    return found


def statements(template: dict[str, Any], within: str) -> list[dict[str, Any]]:
    """The statements of the policies, and of the roles, whose logical ids begin so."""
    policies = [each["Properties"] for each in made(template, "IAM::Policy", within).values()]
    policies += [policy for each in made(template, "IAM::Role", within).values() for policy in each["Properties"].get("Policies", [])]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
