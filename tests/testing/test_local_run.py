"""The fixture `local_run` on a small app of functions in the template itself."""

import json
import os
import time
from datetime import timedelta

import pytest

from cdk_event_flow.errors import EventFlowError, RunError, TemplateError
from cdk_event_flow.flow import Flow
from cdk_event_flow.testing.local_run import Run
from cdk_event_flow.testing.local_runs import LocalRuns

COUNTING = """
import os, pathlib, tempfile, time
seen = []
def handler(event, context):
    body = event["Records"][0]["body"]
    seen.append(body)
    if body == "file":
        pathlib.Path(tempfile.gettempdir(), "left").write_text("x")
    if body == "slow":
        time.sleep(30)
    if body == "bad":
        raise ValueError("it is bad")
    print(os.getpid())
"""
TEMPLATE = {
    "Resources": {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1_209_600}},
        "Jobs": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 60,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2},
            },
        },
        "Spare": {"Type": "AWS::SQS::Queue"},
        "News": {"Type": "AWS::SNS::Topic"},
        "Mail": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "News"}, "Protocol": "email", "Endpoint": "ops@example.com"},
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
        "Worker": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Timeout": 10,
                "Code": {"ZipFile": COUNTING},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]},
                "FunctionName": {"Fn::GetAtt": ["Worker", "Arn"]},
                "BatchSize": 1,
            },
        },
    }
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "template.json").write_text(json.dumps(TEMPLATE))
    runs = LocalRuns(Flow.from_template(folder / "template.json"), app=folder, assembly=folder)
    yield runs
    runs.close()


@pytest.fixture
def begin(runs):
    """Begins a test of its own at each call."""
    opened = []

    def begin():
        if opened:
            runs.end()
        opened.append(Run(runs, runs.open()))
        return opened[-1]

    yield begin
    runs.end()


def environments(runs):
    return {environment.name for environment in runs.environments.all}


def work(run, *bodies):
    run.send("Jobs", *bodies)
    run.settle()


def test_each_test_begins_with_nothing_and_keeps_warm_environments(begin, runs):
    first = begin()
    work(first, "one", {"two": 2})
    assert first.received("Worker") == ["one", {"two": 2}]
    first.client("ssm").put_parameter(Name="left", Value="x", Type="String")
    warm = environments(runs)
    second = begin()
    assert second.received("Worker") == second.received("Jobs") == []
    assert second.client("ssm").describe_parameters()["Parameters"] == []
    work(second, "three")
    assert environments(runs) == warm != set()
    second.cold()
    assert environments(runs) == set()


def test_an_environment_with_files_left_behind_or_ahead_in_time_is_not_kept(begin, runs):
    run = begin()
    run.cold()
    work(run, "file")
    assert len(environments(runs)) == 1
    run = begin()
    assert environments(runs) == set()
    run.advance(timedelta(hours=1))
    work(run, "one")
    assert len(environments(runs)) == 1
    started = begin().now
    assert environments(runs) == set()
    assert abs(started.timestamp() - time.time()) < 5


def test_time_never_goes_back_in_an_environment_that_is_kept(begin, runs):
    run = begin()
    run.advance(timedelta(seconds=30))
    work(run, "one")
    assert begin().now.timestamp() - time.time() > 20


def test_what_is_at_work_at_the_end_of_a_test_is_ended(begin, runs):
    run = begin()
    run.send("Jobs", "slow")
    begun = time.monotonic()
    while not any(environment.busy and environment.pid for environment in runs.environments.all):
        time.sleep(0.01)
    pids = [environment.pid for environment in runs.environments.all]
    begin()
    assert time.monotonic() - begun < 10
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_dead_letters_are_found_by_what_they_serve(begin):
    run = begin()
    work(run, "bad", "good")
    (letter,) = run.dead_letters("Worker")
    assert (letter.payload, letter.reason, letter.receives, letter.queue) == ("bad", "ValueError: it is bad", 2, "Dead")
    assert run.dead_letters("Jobs") == run.dead_letters("Dead") == [letter]
    with pytest.raises(RunError, match="EF-DLQ-NONE at News: no queue keeps what News cannot take, dead letters are kept in Dead"):
        run.dead_letters("News")


def test_faults_strike_the_next_invokes_in_order(begin):
    run = begin()
    run.fault("Worker", errors=1, kills=1)
    work(run, "one")
    (letter,) = run.dead_letters("Worker")
    assert "signal: killed" in letter.reason
    assert "injected: error" in run.report()
    run.fault("Worker", duplicates=1)
    work(run, "two")
    assert run.report().count("injected: duplicate") == 1
    with pytest.raises(RunError, match="EF-FAULT at Worker: errors is -1"):
        run.fault("Worker", errors=-1)


def test_what_leaves_the_machine_is_received_at_its_address(begin):
    run = begin()
    run.send("News", "hello", attributes={"kind": "greeting"})
    assert run.received("ops@example.com") == ["hello"]


@pytest.mark.parametrize("ask", ["received", "dead_letters", "send", "fault"])
def test_a_name_that_nothing_has_is_an_error(begin, ask):
    with pytest.raises(TemplateError, match=r"EF-NAME-UNKNOWN at Wroker: .*did you mean Worker\?"):
        getattr(begin(), ask)("Wroker")


def test_an_event_that_is_none_is_refused(begin):
    with pytest.raises(EventFlowError):
        begin().send("default", "text")


def test_a_test_of_its_own_costs_less_than_fifty_milliseconds(runs):
    runs.open()
    runs.end()
    before = time.process_time()
    for _ in range(10):
        Run(runs, runs.open())
        runs.end()
    assert (time.process_time() - before) / 10 < 0.05
