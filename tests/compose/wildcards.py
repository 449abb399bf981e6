"""Wildcards in what a template allows: each is on the list below with its reason, or it is a mistake."""

import json
import re
from typing import NamedTuple


class Wildcard(NamedTuple):
    """One wildcard of an `Allow` statement; `part` is where it stands, `text` what, `actions` those of the statement."""

    type: str
    part: str
    text: str
    actions: frozenset


class Named(NamedTuple):
    """A wildcard that may be: in resources of this type, and in a statement of no other actions than these, or of any (None)."""

    type: str
    part: str
    text: str
    actions: frozenset | None
    reason: str

    def covers(self, found):
        """Whether it is this one."""
        return found[:3] == self[:3] and (self.actions is None or found.actions <= self.actions)


# Which actions have no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/
WITHOUT_RESOURCE = {
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
DELIVERIES = {"kms:Decrypt", "kms:GenerateDataKey*"}
EVENTS = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
LOGS = {"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
LOG_GROUPS = {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutMetricFilter"}
BACKUPS = {"dynamodb:DeleteBackup", "dynamodb:DescribeBackup"}
STREAMS = {"logs:CreateLogStream", "logs:PutLogEvents"}
OF_GROUP = "arn:<>:logs:<>:<>:log-group:<>:*"
OF_SNS = "arn:<>:logs:<>:<>:log-group:sns/<>/*"
ACCOUNT = {"kms:*"}
ORGANIZATION = "* of one organization"
OWN_ACCOUNT = "* of one account"


def _named(type, part, text, actions, reason):
    return Named(type, part, text, None if actions is None else frozenset(actions), reason)


NAMED = (
    *(
        _named(f"AWS::IAM::{holder}", "Resource", "*", WITHOUT_RESOURCE, "IAM has no resource for these actions")
        for holder in ("ManagedPolicy", "Policy", "Role")
    ),
    _named("AWS::IAM::Role", "Resource", OF_SNS, LOG_GROUPS, "SNS names these groups after topics that are not named yet"),
    _named("AWS::IAM::ManagedPolicy", "Resource", OF_SNS, LOG_GROUPS, "the same, under guardrails"),
    _named("AWS::IAM::ManagedPolicy", "Resource", "<>/backup/*", BACKUPS, "DynamoDB names the backups of a table by their time"),
    _named("AWS::Logs::ResourcePolicy", "Resource", OF_GROUP, STREAMS, "the streams of one group; EventBridge names them"),
    _named("AWS::Events::EventBusPolicy", "Principal", ORGANIZATION, {"events:PutEvents"}, "IAM names organizations by a condition"),
    _named("AWS::SNS::TopicPolicy", "Principal", ORGANIZATION, {"sns:Publish"}, "IAM names organizations by a condition"),
    _named("AWS::KMS::Key", "Principal", ORGANIZATION, DELIVERIES, "IAM names organizations by a condition"),
    _named("AWS::EC2::VPCEndpoint", "Principal", OWN_ACCOUNT, None, "an endpoint narrows what roles may; it lets in by a condition"),
    _named("AWS::EC2::VPCEndpoint", "Resource", "*", None, "which resources, the roles say; a way to them would be a cycle"),
    _named("AWS::KMS::Key", "Resource", "*", ACCOUNT | DELIVERIES | EVENTS | LOGS, "in a key's policy it means this key"),
    _named("AWS::KMS::Key", "Action", "kms:*", ACCOUNT, "the account decides, or nobody could mend the key's policy"),
    _named("AWS::KMS::Key", "Action", "kms:GenerateDataKey*", DELIVERIES, "as SNS and EventBridge document it"),
    *(_named("AWS::KMS::Key", "Action", text, LOGS, "as CloudWatch Logs documents it") for text in sorted(LOGS)),
)


def unnamed(template):
    """The wildcards of a template that no reason is given for."""
    return [each for each in wildcards(template) if not any(named.covers(each) for named in NAMED)]


def wildcards(template):
    """Every wildcard in actions, resources and principals that a template's policies allow."""
    for resource in template["Resources"].values():
        for statement in _statements(resource.get("Properties", {})):
            if statement["Effect"] == "Allow":
                yield from _of(resource["Type"], statement)


def _statements(value):
    if isinstance(value, dict):
        if value.get("Effect") in ("Allow", "Deny"):
            yield value
        if list(value) == ["Fn::Join"]:  # a document as text, as CloudWatch Logs wants it
            [text] = _texts(value)
            value = json.loads(text) if '"Effect"' in text else ()
        yield from _statements(list(value.values()) if isinstance(value, dict) else ())
    for inner in value if isinstance(value, list) else ():
        yield from _statements(inner)


def _of(type, statement):
    actions = frozenset(_texts(statement.get("Action", ())))
    for part in ("Action", "Resource", "Principal"):
        for text in _texts(statement.get(part, ())):
            if "*" in text or "?" in text:
                anybody = part == "Principal" and text == "*"
                yield Wildcard(type, part, _of_whom(statement) if anybody else _anywhere(text), actions)
    for part in ("NotAction", "NotResource", "NotPrincipal"):
        if part in statement:
            yield Wildcard(type, part, str(statement[part]), actions)


def _of_whom(statement):
    equal = statement.get("Condition", {}).get("StringEquals", {})
    return ORGANIZATION if "aws:PrincipalOrgID" in equal else OWN_ACCOUNT if "aws:PrincipalAccount" in equal else "*"


def _anywhere(arn):
    """The ARN without partition, region and account, which a stack knows or not."""
    return re.sub(r"^arn:[^:]*:(\w+):[^:]*:[^:]*:", r"arn:<>:\1:<>:<>:", arn)


def _texts(value):
    """The texts of a value, with `<>` for what is put in at deployment."""
    match value:
        case str():
            yield value
        case {"Fn::Join": [str(between), list(parts)]}:
            yield between.join(each if isinstance(each, str) else "<>" for each in parts)
        case {"Fn::Sub": str(text) | [str(text), *_]}:
            yield text
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
