"""One resource of a template, read: what its node says besides who it is."""

import dataclasses

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Node

HERE = "eu-west-1:210987654321"
PLACE = {"stack": "Shop", "account": "210987654321", "region": "eu-west-1"}
OPEN = {"Ref": "Open"}  # a parameter without a default
WHY = "unknown (parameter Open has no default)"
_WHO = {"logical_id", "arn", "name", "path", "unknown", "tags", "properties"}


def nodes(type, properties, *, metadata=None, beside=None):
    """The nodes of the resource `It` of this type, with other resources beside it (type and properties, by logical id)."""
    resources = {"It": {"Type": type, "Properties": properties, "Metadata": metadata or {}}}
    resources |= {name: {"Type": kind, "Properties": given} for name, (kind, given) in (beside or {}).items()}
    flow = Flow.from_template({"Parameters": {"Open": {"Type": "String"}}, "Resources": resources}, **PLACE)
    return [node for node in flow.nodes.values() if node.logical_id == "It"]


def said(node):
    """The fields of a node, or of a part of one, that do not say what they say by default, and those that have no default."""
    found, who = {}, _WHO if isinstance(node, Node) else ()
    for each in dataclasses.fields(node):
        by_default = each.default if each.default_factory is dataclasses.MISSING else each.default_factory()
        value = getattr(node, each.name)
        if each.name not in who and value != by_default:
            found[each.name] = value
    return found
