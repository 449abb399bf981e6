"""A function from a container image, beside one that is run here."""

import asyncio
import json

import pytest

from cdk_event_flow.flow.model import Function, Queue, Topic
from tests.examples.checked import checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "container_image"
LONG = {"legs": 2, "stops": ["Depot", "Harbour", "Customer"]}
SHORT = {"legs": 1, "stops": ["Depot", "Customer"]}


def ends(delivery):
    """The states in which a message ended; None where it waits."""
    states = [str(delivery.state)] if not delivery.children else []
    return states + [state for child in delivery.children for state in ends(child)]


@pytest.fixture
def graphviz(tmp_path, monkeypatch):
    """A `dot` that answers with what it was asked to draw."""
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\n[ "$1" = -Tsvg ] && exec cat\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def test_long_routes_are_drawn_and_short_ones_told():
    flow = checked(EXAMPLE).flow
    assert flow.send("Planned", LONG).reaches("Draw")
    assert not flow.send("Planned", LONG).reaches("Tell")
    assert flow.send("Planned", SHORT).reaches("Tell")


def test_the_image_is_described_for_who_builds_it():
    (image,) = json.loads((checked(EXAMPLE).assembly / "ContainerImage.assets.json").read_text())["dockerImages"].values()
    assert image["source"]["platform"] == "linux/arm64"
    flow = checked(EXAMPLE).flow
    assert [flow.find(name, Function).code.image for name in ("Draw", "Tell")] == [True, False]


def test_a_route_is_drawn_and_one_without_stops_is_given_back(load, graphviz, caplog):
    caplog.set_level("INFO")
    handler, event = load(EXAMPLE, "draw").handler, sample_event(EXAMPLE, "draw", "two_legs")
    assert handler(event, None) == {"batchItemFailures": []}
    event["Records"][0]["body"] = "{}"
    assert handler(event, None) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert caplog.messages == ["drawn in 81 bytes", "not drawn: KeyError('stops')"]


def test_a_route_is_told_in_words(load, caplog):
    caplog.set_level("INFO")
    assert load(EXAMPLE, "tell").handler(sample_event(EXAMPLE, "tell", "one_leg"), None) == {"batchItemFailures": []}
    assert caplog.messages == ["from Depot to Customer"]


def test_here_the_image_is_named_as_not_run_and_the_rest_runs():
    topic, queue = checked(EXAMPLE).flow.find("Planned", Topic).arn, checked(EXAMPLE).flow.find("Planned/Draw", Queue).arn

    async def scenario(run):
        for route in (LONG, SHORT):
            await asyncio.to_thread(client(run, "sns").publish, TopicArn=topic, Message=json.dumps(route))
        await run.settle()
        return list(run.notes), [ends(root) for root in run.trace.roots]

    notes, (drawn, told) = locally(EXAMPLE, scenario)
    assert notes == [
        "ContainerImage/Draw/Function: not run, it is a container image",
        f"ContainerImage/Planned/Draw/Mapping: the mapping of {queue} is not run (function: it is a container image)",
    ]
    assert (drawn, told) == (["None"], ["processed"])


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
