"""EF5xx: deliveries that a policy, a role or a key does not let through."""

from collections import Counter
from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Function, ResourcePolicy, Rule, Subscription
from cdk_event_flow.flow.permissions import Hop, Permission, hops, permissions, service_of
from cdk_event_flow.flow.permissions.network import closed_ways
from cdk_event_flow.flow.sources import Alarm, Bucket, BucketNotifications, Route, Url
from cdk_event_flow.flow.workers import Workers, consumed_by

RULE_TARGETS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"
SNS_TO_SQS = "https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"
EXECUTION_ROLE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"
TARGET_ROLES = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html"
RULE_DLQ = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"
ECR_ENDPOINTS = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
SQS_KEYS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
QUEUE_POLICY = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html"
TO_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"
API_TO_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html"
URLS = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
ALARM_TO_SNS = "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"
ENDPOINTS = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-endpoints.html"


def _denied(flow: Flow, *by: str) -> Iterator[tuple[Hop, Permission]]:
    """What is denied by these, hop by hop."""

    def denied() -> list[tuple[Hop, Permission]]:
        return [(hop, each) for hop in hops(flow) for each in permissions(flow, hop) if each.verdict == "denied"]

    # All kinds ask the same, so it is decided once.
    yield from ((hop, each) for hop, each in flow.ways.compiled("denied", denied) if each.by in by)


def _said(flow: Flow, hop: Hop, permission: Permission, fix: str) -> Found:
    """The finding stands where the statement is missing: at the receiver, or at what hands on to another stack's, or reads."""
    at = hop.by if permission.by == "role" or hop.reads else flow.receiver(hop.arn) or hop.by
    forbidden = permission.statement is not None
    reason = f"{permission.reason[0].upper()}{permission.reason[1:]}."
    return Found(at, reason, "Take out what forbids it, or narrow it by a condition." if forbidden else fix)


@finds(
    "EF501",
    "error",
    "Rule without permission",
    why="Every delivery fails, and the event is dropped or dead-lettered",
    docs=RULE_TARGETS,
)
def rules_without_permission(flow: Flow) -> Iterator[Found]:
    """Targets whose policy does not let the rule in."""
    for hop, permission in _denied(flow, "resource policy"):
        if isinstance(hop.by, Rule) and not hop.dead:
            yield _said(flow, hop, permission, "Add a statement for events.amazonaws.com with the rule's ARN as aws:SourceArn.")


@finds(
    "EF502",
    "error",
    "Topic without permission",
    why="Every delivery fails, and the message is dropped or dead-lettered",
    docs=SNS_TO_SQS,
)
def topics_without_permission(flow: Flow) -> Iterator[Found]:
    """Queues and functions whose policy does not let the topic in."""
    for hop, permission in _denied(flow, "resource policy"):
        if isinstance(hop.by, Subscription) and not hop.dead:
            yield _said(flow, hop, permission, "Add a statement for sns.amazonaws.com with the topic's ARN as aws:SourceArn.")


@finds(
    "EF503",
    "error",
    "Consumer that may not read its source",
    why="The source cannot be polled: nothing is consumed",
    docs=EXECUTION_ROLE,
)
def consumers_that_may_not_read(flow: Flow) -> Iterator[Found]:
    """Event source mappings and pipes whose role lacks what polling needs."""
    for hop, permission in _denied(flow, "role"):
        if hop.reads:
            yield _said(flow, hop, permission, "Allow the role of the function or pipe what it takes to poll the source.")


@finds(
    "EF504",
    "error",
    "Role that may not deliver",
    why="Every delivery fails",
    docs=TARGET_ROLES,
)
def roles_that_may_not_deliver(flow: Flow) -> Iterator[Found]:
    """Roles of schedules, pipes, subscribers and APIs, of targets that are reached by a role, and of destinations."""
    for hop, permission in _denied(flow, "role"):
        if not hop.reads and not hop.dead:
            yield _said(flow, hop, permission, "Allow the role the action on the target, and let the service assume it.")


@finds(
    "EF505",
    "error",
    "Dead letters without permission",
    why="What fails is lost after all",
    docs=RULE_DLQ,
)
def dead_letters_without_permission(flow: Flow) -> Iterator[Found]:
    """Dead-letter queues and topics whose policy does not let the sender in, or whose sender's role may not send."""
    for hop, permission in _denied(flow, "resource policy", "role"):
        if hop.dead:
            yield _said(flow, hop, permission, "Allow the sender sqs:SendMessage, for a rule or topic by its ARN as aws:SourceArn.")


@finds(
    "EF506",
    "error",
    "Key that the sender may not use",
    why="What is encrypted cannot be written or read: every delivery fails",
    docs=SQS_KEYS,
)
def keys_without_permission(flow: Flow) -> Iterator[Found]:
    """Customer keys of queues and topics whose policy leaves out a service or role that must use them."""
    for hop, permission in _denied(flow, "key"):
        yield _said(
            flow, hop, permission, "Allow kms:Decrypt and kms:GenerateDataKey in the key's policy; to a role also in its own."
        )


@finds(
    "EF507",
    "error",
    "Key of AWS behind a service",
    why="The policy of a key of AWS cannot be changed, and does not let other services in",
    docs=SQS_KEYS,
)
def keys_of_aws(flow: Flow) -> Iterator[Found]:
    """Receivers encrypted with `alias/aws/sqs` or `alias/aws/sns`, of rules and topics."""
    for hop, permission in _denied(flow, "key of AWS"):
        yield _said(flow, hop, permission, "Encrypt with a key of your own, or with SQS's own encryption (SSE-SQS).")


@finds(
    "EF508",
    "error",
    "Private function without a way to a service",
    why="Each call to it hangs until the function times out",
    docs=ENDPOINTS,
)
def functions_without_a_way(flow: Flow) -> Iterator[Found]:
    """Functions in private subnets whose role names a service that neither an endpoint nor a route lets them reach."""
    for function in flow.of(Function):
        yield from (Found(function, what, fix) for _, what, fix in closed_ways(flow, function))


@finds(
    "EF514",
    "error",
    "Private workers without a way to a service",
    why="A task that cannot pull its image or write its log does not start, and one that cannot reach SQS receives nothing",
    docs=ECR_ENDPOINTS,
)
def workers_without_a_way(flow: Flow) -> Iterator[Found]:
    """Services of ECS that go through a queue in private subnets from which neither an endpoint nor a route leads to it."""
    for workers in flow.of(Workers):
        if any(consumed_by(flow, workers)):
            yield from (Found(workers, what, fix) for _, what, fix in closed_ways(flow, workers))


@finds(
    "EF509",
    "error",
    "Several policies for one queue or topic",
    why="The one that is deployed last replaces the others, and what they allowed is denied",
    docs=QUEUE_POLICY,
)
def policies_that_replace_each_other(flow: Flow) -> Iterator[Found]:
    """Queues and topics that several policies name."""
    times = Counter(str(arn) for policy in flow.of(ResourcePolicy) for arn in policy.resources)
    for arn, several in times.items():
        if several > 1 and service_of(arn) in ("sqs", "sns") and (node := flow.nodes.get(arn)):
            yield Found(node, f"It has {several} policies.", "Put all statements into one policy.")


@finds(
    "EF510",
    "error",
    "Bucket without permission",
    why="S3 asks the queue, topic or function at deployment, and refuses the notification",
    docs=TO_S3,
)
def buckets_without_permission(flow: Flow) -> Iterator[Found]:
    """What buckets notify, and whose policy does not let S3 in."""
    for hop, permission in _denied(flow, "resource policy"):
        if isinstance(hop.by, Bucket | BucketNotifications):
            yield _said(flow, hop, permission, "Add a statement for s3.amazonaws.com with the bucket's ARN as aws:SourceArn.")


@finds("EF511", "error", "API without permission", why="Every request of the route is answered with a 500", docs=API_TO_LAMBDA)
def apis_without_permission(flow: Flow) -> Iterator[Found]:
    """Functions behind a route of an API whose policy does not let API Gateway in."""
    for hop, permission in _denied(flow, "resource policy"):
        if isinstance(hop.by, Route):
            fix = "Add a permission for apigateway.amazonaws.com with the route's ARN (api/stage/METHOD/path) as its source."
            yield _said(flow, hop, permission, fix)


@finds(
    "EF512",
    "error",
    "Function URL that lets nobody in",
    why="Without authentication the function's policy alone decides, and every request is answered with a 403; URLs made since"
    " October 2025 need two permissions",
    docs=URLS,
)
def urls_that_let_nobody_in(flow: Flow) -> Iterator[Found]:
    """Functions with a public URL and without the permissions for it."""
    for hop, permission in _denied(flow, "resource policy"):
        if isinstance(hop.by, Url):
            fix = "Permit * lambda:InvokeFunctionUrl, and lambda:InvokeFunction with InvokedViaFunctionUrl; or use AWS_IAM."
            yield _said(flow, hop, permission, fix)


@finds(
    "EF513",
    "error",
    "Alarm without permission",
    why="Nobody is told when it goes off: a topic's policy, once there is one, must let alarms in as well",
    docs=ALARM_TO_SNS,
)
def alarms_without_permission(flow: Flow) -> Iterator[Found]:
    """Topics and functions that alarms tell, and whose policy does not let them."""
    for hop, permission in _denied(flow, "resource policy"):
        if isinstance(hop.by, Alarm):
            principal = "lambda.alarms.cloudwatch" if service_of(hop.arn) == "lambda" else "cloudwatch"
            yield _said(flow, hop, permission, f"Add a statement for {principal}.amazonaws.com with the alarm's ARN as its source.")
