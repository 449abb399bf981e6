"""Who may do what to what, read from templates."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.access import EVERYBODY, access

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}


def flow_of(*, of_role=(), on_queue=(), **more):
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [{"PolicyName": "own", "PolicyDocument": {"Statement": list(of_role)}}],
            },
        },
        "Billing": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {}}},
        "OnQueue": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": list(on_queue)}},
        },
        **more,
    }
    return Flow.from_template({"Resources": resources})


def by(found, policy):
    (one,) = [each for each in found if each.by.startswith(policy)]
    return one


def test_a_role_is_told_by_who_uses_it():
    found = access(flow_of(of_role=[{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": QUEUE}]))
    own = by(found, "the role Role")
    assert (own.who, own.effect, own.actions, own.on, own.wide) == (("Billing",), "Allow", ("sqs:SendMessage",), ("Queue",), ())
    trust = by(found, "the trust policy of the role Role")
    assert (trust.who, trust.actions, trust.on) == (("lambda.amazonaws.com",), ("sts:AssumeRole",), ("the role Role",))


def test_rules_and_schedules_are_users_of_the_roles_they_deliver_by():
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    target = {"Arn": QUEUE, "RoleArn": role}
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 day)", "Target": target}}
    found = access(flow_of(of_role=[{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}], Nightly=schedule))
    assert by(found, "the role Role").who == ("Billing", "Nightly")


@pytest.mark.parametrize(
    ("principal", "who"),
    [
        ("*", EVERYBODY),
        ({"AWS": "*"}, EVERYBODY),
        ({"Service": "sns.amazonaws.com"}, "sns.amazonaws.com"),
        ({"AWS": "arn:aws:iam::444455556666:root"}, "the account 444455556666"),
        ({"AWS": "444455556666"}, "the account 444455556666"),
        ({"AWS": "arn:aws:iam::444455556666:role/reader"}, "arn:aws:iam::444455556666:role/reader"),
    ],
)
def test_principals_are_told_in_words(principal, who):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").who == (who,)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}}, "aws:SourceArn is Topic"),
        ({"Bool": {"aws:SecureTransport": False}}, "aws:SecureTransport is false"),
        ({"StringNotEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}, "aws:PrincipalOrgID is not o-1 or o-2"),
        ({"StringLikeIfExists": {"aws:SourceVpce": "vpce-*"}}, "aws:SourceVpce is like vpce-* or is not there"),
        ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "a"}}, "kms:EncryptionContextKeys is a"),
        ({"Null": {"aws:SourceVpce": "true"}}, "aws:SourceVpce is not there"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "aws:SourceIp IpAddress 10.0.0.0/8"),
    ],
)
def test_conditions_are_told_in_words(condition, said):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, "Condition": condition}
    found = by(access(flow_of(on_queue=[statement])), "the policy of Queue")
    assert found.conditions == (said,)
    assert found.wide == ()


@pytest.mark.parametrize(
    ("statement", "wide"),
    [
        ({"Action": "sqs:SendMessage", "Resource": "*"}, ("any resource",)),
        ({"Action": "sqs:*", "Resource": QUEUE}, ("sqs:* is more than one action",)),
        ({"NotAction": "iam:*", "Resource": QUEUE}, ("NotAction allows all that is not named",)),
        ({"Action": ["xray:PutTraceSegments", "ec2:CreateNetworkInterface"], "Resource": "*"}, ()),
        ({"Action": ["xray:PutTraceSegments", "s3:GetObject"], "Resource": "*"}, ("any resource",)),
        ({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}, ()),
    ],
)
def test_what_a_name_could_replace_is_wide(statement, wide):
    assert by(access(flow_of(of_role=[{"Effect": "Allow", **statement}])), "the role Role").wide == wide


def test_everybody_is_wide_unless_there_is_a_condition():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").wide == ("everybody is let in",)


def test_what_is_unknown_is_said_to_be():
    managed = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}
    found = by(access(flow_of(Other=managed)), "the role Other")
    assert found.actions == ("unknown (the managed policy ReadOnlyAccess is outside the template)",)


def test_in_the_reference_app_nothing_is_wide(flow):
    found = access(flow)
    assert {"Billing", "Packing", "HumanDispatch", "Reconcile"} <= {name for each in found for name in each.who}
    assert [each for each in found if each.wide] == []
