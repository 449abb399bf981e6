"""A process that synthesizes example after example, with validation: what that compiles first, it compiles once for all of them."""

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import aws_cdk as cdk
from cfnlint.api import lint_file

sys.path.insert(0, str(Path(__file__).parent.parent.parent))  # it is started as a program

from tests.examples.running import run_app


class Synthesizer:
    """Such a process, started when it is first needed."""

    def __init__(self):
        self._process = None

    def __call__(self, folder, into, *, check=True):
        """Run `folder`'s app into the folder `into`. Gives what cfn-lint says of its templates. Fails with the app's traceback.

        Without `check` neither the app's own plugins nor cfn-lint look at it.
        """
        if not self._process:
            environment = {**os.environ, "CDK_VALIDATION": "true"}
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._process = subprocess.Popen([sys.executable, __file__], env=environment, **pipes)
        self._process.stdin.write(json.dumps([str(folder), str(into), check]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "failed" not in answer, answer["failed"]
        return answer["lint"]

    def close(self):
        if self._process:
            self._process.communicate()


class Unchecked:
    """In place of `cdk.Validations.of(scope)`: takes plugins and acknowledgments, and does nothing with them."""

    def add_plugins(self, *plugins):
        """Not added."""

    def acknowledge(self, *findings):
        """Nothing finds them."""


def answer(folder, into, check):
    validations = cdk.Validations
    if not check:
        cdk.Validations = SimpleNamespace(of=lambda scope: Unchecked())
    try:
        run_app(folder, lambda app, context: app(outdir=str(into), context=context))
    except Exception:
        return {"failed": traceback.format_exc()}
    finally:
        cdk.Validations = validations
    templates = sorted(into.rglob("*.template.json"))
    assert templates
    return {"lint": [str(match) for template in templates for match in lint_file(template)] if check else []}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an app prints is no answer
    for line in sys.stdin:
        folder, into, check = json.loads(line)
        print(json.dumps(answer(Path(folder), Path(into), check)), file=answers, flush=True)


if __name__ == "__main__":
    main()
