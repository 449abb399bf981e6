"""Which services a function calls itself, as far as its role tells."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import EventSourceMapping, Function
from cdk_event_flow.flow.permissions.services import service_of
from cdk_event_flow.flow.ways import handed_on

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


def _used(flow: "Flow", function: Function) -> Iterator[str]:
    """The services that the role's statements name, but for what Lambda does with them from its own network."""
    mappings = [
        each
        for each in flow.of(EventSourceMapping)
        if (consumer := flow.function(each.function_arn)) and consumer.arn == function.arn
    ]
    polled = {service_of(each.source_arn) for each in mappings}
    handed = handed_on(flow, function) | {each.on_failure for each in mappings if each.on_failure}
    for statement in flow.policies.of_role(function.role_arn):
        if isinstance(statement.body, dict) and statement.body.get("Effect") == "Allow":
            resources = _texts(statement.body.get("Resource"))
            for action in map(str.lower, _texts(statement.body.get("Action"))):
                service = action.partition(":")[0]
                # The source of a mapping may be unknown; it is then of any service.
                by_poller = action in _POLLING and polled & {service, ""}
                if not by_poller and not (action in _HANDING_ON and resources and all(_handed(each, handed) for each in resources)):
                    yield service


def _handed(resource: str, ends: set[str]) -> bool:
    """Whether Lambda itself sends there: to one of `ends`, or to objects in it."""
    return any(resource == end or resource.startswith(f"{end}/") for end in ends)


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]
