"""The budget of network interfaces, read from a template."""

import json

import pytest
from click.testing import CliRunner

from cdk_event_flow.cli.group import event_flow
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.interfaces import Shared, interfaces

from .findings.cases.making import resource

SUBNETS = [{"Ref": "A"}, {"Ref": "B"}]


def template(*, groups=1, functions=4, mask=28, versions=0, tasks=0, endpoint=False):
    """Functions in two subnets, in turn in one of so many security groups."""
    made = {"Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16")}
    for number, name in enumerate("AB"):
        made[name] = resource("EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock=f"10.0.{number}.0/{mask}")
    for number in range(groups):
        made[f"Group{number}"] = resource("EC2::SecurityGroup", VpcId={"Ref": "Vpc"}, GroupDescription=f"{number}")
    for number in range(functions):
        group = {"Fn::GetAtt": [f"Group{number % groups}", "GroupId"]}
        made[f"F{number}"] = resource("Lambda::Function", VpcConfig={"SubnetIds": SUBNETS, "SecurityGroupIds": [group]})
    for number in range(versions):
        made[f"V{number}"] = resource("Lambda::Version", FunctionName={"Ref": "F0"})
    if tasks:
        network = {"AwsvpcConfiguration": {"Subnets": SUBNETS, "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}}
        made["Jobs"] = resource("ECS::Service", Cluster="c", TaskDefinition="t", NetworkConfiguration=network)
        scaled = {"Fn::Sub": "service/c/${Jobs.Name}"}
        made["Target"] = resource("ApplicationAutoScaling::ScalableTarget", ResourceId=scaled, MinCapacity=0, MaxCapacity=tasks)
    if endpoint:
        name = {"Fn::Sub": "com.amazonaws.${AWS::Region}.ecr.api"}
        made["To"] = resource(
            "EC2::VPCEndpoint", VpcEndpointType="Interface", ServiceName=name, SubnetIds=SUBNETS, VpcId={"Ref": "Vpc"}
        )
    return {"Resources": made}


def budget(**given):
    return interfaces(Flow.from_template(template(**given)))


def test_functions_of_one_group_share_one_interface_a_subnet_with_their_versions():
    found = budget(versions=2)
    functions = (("F0", 2), ("F1", 0), ("F2", 0), ("F3", 0))
    assert [subnet.shared for subnet in found.subnets] == [(Shared(groups=("Group0",), functions=functions),)] * 2
    assert [(subnet.interfaces, subnet.left) for subnet in found.subnets] == [(1, 10)] * 2
    assert found.of_functions == {"Vpc": 2}


def test_each_set_of_groups_has_one_of_its_own():
    assert budget(groups=4).of_functions == {"Vpc": 8}


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ({"SubnetIds": SUBNETS, "SecurityGroupIds": ["sg-1", {"Fn::ImportValue": "g"}]}, "export g is of a stack that is not here"),
        ({"SubnetIds": [], "SecurityGroupIds": ["sg-1"]}, "its subnets are not in the template"),
        ({"SubnetIds": {"Fn::ImportValue": "s"}, "SecurityGroupIds": ["sg-1"]}, "its subnets are not in the template"),
        ({"SubnetIds": [*SUBNETS, {"Fn::ImportValue": "s"}], "SecurityGroupIds": ["sg-1"]}, "its subnets are not in the template"),
    ],
)
def test_a_function_of_which_the_network_is_not_known_is_said_and_not_counted(network, why):
    given = template(functions=1)
    given["Resources"]["F1"] = resource("Lambda::Function", VpcConfig=network)
    given["Resources"]["Outside"] = resource("Lambda::Function")
    found = interfaces(Flow.from_template(given))
    assert found.unknown == (f"F1: its network is not known ({why})",)
    assert {function for subnet in found.subnets for shared in subnet.shared for function in shared.functions} == {("F0", 0)}


def test_what_only_has_the_name_of_a_part_of_the_network_is_none():
    given = template(functions=1)
    for name in ("A", "Vpc", "Group0"):
        given["Resources"][f"{name}Dashboard"] = resource("CloudWatch::Dashboard", DashboardName=f"Stack-{name}")
    first = interfaces(Flow.from_template(given)).subnets[0]
    assert (first.path, first.network, first.left) == ("A", "Vpc", 10)
    assert first.shared == (Shared(groups=("Group0",), functions=(("F0", 0),)),)


def test_a_subnet_of_a_network_of_elsewhere_is_told_by_the_networks_id():
    given = template(functions=1)
    given["Resources"]["A"]["Properties"]["VpcId"] = "vpc-9"
    assert interfaces(Flow.from_template(given)).of_functions == {"vpc-9": 1, "Vpc": 1}


@pytest.mark.parametrize(("tasks", "each"), [({}, 1), ({"DesiredCount": 3}, 3), ({"DesiredCount": "4"}, 4)])
def test_tasks_that_nothing_scales_are_as_many_as_are_wanted(tasks, each):
    given = template(functions=0, tasks=9)
    del given["Resources"]["Target"]
    given["Resources"]["Jobs"]["Properties"] |= tasks
    assert [subnet.tasks for subnet in interfaces(Flow.from_template(given)).subnets] == [(("Jobs", each),)] * 2


def test_endpoints_and_tasks_need_addresses_too():
    (first, _) = budget(endpoint=True, tasks=3).subnets
    assert (first.endpoints, first.tasks, first.interfaces) == (("ecr.api",), (("Jobs", 3),), 5)


def test_all_endpoints_that_stand_in_subnets_need_one_whatever_they_lead_to():
    given = template(functions=1, endpoint=True)
    name = "com.amazonaws.vpce.us-east-1.vpce-svc-1"
    given["Resources"]["Wall"] = resource(
        "EC2::VPCEndpoint", VpcEndpointType="GatewayLoadBalancer", ServiceName=name, SubnetIds={"Ref": "A"}, VpcId={"Ref": "Vpc"}
    )
    given["Resources"]["Gateway"] = resource("EC2::VPCEndpoint", ServiceName="com.amazonaws.us-east-1.s3", VpcId={"Ref": "Vpc"})
    assert [subnet.endpoints for subnet in interfaces(Flow.from_template(given)).subnets] == [
        ("ecr.api", "us-east-1.vpce-svc-1"), ("ecr.api",),
    ]  # fmt: skip


@pytest.mark.parametrize(("tasks", "wrong"), [(10, []), (11, ["EF804", "EF804"])])
def test_a_subnet_without_room_for_a_deployment_of_its_tasks_is_found(tasks, wrong):
    found = Flow.from_template(template(tasks=tasks)).check()
    assert [finding.id for finding in found if finding.id == "EF804"] == wrong


def test_what_stands_elsewhere_is_told_by_its_id_and_what_nobody_knows_in_a_sentence():
    given = template()
    given["Resources"]["F0"]["Properties"]["VpcConfig"] = {"SubnetIds": ["subnet-9"], "SecurityGroupIds": ["sg-9"]}
    given["Resources"]["F1"]["Properties"]["VpcConfig"] = {"SubnetIds": SUBNETS, "SecurityGroupIds": [{"Fn::ImportValue": "group"}]}
    found = interfaces(Flow.from_template(given))
    (elsewhere,) = [subnet for subnet in found.subnets if subnet.path == "subnet-9"]
    assert (elsewhere.network, elsewhere.left) == ("a network of elsewhere", None)
    assert found.unknown[0].startswith("F1: its network is not known")


def said(tmp_path, *arguments, **given):
    file = tmp_path / "shop.template.json"
    file.write_text(json.dumps(template(**given)))
    return CliRunner().invoke(event_flow, ["network", "--template", str(file), *arguments])


def test_the_command_says_who_shares_what(tmp_path):
    done = said(tmp_path, versions=1, endpoint=True, tasks=1)
    assert done.exit_code == 0
    assert done.output.splitlines()[:6] == [
        "Vpc: 2 interfaces of functions, of 250 by default",
        "  A: 3 interfaces, 8 addresses left",
        "    one of Group0 for 4 functions and 1 version:",
        "      F0, F1, F2, F3",
        "    endpoints: ecr.api",
        "    Jobs: up to 1 task",
    ]


def test_the_command_fails_where_a_subnet_is_too_small_and_prints_json(tmp_path):
    done = said(tmp_path, "--json", groups=12, functions=12)
    assert done.exit_code == 1
    assert [subnet["left"] for subnet in json.loads(done.output)["subnets"]] == [-1, -1]
    assert said(tmp_path, functions=0).output == "nothing of this template stands in a network\n"
