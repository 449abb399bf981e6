"""Findings that need hundreds of resources, raised by nodes that were never in a template: just beyond a limit and just at it."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.findings import KINDS
from cdk_event_flow.flow.model import Bus, Function, Other, ResourcePolicy, Rule, Subscription, Target, Template, Topic

BUS = "arn:aws:events:us-east-1:123456789012:event-bus/orders"
TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"
MB = 1_048_576


def identity(name, arn=""):
    return {"logical_id": name, "arn": arn or f"arn:{name}", "name": name, "path": name}


def found(id, *nodes, templates=()):
    """(where, what) of the findings of one kind."""
    flow = Flow({node.arn: node for node in nodes}, templates=templates)
    return [(each.logical_id, each.what) for each in KINDS[id].findings(flow)]


def rules(number, *, bus=BUS, targets=1):
    def rule(name):
        given = tuple(Target(id=f"{each}", arn="arn:target") for each in range(targets))
        return Rule(**identity(name), bus_arn=bus, pattern={"source": ["shop"]}, schedule=None, enabled=True, targets=given)

    return [rule(f"{bus}-{each}") for each in range(number)]


def filters(number, policy, *, topic=TOPIC):
    ends = {"topic_arn": topic, "protocol": "sqs", "endpoint": "arn:queue"}
    return [Subscription(**identity(f"{topic}-{bool(policy)}-{each}"), **ends, filter_policy=policy) for each in range(number)]


def test_a_bus_takes_300_rules():
    bus, other = Bus(**identity("Bus", BUS)), Bus(**identity("Other", f"{BUS}-2"))
    assert found("EF404", bus, *rules(300)) == []
    assert found("EF404", bus, other, *rules(301), *rules(300, bus=other.arn)) == [("Bus", "The bus has 301 rules.")]


def test_a_topic_takes_200_filter_policies_and_more_subscriptions_without():
    topic, other = Topic(**identity("Topic", TOPIC)), Topic(**identity("Other", f"{TOPIC}-2"))
    policy = {"a": ["b"]}
    assert found("EF409", topic, *filters(200, policy), *filters(5, None)) == []
    several = [*filters(201, policy), *filters(200, policy, topic=other.arn)]
    assert found("EF409", topic, other, *several) == [("Topic", "201 subscriptions have filter policies.")]


@pytest.mark.parametrize(("targets", "rules_found"), [(5, 0), (6, 1)])
def test_a_rule_takes_five_targets(targets, rules_found):
    assert [what for _, what in found("EF402", *rules(1, targets=targets))] == ["The rule has 6 targets."] * rules_found


def function(name, **more):
    return Function(**identity(name), runtime="python3.13", handler="index.handler", **more)


def test_the_policy_of_a_function_takes_20_480_bytes():
    one, other = function("One"), function("Other")

    def permitted(of, characters):
        statement = {"Sid": "", "Resource": of.arn}
        statement["Sid"] = "x" * (characters - len('{"Sid":"","Resource":"') - len(of.arn) - len('"}'))
        return ResourcePolicy(**identity(f"Of{of.name}"), resources=(of.arn,), document={"Statement": [statement]})

    assert found("EF411", one, other, permitted(one, 20_481), permitted(other, 20_480)) == [
        ("One", "Its policy has 1 statements of 20,481 bytes.")
    ]


def network(name):
    return Other(**identity(name), type="AWS::EC2::VPC")


def subnet(name, *, of):
    return Other(**identity(name), type="AWS::EC2::Subnet", properties={"VpcId": of, "CidrBlock": "10.0.0.0/16"})


def functions(number, *subnets):
    """Functions in these subnets, each with a security group of its own."""
    return [
        function(f"In{subnets[0]}{each}", in_network=True, subnets=subnets, security_groups=(f"group-{subnets[0]}-{each}",))
        for each in range(number)
    ]


def test_functions_take_250_network_interfaces_of_a_network():
    nodes = [network("One"), network("Other"), subnet("A", of="One"), subnet("B", of="Other"), subnet("C", of="elsewhere")]
    several = [*functions(251, "A"), *functions(250, "B"), *functions(251, "C"), *functions(251, "unseen")]
    assert found("EF805", *nodes, *several) == [("One", "Its functions need 251 network interfaces.")]


SIZES = {"resources": 500, "outputs": 200, "parameters": 200, "size": MB}


def template(**sizes):
    return Template(**identity("Stack"), **{**dict.fromkeys(SIZES, 1), **sizes})


def measured(id, **sizes):
    return [what for _, what in found(id, templates=(template(**sizes),))]


@pytest.mark.parametrize(("what", "limit"), SIZES.items())
def test_a_template_is_too_large_beyond_a_limit_and_nearly_so_from_nine_tenths_on(what, limit):
    called = "bytes" if what == "size" else what
    near = -(-limit * 9 // 10)
    assert measured("EF801", **{what: limit}) == measured("EF802", **{what: limit + 1}) == measured("EF802", **{what: near - 1}) == []
    assert measured("EF801", **{what: limit + 1}) == [f"The template has {limit + 1:,} {called}."]
    for number in (near, limit):
        assert measured("EF802", **{what: number}) == [f"The template has {number:,} of {limit:,} {called}."]
