"""Which statements are for a role, a resource, a key: also by policies of which it is not known what they are for."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Queue, Role, Unknown
from cdk_event_flow.flow.permissions.language import Request, decide

from ..findings.cases.making import resource
from ..findings.sound import role, statement

NOBODY_KNOWS = {"Fn::ImportValue": "x"}
WHY = "export x is of a stack that is not here"
SEND = statement("sqs:SendMessage")
REFUSE = statement("sqs:SendMessage", effect="Deny")


def flow_of(*of_role, **more):
    return Flow.from_template(
        {"Resources": {"Queue": resource("SQS::Queue"), "Role": role("lambda.amazonaws.com", *of_role), **more}}
    )


def attached(*statements, to):
    return resource("IAM::Policy", PolicyName="p", PolicyDocument={"Statement": list(statements)}, Roles=to)


def may(flow):
    """What the role may do on the queue, by its own policies and by those on the queue."""
    asked = Request(principal=flow.of(Role)[0].arn, action="sqs:SendMessage", resource=flow.of(Queue)[0].arn)
    return decide(asked, [*flow.policies.of_role(asked.principal), *flow.policies.on(asked.resource)])


OURS, NOBODYS = [{"Ref": "Role"}], [NOBODY_KNOWS]


@pytest.mark.parametrize(
    ("own", "more", "verdict", "why"),
    [
        ([], {}, "denied", ""),
        ([SEND], {}, "allowed", ""),
        ([], {"Policy": attached(SEND, to=OURS)}, "allowed", ""),
        ([], {"Policy": attached(SEND, to=["another"])}, "denied", ""),
        ([SEND], {"Policy": attached(REFUSE, to=OURS)}, "denied", ""),
        ([SEND], {"Policy": attached(REFUSE, to=["another"])}, "allowed", ""),
        ([], {"Policy": attached(SEND, to=NOBODYS)}, "unknown", WHY),
        ([SEND], {"Policy": attached(REFUSE, to=NOBODYS)}, "unknown", WHY),
        ([SEND], {"Policy": attached(NOBODY_KNOWS, to=NOBODYS)}, "allowed", ""),
        ([], {"Policy": attached(NOBODY_KNOWS, to=NOBODYS)}, "unknown", WHY),
        ([], {"Policy": attached(statement("sqs:ReceiveMessage"), to=NOBODYS)}, "denied", ""),
    ],
)
def test_a_role_may_do_what_its_policies_say_and_perhaps_those_of_which_nobody_knows_whose_they_are(own, more, verdict, why):
    decided = may(flow_of(*own, **more))
    assert (decided.verdict, decided.why) == (verdict, why)


@pytest.mark.parametrize(
    ("queues", "effect", "verdict"),
    [([{"Ref": "Queue"}], "Allow", "allowed"), (NOBODYS, "Allow", "unknown"), (["https://sqs/another"], "Allow", "denied")],
)
def test_a_policy_on_what_nobody_knows_is_perhaps_on_this(queues, effect, verdict):
    lets = {**statement("sqs:SendMessage", effect=effect), "Principal": "*"}
    policy = resource("SQS::QueuePolicy", Queues=queues, PolicyDocument={"Statement": [lets]})
    assert may(flow_of(Policy=policy)).verdict == verdict


def test_a_role_of_elsewhere_has_no_statements():
    assert flow_of().policies.of_role("arn:aws:iam::123456789012:role/elsewhere") == []


AWS = "arn:aws:iam::aws:policy/"
OF_OURS = "arn:aws:iam::123456789012:policy/own"


@pytest.mark.parametrize(
    ("arn", "body", "label"),
    [
        (f"{AWS}AmazonSQSFullAccess", {"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}, "AmazonSQSFullAccess"),
        (f"{AWS}ReadOnlyAccess", Unknown("the managed policy ReadOnlyAccess is outside the template"), "ReadOnlyAccess"),
        (OF_OURS, Unknown(f"the managed policy {OF_OURS} is outside the template"), OF_OURS),
        (NOBODY_KNOWS, Unknown(WHY), ""),
    ],
)
def test_a_managed_policy_is_told_as_far_as_it_is_known(arn, body, label):
    flow = flow_of(Managed=resource("IAM::Role", ManagedPolicyArns=[arn]))
    [managed] = [each for each in flow.of(Role) if each.logical_id == "Managed"]
    [found] = flow.policies.of_role(managed.arn)
    assert (found.body, found.label) == (body, f"the managed policy {label}")


def test_a_managed_policy_of_the_template_is_read():
    policy = resource("IAM::ManagedPolicy", PolicyDocument={"Statement": [SEND]})
    for taken in ({"Ref": "Policy"}, {"Fn::GetAtt": ["Policy", "PolicyArn"]}):
        made = role("lambda.amazonaws.com")
        made["Properties"]["ManagedPolicyArns"] = [taken]
        assert may(flow_of(Role=made, Policy=policy)).verdict == "allowed"


@pytest.mark.parametrize("named", [{"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}])
def test_an_alias_is_of_its_key(named):
    alias = resource("KMS::Alias", AliasName="alias/orders", TargetKeyId=named)
    flow = flow_of(
        Key=resource("KMS::Key"), Alias=alias, Other=resource("KMS::Alias", AliasName="alias/other", TargetKeyId=NOBODY_KNOWS)
    )
    key = flow.find("Key")
    for name in ("alias/orders", "arn:aws:kms:us-east-1:123456789012:alias/orders", key.arn, key.name):
        assert flow.policies.key(name) is key
    assert flow.policies.key("alias/other") == Unknown(WHY)
    assert flow.policies.key("alias/third") == Unknown("the key alias/third is outside the template")
    assert flow.policies.key(Unknown("why")) == Unknown("why")
    assert flow.policies.key("alias/aws/sqs") == "alias/aws/sqs"
    assert flow.policies.key("arn:aws:kms:us-east-1:123456789012:alias/aws/sns") == "alias/aws/sns"
