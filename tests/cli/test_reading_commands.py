"""`event-flow check`, `routes` and `diff` on templates as they lie there."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

EVENT_FLOW = Path(sys.executable).with_name("event-flow")
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
RESOURCES = {
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}},
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": ["shop"]},
            "Targets": [
                {"Id": "Q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:1:dead"}}
            ],
        },
    },
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}},
    "Policy": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                    }
                ]
            },
        },
    },
}


def said(*arguments, status=0):
    """What the command prints, at this exit status."""
    done = subprocess.run([EVENT_FLOW, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout


@pytest.fixture
def template(tmp_path):
    """A function that writes the template, changed."""

    def write(name, change=lambda resources: None):
        resources = copy.deepcopy(RESOURCES)
        change(resources)
        file = tmp_path / name
        file.write_text(json.dumps({"Resources": resources}))
        return file

    return write


def wrong(resources):
    resources["Rule"]["Properties"]["EventPattern"] = {"source": []}


def test_nothing_wrong_exits_with_0(template):
    assert said("check", "--template", template("sound.json")) == "nothing found\n"


def test_an_error_exits_with_1_and_says_what_why_and_what_to_do(template):
    text = said("check", "--template", template("wrong.json", wrong), status=1)
    assert text.startswith("error EF101 Rule\n  The pattern is refused: ")
    assert "https://docs.aws.amazon.com/" in text
    assert text.endswith("1 error, 0 warnings\n")


def test_sarif_names_rule_place_and_construct(template):
    file = template("wrong.json", wrong)
    (run,) = json.loads(said("check", "--template", file, "--format", "sarif", status=1))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["EF101"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("EF101", "error")
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == str(file)
    assert location["logicalLocations"] == [{"fullyQualifiedName": "Rule", "kind": "resource"}]


def test_annotations_are_one_line_each(template):
    (line,) = said("check", "--template", template("wrong.json", wrong), "--format", "github", status=1).splitlines()
    assert line.startswith("::error file=")
    assert ",title=EF101 Rule::The pattern is refused: " in line


def test_strict_fails_on_warnings(template):
    file = template("loose.json", lambda r: r["Rule"]["Properties"]["Targets"][0].pop("DeadLetterConfig"))
    assert "warning EF201 Rule" in said("check", "--template", file)
    said("check", "--strict", "--template", file, status=1)


def nightly(resources):
    resources["Reconcile"] = {"Type": "AWS::Lambda::Function", "Properties": {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:::x"}}}
    target = {"Arn": {"Fn::GetAtt": ["Reconcile", "Arn"]}, "RoleArn": "r", "DeadLetterConfig": {"Arn": "arn:aws:sqs:::x"}}
    resources["Nightly"] = {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 day)", "Target": target}}


def test_advice_is_given_on_request_and_fails_nothing(template):
    file = template("advised.json", nightly)
    assert "EF901" not in said("check", "--strict", "--template", file)
    asked = ("check", "--strict", "--advice", "--template", file)
    assert "info EF901 Reconcile" in (text := said(*asked))
    assert text.endswith("0 errors, 0 warnings, 1 of advice\n")
    (run,) = json.loads(said(*asked, "--format", "sarif"))["runs"]
    assert [result["level"] for result in run["results"]] == ["note"]
    assert said(*asked, "--format", "github").startswith("::notice file=")


def test_routes_are_a_line_a_hop(template):
    assert said("routes", "--template", template("sound.json")) == "Bus → Queue by Rule  [source: shop]\n"
    assert json.loads(said("routes", "--json", "--template", template("sound.json"))) == [
        {"source": "Bus", "by": "Rule", "filter": ["source: shop"], "target": "Queue"}
    ]


def test_a_difference_is_said_as_text_mermaid_and_json(template):
    old = template("old.json")
    new = template("new.json", lambda r: r["Rule"]["Properties"].update(EventPattern={"source": ["shop", "web"]}))
    text = said("diff", old, new)
    assert '    pattern: {"source": ["shop"]} → {"source": ["shop", "web"]}\n' in text
    assert 'on Bus, {"source": "web"} now reaches Queue' in text
    assert '  n0 -- "changed: Rule" --> n1\n' in said("diff", old, new, "--format", "mermaid")
    assert json.loads(said("diff", old, new, "--format", "json"))["rerouted"][0]["gained"] == ["Queue"]
    assert said("diff", old, old, "--exit-code") == "no hop changes\n"
    said("diff", old, new, "--exit-code", status=1)


@pytest.mark.parametrize("command", ["check", "routes"])
def test_what_is_no_template_is_one_line(tmp_path, command):
    done = subprocess.run([EVENT_FLOW, command, "--template", tmp_path / "none"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("EF-TEMPLATE at ")


def filtered(resources):
    """A topic whose queue takes urgent messages of more than five only."""
    policy = {"kind": ["urgent"], "size": [{"numeric": [">", 5]}]}
    to = {"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}
    resources["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]["Principal"]["Service"] = "sns.amazonaws.com"
    resources["News"] = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    resources["Subscription"] = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "News"}, "FilterPolicy": policy, **to},
    }


def test_a_message_is_traced_with_its_attributes(template, tmp_path):
    file, message = template("filtered.json", filtered), tmp_path / "message.json"
    message.write_text('{"text": "hello"}')
    trace = ("trace", message, "--template", file, "--on", "News", "--to", "Queue")
    assert "reaches Queue" in said(*trace, "--attribute", "kind=urgent", "--attribute", "size=7")
    assert 'kind is "dull"' in said(*trace, "--attribute", "kind=dull", "--attribute", "size=7", status=1)
    said(*trace, "--attribute", "urgent", status=2)


def test_schedules_says_when_what_happens(template):
    clock = {
        "Often": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "ScheduleExpression": "rate(12 hours)",
                "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
                "Target": {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/x"},
            },
        },
        "Off": {
            "Type": "AWS::Events::Rule",
            "Properties": {"ScheduleExpression": "rate(1 day)", "State": "DISABLED", "Targets": []},
        },
    }
    path = template("clock.json", lambda resources: resources.update(clock))
    assert said("schedules", "--after", "2026-12-24T06:30:00Z", "--count", "1", "--template", path).splitlines() == [
        "Often → Queue: rate(12 hours) UTC, within 5 minutes",
        "  Thu 2026-12-24 18:30 UTC",
        "Off → nothing: rate(1 day) UTC",
        "  disabled",
    ]
    first, second = json.loads(said("schedules", "--json", "--after", "2026-12-24", "--template", path))
    assert (first["times"][0], len(first["times"]), second["enabled"]) == ("2026-12-24T12:00:00+00:00", 5, False)
    assert said("schedules", "--template", template("sound.json")) == "Nothing here happens by the clock.\n"


def test_who_may_do_what_is_said_as_text_and_json(template):
    file = template("orders.json")
    assert said("access", "--template", file) == (
        "events.amazonaws.com\n  may sqs:SendMessage on Queue\n    by the policy of Queue, statement 1\n"
    )
    (only,) = json.loads(said("access", "--template", file, "--json", "--on", "Queue"))
    assert (only["who"], only["actions"]) == (["events.amazonaws.com"], ["sqs:SendMessage"])
    assert said("access", "--template", file, "--wide") == ""


def test_a_wildcard_that_a_name_could_replace_fails(template):
    def anybody(resources):
        resources["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]["Principal"] = "*"

    assert "wide: everybody is let in" in said("access", "--template", template("orders.json", anybody), "--wide", status=1)


def test_a_name_that_no_policy_has_is_said(template):
    done = subprocess.run(
        [EVENT_FLOW, "access", "--template", template("orders.json"), "--who", "Nobody"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "'Nobody' is in no policy; there is events.amazonaws.com" in done.stderr
