"""A VPC of our own: private subnets, with a way out only where one is asked for."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.functions.role import service_role
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.statements import allowing
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Made:
    """Ids of what was made: route tables as many as subnets, each subnet's own."""

    vpc: ec2.CfnVPC
    subnets: list[ec2.CfnSubnet]
    route_table_ids: list[str]


def own_vpc(scope: Construct, *, cidr: str, zones: int, mask: int, nat: int, ipv6: bool) -> Made:
    """The VPC with one private subnet of /`mask` a zone, `nat` gateways, and IPv6 that only leads out."""
    network = ec2.CfnVPC(scope, "Vpc", cidr_block=cidr, enable_dns_hostnames=True, enable_dns_support=True)
    cdk.Tags.of(network).add("Name", scope.node.path)
    acknowledge(network, Acknowledged.DEFAULT_GROUP_OF_NOTHING)
    tables = [ec2.CfnRouteTable(scope, "Routes" if not n else f"Routes{n + 1}", vpc_id=network.ref) for n in range(max(1, nat))]
    blocks = cdk.Fn.cidr(network.attr_cidr_block, zones + nat, str(32 - mask))
    block6 = _ipv6(scope, network, tables) if ipv6 else None
    subnets = []
    for index in range(zones):
        more: dict[str, Any] = {}
        if block6 is not None:
            parts = cdk.Fn.cidr(cdk.Fn.select(0, network.attr_ipv6_cidr_blocks), zones, "64")
            more = {"ipv6_cidr_block": cdk.Fn.select(index, parts)}
        subnet = ec2.CfnSubnet(
            scope,
            f"Subnet{index + 1}",
            vpc_id=network.ref,
            availability_zone=cdk.Fn.select(index, cdk.Fn.get_azs()),
            cidr_block=cdk.Fn.select(index, blocks),
            **more,
        )
        if block6 is not None:
            subnet.add_resource_dependency(block6)
        table = tables[index % len(tables)]
        ec2.CfnSubnetRouteTableAssociation(scope, f"Subnet{index + 1}Routes", route_table_id=table.ref, subnet_id=subnet.ref)
        subnets.append(subnet)
    if nat:
        _nat(scope, network, tables, [cdk.Fn.select(zones + index, blocks) for index in range(nat)])
    flow_logs(scope, network.ref)
    return Made(vpc=network, subnets=subnets, route_table_ids=[tables[index % len(tables)].ref for index in range(zones)])


def _nat(scope: Construct, network: ec2.CfnVPC, tables: list[ec2.CfnRouteTable], blocks: list[str]) -> None:
    """A public subnet with a NAT gateway for each table."""
    gateway = ec2.CfnInternetGateway(scope, "Internet")
    attached = ec2.CfnVPCGatewayAttachment(scope, "InternetAttached", vpc_id=network.ref, internet_gateway_id=gateway.ref)
    out = ec2.CfnRouteTable(scope, "PublicRoutes", vpc_id=network.ref)
    way = ec2.CfnRoute(scope, "PublicOut", route_table_id=out.ref, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.ref)
    way.add_resource_dependency(attached)
    acknowledge(way, Acknowledged.WAY_OUT_OF_NAT)
    for index, (table, block) in enumerate(zip(tables, blocks, strict=True)):
        zone = cdk.Fn.select(index, cdk.Fn.get_azs())
        subnet = ec2.CfnSubnet(scope, f"Public{index + 1}", vpc_id=network.ref, availability_zone=zone, cidr_block=block)
        ec2.CfnSubnetRouteTableAssociation(scope, f"Public{index + 1}Routes", route_table_id=out.ref, subnet_id=subnet.ref)
        address = ec2.CfnEIP(scope, f"NatAddress{index + 1}", domain="vpc")
        address.add_resource_dependency(attached)
        nat = ec2.CfnNatGateway(scope, f"Nat{index + 1}", subnet_id=subnet.ref, allocation_id=address.attr_allocation_id)
        ec2.CfnRoute(scope, f"Out{index + 1}", route_table_id=table.ref, destination_cidr_block="0.0.0.0/0", nat_gateway_id=nat.ref)


def _ipv6(scope: Construct, network: ec2.CfnVPC, tables: list[ec2.CfnRouteTable]) -> ec2.CfnVPCCidrBlock:
    """Addresses of Amazon's, and a gateway that lets nothing in."""
    block = ec2.CfnVPCCidrBlock(scope, "Ipv6", vpc_id=network.ref, amazon_provided_ipv6_cidr_block=True)
    gateway = ec2.CfnEgressOnlyInternetGateway(scope, "OutOnly", vpc_id=network.ref)
    for index, table in enumerate(tables):
        ec2.CfnRoute(
            scope,
            f"Ipv6Out{index + 1}",
            route_table_id=table.ref,
            destination_ipv6_cidr_block="::/0",
            egress_only_internet_gateway_id=gateway.attr_id,
        )
    return block


def flow_logs(scope: Construct, vpc_id: str) -> None:
    """All traffic of a VPC, in a log group kept 30 days."""
    group = logs.LogGroup(
        scope,
        "FlowLogs",
        retention=logs.RetentionDays.ONE_MONTH,
        encryption_key=stack_key(scope),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    role = service_role(scope, "FlowLogsRole", "vpc-flow-logs", [allowing(actions, [group.log_group_arn])])
    ec2.CfnFlowLog(
        scope,
        "FlowLog",
        resource_id=vpc_id,
        resource_type="VPC",
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_group_name=group.log_group_name,
        deliver_logs_permission_arn=role.role_arn,
    )
    acknowledge(role, Acknowledged.ACTION_WITHOUT_RESOURCE)
