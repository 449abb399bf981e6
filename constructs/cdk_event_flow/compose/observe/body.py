"""The text of a dashboard: widgets in rows on CloudWatch's grid, names filled in by CloudFormation.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COLUMNS = 24
GRAPH_HEIGHT = 6
MAX_ALARMS = 100  # of an alarm widget, https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
REGION = "${AWS::Region}"
RED, ORANGE = "#d62728", "#ff7f0e"
_TOKEN = "${Token["


class Names:
    """What CloudFormation fills in: of each value that is known when the stack at `path` is deployed, a variable of `Fn::Sub`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.values: dict[str, Any] = {}
        self._variables: dict[str, str] = {}

    def of(self, value: Any, hint: str) -> str:
        """A value as the text has it: itself, or a variable that is called after `hint`."""
        if isinstance(value, str) and _TOKEN not in value:
            return plain(value)
        known = json.dumps(value, sort_keys=True)
        if known not in self._variables:
            name = re.sub(r"[^A-Za-z0-9]", "", hint.removeprefix(self._path)) or "Name"
            number = sum(re.fullmatch(rf"{name}\d*", each) is not None for each in self.values)
            name = f"{name}{number + 1}" if number else name
            self._variables[known] = name
            self.values[name] = value
        return f"${{{self._variables[known]}}}"


def plain(text: str) -> str:
    """Text in which CloudFormation fills in nothing."""
    return text.replace("${", "${!")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A line of a graph: `dimensions` have their values as the text has them."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    label: str
    stat: str = "Sum"
    color: str | None = None


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph; `limit` is a level that is drawn across it, with a word for it."""

    title: str
    metrics: Sequence[Metric]
    limit: tuple[str, float] | None = None

    def properties(self) -> dict[str, Any]:
        """As the dashboard has them; what a line has in common with the one before is a dot."""
        stats = [metric.stat for metric in self.metrics]
        usual = max(stats, key=stats.count)
        lines: list[list[Any]] = []
        before: list[str] = []
        for metric in self.metrics:
            line = [metric.namespace, metric.name, *(part for pair in metric.dimensions.items() for part in pair)]
            options = {"label": metric.label}
            options |= {"stat": metric.stat} if metric.stat != usual else {}
            options |= {"color": metric.color} if metric.color else {}
            short = ["." if index < len(before) and part == before[index] else part for index, part in enumerate(line)]
            lines.append([*short, options])
            before = line
        across = {"annotations": {"horizontal": [{"label": self.limit[0], "value": self.limit[1]}]}} if self.limit else {}
        return {"title": plain(self.title), "region": REGION, "stat": usual, "period": 60, "metrics": lines, **across}


@dataclass
class Body:
    """The widgets, row by row from the top."""

    widgets: list[dict[str, Any]] = field(default_factory=list)
    _bottom: int = 0

    def words(self, markdown: str, *, height: int = 2) -> None:
        """A row of words."""
        self._add("text", 0, COLUMNS, height, {"markdown": markdown})
        self._bottom += height

    def alarms(self, arns: Sequence[str]) -> None:
        """The states of alarms."""
        for start in range(0, len(arns), MAX_ALARMS):
            some = arns[start : start + MAX_ALARMS]
            height = min(2 + len(some) // 6, 10)
            self._add("alarm", 0, COLUMNS, height, {"title": "Alarms", "alarms": list(some)})
            self._bottom += height

    def graphs(self, row: Sequence[Graph]) -> None:
        """Graphs beside each other, all of one width."""
        width = COLUMNS // len(row)
        for index, graph in enumerate(row):
            self._add("metric", index * width, width, GRAPH_HEIGHT, graph.properties())
        self._bottom += GRAPH_HEIGHT

    def _add(self, kind: str, x: int, width: int, height: int, properties: Mapping[str, Any]) -> None:
        place = {"type": kind, "x": x, "y": self._bottom, "width": width, "height": height}
        self.widgets.append({**place, "properties": properties})

    def text(self) -> str:
        """The body, without what need not be there."""
        return json.dumps({"widgets": self.widgets}, separators=(",", ":"), ensure_ascii=False)
