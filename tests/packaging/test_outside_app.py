"""An app as a stranger writes it, ours and plain CDK mixed; `make compatibility` runs its own tests, from the wheel."""

import os
import subprocess
import sys

import pytest

from cdk_event_flow.flow import Flow
from tests.packaging.compatibility.cells import OUTSIDE
from tests.packaging.same_bytes import differences


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """Its assemblies by two processes with other hash seeds, at once."""
    outs = [tmp_path_factory.mktemp(f"out {number}") for number in (1, 2)]
    fixed = {**os.environ, "CDK_VALIDATION": "false", "CDK_DISABLE_STACK_TRACE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    synths = [
        subprocess.Popen(
            [sys.executable, "app.py"], cwd=OUTSIDE, env={**fixed, "CDK_OUTDIR": str(out), "PYTHONHASHSEED": str(out.name[-2])},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for out in outs
    ]  # fmt: skip
    for synth in synths:
        said, _ = synth.communicate()
        assert (synth.returncode, said) == (0, "")
    return outs


def test_it_synthesizes_the_same_bytes_twice(twice):
    assert differences(*twice) == []


def test_nothing_false_is_found_in_it_and_events_go_from_plain_to_ours_and_back(twice):
    flow = Flow.from_assembly(twice[0])
    assert flow.check() == []
    sent = flow.send("Foundation/Bus", {"source": "store", "detail-type": "OrderSubmitted", "detail": {"total": 1, "region": "eu"}})
    for consumer in ("Orders/Billing", "Orders/Stock", "Orders/Audit/Audit"):
        assert sent.reaches(consumer)
    assert flow.send("Foundation/Bus", {"source": "store", "detail-type": "Shipped", "detail": {}}).reaches("Orders/Billing")
