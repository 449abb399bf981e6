"""Findings of security packs that our constructs cannot meet by design, acknowledged where they arise, each with its reason."""

from enum import Enum
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from cdk_event_flow.compose.known import path_of, stack_of
from constructs import IConstruct

# How cdk-nag calls the packs that are made of a standard.
STANDARDS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")


class Acknowledged(Enum):
    """Every kind there is: the findings' ids, and the reason a reviewer reads."""

    DEAD_LETTERS_OF_DEAD_LETTERS = (
        ("AwsSolutions::AwsSolutions-SQS3", "Serverless::Serverless-SQSRedrivePolicy"),
        "This queue is itself a dead-letter queue: what arrives here is kept 14 days, alarmed on, and redriven by a person.",
    )
    DEAD_LETTERS_OF_THE_FUNCTION = (
        ("Serverless::Serverless-LambdaAsyncFailureDestination",),
        "What fails goes to the function's dead-letter queue, for all of its aliases.",
    )
    DESTINATION_FOR_FAILURES = (
        ("Serverless::Serverless-LambdaDLQ", "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ", "HIPAA.Security::HIPAA.Security-LambdaDLQ"),
        "What fails goes to the alias's failure destination, with the error, which a dead-letter queue would not get.",
    )
    RECORDS_NAMED_BY_LAMBDA = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "Lambda names the objects that it writes of failed invocations: aws/lambda/async/, the function, the time and a UUID.",
    )
    NO_DESTINATION = (
        ("Serverless::Serverless-LambdaEventSourceMappingDestination",),
        "Lambda has failure destinations for mappings of streams and Kafka only; a queue's redrive policy or the broker does this.",
    )
    ACTION_WITHOUT_RESOURCE = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::*]", "Serverless::Serverless-LambdaStarPermissions"),
        "These actions (X-Ray segments, elastic network interfaces) have no resource-level permission in IAM.",
    )
    LOG_GROUPS_NAMED_BY_SNS = (
        (
            "AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>"
            ":log-group:sns/<AWS::Region>/*]",
        ),
        "SNS makes these log groups itself and names them after the topic; the role is made before the topic is named.",
    )
    OBJECTS_NAMED_BY_LAMBDA = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "Lambda names the objects that it writes of failed batches: aws/lambda/, the mapping's id, the shard and the time.",
    )
    OBJECTS_OF_ONE_BUCKET = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "Objects are named by those who write them: the rights end with this bucket, and with the prefix where one is given.",
    )
    EXECUTIONS_OF_ONE_FUNCTION = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "Lambda names durable executions by the function's version and a UUID: the right ends with this one function.",
    )
    STREAM_WITH_A_CUSTOMER_KEY = (
        ("AwsSolutions::AwsSolutions-KDS3",),
        "The stack's own key encrypts the stream: who may read it is said by policies, and the key is there already.",
    )
    REQUESTS_OF_ONE_API = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "Only the caller knows what stands in the path's parameters: the right ends with this API, and with its route if given.",
    )
    DEFAULT_GROUP_OF_NOTHING = (
        tuple(f"{pack}::{pack}-VPCDefaultSecurityGroupClosed" for pack in STANDARDS),
        "CloudFormation cannot empty this group. Nothing stands in it: functions, tasks and endpoints have groups of their own, and "
        "their subnets have no way in.",
    )
    WAY_OUT_OF_NAT = (
        tuple(f"{pack}::{pack}-VPCNoUnrestrictedRouteToIGW" for pack in STANDARDS),
        "A way out was asked for by `nat`: gateways alone stand in the subnets with this route, and let nothing in.",
    )
    LOGS_OF_ACCESS = (
        tuple(f"{pack}::{pack}-S3DefaultEncryptionKMS" for pack in STANDARDS),
        "S3 delivers access logs into buckets that it encrypts with its own keys, and into no others.",
    )
    BACKUPS_OF_ONE_TABLE = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "DynamoDB names backups by their time: the right ends with this table.",
    )
    NAMED_BY_THE_CLUSTER = (
        ("AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]",),
        "Which parameter group and subnet group a DocumentDB cluster has, only the cluster tells; they are read, not changed.",
    )


# By stack, in this process: what is written, and for which path.
_WRITTEN: WeakKeyDictionary[cdk.Stack, set[tuple[Acknowledged, str]]] = WeakKeyDictionary()


def acknowledge_because(construct: IConstruct, finding: str, reason: str) -> None:
    """Write a reason of the user's own beside `construct`."""
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def acknowledge(construct: IConstruct, kind: Acknowledged, resource: str = "*") -> None:
    """Write `kind` beside `construct`, unless it is written for what the construct is part of. `resource` is what a statement
    with a wildcard is about, where the kind names it."""
    ids, reason = kind.value
    if not any("{" in finding for finding in ids):
        path, written = path_of(construct), _WRITTEN.setdefault(stack_of(construct), set())
        if any((kind, part) in written for part in accumulate(path.split("/"), "{}/{}".format)):
            return
        written.add((kind, path))
    shown = _shown(cdk.Stack.of(construct).resolve(resource)) if resource != "*" and cdk.Token.is_unresolved(resource) else resource
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding.replace("{resource}", shown), reason=reason) for finding in ids)
    )


def _shown(resolved: Any) -> str:
    """A resource as cdk-nag writes it: `<Uploads4F6E6B0C.Arn>/aws/lambda/*`."""
    match resolved:
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [*parts]}:
            return f"<{'.'.join(parts)}>"
        case {"Fn::Join": [str(separator), [*parts]]}:
            return separator.join(map(_shown, parts))
    return str(resolved)
