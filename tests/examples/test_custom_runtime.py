"""A custom runtime: a shell script as bootstrap."""

import json
import subprocess

import pytest

from cdk_event_flow.flow.model import Function, Queue
from tests.examples.checked import EXAMPLES, checked, sample_event
from tests.examples.locally import locally
from tests.examples.readme import differences

EXAMPLE = "custom_runtime"
GREETER = EXAMPLES / EXAMPLE / "lambda_src" / "greeter"


def test_only_those_who_sign_up_reach_the_greeter():
    flow = checked(EXAMPLE).flow
    assert flow.send("Signups", sample_event(EXAMPLE, "greeter", "signed_up")).reaches("Greeter")
    assert not flow.send("Signups", sample_event(EXAMPLE, "greeter", "left")).reaches("Greeter")


@pytest.mark.parametrize(
    ("name", "status", "answer", "said"),
    [
        ("signed_up", 0, '{"greeting": "Welcome, Ada!"}', '"message": "greeted"'),
        ("nameless", 1, "", "a signup without a name"),
    ],
)
def test_the_handler_greets_by_name(name, status, answer, said):
    event = (GREETER / "events" / f"{name}.json").read_text()
    done = subprocess.run(
        ["sh", "-c", ". ./greet.sh; handler"], cwd=GREETER, input=event, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (status, answer)
    assert said in done.stderr


def test_the_script_runs_here_and_what_it_cannot_do_becomes_a_dead_letter():
    flow = checked(EXAMPLE).flow
    (greeter,) = flow.of(Function)
    undelivered = flow.find("Undelivered", Queue)
    events = [sample_event(EXAMPLE, "greeter", name) for name in ("signed_up", "nameless", "left")]

    async def scenario(run):
        roots = await run.put_events(events)
        await run.settle()
        attempts = [[attempt for child in root.children for attempt in child.attempts] for root in roots]
        return attempts, run.dead_letters(undelivered.name)

    attempts, letters = locally(EXAMPLE, scenario)
    greeted, nameless, left = attempts
    assert [(attempt.function, attempt.fault) for attempt in greeted] == [(f"{greeter.arn}:live", None)]
    assert [(attempt.error_type, attempt.error_message) for attempt in nameless] == [
        ("Greeter.Failed", "a signup without a name")
    ] * 3
    assert left == []
    assert [json.loads(letter.body)["detail"] for letter in letters] == [{"plan": "free"}]


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
