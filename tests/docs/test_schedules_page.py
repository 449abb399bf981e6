"""What the page on schedules shows is what the command prints."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "schedule-things.md"


def test_the_times_shown_are_the_times_of_the_reference_app(assembly):
    (command, shown) = re.search(r"```sh\nevent-flow (.*?)\n```\n\n```\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL).groups()
    event_flow = Path(sys.executable).with_name("event-flow")
    said = subprocess.run(
        [event_flow, *command.split(), "--template", str(assembly)], capture_output=True, text=True, check=True
    ).stdout
    assert said == shown
