"""IAM's policy language, as tables: the statements, what is asked, and the verdict."""

from dataclasses import replace

import pytest

from cdk_event_flow.flow.model import Unknown
from cdk_event_flow.flow.permissions.language import Request, decide, statements

ACCOUNT = "111122223333"
QUEUE = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:billing"
RULE = f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/orders/to-billing"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/Billing"
EVENTS, SNS = "events.amazonaws.com", "sns.amazonaws.com"

CONTEXT = {
    "aws:sourcearn": (RULE,),
    "aws:sourceaccount": (ACCOUNT,),
    "aws:securetransport": ("true",),
    "aws:sourcevpce": (),
    "aws:tagkeys": ("team", "stage"),
    "s3:max-keys": ("10",),
    "team": (),
    "aws:principalarn": ("arn:aws:lambda:eu-central-1:111122223333:function:f:live",),
}
BY_RULE = Request(principal=EVENTS, action="sqs:SendMessage", resource=QUEUE, context=CONTEXT)
BY_ROLE = Request(principal=ROLE, action="sqs:SendMessage", resource=QUEUE, context={**CONTEXT, "aws:sourcearn": ()})
NOBODY_KNOWS = Unknown("parameter Stage has no default")


def allow(**more):
    """A statement that lets EventBridge send, but for what is changed; what is None is left out."""
    whole = {"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": "sqs:SendMessage", "Resource": QUEUE, **more}
    return {name: value for name, value in whole.items() if value is not None}


def deny(**more):
    """A statement that forbids it to all."""
    return allow(**{"Effect": "Deny", "Principal": "*", **more})


def verdict(asked, *bodies):
    """What these statements say."""
    return decide(asked, statements({"Statement": list(bodies)})).verdict


@pytest.mark.parametrize(
    ("principal", "by_rule", "by_role"),
    [
        ({"Service": EVENTS}, "allowed", "denied"),
        ({"Service": [SNS, EVENTS]}, "allowed", "denied"),
        ({"Service": SNS}, "denied", "denied"),
        ({"Service": "*"}, "denied", "denied"),
        ({"Service": []}, "denied", "denied"),
        ("*", "allowed", "allowed"),
        ({"AWS": "*"}, "allowed", "allowed"),
        ({"AWS": ROLE}, "denied", "allowed"),
        ({"AWS": ROLE, "Service": EVENTS}, "allowed", "allowed"),
        ({"AWS": [f"arn:aws:iam::{ACCOUNT}:role/Another", ROLE]}, "denied", "allowed"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}, "denied", "denied"),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/Billing/session"}, "denied", "unknown"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "denied", "denied"),
        ({"AWS": ACCOUNT}, "denied", "denied"),
        ({"Federated": "cognito-identity.amazonaws.com"}, "denied", "denied"),
        ({"Federated": "*"}, "denied", "denied"),
        ({"Federated": ROLE}, "denied", "denied"),
        (ROLE, "denied", "denied"),
        ({"Service": NOBODY_KNOWS}, "unknown", "unknown"),
        ({"Service": [NOBODY_KNOWS, EVENTS]}, "allowed", "unknown"),
        (NOBODY_KNOWS, "unknown", "unknown"),
    ],
)
def test_a_statement_is_for_the_principals_it_names(principal, by_rule, by_role):
    assert (verdict(BY_RULE, allow(Principal=principal)), verdict(BY_ROLE, allow(Principal=principal))) == (by_rule, by_role)


@pytest.mark.parametrize("named", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", [ROLE, ACCOUNT]])
@pytest.mark.parametrize(("through_account", "said"), [(True, "allowed"), (False, "denied")])
def test_an_account_stands_for_its_roles_only_where_it_is_asked_so(named, through_account, said):
    named = [each for each in named if each != ROLE] if isinstance(named, list) else named
    assert verdict(replace(BY_ROLE, through_account=through_account), allow(Principal={"AWS": named})) == said


def test_what_is_denied_to_an_account_is_denied_to_its_roles():
    assert verdict(BY_ROLE, allow(Principal="*"), deny(Principal={"AWS": ACCOUNT})) == "denied"


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ({"Action": "sqs:SendMessage"}, "allowed"),
        ({"Action": "SQS:sendmessage"}, "allowed"),
        ({"Action": "sqs:Send*"}, "allowed"),
        ({"Action": "sqs:?endMessage"}, "allowed"),
        ({"Action": "sqs:*"}, "allowed"),
        ({"Action": "*"}, "allowed"),
        ({"Action": ["sqs:ReceiveMessage", "sqs:SendMessage"]}, "allowed"),
        ({"Action": "sqs:SendMessageBatch"}, "denied"),
        ({"Action": "sns:*"}, "denied"),
        ({"Action": []}, "denied"),
        ({"Action": NOBODY_KNOWS}, "unknown"),
        ({"Action": ["sqs:*", NOBODY_KNOWS]}, "allowed"),
        ({"Action": None, "NotAction": "sqs:DeleteQueue"}, "allowed"),
        ({"Action": None, "NotAction": "sqs:*"}, "denied"),
        ({"Action": None, "NotAction": ["sns:*", "sqs:Send*"]}, "denied"),
        ({"Action": None, "NotAction": NOBODY_KNOWS}, "unknown"),
        ({"Action": None}, "denied"),
        ({"Resource": "*"}, "allowed"),
        ({"Resource": "arn:aws:sqs:*:*:billing"}, "allowed"),
        ({"Resource": "arn:aws:sqs:*"}, "allowed"),
        ({"Resource": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:bill?ng"}, "allowed"),
        ({"Resource": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:${{aws:SourceAccount}}"}, "denied"),
        ({"Resource": "arn:aws:sqs:eu-central-1:${aws:SourceAccount}:billing"}, "allowed"),
        ({"Resource": "arn:aws:sqs:eu-central-1:${aws:PrincipalTag/team}:billing"}, "unknown"),
        ({"Resource": QUEUE.upper()}, "denied"),
        ({"Resource": f"{QUEUE}-2"}, "denied"),
        ({"Resource": [f"{QUEUE}-2", QUEUE]}, "allowed"),
        ({"Resource": NOBODY_KNOWS}, "unknown"),
        ({"Resource": None}, "allowed"),
        ({"Resource": None, "NotResource": f"{QUEUE}-2"}, "allowed"),
        ({"Resource": None, "NotResource": "arn:aws:sqs:*"}, "denied"),
        ({"Principal": None, "NotPrincipal": {"Service": SNS}}, "allowed"),
        ({"Principal": None, "NotPrincipal": {"Service": EVENTS}}, "denied"),
        ({"Principal": None}, "allowed"),
        ({"Effect": "allow"}, "denied"),
        ({"Effect": None}, "denied"),
        ({"Effect": NOBODY_KNOWS}, "unknown"),
    ],
)
def test_a_statement_is_about_the_actions_and_resources_it_names(element, said):
    assert verdict(BY_RULE, allow(**element)) == said


@pytest.mark.parametrize(
    ("operator", "key", "value", "said"),
    [
        ("StringEquals", "aws:SourceAccount", ACCOUNT, "allowed"),
        ("StringEquals", "AWS:sourceaccount", ACCOUNT, "allowed"),
        ("stringequals", "aws:SourceAccount", ACCOUNT, "allowed"),
        ("StringEquals", "aws:SourceAccount", "999999999999", "denied"),
        ("StringEquals", "aws:SourceAccount", ["999999999999", ACCOUNT], "allowed"),
        ("StringEquals", "aws:SourceAccount", int(ACCOUNT), "allowed"),
        ("StringEquals", "aws:SourceAccount", NOBODY_KNOWS, "unknown"),
        ("StringEquals", "aws:SourceAccount", [NOBODY_KNOWS, ACCOUNT], "allowed"),
        ("StringEquals", "aws:SourceAccount", "${aws:SourceAccount}", "allowed"),
        ("StringEquals", "aws:SourceArn", RULE.replace("to-", "*"), "denied"),
        ("StringNotEquals", "aws:SourceAccount", "999999999999", "allowed"),
        ("StringNotEquals", "aws:SourceAccount", ["999999999999", ACCOUNT], "denied"),
        ("StringNotEquals", "aws:SourceAccount", ["999999999999", NOBODY_KNOWS], "unknown"),
        ("StringEqualsIgnoreCase", "aws:SourceArn", RULE.upper(), "allowed"),
        ("StringNotEqualsIgnoreCase", "aws:SourceArn", RULE.upper(), "denied"),
        ("StringLike", "aws:SourceArn", "arn:aws:events:*", "allowed"),
        ("StringLike", "aws:SourceArn", "arn:aws:sns:*", "denied"),
        ("StringNotLike", "aws:SourceArn", "arn:aws:sns:*", "allowed"),
        ("ArnEquals", "aws:SourceArn", RULE, "allowed"),
        ("ArnLike", "aws:SourceArn", f"arn:aws:events:*:{ACCOUNT}:rule/*", "allowed"),
        ("ArnEquals", "aws:SourceArn", f"arn:aws:events:*:{ACCOUNT}:rule/*", "allowed"),
        ("ArnLike", "aws:SourceArn", f"arn:aws:*:*:{ACCOUNT}:rule/orders/to-billing", "allowed"),
        # Whether a wildcard stands for several parts of an ARN, AWS does not say.
        ("ArnLike", "aws:SourceArn", f"arn:aws:*:{ACCOUNT}:rule/orders/to-billing", "unknown"),
        ("ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{ACCOUNT}:*", "denied"),
        ("ArnLike", "aws:SourceArn", "arn:aws:events:*", "unknown"),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*", "denied"),
        ("ArnLike", "aws:SourceArn", "*", "unknown"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:lambda:*:*:function:*", "allowed"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:lambda:*:*:*", "allowed"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:lambda:*:*:function:f", "denied"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:lambda:*:*:function:?:live", "allowed"),
        ("ArnNotLike", "aws:SourceArn", f"arn:aws:sns:*:{ACCOUNT}:*", "allowed"),
        ("ArnNotEquals", "aws:SourceArn", RULE, "denied"),
        ("ArnLike", "aws:SourceArn", NOBODY_KNOWS, "unknown"),
        ("Bool", "aws:SecureTransport", "true", "allowed"),
        ("Bool", "aws:SecureTransport", True, "allowed"),
        ("Bool", "aws:SecureTransport", "false", "denied"),
        ("Bool", "aws:SecureTransport", False, "denied"),
        ("Null", "aws:SourceArn", "false", "allowed"),
        ("Null", "aws:SourceArn", True, "denied"),
        ("Null", "aws:SourceVpce", "true", "allowed"),
        ("NumericLessThan", "s3:max-keys", "11", "allowed"),
        ("NumericLessThanEquals", "s3:max-keys", 10, "allowed"),
        ("NumericGreaterThan", "s3:max-keys", 10, "denied"),
        ("NumericGreaterThanEquals", "s3:max-keys", "10.0", "allowed"),
        ("NumericEquals", "s3:max-keys", "ten", "denied"),
        ("NumericNotEquals", "s3:max-keys", 11, "allowed"),
        ("NumericNotEquals", "s3:max-keys", 10, "denied"),
        ("NumericEquals", "s3:max-keys", "10.0", "allowed"),
        ("NumericEquals", "s3:max-keys", 9, "denied"),
        ("NumericLessThan", "s3:max-keys", 10, "denied"),
        ("NumericLessThanEquals", "s3:max-keys", 9, "denied"),
        ("NumericGreaterThan", "s3:max-keys", 9, "allowed"),
        ("NumericGreaterThanEquals", "s3:max-keys", 11, "denied"),
        ("BoolIfExists", "aws:SourceVpce", "true", "allowed"),
        ("Null", "aws:SourceArn", NOBODY_KNOWS, "unknown"),
        # A variable of the policy that the request has not.
        ("StringEquals", "aws:SourceAccount", "${aws:SourceVpce}", "denied"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "${team}", "denied"),
        ("StringNotEquals", "aws:TagKeys", "team", "denied"),
        ("StringNotEquals", "aws:TagKeys", "cost", "allowed"),
        ("StringEquals", "aws:TagKeys", "stage", "allowed"),
        # A key that the request does not have.
        ("StringEquals", "aws:SourceVpce", "vpce-1", "denied"),
        ("StringEqualsIfExists", "aws:SourceVpce", "vpce-1", "allowed"),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1", "allowed"),
        ("StringNotEqualsIfExists", "aws:SourceVpce", "vpce-1", "allowed"),
        ("StringEqualsIfExists", "aws:SourceAccount", "999999999999", "denied"),
        ("BoolIfExists", "aws:SecureTransport", "false", "denied"),
        # Keys of which the template does not tell.
        ("StringEquals", "aws:PrincipalOrgID", "o-1", "unknown"),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", "unknown"),
        ("StringEquals", "kms:ViaService", "sqs.eu-central-1.amazonaws.com", "unknown"),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", "unknown"),
        ("DateGreaterThan", "aws:SourceAccount", "2026-01-01T00:00:00Z", "unknown"),
        # Keys with several values: team and stage.
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], "allowed"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], "denied"),
        ("ForAnyValue:StringLike", "aws:TagKeys", "st*", "allowed"),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], "allowed"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "stage", "cost"], "allowed"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team"], "denied"),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["cost"], "allowed"),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], "denied"),
        ("ForAllValues:StringEquals", "aws:SourceVpce", ["vpce-1"], "allowed"),
        ("ForAnyValue:StringEquals", "aws:SourceVpce", ["vpce-1"], "denied"),
    ],
)
def test_a_statement_holds_under_its_conditions(operator, key, value, said):
    assert verdict(BY_RULE, allow(Condition={operator: {key: value}})) == said


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({}, "allowed"),
        (NOBODY_KNOWS, "unknown"),
        ({"Bool": NOBODY_KNOWS}, "unknown"),
        ({"Bool": "aws:SecureTransport"}, "unknown"),
        ({"Bool": NOBODY_KNOWS, "StringEquals": {"aws:SourceAccount": "9"}}, "denied"),
        ("a text", "allowed"),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}, "allowed"),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": "9"}}, "denied"),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": "another"}}, "denied"),
        ({"StringEquals": {"aws:SourceAccount": "9", "aws:PrincipalOrgID": "o-1"}}, "denied"),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:PrincipalOrgID": "o-1"}}, "unknown"),
    ],
)
def test_all_conditions_of_a_statement_must_hold(condition, said):
    assert verdict(BY_RULE, allow(Condition=condition)) == said


PERHAPS = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
OVER_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("bodies", "said"),
    [
        ([], "denied"),
        ([deny()], "denied"),
        ([allow(), deny()], "denied"),
        ([deny(), allow()], "denied"),
        ([deny(Condition=OVER_HTTP), allow()], "allowed"),
        ([deny(Condition=PERHAPS), allow()], "unknown"),
        ([allow(), deny(Condition=PERHAPS)], "unknown"),
        ([deny(Condition=PERHAPS)], "denied"),
        ([deny(Condition=PERHAPS), deny(), allow()], "denied"),
        ([allow(Condition=PERHAPS)], "unknown"),
        ([allow(Condition=PERHAPS), allow()], "allowed"),
        ([allow(Condition=PERHAPS), deny()], "denied"),
        ([allow(Action="sqs:ReceiveMessage"), allow()], "allowed"),
        ([NOBODY_KNOWS], "unknown"),
        ([NOBODY_KNOWS, allow()], "allowed"),
        ([deny(Principal=None, NotPrincipal={"Service": EVENTS}), allow()], "allowed"),
        ([deny(Principal=None, NotPrincipal={"Service": SNS}), allow()], "denied"),
        ([deny(Action=None, NotAction="sqs:SendMessage"), allow()], "allowed"),
        (["not a statement", allow()], "allowed"),
        (["not a statement"], "denied"),
    ],
)
def test_a_denial_wins_and_nothing_is_guessed(bodies, said):
    assert verdict(BY_RULE, *bodies) == said


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"Statement": allow()}, "allowed"),
        ({"Statement": []}, "denied"),
        ({}, "denied"),
        (None, "denied"),
        (NOBODY_KNOWS, "unknown"),
        ({"Statement": NOBODY_KNOWS}, "unknown"),
    ],
)
def test_a_document_has_one_statement_or_many_or_is_unknown(document, said):
    assert decide(BY_RULE, statements(document)).verdict == said


@pytest.mark.parametrize("document", [None, {}, "a text", {"Statement": []}])
def test_a_document_without_statements_has_none(document):
    assert statements(document) == []


def test_the_deciding_statement_is_told_by_its_sid_or_its_number():
    first = decide(BY_RULE, statements({"Statement": [allow(Action="sqs:ReceiveMessage"), allow()]}))
    assert first.statement is not None
    assert first.statement.label == "statement 2"
    named = decide(BY_RULE, statements({"Statement": [allow(), deny(Sid="NotYou")]}))
    assert named.statement is not None
    assert named.statement.label == 'statement "NotYou"'


@pytest.mark.parametrize(
    ("sid", "label"), [("", "statement 1"), (5, "statement 1"), (NOBODY_KNOWS, "statement 1"), ("A", 'statement "A"')]
)
def test_a_sid_is_a_text(sid, label):
    assert [each.label for each in statements({"Statement": allow(Sid=sid)})] == [label]


OTHERWISE = Unknown("parameter Zone has no default")


@pytest.mark.parametrize(
    ("bodies", "label", "why"),
    [
        ([allow(), allow()], "statement 1", ""),
        ([allow(Condition=NOBODY_KNOWS), allow(Condition=OTHERWISE)], "statement 1", NOBODY_KNOWS.reason),
        ([deny(Condition=NOBODY_KNOWS), allow(), deny(Condition=OTHERWISE)], "statement 1", NOBODY_KNOWS.reason),
        ([allow(Condition=NOBODY_KNOWS), allow()], "statement 2", ""),
        ([allow(), deny(), deny()], "statement 2", ""),
        ([allow(Condition={"Bool": NOBODY_KNOWS})], "statement 1", NOBODY_KNOWS.reason),
        ([allow(Condition={"Bool": "x"})], "statement 1", "the condition Bool is not written as AWS takes it"),
        ([allow(Condition=PERHAPS)], "statement 1", "aws:PrincipalOrgID is known only when it is asked"),
        ([allow(Resource="${aws:PrincipalTag/team}")], "statement 1", "aws:PrincipalTag/team is known only when it is asked"),
        ([allow(Condition={"IpAddress": {"aws:SourceAccount": "10.0.0.0/8"}})], "statement 1",
         "the condition operator IpAddress is not followed"),
        ([allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:*"}})], "statement 1",
         "arn:aws:events:* has not the six parts of an ARN"),
    ],
)  # fmt: skip
def test_the_first_that_decides_is_told(bodies, label, why):
    decided = decide(BY_RULE, statements({"Statement": bodies}))
    assert decided.statement is not None
    assert (decided.statement.label, decided.why) == (label, why)


def test_what_is_unknown_says_why():
    assert decide(BY_RULE, statements({"Statement": [allow(Resource=NOBODY_KNOWS)]})).why == "parameter Stage has no default"
