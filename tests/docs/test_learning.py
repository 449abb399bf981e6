"""What the steps of the learning path print and change is what the pages that they link to show, whose own tests run it."""

import json
import re
from functools import cache

import pytest

from tests.examples.readme import commands_of

from .blocks import ROOT, blocks_of

PAGE = "docs/learn.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
STEPS = dict(re.findall(r"^## \d+\. (.*)\n((?:(?!## ).*\n)+)", TEXT, re.MULTILINE))


@cache
def shown_on(page):
    """The commands that a page shows, each with what it prints, or with nothing; and its diffs."""
    found, commands = set(), []
    for block in blocks_of(page):
        name, _, arguments = block.mark.partition(": ")
        if block.kind == "diff":
            found.add(block.text)
        elif block.kind == "console":
            found.update((command["line"], command["printed"]) for command in commands_of(block))
        elif block.kind == "sh":
            commands = block.text.splitlines()
            found.update((command, "") for command in commands)
        elif block.mark == "schedules":
            found.add((commands[-1], block.text))
        elif name == "trace":
            found.add((f"event-flow trace {arguments}", block.text))
    return found


def test_the_steps_are_as_many_as_the_page_says():
    assert len(STEPS) == 16
    assert "Sixteen steps" in TEXT


@pytest.mark.parametrize("title", STEPS)
def test_what_a_step_shows_is_shown_and_run_where_it_links_to(title):
    linked = re.findall(r"\]\((\S+?\.md)\)", STEPS[title])
    there = set().union(*(shown_on((ROOT / "docs" / page).resolve().relative_to(ROOT).as_posix()) for page in linked))
    own = [block for block in blocks_of(PAGE) if block.text in STEPS[title]]
    assert own
    for block in own:
        if block.kind == "diff":
            assert block.text in there
        for command in commands_of(block) if block.kind == "console" else ():
            assert (command["line"], command["printed"]) in there


@pytest.mark.parametrize("title", STEPS)
def test_each_step_has_something_to_see_or_to_change(title):
    assert re.search(r"\*\*(Change|See)\*\*", STEPS[title])
    assert "```console\n$ " in STEPS[title]


def test_the_order_of_the_first_step_is_packed_too_where_its_region_is_changed(flow):
    order = json.loads((ROOT / "events" / "1-billed-only.json").read_text("utf-8"))
    assert not flow.send("Orders", order).reaches("Packing")
    order["detail"]["region"] = "eu"
    assert flow.send("Orders", order).reaches("Packing")
