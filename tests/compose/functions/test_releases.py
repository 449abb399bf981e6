"""Releases: shifted by CodeDeploy, tested by hooks, rolled back on alarms; all of it pointed at the alias."""

from datetime import timedelta

import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import AllAtOnce, Canary, EventBus, Linear, Schedule, Stage, Topic
from cdk_event_flow.errors import ConstructError
from tests.compose.functions.made import function, made, only, statements
from tests.compose.synthesis import new_stack, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def alarm(stack, id):
    metric = cloudwatch.Metric(namespace="Shop", metric_name=id)
    return cloudwatch.Alarm(stack, id, metric=metric, threshold=1, evaluation_periods=1)


def test_at_once_needs_no_codedeploy(stack):
    function(stack, release=AllAtOnce())
    template = template_of(stack)
    assert "UpdatePolicy" not in only(template, "Lambda::Alias")
    assert not made(template, "CodeDeploy::DeploymentGroup")


@pytest.mark.parametrize(
    ("release", "shape"),
    [
        (Canary(percent=5, every=timedelta(minutes=10)), ("TimeBasedCanary", {"canaryPercentage": 5, "canaryInterval": 10})),
        (Linear(percent=20, every=timedelta(hours=1)), ("TimeBasedLinear", {"linearPercentage": 20, "linearInterval": 60})),
    ],
)
def test_traffic_shifts_as_the_release_says(stack, release, shape):
    function(stack, release=release)
    template = template_of(stack)
    kind, numbers = shape
    routing = only(template, "CodeDeploy::DeploymentConfig")["Properties"]["TrafficRoutingConfig"]
    assert routing == {"Type": kind, kind: {key[:1].upper() + key[1:]: value for key, value in numbers.items()}}
    policy = only(template, "Lambda::Alias")["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert set(policy) == {"ApplicationName", "DeploymentGroupName"}


def test_functions_of_one_shape_share_its_configuration_and_the_stack_has_one_application(stack):
    for id in ("Billing", "Packing"):
        function(stack, id, release=Canary())
    template = template_of(stack)
    counts = [len(made(template, f"CodeDeploy::{kind}")) for kind in ("Application", "DeploymentConfig", "DeploymentGroup")]
    assert counts == [1, 1, 2]


def test_a_release_is_rolled_back_by_the_functions_own_alarms_and_those_given(stack):
    other = function(stack, "Other")
    both = cloudwatch.CompositeAlarm(stack, "Both", alarm_rule=cloudwatch.AlarmRule.from_boolean(False))
    function(stack, release=Canary(alarms=[alarm(stack, "Refunds"), other.errors_alarm, both]))
    template = template_of(stack)
    group = only(template, "CodeDeploy::DeploymentGroup")["Properties"]
    watched = [each["Name"] for each in group["AlarmConfiguration"]["Alarms"]]
    ids = [name["Ref"] if "Ref" in name else name["Fn::Select"][1]["Fn::Split"][1]["Ref"] for name in watched]
    assert [id[:-8] for id in ids] == ["BillingErrors", "Refunds", "OtherErrors", "Both"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    (described,) = [s for s in statements(template, "BillingReleaseRole") if s["Action"] == "cloudwatch:DescribeAlarms"]
    assert len(described["Resource"]) == 4


def test_at_once_with_an_alarm_is_done_by_codedeploy_in_one_step(stack):
    function(stack, release=AllAtOnce(alarms=[alarm(stack, "Refunds")]))
    template = template_of(stack)
    group = only(template, "CodeDeploy::DeploymentGroup")["Properties"]
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert "UpdatePolicy" in only(template, "Lambda::Alias")


def test_hooks_know_the_new_version_may_invoke_it_and_may_say_how_it_went(stack):
    before, after = function(stack, "Smoke"), function(stack, "Compare")
    function(stack, release=Canary(before=before, after=after))
    template = template_of(stack)
    (version,) = made(template, "Lambda::Version", "Billing")
    alias = only(template, "Lambda::Alias", "Billing")
    for hook, when in (("Smoke", "BeforeAllowTrafficHook"), ("Compare", "AfterAllowTrafficHook")):
        (id,) = made(template, "Lambda::Function", hook)
        assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"][when] == {"Ref": id}
        variables = template["Resources"][id]["Properties"]["Environment"]["Variables"]
        assert variables["RELEASED_VERSION"] == {"Ref": version}
        allowed = {str(s["Action"]): s["Resource"] for s in statements(template, f"{hook}Role")}
        assert allowed["lambda:InvokeFunction"] == {"Ref": version}
        group = next(iter(made(template, "CodeDeploy::DeploymentGroup")))
        assert {"Ref": group} in allowed["codedeploy:PutLifecycleEventHookExecutionStatus"]["Fn::Join"][1]
    invoked = [s["Resource"] for s in statements(template, "BillingReleaseRole") if s["Action"] == "lambda:InvokeFunction"]
    assert [each["Fn::GetAtt"][0][:-8] for each in invoked[0]] == ["SmokeFunction", "CompareFunction"]


def test_a_hook_made_elsewhere_is_taken_by_its_name(stack):
    plain = lambda_.Function(stack, "Plain", code=lambda_.Code.from_inline("x"), handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)
    function(stack, release=AllAtOnce(before=plain))
    alias = only(template_of(stack), "Lambda::Alias")
    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["BeforeAllowTrafficHook"]["Ref"].startswith("Plain")


def test_a_hook_of_two_releases_is_refused(stack):
    hook = function(stack, "Smoke")
    function(stack, "Packing", release=Canary(before=hook))
    with pytest.raises(
        ConstructError, match="EF-RELEASE-HOOK at Shop/Billing: the hook Shop/Smoke/Function tests Shop/Packing already"
    ):
        function(stack, release=Canary(before=hook))


def test_a_function_cannot_test_itself(stack):
    billing = function(stack)
    with pytest.raises(ConstructError, match="EF-RELEASE-HOOK at Shop/Billing/PROD: the function is the hook of its own release"):
        Stage(billing, "PROD", release=Canary(before=billing))


@pytest.mark.parametrize(
    ("release", "code"),
    [
        (Canary(percent=0), "EF-RELEASE-PERCENT"),
        (Canary(percent=100), "EF-RELEASE-PERCENT"),
        (Linear(every=timedelta(seconds=59)), "EF-RELEASE-EVERY"),
        (Linear(every=timedelta(days=2, minutes=1)), "EF-RELEASE-EVERY"),
        (Linear(every=timedelta(seconds=90)), "EF-RELEASE-EVERY"),
    ],
)
def test_what_codedeploy_refuses_is_refused(stack, release, code):
    with pytest.raises(ConstructError) as refused:
        function(stack, release=release)
    assert {problem.code for problem in refused.value.problems} == {code}


@pytest.mark.parametrize(
    "release", [Canary(percent=1), Canary(percent=99), Linear(every=timedelta(minutes=1)), Linear(every=timedelta(days=2))]
)
def test_what_lies_just_inside_is_taken(stack, release):
    assert function(stack, release=release).alias


def test_eight_alarms_are_taken_and_nine_are_refused(stack):
    alarms = [alarm(stack, f"Alarm{number}") for number in range(9)]
    function(stack, release=Canary(alarms=alarms[:8]))
    with pytest.raises(ConstructError, match="EF-RELEASE-ALARMS at Shop/Packing: .* is 11 alarms"):
        function(stack, "Packing", release=Canary(alarms=alarms))


def test_all_that_triggers_points_at_the_alias_of_a_stage_as_of_a_function(stack):
    billing = function(stack, alias="DEV", keep_versions=True)
    prod = Stage(billing, "PROD", version=5)
    EventBus(stack, "Orders").route("All", {"source": ["shop"]}, to=prod)
    Schedule(stack, "Nightly", cron="0 2 * * ? *", to=prod)
    topic = Topic(stack, "Events")
    topic.fan_out("Billing", to=prod)
    template = template_of(stack)
    (alias,) = made(template, "Lambda::Alias", "BillingPROD")
    targets = [
        only(template, "Events::Rule")["Properties"]["Targets"][0]["Arn"],
        only(template, "Scheduler::Schedule")["Properties"]["Target"]["Arn"],
        only(template, "Lambda::EventSourceMapping")["Properties"]["FunctionName"],
        only(template, "Lambda::Permission")["Properties"]["FunctionName"],
    ]
    assert targets == [{"Ref": alias}] * 4
