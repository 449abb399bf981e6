"""Synthesizing an app from the command line, and reading what it gave."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_event_flow.errors import Problem, RunError

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow


@contextmanager
def assembly_of(template: Path | None, app: str | None) -> Iterator[Path]:
    """The template or assembly as it lies there, or the app's assembly, synthesized into a folder that goes again."""
    if template is not None:
        yield template
        return
    with tempfile.TemporaryDirectory(prefix="event-flow-") as folder:
        synthesize(app or _app_of_cdk_json(), Path(folder))
        yield Path(folder)


def read_flow(assembly: Path) -> "Flow":
    """The flow of a template file or an assembly's folder."""
    from cdk_event_flow.flow import Flow

    return Flow.from_assembly(assembly) if assembly.is_dir() else Flow.from_template(assembly)


def flow_of(template: Path | None, app: str | None) -> "Flow":
    """The flow of a template, an assembly, or an app."""
    with assembly_of(template, app) as assembly:
        return read_flow(assembly)


def synthesize(app: str, into: Path) -> None:
    """Run the app's command with the context that the CDK command line would give. Raises RunError with the app's error."""
    command = shlex.split(app)
    if command[0] in ("python", "python3"):
        command[0] = sys.executable  # the one that has the app's packages
    context = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True, **_context()}
    environment = {
        "CDK_VALIDATION": "false",
        **os.environ,
        "CDK_OUTDIR": str(into),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    ours = re.search(r"^cdk_event_flow\.errors\.\w+: (EF-.*)", done.stderr, re.MULTILINE | re.DOTALL)
    if ours:
        frames = re.findall(r'File "([^"]+)", line (\d+)', done.stderr)
        own = [f"{Path(f).name}:{n}" for f, n in frames if "site-packages" not in f and "cdk_event_flow" not in f]
        sys.exit(ours[1].strip() + (f" ({own[-1]})" if own else ""))
    last = done.stderr.partition("Exception ignored in:")[0].strip().splitlines()[-1:] or ["it said nothing"]
    raise RunError(app, Problem(code="EF-APP", given=f"the app failed: {last[0]}",
                                allowed="it must synthesize", fix=f"run {app} by itself and mend it"))  # fmt: skip


def _context() -> dict[str, object]:
    file = Path("cdk.json")
    return dict(json.loads(file.read_text("utf-8")).get("context", {})) if file.is_file() else {}


def _app_of_cdk_json() -> str:
    file = Path("cdk.json")
    app = json.loads(file.read_text("utf-8")).get("app") if file.is_file() else None
    if not isinstance(app, str):
        raise RunError(
            str(Path.cwd()),
            Problem(code="EF-APP", given="there is no cdk.json with an app here", allowed="an app or a template is needed",
                    fix='run it in the app\'s folder, or give --app "python app.py" or --template cdk.out'),
        )  # fmt: skip
    return app
