"""Stages: DEV, STAGE, PROD of one function by version number, weighted, each with what is its own."""

from datetime import timedelta

import pytest

from cdk_event_flow import AllAtOnce, Asynchronous, Canary, Stage
from cdk_event_flow.errors import ConstructError
from tests.compose.functions.made import function, made, only
from tests.compose.synthesis import flow_of, new_stack, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


@pytest.fixture
def billing(stack):
    return function(stack, alias="DEV", keep_versions=True)


def aliases(template):
    return {each["Properties"]["Name"]: each["Properties"]["FunctionVersion"] for each in made(template, "Lambda::Alias").values()}


def test_the_function_is_its_newest_stage_and_the_others_stand_at_their_numbers(stack, billing):
    Stage(billing, "STAGE", version=7)
    Stage(billing, "PROD", version=5)
    template = template_of(stack)
    (version,) = made(template, "Lambda::Version")
    assert aliases(template) == {"DEV": {"Fn::GetAtt": [version, "Version"]}, "STAGE": "7", "PROD": "5"}


def test_promotion_is_one_changed_line_of_the_template(stack, billing):
    before, after = new_stack(), new_stack()
    for each, number in ((before, 5), (after, 6)):
        Stage(function(each, keep_versions=True), "PROD", version=number)
    (one, other) = (template_of(each)["Resources"] for each in (before, after))
    changed = {id: other[id]["Properties"] for id in one if one[id] != other[id]}
    assert one.keys() == other.keys()
    assert [each["FunctionVersion"] for each in changed.values()] == ["6"]


def test_a_stage_may_be_at_the_number_that_its_deployment_publishes(stack, billing):
    Stage(billing, "PROD", version=1)
    template = template_of(stack)
    assert list(made(template, "Lambda::Version")) == only(template, "Lambda::Alias", "BillingPROD")["DependsOn"]


def test_kept_versions_outlive_the_next_one_and_go_with_a_deployment_that_fails(stack, billing):
    version = only(template_of(stack), "Lambda::Version")
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_without_stages_a_version_goes_when_the_next_has_taken_over(stack):
    function(stack)
    assert "DeletionPolicy" not in only(template_of(stack), "Lambda::Version")


def test_a_part_of_the_traffic_goes_to_another_version(stack, billing):
    Stage(billing, "PROD", version=5, weights={7: 10})
    Stage(billing, "STAGE", version=5, weights={"newest": 1})
    template = template_of(stack)
    weights = [each["Properties"].get("RoutingConfig") for each in made(template, "Lambda::Alias", "Billing").values()]
    (newest,) = ({"Fn::GetAtt": [id, "Version"]} for id in made(template, "Lambda::Version"))
    assert weights == [
        None,
        {"AdditionalVersionWeights": [{"FunctionVersion": "7", "FunctionWeight": 0.1}]},
        {"AdditionalVersionWeights": [{"FunctionVersion": newest, "FunctionWeight": 0.01}]},
    ]


def test_each_stage_has_its_own_alarm_release_and_asynchronous_configuration(stack):
    billing = function(stack, alias="DEV", keep_versions=True, asynchronous=Asynchronous(retries=1))
    Stage(billing, "PROD", version=5, release=Canary())
    template = template_of(stack)
    watched = [
        dimension["Value"]["Fn::Join"][1][1]
        for each in made(template, "CloudWatch::Alarm").values()
        for metric in each["Properties"].get("Metrics", [])
        for dimension in metric.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
        if dimension["Name"] == "Resource"
    ]
    assert watched == [":DEV", ":PROD"]
    assert [each["Properties"]["Qualifier"] for each in made(template, "Lambda::EventInvokeConfig").values()] == ["DEV", "PROD"]
    released = [each["Properties"]["Name"] for each in made(template, "Lambda::Alias").values() if "UpdatePolicy" in each]
    assert released == ["PROD"]


def test_flow_reads_the_versions_and_weights(stack, billing):
    Stage(billing, "PROD", version=5, weights={7: 10})
    flow = flow_of(stack)
    (prod,) = [each for each in flow.nodes.values() if each.name.endswith("PROD") and hasattr(each, "weights")]
    assert prod.version_arn.endswith(":5")
    assert {arn.rpartition(":")[2]: weight for arn, weight in prod.weights.items()} == {"7": 0.1}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({"version": 0}, "EF-STAGE-VERSION", "version is 0"),
        ({"version": "$LATEST", "provisioned": 1}, "EF-STAGE-VERSION", "can have neither weights nor provisioned concurrency"),
        ({"version": 5, "weights": {"$LATEST": 10}}, "EF-STAGE-VERSION", "$LATEST changes in use"),
        ({"version": 5, "weights": {6: 0}}, "EF-STAGE-WEIGHTS", "1 % to 99 %"),
        ({"version": 5, "weights": {6: 100}}, "EF-STAGE-WEIGHTS", "weight of version 6 is 100 %"),
        ({"version": 5, "weights": {6: 10, 7: 10}}, "EF-STAGE-WEIGHTS", "0 versions to 1 versions"),
        ({"version": 5, "weights": {5: 10}}, "EF-STAGE-WEIGHTS", "version and weights are both 5"),
        ({"version": 5, "weights": {6: 10}, "release": Canary()}, "EF-STAGE-WEIGHTS", "weights with release=Canary"),
        ({"release": Canary(percent=0)}, "EF-RELEASE-PERCENT", "percent is 0 %"),
        ({"provisioned": 0}, "EF-PROVISIONED", "minimum is 0"),
    ],
)
def test_a_stage_that_cannot_work_is_refused(billing, arguments, code, said):
    with pytest.raises(ConstructError) as refused:
        Stage(billing, "PROD", **arguments)
    assert code in {problem.code for problem in refused.value.problems}
    assert f"{code} at Shop/Billing/PROD: " in str(refused.value)
    assert said in str(refused.value)
    assert billing.node.try_find_child("PROD") is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"version": 1},
        {"version": 5, "weights": {6: 1}},
        {"version": 5, "weights": {6: 99}},
        {"release": AllAtOnce()},
        {"provisioned": 1},
    ],
)
def test_what_lies_just_inside_is_taken(billing, arguments):
    assert Stage(billing, "PROD", **arguments).alias


def test_a_number_needs_a_function_that_keeps_its_versions(stack):
    billing = function(stack)
    Stage(billing, "DEV")
    with pytest.raises(ConstructError, match=r"EF-STAGE-VERSION at Shop/Billing/PROD: .*keep_versions=True"):
        Stage(billing, "PROD", version=5)


@pytest.mark.parametrize("name", ["5", "", "PR OD", "a" * 129, "öd"])
def test_a_name_that_lambda_refuses_is_refused(stack, name):
    with pytest.raises(ConstructError, match="EF-FUNCTION-ALIAS"):
        function(stack, alias=name)


@pytest.mark.parametrize("name", ["5a", "a" * 128, "PROD_eu-1"])
def test_a_name_that_lambda_takes_is_taken(stack, name):
    assert function(stack, alias=name).alias


def test_stages_wait_as_long_as_their_function(stack):
    billing = function(stack, timeout=timedelta(seconds=50))
    assert Stage(billing, "DEV").consumer.timeout == timedelta(seconds=50)
