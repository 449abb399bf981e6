"""Templates and assemblies as they lie on disk."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cdk_event_flow.errors import Problem, TemplateError

# CloudFormation refuses aliases; the CLI expands them. A few lines of them can stand for terabytes.
MOST_VALUES = 2_000_000
NESTED_PATHS = "aws:cdk-event-flow:paths"  # ours, at a nested stack: the logical ids and construct paths of what is in it
_NESTED = ".NestedStack/"  # as the CDK calls the scope of the resource that makes a nested stack
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


class StackFile(NamedTuple):
    """A stack of an assembly. `account` and `region` are empty where the app leaves them open."""

    name: str
    file: Path
    account: str = ""
    region: str = ""
    parameters: Mapping[str, Any] = {}
    metadata: Path | None = None
    tags: Mapping[str, str] = {}

    def read(self) -> dict[str, Any]:
        """The template; construct paths and the places of nested templates that it does not carry come from the assembly's other
        files. Raises TemplateError."""
        template = read_template(self.file, written_by_cdk=True)
        tell_places(template, self.file.parent)
        tell_paths(template, self._paths())
        return template

    def _paths(self) -> list[tuple[str, str]]:
        """Logical ids and construct paths, as the assembly knows them, also of what is nested; empty where it does not."""
        try:
            entries = json.loads(self.metadata.read_text("utf-8")) if self.metadata else {}
        except (OSError, ValueError, RecursionError):
            return []
        return [
            (str(entry["data"]), str(path).removeprefix("/"))
            for path, several in (entries.items() if isinstance(entries, dict) else ())
            for entry in (several if isinstance(several, list) else ())
            if isinstance(entry, dict) and entry.get("type") == "aws:cdk:logicalId" and "data" in entry
        ]


def tell_paths(template: Mapping[str, Any], paths: Iterable[tuple[str, str]]) -> None:
    """Give the resources their construct paths, where they have none; each nested stack is given those of what is in it, for a
    logical id may be in both."""
    inside = {path.partition(_NESTED)[0] + "/": logical_id for logical_id, path in paths if _NESTED in path}
    nested: dict[str, list[tuple[str, str]]] = {}
    for logical_id, path in paths:
        holders = [prefix for prefix in inside if path.startswith(prefix)]
        if holders:
            nested.setdefault(inside[min(holders)], []).append((logical_id, path))
        elif (metadata := _metadata(template, logical_id)) is not None:
            metadata.setdefault("aws:cdk:path", path)
    for logical_id, theirs in nested.items():
        if (metadata := _metadata(template, logical_id)) is not None:
            metadata[NESTED_PATHS] = theirs


def tell_places(template: Mapping[str, Any], folder: Path) -> None:
    """Say where the templates of nested stacks lie: without metadata of assets, a template only tells their hashes."""
    untold = {}
    for logical_id, resource in template["Resources"].items():
        match resource:
            case {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}:
                found, metadata = _HASH.findall(json.dumps(url, default=str)), _metadata(template, logical_id)
                if len(found) == 1 and metadata is not None and "aws:asset:path" not in metadata:
                    untold[found[0]] = metadata
    for file in sorted(folder.glob("*.assets.json")) if untold else ():
        try:
            files = json.loads(file.read_text("utf-8"))["files"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        for key, metadata in untold.items():
            match files.get(key) if isinstance(files, dict) else None:
                case {"source": {"path": str(path)}}:
                    metadata["aws:asset:path"] = path


def _metadata(template: Mapping[str, Any], logical_id: str) -> dict[str, Any] | None:
    resource = template["Resources"].get(logical_id)
    metadata = resource.setdefault("Metadata", {}) if isinstance(resource, dict) else None
    return metadata if isinstance(metadata, dict) else None


def read_template(path: Path, *, written_by_cdk: bool = False) -> dict[str, Any]:
    """One template, JSON or YAML with CloudFormation's short forms. Raises TemplateError.

    A stack of an app may have no resources: the CDK leaves the section out then, and does not deploy the stack.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise TemplateError(str(path), _problem(f"it cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise TemplateError(str(path), _problem("it is not text in UTF-8")) from None
    try:
        template = json.loads(text)
    except ValueError:
        template = _yaml(path, text)
    except RecursionError:
        raise TemplateError(str(path), _problem("it is nested too deeply")) from None
    if written_by_cdk and isinstance(template, dict):
        template.setdefault("Resources", {})
    return checked(template, str(path))


def checked(template: Any, at: str) -> dict[str, Any]:
    """The template, if it is one that CloudFormation would take as it stands. Raises TemplateError, with the place."""
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(at, _problem("it has no Resources"))
    for logical_id, resource in template["Resources"].items():
        if str(logical_id).startswith("Fn::"):
            raise TemplateError(f"{at}, Resources", _untransformed(f"{logical_id} stands for resources that a transform makes"))
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if not isinstance(kind, str):
            raise TemplateError(
                str(logical_id),
                Problem(code="EF-TEMPLATE", given="the resource has no Type",
                        allowed="every resource of a template has one", fix="mend the template"),
            )  # fmt: skip
        if kind.startswith("AWS::Serverless::"):
            raise TemplateError(str(logical_id), _untransformed(f"{kind} is written for SAM, which makes other resources of it"))
    return template


def stacks_of(assembly: Path) -> Iterator[StackFile]:
    """The stacks of a cloud assembly (`cdk.out`) and of its stages. Raises TemplateError."""
    try:
        manifest = json.loads((assembly / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise TemplateError(str(assembly), _problem("there is no manifest.json: it is not a cloud assembly")) from None
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    for artifact_id, artifact in sorted(artifacts.items()) if isinstance(artifacts, dict) else ():
        match artifact:
            case {"type": "aws:cloudformation:stack", "properties": {"templateFile": str(file), **more}}:
                place = str(artifact.get("environment", "")).removeprefix("aws://").partition("/")
                account, region = ("" if each.startswith("unknown-") else each for each in (place[0], place[2]))
                parameters, tags = more.get("parameters"), more.get("tags")
                metadata = artifact.get("additionalMetadataFile")
                yield StackFile(
                    str(more.get("stackName", artifact_id)), assembly / file, account, region,
                    parameters if isinstance(parameters, dict) else {},
                    assembly / metadata if isinstance(metadata, str) else None,
                    {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {},
                )  # fmt: skip
            case {"type": "cdk:cloud-assembly", "properties": {"directoryName": str(folder)}} if folder not in ("", "."):
                yield from stacks_of(assembly / folder)


def _yaml(path: Path, text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Knows `!Ref`, `!GetAtt`, `!Sub` and the other short forms; a date is text, as CloudFormation takes it."""

        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it of the class
            first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    def short_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node)
        else:
            value = loader.construct_mapping(node)  # type: ignore[arg-type]
        if tag in ("Ref", "Condition"):
            return {tag: value}
        return {f"Fn::{tag}": value.split(".", 1) if tag == "GetAtt" and isinstance(value, str) else value}

    Loader.add_multi_constructor("!", short_form)
    try:
        template = yaml.load(text, Loader)
        size = _size(template, {})
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise TemplateError(str(path), _problem(f"it is neither JSON nor YAML: {' '.join(str(error).split())}")) from None
    if size > MOST_VALUES:
        raise TemplateError(str(path), _problem("its YAML aliases stand for more values than a template can have"))
    return template


def _size(value: Any, known: dict[int, float]) -> float:
    """How many values there are when every alias is written out; infinite for what contains itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = float("inf")
        known[id(value)] = 1 + sum(_size(each, known) for each in (value.values() if isinstance(value, dict) else value))
    return known[id(value)]


def _problem(given: str) -> Problem:
    return Problem(code="EF-TEMPLATE", given=given, allowed="a CloudFormation template or a folder such as cdk.out",
                   fix="give a synthesized template or assembly")  # fmt: skip


def _untransformed(given: str) -> Problem:
    return Problem(
        code="EF-TEMPLATE-TRANSFORM",
        given=given,
        allowed="a template is read as CloudFormation deploys it, after its transforms",
        fix="give the processed template: `aws cloudformation get-template --template-stage Processed` of the deployed stack or of"
        " a change set (`sam validate`, `sam build` and `aws cloudformation package` leave it as it is)",
    )
