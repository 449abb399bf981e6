"""A process that synthesizes example after example, with validation: what that compiles first, it compiles once for all of them."""

import json
import os
import runpy
import subprocess
import sys
import traceback
from pathlib import Path

import aws_cdk as cdk
from cfnlint.api import lint_file


class Synthesizer:
    """Such a process, started when it is first needed."""

    def __init__(self):
        self._process = None

    def __call__(self, folder, into):
        """Run `folder`'s app into the folder `into`. Gives what cfn-lint says of its templates. Fails with the app's traceback."""
        if not self._process:
            environment = {**os.environ, "CDK_VALIDATION": "true"}
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._process = subprocess.Popen([sys.executable, __file__], env=environment, **pipes)
        self._process.stdin.write(json.dumps([str(folder), str(into)]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "failed" not in answer, answer["failed"]
        return answer["lint"]

    def close(self):
        if self._process:
            self._process.communicate()


def answer(folder, into):
    modules, path, app = set(sys.modules), list(sys.path), cdk.App
    described = json.loads((folder / "cdk.json").read_text("utf-8"))
    context = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True, **described.get("context", {})}
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    cdk.App = lambda: app(outdir=str(into), context=context)
    try:
        runpy.run_path(str(folder / "app.py"), run_name="__main__")
    except Exception:
        return {"failed": traceback.format_exc()}
    finally:
        cdk.App, sys.path[:] = app, path
        for name in set(sys.modules) - modules:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]
    templates = sorted(into.rglob("*.template.json"))
    assert templates
    return {"lint": [str(match) for template in templates for match in lint_file(template)]}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an app prints is no answer
    for line in sys.stdin:
        folder, into = map(Path, json.loads(line))
        print(json.dumps(answer(folder, into)), file=answers, flush=True)


if __name__ == "__main__":
    main()
