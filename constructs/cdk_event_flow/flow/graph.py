"""The flow of one template, or of a whole assembly."""

import difflib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from cdk_event_flow.errors import Problem, TemplateError
from cdk_event_flow.flow.model import Alias, Bus, Function, Node, Other, Version
from cdk_event_flow.flow.names import short_names, without_resource_id
from cdk_event_flow.flow.readers import READERS
from cdk_event_flow.flow.readers.events import bus_arn
from cdk_event_flow.flow.readers.resource import Resource
from cdk_event_flow.flow.resolve import ACCOUNT, REGION, Resolver
from cdk_event_flow.flow.template import read_template, stacks_of

if TYPE_CHECKING:
    from cdk_event_flow.flow.findings import Finding
    from cdk_event_flow.flow.permissions.policies import Policies
    from cdk_event_flow.flow.sent import Sent

N = TypeVar("N", bound=Node)


class Flow:
    """Nodes by ARN, found by name, followed by events. Made by `from_template`, `from_assembly` or `from_stack`."""

    def __init__(self, nodes: Mapping[str, Node], *, account: str = ACCOUNT, region: str = REGION) -> None:
        self.account = account
        self.region = region
        default = bus_arn("default", region, account)
        self.nodes: dict[str, Node] = {
            default: Bus(logical_id="default", arn=default, name="default", path="default"),
            **nodes,
        }

    @classmethod
    def from_template(
        cls,
        template: Mapping[str, Any] | str | Path,
        *,
        stack: str | None = None,
        account: str = ACCOUNT,
        region: str = REGION,
        parameters: Mapping[str, Any] | None = None,
    ) -> Self:
        """Read one template: a dict, or the path of a JSON or YAML file. Raises TemplateError."""
        path = Path(template) if isinstance(template, str | Path) else None
        read = read_template(path) if path else template
        name = stack or (path.name.split(".")[0] if path else "Stack")
        resolver = Resolver(read, name, account, region, parameters or {})  # type: ignore[arg-type]
        return cls(_nodes(resolver), account=account, region=region)

    @classmethod
    def from_assembly(cls, assembly: str | Path, *, account: str = ACCOUNT, region: str = REGION) -> Self:
        """Read all stacks of a cloud assembly (`cdk.out`), cross-stack references joined. Raises TemplateError."""
        exports: dict[str, Any] = {}
        resolvers = [
            Resolver(read_template(file), stack, account, region, exports=exports) for stack, file in stacks_of(Path(assembly))
        ]
        for resolver in resolvers:
            for output in (resolver.template.get("Outputs") or {}).values():
                if "Export" in output:
                    exports[str(resolver.value(output["Export"]["Name"]))] = resolver.value(output.get("Value"))
        nodes: dict[str, Node] = {}
        for resolver in resolvers:
            nodes |= _nodes(resolver)
        return cls(nodes, account=account, region=region)

    @classmethod
    def from_stack(cls, stack: Any) -> Self:
        """Read a CDK stack as it stands; its app is synthesized for it."""
        root = stack.node.root
        return cls.from_template(root.synth().get_stack_by_name(stack.stack_name).template, stack=stack.stack_name)

    @cached_property
    def policies(self) -> "Policies":
        """The policies of the flow, found by what they are for."""
        from cdk_event_flow.flow.permissions.policies import Policies

        return Policies(self.nodes.values())

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What people call each node, by ARN: construct paths without what all have in common."""
        return short_names(self.nodes)

    def of(self, kind: type[N]) -> tuple[N, ...]:
        """All nodes of one kind, in the template's order."""
        return tuple(node for node in self.nodes.values() if isinstance(node, kind))

    def function(self, arn: str) -> Function | None:
        """The function behind an ARN of a function, version or alias."""
        node = self.nodes.get(arn) or self.nodes.get(":".join(arn.split(":")[:7]))
        if isinstance(node, Alias | Version):
            node = self.nodes.get(node.function_arn)
        return node if isinstance(node, Function) else None

    def find(self, name: str, *kinds: type[Node]) -> Node:
        """The node of this logical id, physical name, ARN, or construct path (or a part of one).

        Of several, the one named most directly: `Billing` is the function `Shop/Billing/Function` before the queue
        `Shop/Events/Billing/Queue`. Raises TemplateError for a name that nothing or too much has.
        """
        candidates = [node for node in self.nodes.values() if not kinds or isinstance(node, kinds)]
        for exact in ("arn", "logical_id", "name", "path"):
            found = [node for node in candidates if getattr(node, exact) == name]
            if len(found) == 1:
                return found[0]
        ranked = sorted(((rank, node.arn) for node in candidates if (rank := _rank(node, name)) is not None), key=lambda each: each)
        if not ranked:
            raise TemplateError(name, self._unknown(name, candidates))
        best = [arn for rank, arn in ranked if rank == ranked[0][0]]
        if len(best) > 1:
            paths = ", ".join(self.nodes[arn].path for arn in best)
            raise TemplateError(
                name,
                Problem(code="EF-NAME-AMBIGUOUS", given=f"{name!r} names {len(best)} nodes",
                        allowed=f"a name must mean one of {paths}", fix="give more of the path"),
            )  # fmt: skip
        return self.nodes[best[0]]

    def send(self, node: str, event: Any) -> "Sent":
        """Where an event or message goes that is put on `node` (a bus, topic or queue)."""
        from cdk_event_flow.flow.sent import send

        return send(self, self.find(node), event)

    def check(self) -> "list[Finding]":
        """What is dead, loses messages or cannot work. Empty when nothing is."""
        from cdk_event_flow.flow.findings import check

        return check(self)

    def _unknown(self, name: str, candidates: list[Node]) -> Problem:
        names = sorted({part for node in candidates for part in node.path.split("/")})
        near = difflib.get_close_matches(name, names, n=1)
        return Problem(
            code="EF-NAME-UNKNOWN",
            given=f"nothing in the template is named {name!r}",
            allowed=f"there is {', '.join(names)}",
            fix=f"did you mean {near[0]}?" if near else "use one of these, a logical id, or a construct path",
        )


def _nodes(resolver: Resolver) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for logical_id, raw in resolver.template["Resources"].items():
        kind = raw.get("Type") if isinstance(raw, dict) else None
        if not isinstance(kind, str):
            raise TemplateError(
                logical_id,
                Problem(code="EF-TEMPLATE", given="the resource has no Type",
                        allowed="every resource of a template has one", fix="mend the template"),
            )  # fmt: skip
        resource = Resource(resolver, logical_id)
        reader = READERS.get(kind)
        node = reader(resource) if reader else Other(**resource.identity(), type=kind)
        nodes[node.arn if reader else f"{resolver.stack}/{logical_id}"] = node
    return nodes


def _rank(node: Node, name: str) -> tuple[int, int, int] | None:
    """Fewest segments after the name, then fewest before, then what events come to; None when it is not in the path."""
    wanted, parts = name.split("/"), without_resource_id(node.path.split("/"))
    for at in range(len(parts) - len(wanted), -1, -1):
        if parts[at : at + len(wanted)] == wanted:
            after = len(parts) - at - len(wanted)
            return (after, at, _ORDER.get(type(node).__name__, 9))
    return None


_ORDER = {"Function": 0, "Bus": 1, "Topic": 2, "Queue": 3, "Rule": 4, "Schedule": 5, "Subscription": 6}
