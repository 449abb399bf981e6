"""What the page on schedules shows is what the command prints."""

import subprocess
import sys
from pathlib import Path

from .blocks import blocks_of, run_by


def test_the_times_shown_are_the_times_of_the_reference_app(assembly):
    (shown,) = run_by("docs/test_schedules_page.py::test_the_times_shown_are_the_times_of_the_reference_app")
    (command,) = (block.text.split() for block in blocks_of(shown.page) if block.kind == "sh")
    command[0] = Path(sys.executable).with_name("event-flow")
    said = subprocess.run([*command, "--template", str(assembly)], capture_output=True, text=True, check=True).stdout
    assert said == shown.text
