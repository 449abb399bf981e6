"""One policy for a queue and its dead-letter queue: TLS only, and who may send to which of them."""

from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.finish import at_synth
from cdk_event_flow.compose.statements import Statement, document, join
from constructs import Construct


class OwnQueue(sqs.Queue):
    """The CDK's own queue, whose policy it shares with another: AWS knows one policy a queue, the last that was written."""

    policy_of_both: "QueuePolicy | None" = None

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> iam.AddToResourcePolicyResult:
        """Add to the policy that the queue shares."""
        if self.policy_of_both is None:
            return super().add_to_resource_policy(statement)
        self.policy_of_both.add(statement.to_statement_json())
        return iam.AddToResourcePolicyResult(statement_added=True, policy_dependable=self.policy_of_both.policy)


class QueuePolicy:
    """The policy of some queues, written when the app is composed. `policy` is the CDK's own construct."""

    def __init__(self, scope: Construct, id: str, queues: dict[OwnQueue, str]) -> None:
        self.statements: list[Statement] = []
        self._resource: sqs.CfnQueuePolicy | None = None
        self.add(
            {
                "Principal": {"AWS": "*"},
                "Effect": "Deny",
                "Action": "sqs:*",
                "Resource": list(queues.values()),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )
        self.policy = sqs.QueuePolicy(scope, id, queues=list(queues))
        for queue in queues:
            queue.policy_of_both = self
        at_synth(scope, self.policy, sqs.CfnQueuePolicy, self._write)

    def add(self, statement: Statement) -> None:
        """Add a statement about one of the queues."""
        join(self.statements, statement)
        if self._resource is not None:
            self._write(self._resource)

    def _write(self, resource: sqs.CfnQueuePolicy) -> None:
        self._resource = resource
        resource.policy_document = document(self.statements)


def let(receiver: Any, statement: Statement) -> Any:
    """Add `statement` to the policy of a queue or topic, ours or the CDK's; return what must stand before it holds.

    None for an imported receiver, whose policy the CDK cannot change.
    """
    if isinstance(receiver, OwnQueue) and receiver.policy_of_both is not None:
        receiver.policy_of_both.add(statement)
        return receiver.policy_of_both.policy
    return receiver.add_to_resource_policy(iam.PolicyStatement.from_json(statement)).policy_dependable
