"""What works while it is small."""

from .making import UNKNOWN, resource

RULE = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}


def many(resources, number):
    """As many resources as that."""
    for each in range(number - len(resources)):
        resources[f"Value{each}"] = resource("SSM::Parameter", Type="String", Value="x")


def large(resources, size):
    """A template of more than this many bytes."""
    resources["Value"] = resource("SSM::Parameter", Type="String", Value="x" * size)


def network(resources, *blocks):
    """Subnets with these addresses."""
    resources["Vpc"] = resource("EC2::VPC", CidrBlock="10.0.0.0/16")
    for number, block in enumerate(blocks):
        resources[f"Subnet{number}"] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock=block)


def functions(resources, number, *, blocks=("10.0.0.0/24", "10.0.1.0/24"), group=None, rules=lambda each: [RULE]):
    """Functions in these subnets, each with a security group of its own, or all with one."""
    network(resources, *blocks)
    for each in range(number):
        name = group or f"Group{each}"
        egress = [{**rule, "Description": f"of {each}"} for rule in rules(each)]
        resources[name] = resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription=name, SecurityGroupEgress=egress)
        subnets = [{"Ref": f"Subnet{block}"} for block in range(len(blocks))]
        place = {"SubnetIds": subnets, "SecurityGroupIds": [{"Fn::GetAtt": [name, "GroupId"]}]}
        resources[f"Function{each}"] = resource("Lambda::Function", VpcConfig=place)


def told_apart(resources):
    """A database admits the group of each function by itself."""
    functions(resources, 6)
    admits = [{**RULE, "SourceSecurityGroupId": {"Ref": f"Group{each}"}} for each in range(6)]
    for each in admits:
        del each["CidrIp"]
    resources["Database"] = resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription="d", SecurityGroupIngress=admits)


def placed(resources, subnets=None, groups=()):
    """Six functions in these subnets, and in more security groups."""
    functions(resources, 6)
    for each in range(6):
        place = resources[f"Function{each}"]["Properties"]["VpcConfig"]
        place["SubnetIds"] = subnets or place["SubnetIds"]
        place["SecurityGroupIds"] += groups


def own_rules(each):
    """A rule of one port for each function."""
    return [{**RULE, "FromPort": 5000 + each, "ToPort": 5000 + each}]


def beside_endpoints(resources, number):
    """A subnet of eleven addresses, with one function and as many interface endpoints."""
    functions(resources, 1, blocks=["10.0.0.0/28"])
    for each in range(number):
        name = {"Fn::Sub": "com.amazonaws.${AWS::Region}.service" + str(each)}
        place = {"VpcId": {"Ref": "Vpc"}, "SubnetIds": [{"Ref": "Subnet0"}]}
        resources[f"Endpoint{each}"] = resource("EC2::VPCEndpoint", ServiceName=name, VpcEndpointType="Interface", **place)


CASES = {
    "EF801": [(None, lambda r: many(r, 501)), (None, lambda r: large(r, 1_048_576))],
    "EF802": [(None, lambda r: many(r, 450)), (None, lambda r: many(r, 500)), (None, lambda r: large(r, 943_719))],
    "EF803": [(None, lambda r: functions(r, 6)), (None, lambda r: functions(r, 11, blocks=["10.0.0.0/24"]))],
    "EF804": [
        (None, lambda r: beside_endpoints(r, 11)),
        (None, lambda r: functions(r, 12, blocks=["10.0.0.0/28"], rules=own_rules)),
    ],
    "EF805": [(None, lambda r: functions(r, 126, rules=own_rules))],
}

SOUND_TOO = {
    "EF802": [(None, lambda r: many(r, 449)), (None, lambda r: large(r, 930_000))],
    "EF803": [
        (None, lambda r: functions(r, 5)),
        (None, lambda r: functions(r, 20, group="Group")),
        (None, lambda r: functions(r, 6, rules=own_rules)),
        (None, told_apart),
        (None, lambda r: placed(r, [UNKNOWN, {"Fn::ImportValue": "another"}])),
        (None, lambda r: placed(r, [UNKNOWN, {"Ref": "Subnet0"}])),
        (None, lambda r: placed(r, groups=[UNKNOWN])),
        (None, lambda r: placed(r, groups=["sg-elsewhere"])),
    ],
    "EF804": [
        (None, lambda r: beside_endpoints(r, 10)),
        (None, lambda r: functions(r, 11, blocks=["10.0.0.0/28"], rules=own_rules)),
        (None, lambda r: functions(r, 12, blocks=[{"Fn::ImportValue": "addresses"}], rules=own_rules)),
    ],
    "EF805": [(None, lambda r: functions(r, 125, rules=own_rules))],
}
