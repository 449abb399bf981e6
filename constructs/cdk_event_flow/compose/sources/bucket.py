"""An S3 bucket whose objects are events."""

from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, within
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of, role_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.skipped import Skipped, skipped
from cdk_event_flow.compose.sources.notifications import MAX_NOTIFICATIONS, NOTIFICATIONS, Notification, kind_of, permit
from cdk_event_flow.errors import Problem
from constructs import Construct, IDependable

ACCESS_LOGS_ID = "AccessLogs"
KEPT = 90  # days of access logs, and of what somebody deleted of them

DetailType = Literal[
    "Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed", "Object Restore Expired",
    "Object Storage Class Changed", "Object Access Tier Changed", "Object ACL Updated", "Object Tags Added", "Object Tags Deleted",
]  # fmt: skip
Action = Literal[
    "AbortMultipartUpload", "DeleteObject", "GetObject", "GetObjectTagging", "GetObjectVersion", "ListBucket", "PutObject",
    "PutObjectTagging",
]  # fmt: skip
_OF_THE_KEY = {"GetObject": ["kms:Decrypt"], "GetObjectVersion": ["kms:Decrypt"], "PutObject": ["kms:Decrypt", "kms:GenerateDataKey"]}


class Bucket(Construct):
    """An S3 bucket; `bucket` takes an existing or imported one in place of our own.

    Encrypted with the stack's key (or `key`), TLS only, no public access, versioned unless told otherwise, what was never
    completed of an upload is removed after 7 days, kept when the stack is deleted. Requests are logged in the stack's one bucket
    for access logs, 90 days long (what is deleted of them stays 90 more), or in `access_logs`. Its events go to the account's
    default bus: route them there by `pattern`; `notify` sends them straight to one receiver. `bucket` is the CDK's own construct.

    Raises ConstructError: EF-BUCKET-….
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        versioned: bool = True,
        key: kms.IKey | None = None,
        access_logs: s3.IBucket | None = None,
        bucket: s3.IBucket | None = None,
    ) -> None:
        place(scope, id)
        super().__init__(scope, id)
        self._notifications: list[Notification] = []
        self._configured: dict[str, Any] = {"eventBridgeConfiguration": {"eventBridgeEnabled": True}}
        self._readers: set[str] = set()
        self._notified: set[str] = set()
        self.key = bucket.encryption_key if bucket else key or stack_key(self)
        self.versioned = versioned
        self.bucket: s3.IBucket = bucket or self._make(versioned, self.key, access_logs or _access_logs(self))

    def _make(self, versioned: bool, key: kms.IKey | None, access_logs: s3.IBucket) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=versioned,
            lifecycle_rules=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=cdk.Duration.days(7))],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        resource: Any = bucket.node.default_child
        resource.logging_configuration = {
            "destinationBucketName": access_logs.bucket_name,
            "logFilePrefix": f"{self.node.path}/",
        }
        resource.node.add_dependency(_let_log(access_logs, cdk.Stack.of(self)))
        # The CDK's own switch would add a function that sets this after deployment.
        resource.notification_configuration = self._configured
        return bucket

    @property
    def name(self) -> str:
        """The bucket's name, for a function's environment (a token until deployed)."""
        return self.bucket.bucket_name

    @property
    def receiver(self) -> s3.IBucket:
        """What receives where this construct is given as a destination."""
        return self.bucket

    def pattern(self, *detail_types: DetailType, prefix: str = "", suffix: str = "") -> dict[str, Any]:
        """The pattern of this bucket's events on the default bus: of these kinds (default `"Object Created"`), about objects
        whose keys begin with `prefix` and end with `suffix`."""
        key: Any = None
        if prefix and suffix:
            key = {"wildcard": f"{_literally(prefix)}*{_literally(suffix)}"}
        elif prefix or suffix:
            key = {"prefix": prefix} if prefix else {"suffix": suffix}
        about = {"bucket": {"name": [self.bucket.bucket_name]}, **({"object": {"key": [key]}} if key else {})}
        return {"source": ["aws.s3"], "detail-type": list(detail_types) or ["Object Created"], "detail": about}

    def notify(self, to: Any, *events: str, prefix: str = "", suffix: str = "") -> None:
        """Send events straight to a standard queue, standard topic or function, ours or the CDK's: one hop less than by the
        default bus, but one receiver an object, and neither pattern nor archive.

        `events` are S3's (default `s3:ObjectCreated:*`). Any bucket of the account may then tell the receiver: its policy
        cannot name this one, which waits for the policy. A function that is also allowed to read objects must be notified
        first and allowed then.

        Raises ConstructError: EF-BUCKET-EVENT, EF-BUCKET-DESTINATION, EF-BUCKET-OVERLAP, EF-BUCKET-NOTIFICATIONS,
        EF-BUCKET-IMPORTED, EF-BUCKET-ORDER.
        """
        added = [Notification(event=event, to=to, prefix=prefix, suffix=suffix) for event in events or ("s3:ObjectCreated:*",)]
        resource: Any = self.bucket.node.default_child
        refuse(
            place(self, "Notifications"),
            [
                *(problem for each in added for problem in each.problems()),
                *self._overlapping(added),
                *_imported(resource),
                *self._in_a_circle(to),
                *within("EF-BUCKET-NOTIFICATIONS", "number of notifications", len(self._notifications) + len(added), 0,
                        MAX_NOTIFICATIONS, unit="notifications", source=NOTIFICATIONS, fix="route them from the default bus"),
            ],
        )  # fmt: skip
        self._notifications += added
        if (before := permit(to, self)) is not None:
            resource.node.add_dependency(before)
        if kind_of(to) == "function":
            self._notified.add(consumer_of(to).role.node.path)
        for each in added:
            where, property = each.property()
            self._configured.setdefault(where, []).append(property)
        resource.notification_configuration = self._configured

    def allow(self, function: Consumes | lambda_.IFunction | iam.IRole, *actions: Action, prefix: str = "") -> None:
        """Let a function, or whatever else has the role, do these actions (`"GetObject"`) on the objects whose keys begin
        with `prefix`, or on the bucket (`"ListBucket"`), and use its key for them."""
        role = role_of(function)
        objects = f"{self.bucket.bucket_arn}/{prefix}*"
        of_objects = sorted({f"s3:{each}" for each in actions if each != "ListBucket"})
        of_the_key = sorted({action for each in actions for action in _OF_THE_KEY.get(each, ())})
        rights = [(of_objects, objects)] if of_objects else []
        rights += [(["s3:ListBucket"], self.bucket.bucket_arn)] if "ListBucket" in actions else []
        rights += [(of_the_key, self.key.key_arn)] if of_the_key and self.key is not None else []
        holder: iam.IRole | iam.Policy = role
        if role.node.path in self._notified:
            holder = self._beside(role, with_role=hasattr(function, "consumer") and cdk.Stack.of(role) is cdk.Stack.of(self))
            holder.add_statements(*(iam.PolicyStatement(actions=given, resources=[resource]) for given, resource in rights))
        else:
            self._readers.add(role.node.path)
            for given, resource in rights:
                allow(role, given, [resource])
        if of_objects:
            acknowledge(holder, Acknowledged.OBJECTS_OF_ONE_BUCKET, objects)

    def _beside(self, role: iam.IRole, *, with_role: bool) -> iam.Policy:
        """A policy beside the role's own, which the function waits for, and this bucket for the function: no circle.

        It stands with the role where that is of a function of ours in this stack: functions of the CDK's wait for all that
        stands with their role.
        """
        scope: Any = role if with_role else self.node.try_find_child("Rights") or Construct(self, "Rights")
        id = f"On{self.node.id}" if with_role else f"Of{role.node.path.replace('/', '.')}"
        return scope.node.try_find_child(id) or iam.Policy(scope, id, roles=[role])

    def _overlapping(self, added: list[Notification]) -> list[Problem]:
        earlier = [*self._notifications, *added]
        return [
            Problem(code="EF-BUCKET-OVERLAP", given=f"{each.event} of {each.prefix}*{each.suffix} is sent twice",
                    allowed=f"{NOTIFICATIONS} tells one receiver of an event of one object",
                    fix="send to a topic, or route the bucket's events from the default bus")
            for number, each in enumerate(earlier)
            if any(each.overlaps(other) for other in earlier[:number])
        ]  # fmt: skip

    def _in_a_circle(self, to: Any) -> list[Problem]:
        if kind_of(to) != "function" or consumer_of(to).role.node.path not in self._readers:
            return []
        return [Problem(code="EF-BUCKET-ORDER", given="the function was allowed to use the bucket before it is notified by it",
                        allowed="then the function waits for the bucket, and the bucket for the function",
                        fix="call notify before allow, or route the bucket's events from the default bus")]  # fmt: skip


def _imported(resource: Any) -> list[Problem]:
    if isinstance(resource, s3.CfnBucket):
        return []
    return [Problem(code="EF-BUCKET-IMPORTED", given="the bucket is imported", allowed="its notifications are set where it is made",
                    fix="set them there, or route its events from the default bus")]  # fmt: skip


def _literally(text: str) -> str:
    """Text inside a wildcard."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _access_logs(scope: Construct) -> s3.IBucket:
    """The stack's one bucket for access logs: S3 writes there with keys of its own only."""
    stack = cdk.Stack.of(scope)
    found = stack.node.try_find_child(ACCESS_LOGS_ID)
    if found is not None:
        return found  # type: ignore[return-value]
    made = s3.Bucket(
        stack,
        ACCESS_LOGS_ID,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        versioned=True,
        lifecycle_rules=[
            s3.LifecycleRule(expiration=cdk.Duration.days(KEPT), noncurrent_version_expiration=cdk.Duration.days(KEPT)),
        ],
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    acknowledge(made, Acknowledged.LOGS_OF_ACCESS)
    resource: Any = made.node.default_child
    resource.add_override("Metadata", skipped(Skipped.LOGS_OF_ACCESS))
    return made


def _let_log(logs: s3.IBucket, stack: cdk.Stack) -> IDependable:
    """Let S3 write access logs there, and return what must stand before it tries. Of one bucket this is said once."""
    added = logs.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[logs.arn_for_objects("*")],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )
    return added.policy_dependable or logs
