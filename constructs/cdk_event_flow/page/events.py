"""An event of a run as the page shows it: a line in the list, and a waterfall of everything that came of it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.ids import trace_field
from cdk_event_flow.local.invocation import Invocation
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.trace import Attempt, Delivery, State, outcome
from cdk_event_flow.page.axis import Axis
from cdk_event_flow.tracebacks import in_one_line

MOST_ROWS, MOST_ATTEMPTS, MOST_LINES = 300, 40, 200
MOST_TEXT, MOST_BRIEF, MOST_PAYLOAD = 4_000, 300, 200_000


def title(root: Delivery) -> tuple[str, str]:
    """What an event is, in a few words, and where it came from."""
    try:
        event = json.loads(root.payload)
    except ValueError:
        event = None
    if isinstance(event, dict) and "detail-type" in event and "source" in event:
        return str(event["detail-type"]), str(event["source"])
    return f"{root.kind} {root.name}", root.origin


def summary(run: LocalRun, root: Delivery, state: State) -> dict[str, Any]:
    """A line of the list."""
    what, source = title(root)
    ended = [delivery.ended_at for delivery in root.walk() if delivery.ended_at]
    attempts = [attempt for delivery in root.walk() for attempt in delivery.attempts]
    return {
        "id": root.id,
        "at": root.at,
        "what": what,
        "source": source,
        "origin": root.origin,
        "by": run.engine.hub.post.name(root.cause.function) if root.cause else "",
        "on": root.name,
        "kind": root.kind,
        "state": state,
        "tries": len(attempts),
        "failures": sum(1 for attempt in attempts if attempt.failed or attempt.fault),
        "seconds": max(ended) - root.at if ended else 0.0,
        "ends": _ends(root),
    }


def _ends(root: Delivery) -> list[str]:
    """Where it ended, in few words."""
    ended = [each for each in root.walk() if each.state is not None or (each.open and not each.children)]
    return list(dict.fromkeys(each.name for each in ended))[:4]


def detail(run: LocalRun, root: Delivery) -> dict[str, Any]:
    """The whole of an event: `rows`, one a delivery, with their attempts, on one `axis` of time."""
    deliveries = list(_rows(root, 0))
    shown = deliveries[:MOST_ROWS]
    axis = Axis(root.at)
    for delivery, _ in shown:
        _spans(axis, delivery, run.clock.now())
    return {
        **summary(run, root, outcome(root)),
        "payload": root.payload[:MOST_PAYLOAD],
        "rows": [_row(run, delivery, depth, axis) for delivery, depth in shown],
        "more": len(deliveries) - len(shown),
        "axis": axis.as_json(),
        "published": _published(run, root),
    }


def _rows(delivery: Delivery, depth: int) -> Iterator[tuple[Delivery, int]]:
    yield delivery, depth
    for child in delivery.children:
        yield from _rows(child, depth + 1)


def _published(run: LocalRun, root: Delivery) -> list[dict[str, Any]]:
    """The events that handlers published while they worked on this one."""
    requests = {attempt.request_id for delivery in root.walk() for attempt in delivery.attempts if attempt.request_id}
    if not requests:
        return []
    found = [each for each in run.trace.roots if each.cause is not None and each.cause.request_id in requests]
    return [summary(run, each, outcome(each)) for each in found[:20]]


def _end_of(attempt: Attempt, now: float) -> float:
    return attempt.at + (attempt.init_ms + attempt.duration_ms) / 1000 if attempt.ended else max(now, attempt.at)


def _spans(axis: Axis, delivery: Delivery, now: float) -> None:
    axis.mark(delivery.at)
    for attempt in delivery.attempts:
        axis.busy(attempt.at, _end_of(attempt, now))
    if delivery.ended_at:
        axis.mark(delivery.ended_at)
    elif delivery.open:
        axis.mark(now)


def _row(run: LocalRun, delivery: Delivery, depth: int, axis: Axis) -> dict[str, Any]:
    now = run.clock.now()
    attempts = delivery.attempts
    shown = attempts if len(attempts) <= MOST_ATTEMPTS else [*attempts[: MOST_ATTEMPTS // 2], *attempts[-MOST_ATTEMPTS // 2 :]]
    end = delivery.ended_at or (now if delivery.open else delivery.at)
    end = max([end, *(_end_of(attempt, now) for attempt in attempts)])
    state = State.PENDING if delivery.open else delivery.state
    return {
        "id": delivery.id,
        "depth": depth,
        "kind": delivery.kind,
        "name": delivery.name,
        "node": delivery.node,
        "via": delivery.via if delivery.via != delivery.name else "",
        "at": delivery.at,
        "from": axis.place(delivery.at),
        "to": axis.place(end),
        "seconds": end - delivery.at,
        "state": state,
        "resting": delivery.open and delivery.resting,
        "redriven": delivery.redriven,
        "reason": in_one_line(delivery.reason, MOST_BRIEF),
        "where": run.engine.hub.post.name(delivery.where) if delivery.where else "",
        "whereNode": delivery.where,
        "why": list(delivery.why()) if delivery.state is State.UNMATCHED else [],
        "waits": _waits(delivery, axis, end, now),
        "attempts": [_attempt(run, attempt, axis, now) for attempt in shown],
        "left_out": len(attempts) - len(shown),
        "payload": delivery.payload[:MOST_PAYLOAD] if depth else "",
    }


def _waits(delivery: Delivery, axis: Axis, end: float, now: float) -> list[dict[str, Any]]:
    """The time in which nobody worked on it, and what it waited for."""
    waits, since = [], delivery.at
    for number, attempt in enumerate(delivery.attempts):
        waits.append((since, attempt.at, _waited_for(delivery, number)))
        since = max(since, _end_of(attempt, now))
    if not delivery.children and (delivery.attempts or delivery.kind == "queue"):
        waits.append((since, end, "hidden until its visibility timeout ends" if delivery.kind == "queue" else "waits"))
    return [
        {"from": axis.place(began), "to": axis.place(until), "seconds": until - began, "for": reason}
        for began, until, reason in waits
        if until - began > 0.0005
    ]


def _waited_for(delivery: Delivery, number: int) -> str:
    if delivery.kind == "queue":
        return "hidden until its visibility timeout ends" if number else "waits in the queue for a poll or its batch"
    return "waits for its next try" if number else "waits for its turn"


def _attempt(run: LocalRun, attempt: Attempt, axis: Axis, now: float) -> dict[str, Any]:
    invocation = run.engine.invocations.find(attempt.request_id) if attempt.request_id else None
    end, warm = _end_of(attempt, now), attempt.at + attempt.init_ms / 1000
    return {
        "function": run.engine.hub.post.name(attempt.function),
        "node": attempt.function,
        "at": attempt.at,
        "from": axis.place(attempt.at),
        "init": axis.place(warm) if attempt.cold else None,
        "to": axis.place(end),
        "request": attempt.request_id,
        "environment": attempt.environment,
        "cold": attempt.cold,
        "initMs": attempt.init_ms,
        "ms": attempt.duration_ms,
        "running": not attempt.ended,
        "failed": attempt.failed or attempt.fault is not None,
        "fault": attempt.fault,
        "error": attempt.error[:MOST_TEXT],
        "says": in_one_line(attempt.error, MOST_BRIEF),
        "receives": attempt.receives,
        "batch": attempt.batch,
        "injected": list(attempt.injected),
        "memory": invocation.memory_mb if invocation else 0,
        "log": _log(invocation),
        "kept": invocation is not None,
        "metrics": _metrics(invocation),
        "subsegments": _subsegments(run, attempt),
    }


def _log(invocation: Invocation | None) -> list[dict[str, Any]]:
    lines = invocation.log if invocation else ()
    shown: Sequence[Any] = lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES // 2], *lines[-MOST_LINES // 2 :]]
    return [{"at": line.at, "level": line.level or _level(line.text), "text": line.text[:MOST_TEXT]} for line in shown]


def _level(text: str) -> str:
    """The level that a structured line names itself."""
    record = _record(text)
    return str(record.get("level", ""))[:10] if record else ""


def _record(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _metrics(invocation: Invocation | None) -> list[dict[str, Any]]:
    """What was written in the embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    found = []
    for line in invocation.log if invocation else ():
        record = _record(line.text) if '"_aws"' in line.text else None
        told = record.get("_aws") if record else None
        directives = told.get("CloudWatchMetrics") if isinstance(told, dict) else None
        for directive in directives if isinstance(directives, list) else ():
            for metric in directive.get("Metrics", ()) if isinstance(directive, dict) else ():
                name = metric.get("Name") if isinstance(metric, dict) else None
                if record and name in record:
                    found.append(
                        {
                            "namespace": str(directive.get("Namespace", "")),
                            "name": str(name),
                            "unit": str(metric.get("Unit", "")),
                            "value": _figure(record[name]),
                        }
                    )
    return found


def _figure(value: Any) -> str:
    """Metrics are written as lists of values; one value is shown as itself."""
    shown = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(shown, float) and shown.is_integer():
        shown = int(shown)
    return json.dumps(shown)[:200]


def _subsegments(run: LocalRun, attempt: Attempt) -> list[dict[str, Any]]:
    """What X-Ray's SDK told of, in milliseconds from the attempt's first work."""
    if not isinstance(run.invoker, Environments) or not attempt.trace_id:
        return []
    found = run.invoker.subsegments.of(trace_field(attempt.trace_id, "Root"), trace_field(attempt.trace_id, "Parent"))
    began = min((each.began for each in found), default=0.0)
    return [
        {"name": each.name[:200], "depth": each.depth, "from": (each.began - began) * 1000, "ms": (each.ended - each.began) * 1000,
         "error": each.error[:MOST_TEXT]}
        for each in found
    ]  # fmt: skip
