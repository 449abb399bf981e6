"""How nodes are called where people read them: construct paths without what everybody has in common."""

from collections import Counter
from collections.abc import Mapping

from cdk_event_flow.flow.model import Alias, Node, Version

# Ids that constructs give to the one resource they are about.
_OF_THE_RESOURCE = frozenset({"Bus", "Function", "Queue", "Resource", "Rule", "Schedule", "Subscription", "Table", "Topic"})


def short_names(nodes: Mapping[str, Node]) -> dict[str, str]:
    """A name by ARN: `Billing` for `Shop/Billing/Function`, where all nodes are of the stack `Shop`.

    A version or alias is called as its function. Names are unique among the nodes of one kind; where shortening would
    give two nodes one name, both keep their paths.
    """
    paths = {arn: node.path.split("/") for arn, node in nodes.items()}
    stacks = {path[0] for path in paths.values() if len(path) > 1}
    short = {arn: "/".join(_shortened(path, of_many=len(stacks) > 1)) for arn, path in paths.items()}
    uses = Counter((type(nodes[arn]), name) for arn, name in short.items())
    names = {arn: name if uses[type(nodes[arn]), name] == 1 else nodes[arn].path for arn, name in short.items()}
    behind = {arn: node.function_arn for arn, node in nodes.items() if isinstance(node, Alias | Version)}
    return names | {arn: names[function] for arn, function in behind.items() if function in names}


def _shortened(path: list[str], *, of_many: bool) -> list[str]:
    """A path without its stack, where there is one, and without the last id; a resource is not called as the stack it stands in."""
    if not of_many:
        return without_resource_id(path[1:] or path)
    return path if len(path) == 2 else without_resource_id(path)


def without_resource_id(path: list[str]) -> list[str]:
    """The segments of a construct path, without a last one that only says what kind of resource it is."""
    return path[:-1] if len(path) > 1 and path[-1] in _OF_THE_RESOURCE else path
