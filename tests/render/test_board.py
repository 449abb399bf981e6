"""Dashboards drawn: read as CloudWatch reads them, nothing over another, nothing cut that is not said to be."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.dashboards import dashboards
from cdk_event_flow.render.board import board, key_of, size_of

SVG = "{http://www.w3.org/2000/svg}"


def written(*widgets, **more):
    """The flow of a template with a dashboard of these widgets."""
    body = {"widgets": list(widgets), **more}
    return Flow.from_template(
        {"Resources": {"Board": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": json.dumps(body)}}}}
    )


def graph(*metrics, **properties):
    return {
        "type": "metric",
        "x": 0,
        "y": 2,
        "width": 12,
        "height": 6,
        "properties": {"title": "G", "metrics": list(metrics), **properties},
    }


def lines(*metrics, **properties):
    (found,) = dashboards(written(graph(*metrics, **properties)))
    return found.widgets[0].lines


def test_short_forms_of_metrics_are_written_out():
    found = lines(
        ["AWS/SQS", "Sent", "QueueName", "A"], [".", "Deleted", ".", ".", {"stat": "Sum", "label": "gone"}], ["...", "B"],
        [{"expression": "m1 + m2"}], ["AWS/Events", "Matched"], stat="Maximum",
    )  # fmt: skip
    assert [(each.namespace, each.metric, each.dimensions, each.stat, each.label) for each in found] == [
        ("AWS/SQS", "Sent", (("QueueName", "A"),), "Maximum", "Sent"),
        ("AWS/SQS", "Deleted", (("QueueName", "A"),), "Sum", "gone"),
        ("AWS/SQS", "Deleted", (("QueueName", "B"),), "Maximum", "Deleted"),
        ("AWS/Events", "Matched", (), "Maximum", "Matched"),
    ]


@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "[]", '{"widgets": 3}', '{"widgets": [3, {"type": "metric", "properties": {"metrics": [3, [], [{}], ["."]]}}]}'],
)
def test_what_cannot_be_read_is_left_out(body):
    flow = Flow.from_template({"Resources": {"B": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": body}}}})
    for each in dashboards(flow):
        ET.fromstring(board(each))


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_app_s_own_is_drawn_within_its_frame_with_every_title_and_every_alarm_s_words(flow, theme):
    (found,) = dashboards(flow)
    says = {arn: "Do this, and then that." for widget in found.widgets for arn in widget.alarms}
    drawn = board(found, theme=theme, says=says, states=dict.fromkeys(says, "ALARM"))
    root = ET.fromstring(drawn)
    width, height = size_of(drawn)
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert {"Messages", "Invocations", "Handed on, by rule"} <= set(texts)
    assert texts.count("Do this, and then that.") == len(says)
    assert len([each for each in root.iter(f"{SVG}path") if each.get("class") == "state bad"]) == 2 * len(says)
    boxes = [
        [float(each.get(name)) for name in ("x", "y", "width", "height")]
        for each in root.iter(f"{SVG}rect")
        if each.get("class") == "box"
    ]
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
    for index, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[index + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_what_was_measured_is_drawn_a_point_a_period():
    (found,) = dashboards(written(graph(["AWS/SQS", "Sent", "QueueName", "A"], stat="Sum", period=60)))
    line = found.widgets[0].lines[0]
    samples = [(1_000_000_020.0, 1.0), (1_000_000_050.0, 1.0), (1_000_000_085.0, 4.0), (1_000_000_600.0, 2.0)]
    drawn = board(found, measured={key_of(line): samples})
    (path,) = re.findall(r'<path class="line line0" d="(M[^h"]+)"/>', drawn)
    assert len(re.findall("[ML]", path)) == 3, "two samples are of one minute"
    assert path.count("M") == 2, "nothing is drawn over minutes without data"
    assert ">4</text>" in drawn, "the scale goes as far as the highest"
    assert ">10 min</text>" in drawn


def test_a_limit_is_drawn_with_its_word_unless_it_is_far_above_all_that_was_measured():
    near = graph(["AWS/SQS", "Age", "QueueName", "A"], annotations={"horizontal": [{"label": "alarm", "value": 360}]})
    (found,) = dashboards(written(near))
    assert ">alarm 360</text>" in board(found)
    measured = {key_of(found.widgets[0].lines[0]): [(0.0, 1.0), (60.0, 2.0)]}
    assert ">alarm 360</text>" not in board(found, measured=measured)


def test_words_of_others_do_no_harm():
    hostile = '</text><script>alert(1)</script>"\u202e'
    widgets = [graph(["N", "M", "D", "V", {"label": hostile}]), {"type": "text", "x": 0, "y": 0, "properties": {"markdown": hostile}}]
    (found,) = dashboards(written(*widgets))
    drawn = board(found, says={hostile: hostile})
    assert "<script>" not in drawn
    assert "\u202e" not in drawn
    ET.fromstring(drawn)
