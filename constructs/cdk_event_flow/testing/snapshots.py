"""Templates without what changes from one synthesis to the next though nothing was meant to change."""

import copy
import re
from collections.abc import Mapping
from typing import Any

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


def _normalised(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {renamed.get(key, key): _normalised(inner, renamed) for key, inner in value.items()}
    if isinstance(value, list):
        return [_normalised(inner, renamed) for inner in value]
    return _ASSET.sub("<asset>", renamed.get(value, value)) if isinstance(value, str) else value
