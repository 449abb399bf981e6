"""Alarms as people read them: what each watches, when it fires, what it says, and whom it tells."""

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.watching import Watch, watches

ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
ACCOUNT = "us-east-1:123456789012"


def flow(alarms, **resources):
    """A queue, a function with a version and an alias, a topic, and these alarms."""
    function = {"Ref": "Work"}
    return Flow.from_template(
        {
            "Resources": {
                "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "shop-jobs"}},
                "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": function}},
                "Live": {
                    "Type": "AWS::Lambda::Alias",
                    "Properties": {
                        "FunctionName": function,
                        "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
                        "Name": "live",
                    },
                },
                "Work": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {"FunctionName": "shop-work"},
                    "Metadata": {"aws:cdk:path": "Shop/Work/Function/Resource"},
                },
                "Ops": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-ops"}},
                **{name: {"Type": ALARM, "Properties": properties} for name, properties in alarms.items()},
                **resources,
            }
        }
    )


def watch(properties, kind=ALARM):
    """What is said of one alarm."""
    (found,) = watches(flow({}, Wrong={"Type": kind, "Properties": properties}))
    return found


def of(*names):
    return {"Dimensions": [{"Name": name, "Value": value} for name, value in names]}


USUAL = {
    "Namespace": "AWS/SQS", "MetricName": "Age", "Statistic": "Maximum", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 5,
    "Period": 120, "EvaluationPeriods": 1,
}  # fmt: skip


def test_an_alarm_is_said_whole():
    resources = {
        "Old": {
            "Type": ALARM,
            "Metadata": {"aws:cdk:path": "Shop/Jobs/Old/Resource"},
            "Properties": {
                **USUAL, **of(("QueueName", "shop-jobs")), "AlarmName": "old-jobs",
                "AlarmDescription": "Shop/Jobs/Old: Jobs wait. Do more.",
                "AlarmActions": [{"Ref": "Ops"}], "OKActions": ["arn:aws:sns:us-east-1:123456789012:others"],
                "InsufficientDataActions": ["arn:aws:sns:us-east-1:123456789012:nobody"],
            },
        }
    }  # fmt: skip
    assert watches(flow({}, **resources)) == [
        Watch(
            path="Shop/Jobs/Old",
            name="old-jobs",
            arn=f"arn:aws:cloudwatch:{ACCOUNT}:alarm:old-jobs",
            says="Jobs wait. Do more.",
            metrics=("Age of Jobs",),
            when="Maximum > 5 in a period of 120 s",
            tells=("Ops",),
            over=("others",),
        )
    ]


def test_those_of_whole_flows_are_first_then_the_template_has_its_order():
    both = {"All": {"Type": COMPOSITE, "Properties": {"AlarmRule": "ALARM(B)"}}, "C": {"Type": ALARM, "Properties": USUAL}}
    assert [each.path for each in watches(flow({"B": USUAL, "A": USUAL}, **both))] == ["All", "B", "A", "C"]


@pytest.mark.parametrize(
    ("described", "says"),
    [
        (None, ""),
        ("", ""),
        ("Look.", "Look."),
        ("Wrong: Look.", "Look."),
        ("Other: Look.", "Other: Look."),
        ("Look Wrong: ", "Look Wrong: "),
    ],
)
def test_what_an_alarm_says_is_without_its_own_path(described, says):
    assert watch({**USUAL, "AlarmDescription": described}).says == says


BAND = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}


def measured(id="m", stat="Sum", period=300, name="Errors", **more):
    metric = {"Namespace": "AWS/Lambda", "MetricName": name, **more}
    return {"Id": id, "MetricStat": {"Metric": metric, "Stat": stat, "Period": period}}


HIDDEN, AS_TEXT = {"ReturnData": False}, {"ReturnData": "false"}


@pytest.mark.parametrize(
    ("changes", "when"),
    [
        ({}, "Maximum > 5 in a period of 120 s"),
        ({"ComparisonOperator": "GreaterThanOrEqualToThreshold"}, "Maximum ≥ 5 in a period of 120 s"),
        ({"ComparisonOperator": "LessThanThreshold"}, "Maximum < 5 in a period of 120 s"),
        ({"ComparisonOperator": "LessThanOrEqualToThreshold"}, "Maximum ≤ 5 in a period of 120 s"),
        ({"ComparisonOperator": "NewlyInvented"}, "Maximum NewlyInvented 5 in a period of 120 s"),
        ({"Statistic": None, "ExtendedStatistic": "p99"}, "p99 > 5 in a period of 120 s"),
        ({"Statistic": None}, "> 5 in a period of 120 s"),
        ({"Threshold": "2.5", "Period": "60"}, "Maximum > 2.5 in a period of 60 s"),
        ({"Period": None}, "Maximum > 5 in a period of 60 s"),
        ({"EvaluationPeriods": None}, "Maximum > 5 in a period of 120 s"),
        ({"EvaluationPeriods": 2}, "Maximum > 5 in 2 periods of 120 s"),
        ({"EvaluationPeriods": "3", "DatapointsToAlarm": "3"}, "Maximum > 5 in 3 periods of 120 s"),
        ({"EvaluationPeriods": 3, "DatapointsToAlarm": 1}, "Maximum > 5 in 1 of 3 periods of 120 s"),
    ],
)
def test_when_an_alarm_on_one_metric_fires(changes, when):
    assert watch({name: value for name, value in {**USUAL, **changes}.items() if value is not None}).when == when


@pytest.mark.parametrize(
    ("metrics", "changes", "when"),
    [
        ([measured()], {}, "Sum > 0 in a period of 300 s"),
        ([measured(), {"Id": "e", "Expression": "m * 2"}], {}, "m * 2 > 0 in a period of 300 s"),
        ([{**measured(), **HIDDEN}, {"Id": "e", "Expression": "SUM([FILL(m, 0), FILL(n, 0)])"}], {},
         "SUM([m, n]) > 0 in a period of 300 s"),
        ([{"Id": "e", "Expression": "a + m"}, {"Id": "a", "Expression": "m", **HIDDEN}, {**measured(), **AS_TEXT}], {},
         "a + m > 0 in a period of 300 s"),
        ([{"Id": "a", "Expression": "m", **HIDDEN}, {"Id": "e", "Expression": "a + m", "ReturnData": "true"}], {},
         "a + m > 0 in a period of 60 s"),
        ([{**measured("a", "Average"), **AS_TEXT}, measured()], {}, "Sum > 0 in a period of 300 s"),
        ([{"Id": "e", "Expression": "SELECT MAX(Age) FROM SQS", "Period": 600}], {},
         "SELECT MAX(Age) FROM SQS > 0 in a period of 600 s"),
        ([measured(period=60), measured("n", period=3600), {"Id": "e", "Expression": "m + n"}], {},
         "m + n > 0 in a period of 3600 s"),
        ([{"Id": "e", "Expression": "m"}, {**measured(period=None), "Period": 30}], {}, "m > 0 in a period of 30 s"),
        ([measured(), BAND], {"ThresholdMetricId": "band", "ComparisonOperator": "GreaterThanUpperThreshold"},
         "Sum > ANOMALY_DETECTION_BAND(m, 2) in a period of 300 s"),
        ([BAND, measured()], {"ThresholdMetricId": "band", "ComparisonOperator": "LessThanLowerThreshold"},
         "Sum < ANOMALY_DETECTION_BAND(m, 2) in a period of 300 s"),
        ([BAND, {"Id": "m", "Expression": "a / b"}],
         {"ThresholdMetricId": "band", "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold", "EvaluationPeriods": 2},
         "a / b outside ANOMALY_DETECTION_BAND(m, 2) in 2 periods of 60 s"),
        ([{"Expression": "no id"}], {}, "no id > 0 in a period of 60 s"),
        ([{"Id": "m", **HIDDEN}], {}, "> 0 in a period of 60 s"),
        ([3, None], {}, "> 0 in a period of 60 s"),
        ("none", {}, "> 0 in a period of 60 s"),
    ],
)  # fmt: skip
def test_when_an_alarm_on_several_metrics_fires(metrics, changes, when):
    given = {"Metrics": metrics, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "EvaluationPeriods": 1, **changes}
    if "ThresholdMetricId" in changes:
        del given["Threshold"]
    assert watch(given).when == when


@pytest.mark.parametrize(
    ("rule", "when"),
    [
        ("ALARM(a)", "any fires of a"),
        ('ALARM("Shop/Old") OR ALARM(Shop/New)', "any fires of Shop/Old, Shop/New"),
        (" ALARM(a)  OR ALARM(b) ", "any fires of a, b"),
        ("ALARM(a) AND ALARM(b)", "ALARM(a) AND ALARM(b)"),
        ("ALARM(a) OR NOT ALARM(b)", "ALARM(a) OR NOT ALARM(b)"),
        ("ALARM(a) OR OK(b)", "ALARM(a) OR OK(b)"),
        ('ALARM("a" OR ALARM(b)', 'ALARM("a" OR ALARM(b)'),
        ("TRUE", "TRUE"),
    ],
)
def test_when_an_alarm_of_alarms_fires(rule, when):
    assert watch({"AlarmRule": rule}, COMPOSITE).when == when


@pytest.mark.parametrize(
    ("properties", "metrics"),
    [
        ({**USUAL, **of(("QueueName", "shop-jobs"))}, ("Age of Jobs",)),
        ({**USUAL, **of(("FunctionName", {"Ref": "Work"}))}, ("Age of Work",)),
        ({**USUAL, **of(("FunctionName", {"Ref": "Work"}), ("Resource", "shop-work:live"))}, ("Age of Work",)),
        ({**USUAL, **of(("TopicName", "shop-ops"), ("QueueName", "shop-jobs"))}, ("Age of Jobs",)),
        ({**USUAL, **of(("QueueName", "shop-jobs"), ("Kind", "new"))}, ("Age of Jobs",)),
        ({**USUAL, **of(("Service", "web"), ("Kind", "new"))}, ("Age of web new",)),
        ({**USUAL, **of(("Kind", "live"))}, ("Age of live",)),
        (USUAL, ("Age",)),
        ({**USUAL, "Dimensions": [None]}, ("Age of None",)),
        ({"Metrics": [measured(**of(("FunctionName", "shop-work"))), {"Expression": "m"}, measured(name="Throttles"),
                      measured(name="")]},
         ("Errors of Work", "Throttles")),
        ({"Metrics": [{"MetricStat": "none"}, {"MetricStat": {"Metric": []}}, 3]}, ()),
        ({}, ()),
    ],
)  # fmt: skip
def test_what_an_alarm_watches_is_called_as_in_the_template(properties, metrics):
    assert watch(properties).metrics == metrics


def test_of_two_that_have_one_name_the_first_is_named():
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "shop-ops"}}
    (found,) = watches(flow({"Old": {**USUAL, **of(("TopicName", "shop-ops"))}}, Other=queue))
    assert found.metrics == ("Age of Ops",)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ({"Ref": "Ops"}, "Ops"),
        ({"Fn::GetAtt": ["Work", "Arn"]}, "Work"),
        ({"Ref": "Live"}, "Work"),
        (f"arn:aws:sns:{ACCOUNT}:elsewhere", "elsewhere"),
        (f"arn:aws:lambda:{ACCOUNT}:function:mend", "mend"),
        (f"arn:aws:ssm:{ACCOUNT}:opsitem:2#CATEGORY=Cost", "an item of OpsCenter, severity 2, Cost"),
        (f"arn:aws:ssm:{ACCOUNT}:opsitem:1", "an item of OpsCenter, severity 1"),
        ("arn:aws:ssm-incidents::123456789012:response-plan/orders", "an incident by the plan orders"),
        (f"arn:aws:aiops:{ACCOUNT}:investigation-group/x", "an investigation"),
        (f"arn:aws:autoscaling:{ACCOUNT}:scalingPolicy:1:autoScalingGroupName/a:policyName/up", "scaling"),
        ("arn:aws:automate:us-east-1:ec2:stop", "stop"),
        ({"Fn::ImportValue": "shop/ops:topic"}, "unknown (export shop/ops:topic is of a stack that is not here)"),
        ("no ARN", "no ARN"),
        ("arn", "arn"),
    ],
)
def test_whom_an_alarm_tells(action, told):
    found = watch({**USUAL, "AlarmActions": [action], "OKActions": [{"Ref": "Ops"}, action]})
    assert (found.tells, found.over) == ((told,), ("Ops", told))


@pytest.mark.parametrize(
    ("given", "tells"),
    [({}, ("Ops",)), ({"ActionsEnabled": "true"}, ("Ops",)), ({"ActionsEnabled": False}, ()), ({"ActionsEnabled": "False"}, ())],
)
def test_an_alarm_whose_actions_are_off_tells_nobody(given, tells):
    found = watch({**USUAL, "AlarmActions": [{"Ref": "Ops"}], "OKActions": [{"Ref": "Ops"}], **given})
    assert (found.tells, found.over) == (tells, tells)


def test_one_without_actions_tells_nobody():
    assert (watch(USUAL).tells, watch({**USUAL, "AlarmActions": "Ops"}).tells) == ((), ())
