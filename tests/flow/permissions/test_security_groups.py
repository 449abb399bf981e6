"""Security groups: who may open HTTPS to whom, and which groups say the same."""

import ipaddress

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.permissions.security_groups import WORLD, SecurityGroups

from ..findings.cases.making import resource

NOBODY_KNOWS = {"Fn::ImportValue": "x"}
WHY = "export x is of a stack that is not here"
BLOCK = ipaddress.IPv4Network("10.0.0.0/24")
OTHER_BLOCK = ipaddress.IPv4Network("10.0.1.0/24")
GROUP, OTHER = "Stack-Group", "Stack-Other"


def groups(*, ingress=None, egress=None, **more):
    """The groups of a template with `Group`, which has these rules, and `Other`, which has none."""
    rules = {"SecurityGroupIngress": ingress, "SecurityGroupEgress": egress}
    given = {name: value for name, value in rules.items() if value is not None}
    resources = {
        "Group": resource("EC2::SecurityGroup", GroupDescription="a", **given),
        "Other": resource("EC2::SecurityGroup", GroupDescription="b"),
        **more,
    }
    return SecurityGroups(Flow.from_template({"Resources": resources}))


def of(logical_id):
    return {"Fn::GetAtt": [logical_id, "GroupId"]}


def told(truth):
    """The truth, or why it is unknown."""
    return truth.reason if isinstance(truth, Unknown) else truth


TCP = {"IpProtocol": "tcp", "CidrIp": "10.0.0.0/24"}
NO_NUMBERS = "the ports of a rule are no numbers"
NOT_TOLD = "what is in a prefix list, or which group has a name, no template tells"


@pytest.mark.parametrize(
    ("rule", "admitted"),
    [
        ({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, True),
        ({"IpProtocol": -1, "CidrIp": "0.0.0.0/0", "FromPort": 22, "ToPort": 22}, True),
        ({"CidrIp": "0.0.0.0/0"}, True),
        (TCP, True),
        ({**TCP, "IpProtocol": "TCP"}, True),
        ({**TCP, "IpProtocol": 6}, True),
        ({**TCP, "IpProtocol": "udp"}, False),
        ({**TCP, "IpProtocol": "17"}, False),
        ({**TCP, "IpProtocol": NOBODY_KNOWS}, WHY),
        ({**TCP, "FromPort": 443, "ToPort": 443}, True),
        ({**TCP, "FromPort": "443", "ToPort": "443"}, True),
        ({**TCP, "FromPort": 0, "ToPort": 65535}, True),
        ({**TCP, "FromPort": 444, "ToPort": 500}, False),
        ({**TCP, "FromPort": 80, "ToPort": 442}, False),
        ({**TCP, "FromPort": 444}, False),
        ({**TCP, "FromPort": 443}, True),
        ({**TCP, "ToPort": 442}, False),
        ({**TCP, "ToPort": 443}, True),
        ({**TCP, "FromPort": NOBODY_KNOWS, "ToPort": 443}, WHY),
        ({**TCP, "FromPort": 443, "ToPort": NOBODY_KNOWS}, WHY),
        ({**TCP, "FromPort": "https", "ToPort": "https"}, NO_NUMBERS),
        ({**TCP, "FromPort": [443], "ToPort": 443}, NO_NUMBERS),
        ({**TCP, "CidrIp": "10.0.0.0/16"}, True),
        ({**TCP, "CidrIp": "10.0.3.7/16"}, True),
        ({**TCP, "CidrIp": "10.0.0.0/25"}, False),
        ({**TCP, "CidrIp": "10.0.1.0/24"}, False),
        ({**TCP, "CidrIp": "192.0.2.0/24"}, False),
        ({**TCP, "CidrIp": "52.0.0.0/8"}, False),
        ("a text", False),
        ({**TCP, "CidrIp": "a block"}, "a block is no block of addresses"),
        ({**TCP, "CidrIp": NOBODY_KNOWS}, WHY),
        ({"IpProtocol": "-1"}, False),
        ({"IpProtocol": "-1", "SourceSecurityGroupId": of("Other")}, True),
        ({"IpProtocol": "-1", "SourceSecurityGroupId": of("Group")}, False),
        ({"IpProtocol": "-1", "SourceSecurityGroupId": NOBODY_KNOWS}, WHY),
        ({"IpProtocol": "-1", "DestinationSecurityGroupId": of("Other")}, False),
        ({"IpProtocol": "-1", "SourceSecurityGroupId": of("Group"), "CidrIp": "10.0.0.0/24"}, True),
        ({"IpProtocol": "-1", "SourcePrefixListId": "pl-1"}, NOT_TOLD),
        ({"IpProtocol": "-1", "SourceSecurityGroupName": "other"}, NOT_TOLD),
        ({"IpProtocol": "-1", "DestinationPrefixListId": "pl-1"}, False),
        ({"IpProtocol": "udp", "SourcePrefixListId": "pl-1"}, False),
        (NOBODY_KNOWS, WHY),
    ],
)
def test_a_rule_admits_https_from_a_block_or_a_group(rule, admitted):
    assert told(groups(ingress=[rule]).lets_in([GROUP], [OTHER], [BLOCK])) == admitted


@pytest.mark.parametrize(
    ("rules", "admitted"),
    [
        (None, False),
        ([], False),
        (NOBODY_KNOWS, WHY),
        ([{**TCP, "IpProtocol": "udp"}, TCP], True),
        ([NOBODY_KNOWS, TCP], True),
        ([NOBODY_KNOWS, {**TCP, "IpProtocol": "udp"}], WHY),
    ],
)
def test_one_rule_of_a_group_is_enough(rules, admitted):
    assert told(groups(ingress=rules).lets_in([GROUP], [OTHER], [BLOCK])) == admitted


@pytest.mark.parametrize(
    ("others", "blocks", "admitted"),
    [
        ([OTHER], [BLOCK], True),
        ([OTHER], [BLOCK, OTHER_BLOCK], False),
        ([OTHER], [BLOCK, Unknown("where")], "where"),
        ([OTHER], [Unknown("where")], "where"),
        ([], [], True),
        ([Unknown("who")], [OTHER_BLOCK], False),
    ],
)
def test_all_of_the_blocks_must_be_admitted(others, blocks, admitted):
    assert told(groups(ingress=[TCP]).lets_in([GROUP], others, blocks)) == admitted


@pytest.mark.parametrize(
    ("others", "admitted"), [([], False), ([OTHER], True), (["sg-9", OTHER], True), (["sg-9"], False), ([Unknown("who")], "who")]
)
def test_one_of_the_groups_must_be_admitted(others, admitted):
    rule = {"IpProtocol": "-1", "SourceSecurityGroupId": of("Other")}
    assert told(groups(ingress=[rule]).lets_in([GROUP], others, [BLOCK])) == admitted


@pytest.mark.parametrize(
    ("asked", "admitted"),
    [
        ([], "without a security group it stands in the network's default one"),
        (["sg-9"], "the security group sg-9 is outside the template"),
        ([Unknown("which")], "which"),
        ([OTHER], False),
        ([OTHER, GROUP], True),
        (["sg-9", GROUP], True),
    ],
)
def test_one_group_of_those_that_something_stands_in_is_enough(asked, admitted):
    assert told(groups(ingress=[TCP]).lets_in(asked, [], [BLOCK])) == admitted


def test_what_only_has_the_name_of_a_group_is_none():
    named = groups(ingress=[TCP], Dashboard=resource("CloudWatch::Dashboard", DashboardName=GROUP))
    assert named.lets_in([GROUP], [], [BLOCK]) is True


@pytest.mark.parametrize(
    ("rules", "passes"),
    [
        (None, True),
        ([], True),
        (NOBODY_KNOWS, WHY),
        ([NOBODY_KNOWS], WHY),
        ([{"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}], True),
        ([{"IpProtocol": "-1", "CidrIp": "10.0.1.0/24"}], False),
        ([{"IpProtocol": "-1", "DestinationSecurityGroupId": of("Other")}], True),
        ([{"IpProtocol": "-1", "SourceSecurityGroupId": of("Other")}], False),
        ([{"IpProtocol": "-1", "DestinationPrefixListId": "pl-1"}], NOT_TOLD),
    ],
)
def test_a_group_lets_all_out_until_a_rule_of_its_own_says_what(rules, passes):
    assert told(groups(egress=rules).lets_out([GROUP], [OTHER], [BLOCK])) == passes


@pytest.mark.parametrize(
    ("block", "passes"),
    [
        ("0.0.0.0/0", True),
        ("10.0.0.0/8", False),
        ("52.0.0.0/8", "52.0.0.0/8 is a part of the internet"),
    ],
)
def test_a_part_of_the_internet_may_be_the_part_that_is_asked_for(block, passes):
    assert told(groups(egress=[{"IpProtocol": "-1", "CidrIp": block}]).lets_out([GROUP], [], [WORLD])) == passes


@pytest.mark.parametrize(
    ("rule", "admitted"),
    [
        ({"GroupId": of("Group")}, True),
        ({"GroupName": GROUP}, True),
        ({"GroupId": of("Other")}, False),
        ({"GroupId": of("Other"), "GroupName": GROUP}, False),
        ({"GroupId": NOBODY_KNOWS}, WHY),
        ({}, False),
    ],
)
def test_a_rule_that_stands_by_itself_is_of_the_group_that_it_names(rule, admitted):
    def apart(way):
        return groups(Apart=resource(f"EC2::SecurityGroup{way}", **TCP, **rule))

    assert told(apart("Ingress").lets_in([GROUP], [], [BLOCK])) == admitted
    assert told(apart("Egress").lets_in([GROUP], [], [BLOCK])) is False


def test_a_rule_that_stands_by_itself_is_added_to_those_of_the_group():
    nowhere = {"IpProtocol": "udp", "CidrIp": "10.0.0.0/24"}
    apart = {"GroupId": of("Group"), **TCP}
    assert groups(egress=[nowhere], Apart=resource("EC2::SecurityGroupEgress", **apart)).lets_out([GROUP], [], [BLOCK]) is True
    assert groups(Apart=resource("EC2::SecurityGroupEgress", **apart)).lets_out([GROUP], [], [OTHER_BLOCK]) is True


def says(*rules, apart=(), **more):
    """What a group with these rules says."""
    named = {f"Apart{number}": resource(kind, GroupId=of("Group"), **rule) for number, (kind, rule) in enumerate(apart)}
    return groups(ingress=list(rules), **named, **more).says(GROUP)


UDP = {**TCP, "IpProtocol": "udp"}


@pytest.mark.parametrize(
    "same",
    [
        lambda: says(UDP, TCP),
        lambda: says({**TCP, "Description": "web"}, UDP),
        lambda: says(dict(reversed(TCP.items())), UDP),
        lambda: says(TCP, apart=[("EC2::SecurityGroupIngress", {**UDP, "Description": "apart"})]),
        lambda: says(TCP, UDP, Unrelated=resource("EC2::SecurityGroupIngress", GroupId=of("Other"), **TCP)),
    ],
)
def test_groups_that_say_the_same_have_one_text(same):
    assert same() == says(TCP, UDP)


@pytest.mark.parametrize(
    "other",
    [
        says,
        lambda: says(TCP),
        lambda: says(TCP, {**UDP, "FromPort": 1}),
        lambda: says(TCP, apart=[("EC2::SecurityGroupEgress", UDP)]),
        lambda: groups(egress=[TCP, UDP]).says(GROUP),
    ],
)
def test_groups_that_say_something_else_have_another(other):
    assert other()
    assert other() != says(TCP, UDP)


@pytest.mark.parametrize(
    "untold",
    [
        lambda: says(NOBODY_KNOWS),
        lambda: groups(ingress=NOBODY_KNOWS).says(GROUP),
        lambda: groups(egress=NOBODY_KNOWS).says(GROUP),
        lambda: groups().says("sg-9"),
        lambda: says({"IpProtocol": "-1", "SourceSecurityGroupId": of("Group")}),
        lambda: groups(Third=resource("EC2::SecurityGroup", SecurityGroupIngress=[{"SourceSecurityGroupId": of("Group")}])).says(
            GROUP
        ),
        lambda: groups(Third=resource("EC2::SecurityGroup", SecurityGroupEgress=[{"DestinationSecurityGroupId": of("Group")}])).says(
            GROUP
        ),
        lambda: groups(Apart=resource("EC2::SecurityGroupIngress", GroupId=of("Other"), SourceSecurityGroupId=of("Group"))).says(
            GROUP
        ),
        lambda: groups(Apart=resource("EC2::SecurityGroupEgress", GroupId=of("Other"), DestinationSecurityGroupId=of("Group"))).says(
            GROUP
        ),
    ],
)
def test_a_group_that_nobody_knows_or_that_rules_name_has_none(untold):
    assert untold() == ""
