"""The tests that the page on the local run shows are tests here, on the reference app."""

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "test-with-a-local-run.md"
for number, block in enumerate(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL), start=1):
    exec(compile(block, f"{PAGE}, block {number}", "exec"), globals())


def test_a_report_says_what_the_page_says(local_run):
    (shown,) = re.findall(r"<!-- report -->\n```\n-+ what became of the events -+\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    order = globals()["sample"](globals()["OrderSubmitted"], region="apac")
    del order["detail"]["currency"]
    local_run.send("Orders", order)
    local_run.settle()
    assert re.fullmatch(re.escape(shown).replace(re.escape("[…]"), ".*"), local_run.report())
