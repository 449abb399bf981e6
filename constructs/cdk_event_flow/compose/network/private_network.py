"""Private subnets without a way out, and endpoints for exactly what stands in them uses."""

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, within
from cdk_event_flow.compose.functions.role import DESTINATIONS_ID, OwnRole, allow, managed_policy
from cdk_event_flow.compose.known import once, remember, stack_of
from cdk_event_flow.compose.network.endpoints import (
    ENDPOINT_NAMES,
    GATEWAY_SERVICES,
    PERFORMED_BY_LAMBDA,
    PERFORMED_ELSEWHERE,
    TO_START_A_TASK,
    policy_of,
)
from cdk_event_flow.compose.network.options import RESERVED_ADDRESSES, EniBudget, problems_of
from cdk_event_flow.compose.network.own import own_vpc
from cdk_event_flow.compose.skipped import Skipped, skipped
from cdk_event_flow.compose.sources.polled import POLLING
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct, IConstruct

HTTPS = 443
RIGHTS_ID = "NetworkRights"  # in a stack that the network is not in
# What Lambda does with its elastic network interfaces.
KEEPING_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
)


class PrivateNetwork(Construct):
    """Private subnets for functions and fleets: no way to or from the internet unless one is asked for.

    All functions share one security group and one set of subnets, so one elastic network interface a subnet whatever their
    number. Endpoints appear at synth for the services that their roles name, in whatever stack they are: gateway endpoints for
    S3 and DynamoDB, interface endpoints for the others; each lets through only this account's roles and the actions that they
    name. What leaves the security group may go to these endpoints alone.

    Its VPC is its own: `cidr` a /16 to /28 (default 10.0.0.0/16), `zones` 1 to 6 (default 2) with a subnet of /`mask` each
    (default 24: 251 addresses), `nat` that many NAT gateways (default none), `ipv6` addresses with a way out only (default
    none), flow logs kept 30 days. Or it is `vpc`, made elsewhere, looked up or imported, with its `subnets` (default: those
    without a way out, else those with one), where `endpoints=False` leaves to others what they have made.

    Lambda gives its interfaces back 20 minutes and more after a function is deleted, and a stack with their security group and
    subnets waits for that. Put the network into a stack of its own, which outlives the functions' stacks; or with
    `keep_on_delete` leave VPC, subnets and security group behind, to be deleted by hand later.

    `vpc`, `functions` (the security group) and `subnets` (their ids) are there to be used.

    Raises ConstructError: EF-NETWORK-CIDR, EF-NETWORK-SUBNETS, EF-NETWORK-ZONES, EF-NETWORK-NAT, EF-NETWORK-VPC.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cidr: str = "10.0.0.0/16",
        zones: int = 2,
        mask: int = 24,
        nat: int = 0,
        ipv6: bool = False,
        vpc: ec2.IVpc | None = None,
        subnets: ec2.SubnetSelection | None = None,
        endpoints: bool = True,
        keep_on_delete: bool = False,
    ) -> None:
        own = vpc is None
        refuse(
            place(scope, id), [*(problems_of(cidr, zones, mask, nat) if own else _of_existing(nat, ipv6)), *_without(own, subnets)]
        )
        super().__init__(scope, id)
        remember(self, scope, id)
        self._rights: iam.ManagedPolicy | None = None
        self._made_endpoints = endpoints
        self._ipv6 = ipv6
        self._addresses: int | None = None
        if vpc is None:
            made = own_vpc(self, cidr=cidr, zones=zones, mask=mask, nat=nat, ipv6=ipv6)
            self.subnets = [subnet.ref for subnet in made.subnets]
            self._route_tables = list(dict.fromkeys(made.route_table_ids))
            self._addresses = 2 ** (32 - mask) - RESERVED_ADDRESSES
            self._leads_out = nat > 0 or ipv6
            zone_names = [cdk.Fn.select(index, cdk.Fn.get_azs()) for index in range(zones)]
            kind = "private" if nat else "isolated"
            named: dict[str, Any] = {
                f"{kind}_subnet_ids": self.subnets,
                f"{kind}_subnet_route_table_ids": made.route_table_ids,
            }
            self.vpc: ec2.IVpc = ec2.Vpc.from_vpc_attributes(
                self,
                "Imported",
                vpc_id=made.vpc.ref,
                availability_zones=zone_names,
                **named,
            )
            self._selection = ec2.SubnetSelection(subnets=self.vpc.private_subnets if nat else self.vpc.isolated_subnets)
            kept: list[Any] = [made.vpc, *made.subnets]
        else:
            self.vpc = vpc
            isolated = bool(vpc.isolated_subnets)
            usual = ec2.SubnetType.PRIVATE_ISOLATED if isolated else ec2.SubnetType.PRIVATE_WITH_EGRESS
            self._selection = subnets or ec2.SubnetSelection(subnet_type=usual)
            chosen = vpc.select_subnets(**_given(self._selection)).subnets
            self.subnets = [subnet.subnet_id for subnet in chosen]
            self._route_tables = list(dict.fromkeys(subnet.route_table.route_table_id for subnet in chosen))
            self._leads_out = not isolated
            kept = []
        self.functions = ec2.SecurityGroup(
            self, "Functions", vpc=self.vpc, allow_all_outbound=False, description="All functions of this network"
        )
        for resource in [*kept, self.functions.node.default_child] if keep_on_delete else ():
            resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        self._roles: list[iam.Role] = []
        self._task_roles: list[iam.Role] = []
        self._most_tasks = 0
        self._dead_letters: list[str] = []
        self._opened: dict[str, ec2.CfnVPCEndpoint] = {}
        cdk.Aspects.of(self).add(_Endpoints(self))

    def placement(self) -> dict[str, Any]:
        """What a CDK Lambda function is given to stand in this network."""
        return {
            "vpc": self.vpc,
            "vpc_subnets": self._selection,
            "security_groups": [self.functions],
            **({"ipv6_allowed_for_dual_stack": True} if self._ipv6 else {}),
        }

    def configuration(self) -> dict[str, Any]:
        """The same, as the L1 function has it."""
        return {
            "subnetIds": self.subnets,
            "securityGroupIds": [self.functions.security_group_id],
            **({"ipv6AllowedForDualStack": True} if self._ipv6 else {}),
        }

    def allow(self, to: ec2.IConnectable, *, port: int | None = None) -> None:
        """Let what stands in this network open connections to a database, a cache or whatever has a security group.

        `port` is 1 to 65,535 (default: the one that `to` is known to listen on). Both sides are opened.

        Raises ConstructError: EF-NETWORK-PORT.
        """
        at = place(self, "allow")
        if port is not None:
            refuse(at, within("EF-NETWORK-PORT", "port", port, 1, 65_535, unit="", source="TCP", fix="choose a port in that range"))
            self.functions.connections.allow_to(to, ec2.Port.tcp(port), f"From {self.node.path}")
            return
        if to.connections.default_port is None:
            refuse(at, [Problem(code="EF-NETWORK-PORT", given="no port", allowed="it is not known which one it listens on",
                                fix="give port=")])  # fmt: skip
        self.functions.connections.allow_to_default_port(to, f"From {self.node.path}")

    def rights_in(self, scope: Construct) -> list[iam.IManagedPolicy]:
        """The policy that the roles of a stack's functions share, with which Lambda keeps network interfaces here."""
        stack = stack_of(scope)
        if stack is stack_of(self):
            if self._rights is None:
                self._rights = _rights(self)
            return [self._rights]
        return [once(stack, RIGHTS_ID, _rights)]

    def admit(self, role: iam.Role, dead_letters: sqs.IQueue | None) -> None:
        """Let Lambda keep network interfaces here for a function with `role`, and open what the role may use.

        `dead_letters` is the function's queue for failed asynchronous events, to which Lambda's own service sends.
        """
        if not isinstance(role, OwnRole):  # which has the policy of `rights_in`
            allow(role, KEEPING_INTERFACES, ["*"])
            acknowledge(role, Acknowledged.ACTION_WITHOUT_RESOURCE)
        self._roles.append(role)
        if dead_letters is not None and dead_letters.queue_arn not in self._dead_letters:
            self._dead_letters.append(dead_letters.queue_arn)

    def admit_tasks(self, role: iam.Role, execution_role: iam.Role, most: int = 0) -> None:
        """Open what containers with the task role `role` may use, and what ECS needs to start them with `execution_role`.

        A task does all from its own network interface: it pulls its image, writes its log, receives its messages. `most` is
        how many there may be.
        """
        self._task_roles += [role, execution_role]
        self._most_tasks += most

    def eni_budget(self) -> EniBudget:
        """How many network interfaces there will be, and how many addresses are left; asked when all is composed."""
        subnets = len(self.subnets)
        services = [service for service in self.services() if service not in GATEWAY_SERVICES] if self._made_endpoints else []
        of_tasks = 2 * self._most_tasks  # a deployment doubles them
        used = (1 if self._roles else 0) + len(services) + -(-of_tasks // subnets)
        return EniBudget(
            subnets=subnets,
            functions=len(self._roles),
            of_functions=subnets if self._roles else 0,
            of_endpoints=subnets * len(services),
            of_tasks=of_tasks,
            left=None if self._addresses is None else self._addresses - used,
        )

    def services(self) -> set[str]:
        """The services that the roles of this network's functions and tasks name, by the names of their endpoints without
        `com.amazonaws.region.` in front (`dynamodb`, `events`, `ecr.api`)."""
        return set(self._needs())

    def _needs(self) -> dict[str, set[str]]:
        """The actions that go through the endpoint of each service."""
        dead_letters = cdk.Stack.of(self).resolve(self._dead_letters)
        found: dict[str, set[str]] = {}
        for actions, resources in self._statements(self._roles):
            if not all(each in dead_letters for each in resources):
                for action in set(actions) - POLLING:
                    if (service := action.split(":")[0]) not in PERFORMED_BY_LAMBDA:
                        found.setdefault(service, set()).add(action)
        for actions, _ in self._statements(self._task_roles):
            for action in actions:
                if (service := action.split(":")[0]) not in PERFORMED_ELSEWHERE:
                    for endpoint in ("ecr.api", "ecr.dkr") if service == "ecr" else (service,):
                        found.setdefault(endpoint, set()).add(action)
        for service in TO_START_A_TASK if self._task_roles else ():
            found.setdefault(service, set())
        return found

    def _statements(self, roles: list[iam.Role]) -> Iterator[tuple[list[str], list[Any]]]:
        """Actions and resources of all that the roles' own policies say."""
        stack = cdk.Stack.of(self)
        for role in roles:
            if isinstance(role, OwnRole):
                written, beside = role.rights, role.beside
            else:
                written, beside = [], [each for each in role.node.children if isinstance(each, iam.Policy)]
            used = [each.document for each in beside if each.node.id != DESTINATIONS_ID]
            documents = [{"Statement": written}, *used]
            for document in stack.resolve(documents):
                for statement in document.get("Statement", []):
                    yield _listed(statement.get("Action", [])), _listed(statement.get("Resource", []))

    def open_endpoints(self) -> None:
        """Make the endpoints for `services()` that are not there yet, and let through what is new. Called at synth, when all
        grants are known, and again when guardrails have put functions here."""
        needs = self._needs() if self._made_endpoints else {}
        for service in sorted(needs):
            policy = policy_of(service, needs[service], tasks=bool(self._task_roles), stack=cdk.Stack.of(self))
            if service in self._opened:
                self._opened[service].policy_document = policy
            else:
                self._opened[service] = self._endpoint(service, policy)
        if any(service not in GATEWAY_SERVICES for service in self._opened):
            self._let_out("ToEndpoints", "The interface endpoints", destination_security_group_id=self._endpoint_group())
        if self._leads_out or any(service in GATEWAY_SERVICES for service in self._opened):
            # No template tells the addresses of a gateway endpoint; where there is no other way out, nothing else is reached.
            why = "AWS and the internet" if self._leads_out else "S3 and DynamoDB: no other route leads out"
            self._let_out("Out", why, cidr_ip="0.0.0.0/0")
        if self._ipv6:
            self._let_out("OutIpv6", "AWS and the internet", cidr_ipv6="::/0")

    def _endpoint(self, service: str, policy: Any) -> ec2.CfnVPCEndpoint:
        name = f"com.amazonaws.{cdk.Stack.of(self).region}.{ENDPOINT_NAMES.get(service, service)}"
        where: dict[str, Any] = {"vpc_endpoint_type": "Gateway", "route_table_ids": self._route_tables}
        if service not in GATEWAY_SERVICES:
            where = {
                "vpc_endpoint_type": "Interface",
                "private_dns_enabled": True,
                "subnet_ids": self.subnets,
                "security_group_ids": [self._endpoint_group()],
            }
        id = f"To{''.join(part.capitalize() for part in service.split('.'))}"
        return ec2.CfnVPCEndpoint(self, id, vpc_id=self.vpc.vpc_id, service_name=name, policy_document=policy, **where)

    def _let_out(self, id: str, why: str, **to: Any) -> None:
        if self.node.try_find_child(id) is None:
            ec2.CfnSecurityGroupEgress(
                self, id, group_id=self.functions.security_group_id, ip_protocol="tcp", from_port=HTTPS, to_port=HTTPS,
                description=why, **to,
            )  # fmt: skip

    def _endpoint_group(self) -> str:
        found: Any = self.node.try_find_child("Endpoints")
        if found is None:
            found = ec2.CfnSecurityGroup(
                self,
                "Endpoints",
                vpc_id=self.vpc.vpc_id,
                group_description="Interface endpoints of this network",
                security_group_ingress=[
                    {
                        "ipProtocol": "tcp",
                        "fromPort": HTTPS,
                        "toPort": HTTPS,
                        "sourceSecurityGroupId": self.functions.security_group_id,
                        "description": "The functions of this network",
                    }
                ],
            )
        return str(found.attr_group_id)


def _rights(scope: Construct) -> iam.ManagedPolicy:
    id = RIGHTS_ID if isinstance(scope, cdk.Stack) else "FunctionRights"
    made = managed_policy(scope, id, "What functions in this network may do", [allowing(KEEPING_INTERFACES, ["*"])])
    resource: Any = made.node.default_child
    resource.add_override("Metadata", skipped(Skipped.INTERFACES_OF_LAMBDA))
    return made


def _of_existing(nat: int, ipv6: bool) -> list[Problem]:
    if not nat and not ipv6:
        return []
    return [
        Problem(code="EF-NETWORK-VPC", given="nat or ipv6 with vpc", allowed="a VPC that is there has its ways out",
                fix="make them where the VPC is made")
    ]  # fmt: skip


def _without(own: bool, subnets: ec2.SubnetSelection | None) -> list[Problem]:
    if not own or subnets is None:
        return []
    return [
        Problem(code="EF-NETWORK-VPC", given="subnets without vpc", allowed="a network of our own has its own subnets",
                fix="give vpc too, or zones and mask")
    ]  # fmt: skip


def _given(selection: ec2.SubnetSelection) -> dict[str, Any]:
    """A selection as `select_subnets` takes it."""
    return {name: value for name, value in selection._values.items() if value is not None}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@jsii.implements(cdk.IAspect)
class _Endpoints:
    """Runs once the whole app is composed; it stands on the network alone, so it costs a call a node of the network."""

    def __init__(self, network: PrivateNetwork) -> None:
        self._network = network

    def visit(self, node: IConstruct) -> None:
        if node.node.path == self._network.node.path:
            self._network.open_endpoints()
