"""Templates and assemblies as they lie on disk."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import Problem, TemplateError


def read_template(path: Path) -> dict[str, Any]:
    """One template, JSON or YAML with CloudFormation's short forms. Raises TemplateError."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise TemplateError(str(path), _problem(f"it cannot be read: {error.strerror}")) from None
    try:
        template = json.loads(text)
    except ValueError:
        template = _yaml(path, text)
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(str(path), _problem("it has no Resources"))
    return template


def stacks_of(assembly: Path) -> Iterator[tuple[str, Path]]:
    """The stacks of a cloud assembly (`cdk.out`): (stack name, template file)."""
    try:
        manifest = json.loads((assembly / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise TemplateError(str(assembly), _problem("there is no manifest.json: it is not a cloud assembly")) from None
    for artifact_id, artifact in sorted(manifest.get("artifacts", {}).items()):
        properties = artifact.get("properties", {})
        if artifact.get("type") == "aws:cloudformation:stack":
            yield properties.get("stackName", artifact_id), assembly / properties["templateFile"]
        elif artifact.get("type") == "cdk:cloud-assembly":
            yield from stacks_of(assembly / properties["directoryName"])


def _yaml(path: Path, text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Knows `!Ref`, `!GetAtt`, `!Sub` and the other short forms."""

    def short_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
        if tag in ("Ref", "Condition"):
            return {tag: value}
        return {f"Fn::{tag}": value.split(".", 1) if tag == "GetAtt" and isinstance(value, str) else value}

    Loader.add_multi_constructor("!", short_form)
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise TemplateError(str(path), _problem(f"it is neither JSON nor YAML: {' '.join(str(error).split())}")) from None


def _problem(given: str) -> Problem:
    return Problem(code="EF-TEMPLATE", given=given, allowed="a CloudFormation template or a folder such as cdk.out",
                   fix="give a synthesized template or assembly")  # fmt: skip
