"""`event-flow alarms` and `event-flow dashboard`, as people call them."""

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from cdk_event_flow.cli.group import event_flow
from cdk_event_flow.errors import TemplateError


def called(*arguments):
    return CliRunner().invoke(event_flow, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False)


def test_each_alarm_says_when_it_fires_what_to_do_and_whom_it_tells(assembly):
    said = called("alarms", "--template", assembly).stdout
    part = said[said.index("OrderPacking/Billing/Errors: ") :].splitlines()
    assert part[:4] == [
        "OrderPacking/Billing/Errors: SUM([errors, throttles]) > 0 in a period of 60 s",
        "  watches Errors of Billing, Throttles of Billing",
        "  Errors: Invocations fail. Read the function's log for the error; if it began with a release, roll back. Throttles: "
        "Concurrency ran out. Raise the reserved concurrency, or the account's, or slow the producers.",
        "  tells nobody",
    ]
    assert said.splitlines()[-1] == "11 alarms on 21 metrics, 11 of them tell nobody"


def test_as_json_it_is_a_list(assembly):
    found = json.loads(called("alarms", "--json", "--template", assembly).stdout)
    assert {each["name"] for each in found} >= {"OrderPacking/Billing/Errors", "OrderPacking/Orders/Failing"}


def test_whom_alarms_of_other_peoples_templates_tell_is_read_too(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {
        "Ops": {"Type": "AWS::SNS::Topic"},
        "Cpu": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Statistic": "Average", "Threshold": 80, "Period": 300,
            "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}], "OKActions": [{"Ref": "Ops"}],
            "AlarmActions": [{"Ref": "Ops"}, "arn:aws:ssm:eu-west-1:123456789012:opsitem:2#CATEGORY=Cost",
                             "arn:aws:ssm-incidents::123456789012:response-plan/orders"],
        }},
    }}))  # fmt: skip
    assert called("alarms", "--template", tmp_path / "t.json").stdout.splitlines() == [
        "Cpu: Average ≥ 80 in 2 of 3 periods of 300 s",
        "  watches CPUUtilization of i-1",
        "  It does not say what to do.",
        "  tells Ops, an item of OpsCenter, severity 2, Cost, an incident by the plan orders; that it is over, Ops",
        "1 alarm on 1 metric",
    ]


def test_the_dashboard_is_drawn_with_what_the_alarms_say(assembly, tmp_path):
    assert called("dashboard", "--template", assembly, "-o", tmp_path / "board.svg").exit_code == 0
    texts = [each.text for each in ET.parse(tmp_path / "board.svg").getroot().iter("{http://www.w3.org/2000/svg}text")]
    assert "OrderPacking/Orders/Failing" in texts
    assert "Billing ← OrderEvents/Billing" in texts
    assert called("dashboard", "--template", assembly).stdout == (tmp_path / "board.svg").read_text("utf-8")


def test_a_template_without_a_dashboard_or_with_another_name_is_one_clear_error(assembly, tmp_path):
    (tmp_path / "t.json").write_text('{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')
    with pytest.raises(TemplateError, match="EF-DASHBOARD at .*: it has no dashboard"):
        called("dashboard", "--template", tmp_path / "t.json")
    with pytest.raises(TemplateError, match="EF-DASHBOARD at .*: Board is given, it has OrderPacking/EventFlowDashboard"):
        called("dashboard", "--template", assembly, "--name", "Board")
