"""CloudWatch dashboards as they stand in a template: widgets on a grid, and the metrics of each graph.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import Other

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

TYPE = "AWS::CloudWatch::Dashboard"
USUAL_STAT, USUAL_PERIOD = "Average", 300
BEYOND = 1e300  # nothing can be drawn or compared there


@dataclass(frozen=True, kw_only=True)
class Line:
    """A metric that a graph shows: `dimensions` as pairs of name and value."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    label: str
    color: str | None = None


@dataclass(frozen=True, kw_only=True)
class Widget:
    """A widget at `x` and `y` of the grid, `width` by `height` of its units.

    `kind` is `text` (with `text` in Markdown), `alarm` (with the ARNs of `alarms`), `metric` (with `lines`, and `limits`: levels by
    their words), or another of CloudWatch's.
    """

    kind: str
    x: int
    y: int
    width: int
    height: int
    title: str = ""
    text: str = ""
    period: int = USUAL_PERIOD
    lines: tuple[Line, ...] = ()
    limits: tuple[tuple[str, float], ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A dashboard, and its widgets from the top."""

    path: str
    name: str
    widgets: tuple[Widget, ...]


def dashboards(flow: "Flow") -> list[Dashboard]:
    """The dashboards of the templates; of one whose body cannot be read, none."""
    found = []
    for node in flow.of(Other):
        if node.type != TYPE:
            continue
        try:
            body = json.loads(str(node.properties.get("DashboardBody")))
        except (ValueError, RecursionError):
            continue
        widgets = body.get("widgets") if isinstance(body, dict) else None
        read = [_widget(each) for each in widgets if isinstance(each, dict)] if isinstance(widgets, list) else []
        found.append(Dashboard(path=node.path, name=node.name, widgets=tuple(sorted(read, key=lambda each: (each.y, each.x)))))
    return found


def _widget(given: Mapping[str, Any]) -> Widget:
    properties = given.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    annotations = properties.get("annotations")
    horizontal = annotations.get("horizontal") if isinstance(annotations, dict) else None
    return Widget(
        kind=str(given.get("type")),
        x=_whole(given.get("x"), 0),
        y=_whole(given.get("y"), 0),
        width=max(1, _whole(given.get("width"), 6)),
        height=max(1, _whole(given.get("height"), 6)),
        title=str(properties.get("title") or ""),
        text=str(properties.get("markdown") or ""),
        period=_whole(properties.get("period"), USUAL_PERIOD),
        lines=tuple(_lines(properties.get("metrics"), str(properties.get("stat") or USUAL_STAT))),
        limits=tuple(
            (str(each.get("label") or ""), float(each["value"]))
            for each in (horizontal if isinstance(horizontal, list) else [])
            if isinstance(each, dict) and _is_number(each.get("value"))
        ),
        alarms=tuple(map(str, properties["alarms"])) if isinstance(properties.get("alarms"), list) else (),
    )


def _lines(metrics: Any, stat: str) -> Iterator[Line]:
    """Metrics, written out: `.` stands for what the line before has in its place, `...` for all that it has there.

    Expressions are left out: what they are made of is shown.
    """
    before: list[str] = []
    for each in metrics if isinstance(metrics, list) else []:
        if not isinstance(each, list):
            continue
        options = each[-1] if each and isinstance(each[-1], dict) else {}
        short = [str(part) for part in each if not isinstance(part, dict)]
        if not short or "expression" in options:
            continue
        before = _written_out(short, before)
        if len(before) < 2:
            continue
        names = before[2:]
        yield Line(
            namespace=before[0],
            metric=before[1],
            dimensions=tuple(zip(names[::2], names[1::2], strict=False)),
            stat=str(options.get("stat") or stat),
            label=str(options.get("label") or before[1]),
            color=options.get("color") if isinstance(options.get("color"), str) else None,
        )


def _written_out(short: Sequence[str], before: Sequence[str]) -> list[str]:
    if "..." in short:
        at = short.index("...")
        rest = list(short[at + 1 :])
        return [*short[:at], *before[at : len(before) - len(rest)], *rest]
    return [before[index] if part == "." and index < len(before) else part for index, part in enumerate(short)]


def _whole(given: Any, default: int) -> int:
    return int(given) if _is_number(given) else default


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and abs(given) < BEYOND
