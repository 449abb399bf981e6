"""Where an event goes, and why not elsewhere: key by key, and what stands in the way beyond filters."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.hops.filters import said
from cdk_event_flow.flow.model import EventSourceMapping, Node
from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.flow.sources import Archive
from cdk_event_flow.match.operators.base import say

MOST_PAYLOAD = 20_000  # characters of what a receiver sees
MOST_HOPS = 400


def verdicts(flow: Flow, on: str, event: Any, attributes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The tree of deliveries (`hops`, depth first), who gets it in the end (`ends`), and who does not (`missed`), the nearest
    miss first. `on` is a name or an ARN. Raises EventError and TemplateError as `flow.send`.
    """
    sent = flow.send(on, event, attributes=attributes)
    hops = [_hop(flow, each, depth) for each, depth in _walk(sent.root, 0) if each is not sent.root]
    missed = [_miss(flow, each) for each in sent.missed]
    return {
        "on": _name(flow, sent.root.receiver),
        "node": sent.root.receiver.arn,
        "hops": hops[:MOST_HOPS],
        "more": max(0, len(hops) - MOST_HOPS),
        "ends": [_name(flow, end) for end in sent.ends],
        "missed": sorted(missed, key=lambda miss: (miss["distance"], miss["to"])),
    }


def _walk(at: Delivery, depth: int) -> Iterator[tuple[Delivery, int]]:
    if at.delivered:
        yield at, depth
        for each in at.next:
            if not isinstance(each.receiver, Archive):
                yield from _walk(each, depth + 1)


def _hop(flow: Flow, hop: Delivery, depth: int) -> dict[str, Any]:
    payload = as_text(hop.payload) if not isinstance(hop.payload, str) else hop.payload
    return {
        "depth": depth,
        "kind": kind_of(hop.receiver),
        "name": _name(flow, hop.receiver),
        "node": hop.receiver.arn,
        "by": hop.by.arn if hop.by else "",
        "byName": _name(flow, hop.by) if hop.by else "",
        "doubts": list(hop.doubts),
        "payload": payload[:MOST_PAYLOAD],
        "cut": len(payload) > MOST_PAYLOAD,
        **_judged(hop),
    }


def _miss(flow: Flow, hop: Delivery) -> dict[str, Any]:
    told = _judged(hop)
    by_filter = said(hop.judgement.verdict, hop.judgement.filter) if hop.judgement else ()
    others = [reason for reason in hop.reasons if reason not in by_filter]
    behind = _consumer(flow, hop.receiver)
    rejected = [key for key in told["keys"] if key["outcome"] != "matched"]
    return {
        "to": _name(flow, behind or hop.receiver),
        "through": _name(flow, hop.receiver) if behind else "",
        "kind": kind_of(behind or hop.receiver),
        "node": hop.receiver.arn,
        "by": hop.by.arn if hop.by else "",
        "byName": _name(flow, hop.by) if hop.by else "",
        "others": others,
        "sentences": list(hop.reasons),
        "distance": len(rejected) + len(others),
        **told,
    }


def _judged(hop: Delivery) -> dict[str, Any]:
    if hop.judgement is None:
        return {"filter": "", "keys": [], "notes": []}
    verdict = hop.judgement.verdict
    keys = [
        {
            "path": each.path,
            "outcome": each.outcome,
            "value": say(each.value) if each.there else None,
            "wanted": each.wanted,
        }
        for each in verdict.paths
    ]  # fmt: skip
    return {"filter": hop.judgement.filter, "keys": keys, "notes": list(verdict.notes)}


def _consumer(flow: Flow, node: Node) -> Node | None:
    """The function behind a queue says more than the queue."""
    for mapping in flow.of(EventSourceMapping):
        if mapping.source_arn == node.arn and (function := flow.function(mapping.function_arn)):
            return function
    return None


def kind_of(node: Node) -> str:
    """`queue`, `function`, or a resource's type."""
    return str(getattr(node, "type", type(node).__name__)).lower() if type(node) is not Node else "outside"


def _name(flow: Flow, node: Node) -> str:
    return flow.names.get(node.arn, node.path)
