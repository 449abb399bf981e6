"""The reference app and some examples under all packs; `make packs` judges them all, with checkov and cdk-preflight besides."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_event_flow.compose.acknowledge import Acknowledged
from cdk_event_flow.compose.skipped import Skipped
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.access import access
from tests.compose.wildcards import unnamed

ROOT = Path(__file__).parent.parent.parent.parent
APPS = ("app.py", "worker_fleet")
STACKS = ("every_source", "every_capability")
PROGRAM = f"""
import json, sys
from pathlib import Path
from tests.compose.guard.judged import judged, judged_stack
from tests.compose.sources import test_clean
into = Path(sys.argv[1])
found = {{name: judged(name, into / name, guarded=True) for name in {APPS}}}
found |= {{name: judged_stack(getattr(test_clean, name), into / name) for name in {STACKS}}}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the packs find of some apps under guardrails, and where their assemblies are."""
    into = tmp_path_factory.mktemp("guarded")
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    command = [sys.executable, "-c", PROGRAM, into]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1]), into


@pytest.mark.parametrize("name", APPS + STACKS)
def test_under_guardrails_no_pack_finds_anything_and_nothing_is_wrong(found, name):
    kinds, into = found
    assert set(kinds[name]) >= {"AwsSolutions", "Serverless", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"}
    assert {pack: each for pack, each in kinds[name].items() if each} == {}
    flow = Flow.from_assembly(into / name)
    assert flow.check() == []
    assert [each for each in access(flow) if each.wide] == []


def test_the_wildcards_of_the_app_are_those_that_have_a_reason(found):
    template = json.loads((found[1] / "app.py" / "OrderPacking.template.json").read_text("utf-8"))
    assert unnamed(template) == []


def test_what_is_acknowledged_and_left_out_is_on_the_page_and_no_more():
    """A new kind is a decision: it is written down with its reason."""
    page = (ROOT / "docs" / "how-to" / "meet-a-security-pack.md").read_text("utf-8")
    ids = [id for kind in Acknowledged for id in kind.value[0]]
    rules = {id.partition("[")[0].rpartition("::")[2].rpartition("-")[2] for id in ids}
    checks = {kind.value[0] for kind in Skipped}
    said = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert said == rules | checks
    assert len(checks) <= 5
