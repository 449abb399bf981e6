"""What a target receives in place of the whole event."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.errors import Problem

TRANSFORMERS = "EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html)"
MAX_PATHS = 100
MAX_TEMPLATE = 8_192
RESERVED = {
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
}


@dataclass(frozen=True)
class InputPath:
    """One part of the event: `InputPath("$.detail")`."""

    path: str

    def properties(self) -> dict[str, Any]:
        """The target's property."""
        return {"input_path": self.path}

    def problems(self) -> list[Problem]:
        """What EventBridge would refuse."""
        return _path_problems("the input path", self.path)


@dataclass(frozen=True)
class FixedInput:
    """The same JSON value for every event."""

    value: Any

    def properties(self) -> dict[str, Any]:
        """The target's property."""
        return {"input": json.dumps(self.value)}

    def problems(self) -> list[Problem]:
        """Nothing can be wrong."""
        return []


@dataclass(frozen=True)
class InputTransformer:
    """A new payload with parts of the event in it.

    `template` is a JSON value whose strings may hold `<name>`, or a text; `paths` says what each name stands for:
    `InputTransformer({"order": "<id>"}, {"id": "$.detail.id"})`. A string that is one name and nothing else takes the
    value as it is (a number stays a number). AWS's own names (`<aws.events.rule-name>` …) need no path.
    At most 100 paths and 8,192 characters.
    """

    template: Any
    paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The template as AWS wants it: names that stand alone without quotes."""
        if isinstance(self.template, str):
            return self.template if self.template.startswith('"') else json.dumps(self.template, ensure_ascii=False)
        return re.sub(r'"(<[\w.-]+>)"', r"\1", json.dumps(self.template, ensure_ascii=False))

    def properties(self) -> dict[str, Any]:
        """The target's property."""
        return {"input_transformer": {"inputPathsMap": dict(self.paths), "inputTemplate": self.text}}

    def problems(self) -> list[Problem]:
        """What EventBridge would refuse, and names that it would leave as they are."""
        used = set(re.findall(r"<([\w.-]+)>", self.text))
        problems = [each for name, path in self.paths.items() for each in _path_problems(f"the path of <{name}>", path)]
        if unknown := sorted(used - set(self.paths) - RESERVED):
            problems.append(
                Problem(code="EF-INPUT-NAME", given=f"the template uses <{unknown[0]}>",
                        allowed=f"paths has {', '.join(self.paths) or 'nothing'}; {TRANSFORMERS} leaves other names empty",
                        fix="add its path, or correct the name")
            )  # fmt: skip
        if len(self.paths) > MAX_PATHS or len(self.text) > MAX_TEMPLATE:
            problems.append(
                Problem(code="EF-INPUT-SIZE", given=f"{len(self.paths)} paths and a template of {len(self.text):,} characters",
                        allowed=f"{TRANSFORMERS} allows {MAX_PATHS} paths and {MAX_TEMPLATE:,} characters", fix="pass less")
            )  # fmt: skip
        return problems


Input = InputPath | FixedInput | InputTransformer


def _path_problems(what: str, path: str) -> list[Problem]:
    if re.fullmatch(r"\$(\.[A-Za-z0-9_-]+|\[\d+\])*", path):
        return []
    return [
        Problem(code="EF-INPUT-PATH", given=f"{what} is {path!r}",
                allowed=f"{TRANSFORMERS} knows names and indexes after $", fix="write for example $.detail.id")
    ]  # fmt: skip
