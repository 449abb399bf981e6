"""Running the command that synthesizes an app, as the CDK command line would."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import EventFlowError, Problem


class SynthError(EventFlowError):
    """The app did not synthesize. Where an error of ours was the cause, the text is that error's."""

    def __init__(self, at: str, problem: Problem, said: str = "") -> None:
        self._said = said
        super().__init__(at, problem)

    def __str__(self) -> str:
        return self._said or super().__str__()


def app_of(folder: Path) -> str:
    """The command in the folder's cdk.json. Raises SynthError (EF-APP) where there is none."""
    app = _cdk_json(folder).get("app")
    if isinstance(app, str) and app.strip():
        return app
    problem = Problem(
        code="EF-APP",
        given="there is no cdk.json with an app here",
        allowed="an app or a template is needed",
        fix='run it in the app\'s folder, or give --app "python app.py" or --template cdk.out',
    )
    raise SynthError(str(folder), problem)


def synthesize(app: str, into: Path, *, folder: Path | None = None, validate: bool = False) -> None:
    """Run the app's command in `folder` (default: here) with the context of its cdk.json, as the CDK command line does.

    The CDK's own validation runs with `validate` only; it takes seconds. The app's plugins run always, but their errors are raised
    with `validate` only: else whoever looks for what is wrong could not read the template that has it. Raises SynthError (EF-APP).
    """
    folder = folder or Path.cwd()
    report = into / "validation-report.json"
    report.unlink(missing_ok=True)
    try:
        command = shlex.split(app)
    except ValueError as error:
        raise SynthError(app, _failed(f"it is no command: {str(error).lower()}", app)) from None
    if command and command[0] in ("python", "python3"):
        command[0] = sys.executable  # the one that has the app's packages
    context = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True, **_cdk_json(folder).get("context", {})}
    environment = {
        **os.environ,
        "CDK_VALIDATION": "true" if validate else "false",
        "CDK_OUTDIR": str(into),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except (OSError, IndexError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is empty"
        raise SynthError(app, _failed(f"{command[0] if command else 'it'} cannot be started: {why}", app)) from None
    if done.returncode:
        errors = _errors(report) if "ValidationFailed" in done.stderr else []
        if not errors:
            raise _why(app, done.stderr)
        if validate:
            raise SynthError(app, _failed(f"the app's validation finds {'; '.join(errors)}", app))
    if not (into / "manifest.json").is_file():
        raise SynthError(app, _failed("it ended without synthesizing: is app.synth() called?", app))


def _why(app: str, stderr: str) -> SynthError:
    """What the app said, without its traceback: our own error with the app's line, or the last line."""
    said = stderr.partition("Exception ignored in:")[0].strip()
    last = (said.splitlines() or ["it said nothing"])[-1]
    frames = re.findall(r'File "([^"]+)", line (\d+)', said)
    own = [f"{Path(file).name}:{line}" for file, line in frames if "site-packages" not in file and "cdk_event_flow" not in file]
    place = f" ({own[-1]})" if own else ""
    problem = _failed(f"the app failed: {last}{place}", app)
    # What is raised while the CDK synthesizes comes back through its Node process, without its class.
    ours = re.search(r"^(?:cdk_event_flow\.errors\.\w+|RuntimeError): (EF-.*)", said, re.MULTILINE | re.DOTALL)
    if not ours:
        return SynthError(app, problem)
    return SynthError(app, problem, ours[1].strip() + place)


def _errors(report: Path) -> list[str]:
    """The errors in the CDK's report, each with its rule and its construct; the CDK wrote it when all templates were there."""
    try:
        plugins = json.loads(report.read_text("utf-8"))["pluginReports"]
        failed = [each for plugin in plugins if plugin["conclusion"] == "failure" for each in plugin["violations"]]
        return [
            f"{each['ruleName']} at {', '.join(where.get('constructPath', '?') for where in each['violatingConstructs'])}"
            for each in failed
            if each.get("severity") not in ("warning", "info")
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _failed(given: str, app: str) -> Problem:
    return Problem(code="EF-APP", given=given, allowed="the app must synthesize", fix=f"run {app} by itself and mend it")


def _cdk_json(folder: Path) -> dict[str, Any]:
    file = folder / "cdk.json"
    try:
        read = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    except ValueError as error:
        problem = Problem(code="EF-APP", given=f"it is not JSON: {error}", allowed="cdk.json is JSON", fix="mend it")
        raise SynthError(str(file), problem) from None
    return read if isinstance(read, dict) else {}
