"""Templates are small, and composing them is quick: fewer resources, statements and calls than by hand."""

import ast
import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from benchmarks.synth_sides import by_hand, ours
from benchmarks.synth_sides.behaviour import behaviour
from benchmarks.synth_sides.bridge import counted
from benchmarks.synth_sides.counts import statements
from benchmarks.synth_sides.packing_by_hand import OrderPackingByHand
from cdk_event_flow import PythonFunction, Topic

ROOT = Path(__file__).parent.parent.parent
SHARED = {"EventFlowDashboard", "TraceQuery", "ErrorsQuery", "DurationsQuery"}
A_STACK = 500  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html


class Consumers(cdk.Stack):
    """As in the benchmark, of Python functions, which are bundled."""

    def __init__(self, scope, id):
        super().__init__(scope, id)
        self.events = Topic(self, "Events")

    def add(self, name, code, least):
        function = PythonFunction(self, name, code=code)
        self.events.fan_out(name, to=function, where={"total": [{"numeric": [">", least]}]})


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code")
    (folder / "handler.py").write_text("def handler(event, context):\n    return {'batchItemFailures': []}\n")
    return str(folder)


def synthesized(kind, code, consumers):
    """The template of so many consumers, and the calls that it took."""
    app = cdk.App(context={"aws:cdk:enable-path-metadata": True}, builtin_cloud_formation_validation=False)
    with counted() as calls:
        stack = kind(app, "Shop")
        for number in range(consumers):
            stack.add(f"Consumer{number}", code, number)
        template = app.synth().get_stack_by_name("Shop").template
    return template, calls.total()


@pytest.mark.parametrize("kind", [ours.Consumers, Consumers], ids=["Function", "PythonFunction"])
def test_one_more_consumer_takes_at_most_12_resources_and_26_calls_and_changes_nothing_of_the_others(kind, code):
    synthesized(kind, code, 1)  # what is read once in a process
    (few, less), (many, more) = (synthesized(kind, code, number) for number in (3, 4))
    new = {id: each for id, each in many["Resources"].items() if id not in few["Resources"]}
    assert len(new) <= 12
    assert more - less <= 26
    # The dashboard shows every consumer, and the queries read its log; of all else nothing is another.
    assert {id for id, each in few["Resources"].items() if each != many["Resources"][id]} == SHARED
    shared = len(few["Resources"]) - 3 * len(new)
    assert shared + 36 * len(new) < A_STACK
    assert {each["Type"] for each in new.values()} == {
        "AWS::CloudWatch::Alarm",
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Subscription",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    }


def test_what_is_compared_with_does_the_same(code):
    by_ours, other = (behaviour(synthesized(kind, code, 1)[0]) for kind in (ours.Consumers, by_hand.Consumers))
    # Of ours, one alarm looks at two metrics; the topic has one besides, and the stack a dashboard and queries.
    more = ("alarms on", "alarms in a stack of one", "dashboard", "saved queries")
    assert set(other["alarms on"].split(", ")) <= set(by_ours["alarms on"].split(", "))
    assert by_ours | dict.fromkeys(more, "") == other | dict.fromkeys(more, "")
    assert "no" not in by_ours.values()


def test_the_page_of_the_benchmarks_has_the_size_as_it_is(code):
    figures = json.loads((ROOT / "docs" / "reference" / "benchmarks.json").read_text("utf-8"))["parts"]["synth"]["figures"]
    for side, kind in (("ours", ours.Consumers), ("by_hand", by_hand.Consumers)):
        few, more = (len(synthesized(kind, code, number)[0]["Resources"]) for number in (1, 2))
        assert more - few == figures["further"][side]["resources"], "make bench ONLY=synth writes it again"


def test_the_app_is_smaller_than_by_hand(assembly):
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    app = cdk.App(context=context, builtin_cloud_formation_validation=False)
    OrderPackingByHand(app, "ByHand")
    by_hand = app.synth().get_stack_by_name("ByHand").template
    app_of_ours = json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))
    # By hand there is one of each of these besides, or in place of them.
    for kind in ("Lambda::Function", "Lambda::Alias", "SQS::Queue", "SNS::Subscription", "EC2::VPCEndpoint", "EC2::Subnet"):
        assert _count(app_of_ours, kind) == _count(by_hand, kind)
    # By hand there is neither dashboard nor saved query.
    more = sum(_count(app_of_ours, kind) for kind in ("CloudWatch::Dashboard", "Logs::QueryDefinition"))
    assert len(app_of_ours["Resources"]) - more + 10 <= len(by_hand["Resources"])
    assert statements(app_of_ours) + 5 <= statements(by_hand)


def test_the_stack_of_the_app_is_at_most_40_lines():
    text = (ROOT / "app.py").read_text("utf-8")
    (stack,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    lines = text.splitlines()[stack.lineno - 1 : stack.end_lineno]
    assert len([line for line in lines if line.strip()]) <= 40


def _count(template, kind):
    return sum(each["Type"] == f"AWS::{kind}" for each in template["Resources"].values())
