"""The dashboard of a stack: in the order of its flow, within CloudWatch's limits, the same at every synth."""

import json
from datetime import timedelta

import aws_cdk as cdk
import pytest

from benchmarks.synth_sides import ours
from cdk_event_flow import EventBus, Function, HttpApi, Pipe, PrivateNetwork, Queue, Schedule, Stage, Stream, Topic
from cdk_event_flow.compose.observe.dashboard import DASHBOARD
from tests.compose.synthesis import new_stack, resources, template_of

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
WIDGETS, METRICS_A_WIDGET, METRICS = 500, 500, 2_500


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def function(stack, id, **options):
    return Function(stack, id, code=cdk.aws_lambda.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x", **options)


def everything(stack):
    bus, events, stream = EventBus(stack, "Orders"), Topic(stack, "Events"), Stream(stack, "Clicks")
    bus.route("ToTopic", {"source": ["shop"]}, to=events)
    billing, clicks = function(stack, "Billing", keep_versions=True), function(stack, "Clicked")
    events.fan_out("Billing", to=billing)
    clicks.consume(stream)
    Stage(billing, "PROD", version=1)
    Pipe(stack, "Copy", source=Queue(stack, "In"), to=events)
    Schedule(stack, "Nightly", every=timedelta(days=1), to=function(stack, "Reconcile"))
    HttpApi(stack, "Api").route("GET /", to=billing)


def body(stack_or_template):
    """The dashboard's body as JSON, its variables filled in by their own names; and the variables."""
    template = stack_or_template if isinstance(stack_or_template, dict) else template_of(stack_or_template)
    (dashboard,) = resources(template, "AWS::CloudWatch::Dashboard")
    text, names = dashboard["DashboardBody"]["Fn::Sub"]
    return json.loads(text), names


def lines(widget):
    """The metrics of a graph, written out: namespace, name, dimensions as a mapping, options."""
    before = []
    for *short, options in widget["properties"]["metrics"]:
        before = [before[index] if part == "." else part for index, part in enumerate(short)]
        yield before[0], before[1], dict(zip(before[2::2], before[3::2], strict=True)), options


def test_it_shows_the_parts_in_the_order_of_the_flow_each_with_what_to_do():
    stack = new_stack()
    everything(stack)
    widgets, names = body(stack)[0]["widgets"], body(stack)[1]
    titles = [each["properties"]["markdown"].splitlines() for each in widgets if each["type"] == "text"]
    assert [title for title, _ in titles] == [
        "# Shop", "## Api", "## Orders", "## Topics", "## Billing ← Events/Billing, Api", "## Clicked ← Clicks", "## Billing/PROD",
        "## Reconcile ← Nightly", "## In", "## Clicks", "## Copy ← In", "## Schedules", "## Undelivered",
    ]  # fmt: skip
    assert all(what.endswith(".") for _, what in titles)
    assert len(set(names)) == len(names)
    assert names["BillingFunction"] == {"Ref": next(n for n in template_of(stack)["Resources"] if n.startswith("BillingFunction"))}


def test_widgets_are_in_the_grid_and_none_lies_over_another():
    stack = new_stack()
    everything(stack)
    taken = set()
    for each in body(stack)[0]["widgets"]:
        cells = {(x, y) for x in range(each["x"], each["x"] + each["width"]) for y in range(each["y"], each["y"] + each["height"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_every_alarm_is_in_it_and_every_line_has_a_name_that_is_filled_in():
    stack = new_stack()
    everything(stack)
    template = template_of(stack)
    widgets, names = body(template)[0]["widgets"], body(template)[1]
    (states,) = [each["properties"]["alarms"] for each in widgets if each["type"] == "alarm"]
    made = {each["AlarmName"]["Fn::Join"][1][1] for each in resources(template, "AWS::CloudWatch::Alarm")}
    assert {"/" + each.partition("${AWS::StackName}/")[2] for each in states} == made
    used = set()
    for widget in widgets:
        if widget["type"] == "metric":
            assert widget["properties"]["region"] == "${AWS::Region}"
            for *_, dimensions, options in lines(widget):
                assert options["label"]
                used |= {value[2:].partition("}")[0] for value in dimensions.values() if value.startswith("${")}
    assert used == set(names), "nothing is unknown, and nothing is not used"


def test_a_limit_is_drawn_where_the_alarm_has_it():
    stack = new_stack()
    everything(stack)
    limits = [each["properties"].get("annotations", {}).get("horizontal", [{}])[0].get("value") for each in body(stack)[0]["widgets"]
              if each["properties"].get("title") == "Age of the oldest message, s"]  # fmt: skip
    assert limits == [2 * 6 * 30, None], "of Billing's queue; nothing consumes In but a pipe"


def test_two_synths_give_the_same_bytes():
    texts = []
    for _ in range(2):
        stack = new_stack()
        everything(stack)
        texts.append(json.dumps(resources(template_of(stack), "AWS::CloudWatch::Dashboard")))
    assert texts[0] == texts[1]


def test_as_many_consumers_as_a_stack_holds_are_within_the_limits(tmp_path):
    (tmp_path / "handler.py").write_text("def handler(event, context):\n    pass\n")
    app = cdk.App(builtin_cloud_formation_validation=False)
    stack = ours.Consumers(app, "Shop")
    for number in range(38):
        stack.add(f"Consumer{number}", str(tmp_path), number)
    template = app.synth().get_stack_by_name("Shop").template
    widgets = body(template)[0]["widgets"]
    metrics = [len(each["properties"]["metrics"]) for each in widgets if each["type"] == "metric"]
    assert len(widgets) <= WIDGETS
    assert max(metrics) <= METRICS_A_WIDGET
    assert sum(metrics) <= METRICS
    (dashboard,) = resources(template, "AWS::CloudWatch::Dashboard")
    size = len(json.dumps(template, separators=(",", ":")))
    assert size < 500_000, "of the megabyte that a template may have"
    assert len(json.dumps(dashboard)) < size / 3


def test_rules_by_the_hundred_are_drawn_in_graphs_of_a_readable_size():
    stack = new_stack()
    bus, events = EventBus(stack, "Orders"), Topic(stack, "Events")
    for number in range(60):
        bus.route(f"Route{number}", {"source": [f"shop{number}"]}, to=events)
    graphs = [each for each in body(stack)[0]["widgets"] if each["properties"].get("title") == "Handed on, by rule"]
    assert [len(each["properties"]["metrics"]) for each in graphs] == [25, 25, 10]


@pytest.mark.parametrize("said", [False, "false"])
def test_there_is_none_where_none_is_wanted_or_nothing_is_ours(said):
    stack = new_stack()
    stack.node.set_context(DASHBOARD, said)
    everything(stack)
    assert resources(template_of(stack), "AWS::CloudWatch::Dashboard") == []
    network = new_stack()
    PrivateNetwork(network, "Network")
    assert resources(template_of(network), "AWS::CloudWatch::Dashboard") == []


def test_a_queue_of_another_stack_is_shown_there_and_no_stack_depends_on_another_for_its_dashboard():
    app = cdk.App()
    producer, consumer = cdk.Stack(app, "Producer"), cdk.Stack(app, "Consumer")
    queue = Queue(producer, "Jobs")
    function(consumer, "Work").consume(queue)
    assembly = app.synth()
    there, here = (assembly.get_stack_by_name(name).template for name in ("Producer", "Consumer"))
    assert "JobsQueue" in body(there)[1]
    assert "GetStackOutput" not in json.dumps(body(here)[1])
    assert "ImportValue" not in json.dumps(body(here)[1])
    assert {"WorkFunction"} <= body(here)[1].keys()
