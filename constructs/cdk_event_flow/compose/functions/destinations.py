"""Where Lambda tells how an asynchronous invocation ended: queue, topic, function, event bus; for failures a bucket too."""

from dataclasses import dataclass
from typing import Any, Protocol

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.functions.asynchronous import RECORDS, fifo_problems, receiver_of
from cdk_event_flow.compose.functions.consumer import Consumer, Consumes, consumer_of, tenant_problems
from cdk_event_flow.errors import Problem


class Receives(Protocol):
    """Our queues, topics and buses: `receiver` is the CDK's own construct."""

    @property
    def receiver(self) -> Any:
        """What receives where this construct is given as a target."""


Destination = Receives | Consumes | sqs.IQueue | sns.ITopic | lambda_.IFunction | events.IEventBus | s3.IBucket

# By the attribute that gives its ARN (imported resources have classes of their own): what delivering to it is called, and
# the attribute with its key.
_KINDS = {
    "queue_arn": ("sqs:SendMessage", "encryption_master_key"),
    "topic_arn": ("sns:Publish", "master_key"),
    "event_bus_arn": ("events:PutEvents", None),  # EventBridge encrypts by its own right
    "bucket_arn": ("s3:PutObject", "encryption_key"),
}
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
_OBJECTS = "aws/lambda/async"


@dataclass(frozen=True, kw_only=True)
class End:
    """A destination as Lambda sees it: its ARN, what delivering there is called, and the key that encrypts it."""

    arn: str
    action: str
    target: Any
    key: kms.IKey | None = None

    @property
    def in_bucket(self) -> bool:
        """Whether Lambda writes objects there."""
        return self.action == "s3:PutObject"

    def objects(self, function: lambda_.IFunction) -> str:
        """The objects that Lambda may write for this function."""
        return f"{self.arn}/{_OBJECTS}/{function.function_name}/*"

    def problems(self, outcome: str, origin: Consumer) -> list[Problem]:
        """Why Lambda would never deliver there."""
        problems = fifo_problems("EF-ASYNC-DESTINATION", f"the destination {outcome}", self.target)
        problems += tenant_problems(self.target, f"the destination {outcome}")
        if self.in_bucket and outcome == "on_success":
            problems.append(
                Problem(code="EF-ASYNC-DESTINATION", given="the destination on_success is a bucket",
                        allowed=f"{RECORDS} writes failures to buckets, and no successes",
                        fix="give a queue, and let a function write to the bucket")
            )  # fmt: skip
        if self.arn == origin.arn:
            problems.append(
                Problem(code="EF-ASYNC-DESTINATION", given=f"the destination {outcome} is the function itself",
                        allowed="it would invoke itself for ever, or until Lambda's recursion guard stops it",
                        fix="give another destination; retries are in Asynchronous(retries=…)")
            )  # fmt: skip
        return problems

    def statements(self, function: lambda_.IFunction, allowed: kms.IKey) -> list[iam.PolicyStatement]:
        """What the execution role needs, which Lambda delivers with. The key `allowed` it may use already."""
        found = [
            iam.PolicyStatement(actions=[self.action], resources=[self.objects(function) if self.in_bucket else self.arn]),
            *([iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self.arn])] if self.in_bucket else []),
        ]
        if self.key and self.key.key_arn != allowed.key_arn:
            found.append(iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self.key.key_arn]))
        return found


def end_of(given: Destination) -> End:
    """A destination, whichever construct it is: ours, or any of the CDK's. Raises TypeError for what is none."""
    target = receiver_of(given)
    if isinstance(target, lambda_.FunctionBase) or hasattr(target, "consumer"):
        return End(arn=consumer_of(target).arn, action="lambda:InvokeFunction", target=target)
    for attribute, (action, key) in _KINDS.items():
        arn = getattr(target, attribute, None)
        if arn is not None:
            return End(arn=arn, action=action, target=target, key=getattr(target, key) if key else None)
    raise TypeError(f"Lambda tells a queue, topic, function, event bus or bucket, not a {type(given).__name__}")
