"""The role of a function: its rights inside of it, the CDK's grants beside it, and no right that is lost."""

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import Asynchronous, PrivateNetwork, Queue, Topic
from tests.compose.functions.made import function, made, only, statements
from tests.compose.synthesis import flow_of, new_stack, policies, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def actions(template, within=""):
    return sorted(str(each["Action"]) for each in statements(template, within))


def test_the_usual_function_has_no_policy_beside_its_role(stack):
    function(stack)
    template = template_of(stack)
    assert not made(template, "IAM::Policy")
    assert actions(template, "BillingRole") == ["['logs:CreateLogStream', 'logs:PutLogEvents']"]
    assert "DependsOn" not in only(template, "Lambda::Function")
    shared = only(template, "IAM::ManagedPolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert [each["Action"] for each in shared] == [
        ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        ["kms:Decrypt", "kms:GenerateDataKey"],
        "sqs:SendMessage",
    ]


def test_functions_share_what_all_may_do(stack):
    network = PrivateNetwork(stack, "Network")
    for id in ("Billing", "Packing"):
        function(stack, id, network=network)
    template = template_of(stack)
    assert len(made(template, "IAM::ManagedPolicy")) == 2
    held = [each["Properties"]["ManagedPolicyArns"] for each in made(template, "IAM::Role").values() if "Billing" in str(each)]
    assert held == [[{"Ref": next(iter(made(template, "IAM::ManagedPolicy", kind)))} for kind in ("Function", "Network")]]


def test_a_function_unlike_the_others_is_allowed_what_it_needs_alone(stack):
    letters = Queue(stack, "Letters")
    function(stack, tracing="off", asynchronous=Asynchronous(dead_letters=letters))
    template = template_of(stack)
    assert not made(template, "IAM::ManagedPolicy")
    assert actions(template, "BillingRole") == [
        "['kms:Decrypt', 'kms:GenerateDataKey']",
        "['logs:CreateLogStream', 'logs:PutLogEvents']",
        "sqs:SendMessage",
    ]
    assert [finding for finding in flow_of(stack).check() if finding.severity == "error"] == []


@pytest.mark.parametrize("options", [{}, {"tracing": "off"}, {"asynchronous": Asynchronous(dead_letters=None)}])
def test_what_the_cdks_function_is_given_to_allow_is_not_taken_for_what_is_shared(stack, options):
    other = sqs.Queue(stack, "Other")
    given = [
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[other.queue_arn]),
        iam.PolicyStatement(actions=["xray:PutTraceSegments"], resources=["*"]),
    ]
    function(stack, props={"initial_policy": given}, **options)
    template = template_of(stack)
    (policy,) = made(template, "IAM::Policy")
    assert [each["Action"] for each in statements(template, policy)] == ["sqs:SendMessage", "xray:PutTraceSegments"]
    assert only(template, "Lambda::Function")["DependsOn"] == [policy]


def test_grants_of_the_cdk_and_of_ours_both_hold(stack):
    billing, topic = function(stack), Topic(stack, "Events")
    queue, key = sqs.Queue(stack, "Theirs"), kms.Key(stack, "Key")
    queue.grants.send_messages(billing.role)
    key.grants.decrypt(billing.function)
    billing.function.add_to_role_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::one/a"]))
    topic.allow_publishing(billing)
    template = template_of(stack)
    said = str(actions(template, "BillingRole"))
    assert all(action in said for action in ("sqs:SendMessage", "kms:Decrypt", "s3:GetObject", "sns:Publish"))
    (policy,) = made(template, "IAM::Policy")
    assert only(template, "Lambda::Function")["DependsOn"] == [policy]


def test_a_role_that_functions_share_has_what_each_needs(stack):
    first = function(stack, tracing="off", asynchronous=Asynchronous(dead_letters=None))
    function(stack, "Packing", role=first.role)
    said = str(policies(template_of(stack)))
    assert all(action in said for action in ("xray:PutTraceSegments", "sqs:SendMessage", "kms:GenerateDataKey"))
    assert flow_of(stack).check() == []


def test_a_role_made_elsewhere_is_taken(stack):
    role = iam.Role(stack, "Theirs", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    function(stack, role=role).consume(Queue(stack, "Orders"))
    template = template_of(stack)
    (policy,) = made(template, "IAM::Policy")
    assert only(template, "Lambda::Function")["DependsOn"] == [policy]
    assert len(statements(template, policy)) == 5
