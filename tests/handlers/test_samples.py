"""The fixtures are what AWS would give."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

LAMBDA_SRC = Path(__file__).parent.parent.parent / "lambda_src"
BATCHES = sorted(file for file in LAMBDA_SRC.glob("*/events/*.json") if file.parent.parent.name != "reconcile")


@pytest.mark.parametrize("file", BATCHES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_each_sample_is_a_batch_of_distinct_messages_with_their_digests(file):
    records = json.loads(file.read_text("utf-8"))["Records"]
    assert len({record["messageId"] for record in records}) == len(records)
    for record in records:
        assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()
        assert record["eventSource"] == "aws:sqs"


def test_the_table_in_memory_is_the_templates(assembly, table_definition):
    template = json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))
    [table] = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table"]
    assert {name: table[name] for name in table_definition} == table_definition


def test_the_schedule_gives_what_the_sample_holds(assembly, sample):
    template = json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))
    [schedule] = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Scheduler::Schedule"]
    event = sample("reconcile", "nightly")
    assert json.loads(schedule["Target"]["Input"]) == event | {"time": "<aws.scheduler.scheduled-time>"}


def test_loading_leaves_no_module_behind(aws, load):
    before = set(sys.modules), list(sys.path)
    assert load("billing").__file__ != load("packing").__file__
    left = {name for name in set(sys.modules) - before[0] if name.split(".")[0] in {"handler", "shared", "boxes", "charges"}}
    assert (left, sys.path) == (set(), before[1])
