"""How many network interfaces there are: with a network of ours, and with plain CDK."""

import json

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds

from cdk_event_flow import Function, PrivateNetwork, Queue, Scaling, WorkerFleet
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, resources, template_of

FUNCTIONS, ZONES = 30, 2
RENDER = "examples/worker_fleet/lambda_src/render"


def function(stack, id, network):
    code = lambda_.Code.from_inline("exports.handler = async () => {}")
    return Function(stack, id, code=code, handler="index.handler", runtime="nodejs24.x", network=network)


def interfaces(template):
    """The pairs of a subnet and a set of security groups, for each of which Lambda makes one."""
    placed = [each["VpcConfig"] for each in resources(template, "AWS::Lambda::Function")]
    assert len(placed) == FUNCTIONS
    return {(json.dumps(subnet), json.dumps(each["SecurityGroupIds"])) for each in placed for subnet in each["SubnetIds"]}


def test_thirty_functions_of_one_network_have_one_security_group_and_one_interface_a_subnet():
    stack = new_stack()
    network = PrivateNetwork(stack, "Network", zones=ZONES)
    for number in range(FUNCTIONS):
        function(stack, f"F{number}", network)
    budget = network.eni_budget()
    template = template_of(stack)
    assert len(resources(template, "AWS::EC2::SecurityGroup")) == 1
    assert len(interfaces(template)) == ZONES == budget.of_functions
    assert (budget.functions, budget.of_endpoints, budget.left) == (FUNCTIONS, 0, 250)


def test_thirty_functions_of_plain_cdk_have_thirty_groups_and_as_many_interfaces_in_each_subnet():
    stack = new_stack("Plain", env={"region": "eu-west-1", "account": "111122223333"})
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["eu-west-1a", "eu-west-1b"], nat_gateways=0, subnet_configuration=[
        ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    ], restrict_default_security_group=False)  # fmt: skip
    isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    for number in range(FUNCTIONS):
        lambda_.Function(
            stack,
            f"F{number}",
            code=lambda_.Code.from_inline("exports.handler = async () => {}"),
            handler="index.handler",
            runtime=lambda_.Runtime.NODEJS_24_X,
            vpc=vpc,
            vpc_subnets=isolated,
        )
    template = template_of(stack)
    assert len(resources(template, "AWS::EC2::SecurityGroup")) == FUNCTIONS
    assert len(interfaces(template)) == ZONES * FUNCTIONS
    assert [finding.id for finding in flow_of(stack).check() if finding.id == "EF803"] == ["EF803"]


@pytest.fixture
def stack():
    return new_stack()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({"cidr": "10.0.0.0"}, "EF-NETWORK-CIDR", "a /32"),
        ({"cidr": "10.0.0.0/15"}, "EF-NETWORK-CIDR", "a /15"),
        ({"cidr": "ten"}, "EF-NETWORK-CIDR", "such as 10.0.0.0/16"),
        ({"zones": 7}, "EF-NETWORK-ZONES", "6 zones"),
        ({"zones": 0}, "EF-NETWORK-ZONES", "0 zones"),
        ({"cidr": "10.0.0.0/24", "mask": 24, "zones": 2}, "EF-NETWORK-SUBNETS", "there is room for 1"),
        ({"cidr": "10.0.0.0/24", "mask": 25, "zones": 2, "nat": 1}, "EF-NETWORK-SUBNETS", "3 subnets of /25"),
        ({"mask": 29}, "EF-NETWORK-SUBNETS", "/16 to /28"),
        ({"nat": 3}, "EF-NETWORK-NAT", "2 gateways"),
        ({"subnets": ec2.SubnetSelection()}, "EF-NETWORK-VPC", "subnets without vpc"),
    ],
)
def test_what_vpc_would_refuse_is_refused_before_anything_is_made(stack, arguments, code, said):
    with pytest.raises(ConstructError) as refused:
        PrivateNetwork(stack, "Network", **arguments)
    assert refused.value.code == code
    assert said in str(refused.value)
    assert stack.node.try_find_child("Network") is None


def test_blocks_just_large_enough_are_taken(stack):
    networks = [
        PrivateNetwork(stack, "A", cidr="10.0.0.0/16", mask=28, zones=6),
        PrivateNetwork(stack, "B", cidr="10.0.0.0/24", mask=25, zones=2),
        PrivateNetwork(stack, "C", cidr="10.0.0.0/28", mask=28, zones=1),
    ]
    assert [len(each.vpc.isolated_subnets) for each in networks] == [6, 2, 1]


def test_what_leaves_may_go_to_the_endpoints_alone(stack):
    network = PrivateNetwork(stack, "Network")
    Queue(stack, "Jobs").allow_sending(function(stack, "Producer", network))
    template = template_of(stack)
    (rule,) = resources(template, "AWS::EC2::SecurityGroupEgress")
    assert rule["DestinationSecurityGroupId"] == {"Fn::GetAtt": ["NetworkEndpoints88F47C84", "GroupId"]}
    (group,) = [each for each in resources(template, "AWS::EC2::SecurityGroup") if "SecurityGroupEgress" in each]
    assert [each["CidrIp"] for each in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]  # the CDK's way to say none
    assert flow_of(stack).check() == []


def test_an_endpoint_lets_through_what_the_roles_name_and_only_this_account(stack):
    network = PrivateNetwork(stack, "Network")
    made = function(stack, "Producer", network)
    Queue(stack, "Jobs").allow_sending(made)
    made.role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=["arn:aws:dynamodb:::table/x"]))
    endpoints = {str(each["ServiceName"]): each for each in resources(template_of(stack), "AWS::EC2::VPCEndpoint")}
    said = {name.rpartition(".")[2].rstrip("'\"]}"): each["PolicyDocument"]["Statement"] for name, each in endpoints.items()}
    ours = {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
    assert {service: (statement["Action"], statement["Condition"]) for service, (statement,) in said.items()} == {
        "sqs": (["sqs:SendMessage"], ours),
        "dynamodb": (["dynamodb:GetItem"], ours),
    }


def test_a_network_of_another_stack_has_the_endpoints_for_all(stack):
    network = PrivateNetwork(stack, "Network")
    other = new_stack_beside(stack, "Other")
    Queue(other, "Jobs").allow_sending(function(other, "Producer", network))
    assert len(resources(template_of(stack), "AWS::EC2::VPCEndpoint")) == 1
    assert resources(template_of(other), "AWS::EC2::VPCEndpoint") == []


def new_stack_beside(stack, name):
    import aws_cdk as cdk

    return cdk.Stack(stack.node.root, name)


def test_a_vpc_that_is_there_is_taken_with_its_subnets_and_route_tables(stack):
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "There",
        vpc_id="vpc-1",
        availability_zones=["a", "b"],
        isolated_subnet_ids=["subnet-1", "subnet-2"],
        isolated_subnet_route_table_ids=["rtb-1", "rtb-1"],
    )
    network = PrivateNetwork(stack, "Network", vpc=vpc)
    made = function(stack, "Reader", network)
    made.role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::x/*"]))
    template = template_of(stack)
    assert resources(template, "AWS::EC2::VPC") == resources(template, "AWS::EC2::FlowLog") == []
    (endpoint,) = resources(template, "AWS::EC2::VPCEndpoint")
    assert endpoint["RouteTableIds"] == ["rtb-1"]
    (placed,) = [each["VpcConfig"] for each in resources(template, "AWS::Lambda::Function")]
    assert placed["SubnetIds"] == ["subnet-1", "subnet-2"]
    assert network.eni_budget().left is None
    with pytest.raises(ConstructError, match="EF-NETWORK-VPC"):
        PrivateNetwork(stack, "More", vpc=vpc, nat=1)


def test_endpoints_can_be_left_to_others(stack):
    network = PrivateNetwork(stack, "Network", endpoints=False)
    Queue(stack, "Jobs").allow_sending(function(stack, "Producer", network))
    assert resources(template_of(stack), "AWS::EC2::VPCEndpoint") == []


def test_a_nat_gateway_a_zone_leads_out(stack):
    network = PrivateNetwork(stack, "Network", nat=2)
    function(stack, "Caller", network)
    template = template_of(stack)
    assert len(resources(template, "AWS::EC2::NatGateway")) == 2
    out = [each for each in resources(template, "AWS::EC2::Route") if "NatGatewayId" in each]
    assert len({json.dumps(each["RouteTableId"]) for each in out}) == 2
    assert flow_of(stack).check() == []


def test_ipv6_leads_out_and_nothing_in(stack):
    network = PrivateNetwork(stack, "Network", ipv6=True)
    function(stack, "Caller", network)
    template = template_of(stack)
    (route,) = resources(template, "AWS::EC2::Route")
    assert route["DestinationIpv6CidrBlock"] == "::/0"
    assert "EgressOnlyInternetGatewayId" in route
    (placed,) = [each["VpcConfig"] for each in resources(template, "AWS::Lambda::Function")]
    assert placed["Ipv6AllowedForDualStack"] is True


def test_a_database_is_reached_on_its_port_and_by_nobody_else(stack):
    network = PrivateNetwork(stack, "Network")
    database = ec2.SecurityGroup(stack, "Database", vpc=network.vpc, allow_all_outbound=False)
    network.allow(database, port=5_432)
    template = template_of(stack)
    (into,) = resources(template, "AWS::EC2::SecurityGroupIngress")
    (out,) = resources(template, "AWS::EC2::SecurityGroupEgress")
    assert (into["FromPort"], out["ToPort"]) == (5_432, 5_432)
    assert into["SourceSecurityGroupId"] == out["GroupId"]
    for port in (0, 65_536):
        with pytest.raises(ConstructError, match="EF-NETWORK-PORT"):
            network.allow(database, port=port)
    with pytest.raises(ConstructError, match="EF-NETWORK-PORT.*give port="):
        network.allow(database)


def test_a_database_of_the_cdk_is_known_by_its_port(stack):
    network = PrivateNetwork(stack, "Network")
    engine = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_16_4)
    selection = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    cluster = rds.DatabaseCluster(
        stack, "Db", engine=engine, vpc=network.vpc, vpc_subnets=selection, writer=rds.ClusterInstance.serverless_v2("writer")
    )
    network.allow(cluster)
    (into,) = resources(template_of(stack), "AWS::EC2::SecurityGroupIngress")
    assert into["FromPort"] == {"Fn::GetAtt": ["DbA319EC0B", "Endpoint.Port"]} or "Endpoint.Port" in json.dumps(into["FromPort"])


def test_what_lambda_gives_back_late_can_be_left_behind(stack):
    PrivateNetwork(stack, "Network", keep_on_delete=True)
    kept = {each["Type"] for each in template_of(stack)["Resources"].values() if each.get("DeletionPolicy") == "Retain"}
    assert kept - {"AWS::KMS::Key"} == {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"}


def test_tasks_of_a_fleet_count_twice_for_a_deployment_doubles_them(stack):
    network = PrivateNetwork(stack, "Network")
    WorkerFleet(stack, "Render", code=RENDER, network=network, queue=Queue(stack, "Jobs"), scaling=Scaling(most=30))
    budget = network.eni_budget()
    assert (budget.functions, budget.of_functions, budget.of_tasks) == (0, 0, 60)
    assert budget.of_endpoints == 2 * 4  # ECR twice, logs, SQS
    assert budget.left == 251 - 4 - 30
