"""Templates without what changes from one synthesis to the next though nothing was meant to change."""

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cdk_event_flow.flow.template import read_template

_ASSET = re.compile(r"\b[0-9a-f]{64}\b")
# `currentVersion` of a function ends in the path's hash (8) and the configuration's (32).
_VERSION = re.compile(r"^(.*CurrentVersion[0-9A-F]{8})[0-9a-f]{32}$")
_CDKS_OWN = {
    "Resources": {"CDKMetadata"},
    "Conditions": {"CDKMetadataAvailable"},
    "Parameters": {"BootstrapVersion"},
    "Rules": {"CheckBootstrapVersion"},
}


def stable(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template for a snapshot: what people wrote, and not how it was packed.

    Hashes of assets become `<asset>`; ids of function versions lose their hash; CDK's own metadata, bootstrap
    parameter and rule are left out, and so are sections that have nothing else.
    """
    resources = template.get("Resources", {})
    renamed = {
        id: f"{match[1]}<version>"
        for id, resource in resources.items()
        if resource.get("Type") == "AWS::Lambda::Version" and (match := _VERSION.match(id))
    }
    kept = copy.deepcopy(dict(template))
    for section, ids in _CDKS_OWN.items():
        for id in ids & kept.get(section, {}).keys():
            del kept[section][id]
        if section in kept and not kept[section]:
            del kept[section]
    for resource in kept.get("Resources", {}).values():
        metadata = resource.get("Metadata", {})
        for key in [key for key in metadata if key.startswith("aws:")]:
            del metadata[key]
        if "Metadata" in resource and not metadata:
            del resource["Metadata"]
    normalised = _normalised(kept, renamed)
    assert isinstance(normalised, dict)
    return normalised


def with_nested(name: str, template: dict[str, Any], folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A stack's template, and those of the stacks nested in it that lie in `folder`, each under its name and its construct's."""
    yield name, template
    for logical_id, resource in template.get("Resources", {}).items():
        match resource:
            case {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": str(file), **metadata}}:
                # `Shop/Audit.NestedStack/Audit.NestedStackResource`
                nested = str(metadata.get("aws:cdk:path", logical_id)).partition(".NestedStack")[0].rpartition("/")[2]
                yield from with_nested(f"{name}/{nested}", read_template(folder / file), folder)


def _normalised(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {renamed.get(key, key): _normalised(inner, renamed) for key, inner in value.items()}
    if isinstance(value, list):
        return [_normalised(inner, renamed) for inner in value]
    return _ASSET.sub("<asset>", renamed.get(value, value)) if isinstance(value, str) else value
