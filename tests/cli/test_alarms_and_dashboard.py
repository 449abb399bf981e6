"""`event-flow alarms` and `event-flow dashboard`, as people call them."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from cdk_event_flow.cli.group import event_flow
from cdk_event_flow.errors import TemplateError


def called(*arguments):
    return CliRunner().invoke(event_flow, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False)


def test_each_alarm_says_when_it_fires_what_to_do_and_whom_it_tells(assembly):
    said = called("alarms", "--template", assembly).stdout
    assert said.startswith("OrderPacking/NotBilled: any fires of OrderPacking/Billing/Errors, OrderPacking/OrderEvents/Billing/")
    part = said[said.index("OrderPacking/Billing/Errors: ") :].splitlines()
    assert part[:4] == [
        "OrderPacking/Billing/Errors: SUM([errors, throttles]) > 0 in a period of 60 s",
        "  watches Errors of Billing, Throttles of Billing",
        "  Errors: Invocations fail. Read the function's log for the error; if it began with a release, roll back. Throttles: "
        "Concurrency ran out. Raise the reserved concurrency, or the account's, or slow the producers.",
        "  tells nobody",
    ]
    assert said.splitlines()[-1] == "12 alarms on 21 metrics, 12 of them tell nobody"


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


def small(name, **properties):
    return {"Type": name, "Properties": properties}


def test_with_events_the_graphs_and_the_states_of_alarms_are_of_a_run_here(tmp_path):
    metrics = [
        ["AWS/Lambda", "Invocations", "FunctionName", "worker", {"label": "runs"}],
        [".", "Errors", ".", ".", {"label": "bad"}],
    ]
    graph = {
        "type": "metric",
        "x": 0,
        "y": 2,
        "width": 12,
        "height": 6,
        "properties": {"metrics": metrics, "stat": "Sum", "period": 60},
    }
    arns = [f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}" for name in ("errors", "throttles")]
    states = {"type": "alarm", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"alarms": arns}}
    watched = {"Namespace": "AWS/Lambda", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 0,
               "ComparisonOperator": "GreaterThanThreshold", "Dimensions": [{"Name": "FunctionName", "Value": "worker"}]}  # fmt: skip
    worker = {"Fn::GetAtt": ["Worker", "Arn"]}
    template = {
        "Role": small("AWS::IAM::Role", AssumeRolePolicyDocument={}),
        "Worker": small("AWS::Lambda::Function", FunctionName="worker", Runtime="python3.13", Handler="index.handler",
                        Role={"Fn::GetAtt": ["Role", "Arn"]}, Code={"ZipFile": "def handler(event, context):\n    raise ValueError"}),
        "Rule": small("AWS::Events::Rule", EventPattern={"source": ["shop"]}, Targets=[{"Id": "T", "Arn": worker}]),
        "May": small("AWS::Lambda::Permission", FunctionName=worker, Action="lambda:InvokeFunction",
                     Principal="events.amazonaws.com"),
        "Errors": small("AWS::CloudWatch::Alarm", AlarmName="errors", MetricName="Errors",
                        AlarmDescription="It fails. Mend it.", **watched),
        "Throttles": small("AWS::CloudWatch::Alarm", AlarmName="throttles", MetricName="Throttles", **watched),
        "Board": small("AWS::CloudWatch::Dashboard", DashboardBody=json.dumps({"widgets": [states, graph]})),
    }  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps({"Resources": template}))
    (tmp_path / "e.json").write_text(json.dumps({"source": "shop", "detail-type": "X", "detail": {}}))
    done = called(
        "dashboard", tmp_path / "e.json", "--on", "default", "--template", tmp_path / "t.json", "-o", tmp_path / "board.svg"
    )
    assert done.exit_code == 0
    drawn = (tmp_path / "board.svg").read_text("utf-8")
    assert drawn.count('class="state bad"') == drawn.count('class="state good"') == 2
    assert re.findall(r'<(?:path|circle) class="(?:line|dot) line[01]" (?:d="M[^h"]*L|cx)', drawn), "three invocations, each an error"
    assert "It fails. Mend it." in drawn
