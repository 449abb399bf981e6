"""The tests that the page on the local run shows are tests here, on the reference app."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "test-with-a-local-run.md"
for number, block in enumerate(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL), start=1):
    exec(compile(block, f"{PAGE}, block {number}", "exec"), globals())


def test_a_report_says_what_the_page_says(local_run):
    if (1, 25) <= (local_run.now.hour, local_run.now.minute) < (2, 0):
        pytest.skip("the five receives take until two o'clock, when the app's schedule comes into the report")
    (shown,) = re.findall(r"<!-- report -->\n```\n-+ what became of the events -+\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    order = globals()["sample"](globals()["OrderSubmitted"], region="apac")
    del order["detail"]["currency"]
    local_run.send("Orders", order)
    local_run.settle()
    assert re.fullmatch(re.escape(shown).replace(re.escape("[…]"), ".*"), local_run.report())
