"""Dashboards as they stand in a template: widgets on the grid, and the metrics of each graph with nothing left short."""

import json

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.dashboards import Dashboard, Line, Widget, dashboards

TYPE = "AWS::CloudWatch::Dashboard"


def read(*bodies, **resources):
    """The dashboards of a template with these bodies, as text or as what becomes JSON."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    boards = {f"Board{at}": {"Type": TYPE, "Properties": {"DashboardBody": text}} for at, text in enumerate(texts)}
    return dashboards(Flow.from_template({"Resources": {**resources, **boards}}))


def widget(given):
    """The one widget of a dashboard."""
    (found,) = read({"widgets": [given]})
    (only,) = found.widgets
    return only


def lines(*metrics, **properties):
    """The lines of a graph of these metrics."""
    return widget({"type": "metric", "properties": {"metrics": list(metrics), **properties}}).lines


def test_a_dashboard_has_its_path_its_name_and_its_widgets_from_the_top():
    places = [(6, 3), (0, 3), (12, 0), (0, 12)]
    body = json.dumps({"widgets": [{"type": "text", "x": x, "y": y} for x, y in places]})
    resources = {
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"DashboardBody": body}},
        "Board": {
            "Type": TYPE,
            "Properties": {"DashboardName": "shop", "DashboardBody": body},
            "Metadata": {"aws:cdk:path": "Shop/Board/Resource"},
        },
    }
    (found,) = dashboards(Flow.from_template({"Resources": resources}))
    assert (found.path, found.name) == ("Shop/Board", "shop")
    assert [(each.x, each.y) for each in found.widgets] == [(12, 0), (0, 3), (6, 3), (0, 12)]


def test_a_graph_is_read_whole():
    given = {
        "type": "metric", "x": 3, "y": 2, "width": 12, "height": 5,
        "properties": {
            "title": "Orders", "period": 60, "stat": "Sum", "region": "eu-west-1",
            "metrics": [["AWS/SQS", "Sent", "QueueName", "orders", {"label": "in", "color": "#d62728", "stat": "p99"}]],
            "annotations": {
                "horizontal": [
                    {"label": "alarm", "value": 5}, {"value": 2.5}, {"label": "none"}, {"label": "text", "value": "7"}, 3, "x",
                    [{"label": "from", "value": 1}, {"value": 2}],
                ],
                "vertical": [{"label": "release", "value": "2026-01-01T00:00:00Z"}],
            },
        },
    }  # fmt: skip
    line = Line(
        namespace="AWS/SQS", metric="Sent", dimensions=(("QueueName", "orders"),), stat="p99", label="in", color="#d62728"
    )  # fmt: skip
    assert widget(given) == Widget(
        kind="metric", x=3, y=2, width=12, height=5, title="Orders", period=60, lines=(line,), limits=(("alarm", 5.0), ("", 2.5))
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"type": "text"}, Widget(kind="text", x=0, y=0, width=6, height=6)),
        ({"type": "text", "properties": {"markdown": "# Shop"}}, Widget(kind="text", x=0, y=0, width=6, height=6, text="# Shop")),
        (
            {"type": "alarm", "x": 6, "properties": {"title": "All", "alarms": ["arn:a", "arn:b"]}},
            Widget(kind="alarm", x=6, y=0, width=6, height=6, title="All", alarms=("arn:a", "arn:b")),
        ),
        ({"type": "log", "width": 1, "height": 1}, Widget(kind="log", x=0, y=0, width=1, height=1)),
        ({"type": "log", "width": 0, "height": -3, "x": -2}, Widget(kind="log", x=-2, y=0, width=1, height=1)),
        ({"type": "log", "y": 2.0, "width": "12", "height": None}, Widget(kind="log", x=0, y=2, width=6, height=6)),
        ({"type": "metric", "properties": {"period": "auto", "metrics": {}, "annotations": {"horizontal": {"value": 1}}}},
         Widget(kind="metric", x=0, y=0, width=6, height=6, period=300)),
        ({"type": "metric", "properties": {"title": None, "markdown": None, "annotations": [1], "alarms": "arn:a"}},
         Widget(kind="metric", x=0, y=0, width=6, height=6)),
        ({"type": "metric", "properties": {"alarms": None, "metrics": None, "annotations": None}},
         Widget(kind="metric", x=0, y=0, width=6, height=6)),
        ({"type": "metric", "properties": ["none"]}, Widget(kind="metric", x=0, y=0, width=6, height=6)),
    ],
)  # fmt: skip
def test_what_a_widget_leaves_out_or_has_wrong_is_as_cloudwatch_takes_it(given, wanted):
    assert widget(given) == wanted


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "9" * 400, "1e300"])
def test_a_number_beyond_all_measure_is_as_none(number):
    limits = f'{{"annotations": {{"horizontal": [{{"value": {number}}}]}}}}'
    text = f'{{"widgets": [{{"type": "metric", "x": {number}, "properties": {limits}}}]}}'
    ((found,),) = [each.widgets for each in read(text)]
    assert (found.x, found.limits) == (0, ())


QUEUE = ["AWS/SQS", "Sent", "QueueName", "a"]


@pytest.mark.parametrize(
    ("metrics", "wanted"),
    [
        ([["AWS/Events", "Matched"]], ["AWS/Events Matched"]),
        ([QUEUE], ["AWS/SQS Sent QueueName=a"]),
        ([["N", "M", "A", "1", "B", "2"]], ["N M A=1 B=2"]),
        ([["N", "M", "A"]], ["N M"]),
        ([["N"]], []),
        ([["."], QUEUE, [".", "."]], ["AWS/SQS Sent QueueName=a", "AWS/SQS Sent"]),
        ([QUEUE, [".", "Deleted", ".", "."]], ["AWS/SQS Sent QueueName=a", "AWS/SQS Deleted QueueName=a"]),
        ([QUEUE, [".", ".", ".", ".", ".", "."]], ["AWS/SQS Sent QueueName=a", "AWS/SQS Sent QueueName=a .=."]),
        ([QUEUE, [".", ".", "QueueName", "b"], ["AWS/SNS", "."]],
         ["AWS/SQS Sent QueueName=a", "AWS/SQS Sent QueueName=b", "AWS/SNS Sent"]),
        ([QUEUE, ["...", "b"], ["...", "c"]], ["AWS/SQS Sent QueueName=a", "AWS/SQS Sent QueueName=b", "AWS/SQS Sent QueueName=c"]),
        ([QUEUE, ["..."]], ["AWS/SQS Sent QueueName=a"] * 2),
        ([QUEUE, ["AWS/SNS", "...", "b"]], ["AWS/SQS Sent QueueName=a", "AWS/SNS Sent QueueName=b"]),
        ([QUEUE, ["AWS/SNS", "Out", "...", "T", "b"]], ["AWS/SQS Sent QueueName=a", "AWS/SNS Out T=b"]),
        ([["N", "M", "A", "1", "B", "2"], ["...", "C", "3"]], ["N M A=1 B=2", "N M A=1 C=3"]),
        ([QUEUE, [{"expression": "m1 * 2"}], [], 3, None, [{}], ["...", "b"]],
         ["AWS/SQS Sent QueueName=a", "AWS/SQS Sent QueueName=b"]),
        ([["N", "M", {"expression": "m1"}], QUEUE], ["AWS/SQS Sent QueueName=a"]),
        ([["...", "b"]], []),
        ([["N", 7, "Shard", 1]], ["N 7 Shard=1"]),
    ],
)  # fmt: skip
def test_short_forms_of_metrics_are_written_out(metrics, wanted):
    said = [
        " ".join([each.namespace, each.metric, *(f"{name}={value}" for name, value in each.dimensions)]) for each in lines(*metrics)
    ]
    assert said == wanted


@pytest.mark.parametrize(
    ("options", "of_the_graph", "wanted"),
    [
        (None, {}, ("Average", "Sent", None)),
        ({}, {}, ("Average", "Sent", None)),
        ({}, {"stat": "Sum"}, ("Sum", "Sent", None)),
        ({"stat": "p90"}, {"stat": "Sum"}, ("p90", "Sent", None)),
        ({"stat": None, "label": ""}, {"stat": None}, ("Average", "Sent", None)),
        ({"label": "in", "color": "#123456"}, {}, ("Average", "in", "#123456")),
        ({"color": 7}, {}, ("Average", "Sent", None)),
    ],
)
def test_a_line_says_its_statistic_and_its_label_or_has_the_usual(options, of_the_graph, wanted):
    (line,) = lines([*QUEUE, *([] if options is None else [options])], **of_the_graph)
    assert (line.stat, line.label, line.color) == wanted


@pytest.mark.parametrize("body", ["", "no JSON", "[" * 100_000, {"Fn::ImportValue": "body"}])
def test_of_a_body_that_cannot_be_read_there_is_no_dashboard_and_the_next_is_read(body):
    broken = {"Broken": {"Type": TYPE, "Properties": {"DashboardBody": body}}, "Topic": {"Type": "AWS::SSM::Document"}}
    assert [each.path for each in read({"widgets": []}, {"widgets": []}, **broken)] == ["Board0", "Board1"]


@pytest.mark.parametrize(
    "body", [{}, [], "7", '"words"', {"widgets": None}, {"widgets": {"type": "text"}}, {"widgets": [3, "x", None]}]
)
def test_a_body_without_widgets_is_an_empty_dashboard(body):
    (found,) = read(body)
    assert found == Dashboard(path="Board0", name=found.name, widgets=())


def test_what_is_no_widget_is_passed_over():
    (found,) = read({"widgets": [3, {"type": "text", "x": 1}, None, {"type": "alarm", "x": 2}]})
    assert [each.kind for each in found.widgets] == ["text", "alarm"]
