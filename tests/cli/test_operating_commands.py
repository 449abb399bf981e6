"""`event-flow dlq`, `send`, `replay`, `tail` and `metrics`, on a local run and on a stack that CloudFormation knows."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdk_event_flow.cli import main
from cdk_event_flow.cli.runs import announced
from tests.operate.formation import formation
from tests.operate.world import ACCOUNT, REGION, TEMPLATE
from tests.operate.world import shop as running

EVENT_FLOW = Path(sys.executable).with_name("event-flow")
EVENT = {"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {"total": 5}}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """What the commands write down, in folders of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("CDK_EVENT_FLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    return tmp_path


@pytest.fixture
def shop(folders):
    """A run of the shop, which --local finds; its functions log their requests."""
    handlers = {"shop-Consumer": refuse}
    with running(folders, handlers=handlers) as shop, announced(shop.run.endpoint_url, shop.template):
        shop.run.made[0].log = lambda name, request: (f"START RequestId: {request}", f'{{"level": "INFO", "message": "{name}"}}')
        yield shop


def refuse(event):
    raise ValueError("total is negative")


@pytest.fixture
def said(capsys, monkeypatch):
    """A function that runs a command and gives what it prints, at this exit status."""

    def run(*arguments, status=0):
        monkeypatch.setattr(sys, "argv", ["event-flow", *map(str, arguments)])
        try:
            main()
            ended = 0
        except SystemExit as end:
            if isinstance(end.code, str):
                sys.stderr.write(f"{end.code}\n")
            ended = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        printed = capsys.readouterr()
        assert ended == status, printed.err or printed.out
        return printed.err if status and not printed.out else printed.out

    return run


@pytest.fixture
def event_file(folders):
    """A function that writes an event to a file."""

    def write(event=EVENT):
        file = folders / "order.json"
        file.write_text(json.dumps(event))
        return file

    return write


def test_ls_is_a_table_of_every_dead_letter_queue(shop, said):
    shop.dead("Orders", {"n": 1}, {"n": 2})
    lines = said("dlq", "ls", "--local").splitlines()
    assert lines[0].split() == ["dead", "letters", "messages", "in", "flight", "oldest", "from"]
    rows = {line.split()[0]: line for line in lines[1:]}
    assert rows.keys() == {
        "RuleDead", "TopicDead", "OrdersDead", "OrderedDead", "ConsumedDead", "InvokeDead", "RecordDead",
    }  # fmt: skip
    assert rows["OrdersDead"].split()[1:3] == ["2", "0"]
    assert rows["OrdersDead"].endswith("Orders after 2 receives")
    assert rows["InvokeDead"].endswith("Billing, Packing when an asynchronous invoke fails")
    assert all(line == line.rstrip() for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_ls_is_json_for_machines(shop, said):
    shop.dead("Orders", {"n": 1})
    told = {each["name"]: each for each in json.loads(said("dlq", "ls", "--local", "--json"))}
    assert told["OrdersDead"]["visible"] == 1
    assert told["OrdersDead"]["oldest_seconds"] >= 0
    assert told["RuleDead"]["from"] == [{"name": "Rule", "arn": shop.node("Rule").arn, "kind": "rule"}]
    assert told["RuleDead"]["oldest_seconds"] is None


def test_show_says_why_and_leaves_everything_there(shop, said):
    shop.dead("Orders", {"n": 1, "Message": json.dumps({"total": 5})})
    text = said("dlq", "show", "Orders", "--local")
    assert "received too often: moved from Orders, never deleted there" in text
    assert '"total": 5' in text
    assert text.endswith("1 of about 1 in OrdersDead\n")
    (told,) = json.loads(said("dlq", "show", "OrdersDead", "--local", "--json"))
    assert json.loads(told["body"])["n"] == 1
    assert {message.place.name for message in shop.messages("OrdersDead")} == {"VISIBLE"}


def test_show_looks_up_what_the_consumer_logged_of_a_message(shop, said):
    record = {"level": "ERROR", "message": "failed", "exception_name": "ValueError", "stack_trace": {"value": "total is\nnegative"}}
    functions = shop.run.made[0]
    functions.log = lambda *_: (json.dumps(record | {"message_id": functions.calls[-1][1]["Records"][0]["messageId"]}),)
    shop.client("sqs").send_message(QueueUrl=shop.node("Consumed").url, MessageBody="{}")
    shop.pass_time(10)
    assert "logged 2 times: ERROR failed ValueError: total is negative" in said("dlq", "show", "Consumed", "--local", "--logs")


def test_show_takes_the_selected_only(shop, said):
    shop.dead("Orders", *({"n": n} for n in range(20)))
    told = json.loads(
        said("dlq", "show", "Orders", "--local", "--json", "--match", '{"n": [{"numeric": [">", 16]}]}', "--limit", "2")
    )
    assert len(told) == 2
    assert all(json.loads(each["body"])["n"] > 16 for each in told)
    assert said("dlq", "show", "Orders", "--local", "--older-than", "1d").startswith("0 of about 20")


def test_redrive_is_a_dry_run_until_it_is_told_yes(shop, said):
    shop.dead("Orders", {"n": 1}, {"n": 2})
    command = ("dlq", "redrive", "Orders", "--local", "--match", '{"n": [1]}', "--set", "n=3")
    assert said(*command).splitlines() == [
        "1 would go from OrdersDead to Orders",
        "1 stay: not selected, or over the limit",
        "the first of them:",
        '  {"n": 1}',
        "becomes:",
        '  {"n":3}',
        "nothing was sent or deleted; --yes does it",
    ]
    assert len(shop.messages("OrdersDead")) == 2
    assert said(*command, "--yes").splitlines() == ["1 went from OrdersDead to Orders", "1 stay: not selected, or over the limit"]
    assert shop.bodies("Orders") == [{"n": 3}]


def test_a_whole_queue_is_moved_by_sqs(shop, said):
    shop.dead("Orders", *({"n": n} for n in range(12)))
    assert said("dlq", "redrive", "Orders", "--local", "--yes") == "SQS moved 12 of 12 messages from OrdersDead (completed)\n"
    assert len(shop.messages("Orders")) == 12


def test_redrive_exits_with_1_when_something_stays(shop, said):
    shop.dead("Orders", "no json", {"n": 1})
    told = json.loads(said("dlq", "redrive", "Orders", "--local", "--set", "a=1", "--yes", "--json", status=1))
    assert told["failed"] == {"the body is no JSON": 1}
    assert told["moved"] == [{"to": "Orders", "arn": shop.node("Orders").arn, "count": 1}]


def test_redrive_edits_by_a_program_of_jq(shop, said):
    shop.dead("Orders", {"lines": [{"n": 1}, {"n": 0}]}, {"lines": None})
    command = ("dlq", "redrive", "Orders", "--local", "--set", "mended=true", "--edit", ".lines |= map(select(.n > 0))")
    told = said(*command, "--yes", status=1).splitlines()
    assert told == ["1 went from OrdersDead to Orders", "1 stay: jq: Cannot iterate over null (null)"]
    assert shop.bodies("Orders") == [{"lines": [{"n": 1}], "mended": True}]


def test_redrive_and_purge_select_by_what_the_consumer_logged(shop, said):
    functions = shop.run.made[0]
    functions.log = lambda *_: (f"{functions.calls[-1][1]['Records'][0]['messageId']} ERROR total is negative",)
    shop.client("sqs").send_message(QueueUrl=shop.node("Consumed").url, MessageBody="{}")
    shop.pass_time(10)
    assert said("dlq", "purge", "Consumed", "--local", "--error", "negative").startswith("0 would be deleted")
    assert said("dlq", "purge", "Consumed", "--local", "--error", "negative", "--logs").startswith("1 would be deleted")
    assert "1 would go" in said("dlq", "redrive", "Consumed", "--local", "--error", "Negative", "--logs")
    assert "1 stay: not selected" in said("dlq", "redrive", "Consumed", "--local", "--error", "absent", "--logs")


def test_redrive_goes_elsewhere_by_name(shop, said):
    shop.dead("Orders", {"n": 1})
    assert "1 went from OrdersDead to Parked" in said(
        "dlq", "redrive", "Orders", "--local", "--to", "Parked", "--limit", "5", "--yes"
    )
    assert shop.bodies("Parked") == [{"n": 1}]


def test_purge_is_a_dry_run_until_it_is_told_yes(shop, said):
    shop.dead("Orders", {"n": 1}, {"n": 2})
    assert said("dlq", "purge", "Orders", "--local") == "about 2 would be deleted from OrdersDead; --yes does it\n"
    chosen = ("--match", '{"n": [1]}')
    assert said("dlq", "purge", "Orders", "--local", *chosen) == "1 would be deleted from OrdersDead; --yes does it\n"
    assert said("dlq", "purge", "Orders", "--local", *chosen, "--yes") == "1 deleted from OrdersDead\n"
    assert shop.bodies("OrdersDead") == [{"n": 2}]
    assert json.loads(said("dlq", "purge", "Orders", "--local", "--yes", "--json")) == {"dry_run": False, "deleted": 1, "about": True}


def test_send_prints_what_became_of_an_event(shop, said, event_file):
    text = said("send", "Bus", event_file(), "--local")
    assert text.startswith("order.json sent to Bus: ")
    assert "  1. OrderSubmitted from shop.orders on bus Bus pending\n" in text
    assert "queue Orders  via Rule" in text
    assert len(shop.messages("Orders")) == 1


def test_send_goes_to_topics_queues_and_functions(shop, said, event_file):
    assert "queue Parked  via Subscription" in said("send", "Topic", event_file(), "--local", "--attribute", "kind=new")
    assert "on queue shop-Ordered" in said("send", "Ordered", event_file(), "--local", "--group", "g")
    assert [message.group_id for message in shop.messages("Ordered")] == ["g"]
    assert "Billing ok" in said("send", "Billing", event_file(), "--local")
    assert shop.run.made[0].calls[-1] == ("shop-Billing", EVENT)
    (told,) = json.loads(said("send", "Billing", event_file(), "--local", "--json"))
    assert (told["event"], told["to"]) == ("order.json", "Billing")


def test_send_says_beforehand_where_it_would_go(shop, said, event_file):
    text = said("send", "Bus", event_file(), "--local", "--dry-run")
    assert text.startswith("order.json\n  Bus\n  not reached:\n    Parked\n")  # no policy lets EventBridge send to it
    assert not shop.messages("Orders")
    assert "leave one of the two out" in said("send", "Topic", event_file(), "--local", "--dry-run", "--attribute", "a=b", status=2)


def test_what_a_bus_refuses_is_one_line(shop, said, event_file):
    line = said("send", "Bus", event_file({**EVENT, "source": "aws.s3"}), "--local", status=1)
    assert line.startswith("EF-SEND-REFUSED at Bus: the event was refused: ")
    assert len(line.splitlines()) == 1


def test_replay_puts_an_archives_events_on_the_bus_again_when_it_is_told_yes(shop, said, event_file):
    said("send", "Bus", event_file(), "--local", "--json")
    assert "would go to Rule; --yes does it" in said("replay", "Bus", "--local", "--from", "1h", "--rule", "Rule")
    assert len(shop.messages("Orders")) == 1
    told = said("replay", "Archive", "--local", "--from", "1h", "--yes", "--to", f"{time.gmtime().tm_year + 1}-01-01T00:00")
    assert ": completed, the last event of 20" in told
    assert len(shop.messages("Orders")) == 2
    assert "replay-name" in shop.bodies("Orders")[1]
    assert json.loads(said("replay", "Bus", "--local", "--from", "1h", "--yes", "--json"))["state"] == "COMPLETED"
    assert "EF-REPLAY-TIME" in said("replay", "Bus", "--local", "--from", "1h", "--to", "2h", "--yes", status=1)


def test_tail_shows_each_functions_lines_in_order_and_those_of_one_order(shop, said):
    for name in ("Billing", "Packing"):
        shop.client("lambda").invoke(FunctionName=f"shop-{name}", Payload=b"{}")
    lines = said("tail", "--local", "--no-follow").splitlines()
    assert [line.split(maxsplit=2)[1:] for line in lines] == [
        ["Billing", "START RequestId: request-1"],
        ["Billing", "INFO shop-Billing"],
        ["Packing", "START RequestId: request-2"],
        ["Packing", "INFO shop-Packing"],
    ]
    assert len(said("tail", "--local", "--no-follow", "--correlation", "request-2").splitlines()) == 1
    assert (
        said("tail", "Packing", "--local", "--no-follow", "--raw")
        .splitlines()[1]
        .endswith('{"level": "INFO", "message": "shop-Packing"}')
    )
    told = [json.loads(line) for line in said("tail", "--local", "--no-follow", "--json").splitlines()]
    assert [each["function"] for each in told] == ["Billing", "Billing", "Packing", "Packing"]


def test_tail_follows_until_it_is_interrupted(shop, folders):
    environment = {**os.environ, "CDK_EVENT_FLOW_CACHE": str(folders / "cache"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [EVENT_FLOW, "tail", "--local", "--since", "1h"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as following:
        for number in range(2):
            shop.client("lambda").invoke(FunctionName="shop-Billing", Payload=b"{}")
            lines = [following.stdout.readline() for _ in range(2)]
            assert lines[0].endswith(f"Billing   START RequestId: request-{number + 1}\n")
        following.send_signal(signal.SIGINT)
        rest, errors = following.communicate(timeout=10)
    assert (rest, errors, following.returncode) == ("", "", 0)


def test_metrics_are_a_table_a_kind(shop, said, event_file):
    said("send", "Bus", event_file(), "--local", "--json")
    said("send", "Billing", event_file(), "--local")
    shop.client("sqs").send_message(QueueUrl=shop.node("Consumed").url, MessageBody="{}")
    shop.pass_time(10)
    shop.settled(lambda: shop.messages("ConsumedDead"))
    lines = said("metrics", "--local").splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line}
    assert rows["Orders"][0] == "1"
    assert rows["Billing"][:3] == ["1", "0", "0"]
    assert rows["Consumer"][:2] == ["2", "2"]
    assert rows["Rule"] == ["2", "-"]
    told = {each["name"]: each for each in json.loads(said("metrics", "--local", "--json"))}
    assert told["ConsumedDead"]["visible"] == 1
    assert told["Billing"]["longest"] == 1.0


def test_a_deployed_stack_is_operated_by_its_name(folders, said, monkeypatch):
    physical = {
        name: f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/shop-{name}" if "Queue" in each["Type"] else f"shop-{name}"
        for name, each in TEMPLATE["Resources"].items()
    } | {"Bus": "shop", "Rule": "shop|shop-Rule"}
    with formation(monkeypatch, {"Live": {"template": TEMPLATE, "physical": physical}}), running(folders) as shop:
        for name, value in (("AWS_ENDPOINT_URL", shop.run.endpoint_url), ("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")):
            monkeypatch.setenv(name, value)
        where = ("--stack", "Live", "--region", REGION)
        shop.dead("Orders", {"n": 1}, {"n": 2})
        assert "OrdersDead" in said("dlq", "ls", *where)
        assert "1 went" in said("dlq", "redrive", "Orders", *where, "--match", '{"n": [1]}', "--yes")
        assert shop.bodies("Orders") == [{"n": 1}]
        assert "2 receives" in said("dlq", "ls", *where)
        (folders / "e.json").write_text(json.dumps(EVENT))
        assert said("send", "Bus", folders / "e.json", *where).startswith("e.json sent to Bus: ")
        assert "queue" in said("metrics", *where)
        assert said("tail", *where, "--no-follow") == ""
        assert "EF-STACK at Gone" in said("dlq", "ls", "--stack", "Gone", "--region", REGION, status=1)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("dlq", "ls"), 2, "give either --stack NAME, for a stack on AWS, or --local"),
        (("dlq", "ls", "--stack", "Shop", "--local"), 2, "give either --stack NAME"),
        (("dlq", "ls", "--local"), 1, "EF-RUN-NONE at --local: no local run is there"),
        (("dlq", "ls", "--stack", "Shop"), 1, "EF-AWS-REGION at the AWS session: no region is set"),
        (("dlq", "ls", "--stack", "Shop", "--region", "eu-west-1"), 1, "EF-AWS-CREDENTIALS at Shop: Unable to locate credentials"),
        (("dlq", "ls", "--stack", "Shop", "--profile", "x"), 1, "EF-AWS-CREDENTIALS at the AWS session: The config profile (x)"),
    ],
)
def test_where_it_is_to_work_must_be_clear(folders, said, arguments, status, line):
    assert line in said(*arguments, status=status)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("dlq", "show", "Nothing"), 1, "EF-NAME-UNKNOWN at the local run: nothing in the template is named 'Nothing'"),
        (("dlq", "redrive", "Orders", "--to", "Prked"), 1, "did you mean Parked?"),
        (("dlq", "redrive", "Orders", "--set", "x"), 1, "EF-SET at x: it is no assignment"),
        (("dlq", "redrive", "Orders", "--edit", ".a ="), 1, "EF-EDIT at .a =: jq refuses it: "),
        (("dlq", "redrive", "Orders", "--logs"), 2, "give --error too"),
        (("dlq", "redrive", "Orders", "--match", "{"), 2, "it is not JSON"),
        (("dlq", "redrive", "Orders", "--match", '{"a": 1}'), 2, "EventBridge refuses the pattern"),
        (("dlq", "redrive", "Orders", "--match", "nofile"), 2, "neither a pattern in JSON nor a file"),
        (("dlq", "show", "Orders", "--older-than", "soon"), 2, "is no duration; write it as 90s, 15m, 2h or 7d"),
        (("replay", "Bus", "--from", "soon"), 2, "is no time; write it as"),
        (("replay", "Orders", "--from", "1h"), 1, "EF-NAME-UNKNOWN"),
        (("send", "Rule", "x.json"), 1, "EF-NAME-UNKNOWN"),
        (("send", "Bus", "nofile.json"), 1, "EF-EVENT at nofile.json: it cannot be read"),
        (("send", "Topic", "x.json", "--attribute", "a"), 2, "is no attribute; write it as NAME=TEXT"),
    ],
)
def test_what_is_wrong_is_one_clear_line(shop, said, arguments, status, line):
    printed = said(*arguments, "--local", status=status)
    assert line in printed
    assert "Traceback" not in printed


def test_a_run_is_chosen_by_its_port_when_there_are_several(shop, said, folders):
    (folders / "other").mkdir()
    with running(folders / "other") as other, announced(other.run.endpoint_url, other.template):
        other.dead("Orders", {"n": 1})
        assert "EF-RUN-SEVERAL at --local: 2 local runs are there" in said("dlq", "ls", "--local", status=1)
        port = other.run.endpoint_url.rpartition(":")[2]
        told = json.loads(said("dlq", "ls", "--local", "--port", port, "--json"))
        assert {each["name"]: each["visible"] for each in told}["OrdersDead"] == 1
    assert "OrdersDead" in said("dlq", "ls", "--local")


def test_without_its_extra_a_command_is_one_clear_sentence(folders, said, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "boto3" else find(name))
    line = said("dlq", "ls", "--stack", "Shop", status=1)
    assert line == (
        "EF-EXTRA at event-flow dlq ls: the extra [operate] is not installed (boto3 not found), operating a flow needs it; "
        "pip install 'cdk-event-flow[operate]'\n"
    )


def test_no_color_is_kept_to_and_a_terminal_has_colours(shop, folders):
    import pty

    def printed(**more):
        ours, theirs = pty.openpty()
        environment = {**os.environ, "CDK_EVENT_FLOW_CACHE": str(folders / "cache"), "TERM": "xterm-256color", **more}
        subprocess.run([EVENT_FLOW, "dlq", "ls", "--local"], env=environment, stdout=theirs, check=True)
        os.close(theirs)
        said = b""
        while True:
            try:
                said += os.read(ours, 65_536)
            except OSError:
                break
            if b"RecordDead" in said:
                break
        os.close(ours)
        return said.decode()

    shop.dead("Orders", {"n": 1})
    assert "\x1b[1;31mOrdersDead" in printed()
    assert "\x1b[1;31m" not in printed(NO_COLOR="1")
