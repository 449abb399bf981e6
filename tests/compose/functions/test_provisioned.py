"""Provisioned concurrency: fixed in the alias, by utilisation or by the clock through Application Auto Scaling."""

import pytest

from cdk_event_flow import Provisioned, Stage
from cdk_event_flow.errors import ConstructError
from tests.compose.functions.made import function, made, only
from tests.compose.synthesis import new_stack, template_of

MORNING, EVENING = "0 7 ? * MON-FRI *", "0 19 ? * MON-FRI *"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def test_a_number_stands_in_the_alias(stack):
    function(stack, provisioned=5)
    template = template_of(stack)
    wanted = only(template, "Lambda::Alias")["Properties"]["ProvisionedConcurrencyConfig"]
    assert wanted == {"ProvisionedConcurrentExecutions": 5}
    assert not made(template, "ApplicationAutoScaling::ScalableTarget")


def test_a_maximum_follows_the_utilisation(stack):
    function(stack, provisioned=Provisioned(minimum=2, maximum=50, utilization=60))
    template = template_of(stack)
    target = only(template, "ApplicationAutoScaling::ScalableTarget")
    assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (2, 50)
    assert target["Properties"]["ResourceId"]["Fn::Join"][1][-1] == ":live"
    assert target["DependsOn"] == list(made(template, "Lambda::Alias"))
    policy = only(template, "ApplicationAutoScaling::ScalingPolicy")["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    assert policy == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
        "TargetValue": 0.6,
    }
    assert "ProvisionedConcurrencyConfig" not in only(template, "Lambda::Alias")["Properties"]


def test_by_the_clock_alone_fewer_in_the_evening_lowers_the_maximum_too(stack):
    function(stack, provisioned=Provisioned(minimum=1, times={MORNING: 20, EVENING: 0}, timezone="Europe/Berlin"))
    template = template_of(stack)
    target = only(template, "ApplicationAutoScaling::ScalableTarget")["Properties"]
    actions = [(each["Schedule"], each["Timezone"], *each["ScalableTargetAction"].values()) for each in target["ScheduledActions"]]
    assert actions == [
        (f"cron({MORNING})", "Europe/Berlin", 20, 20),
        (f"cron({EVENING})", "Europe/Berlin", 0, 0),
    ]
    assert target["MaxCapacity"] == 20
    assert not made(template, "ApplicationAutoScaling::ScalingPolicy")


def test_by_the_clock_and_by_utilisation_only_the_minimum_changes(stack):
    function(stack, provisioned=Provisioned(minimum=1, maximum=50, times={MORNING: 20}))
    target = only(template_of(stack), "ApplicationAutoScaling::ScalableTarget")["Properties"]
    assert target["ScheduledActions"][0]["ScalableTargetAction"] == {"MaxCapacity": 50, "MinCapacity": 20}


def many(number):
    return {f"{minute % 60} {minute // 60} * * ? *": 1 for minute in range(number)}


@pytest.mark.parametrize(
    ("inside", "outside", "code"),
    [
        (Provisioned(minimum=1), Provisioned(minimum=0), "EF-PROVISIONED"),
        (Provisioned(minimum=5, maximum=5), Provisioned(minimum=6, maximum=5), "EF-PROVISIONED"),
        (Provisioned(minimum=1, times={MORNING: 0}), Provisioned(minimum=1, times={MORNING: -1}), "EF-PROVISIONED"),
        (
            Provisioned(minimum=1, maximum=5, times={MORNING: 5}),
            Provisioned(minimum=1, maximum=5, times={MORNING: 6}),
            "EF-PROVISIONED",
        ),
        (
            Provisioned(minimum=1, maximum=5, utilization=10),
            Provisioned(minimum=1, maximum=5, utilization=9),
            "EF-PROVISIONED-UTILIZATION",
        ),
        (
            Provisioned(minimum=1, maximum=5, utilization=90),
            Provisioned(minimum=1, maximum=5, utilization=91),
            "EF-PROVISIONED-UTILIZATION",
        ),
        (Provisioned(minimum=1, times=many(200)), Provisioned(minimum=1, times=many(201)), "EF-PROVISIONED-TIMES"),
        (Provisioned(minimum=1, times={MORNING: 5}), Provisioned(minimum=1, times={"0 7 * * MON-FRI": 5}), "EF-SCHEDULE"),
    ],
)
def test_what_lies_inside_a_limit_is_taken_and_what_lies_outside_is_refused(stack, inside, outside, code):
    assert function(stack, "Inside", provisioned=inside).alias
    with pytest.raises(ConstructError) as refused:
        function(stack, provisioned=outside)
    assert {problem.code for problem in refused.value.problems} == {code}


def test_it_fits_into_what_is_reserved_for_all_aliases_together(stack):
    billing = function(stack, reserved=10, provisioned=6)
    Stage(billing, "STAGE", provisioned=4)
    with pytest.raises(ConstructError, match="EF-PROVISIONED-RESERVED at Shop/Billing/PROD: .* is 11 environments"):
        Stage(billing, "PROD", provisioned=1)
    with pytest.raises(ConstructError, match="EF-PROVISIONED-RESERVED at Shop/Packing: "):
        function(stack, "Packing", reserved=10, provisioned=Provisioned(minimum=1, maximum=11))
