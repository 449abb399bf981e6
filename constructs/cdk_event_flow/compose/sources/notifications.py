"""What S3 sends straight to queues, topics and functions: by the bucket's own property, without a custom resource."""

from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.functions.consumer import consumer_of, tenant_problems
from cdk_event_flow.compose.messaging.encryption import allow_service
from cdk_event_flow.compose.messaging.queue_policy import let
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct, IDependable

NOTIFICATIONS = "S3 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html)"
PERMISSION_ID = "InvokedByBuckets"
S3 = "s3.amazonaws.com"
MAX_NOTIFICATIONS = 100  # see NOTIFICATIONS
EVENTS = (
    "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete", "s3:ReducedRedundancyLostObject", "s3:Replication:*", "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Replication:OperationNotTracked", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One event of objects whose keys begin with `prefix` and end with `suffix`, sent to `to`."""

    event: str
    to: Any
    prefix: str = ""
    suffix: str = ""

    def problems(self) -> list[Problem]:
        """What S3 or Lambda would refuse."""
        problems = tenant_problems(self.to, "a notification")
        if self.event not in EVENTS:
            near = get_close_matches(self.event, EVENTS, n=1)
            problems.append(Problem(code="EF-BUCKET-EVENT", given=f"the event is {self.event!r}",
                                    allowed=f"{NOTIFICATIONS} knows {', '.join(EVENTS[:2])} and others",
                                    fix=f"did you mean {near[0]}?" if near else "use one of them"))  # fmt: skip
        kind = kind_of(self.to)
        if kind is None:
            problems.append(Problem(code="EF-BUCKET-DESTINATION", given=f"to is a {type(self.to).__name__}",
                                    allowed=f"{NOTIFICATIONS} tells queues, topics and functions",
                                    fix="give one of them, or route the bucket's events from the default bus"))  # fmt: skip
        elif kind != "function" and receiver_of(self.to).fifo:
            problems.append(Problem(code="EF-BUCKET-DESTINATION", given=f"to is a FIFO {kind}",
                                    allowed=f"{NOTIFICATIONS} tells standard queues and topics only",
                                    fix="give a standard one, or route the bucket's events from the default bus"))  # fmt: skip
        return problems

    def overlaps(self, other: "Notification") -> bool:
        """Whether an object could be meant by both: S3 refuses that for one event."""
        same_event = fnmatchcase(self.event, other.event) or fnmatchcase(other.event, self.event)
        prefixes = self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        suffixes = self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix)
        return same_event and prefixes and suffixes

    def property(self) -> tuple[str, dict[str, Any]]:
        """In which list of the bucket's property it stands, and how."""
        rules = [{"name": name, "value": getattr(self, name)} for name in ("prefix", "suffix") if getattr(self, name)]
        shared = {"event": self.event, **({"filter": {"s3Key": {"rules": rules}}} if rules else {})}
        match kind_of(self.to):
            case "queue":
                return "queueConfigurations", {**shared, "queue": receiver_of(self.to).queue_arn}
            case "topic":
                return "topicConfigurations", {**shared, "topic": receiver_of(self.to).topic_arn}
        return "lambdaConfigurations", {**shared, "function": consumer_of(self.to).arn}


def kind_of(to: Any) -> str | None:
    """`queue`, `topic` or `function`; None for what S3 does not notify."""
    given = receiver_of(to)
    if isinstance(given, lambda_.FunctionBase) or hasattr(type(given), "consumer") or hasattr(given, "consumer"):
        return "function"
    return next((kind for kind in ("queue", "topic") if hasattr(given, f"{kind}_arn")), None)


def receiver_of(to: Any) -> Any:
    """The CDK's own queue or topic behind one of ours."""
    return getattr(to, "receiver", to)


def permit(to: Any, scope: Construct) -> IDependable | None:
    """Let the buckets of this account tell `to`, and return what must stand before the bucket: S3 tries when it is made.

    The account is named and not the bucket: the policy would need the bucket, and the bucket the policy.
    """
    account, given = cdk.Stack.of(scope).account, receiver_of(to)
    if kind_of(to) == "function":
        consumer = consumer_of(to)
        found = consumer.scope.node.try_find_child(PERMISSION_ID)
        return found or lambda_.CfnPermission(
            consumer.scope,
            PERMISSION_ID,
            action="lambda:InvokeFunction",
            function_name=consumer.arn,
            principal=S3,
            source_account=account,
        )
    arn, action = (given.queue_arn, "sqs:SendMessage") if kind_of(to) == "queue" else (given.topic_arn, "sns:Publish")
    key = given.encryption_master_key if kind_of(to) == "queue" else given.master_key
    if key is not None:
        allow_service(key, S3, scope=scope)
    statement = allowing([action], [arn], {"StringEquals": {"aws:SourceAccount": account}}, {"Service": S3})
    dependable: IDependable | None = let(given, statement)
    return dependable
