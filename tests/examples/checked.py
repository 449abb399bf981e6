"""An example, synthesized as its reader would and found clean by everything that looks at templates."""

import atexit
import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from cdk_event_flow.flow.watching import watches
from cdk_event_flow.testing.plugin import Synthesized
from tests.examples.synthesizer import Synthesizer

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
_SAYS = re.compile(r"[a-z][.:] .*[.]$")  # two sentences at least
PACKS = {"AwsSolutions", "Serverless"}
synthesizer = Synthesizer()
atexit.register(synthesizer.close)


@cache
def checked(name: str) -> Synthesized:
    """The example of this name (`examples/NAME`), synthesized once a session.

    Asserts that CDK's full validation and both packs of cdk-nag report nothing that is not acknowledged, that cfn-lint has
    nothing to say, and that `flow` finds nothing wrong. The result has `flow`, `template`, `templates` and `assembly`, its
    folder.
    """
    folder = EXAMPLES / name
    kept = tempfile.TemporaryDirectory(prefix=f"example-{name}-")
    atexit.register(kept.cleanup)
    synthesized = Synthesized(Path(kept.name))
    linted = synthesizer(folder, synthesized.assembly)
    report = json.loads((synthesized.assembly / "validation-report.json").read_text("utf-8"))["pluginReports"]
    assert {plugin["pluginName"] for plugin in report} >= PACKS, "the app adds both packs of cdk-nag"
    assert [violation for plugin in report for violation in plugin["violations"]] == []
    assert linted == []
    assert synthesized.flow.check() == []
    assert [each.path for each in watches(synthesized.flow) if not _SAYS.search(each.says)] == [], "what is wrong, and what to do"
    return synthesized


def sample_event(example: str, function: str, name: str) -> Any:
    """An event from the `events` folder of a function of an example."""
    return json.loads((EXAMPLES / example / "lambda_src" / function / "events" / f"{name}.json").read_text("utf-8"))
