"""Functions in private networks: to which services their subnets have a way, by an endpoint or a route out.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-endpoints.html
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cdk_event_flow.flow.model import Function, Other, Unknown
from cdk_event_flow.flow.permissions.security_groups import WORLD, Block, SecurityGroups
from cdk_event_flow.flow.permissions.truth import Truth, every, some
from cdk_event_flow.flow.permissions.used import used_by_workers, used_services
from cdk_event_flow.flow.readers.resource import several
from cdk_event_flow.flow.workers import Workers

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow


Placed = Function | Workers


class Way(NamedTuple):
    """Whether a way is open; where it is not, what is in the way, and what to do about it."""

    open: Truth
    what: str = ""
    fix: str = ""


def closed_ways(flow: "Flow", function: Placed) -> Iterator[Way]:
    """What keeps a function, or workers, from services that its role names, one a service; nothing where that is unknown."""
    network: Network = flow.ways.compiled("network", lambda: Network(flow))
    used = used_by_workers(flow, function) if isinstance(function, Workers) else used_services(flow, function)
    for service, endpoint in used:
        for subnet in function.subnets:
            ways = list(network.ways(function, subnet, endpoint))
            if ways and some(way.open for way in ways) is False:
                _, what, fix = ways[-1]
                yield Way(False, f"{'It needs' if isinstance(function, Workers) else 'Its role uses'} {service}, and {what}.", fix)
                break


class Network:
    """Subnets, routes, endpoints and security groups of a flow."""

    def __init__(self, flow: "Flow") -> None:
        others = flow.of(Other)
        self._subnets = {node.name: node for node in others if node.type == "AWS::EC2::Subnet"}
        self._networks = {node.name for node in others if node.type == "AWS::EC2::VPC"}
        self._gateways = {node.name for node in others if node.type == "AWS::EC2::InternetGateway"}
        self._tables = {node.name for node in others if node.type == "AWS::EC2::RouteTable"}
        self._associations = [node for node in others if node.type == "AWS::EC2::SubnetRouteTableAssociation"]
        self._routes = [node for node in others if node.type == "AWS::EC2::Route"]
        self._endpoints = [node for node in others if node.type == "AWS::EC2::VPCEndpoint"]
        self._groups = SecurityGroups(flow)

    def ways(self, function: Placed, subnet_id: str, service: str) -> Iterator[Way]:
        """All ways from a function in this subnet to the service whose endpoint is called so, the nearest to open last.

        None where the subnet or its network is outside the template: what is there nobody can tell.
        """
        subnet = self._subnets.get(subnet_id)
        network = subnet.properties.get("VpcId") if subnet else None
        if str(network) not in self._networks:
            return
        table = self._table_of(subnet_id)
        yield self._out(function, table)
        for endpoint in self._endpoints:
            name, place = endpoint.properties.get("ServiceName"), endpoint.properties.get("VpcId")
            if isinstance(name, Unknown) or isinstance(place, Unknown):
                yield Way(Unknown("the endpoint may be another service's, or of another network"))
            elif place == network and re.fullmatch(rf".*\.amazonaws\.[\w-]+\.{service}", str(name)):
                interface = endpoint.properties.get("VpcEndpointType") == "Interface"
                yield self._over_interface(function, endpoint) if interface else self._over_gateway(function, endpoint, table)

    def _table_of(self, subnet: str) -> str | Unknown | None:
        """The route table of a subnet; None for the network's main one, which leads nowhere outside."""
        unknown: Unknown | None = None
        for node in self._associations:
            of = node.properties.get("SubnetId")
            table: str | Unknown | None = node.properties.get("RouteTableId")
            if of == subnet:
                return table
            unknown = of if isinstance(of, Unknown) else unknown
        return unknown

    def _out(self, function: Placed, table: str | Unknown | None) -> Way:
        """By a route of the subnet, such as one to a NAT gateway."""
        leads: Truth = table if isinstance(table, Unknown) else some(map(self._may_lead_out, self._routes_of(table)))
        if isinstance(table, str) and table not in self._tables:
            leads = Unknown(f"the route table {table} is outside the template")
        if leads is False:
            return Way(False, "its network has no endpoint for it", "Add a VPC endpoint for the service.")
        passes = self._groups.lets_out(function.security_groups, (), (WORLD,))
        return Way(every((leads, passes)), "its security groups let no HTTPS out", "Allow egress on port 443.")

    def _routes_of(self, table: str | Unknown | None) -> Iterator[Other]:
        for route in self._routes:
            of = route.properties.get("RouteTableId")
            if isinstance(of, Unknown) or of == table:
                yield route

    def _may_lead_out(self, route: Other) -> bool:
        """Whether a route may lead to AWS's public addresses. Functions have no public address, so no internet gateway does."""
        gateway = str(route.properties.get("GatewayId"))
        return not (gateway == "local" or gateway in self._gateways or gateway.startswith("igw-"))

    def _over_gateway(self, function: Placed, endpoint: Other, table: str | Unknown | None) -> Way:
        tables = several(endpoint.properties.get("RouteTableIds"))
        taken: Truth = (
            table if isinstance(table, Unknown) else some(each if isinstance(each, Unknown) else each == table for each in tables)
        )
        if taken is False:
            what = f"the gateway endpoint {endpoint.path} is in no route table of its subnets"
            return Way(False, what, "Add the route tables of the function's subnets to the endpoint.")
        return self._let_out(every((taken, self._groups.lets_out(function.security_groups, (), (WORLD,)))), endpoint)

    def _over_interface(self, function: Placed, endpoint: Other) -> Way:
        properties = endpoint.properties
        if str(properties.get("PrivateDnsEnabled", True)).lower() != "true":
            return Way(Unknown("without private DNS a function may still call the endpoint by its own name"))
        groups = several(properties.get("SecurityGroupIds"))
        admitted = self._groups.lets_in(groups, function.security_groups, [self._block(each) for each in function.subnets])
        if admitted is False:
            what = f"the security group of the endpoint {endpoint.path} does not admit it"
            return Way(False, what, "Admit the function's security group on port 443.")
        of_endpoint = [self._block(each) for each in several(properties.get("SubnetIds"))]
        out = self._groups.lets_out(function.security_groups, groups, of_endpoint)
        return self._let_out(every((admitted, out)), endpoint)

    def _let_out(self, open: Truth, endpoint: Other) -> Way:
        return Way(open, f"its security groups let no HTTPS out to the endpoint {endpoint.path}", "Allow egress on port 443 to it.")

    def _block(self, subnet: object) -> Block | Unknown:
        """The addresses of a subnet."""
        node = self._subnets.get(str(subnet))
        given = node.properties.get("CidrBlock") if node else None
        try:
            return ipaddress.IPv4Network(str(given))
        except ValueError:
            return Unknown(f"{given} is no block of addresses")
