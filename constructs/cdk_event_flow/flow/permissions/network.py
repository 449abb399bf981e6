"""Functions in private networks: which services their roles name, and to which of them their subnets have a way."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import EventSourceMapping, Function, Other, Unknown
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


def unreachable(flow: "Flow", function: Function) -> list[str]:
    """The services (`dynamodb`) that the function's role names and its subnets have no way to; empty where that is unknown.

    Counted as a way: an endpoint of the subnet's network for the service, and a route to anywhere (a NAT gateway, a
    transit gateway) but an internet gateway, which functions cannot use.
    """
    subnets = {node.name: node for node in flow.of(Other) if node.type == "AWS::EC2::Subnet"}
    placed = [subnets.get(each) for each in function.subnets]
    networks = {str(subnet.properties.get("VpcId")) for subnet in placed if subnet}
    if not placed or None in placed or any(_has_way_out(flow, each) for each in function.subnets):
        return []
    endpoints = set(_endpoints(flow, networks))
    if any(isinstance(each, Unknown) for each in endpoints):
        return []
    wanted = sorted({service for service in _used(flow, function) if service in _ENDPOINTS})
    return [service for service in wanted if _ENDPOINTS[service] not in endpoints]


def _has_way_out(flow: "Flow", subnet: str) -> bool:
    others = flow.of(Other)
    tables = [
        node.properties.get("RouteTableId")
        for node in others
        if node.type == "AWS::EC2::SubnetRouteTableAssociation" and node.properties.get("SubnetId") == subnet
    ]
    return any(
        node.properties.get("RouteTableId") in tables and "GatewayId" not in node.properties
        for node in others
        if node.type == "AWS::EC2::Route"
    )


def _endpoints(flow: "Flow", networks: set[str]) -> Iterator[str | Unknown]:
    """The services that have an endpoint in these networks, as endpoints are called (`monitoring`)."""
    for node in flow.of(Other):
        if node.type == "AWS::EC2::VPCEndpoint" and str(node.properties.get("VpcId")) in networks:
            name = node.properties.get("ServiceName")
            yield name if isinstance(name, Unknown) else str(name).partition(".")[2].split(".", 2)[-1]


def _used(flow: "Flow", function: Function) -> Iterator[str]:
    """The services that the role's statements name, but for what Lambda does with them from its own network."""
    polled = {
        service_of(each.source_arn)
        for each in flow.of(EventSourceMapping)
        if (consumer := flow.function(each.function_arn)) and consumer.arn == function.arn
    }
    handed = handed_on(flow, function)
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
