"""A flow where it runs: a stack on AWS, named as CloudFormation named its resources, or a local run."""

from dataclasses import dataclass

from cdk_event_flow.errors import RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Node
from cdk_event_flow.operate.aws import Aws
from cdk_event_flow.operate.deployed import deployed_flow
from cdk_event_flow.operate.letters import last_part


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
            return self.flow.anywhere(name, *kinds)
        except TemplateError as error:
            raise RunError(self.name, error.problems) from None


def deployed(name: str, aws: Aws) -> Stack:
    """The deployed stack of this name, with those nested in it, as `deployed_flow` reads it. Raises RunError (EF-STACK)."""
    return Stack(name=name, flow=deployed_flow([name], aws), aws=aws)
