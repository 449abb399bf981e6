"""What guardrails change, that nothing else changes, and what they refuse."""

import json
from datetime import timedelta

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

from cdk_event_flow import Bucket, Guardrails, Pipe, PrivateNetwork, Provisioned, Queue, Schedule, Stream, Table, Topic, alarms_to
from cdk_event_flow.compose.functions.role import fitting
from cdk_event_flow.compose.statements import allowing, document
from cdk_event_flow.errors import ConstructError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.access import access
from cdk_event_flow.synth import SynthError, synthesize
from tests.compose.functions.made import function, made, only
from tests.compose.synthesis import new_stack, resources, template_of
from tests.compose.test_pinned_ids import STATEFUL
from tests.compose.wildcards import unnamed

ALL = ("NIST-800-53-R5", "HIPAA", "PCI-DSS-3.2.1")


@pytest.fixture
def stack():
    return new_stack()


METRIC = cloudwatch.Metric(namespace="Shop", metric_name="Refused")
OWN = "arn:aws:sns:eu-west-1:111122223333:own"
PAGER = "arn:aws:sns:eu-west-1:111122223333:pager"


def guarded(stack, *packs, **options):
    """The template of the stack under guardrails."""
    Guardrails.for_pack(*(packs or ALL), **{"concurrency": 10, "alarms": PAGER, **options}).apply(stack.node.root)
    return template_of(stack)


def everything(stack):
    """What guardrails are for: each kind of policy, functions in and out of the network, tables, buckets, log groups."""
    network = PrivateNetwork(stack, "Network")
    inside, outside = function(stack, "Inside", network=network), function(stack, "Outside", reserved=3)
    Topic(stack, "Orders").fan_out("Billing", to=inside)
    inside.on_failure(Queue(stack, "Failed"))
    Schedule(stack, "Nightly", cron="0 2 * * ? *", to=outside)
    items, kept = Table(stack, "Items", partition_key="id"), Bucket(stack, "Kept", versioned=False)
    items.allow(outside, "GetItem")
    kept.allow(outside, "GetObject")
    Pipe(stack, "Pipe", source=Queue(stack, "Piped"), to=Stream(stack, "Clicks"))
    dynamodb.Table(stack, "Plain", partition_key={"name": "id", "type": dynamodb.AttributeType.STRING}).grant_read_data(outside.role)
    logs.LogGroup(stack, "Mine")
    told = cloudwatch.Alarm(stack, "Told", metric=METRIC, threshold=1, evaluation_periods=1)
    told.add_alarm_action(actions.SnsAction(sns.Topic.from_topic_arn(stack, "Own", OWN)))
    cloudwatch.Alarm(stack, "Untold", metric=METRIC, threshold=1, evaluation_periods=1)
    return inside, outside


def rights(template):
    """Who may do what to what, however it is written."""
    return {(each.who, each.effect, each.actions, each.on, each.conditions) for each in access(Flow.from_template(template))}


@pytest.fixture(scope="module")
def before():
    """The template without guardrails."""
    stack = new_stack()
    everything(stack)
    return template_of(stack)


@pytest.fixture(scope="module")
def after():
    """The same under those of all packs."""
    stack = new_stack()
    everything(stack)
    return guarded(stack)


def refusal(stack, *packs, **options):
    """The error of the synth, as it is said."""
    with pytest.raises(RuntimeError, match="EF-GUARD") as refused:
        guarded(stack, *packs, **options)
    return str(refused.value)


def test_no_role_has_an_inline_policy_and_everyone_may_what_they_could_and_functions_wait_for_their_rights(before, after):
    assert made(before, "IAM::Policy")
    assert not made(after, "IAM::Policy")
    assert not [role for role in resources(after, "AWS::IAM::Role") if "Policies" in role]
    assert rights(before) <= rights(after)
    new = {what for _, _, actions, _, _ in rights(after) - rights(before) for what in actions}
    assert {action.split(":")[0] for action in new} == {"ec2", "backup", "dynamodb", "kms", "sts"}
    (beside,) = only(after, "Lambda::Function", "Outside")["DependsOn"]
    assert beside.endswith("Managed")
    assert only(after, "IAM::ManagedPolicy", beside)["Properties"]["Roles"] == [
        {"Ref": next(iter(made(after, "IAM::Role", "OutsideRole")))}
    ]


def test_nothing_that_keeps_state_has_another_id(before, after):
    kept = {id for id, each in before["Resources"].items() if each["Type"] in STATEFUL}
    assert len(kept) > 10
    assert kept == {id for id, each in after["Resources"].items() if each["Type"] in STATEFUL}
    # A resource that is there does not change its type either, which CloudFormation would refuse.
    assert {id: each["Type"] for id, each in before["Resources"].items() if id in after["Resources"]} == {
        id: each["Type"] for id, each in after["Resources"].items() if id in before["Resources"]
    }


def test_it_does_not_matter_when_they_are_applied(stack, after):
    Guardrails.for_pack(*ALL, concurrency=10, alarms=PAGER).apply(stack.node.root)
    everything(stack)
    assert template_of(stack) == after


def test_a_pack_that_does_not_want_it_leaves_it_as_it_is(stack):
    function(stack, network=PrivateNetwork(stack, "Network"))
    Table(stack, "Items", partition_key="id")
    template = guarded(stack, "PCI-DSS-3.2.1", concurrency=None)
    assert not made(template, "Backup::BackupPlan")
    assert "ReservedConcurrentExecutions" not in only(template, "Lambda::Function")["Properties"]


def test_each_function_has_a_concurrency_of_its_own_and_those_that_have_one_keep_it(after):
    inside, outside = (only(after, "Lambda::Function", id)["Properties"] for id in ("Inside", "Outside"))
    assert inside["ReservedConcurrentExecutions"] == 10
    assert outside["ReservedConcurrentExecutions"] == 3


def test_functions_stand_in_the_network_of_their_stack_with_a_way_to_what_they_use(after):
    inside, outside = (only(after, "Lambda::Function", id)["Properties"]["VpcConfig"] for id in ("Inside", "Outside"))
    assert inside == outside
    services = {each["ServiceName"]["Fn::Join"][1][-1] for each in resources(after, "AWS::EC2::VPCEndpoint")}
    assert services == {".dynamodb", ".s3"}
    assert Flow.from_template(after).check() == []


def test_what_a_policy_beside_allows_has_a_way_too(stack):
    told, teller = (function(stack, id, network=PrivateNetwork(stack, f"{id}Network")) for id in ("Told", "Teller"))
    calling = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[told.alias.function_arn])
    iam.Policy(stack, "Calls", roles=[teller.role], statements=[calling])
    told.on_failure(Queue(stack, "Failed"))  # which Lambda tells, and the function does not
    template = template_of(stack)
    assert [each["ServiceName"]["Fn::Join"][1][-1] for each in resources(template, "AWS::EC2::VPCEndpoint")] == [".lambda"]
    assert Flow.from_template(template).check() == []


def test_or_in_the_network_that_is_given_in_another_stack(stack):
    shared = PrivateNetwork(cdk.Stack(stack.node.root, "Shared"), "Network")
    function(stack)
    template = guarded(stack, network=shared)
    assert "Fn::ImportValue" in str(only(template, "Lambda::Function")["Properties"]["VpcConfig"])
    assert "ec2:CreateNetworkInterface" in str(only(template, "IAM::ManagedPolicy", "NetworkRights"))


def test_buckets_keep_what_is_overwritten_for_30_days(after):
    bucket = only(after, "S3::Bucket", "Kept")["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}, "Status": "Enabled"} in bucket["LifecycleConfiguration"]["Rules"]


def test_log_groups_are_encrypted_and_kept_a_year_for_pci(before, after):
    groups = resources(after, "AWS::Logs::LogGroup")
    assert all("KmsKeyId" in each for each in groups)
    assert {each["RetentionInDays"] for each in groups} == {365, 731}  # the CDK's own default is two years
    assert {each["RetentionInDays"] for each in resources(before, "AWS::Logs::LogGroup")} == {30, 731}


def test_all_tables_are_in_a_plan_that_keeps_backups_35_days(after):
    selected = only(after, "Backup::BackupSelection")["Properties"]["BackupSelection"]["Resources"]
    assert {each["Fn::GetAtt"][0] for each in selected} == set(made(after, "DynamoDB::Table"))
    (rule,) = only(after, "Backup::BackupPlan")["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert rule["Lifecycle"] == {"DeleteAfterDays": 35}
    assert only(after, "Backup::BackupVault")["DeletionPolicy"] == "Retain"


def test_wildcards_are_those_that_have_a_reason(after):
    of_objects = {"s3:GetObject", "s3:PutObject"}  # by `Bucket.allow`, and of access logs
    assert [each for each in unnamed(after) if not each.actions <= of_objects] == []
    assert not [each for each in access(Flow.from_template(after)) if each.wide]


def test_each_alarm_tells_somebody_and_those_that_do_keep_to_it(before, after):
    told = {id[:4]: each["Properties"]["AlarmActions"] for id, each in made(after, "CloudWatch::Alarm").items()}
    assert told.pop("Told") == [OWN]
    assert set(map(str, told.values())) == {str([PAGER])}
    assert len(told) > 3
    assert "AlarmActions" not in only(before, "CloudWatch::Alarm", "Untold")["Properties"]


def test_alarms_that_tell_nobody_are_named(stack):
    function(stack, network=PrivateNetwork(stack, "Network"))
    assert "alarms tell nobody: Shop/Billing/Errors" in refusal(stack, alarms=None)


def test_alarms_may_be_told_elsewhere(stack):
    function(stack, network=PrivateNetwork(stack, "Network"))
    alarms_to(stack, PAGER)
    assert guarded(stack, alarms=None)


def test_what_is_accepted_is_neither_changed_nor_asked_for(stack):
    def compose(stack):
        function(stack)
        Table(stack, "Items", partition_key="id")
        return stack

    rules = ("LambdaInsideVPC", "LambdaConcurrency", "DynamoDBInBackupPlan", "IAMNoInlinePolicy", "CloudWatchAlarmAction")
    taken = dict.fromkeys(rules, "For reasons.")
    assert guarded(compose(stack), "HIPAA", concurrency=None, alarms=None, accepts=taken) == template_of(compose(new_stack()))


def test_a_function_in_no_network_is_named(stack):
    function(stack)
    function(stack, "Packing")
    assert "Shop/Billing, Shop/Packing are in no network" in refusal(stack)


def test_a_network_of_another_account_is_none(stack):
    other = cdk.Stack(stack.node.root, "Other", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    function(stack)
    assert "Shop/Billing is in no network" in refusal(stack, network=PrivateNetwork(other, "Network"))


def test_a_limit_that_nobody_chose_is_asked_for(stack):
    network = PrivateNetwork(stack, "Network")
    function(stack, network=network)
    function(stack, "Packing", network=network, reserved=3)
    said = refusal(stack, concurrency=None)
    assert "Shop/Billing is without reserved concurrency" in said
    assert "Packing" not in said


def test_a_limit_below_what_is_kept_ready_is_refused(stack):
    function(stack, network=PrivateNetwork(stack, "Network"), provisioned=Provisioned(minimum=1, maximum=11))
    assert "may be invoked 11 times at once by its queues, or kept ready, and 10 are reserved" in refusal(stack)


def test_a_limit_below_what_queues_invoke_is_refused(stack):
    consumer = function(stack, network=PrivateNetwork(stack, "Network"))
    for number in range(3):
        consumer.consume(Queue(stack, f"Queue{number}"))
    assert "EF-GUARD-CONCURRENCY" in refusal(stack)


def test_no_more_is_reserved_than_an_account_has(stack):
    network = PrivateNetwork(stack, "Network")
    for number in range(3):
        function(stack, f"F{number}", network=network)
    said = refusal(stack, concurrency=301)
    assert "EF-GUARD-QUOTA" in said
    assert "903 executions" in said


def test_stages_are_synthesized_by_themselves_and_so_must_be_there():
    app = cdk.App(builtin_cloud_formation_validation=False)
    function(first := cdk.Stack(cdk.Stage(app, "Production"), "Shop"), network=PrivateNetwork(first, "Network"))
    Guardrails.for_pack("PCI-DSS-3.2.1").apply(app)
    template = app.synth().get_nested_assembly("assembly-Production").get_stack_by_name("Production-Shop").template
    assert "Policies" not in only(template, "IAM::Role", "BillingRole")["Properties"]

    late = cdk.App(builtin_cloud_formation_validation=False)
    Guardrails.for_pack("PCI-DSS-3.2.1").apply(late)
    Queue(cdk.Stack(cdk.Stage(late, "Late"), "Shop"), "Queue")
    with pytest.raises(RuntimeError, match="EF-GUARD-STAGE at Late/Guardrails"):
        late.synth()


@pytest.mark.parametrize(
    ("packs", "options", "said"),
    [
        ((), {}, "EF-GUARD-PACK at Guardrails: no pack is named"),
        (("Hipaa",), {}, "did you mean HIPAA?"),
        (("NIST-800-53-R4",), {}, "did you mean NIST-800-53-R5?"),
        (("HIPAA",), {"concurrency": 0}, "EF-GUARD-CONCURRENCY"),
        (("HIPAA",), {"concurrency": 901}, "allows 1 executions to 900 executions"),
        (("HIPAA",), {"backups": timedelta(hours=5)}, "EF-GUARD-BACKUPS"),
        (("HIPAA",), {"backups": timedelta(0)}, "EF-GUARD-BACKUPS"),
        (("HIPAA",), {"logs": timedelta(days=2)}, "EF-LOGS-RETENTION"),
        (("HIPAA",), {"accepts": {"HIPAA.Security-LambdaDLQ": "x"}}, "EF-GUARD-ACCEPTS"),
        (("HIPAA",), {"accepts": {"LambdaDLQ": " "}}, "gives no reason for LambdaDLQ"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(packs, options, said):
    with pytest.raises(ConstructError) as refused:
        Guardrails.for_pack(*packs, **options)
    assert said in str(refused.value)


def test_a_command_says_what_is_missing_without_a_traceback(tmp_path):
    code = """
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from cdk_event_flow import Function, Guardrails
app = cdk.App()
code = lambda_.Code.from_inline("exports.handler = 0")
Function(cdk.Stack(app, "Shop"), "Billing", code=code, handler="index.handler", runtime="nodejs24.x")
Guardrails.for_pack("PCI-DSS-3.2.1").apply(app)
app.synth()
"""
    (tmp_path / "app.py").write_text(code)
    with pytest.raises(SynthError) as raised:
        synthesize("python app.py", tmp_path / "out", folder=tmp_path)
    assert str(raised.value).startswith("EF-GUARD-NETWORK at Guardrails: Shop/Billing is in no network")
    assert str(raised.value).endswith("(app.py:9)")


def test_they_are_applied_once(stack):
    Guardrails.for_pack("HIPAA").apply(stack)
    with pytest.raises(ConstructError, match="EF-GUARD-TWICE"):
        Guardrails.for_pack("PCI-DSS-3.2.1").apply(stack)


def test_more_managed_policies_than_a_role_may_have_are_refused(stack):
    one = function(stack, network=PrivateNetwork(stack, "Network"))
    for number in range(8):  # with the stack's, the network's, and its own: 11
        iam.Policy(stack, f"P{number}", roles=[one.role], statements=[iam.PolicyStatement(actions=["sns:Publish"], resources=[OWN])])
    assert "EF-GUARD-POLICIES at Shop/Billing/Role: number of managed policies is 11" in refusal(stack)


def test_rights_that_are_too_long_for_one_managed_policy_stand_in_two():
    arns = [f"arn:aws:sns:eu-west-1:111122223333:topic-{number:040}" for number in range(90)]
    few, many = allowing(["sns:Publish"], arns[:2]), [allowing([f"sns:Publish{number}"], arns[:30]) for number in range(5)]
    assert fitting([few], "Shop") == [[few]]
    parts = fitting(many, "Shop")
    assert [each for part in parts for each in part] == many
    assert len(parts) > 1
    assert all(len(json.dumps(document(part), separators=(",", ":"))) <= 6_144 for part in parts)
    with pytest.raises(ConstructError, match="EF-GUARD-RIGHTS"):
        fitting([allowing(["sns:Publish"], arns)], "Shop")
