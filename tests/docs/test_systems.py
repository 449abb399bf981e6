"""Every system of the notes has a row: what it became, where it is to be seen, how to learn it by running, and what proves it."""

import re
import shlex

import pytest

from tests.examples.readme import printed

from .blocks import ROOT
from .notes import problems_of, rows_of
from .test_learning import shown_on

HEAD = "| system | construct | example | learn it | proof |"
PAGE = ROOT / "docs" / "reference" / "systems.md"
SYSTEMS = {
    "Architectures": """Monolith; Tiers; Load balancers between tiers; Microservices; Event-driven architecture; Queues;
        Order in a queue (FIFO); Worker fleet; Producers; Consumers; Event router; Event bus""",
    "Lambda": """Functions; Runtimes; Memory and CPU; Storage in /tmp; Timeout; Paid by duration; Container images;
        Custom runtimes and layers; Execution role; Resource policy; Serverless application; File processing; Database triggers;
        Cron; Streams in real time; Public networking; Private networking; Network interfaces; Logs; Metrics; Tracing;
        Synchronous invocation; Asynchronous invocation; Retries; Idempotency; Dead letters; Destinations; Event source mappings;
        Versions; Aliases; Cold and warm starts; Concurrency; Provisioned concurrency""",
    "EventBridge": """EventBridge in place of CloudWatch Events; The default bus; Further buses; Partners and third parties;
        Rules with patterns; Rules by the clock; Several targets at once; What a target receives; The sample event""",
    "SNS": """Topics; Publishers; Kinds of subscribers; Filters of subscribers; Fan-out; Size of a message; Encryption;
        Regional resilience; A public service; Delivery status; Delivery retries; Topic policy, other accounts""",
}
ROWS = rows_of(PAGE, HEAD)
# What a learner runs in the reference app, and what must not be run for its own sake: the run, whose own tests do.
COMMANDS = [each for row in ROWS for each in re.findall(r"`(event-flow [^`]+)`(?! in `)", row.rest[0])]
READING = sorted({each for each in COMMANDS if each.split()[1] in ("access", "alarms", "network", "functions", "routes")})


def test_no_system_is_missing():
    wanted = [" ".join(name.split()) for names in SYSTEMS.values() for name in names.split(";")]
    assert [row.sentence for row in ROWS] == wanted
    assert re.findall(r"^## (.*)", PAGE.read_text("utf-8"), re.MULTILINE)[:4] == list(SYSTEMS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence)
def test_all_that_a_row_names_is_there_and_it_can_be_learned(row):
    assert problems_of(row) == []
    assert row.rest[0]


@pytest.mark.parametrize("command", READING)
def test_a_command_to_learn_by_says_something_of_the_app(command, assembly, monkeypatch):
    arguments = [*shlex.split(command)[1:], "--template", str(assembly)]
    assert len(printed(arguments, monkeypatch, succeeds=True).splitlines()) > 2


def test_a_command_to_learn_by_in_an_example_is_shown_there():
    named = [found for row in ROWS for found in re.findall(r"`(event-flow [^`]+)` in `(examples/\w+)`", row.rest[0])]
    assert len(named) >= 3
    for command, example in named:
        if command != "event-flow run":
            assert command in {shown for shown, _ in (each for each in shown_on(f"{example}/README.md") if isinstance(each, tuple))}
