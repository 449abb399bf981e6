"""CloudFormation beside a local run: it tells of stacks that are there already, as AWS would."""

import json
from contextlib import contextmanager

from cdk_event_flow.local.endpoint import Endpoint
from cdk_event_flow.local.services.service import Service
from cdk_event_flow.local.wire import ServiceError

from .world import ACCOUNT, REGION


class Formation(Service):
    """CloudFormation, as far as it tells of a stack that is there already. Physical ids are shaped as AWS shapes them."""

    name = "cloudformation"

    def __init__(self, stacks):
        super().__init__()
        self.stacks = stacks
        self.operations = {
            "DescribeStacks": self._describe,
            "GetTemplate": self._template,
            "ListStackResources": self._resources,
            "ListExports": self._exports,
        }

    def _stack(self, parameters):
        name = parameters["StackName"].split("/")[1] if parameters["StackName"].startswith("arn:") else parameters["StackName"]
        if name not in self.stacks:
            raise ServiceError("ValidationError", f"Stack with id {name} does not exist")
        return name, self.stacks[name]

    def _describe(self, parameters, _):
        name, stack = self._stack(parameters)
        told = [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.get("parameters", {}).items()]
        return {"Stacks": [{"StackName": name, "StackId": stack_id(name), "StackStatus": "CREATE_COMPLETE", "Parameters": told,
                            "CreationTime": 0}]}  # fmt: skip

    def _template(self, parameters, _):
        _, stack = self._stack(parameters)
        body = stack["template"]
        return {"TemplateBody": body if isinstance(body, str) else json.dumps(body)}

    def _resources(self, parameters, _):
        _, stack = self._stack(parameters)
        shown = {"ResourceType": "AWS::Any", "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": 0}
        return {
            "StackResourceSummaries": [
                {"LogicalResourceId": logical, "PhysicalResourceId": physical, **shown}
                for logical, physical in stack["physical"].items()
            ]
        }

    def _exports(self, _, __):
        exports = [each for stack in self.stacks.values() for each in stack.get("exports", {}).items()]
        return {"Exports": [{"Name": name, "Value": value, "ExportingStackId": "s"} for name, value in exports]}


def stack_id(name):
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/6f1e1f5e"


@contextmanager
def formation(monkeypatch, stacks):
    """Runs that begin inside the block answer for CloudFormation too."""
    made = Endpoint.__init__

    def make(self, *args, **options):
        made(self, *args, **options)
        self._services["cloudformation"] = Formation(stacks)

    with monkeypatch.context() as patched:
        patched.setattr(Endpoint, "__init__", make)
        yield
