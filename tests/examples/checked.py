"""An example, synthesized as its reader would and found clean by everything that looks at templates."""

import atexit
import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from cdk_event_flow.synth import app_of, synthesize
from cdk_event_flow.testing.plugin import Synthesized

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PACKS = {"AwsSolutions", "Serverless"}


@cache
def checked(name: str) -> Synthesized:
    """The example of this name (`examples/NAME`), synthesized once a session by the command in its cdk.json.

    Asserts that CDK's full validation and both packs of cdk-nag report nothing that is not acknowledged, that cfn-lint has
    nothing to say, and that `flow` finds nothing wrong. The result has `flow`, `template`, `templates` and `assembly`, its
    folder.
    """
    folder = EXAMPLES / name
    kept = tempfile.TemporaryDirectory(prefix=f"example-{name}-")
    atexit.register(kept.cleanup)
    synthesized = Synthesized(Path(kept.name))
    synthesize(app_of(folder), synthesized.assembly, folder=folder, validate=True)
    report = json.loads((synthesized.assembly / "validation-report.json").read_text("utf-8"))["pluginReports"]
    assert {plugin["pluginName"] for plugin in report} >= PACKS, "the app adds both packs of cdk-nag"
    assert [violation for plugin in report for violation in plugin["violations"]] == []
    assert _cfn_lint(synthesized.assembly) == (0, "")
    assert synthesized.flow.check() == []
    return synthesized


def sample_event(example: str, function: str, name: str) -> Any:
    """An event from the `events` folder of a function of an example."""
    return json.loads((EXAMPLES / example / "lambda_src" / function / "events" / f"{name}.json").read_text("utf-8"))


def _cfn_lint(assembly: Path) -> tuple[int, str]:
    templates = sorted(assembly.rglob("*.template.json"))
    assert templates
    done = subprocess.run([Path(sys.executable).with_name("cfn-lint"), *templates], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout
