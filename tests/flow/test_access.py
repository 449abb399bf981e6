"""Who may do what to what, read from templates."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.access import WITHOUT_RESOURCE, Access, access

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
        ("*", "everybody"),
        ({"AWS": "*"}, "everybody"),
        ({"Service": "sns.amazonaws.com"}, "sns.amazonaws.com"),
        ({"AWS": "arn:aws:iam::444455556666:root"}, "the account 444455556666"),
        ({"AWS": "444455556666"}, "the account 444455556666"),
        ({"AWS": "arn:aws:iam::444455556666:role/reader"}, "arn:aws:iam::444455556666:role/reader"),
    ],
)
def test_principals_are_told_in_words(principal, who):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").who == (who,)
    but_it = {"Effect": "Deny", "NotPrincipal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert by(access(flow_of(on_queue=[but_it])), "the policy of Queue").who == (f"all but {who}",)


def test_a_statement_without_a_principal_is_for_nobody():
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").who == ()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ({"Effect": "Deny", "Action": "sqs:*", "Resource": QUEUE}, ("Deny", ("sqs:*",), ("Queue",))),
        ({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"]}, ("Allow", ("all but iam:*", "all but sts:*"), ())),
        ({"Effect": "Allow", "Action": "sqs:*", "NotResource": QUEUE}, ("Allow", ("sqs:*",), ("all but Queue",))),
        ({"Action": "sqs:*", "Resource": "*"}, ("Allow", ("sqs:*",), ("*",))),
    ],
)
def test_effect_actions_and_resources_are_told_as_they_stand(statement, told):
    found = by(access(flow_of(of_role=[statement])), "the role Role")
    assert (found.effect, found.actions, found.on) == told


@pytest.mark.parametrize("resource", ["*", ["*"], None])
def test_what_a_policy_says_of_all_is_of_what_it_stands_on(resource):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", **({"Resource": resource} if resource else {})}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").on == ("Queue",)
    statement["Resource"] = {"Fn::Sub": "${Queue.Arn}/part"}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").on == ("Queue/part",)


OF_BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "uploads"}}
OF_LOGS = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "own"}}
OF_TABLE = {"Type": "AWS::DynamoDB::Table"}
OF_STREAM = {"Type": "AWS::Kinesis::Stream"}
OF_CONSUMER = {"Type": "AWS::Kinesis::StreamConsumer", "Properties": {"StreamARN": {"Fn::GetAtt": ["Clicks", "Arn"]}}}


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("arn:aws:s3:::uploads", "Uploads"),
        ("arn:aws:s3:::uploads/*", "Uploads/*"),
        ("arn:aws:s3:::uploads/in/*", "Uploads/in/*"),
        ("arn:aws:s3:::other/*", "arn:aws:s3:::other/*"),
        ({"Fn::Sub": "${Orders.Arn}/stream/*"}, "Orders/stream/*"),
        ({"Fn::Sub": "${Queue.Arn}/a/b"}, "Queue/a/b"),
        ({"Fn::Sub": "${Billing.Arn}:live"}, "Billing:live"),
        ({"Fn::GetAtt": ["Own", "Arn"]}, "Own"),
        ({"Ref": "Reader"}, "Reader"),
        ({"Fn::Sub": "${Own.Arn}:stream"}, "Own:stream"),
        ("arn:aws:sqs:us-east-1:123456789012:a/b:c", "arn:aws:sqs:us-east-1:123456789012:a/b:c"),
    ],
)
def test_a_part_of_something_is_told_by_its_name_and_what_follows(arn, told):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": arn}
    found = access(
        flow_of(of_role=[statement], Uploads=OF_BUCKET, Own=OF_LOGS, Orders=OF_TABLE, Clicks=OF_STREAM, Reader=OF_CONSUMER)
    )
    assert by(found, "the role Role").on == (told,)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}}, "aws:SourceArn is Topic"),
        ({"Bool": {"aws:SecureTransport": False}}, "aws:SecureTransport is false"),
        ({"StringNotEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}, "aws:PrincipalOrgID is not o-1 or o-2"),
        ({"StringLikeIfExists": {"aws:SourceVpce": "vpce-*"}}, "aws:SourceVpce is like vpce-* or is not there"),
        ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "a"}}, "kms:EncryptionContextKeys is a"),
        ({"Null": {"aws:SourceVpce": "true"}}, "aws:SourceVpce is not there"),
        ({"Null": {"aws:SourceVpce": False}}, "aws:SourceVpce is there"),
        ({"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "A"}}, "aws:PrincipalTag/team is A"),
        ({"NumericEquals": {"s3:max-keys": 10}}, "s3:max-keys is 10"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*"}}, "aws:SourceArn is like arn:aws:sns:*"),
        ({"ArnNotEquals": {"aws:SourceArn": {"Ref": "Topic"}}}, "aws:SourceArn is not Topic"),
        ({"StringNotLike": {"aws:PrincipalArn": "*admin"}}, "aws:PrincipalArn is not like *admin"),
        ({"ArnNotLike": {"aws:PrincipalArn": "*admin"}}, "aws:PrincipalArn is not like *admin"),
        ({"Fn::ImportValue": "x"}, "unknown (export x is of a stack that is not here)"),
        ({"Bool": {"Fn::ImportValue": "x"}}, "Bool unknown (export x is of a stack that is not here)"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "aws:SourceIp IpAddress 10.0.0.0/8"),
    ],
)
def test_conditions_are_told_in_words(condition, said):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, "Condition": condition}
    found = by(access(flow_of(on_queue=[statement])), "the policy of Queue")
    assert found.conditions == (said,)
    assert found.wide == ()


def test_every_condition_is_told_also_after_one_that_nobody_knows():
    condition = {"Bool": {"Fn::ImportValue": "x"}, "StringEquals": {"aws:SourceAccount": "1", "aws:PrincipalOrgID": "o-1"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, "Condition": condition}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").conditions == (
        f"Bool {WHY}", "aws:SourceAccount is 1", "aws:PrincipalOrgID is o-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "wide"),
    [
        ({"Action": "sqs:SendMessage", "Resource": "*"}, ("any resource",)),
        ({"Action": "sqs:*", "Resource": QUEUE}, ("sqs:* is more than one action",)),
        ({"NotAction": "iam:*", "Resource": QUEUE}, ("NotAction allows all that is not named",)),
        ({"Action": ["xray:PutTraceSegments", "ec2:CreateNetworkInterface"], "Resource": "*"}, ()),
        ({"Action": ["xray:PutTraceSegments", "s3:GetObject"], "Resource": "*"}, ("any resource",)),
        ({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}, ()),
        ({"Action": "sqs:SendMessage", "NotResource": QUEUE}, ("NotResource allows all that is not named",)),
        ({"Action": sorted(WITHOUT_RESOURCE), "Resource": "*"}, ()),
        # What managed policies and CDK let functions and tasks do, that knows no resource: in a network, traced, of images.
        (
            {
                "Action": [
                    f"ec2:{each}"
                    for each in (
                        "AssignPrivateIpAddresses",
                        "CreateNetworkInterface",
                        "DeleteNetworkInterface",
                        "DescribeNetworkInterfaces",
                        "DescribeSecurityGroups",
                        "DescribeSubnets",
                        "DescribeVpcs",
                        "UnassignPrivateIpAddresses",
                    )
                ],
                "Resource": "*",
            },
            (),
        ),
        (
            {
                "Action": [
                    f"xray:{each}"
                    for each in (
                        "GetSamplingRules",
                        "GetSamplingStatisticSummaries",
                        "GetSamplingTargets",
                        "PutTelemetryRecords",
                        "PutTraceSegments",
                    )
                ],
                "Resource": "*",
            },
            (),
        ),
        ({"Action": ["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"], "Resource": "*"}, ()),
    ],
)
def test_what_a_name_could_replace_is_wide(statement, wide):
    assert by(access(flow_of(of_role=[{"Effect": "Allow", **statement}])), "the role Role").wide == wide


def test_everybody_is_wide_unless_there_is_a_condition():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert by(access(flow_of(on_queue=[statement])), "the policy of Queue").wide == ("everybody is let in",)
    but_one = {"Effect": "Allow", "NotPrincipal": {"AWS": "444455556666"}, "Action": "sqs:SendMessage", "Resource": "*"}
    assert by(access(flow_of(on_queue=[but_one])), "the policy of Queue").wide == ("NotPrincipal allows all that is not named",)


def test_what_is_unknown_is_said_to_be():
    managed = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}
    found = by(access(flow_of(Other=managed)), "the role Other")
    assert found.actions == ("unknown (the managed policy ReadOnlyAccess is outside the template)",)
    assert (found.who, found.effect, found.on) == (("the role Other",), "Allow", found.actions)


WHY = "unknown (export x is of a stack that is not here)"


@pytest.mark.parametrize(("statement", "why"), [({"Fn::ImportValue": "x"}, WHY), ("a text", "no statement")])
def test_a_statement_that_is_none_says_so(statement, why):
    found = by(access(flow_of(of_role=[statement])), "the role Role")
    assert found == Access(
        who=("Billing",), effect="Allow", actions=(why,), on=(why,), conditions=(), by="the role Role, statement 1", wide=()
    )
    found = by(access(flow_of(on_queue=[statement])), "the policy of Queue")
    assert (found.who, found.actions, found.on) == ((why,), (why,), ("Queue",))


def test_a_policy_on_what_is_elsewhere_says_why_that_is_not_known():
    policy = {"Queues": [{"Fn::ImportValue": "x"}], "PolicyDocument": {"Statement": [{"Principal": "*", "Action": "sqs:*"}]}}
    found = by(access(flow_of(Elsewhere={"Type": "AWS::SQS::QueuePolicy", "Properties": policy})), f"the policy of {WHY}")
    assert found.on == (WHY,)


def test_a_key_and_who_may_use_it():
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": statement}}}
    found = by(access(flow_of(Key=key)), "the policy of the key Key")
    assert (found.who, found.actions, found.on) == (("sns.amazonaws.com",), ("kms:Decrypt",), ("the key Key",))


def test_in_the_reference_app_nothing_is_wide(flow):
    found = access(flow)
    assert {"Billing", "Packing", "HumanDispatch", "Reconcile"} <= {name for each in found for name in each.who}
    assert [each for each in found if each.wide] == []
