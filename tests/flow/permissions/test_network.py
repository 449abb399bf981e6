"""The ways of a private function, or worker, to services: what is said of those that are closed, and of none that may be open."""

import copy

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function
from cdk_event_flow.flow.permissions.network import closed_ways
from cdk_event_flow.flow.workers import Workers

from ..findings.cases.making import resource
from ..findings.cases.networks import (
    FROM_GROUP,
    GATEWAY,
    HTTPS,
    TO_ENDPOINT,
    WORLD,
    from_network,
    interface,
    private,
    routed,
    second_subnet,
)
from ..findings.sound import SOUND, role, statement

NOBODY_KNOWS = {"Fn::ImportValue": "x"}
UNDECIDED = {"Undecided": {"Fn::Equals": [NOBODY_KNOWS, "x"]}}


def closed(change, kind=Function):
    """(what, fix) of each service that the function, or the workers, cannot reach."""
    template = copy.deepcopy(SOUND)
    template["Conditions"] = UNDECIDED
    change(template["Resources"])
    flow = Flow.from_template(template)
    ways = [list(closed_ways(flow, each)) for each in flow.of(kind)]
    assert all(way.open is False for each in ways for way in each)
    return [(way.what, way.fix) for each in ways for way in each]


def both(*changes):
    """One change after the other."""

    def change(resources):
        for each in changes:
            each(resources)

    return change


def with_properties(logical_id, **properties):
    return lambda r: r[logical_id]["Properties"].update(properties)


def without(*ids):
    return lambda r: [r.pop(id) for id in ids]


def of_the_same_name(*ids):
    """Dashboards that have the names of these."""
    made = {f"{id}Dashboard": resource("CloudWatch::Dashboard", DashboardName=f"Stack-{id}") for id in ids}
    return lambda r: r.update(made)


def perhaps(logical_id):
    """Whether it is made hangs on an import."""
    return lambda r: r[logical_id].update(Condition="Undecided")


NO_ENDPOINT = ("Its role uses {}, and its network has no endpoint for it.", "Add a VPC endpoint for the service.")
NO_HTTPS = ("Its role uses {}, and its security groups let no HTTPS out.", "Allow egress on port 443.")
NO_TABLE = (
    "Its role uses dynamodb, and the gateway endpoint Endpoint is in no route table of its subnets.",
    "Add the route tables of the function's subnets to the endpoint.",
)
NOT_ADMITTED = (
    "Its role uses sns, and the security group of the endpoint Endpoint does not admit it.",
    "Admit the function's security group on port 443.",
)
NOT_OUT = (
    "Its role uses {}, and its security groups let no HTTPS out to the endpoint Endpoint.",
    "Allow egress on port 443 to it.",
)


def said(closed_way, service):
    what, fix = closed_way
    return what.format(service), fix


def over(**more):
    """A private function that writes to a table over a gateway endpoint."""
    return lambda r: private(r, endpoint={**GATEWAY, **more})


def to_topic(**more):
    """A private function that publishes over an interface endpoint that admits it."""
    return lambda r: interface(r, admits=[FROM_GROUP], **more)


NAT = {"NatGatewayId": "nat-1"}
TO_VPC = [from_network("10.0.0.0/16")]


@pytest.mark.parametrize(
    ("change", "way"),
    [
        (private, NO_ENDPOINT),
        # Endpoints.
        (both(over(), with_properties("Endpoint", ServiceName="com.amazonaws.us-east-1.sqs")), NO_ENDPOINT),
        (both(over(), with_properties("Endpoint", ServiceName="com.amazonaws.us-east-1.dynamodb-fips")), NO_ENDPOINT),
        (both(over(), with_properties("Endpoint", VpcId="vpc-9")), NO_ENDPOINT),
        (both(over(), with_properties("Endpoint", RouteTableIds=[])), NO_TABLE),
        (both(over(), with_properties("Endpoint", RouteTableIds=["rtb-9"])), NO_TABLE),
        (both(over(), without("Takes")), NO_TABLE),
        (both(over(), with_properties("Takes", SubnetId="subnet-9")), NO_TABLE),
        (lambda r: private(r, endpoint=GATEWAY, out=TO_VPC), NOT_OUT),
        (both(over(), perhaps("Endpoint"), with_properties("Endpoint", RouteTableIds=[])), NO_TABLE),
        # Routes.
        (lambda r: routed(r, GatewayId="igw-1"), NO_ENDPOINT),
        (lambda r: routed(r, GatewayId="local"), NO_ENDPOINT),
        (lambda r: routed(r, GatewayId={"Ref": "Gateway"}), NO_ENDPOINT),
        (both(routed, with_properties("Out", RouteTableId="rtb-9")), NO_ENDPOINT),
        (both(routed, without("Takes")), NO_ENDPOINT),
        (both(lambda r: private(r, endpoint=GATEWAY, out=TO_VPC), with_properties("Takes", RouteTableId=NOBODY_KNOWS)), NOT_OUT),
        # What only has the name of a part of the network, and what is of a network that nobody knows.
        (both(private, of_the_same_name("Vpc", "Subnet", "Routes", "Takes")), NO_ENDPOINT),
        (both(private, lambda r: r.update(Elsewhere=resource("EC2::SecurityGroup", VpcId=NOBODY_KNOWS))), NO_ENDPOINT),
        (lambda r: routed(r, out=TO_VPC), NO_HTTPS),
        (lambda r: routed(r, out=[{**HTTPS, "FromPort": 80, "ToPort": 80, "CidrIp": WORLD}]), NO_HTTPS),
        (lambda r: routed(r, out=TO_VPC, TransitGatewayId="tgw-1"), NO_HTTPS),
    ],
)
def test_a_closed_way_to_a_table_is_said(change, way):
    assert closed(change) == [said(way, "dynamodb")]


@pytest.mark.parametrize(
    ("change", "way"),
    [
        (interface, NOT_ADMITTED),
        (both(interface, with_properties("EndpointGroup", SecurityGroupIngress=[from_network("10.0.1.0/24")])), NOT_ADMITTED),
        (to_topic(out=[{**TO_ENDPOINT, "FromPort": 80, "ToPort": 80}]), NOT_OUT),
        (to_topic(out=[from_network("10.0.1.0/24")]), NOT_OUT),
        (both(to_topic(), with_properties("Endpoint", VpcId="vpc-9")), NO_ENDPOINT),
        (both(to_topic(), with_properties("Endpoint", ServiceName="com.amazonaws.us-east-1.sqs")), NO_ENDPOINT),
        (both(interface, with_properties("Endpoint", PrivateDnsEnabled="true")), NOT_ADMITTED),
        (both(interface, perhaps("Endpoint")), NOT_ADMITTED),
    ],
)
def test_a_closed_way_to_a_topic_is_said(change, way):
    assert closed(change) == [said(way, "sns")]


@pytest.mark.parametrize(
    "change",
    [
        over(),
        over(RouteTableIds=["rtb-9", {"Ref": "Routes"}]),
        over(RouteTableIds={"Ref": "Routes"}),
        over(RouteTableIds=[NOBODY_KNOWS]),
        both(over(), with_properties("Endpoint", ServiceName=NOBODY_KNOWS)),
        both(over(), with_properties("Endpoint", VpcId=NOBODY_KNOWS)),
        both(over(), perhaps("Endpoint")),
        both(over(), with_properties("Endpoint", ServiceName="cn.com.amazonaws.cn-north-1.dynamodb")),
        both(over(), with_properties("Takes", RouteTableId=NOBODY_KNOWS)),
        both(over(), with_properties("Takes", SubnetId=NOBODY_KNOWS)),
        both(private, with_properties("Takes", RouteTableId="rtb-9")),
        both(private, with_properties("Takes", RouteTableId=NOBODY_KNOWS)),
        both(private, with_properties("Takes", RouteTableId="Stack-Else"), of_the_same_name("Else")),
        both(private, with_properties("Subnet", VpcId="Stack-Else"), of_the_same_name("Else")),
        both(private, with_properties("Takes", SubnetId=NOBODY_KNOWS)),
        both(routed, without("Takes"), with_properties("Out", RouteTableId=NOBODY_KNOWS)),
        both(lambda r: routed(r, GatewayId={"Ref": "Private"}), lambda r: r.update(Private=resource("EC2::VPNGateway"))),
        both(private, with_properties("Subnet", VpcId="vpc-9")),
        both(private, with_properties("Subnet", VpcId=NOBODY_KNOWS)),
        both(private, without("Vpc")),
        both(private, lambda r: r["Function"]["Properties"]["VpcConfig"].update(SubnetIds=["subnet-9"])),
        routed,
        both(routed, with_properties("Out", RouteTableId=NOBODY_KNOWS)),
        lambda r: routed(r, TransitGatewayId="tgw-1"),
        lambda r: routed(r, VpcPeeringConnectionId="pcx-1"),
        lambda r: routed(r, GatewayId=NOBODY_KNOWS),
        both(routed, with_properties("Out", DestinationCidrBlock="52.0.0.0/8")),
        both(routed, perhaps("Out")),
        lambda r: routed(r, out=[{**HTTPS, "DestinationPrefixListId": "pl-1"}]),
        to_topic(),
        to_topic(out=[TO_ENDPOINT]),
        to_topic(out=[from_network("10.0.0.0/24")]),
        to_topic(out=[from_network("10.0.1.0/24")], SubnetIds=[]),
        to_topic(out=[from_network("10.0.1.0/24")], SubnetIds=["subnet-9"]),
        to_topic(out=[from_network("10.0.1.0/24")], SubnetIds=[NOBODY_KNOWS]),
        both(interface, with_properties("Endpoint", PrivateDnsEnabled=False)),
        both(interface, with_properties("Endpoint", PrivateDnsEnabled="false")),
        both(interface, with_properties("Endpoint", SecurityGroupIds=[NOBODY_KNOWS])),
        both(interface, with_properties("Endpoint", SecurityGroupIds="sg-9")),
        both(interface, with_properties("Endpoint", SecurityGroupIds=[])),
        lambda r: interface(r, admits=[from_network("10.0.0.0/24")]),
        both(
            lambda r: interface(r, admits=[from_network("10.0.1.0/24")]),
            with_properties("Subnet", CidrBlock=NOBODY_KNOWS),
        ),
        both(lambda r: interface(r, admits=[from_network("10.0.1.0/24")]), with_properties("Subnet", CidrBlock="a block")),
    ],
)
def test_a_way_that_is_open_or_may_be_is_not(change):
    assert closed(change) == []


def test_each_service_is_told_once_and_a_way_is_needed_from_each_subnet():
    def publishes_too(resources):
        second_subnet(resources, routed_too=False)
        resources["Uses"]["Properties"]["PolicyDocument"]["Statement"].append(statement("sns:Publish", "arn:aws:x:::y"))

    assert closed(publishes_too) == [NO_TABLE, said(NO_ENDPOINT, "sns")]
    assert closed(lambda r: second_subnet(r, routed_too=True)) == []


def test_of_two_closed_ways_the_nearest_to_open_is_told():
    def two(resources):
        interface(resources)
        resources["Second"] = copy.deepcopy(resources["Endpoint"])
        resources["Second"]["Properties"]["SecurityGroupIds"] = [{"Fn::GetAtt": ["Admitting", "GroupId"]}]
        resources["Admitting"] = resource("EC2::SecurityGroup", SecurityGroupIngress=[FROM_GROUP])
        resources["Group"]["Properties"]["SecurityGroupEgress"] = [from_network("10.0.1.0/24")]

    assert closed(two) == [
        (
            "Its role uses sns, and its security groups let no HTTPS out to the endpoint Second.",
            "Allow egress on port 443 to it.",
        )
    ]


def test_a_function_outside_of_networks_has_all_ways():
    assert closed(lambda r: None) == []


def test_workers_need_what_their_role_names_and_what_starts_them():
    def working(resources):
        private(resources, endpoint=GATEWAY)
        del resources["Function"]["Properties"]["VpcConfig"]
        groups = [{"Fn::GetAtt": ["Group", "GroupId"]}]
        placed = {"Subnets": [{"Ref": "Subnet"}], "SecurityGroups": groups, "AssignPublicIp": "DISABLED"}
        resources["TaskRole"] = role("ecs-tasks.amazonaws.com", statement(["dynamodb:PutItem", "sns:Publish"], "arn:aws:x:::y"))
        resources["Task"] = resource(
            "ECS::TaskDefinition", TaskRoleArn={"Fn::GetAtt": ["TaskRole", "Arn"]}, ContainerDefinitions=[{"Name": "main"}]
        )
        resources["Jobs"] = resource(
            "ECS::Service", TaskDefinition={"Ref": "Task"}, NetworkConfiguration={"AwsvpcConfiguration": placed}
        )

    needed = ("CloudWatch Logs", "ECR's API", "ECR's registry", "S3, where ECR keeps layers", "sns")
    assert closed(working, Workers) == [
        (f"It needs {each}, and its network has no endpoint for it.", "Add a VPC endpoint for the service.") for each in needed
    ]
    assert closed(working) == []
