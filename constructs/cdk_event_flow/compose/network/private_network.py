"""Private subnets without a way out, and endpoints for exactly what the functions use."""

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place
from cdk_event_flow.compose.functions.role import OwnRole, allow, managed_policy, service_role
from cdk_event_flow.compose.known import remember, stack_of
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.sources.polled import POLLING
from cdk_event_flow.compose.statements import allowing
from constructs import Construct, IConstruct

GATEWAY_SERVICES = ("dynamodb", "s3")

# How endpoints are called whose services' actions begin otherwise.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
ENDPOINT_NAMES = {"cloudwatch": "monitoring", "firehose": "kinesis-firehose", "kinesis": "kinesis-streams"}

# Actions that Lambda's own service performs with the role, from its side: the function's subnets need no way to them.
# The key decrypts environments, and what SQS and SNS read and write for the function.
PERFORMED_BY_LAMBDA = ("ec2", "kms", "logs", "xray")

# What a container's role names and the container does not ask for itself: SQS and SNS decrypt with its rights, the ECS agent
# protects its task. Its image comes from two endpoints and from S3, where ECR keeps layers.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
PERFORMED_ELSEWHERE = ("ecr", "ecs", "kms")
TO_START_A_TASK = ("ecr.api", "ecr.dkr", "logs", "s3")


# What Lambda does with its elastic network interfaces.
INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
)


class PrivateNetwork(Construct):
    """A VPC of private subnets for functions: no NAT, no way to or from the internet.

    All functions share one security group and one set of subnets, so one elastic network interface a subnet whatever their
    number. Endpoints appear at synth for the services that the functions' roles name: gateway endpoints for S3 and
    DynamoDB, interface endpoints for the others. Flow logs are kept 30 days. `cidr` is a /16 to /24 (default 10.0.0.0/16),
    `zones` 1 to 6 (default 2). `vpc`, `functions` (the security group) and `subnets` are the CDK's own constructs.
    """

    def __init__(self, scope: Construct, id: str, *, cidr: str = "10.0.0.0/16", zones: int = 2) -> None:
        place(scope, id)
        super().__init__(scope, id)
        remember(self, scope, id)
        self._rights: iam.ManagedPolicy | None = None
        network = ec2.CfnVPC(self, "Vpc", cidr_block=cidr, enable_dns_hostnames=True, enable_dns_support=True)
        cdk.Tags.of(network).add("Name", self.node.path)
        table = ec2.CfnRouteTable(self, "Routes", vpc_id=network.ref)
        subnet_cidrs = cdk.Fn.cidr(network.attr_cidr_block, zones, "8")
        self._subnet_ids: list[str] = []
        for index in range(zones):
            subnet = ec2.CfnSubnet(
                self,
                f"Subnet{index + 1}",
                vpc_id=network.ref,
                availability_zone=cdk.Fn.select(index, cdk.Fn.get_azs()),
                cidr_block=cdk.Fn.select(index, subnet_cidrs),
            )
            ec2.CfnSubnetRouteTableAssociation(self, f"Subnet{index + 1}Routes", route_table_id=table.ref, subnet_id=subnet.ref)
            self._subnet_ids.append(subnet.ref)
        self._route_table_id = table.ref
        self._cidr = network.attr_cidr_block
        self.vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Imported",
            vpc_id=network.ref,
            availability_zones=[cdk.Fn.select(index, cdk.Fn.get_azs()) for index in range(zones)],
            isolated_subnet_ids=self._subnet_ids,
            isolated_subnet_route_table_ids=[table.ref] * zones,
        )
        self.functions = ec2.SecurityGroup(
            self, "Functions", vpc=self.vpc, allow_all_outbound=False, description="All functions of this network"
        )
        self.functions.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS, through the endpoints alone")
        self._roles: list[iam.Role] = []
        self._task_roles: list[iam.Role] = []
        self._dead_letters: list[str] = []
        self._flow_logs(network.ref)
        cdk.Aspects.of(self).add(_Endpoints(self))

    def placement(self) -> dict[str, Any]:
        """What a CDK Lambda function is given to stand in this network."""
        return {
            "vpc": self.vpc,
            "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            "security_groups": [self.functions],
        }

    def rights_in(self, scope: Construct) -> list[iam.IManagedPolicy]:
        """The policy that the roles of this stack's functions share, with which Lambda keeps network interfaces here."""
        if stack_of(scope) is not stack_of(self):
            return []
        if self._rights is None:
            self._rights = managed_policy(
                self, "FunctionRights", "What functions in this network may do", [allowing(INTERFACES, ["*"])]
            )
        return [self._rights]

    def admit(self, role: iam.Role, dead_letters: sqs.IQueue | None) -> None:
        """Let Lambda keep network interfaces here for a function with `role`, and open what the role may use.

        `dead_letters` is the function's queue for failed asynchronous events, to which Lambda's own service sends.
        """
        if not (isinstance(role, OwnRole) and stack_of(role) is stack_of(self)):
            allow(role, INTERFACES, ["*"])
            acknowledge(role, Acknowledged.ACTION_WITHOUT_RESOURCE)
        self._roles.append(role)
        if dead_letters is not None and dead_letters.queue_arn not in self._dead_letters:
            self._dead_letters.append(dead_letters.queue_arn)

    def admit_tasks(self, role: iam.Role, execution_role: iam.Role) -> None:
        """Open what containers with the task role `role` may use, and what ECS needs to start them with `execution_role`.

        A task does all from its own network interface: it pulls its image, writes its log, receives its messages.
        """
        self._task_roles += [role, execution_role]

    def services(self) -> set[str]:
        """The services that the roles of this network's functions and tasks name, by the names of their endpoints without
        `com.amazonaws.region.` in front (`dynamodb`, `events`, `ecr.api`)."""
        dead_letters = cdk.Stack.of(self).resolve(self._dead_letters)
        found: set[str] = set()
        for actions, resources in self._statements(self._roles):
            if not all(each in dead_letters for each in resources):
                found.update(action.split(":")[0] for action in set(actions) - POLLING)
        found.difference_update(PERFORMED_BY_LAMBDA)
        for actions, _ in self._statements(self._task_roles):
            found.update(action.split(":")[0] for action in actions)
        if self._task_roles:
            found.difference_update(PERFORMED_ELSEWHERE)
            found.update(TO_START_A_TASK)
        return found

    def _statements(self, roles: list[iam.Role]) -> Iterator[tuple[list[str], list[Any]]]:
        """Actions and resources of all that the roles' own policies say."""
        stack = cdk.Stack.of(self)
        for role in roles:
            written = role.rights if isinstance(role, OwnRole) else []
            documents = [{"Statement": written}, *(each.document for each in role.node.children if isinstance(each, iam.Policy))]
            for document in stack.resolve(documents):
                for statement in document.get("Statement", []):
                    yield _listed(statement.get("Action", [])), _listed(statement.get("Resource", []))

    def open_endpoints(self) -> None:
        """Make the endpoints for `services()` that are not there yet. Called at synth, when all grants are known."""
        for service in sorted(self.services()):
            id = f"To{''.join(part.capitalize() for part in service.split('.'))}"
            if self.node.try_find_child(id):
                continue
            name = f"com.amazonaws.{cdk.Stack.of(self).region}.{ENDPOINT_NAMES.get(service, service)}"
            if service in GATEWAY_SERVICES:
                ec2.CfnVPCEndpoint(
                    self, id, vpc_id=self.vpc.vpc_id, service_name=name, vpc_endpoint_type="Gateway",
                    route_table_ids=[self._route_table_id],
                )  # fmt: skip
            else:
                ec2.CfnVPCEndpoint(
                    self, id, vpc_id=self.vpc.vpc_id, service_name=name, vpc_endpoint_type="Interface",
                    private_dns_enabled=True, subnet_ids=self._subnet_ids, security_group_ids=[self._endpoint_group()],
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
                        "fromPort": 443,
                        "toPort": 443,
                        "sourceSecurityGroupId": self.functions.security_group_id,
                        "description": "The functions of this network",
                    }
                ],
            )
        return str(found.attr_group_id)

    def _flow_logs(self, vpc_id: str) -> None:
        group = logs.LogGroup(
            self,
            "FlowLogs",
            retention=logs.RetentionDays.ONE_MONTH,
            encryption_key=stack_key(self),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        role = service_role(self, "FlowLogsRole", "vpc-flow-logs", [allowing(actions, [group.log_group_arn])])
        ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
        acknowledge(role, Acknowledged.ACTION_WITHOUT_RESOURCE)


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
