"""What is known of a request besides who asks: the keys of conditions, of services and of roles."""

import pytest

from cdk_event_flow.flow.permissions import permissions

from ..findings.cases import permissions as cases
from ..findings.sound import KEY, statement
from .test_permissions import changed, hop

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:Stack-Topic"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Stack-Role"


def equals(key, value):
    return {"StringEquals": {key: value}}


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"ArnEquals": {"aws:SourceArn": TOPIC}}, "allowed"),
        ({"ArnEquals": {"aws:SourceArn": f"{TOPIC}-2"}}, "denied"),
        (equals("aws:SourceAccount", ACCOUNT), "allowed"),
        (equals("aws:SourceAccount", "999999999999"), "denied"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "allowed"),
        ({"Bool": {"aws:SecureTransport": "false"}}, "denied"),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, "allowed"),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, "denied"),
        (equals("aws:PrincipalServiceName", "sns.amazonaws.com"), "allowed"),
        (equals("aws:PrincipalServiceName", "events.amazonaws.com"), "denied"),
        (equals("aws:PrincipalArn", ROLE), "denied"),
        (equals("aws:PrincipalAccount", ACCOUNT), "denied"),
        (equals("aws:SourceVpc", "vpc-1"), "denied"),
        (equals("aws:SourceVpce", "vpce-1"), "denied"),
        (equals("aws:SourceOwner", ACCOUNT), "unknown"),
        (equals("aws:PrincipalOrgID", "o-1"), "unknown"),
    ],
)
def test_what_a_service_tells_of_itself(condition, verdict):
    def change(resources):
        [statement] = resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
        statement["Condition"] = condition

    flow = changed(change)
    assert permissions(flow, hop(flow, "Subscription"))[0].verdict == verdict


@pytest.mark.parametrize(
    ("topic", "account", "verdict"),
    [
        ("arn:aws:sns:us-east-1:999999999999:t", "999999999999", "allowed"),
        ("arn:aws:sns:us-east-1:999999999999:t", ACCOUNT, "denied"),
        ({"Fn::ImportValue": "x"}, ACCOUNT, "allowed"),
    ],
)
def test_the_account_is_that_of_the_topic_and_the_receivers_where_nobody_knows(topic, account, verdict):
    def change(resources):
        resources["Subscription"]["Properties"]["TopicArn"] = topic
        [statement] = resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
        statement["Condition"] = equals("aws:SourceAccount", account)

    flow = changed(change)
    assert permissions(flow, hop(flow, "Subscription"))[0].verdict == verdict


@pytest.mark.parametrize(
    ("more", "verdict"), [({}, "allowed"), ({"FunctionUrlAuthType": "NONE"}, "denied"), ({"InvokedViaFunctionUrl": True}, "denied")]
)
def test_a_service_comes_over_no_url(more, verdict):
    def change(resources):
        cases.alarmed_function(resources, "lambda.alarms.cloudwatch.amazonaws.com")
        resources["Permits"]["Properties"] |= more

    flow = changed(change)
    assert permissions(flow, hop(flow, "DeadAlarm"))[0].verdict == verdict


@pytest.mark.parametrize(("owner", "verdict"), [(ACCOUNT, "allowed"), ("999999999999", "denied")])
def test_an_alarm_tells_the_owner_of_the_topic(owner, verdict):
    flow = changed(lambda r: cases.alarmed(r, "OnCall", Principal={"AWS": "*"}, Condition=equals("AWS:SourceOwner", owner)))
    assert permissions(flow, hop(flow, "DeadAlarm"))[0].verdict == verdict


def test_a_topic_without_a_policy_lets_alarms_in_and_no_rules():
    def change(resources):
        del resources["TopicPolicy"]
        resources["DeadAlarm"]["Properties"]["AlarmActions"] = [{"Ref": "Topic"}]

    flow = changed(change)
    said = [permissions(flow, hop(flow, name))[0] for name in ("DeadAlarm", "Rule")]
    assert [each.verdict for each in said] == ["allowed", "denied"]
    assert said[0].reason == ("statement 1 of the policy of Topic lets cloudwatch.amazonaws.com sns:Publish from the alarm DeadAlarm")


def test_whether_a_topic_of_elsewhere_lets_alarms_in_is_unknown():
    flow = changed(lambda r: r["DeadAlarm"]["Properties"].update(AlarmActions=[f"{TOPIC}-2"]))
    [decided] = permissions(flow, hop(flow, "DeadAlarm"))
    assert (decided.verdict, decided.reason) == ("unknown", f"the policy of {TOPIC}-2 is outside the template")


@pytest.mark.parametrize(("account", "verdict"), [(ACCOUNT, "allowed"), ("999999999999", "denied")])
def test_a_bucket_is_taken_to_be_of_the_receivers_account(account, verdict):
    def change(resources):
        cases.notifying(resources, "s3.amazonaws.com")
        [statement] = resources["UploadsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        statement["Condition"] = equals("aws:SourceAccount", account)

    flow = changed(change)
    assert permissions(flow, hop(flow, "Bucket"))[0].verdict == verdict


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, "allowed"),
        ({"Bool": {"aws:SecureTransport": "false"}}, "denied"),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, "allowed"),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, "denied"),
        ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, "allowed"),
        ({"ArnEquals": {"aws:PrincipalArn": f"{ROLE}-2"}}, "denied"),
        (equals("aws:PrincipalAccount", ACCOUNT), "allowed"),
        (equals("aws:PrincipalAccount", "999999999999"), "denied"),
        (equals("aws:PrincipalType", "AssumedRole"), "allowed"),
        (equals("aws:PrincipalType", "User"), "denied"),
        ({"ArnEquals": {"aws:SourceArn": ROLE}}, "denied"),
        (equals("aws:SourceAccount", ACCOUNT), "denied"),
        (equals("kms:ViaService", "sqs.us-east-1.amazonaws.com"), "denied"),
        ({"Null": {"kms:ViaService": "true"}}, "allowed"),
        (equals("aws:SourceVpce", "vpce-1"), "unknown"),
    ],
)
def test_what_is_known_of_a_role(condition, verdict):
    def change(resources):
        resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Condition"] = condition

    flow = changed(change)
    decided = permissions(flow, hop(flow, "Mapping"))[1]
    assert (decided.verdict, decided.by) == (verdict, "role")


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (equals("kms:ViaService", "sqs.us-east-1.amazonaws.com"), "allowed"),
        (equals("kms:ViaService", "sns.us-east-1.amazonaws.com"), "denied"),
        (equals("kms:CallerAccount", ACCOUNT), "allowed"),
        (equals("kms:CallerAccount", "999999999999"), "denied"),
    ],
)
def test_what_is_known_of_a_role_that_uses_a_key(condition, verdict):
    def change(resources):
        resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][-1]["Condition"] = condition

    flow = changed(change)
    assert permissions(flow, hop(flow, "Mapping"))[-1].verdict == verdict


@pytest.mark.parametrize(("through", "verdict"), [("events", "allowed"), ("sns", "denied")])
@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_the_key_of_a_topic_lets_the_service_in_for_both_actions(action, through, verdict):
    def change(resources):
        other = {"kms:Decrypt": "kms:GenerateDataKey", "kms:GenerateDataKey": "kms:Decrypt"}[action]
        resources["Key"]["Properties"]["KeyPolicy"]["Statement"][1:] = [
            statement(action, Principal={"Service": f"{through}.amazonaws.com"}),
            statement(other, Principal={"Service": "events.amazonaws.com"}),
        ]

    flow = changed(change)
    key = permissions(flow, hop(flow, "Rule"))[1]
    assert (key.verdict, key.by) == (verdict, "key")
    said = f"events.amazonaws.com {action if verdict == 'denied' else 'kms:Decrypt'} from the rule Rule"
    assert key.reason.endswith(f"of the policy of the key Key lets {said}")


@pytest.mark.parametrize(("account", "verdict"), [(ACCOUNT, "allowed"), ("999999999999", "denied")])
def test_a_service_tells_the_key_of_itself_too(account, verdict):
    def change(resources):
        resources["Key"]["Properties"]["KeyPolicy"]["Statement"][1]["Condition"] = equals("aws:SourceAccount", account)

    flow = changed(change)
    assert permissions(flow, hop(flow, "Rule"))[1].verdict == verdict


@pytest.mark.parametrize("by", ["Subscription", "Mapping"])
def test_a_key_of_elsewhere_is_unknown(by):
    flow = changed(lambda r: r["Queue"]["Properties"].update(KmsMasterKeyId="1234abcd"))
    key = permissions(flow, hop(flow, by))[-1]
    assert (key.verdict, key.by, key.reason) == (
        "unknown", "key", "Queue is encrypted, and the key 1234abcd is outside the template",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of_role", "on_key", "verdict", "said"),
    [
        ("Allow", "account", "allowed", "statement 3 of the role Role lets it kms:Decrypt with the key Key"),
        (None, "account", "denied", "no statement of the role Role lets it kms:Decrypt with the key Key"),
        (None, "role", "allowed", "statement 1 of the policy of the key Key lets the role Role kms:Decrypt"),
        ("Deny", "role", "denied", "statement 3 of the role Role forbids it kms:Decrypt with the key Key"),
        ("Allow", "nobody", "denied", "no statement of the policy of the key Key lets the role Role kms:Decrypt"),
        ("Allow", "denied", "denied", "statement 1 of the policy of the key Key forbids the role Role kms:Decrypt"),
        (None, "denied", "denied", "statement 1 of the policy of the key Key forbids the role Role kms:Decrypt"),
    ],
)
def test_a_key_lets_in_a_role_itself_or_its_account_and_then_the_role_must_let_too(of_role, on_key, verdict, said):
    who = {
        "account": [statement("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
        "role": [statement("kms:*", Principal={"AWS": cases.at("Role")})],
        "nobody": [statement("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/another"})],
        "denied": [statement("kms:*", effect="Deny", Principal={"AWS": cases.at("Role")}),
                   statement("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
    }  # fmt: skip

    def change(resources):
        statements = resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements[-1:] = [statement("kms:Decrypt", KEY, of_role)] if of_role else []
        resources["Key"]["Properties"]["KeyPolicy"]["Statement"] = who[on_key]

    flow = changed(change)
    key = permissions(flow, hop(flow, "Mapping"))[-1]
    assert (key.verdict, key.by, key.reason) == (verdict, "key", said)


def test_a_bounded_role_is_unknown_in_all_that_it_is_let():
    def change(resources):
        resources["Role"]["Properties"]["PermissionsBoundary"] = "arn:aws:iam::aws:policy/AdministratorAccess"
        resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].pop()

    flow = changed(change)
    found = permissions(flow, hop(flow, "Mapping"))
    assert [each.verdict for each in found] == ["unknown", "unknown", "denied"]
    assert found[0].reason == "the role Role has a permissions boundary, which is not followed"


def test_the_policy_of_a_resource_lets_a_role_in_or_forbids_it():
    def change(resources, effect):
        resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].pop(0)
        reads = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"] = [
            statement(reads, effect=effect, Principal={"AWS": cases.at("Role")})
        ]

    said = {}
    for effect in ("Allow", "Deny"):
        flow = changed(lambda r, effect=effect: change(r, effect))
        decided = permissions(flow, hop(flow, "Mapping"))[1]
        assert decided.by == "role"
        said[decided.verdict] = decided.reason
    assert said == {
        "allowed": "statement 1 of the policy of Queue lets the role Role sqs:ReceiveMessage",
        "denied": "statement 1 of the policy of Queue forbids the role Role sqs:ReceiveMessage",
    }
