"""What a service may do by the policies of others: send to a queue, publish to a topic, invoke a function, use their keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import Key, Node, Queue, Topic, Unknown
from cdk_event_flow.flow.permissions.conditions import Context
from cdk_event_flow.flow.permissions.language import Request, decide, statements
from cdk_event_flow.flow.permissions.permission import Permission, said, worst
from cdk_event_flow.flow.permissions.policies import AwsManagedKey

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

# What each kind of receiver is asked for, by the service in its ARN. All others are delivered to by a role.
_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "sqs": ("sqs:SendMessage",),
    "sns": ("sns:Publish",),
    "lambda": ("lambda:InvokeFunction",),
    "logs": ("logs:CreateLogStream", "logs:PutLogEvents"),
}
CLOUDWATCH = "cloudwatch.amazonaws.com"
# What SNS gives a topic that has no policy lets the account's own alarms in, and no other service.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
_DEFAULT_OF_TOPICS = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}}
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
_OF_THE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """A service that delivers for a rule or a topic: its principal, and whom it delivers for (`the rule Large`).

    `source_arns` are what the service may give as that: one, but for APIs, whose stages have an ARN each.
    """

    principal: str
    source_arns: tuple[str, ...] | Unknown
    source: str

    def context(self, receiver: str) -> Context:
        """What the service tells of itself. It comes with no role and through no endpoint.

        A bucket's ARN has no account: it is taken to be the receiver's.
        """
        account = "" if isinstance(self.source_arns, Unknown) else account_of(self.source_arns[0])
        return {
            "aws:sourcearn": self.source_arns,
            "aws:sourceaccount": (account or account_of(receiver),),
            "aws:securetransport": ("true",),
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (self.principal,),
            "aws:principalarn": (),
            "aws:principalaccount": (),
            "aws:sourcevpc": (),
            "aws:sourcevpce": (),
            "lambda:functionurlauthtype": (),
            "lambda:invokedviafunctionurl": (),
            **({"aws:sourceowner": (account,)} if self.principal == CLOUDWATCH else {}),
        }

    def does(self, action: str) -> str:
        """`events.amazonaws.com sqs:SendMessage from the rule Large`."""
        return f"{self.principal} {action} from {self.source}"


def of_service(flow: "Flow", sender: Sender, arn: str) -> list[Permission]:
    """What `sender` needs to deliver to `arn`: the receiver's own policy, and that of the key which encrypts it."""
    actions = _ACTIONS.get(service_of(arn))
    if actions is None:
        reason = f"{named(flow, arn)} is delivered to by a role, and none is given"
        return [Permission(verdict="unknown", by="nobody", reason=reason)]
    found = [worst([_by_resource(flow, sender, action, arn) for action in actions])]
    receiver = flow.nodes.get(arn)
    if isinstance(receiver, Queue | Topic) and receiver.key is not None:
        found.append(_by_key(flow, sender, receiver, receiver.key))
    return found


def service_of(arn: str) -> str:
    """The service that an ARN names; none where it is no ARN."""
    return arn.split(":")[2] if arn.count(":") >= 5 else ""


def account_of(arn: str) -> str:
    """The account that an ARN names; none where it is no ARN, or one of S3."""
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def named(flow: "Flow", arn: str) -> str:
    """What people call this node; the ARN itself where it is none of the flow."""
    return flow.names.get(arn, arn)


def _by_resource(flow: "Flow", sender: Sender, action: str, arn: str) -> Permission:
    policy, resource, known = arn, arn, arn in flow.nodes and flow.nodes[arn].tells("Policy")
    if service_of(arn) == "logs":
        # An account has policies on all its log groups together, and some may be in other templates.
        policy, resource, known = ":".join([*arn.split(":")[:5], "*"]), f"{arn.removesuffix(':*')}:log-stream:any", False
    on = flow.policies.on(policy)
    if not on and known and sender.principal == CLOUDWATCH:  # which tells topics only
        on = statements(_DEFAULT_OF_TOPICS)
    asked = Request(principal=sender.principal, action=action, resource=resource, context=sender.context(arn))
    decision = decide(asked, on)
    if decision.statement is None and not known:
        reason = f"the policy of {named(flow, arn)} is outside the template"
        return Permission(verdict="unknown", by="resource policy", reason=reason)
    if not on:
        reason = f"{named(flow, arn)} has no policy that lets {sender.does(action)}"
        return Permission(verdict="denied", by="resource policy", reason=reason)
    return said(decision, "resource policy", f"the policy of {named(flow, arn)}", sender.does(action))


def _by_key(flow: "Flow", sender: Sender, receiver: Node, name: str | Unknown) -> Permission:
    key, encrypted = flow.policies.key(name), named(flow, receiver.arn)
    if isinstance(key, Unknown):
        return Permission(verdict="unknown", by="key", reason=f"{encrypted} is encrypted, and {key.reason}")
    if isinstance(key, AwsManagedKey):
        reason = f"{encrypted} is encrypted with {key}, a key of AWS whose policy lets no service in and cannot be changed"
        return Permission(verdict="denied", by="key of AWS", reason=reason)
    return worst([_use(flow, sender, key, action) for action in _OF_THE_KEY])


def _use(flow: "Flow", sender: Sender, key: Key, action: str) -> Permission:
    asked = Request(principal=sender.principal, action=action, resource=key.arn, context=sender.context(key.arn))
    whose = f"the policy of the key {named(flow, key.arn)}"
    return said(decide(asked, statements(key.policy)), "key", whose, sender.does(action))
