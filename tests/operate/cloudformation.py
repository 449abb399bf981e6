"""CloudFormation for tests: moto's own, and one that answers what it is told."""

import json
import sys
from contextlib import contextmanager
from types import ModuleType

import boto3
from botocore.config import Config
from botocore.stub import Stubber

from cdk_event_flow.flow.arns import kind_of
from cdk_event_flow.operate.aws import Aws

REGION = "eu-west-1"
ACCOUNT = "111122223333"


@contextmanager
def moto(monkeypatch):
    """moto's CloudFormation. It wants a validator of OpenAPI documents for API Gateway, which nothing here has."""
    for name in ("openapi_spec_validator", "openapi_spec_validator.validation", "openapi_spec_validator.validation.exceptions"):
        stand_in = ModuleType(name)
        stand_in.__path__ = []
        stand_in.validate = stand_in.OpenAPIValidationError = None
        monkeypatch.setitem(sys.modules, name, stand_in)
    from moto import mock_aws

    credentials(monkeypatch)
    with mock_aws():
        yield boto3.client("cloudformation")


def credentials(monkeypatch):
    """Such as nobody has, and a region."""
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)


def stack_id(name):
    """The id of a stack."""
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/0a1b2c3d"


def physical_id(stack, logical_id, type_name):
    """An id as CloudFormation makes it up, with a suffix that nobody can tell beforehand."""
    kind = kind_of(type_name)
    name = f"{stack}-{logical_id}-X1Y2Z3"
    match kind.ref:
        case "url":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        case "arn":
            return f"arn:aws:{kind.service}:{REGION}:{ACCOUNT}:{kind.shape.format(name=name)}"
    return f"some-bus|{name}" if type_name == "AWS::Events::Rule" else name


class Told:
    """Answers in the order in which they are asked for; the SDK checks them against its model of the service."""

    def __init__(self, monkeypatch):
        credentials(monkeypatch)
        self.client = boto3.client("cloudformation", config=Config(retries={"total_max_attempts": 1}))
        self.stubber = Stubber(self.client)
        self.stubber.activate()
        monkeypatch.setattr(Aws, "client", lambda *_: self.client)

    def stack(self, name, template, physical=None, **described):
        """A stack, as it is asked for when it is read."""
        self.described(name, **described)
        self.template(name, template, physical)

    def described(self, name, status="CREATE_COMPLETE", **more):
        told = {"StackName": name, "StackId": stack_id(name), "StackStatus": status, "CreationTime": "2026-01-01", **more}
        self.stubber.add_response("describe_stacks", {"Stacks": [told]})

    def template(self, name, template, physical=None):
        body = template if isinstance(template, str) else json.dumps(template)
        self.stubber.add_response("get_template", {"TemplateBody": body}, {"StackName": stack_id(name), "TemplateStage": "Processed"})
        if physical is None:
            physical = {key: physical_id(name, key, each["Type"]) for key, each in template["Resources"].items()}
        shown = {"ResourceType": "AWS::Any", "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": "2026-01-01"}
        summaries = [{"LogicalResourceId": key, "PhysicalResourceId": each, **shown} for key, each in physical.items()]
        self.stubber.add_response("list_stack_resources", {"StackResourceSummaries": summaries})

    def error(self, operation, code, message="no"):
        self.stubber.add_client_error(operation, code, message)
