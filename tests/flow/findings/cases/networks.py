"""Functions in private networks without a way to a service that they use."""

from ..sound import statement
from .making import DEAD, resource

WORLD = "0.0.0.0/0"
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


def private(resources, *, service="dynamodb", endpoint=None, out=None):
    """The function in a private subnet, with a service that it uses, and an endpoint for it.

    `out` is the egress of the function's security group; None lets everything out.
    """
    resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][1]["Resource"] = DEAD  # Lambda sends there
    resources["Vpc"] = resource("EC2::VPC", CidrBlock="10.0.0.0/16")
    resources["Subnet"] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24")
    resources["Routes"] = resource("EC2::RouteTable", VpcId={"Ref": "Vpc"})
    resources["Takes"] = resource("EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Subnet"}, RouteTableId={"Ref": "Routes"})
    resources["Group"] = resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription="functions")
    if out is not None:
        resources["Group"]["Properties"]["SecurityGroupEgress"] = out
    if endpoint:
        name = {"Fn::Sub": "com.amazonaws.${AWS::Region}." + service}
        resources["Endpoint"] = resource("EC2::VPCEndpoint", VpcId={"Ref": "Vpc"}, ServiceName=name, **endpoint)
    place = {"SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
    resources["Function"]["Properties"]["VpcConfig"] = place
    document = {"Statement": [statement({"dynamodb": "dynamodb:PutItem", "sns": "sns:Publish"}[service], "arn:aws:x:::y")]}
    resources["Uses"] = resource("IAM::Policy", PolicyName="t", PolicyDocument=document, Roles=[{"Ref": "Role"}])


GATEWAY = {"RouteTableIds": [{"Ref": "Routes"}]}


def interface(resources, *, admits=(), out=None, **more):
    """An interface endpoint, whose security group admits these."""
    subnets = [{"Ref": "Subnet"}]
    groups = [{"Fn::GetAtt": ["EndpointGroup", "GroupId"]}]
    endpoint = {"VpcEndpointType": "Interface", "SubnetIds": subnets, "SecurityGroupIds": groups, **more}
    private(resources, service="sns", endpoint=endpoint, out=out)
    resources["EndpointGroup"] = resource(
        "EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription="endpoint", SecurityGroupIngress=list(admits)
    )


FROM_GROUP = {**HTTPS, "SourceSecurityGroupId": {"Fn::GetAtt": ["Group", "GroupId"]}}
TO_ENDPOINT = {**HTTPS, "DestinationSecurityGroupId": {"Fn::GetAtt": ["EndpointGroup", "GroupId"]}}


def from_network(block, **more):
    """A rule for a block of addresses."""
    return {**HTTPS, "CidrIp": block, **more}


def rule_apart(resources):
    """The rule of the endpoint's group stands by itself."""
    interface(resources)
    group = {"Fn::GetAtt": ["EndpointGroup", "GroupId"]}
    resources["Admits"] = resource("EC2::SecurityGroupIngress", GroupId=group, **FROM_GROUP)


def poller(resources):
    """Private, and polled for by a policy of AWS that names all queues."""
    private(resources, endpoint=GATEWAY)
    arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"}
    resources["Role"]["Properties"]["ManagedPolicyArns"] = [arn]


def routed(resources, *, out=None, **by):
    """A route to the internet, by a NAT gateway or something else."""
    private(resources, out=out)
    resources["Gateway"] = resource("EC2::InternetGateway")
    given = by or {"NatGatewayId": "nat-1"}
    resources["Out"] = resource("EC2::Route", DestinationCidrBlock=WORLD, RouteTableId={"Ref": "Routes"}, **given)


def second_subnet(resources, *, routed_too):
    """Two subnets, of which the second has a route table of its own."""
    private(resources, endpoint=GATEWAY)
    resources["Second"] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.1.0/24")
    resources["SecondRoutes"] = resource("EC2::RouteTable", VpcId={"Ref": "Vpc"})
    resources["TakesSecond"] = resource(
        "EC2::SubnetRouteTableAssociation", SubnetId={"Ref": "Second"}, RouteTableId={"Ref": "SecondRoutes"}
    )
    resources["Function"]["Properties"]["VpcConfig"]["SubnetIds"].append({"Ref": "Second"})
    if routed_too:
        resources["Endpoint"]["Properties"]["RouteTableIds"] = [{"Ref": "Routes"}, {"Ref": "SecondRoutes"}]


def in_network_of_another_stack(resources):
    """The subnet stands in a network that another stack has made, perhaps with endpoints."""
    private(resources)
    resources["Subnet"]["Properties"]["VpcId"] = {"Fn::ImportValue": "network"}


CASES = {
    "EF508": [
        (None, private),
        (None, lambda r: routed(r, GatewayId="igw-1")),
        (None, lambda r: routed(r, GatewayId={"Ref": "Gateway"})),
        (None, lambda r: routed(r, out=[from_network("10.0.0.0/16")])),
        (None, lambda r: private(r, endpoint={})),
        (None, lambda r: private(r, endpoint=GATEWAY, out=[from_network("10.0.0.0/16")])),
        (None, lambda r: second_subnet(r, routed_too=False)),
        (None, interface),
        (None, lambda r: interface(r, admits=[from_network("10.0.1.0/24")])),
        (None, lambda r: interface(r, admits=[{**FROM_GROUP, "FromPort": 80, "ToPort": 80}])),
        (None, lambda r: interface(r, admits=[FROM_GROUP], out=[from_network("10.0.1.0/24")])),
        (None, lambda r: interface(r, admits=[FROM_GROUP], out=[{**TO_ENDPOINT, "FromPort": 5432, "ToPort": 5432}])),
    ],
}

SOUND_TOO = {
    "EF508": [
        (None, lambda r: private(r, endpoint=GATEWAY)),
        (None, lambda r: private(r, endpoint=GATEWAY, out=[from_network(WORLD)])),
        (None, lambda r: private(r, endpoint=GATEWAY, out=[{**HTTPS, "DestinationPrefixListId": "pl-1"}])),
        (None, poller),
        (None, routed),
        (None, lambda r: routed(r, TransitGatewayId="tgw-1")),
        (None, lambda r: routed(r, GatewayId={"Fn::ImportValue": "gateway"})),
        (None, lambda r: second_subnet(r, routed_too=True)),
        (None, in_network_of_another_stack),
        (None, rule_apart),
        (None, lambda r: interface(r, admits=[FROM_GROUP])),
        (None, lambda r: interface(r, admits=[from_network("10.0.0.0/16")])),
        (None, lambda r: interface(r, admits=[from_network({"Fn::GetAtt": ["Vpc", "CidrBlock"]})])),
        (None, lambda r: interface(r, admits=[{"IpProtocol": "-1", "CidrIp": WORLD}])),
        (None, lambda r: interface(r, admits=[FROM_GROUP], out=[TO_ENDPOINT])),
        (None, lambda r: interface(r, admits=[FROM_GROUP], out=[from_network("10.0.0.0/24")])),
        (None, lambda r: interface(r, SecurityGroupIds=["sg-elsewhere"])),
        (None, lambda r: interface(r, SecurityGroupIds=[{"Fn::ImportValue": "group"}])),
        (None, lambda r: interface(r, PrivateDnsEnabled=False)),
        (None, lambda r: interface(r, admits=[from_network({"Fn::ImportValue": "addresses"})])),
    ],
}
