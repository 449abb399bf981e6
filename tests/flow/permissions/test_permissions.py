"""Whether each hop of a template is permitted, who decides it, and what is said of it."""

import copy

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.permissions import hops, permission, permissions

from ..findings.sound import KEY, SOUND, policy_of, role, statement

OTHER_STACKS = {"Fn::ImportValue": "another-stack"}


def changed(change):
    """The sound template, changed, as a flow."""
    template = copy.deepcopy(SOUND)
    change(template["Resources"])
    return Flow.from_template(template)


def hop(flow, by, *, dead=False):
    """The only such hop of the resource."""
    [found] = [each for each in hops(flow) if each.by.logical_id == by and each.dead == dead]
    return found


def document(resources, logical_id):
    """The statements of a policy of the sound template."""
    properties = resources[logical_id]["Properties"]
    return (properties.get("PolicyDocument") or properties.get("KeyPolicy") or properties["Policies"][0]["PolicyDocument"])[
        "Statement"
    ]


def key_alias(target):
    """A queue encrypted by a key's alias."""

    def change(resources):
        resources["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/orders", "TargetKeyId": target}}
        resources["Queue"]["Properties"]["KmsMasterKeyId"] = "alias/orders"

    return change


def key_of_the_queue(name):
    return lambda resources: resources["Queue"]["Properties"].update(KmsMasterKeyId=name)


def without_key_statements(logical_id):
    """A policy that says nothing of keys."""
    return lambda resources: document(resources, logical_id).pop()


def role_of(**properties):
    """The function's role with other properties."""
    return lambda resources: resources["Role"]["Properties"].update(properties)


def managed(arn):
    """The function's role with this policy only."""

    def change(resources):
        resources["Queue"]["Properties"].pop("KmsMasterKeyId")
        resources["Role"]["Properties"].update(Policies=[], ManagedPolicyArns=[arn])

    return change


def managed_here(resources):
    may_read = {"Statement": [statement("sqs:*")]}
    resources["Policy"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": may_read}}
    managed({"Ref": "Policy"})(resources)


def key_for_the_role_itself(resources):
    without_key_statements("Role")(resources)
    document(resources, "Key").append(statement("kms:*", Principal={"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}))


def key_without_the_account(resources):
    document(resources, "Key").pop(0)


def trusted_by_another(resources):
    resources["Role"] = {**role("ec2.amazonaws.com"), "Properties": {**role("ec2.amazonaws.com")["Properties"]}}


def without(*ids):
    return lambda resources: [resources.pop(id) for id in ids]


AWS = "arn:aws:iam::aws:policy/"


@pytest.mark.parametrize(
    ("by", "change", "verdict", "said"),
    [
        ("Rule", without(), "allowed", "statement 1 of the policy of Topic lets events.amazonaws.com sns:Publish"),
        (
            "Rule",
            without("TopicPolicy"),
            "denied",
            "Topic has no policy that lets events.amazonaws.com sns:Publish from the rule Rule",
        ),
        ("Rule", lambda r: document(r, "Key").pop(), "denied", "no statement of the policy of the key Key lets events.amazonaws.com"),
        ("Subscription", without("QueuePolicy"), "denied", "Queue has no policy that lets sns.amazonaws.com sqs:SendMessage"),
        ("Subscription", key_of_the_queue(None), "allowed", "policy of Queue"),
        ("Subscription", key_of_the_queue("alias/aws/sqs"), "denied", "alias/aws/sqs, a key of AWS"),
        ("Subscription", key_of_the_queue("arn:aws:kms:us-east-1:123456789012:alias/aws/sqs"), "denied", "a key of AWS"),
        ("Subscription", key_of_the_queue({"Ref": "Key"}), "allowed", ""),
        ("Subscription", key_of_the_queue(OTHER_STACKS), "unknown", "Queue is encrypted"),
        ("Subscription", key_of_the_queue("1234abcd"), "unknown", "the key 1234abcd is outside the template"),
        ("Subscription", key_alias(KEY), "allowed", ""),
        ("Subscription", key_alias({"Ref": "Key"}), "allowed", ""),
        ("Subscription", key_alias(OTHER_STACKS), "unknown", "Queue is encrypted"),
        ("Subscription", lambda r: r["QueuePolicy"]["Properties"].update(Queues=[OTHER_STACKS]), "unknown", "perhaps lets"),
        ("Subscription", lambda r: r["QueuePolicy"]["Properties"].update(PolicyDocument=OTHER_STACKS), "unknown", ""),
        (
            "Subscription",
            lambda r: r["Subscription"]["Properties"].update(Endpoint="arn:aws:sqs:us-east-1:1:q"),
            "unknown",
            "outside",
        ),
        ("Subscription", lambda r: r["Subscription"]["Properties"].update(Protocol="email", Endpoint="a@b"), "allowed", "email"),
        ("Mapping", without(), "allowed", "the trust policy of the role Role lets lambda.amazonaws.com assume it"),
        ("Mapping", role_of(Policies=[]), "denied", "no statement of the role Role lets it sqs:ReceiveMessage on Queue"),
        ("Mapping", role_of(PermissionsBoundary="arn:aws:iam::1:policy/x"), "unknown", "permissions boundary"),
        ("Mapping", trusted_by_another, "denied", "no statement of the trust policy of the role Role lets lambda.amazonaws.com"),
        ("Mapping", lambda r: r["Function"]["Properties"].update(Role=OTHER_STACKS), "unknown", "outside the template"),
        ("Mapping", without("Role"), "unknown", ""),
        ("Mapping", managed(f"{AWS}service-role/AWSLambdaSQSQueueExecutionRole"), "allowed", ""),
        ("Mapping", managed(f"{AWS}AmazonSQSFullAccess"), "allowed", ""),
        ("Mapping", managed(f"{AWS}service-role/AWSLambdaBasicExecutionRole"), "denied", "sqs:ReceiveMessage"),
        ("Mapping", managed(f"{AWS}AmazonMQFullAccess"), "unknown", "AmazonMQFullAccess is outside the template"),
        ("Mapping", managed(OTHER_STACKS), "unknown", ""),
        ("Mapping", managed_here, "allowed", ""),
        ("Mapping", without_key_statements("Role"), "denied", "no statement of the role Role lets it kms:Decrypt with the key Key"),
        ("Mapping", key_for_the_role_itself, "allowed", ""),
        ("Mapping", key_without_the_account, "denied", "no statement of the policy of the key Key lets the role Role kms:Decrypt"),
        ("Mapping", key_of_the_queue("alias/aws/sqs"), "allowed", ""),
        ("Mapping", key_of_the_queue(OTHER_STACKS), "unknown", "Queue is encrypted"),
    ],
)
def test_a_hop_is_permitted_by_all_that_it_needs(by, change, verdict, said):
    flow = changed(change)
    decided = permission(flow, hop(flow, by))
    assert (decided.verdict, said in decided.reason) == (verdict, True), str(decided)


@pytest.mark.parametrize(
    ("by", "change", "verdict"),
    [
        ("Rule", without(), "allowed"),
        ("Rule", without("DeadPolicy"), "denied"),
        ("Rule", lambda r: r.update(DeadPolicy=policy_of("Dead", services=["sns.amazonaws.com"])), "denied"),
        ("Subscription", without(), "allowed"),
        ("Subscription", lambda r: r.update(DeadPolicy=policy_of("Dead", services=["events.amazonaws.com"])), "denied"),
        ("Function", without("DeadPolicy"), "allowed"),
        ("Function", role_of(Policies=[]), "denied"),
        ("Function", lambda r: r["Function"]["Properties"].update(DeadLetterConfig={"TargetArn": OTHER_STACKS}), "unknown"),
    ],
)
def test_dead_letters_are_sent_as_whoever_sends_them_may(by, change, verdict):
    flow = changed(change)
    assert permission(flow, hop(flow, by, dead=True)).verdict == verdict


def target(resources, arn, **more):
    """The rule's only target."""
    resources["Rule"]["Properties"]["Targets"] = [{"Id": "T", "Arn": arn, **more}]


LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/orders"


@pytest.mark.parametrize(
    ("resource", "verdict"),
    [
        (f"{LOG_GROUP}:*", "allowed"),
        (f"{LOG_GROUP}:log-stream:*", "allowed"),
        ("*", "allowed"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/others:*", "unknown"),
    ],
)
@pytest.mark.parametrize("arn", [LOG_GROUP, f"{LOG_GROUP}:*"])
def test_log_groups_have_the_policies_of_their_account_which_may_be_elsewhere(arn, resource, verdict):
    services = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
    may_write = statement(["logs:CreateLogStream", "logs:PutLogEvents"], resource, Principal=services)

    def change(resources):
        properties = {"PolicyName": "events", "PolicyDocument": {"Statement": [may_write]}}
        resources["LogPolicy"] = {"Type": "AWS::Logs::ResourcePolicy", "Properties": properties}
        target(resources, arn)

    flow = changed(change)
    assert permission(flow, hop(flow, "Rule")).verdict == verdict


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [(["events:PutEvents"], "allowed"), (["events:*"], "allowed"), (["events:PutRule"], "denied"), ([], "denied")],
)
def test_another_bus_is_reached_by_the_role_of_the_target(allowed, verdict):
    def change(resources):
        resources["Other"] = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "others"}}
        resources["RuleRole"] = role("events.amazonaws.com", *(statement(each) for each in allowed))
        target(resources, {"Fn::GetAtt": ["Other", "Arn"]}, RoleArn={"Fn::GetAtt": ["RuleRole", "Arn"]})

    flow = changed(change)
    assert permission(flow, hop(flow, "Rule")).verdict == verdict


def test_a_bus_without_a_role_and_a_service_that_is_not_followed_are_unknown():
    for arn in ({"Fn::GetAtt": ["Bus", "Arn"]}, "arn:aws:redshift:us-east-1:123456789012:cluster:orders", OTHER_STACKS):
        flow = changed(lambda resources, arn=arn: target(resources, arn))
        assert permission(flow, hop(flow, "Rule")).verdict == "unknown"


def test_each_thing_that_a_hop_needs_is_said_with_its_statement():
    flow = changed(without())
    policy, key = permissions(flow, hop(flow, "Subscription"))
    assert (policy.by, key.by) == ("resource policy", "key")
    assert policy.statement["Action"] == "sqs:SendMessage"
    assert key.statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


EVENT = {"source": "shop", "detail-type": "OrderSubmitted", "detail": {"region": "eu"}}


def test_what_is_denied_is_not_reached_and_says_so():
    sent = changed(without("QueuePolicy")).send("orders", EVENT)
    assert sent.reaches("Topic")
    assert not sent.reaches("Function")
    reason = "denied: Queue has no policy that lets sns.amazonaws.com sqs:SendMessage from the topic Topic"
    assert sent.why_not("Function") == reason
    assert reason in sent.explain()


def test_a_denied_hop_behind_a_filter_says_both():
    sent = changed(without("QueuePolicy")).send("orders", {**EVENT, "detail": {"region": "us"}})
    assert sent.why_not("Queue").splitlines() == [
        'detail.region is "us", the filter of Topic → Queue wants "eu"',
        "denied: Queue has no policy that lets sns.amazonaws.com sqs:SendMessage from the topic Topic",
    ]


def test_what_is_unknown_is_reached_and_says_so():
    sent = changed(key_of_the_queue(OTHER_STACKS)).send("orders", EVENT)
    assert sent.reaches("Function")
    assert "Queue (if it is permitted: Queue is encrypted, and export another-stack is of a stack that is not here)" in sent.explain()


def test_all_hops_of_the_reference_app_are_allowed(flow):
    found = [permission(flow, each) for each in hops(flow)]
    assert [str(each) for each in found if each.verdict != "allowed"] == []
    assert len(found) > 10
