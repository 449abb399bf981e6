"""What people get wrong: each is one clear sentence and the right exit status, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_event_flow.cli import main

EVENT_FLOW = Path(sys.executable).with_name("event-flow")
APP = "EF-APP at python app.py: "
MUST = ", the app must synthesize; run python app.py by itself and mend it"
TEMPLATE = {"Resources": {f"Bus{n}": {"Type": "AWS::Events::EventBus", "Properties": {"Name": f"bus-{n}"}} for n in range(30)}}


@pytest.fixture
def said(monkeypatch, capsys, tmp_path):
    """A function that runs the command line in an empty folder, and gives its exit status and what it says of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(command):
        monkeypatch.setattr(sys, "argv", ["event-flow", *command.split()])
        with pytest.raises(SystemExit) as end:
            main()
        if isinstance(end.value.code, str):
            return 1, end.value.code
        return end.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize("command", ["check", "routes", "access", "diagram", "catalog", "run"])
def test_a_folder_without_an_app(said, command):
    status, text = said(command)
    assert status == 1
    assert text.endswith(
        ": there is no cdk.json with an app here, an app or a template is needed; "
        'run it in the app\'s folder, or give --app "python app.py" or --template cdk.out'
    )


@pytest.mark.parametrize("content", ["[]", "{}", '{"app": 5}', '{"app": " "}'])
def test_a_cdk_json_without_an_app(said, content):
    Path("cdk.json").write_text(content)
    assert "there is no cdk.json with an app here" in said("check")[1]


@pytest.mark.parametrize(
    ("app", "text"),
    [
        (None, "can't open file"),
        ("import nothing_here", f"{APP}the app failed: ModuleNotFoundError: No module named 'nothing_here' (app.py:1){MUST}"),
        ("x = 1\ny = x +", f"{APP}the app failed: SyntaxError: invalid syntax (app.py:2){MUST}"),
        ("def f():\n    return 1 / 0\n\nf()", f"{APP}the app failed: ZeroDivisionError: division by zero (app.py:2){MUST}"),
        ("raise SystemExit('no such stage: x')", f"{APP}the app failed: no such stage: x{MUST}"),
        ("pass", f"{APP}it ended without synthesizing: is app.synth() called?{MUST}"),
    ],
)
def test_an_app_that_fails_is_told_with_its_own_line(said, app, text):
    Path("cdk.json").write_text('{"app": "python app.py"}')
    if app is not None:
        Path("app.py").write_text(app)
    status, found = said("check")
    assert status == 1
    assert text in found
    assert "Traceback" not in found


@pytest.mark.parametrize(
    ("app", "why"),
    [
        ("nosuchprogram x", "nosuchprogram cannot be started: No such file or directory"),
        ('python "app.py', "it is no command: no closing quotation"),
    ],
)
def test_an_app_that_is_no_command(said, app, why):
    Path("cdk.json").write_text(json.dumps({"app": app}))
    assert said("check") == (1, f"EF-APP at {app}: {why}, the app must synthesize; run {app} by itself and mend it")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("trace", "Error: Missing argument 'EVENTS...'."),
        ("send", "Error: Missing argument 'NAME'."),
        ("dlq ls", "Error: give either --stack NAME, for a stack on AWS, or --local, for a run on this machine."),
        ("dlq lss --local", "Error: No such command 'lss'."),
        ("check --app x --template y", "Error: --template and --app say different things: give one of them."),
        ("run --app x --template y", "Error: --template and --app say different things: give one of them."),
        ("run --once", "Error: --once needs EVENTS, for example: event-flow run --once events/"),
        ("trace x.json --attribute x", "'x' is no NAME=VALUE"),
    ],
)
def test_wrong_arguments_exit_with_2(said, command, text):
    status, found = said(command)
    assert status == 2
    assert text in found


def test_events_are_read_before_the_app_is_synthesized(said):
    Path("cdk.json").write_text('{"app": "python app.py"}')
    assert said("trace nothing.json")[1].startswith("EF-EVENT at nothing.json: it cannot be read")


def test_an_event_that_is_none_is_told_with_its_file(said):
    Path("t.json").write_text(json.dumps(TEMPLATE))
    Path("e.json").write_text('{"detail": "x"}')
    assert said("trace e.json --template t.json")[1].startswith("EF-EVENT at e.json, the event's detail: 'x' is no JSON")


def test_a_name_that_is_none_is_told_with_some_that_are(said):
    Path("t.json").write_text(json.dumps(TEMPLATE))
    Path("e.json").write_text("{}")
    text = said("trace e.json --template t.json --on nowhere")[1]
    assert text.startswith("EF-NAME-UNKNOWN at nowhere: nothing in the template is named 'nowhere', there is Bus0, Bus1, ")
    assert text.endswith(" and 11 more; use one of these, a logical id, or a construct path")
    assert "did you mean Bus29?" in said("trace e.json --template t.json --on Bsu29")[1]


def test_what_nobody_thought_of_is_one_line_too(said, monkeypatch):
    def fails(*_):
        raise RuntimeError("a\nb")

    monkeypatch.setattr("cdk_event_flow.cli.app.read_flow", fails)
    monkeypatch.setattr("cdk_event_flow.cli.source.flow_of", fails)
    status, text = said("check --template t.json")
    assert status == 70
    assert text.startswith("EF-BUG at ")
    assert ": RuntimeError: a b, which is a fault of event-flow; please report it with what EVENT_FLOW_DEBUG=1" in text
    assert len(text.splitlines()) == 1
    monkeypatch.setenv("EVENT_FLOW_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["event-flow", "check", "--template", "t.json"])
    with pytest.raises(RuntimeError):
        main()


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps(TEMPLATE))
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write) as closed:
        done = subprocess.run(
            [EVENT_FLOW, "access", "--template", "t.json", "--json"],
            cwd=tmp_path, stdout=closed, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.stderr == ""
