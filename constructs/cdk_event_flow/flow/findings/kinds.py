"""Kinds of findings: what each is called, why it matters, and the function that finds it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from cdk_event_flow.flow.model import Node

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`id` is stable; `path` is the construct's; `why` ends with the address of AWS's documentation."""

    id: str
    severity: Severity
    path: str
    logical_id: str
    what: str
    why: str
    fix: str


class Found(NamedTuple):
    """One place: the node, what is wrong there, and what to do about it."""

    node: Node
    what: str
    fix: str


Find = Callable[["Flow"], Iterator[Found]]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`error`: it does not work, or not as it says. `warning`: it works until something fails or grows. `info`: advice, which is
    given on request only.

    `title` names it in lists, `why` says in a sentence or two what follows, `docs` is AWS's page about it. With
    `unless_errors` it is looked for only where there is no error that may be its cause.
    """

    id: str
    severity: Severity
    title: str
    why: str
    docs: str
    find: Find
    unless_errors: bool

    def findings(self, flow: "Flow") -> Iterator[Finding]:
        """All findings of this kind in the flow."""
        for node, what, fix in self.find(flow):
            yield Finding(
                id=self.id,
                severity=self.severity,
                path=node.path,
                logical_id=node.logical_id,
                what=what,
                why=f"{self.why} ({self.docs}).",
                fix=fix,
            )


KINDS: dict[str, Kind] = {}


def finds(id: str, severity: Severity, title: str, *, why: str, docs: str, unless_errors: bool = False) -> Callable[[Find], Find]:
    """Register the decorated function as what finds this kind. `why` has no full stop: the address follows it."""

    def register(find: Find) -> Find:
        if id in KINDS:
            raise AssertionError(f"{id} is taken by {KINDS[id].title!r}")
        KINDS[id] = Kind(id=id, severity=severity, title=title, why=why, docs=docs, find=find, unless_errors=unless_errors)
        return find

    return register
