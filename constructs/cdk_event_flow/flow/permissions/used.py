"""Which services a function calls itself, as far as its role tells."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import EventSourceMapping, Function
from cdk_event_flow.flow.permissions.services import service_of
from cdk_event_flow.flow.readers.resource import as_mapping
from cdk_event_flow.flow.ways import handed_on
from cdk_event_flow.flow.workers import Workers

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

# How the endpoint of each service is called, by what its actions begin with. What is not here may have none.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_ENDPOINTS: Mapping[str, str] = {
    "athena": "athena",
    "cloudwatch": "monitoring",
    "codebuild": "codebuild",
    "dynamodb": "dynamodb",
    "events": "events",
    "execute-api": "execute-api",
    "firehose": "kinesis-firehose",
    "glue": "glue",
    "kinesis": "kinesis-streams",
    "lambda": "lambda",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "sts": "sts",
}
_TO_START = {
    ("ECR's API", "ecr.api"),
    ("ECR's registry", "ecr.dkr"),
    ("S3, where ECR keeps layers", "s3"),
    ("CloudWatch Logs", "logs"),
}
# What Lambda does itself with a function's role, from its own network: it polls sources, and hands on what failed.
_POLLING = frozenset(
    {
        "sqs:receivemessage", "sqs:deletemessage", "sqs:getqueueattributes", "sqs:getqueueurl", "sqs:changemessagevisibility",
        "kinesis:describestream", "kinesis:describestreamsummary", "kinesis:getrecords", "kinesis:getsharditerator",
        "kinesis:listshards", "kinesis:liststreams", "kinesis:subscribetoshard",
        "dynamodb:describestream", "dynamodb:getrecords", "dynamodb:getsharditerator", "dynamodb:liststreams",
    }
)  # fmt: skip
_HANDING_ON = frozenset(
    {"sqs:sendmessage", "sns:publish", "lambda:invokefunction", "events:putevents", "s3:putobject", "s3:listbucket"}
)


def used_services(flow: "Flow", function: Function) -> list[tuple[str, str]]:
    """The services (`cloudwatch`) that the function's role names, each with how its endpoint is called (`monitoring`)."""
    return [(service, _ENDPOINTS[service]) for service in sorted(set(_used(flow, function))) if service in _ENDPOINTS]


def used_by_workers(flow: "Flow", workers: Workers) -> list[tuple[str, str]]:
    """What a task calls from its own network interface: the services that its role names, and what ECS starts it by; each with
    how its endpoint is called. Nothing of tasks with a public address, for which an internet gateway will do.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    placed = as_mapping(as_mapping(workers.properties.get("NetworkConfiguration")).get("AwsvpcConfiguration"))
    if placed.get("AssignPublicIp") != "DISABLED":
        return []
    named = {
        action.partition(":")[0].lower()
        for statement in flow.policies.of_role(workers.role_arn)
        if isinstance(statement.body, dict) and statement.body.get("Effect") == "Allow"
        for action in _texts(statement.body.get("Action"))
    }
    return sorted({service: _ENDPOINTS[service] for service in named if service in _ENDPOINTS}.items() | _TO_START)


def _used(flow: "Flow", function: Function) -> Iterator[str]:
    """The services that the role's statements name, but for what Lambda does with them from its own network."""
    mappings = [
        each
        for each in flow.of(EventSourceMapping)
        if (consumer := flow.function(each.function_arn)) and consumer.arn == function.arn
    ]
    polled = {service_of(each.source_arn) for each in mappings}
    handed = handed_on(flow, function) | {each.on_failure for each in mappings}
    for statement in flow.policies.of_role(function.role_arn):
        if isinstance(statement.body, dict) and statement.body.get("Effect") == "Allow":
            resources = _texts(statement.body.get("Resource"))
            for action in map(str.lower, _texts(statement.body.get("Action"))):
                service = action.partition(":")[0]
                # The source of a mapping may be unknown; it is then of any service.
                by_poller = action in _POLLING and polled & {service, ""}
                if not by_poller and not (action in _HANDING_ON and resources and all(_handed(each, handed) for each in resources)):
                    yield service


def _handed(resource: str, ends: set[str | None]) -> bool:
    """Whether Lambda itself sends there: to one of `ends`, or to objects in it."""
    return any(resource == end or resource.startswith(f"{end}/") for end in ends)


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]
