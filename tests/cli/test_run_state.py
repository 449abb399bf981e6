"""`event-flow run --state` and `--fault`, as people call them."""

import json
import re
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from .test_run_command import EVENT_FLOW, event_flow, refused

CODE = "def handler(event, context):\n    assert event['detail']['total'] >= 0, 'total is negative'\n"


@pytest.fixture
def template(tmp_path):
    """A rule to a function that refuses negative totals, with dead letters after one retry."""
    rule = {"EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "F", "Arn": {"Fn::GetAtt": ["Billing", "Arn"]}}]}
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"ZipFile": CODE},
        "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
    }
    once_more = {"FunctionName": {"Ref": "Billing"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 1}
    resources = {
        "Billing": {"Type": "AWS::Lambda::Function", "Properties": function},
        "OnceMore": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": once_more},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
        "Dead": {"Type": "AWS::SQS::Queue"},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}))
    return file


def event(total):
    return json.dumps({"source": "shop", "detail-type": "Any", "detail": {"total": total}})


def run(template, *more, given=None):
    return event_flow("run", "--template", template, *more, given=given or event(1), cwd=template.parent)


def test_a_second_run_with_the_same_state_counts_both_and_keeps_the_dead_letters(template, tmp_path):
    state = tmp_path / "state"
    first = run(template, "--once", "-", "--state", state, given=f"{event(1)}\n{event(-1)}\n")
    assert first.stdout.splitlines()[-1] == "2 sent = 1 processed + 1 dead-lettered (2 deliveries)"
    second = run(template, "--once", "-", "--state", state)
    assert second.stdout.splitlines()[-1] == (
        "3 sent = 2 processed + 1 dead-lettered (3 deliveries); 1 of the events were over before this run"
    )
    assert "dead-lettered to Dead: AssertionError: total is negative" in second.stdout
    assert "note: going on with what an earlier run kept: 1 in queues" in second.stderr
    third = run(template, "--once", "-", "--state", state, "--reset")
    assert third.stdout.splitlines()[-1] == "1 sent = 1 processed (1 delivery)"


def test_ctrl_c_keeps_what_waits_and_the_next_run_goes_on_with_it(template, tmp_path):
    state = tmp_path / "state"
    command = [EVENT_FLOW, "run", "-", "--template", template, "--state", state, "--port", "0"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, text=True, **pipes) as process:
        process.stdin.write(f"{event(-1)}\n{event(2)}\n")
        process.stdin.close()
        assert any("Billing ok" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().splitlines()[-1] == "2 sent = 1 processed + 1 pending (2 deliveries)"
        assert f"kept in {state}: the next run with it goes on here" in process.stderr.read()
        assert process.wait() == 0
    done = run(template, "--once", "-", "--state", state)
    assert done.stdout.splitlines()[-1].startswith("3 sent = 2 processed + 1 dead-lettered (3 deliveries)")


@contextmanager
def going_on(template, state):
    """A run until it is stopped, and its endpoint."""
    command = [EVENT_FLOW, "run", "--template", template, "--state", state, "--port", "0"]
    with subprocess.Popen(command, cwd=template.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        ready = next(line for line in process.stderr if "ready:" in line)
        yield process, re.search(r"AWS_ENDPOINT_URL=(\S+)", ready)[1]
        process.kill()


def test_a_call_that_a_kill_cut_short_is_told_of_by_the_next_run(template, tmp_path):
    state = tmp_path / "state"
    slow = "import time\n\ndef handler(event, context):\n    open(event, 'w').close()\n    time.sleep(60)\n"
    template.write_text(template.read_text().replace(json.dumps(CODE), json.dumps(slow)))
    called = tmp_path / "called"

    def kill_when_called(process):
        while not called.exists():
            time.sleep(0.05)
        time.sleep(0.2)  # what nobody waits for is written a moment later
        process.kill()

    with going_on(template, state) as (process, endpoint):
        secrets = {"aws_access_key_id": "id", "aws_secret_access_key": "secret"}
        once = Config(retries={"total_max_attempts": 1})
        client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1", config=once, **secrets)
        name = client.list_functions()["Functions"][0]["FunctionName"]
        threading.Thread(target=kill_when_called, args=[process], daemon=True).start()
        with pytest.raises(BotoCoreError):
            client.invoke(FunctionName=name, Payload=json.dumps(str(called)))
    with going_on(template, state) as (process, _):
        process.send_signal(signal.SIGINT)
        shown = process.stdout.read()
        assert process.wait() == 0
    assert "dropped: the run was stopped during the call; the caller got no answer" in shown
    assert shown.splitlines()[-1] == "1 sent = 1 dropped (1 delivery)"


def test_two_runs_do_not_share_a_state(template, tmp_path):
    state = tmp_path / "state"
    with going_on(template, state):
        line = refused(run(template, "--once", "-", "--state", state))
    assert line.startswith(f"EF-RUN-STATE at --state {state}: another run uses it, ")


def test_reset_without_a_state_is_refused(template):
    done = run(template, "--once", "-", "--reset")
    assert done.returncode == 2
    assert "--reset empties the folder of --state" in done.stderr


def test_faults_are_injected_marked_and_counted(template):
    done = run(template, "--once", "-", "--fault", "errors=100%")
    assert re.search(r"Billing InjectedError: an error (before|after) .*  injected: error$", done.stdout, re.MULTILINE)
    assert done.stdout.splitlines()[-2:] == ["injected: 2 errors", "1 sent = 1 dead-lettered (1 delivery)"]


def test_a_seed_repeats_the_faults(template):
    many = "\n".join(event(n) for n in range(20))

    def injected():
        done = run(template, "--once", "-", "--fault", "errors=30%,throttles=20%", "--seed", "1", "--json", given=many)
        return json.loads(done.stdout)["injected"]

    first = injected()
    assert set(first) == {"error", "throttle"}
    assert injected() == first


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("error=10%", "did you mean errors=10%?"),
        ("Bill:errors=10%", "there is no function Bill, the functions are Billing"),
    ],
)
def test_a_fault_that_cannot_be_meant_is_refused(template, fault, said):
    line = refused(run(template, "--once", "-", "--fault", fault))
    assert line.startswith(f"EF-FAULT at --fault {fault}: ")
    assert said in line
