"""Saved queries: over the logs of all functions of a stack, on fields that such logs have."""

import json
import re
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest

from cdk_event_flow import Logs
from cdk_event_flow.compose.observe.queries import QUERIES
from tests.compose.observe.test_dashboard import everything, function
from tests.compose.synthesis import new_stack, resources, template_of

ROOT = Path(__file__).parents[3]
FIELDS = {"@timestamp", "@message", "@log"}
FUNCTIONS = {"coalesce", "count", "pct", "max"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def queries(stack):
    return {each["Name"]["Fn::Join"][1][1]: each for each in resources(template_of(stack), "AWS::Logs::QueryDefinition")}


def test_a_stack_has_three_over_the_logs_of_all_its_functions():
    stack = new_stack()
    everything(stack)
    found = queries(stack)
    assert found.keys() == {"/Trace one id", "/Errors", "/Durations and cold starts"}
    groups = {json.dumps(each["LogGroupNames"]) for each in found.values()}
    assert len(groups) == 1
    (names,) = map(json.loads, groups)
    logs = [each["Fn::Select"][1]["Fn::Split"][1]["Fn::GetAtt"][0] for each in names]
    template = template_of(stack)["Resources"]
    assert sorted(logs) == sorted(id for id, each in template.items() if each["Type"] == "AWS::Logs::LogGroup" and "Logs" in id
                                  and not id.startswith("Copy"))  # fmt: skip
    assert all(len(each["QueryString"]) <= 10_000 for each in found.values())
    assert [each["Name"] for each in found["/Trace one id"]["Parameters"]] == ["id"]


def test_over_fifty_log_groups_they_come_a_second_time():
    stack = new_stack()
    groups = [cdk.aws_logs.LogGroup.from_log_group_name(stack, f"G{number}", f"group-{number}") for number in range(51)]
    for number, group in enumerate(groups):
        function(stack, f"F{number}", logs=Logs(group=group))
    found = queries(stack)
    assert len(found["/Errors"]["LogGroupNames"]) == 50
    assert len(found["/Errors (2)"]["LogGroupNames"]) == 1


def fields_of(query):
    """The fields that a query reads: what is neither text, number, function, command, nor a name that it gives."""
    bare = re.sub(r'"[^"]*"', "", query)
    given = set(re.findall(r"\bas (\w+)", bare))
    words = set(re.findall(r"@?[A-Za-z_][\w.]*", bare))
    commands = {"fields", "filter", "sort", "limit", "stats", "as", "by", "like", "in", "or", "and", "asc", "desc"}
    return words - given - commands - FUNCTIONS


def test_their_fields_stand_in_what_the_local_run_of_the_app_writes(run_lines):
    known = {name for line in run_lines for name in paths(line)} | FIELDS
    for _, query in QUERIES.values():
        assert fields_of(query) <= known


def test_the_trace_of_an_order_finds_its_lines_in_every_consumer_and_errors_are_found(run_lines):
    of_order = [line for line in run_lines if "ORD-1003" in json.dumps(line) and "level" in line]
    assert {line["service"] for line in of_order} >= {"billing", "packing"}
    failed = [line for line in run_lines if line.get("level") in ("ERROR", "CRITICAL", "FATAL")]
    reported = [line for line in run_lines if line.get("type") == "platform.report" and line["record"]["status"] != "success"]
    assert failed
    assert reported


def paths(value, prefix=""):
    """The names of a line's fields, as Logs Insights finds them in JSON: `record.metrics.durationMs`."""
    for name, inner in value.items():
        yield f"{prefix}{name}"
        if isinstance(inner, dict):
            yield from paths(inner, f"{prefix}{name}.")


@pytest.fixture(scope="module")
def run_lines(assembly):
    """The lines that the app's functions write in a local run of two orders, one of which is poison."""
    events = [f"events/{name}.json" for name in ("3-billed-and-packed", "8-poison")]
    command = [Path(sys.executable).with_name("event-flow"), "run", "--once", *events, "--logs", "--template", str(assembly)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    texts = [line.partition("{") for line in (done.stdout + done.stderr).splitlines()]
    return [json.loads(brace + rest) for who, brace, rest in texts if re.fullmatch(r"\w+  +", who) and brace]
