"""The flow of one template, or of a whole assembly."""

import difflib
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from cdk_event_flow.errors import Problem, TemplateError
from cdk_event_flow.flow.arns import bus_arn
from cdk_event_flow.flow.attributes import attributes_of
from cdk_event_flow.flow.elsewhere import elsewhere
from cdk_event_flow.flow.model import Bus, Function, Node, Other, Template
from cdk_event_flow.flow.names import short_names, without_resource_id
from cdk_event_flow.flow.reading import add_stack, nodes_of, templates_of
from cdk_event_flow.flow.resolve import ACCOUNT, REGION
from cdk_event_flow.flow.stacks import Stacks
from cdk_event_flow.flow.template import checked, read_template, stacks_of
from cdk_event_flow.flow.ways import Ways, source_of

if TYPE_CHECKING:
    from cdk_event_flow.flow.diff import Difference
    from cdk_event_flow.flow.findings import Finding
    from cdk_event_flow.flow.permissions.policies import Policies
    from cdk_event_flow.flow.sent import Sent

N = TypeVar("N", bound=Node)
_MOST_NAMES = 20  # that an error tells of


class Flow:
    """Nodes by ARN, found by name, followed by events. Made by `from_template`, `from_assembly` or `from_stack`.

    `templates` are those that were read.
    """

    def __init__(
        self,
        nodes: Mapping[str, Node],
        *,
        account: str = ACCOUNT,
        region: str = REGION,
        templates: tuple[Template, ...] = (),
    ) -> None:
        self.account = account
        self.region = region
        self.templates = templates
        default = bus_arn("default", region, account)
        self.nodes: dict[str, Node] = {
            default: Bus(logical_id="default", arn=default, name="default", path="default"),
            **{arn: node for arn, node in nodes.items() if arn != default},
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
        """Read one template: a dict, or the path of a JSON or YAML file, with the nested stacks that lie beside it.

        `parameters` decide what has no default, and conditions. Raises TemplateError.
        """
        path = Path(template) if isinstance(template, str | Path) else None
        read = read_template(path) if path else checked(template, "the template")
        name = stack or (path.name.split(".")[0] if path else "Stack")
        stacks = Stacks()
        add_stack(read, path.parent if path else None, stack=name, account=account, region=region,
                  parameters=parameters or {}, stacks=stacks, size=path.stat().st_size if path else None)  # fmt: skip
        return cls(nodes_of(stacks), account=account, region=region, templates=templates_of(stacks))

    @classmethod
    def from_assembly(
        cls, assembly: str | Path, *, account: str = ACCOUNT, region: str = REGION, only: Collection[str] | None = None
    ) -> Self:
        """Read all stacks of a cloud assembly (`cdk.out`), with stages, nested stacks and cross-stack references.

        `account` and `region` are of the stacks that the app does not place. Of other stacks than `only` these, where
        they are named, there is nothing but what these take from them. Raises TemplateError.
        """
        return cls._of_assembly(Path(assembly), account, region, only)

    @classmethod
    def from_stack(cls, stack: Any) -> Self:
        """Read a CDK stack as it stands, with what is nested in it; its app is synthesized for it."""
        return cls._of_assembly(Path(stack.node.root.synth().directory), ACCOUNT, REGION, [stack.stack_name])

    @classmethod
    def _of_assembly(cls, assembly: Path, account: str, region: str, only: Collection[str] | None) -> Self:
        stacks = Stacks()
        files = list(stacks_of(assembly))
        for file in files:
            add_stack(
                file.read(),
                file.file.parent,
                stack=file.name,
                account=file.account or account,
                region=file.region or region,
                parameters=file.parameters,
                tags=file.tags,
                stacks=stacks,
                size=file.file.stat().st_size,
            )
        home = next((file for file in files if only is None or file.name in only), None)
        return cls(
            nodes_of(stacks, only),
            account=(home and home.account) or account,
            region=(home and home.region) or region,
            templates=templates_of(stacks, only),
        )

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
        node = self.nodes.get(":".join(arn.split(":")[:7]))
        return node if isinstance(node, Function) else None

    def receiver(self, arn: str) -> Node | None:
        """What is behind an ARN that something delivers to: of an alias or version, its function; of a stage, its API."""
        return self.function(arn) or self.nodes.get(arn) or self.nodes.get(f"{arn}:*") or self.nodes.get(source_of(arn))

    @cached_property
    def ways(self) -> Ways:
        """From where events can go where."""
        return Ways(self)

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
        ranked = [(rank, node) for node in candidates if (rank := _rank(node, name)) is not None]
        if not ranked:
            raise TemplateError(name, self._unknown(name, candidates))
        nearest = min(rank for rank, _ in ranked)
        best = [node for rank, node in ranked if rank == nearest]
        if len(best) > 1:
            paths = ", ".join(sorted(node.path for node in best))
            raise TemplateError(
                name,
                Problem(code="EF-NAME-AMBIGUOUS", given=f"{name!r} names {len(best)} nodes",
                        allowed=f"a name must mean one of {paths}", fix="give more of the path"),
            )  # fmt: skip
        return best[0]

    @cached_property
    def imported(self) -> tuple[Node, ...]:
        """The topics, queues and streams that no template makes, and on which something here listens."""
        return tuple(node for node in self._elsewhere if node.arn in self.ways.out and type(node) is not Node)

    @cached_property
    def _elsewhere(self) -> tuple[Node, ...]:
        ends = {end: None for source, _, target in self.ways.edges for end in (source, target) if self.receiver(end) is None}
        return tuple(map(elsewhere, ends))

    def anywhere(self, name: str, *kinds: type[Node]) -> Node:
        """As `find`, and besides what something here leads to or on from and no template makes, as an imported topic, by its ARN,
        address or physical name. Raises TemplateError.
        """
        try:
            return self.find(name, *kinds)
        except TemplateError:
            wanted = (*kinds, *([Node] if not kinds or Other in kinds else []))
            found = [node for node in self._elsewhere if name in (node.arn, node.name) and isinstance(node, wanted)]
            if len(found) != 1:
                raise
            return found[0]

    def send(self, node: str, event: Any, *, attributes: Mapping[str, Any] | None = None) -> "Sent":
        """Where an event or message goes that is put on `node` (a bus, topic or queue; an imported one by its ARN or name).

        `attributes` are a message's: plain values, or as the API takes them (`{"DataType": "String", "StringValue": "x"}`).
        Raises EventError for what the node does not take.
        """
        from cdk_event_flow.flow.sent import send

        return send(self, self.anywhere(node), event, attributes_of(attributes or {}))

    def diff(self, other: "Flow") -> "Difference":
        """What changes from this flow to the other: hops, and events that go elsewhere."""
        from cdk_event_flow.flow.diff import diff

        return diff(self, other)

    def check(self, *, advice: bool = False) -> "list[Finding]":
        """What is dead, loses messages or cannot work; with `advice`, what is worth a look besides. Empty when nothing is."""
        from cdk_event_flow.flow.findings import check

        return check(self, advice=advice)

    def _unknown(self, name: str, candidates: list[Node]) -> Problem:
        parts = sorted({part for node in candidates for part in node.path.split("/")})
        near = difflib.get_close_matches(name, parts)
        called = short_names({node.arn: node for node in candidates if type(node).__name__ in _ORDER})
        names = sorted(set(called.values())) or parts
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        return Problem(
            code="EF-NAME-UNKNOWN",
            given=f"nothing in the template is named {name!r}",
            allowed=f"there is {', '.join(names[:_MOST_NAMES])}{more}",
            fix=f"did you mean {near[0]}?" if near else "use one of these, a logical id, or a construct path",
        )


def _rank(node: Node, name: str) -> tuple[int, int, int] | None:
    """Fewest segments after the name, then fewest before, then what events come to; None when it is not in the path."""
    wanted, whole = name.split("/"), node.path.split("/")
    for parts in (without_resource_id(whole), whole):
        for at in reversed(range(len(parts))):
            if parts[at : at + len(wanted)] == wanted:
                return (len(parts) - at, at, _ORDER.get(type(node).__name__, len(_ORDER)))
    return None


_ORDER = {kind: at for at, kind in enumerate(("Function", "Bus", "Topic", "Queue", "Rule", "Schedule", "Subscription"))}
