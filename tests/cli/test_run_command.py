"""`event-flow run --once`, as people call it: a process of its own, its output and its exit status."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EVENT_FLOW = Path(sys.executable).with_name("event-flow")


NOON = "2026-11-02T12:00"  # retries take half an hour of a run's time, and at night its schedule is due


def event_flow(*arguments, given=None, cwd=ROOT, **environment):
    """The command's exit status, standard output and standard error."""
    done = subprocess.run(
        [EVENT_FLOW, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def report(assembly):
    """The result of the sample events on the reference app, for machines."""
    done = event_flow("run", "--once", "events", "--json", "--template", assembly, "--start", NOON)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def named(report, name):
    """The events in the report's order that were sent from the file of this name."""
    sent = sorted(file.name for file in (ROOT / "events").glob("*.json"))
    return report["events"][sent.index(name)]


def ends(event):
    """(name, state) of the deliveries in which an event ended."""
    found = [(event["name"], event["state"])] if event["state"] else []
    return found + [end for child in event["deliveries"] for end in ends(child)]


def attempts(event):
    """Every attempt at every delivery of an event."""
    return event["attempts"] + [attempt for child in event["deliveries"] for attempt in attempts(child)]


def test_every_event_is_accounted_for(report):
    assert report["accounting"] == {
        "sent": 8,
        "published_by_handlers": 1,
        "by_schedules": 0,
        "by_alarms": 0,
        "outcomes": {"processed": 6, "dead-lettered": 1, "unmatched": 2},
        "deliveries": 11,
        "earlier": 0,
        "balanced": True,
    }


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("1-billed-only.json", [("OrderEvents/Billing", "processed")]),
        ("2-packed-only.json", [("OrderEvents/Packing", "processed")]),
        ("3-billed-and-packed.json", [("OrderEvents/Billing", "processed"), ("OrderEvents/Packing", "processed")]),
        ("4-dispatched.json", [("OrderEvents/Dispatch", "processed")]),
        ("6-unmatched.json", [("OrderEvents", "unmatched")]),
        ("7-unknown.json", [("Orders", "unmatched")]),
        ("8-poison.json", [("OrderEvents/Billing", "dead-lettered")]),
    ],
)
def test_each_event_ends_where_the_filters_send_it(report, file, expected):
    assert ends(named(report, file)) == expected


def test_what_cannot_be_packed_is_announced_and_reaches_a_human(report):
    announced = report["events"][-1]
    assert json.loads(announced["payload"])["detail"] == {"order_id": "ORD-1005", "reason": "too-heavy", "sku": "SOFA-1"}
    assert ends(announced) == [("OrderEvents/Dispatch", "processed")]


def test_the_handlers_ran_cold_once_and_then_warm(report):
    billed = attempts(named(report, "1-billed-only.json"))[0]
    assert billed["cold"]
    assert billed["init_ms"] > 0
    assert billed["duration_ms"] > 0
    assert [attempt["cold"] for attempt in attempts(named(report, "8-poison.json"))][1:] == [False] * 4


def test_the_poison_message_is_dead_lettered_after_exactly_the_configured_receives_with_its_error(report):
    delivery = named(report, "8-poison.json")["deliveries"][0]["deliveries"][0]
    assert [attempt["receives"] for attempt in delivery["attempts"]] == [1, 2, 3, 4, 5]
    assert all(attempt["failed"] for attempt in delivery["attempts"])
    assert "DeadLetters" in delivery["where"]
    assert "body.detail.currency" in delivery["reason"]


def test_the_unmatched_event_says_why(report):
    (topic,) = named(report, "6-unmatched.json")["deliveries"]
    assert "OrderEvents/Billing: detail.total is 0, wanted a number greater than 0" in topic["why"]


def test_people_get_trees_one_accounting_line_and_the_steps_on_standard_error(assembly):
    done = event_flow("run", "--once", "events/1-billed-only.json", "events/8-poison.json", "--template", assembly, "--start", NOON)
    assert done.returncode == 0
    assert re.search(
        r"^1\. 1-billed-only\.json: OrderSubmitted from shop\.orders on bus Orders processed\n"
        r"└── topic OrderEvents  via Orders/ToTopic\n"
        r"    └── queue OrderEvents/Billing\n"
        r"        └── Billing ok  cold, init \d+ ms, \d+ ms  batch of 2$",
        done.stdout,
        re.MULTILINE,
    )
    assert re.search(r"5 receives, then dead-lettered to OrderEvents/Billing/DeadLetters: .*body\.detail\.currency", done.stdout)
    assert done.stdout.splitlines()[-1] == "2 sent = 1 processed + 1 dead-lettered (2 deliveries)"
    assert "sending 2 events" in done.stderr


def test_events_come_from_standard_input_too(assembly):
    line = json.dumps(json.loads((ROOT / "events" / "4-dispatched.json").read_text()))
    done = event_flow("run", "--once", "-", "--template", assembly, given=f"{line}\n{line}\n")
    assert done.stdout.splitlines()[-1] == "2 sent = 2 processed (2 deliveries)"


def refused(done):
    """The one line with which a command refused."""
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("EF-")]
    return line


def test_a_template_without_functions_is_refused(tmp_path):
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}))
    line = refused(event_flow("run", "--once", "events", "--template", template))
    assert line.startswith("EF-RUN-FUNCTIONS at event-flow run: the template has no Lambda functions, ")
    assert "event-flow trace" in line


def test_functions_that_cannot_be_run_are_named_with_the_reason(tmp_path):
    template = tmp_path / "template.json"
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "java21", "Handler": "index.handler"}}
    template.write_text(json.dumps({"Resources": {"F": function}}))
    line = refused(event_flow("run", "--once", "events", "--template", template))
    assert "F: not run, its runtime is java21" in line


def test_a_port_in_use_is_refused(assembly):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(event_flow("run", "--once", "events", "--template", assembly, "--port", port))
    assert line.startswith(f"EF-RUN-PORT at 127.0.0.1:{port}: port {port} is in use, ")
    assert line.endswith("or choose another with --port")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "it is not JSON"),
        ("[1]", "it holds 1, which is no event"),
        ('{"detail": {}}', "the event has the keys detail"),
        ('{"source": "shop.orders", "detail-type": "", "detail": {}}', "DetailType is not valid"),
    ],
)
def test_what_is_no_event_is_refused(assembly, tmp_path, content, said):
    file = tmp_path / "event.json"
    file.write_text(content)
    assert said in refused(event_flow("run", "--once", file, "--template", assembly))


def test_once_needs_events(assembly):
    done = event_flow("run", "--once", "--template", assembly)
    assert done.returncode == 2
    assert "event-flow run --once events/" in done.stderr


def test_a_function_written_into_the_template_runs_without_an_app(tmp_path):
    template = tmp_path / "template.json"
    rule = {"EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "F", "Arn": {"Fn::GetAtt": ["F", "Arn"]}}]}
    code = {"ZipFile": "def handler(event, context):\n    return event['detail']['total'] / 0\n"}
    function = {"Runtime": "python3.13", "Handler": "index.handler", "Code": code}
    resources = {
        "F": {"Type": "AWS::Lambda::Function", "Properties": function},
        "R": {"Type": "AWS::Events::Rule", "Properties": rule},
    }
    template.write_text(json.dumps({"Resources": resources}))
    event = json.dumps({"source": "shop", "detail-type": "Any", "detail": {"total": 1}})
    done = event_flow("run", "--once", "-", "--template", template, "--json", given=event, cwd=tmp_path)
    (sent,) = json.loads(done.stdout)["events"]
    assert sent["outcome"] == "dropped"
    assert [attempt["error_type"] for attempt in attempts(sent)] == ["ZeroDivisionError"] * 3


def test_the_clock_begins_where_it_is_told_to_and_schedules_go_by_it(assembly):
    done = event_flow("run", "--once", "events/8-poison.json", "--template", assembly, "--start", "2026-11-02T01:50")
    assert "1 sent + 1 by schedules" in done.stdout.splitlines()[-1]
    unclear = event_flow("run", "--once", "events", "--start", "noon")
    assert unclear.returncode == 2
    assert "'noon' is no time; write it as" in unclear.stderr
