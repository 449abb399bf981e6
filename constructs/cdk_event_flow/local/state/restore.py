"""Puts what earlier processes kept back into an engine, and counts the events that are over."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.local.archives import Archived
from cdk_event_flow.local.duplicates import Known
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.invokes import AsyncInvokes, Job
from cdk_event_flow.local.keeper import Keeper, Kind
from cdk_event_flow.local.messages import Message
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.retries import Errand
from cdk_event_flow.local.state.rows import attempt, delivery, thing
from cdk_event_flow.local.state.store import Store
from cdk_event_flow.local.streams import Record
from cdk_event_flow.local.topics import LocalTopic
from cdk_event_flow.local.trace import Came, Delivery, State, Tally

Thing = TypeVar("Thing")


@dataclass(kw_only=True, slots=True)
class Restored:
    """What an earlier process left, and what of it went where. `dropped` counts by receiver (an ARN)."""

    messages: int = 0
    invokes: int = 0
    records: int = 0
    retries: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def notes(self, name: Callable[[str], str]) -> list[str]:
        """Sentences for the terminal; `name` gives the name behind an ARN."""
        found = {
            "in queues": self.messages,
            "records of streams": self.records,
            "asynchronous invokes": self.invokes,
            "waiting for a retry": self.retries,
        }
        kept = [f"{count} {what}" for what, count in found.items() if count]
        notes = [f"going on with what an earlier run kept: {', '.join(kept)}"] if kept else []
        return notes + [f"{name(arn)} is not in this template: {n} kept for it dropped" for arn, n in self.dropped.items()]


def restore(engine: Engine, keep: Store) -> Restored:
    """Give everything kept back to whoever held it. Before anything else happens in the engine, after its start.

    What was in hand is delivered again. What was kept for a receiver that the template has no more is dropped with that
    reason. Raises RunError (EF-RUN-STATE) where that would be everything: it is the state of another app.
    """
    deliveries = _deliveries(keep)
    find = deliveries.__getitem__
    messages = sorted(_things(keep, Kind.MESSAGE, Message, find), key=lambda m: m.sequence)
    jobs = list(_things(keep, Kind.INVOKE, Job, find))
    errands = list(_things(keep, Kind.RETRY, Errand, find))
    records = sorted(_things(keep, Kind.RECORD, Record, find), key=lambda record: record.number)
    _refuse_the_state_of_another_app(
        engine, [*(m.queue for m in messages), *(job.arn for job in jobs), *(record.reader for record in records)], keep
    )
    held = {id(d) for d in _held(messages, jobs, errands, records)}
    _restore_trace(engine, keep, deliveries, held)
    restored = Restored(messages=len(messages), invokes=len(jobs), records=len(records), retries=len(errands))
    for known in _things(keep, Kind.DUPLICATE, Known, find):
        receiver = engine.hub.post.find(known.receiver)
        if isinstance(receiver, LocalQueue | LocalTopic):
            receiver.duplicates.resume(known)
    for message in messages:
        receiver = engine.hub.post.find(message.queue)
        if isinstance(receiver, LocalQueue):
            receiver.resume(message)
        else:
            keep.drop(Kind.MESSAGE, message.id)
            restored.dropped[message.queue] += 1
            _end_without(engine, message.delivery, message.queue)
    for job in jobs:
        receiver = engine.hub.post.find(job.arn)
        if isinstance(receiver, AsyncInvokes):
            receiver.resume(job)
        else:
            keep.drop(Kind.INVOKE, job.delivery.id)
            restored.dropped[job.arn] += 1
            _end_without(engine, job.delivery, job.arn)
    _restore_records(engine, keep, records, restored)
    _restore_archives(engine, keep, find)
    for errand in errands:
        engine.retries.resume(errand)
    _end_calls(engine, deliveries.values(), held)
    return restored


def _restore_records(engine: Engine, keep: Store, records: list[Record], restored: Restored) -> None:
    readers = {reader.mapping.arn: reader for reader in engine.sources.readers}
    for record in records:
        if record.reader in readers:
            readers[record.reader].resume(record)
        else:
            keep.drop(Kind.RECORD, record.id)
            restored.dropped[record.reader] += 1
            _end_without(engine, record.delivery, record.reader)


def _restore_archives(engine: Engine, keep: Store, find: Callable[[int], Delivery]) -> None:
    archives = {each.node.arn: each for each in engine.replays.archives}
    for archived in sorted(_things(keep, Kind.ARCHIVED, Archived, find), key=lambda each: each.number):
        if archived.archive in archives:
            archives[archived.archive].resume(archived)
    engine.logbook.restore()


def _things(keep: Keeper, kind: Kind, made: type[Thing], find: Callable[[int], Delivery]) -> Iterable[Thing]:
    return (thing(made, row, find) for _, row in keep.rows(kind))


def _deliveries(keep: Keeper) -> dict[int, Delivery]:
    """Every delivery by its id, in the order of their ids, joined to trees, with their attempts."""
    payloads = dict(keep.rows(Kind.PAYLOAD))
    rows = sorted((int(id), row) for id, row in keep.rows(Kind.DELIVERY))
    found = {number: delivery(number, row, payloads[str(number)]) for number, row in rows}
    for number, row in rows:
        if row["parent"] is not None:
            child, parent = found[number], found[row["parent"]]
            child.parent = parent
            parent.children.append(child)
    numbered = ((*map(int, id.split()), row) for id, row in keep.rows(Kind.ATTEMPT))
    for number, _, row in sorted(numbered, key=lambda one: one[:2]):
        found[number].attempts.append(attempt(row))
    return found


def _held(messages: list[Message], jobs: list[Job], errands: list[Errand], records: list[Record]) -> Iterable[Delivery]:
    yield from (one for message in messages for one in (message.delivery, message.origin) if one)
    yield from (job.delivery for job in jobs)
    yield from (errand.delivery for errand in errands)
    yield from (record.delivery for record in records)


def _restore_trace(engine: Engine, keep: Keeper, deliveries: dict[int, Delivery], held: set[int]) -> None:
    """Trees that are over, and to which nothing kept belongs, are counted and forgotten."""
    earlier, last_id = _tally(keep)
    roots = []
    for root in [d for d in deliveries.values() if d.parent is None]:
        tree = list(root.walk())
        if any(d.open or id(d) in held for d in tree):
            roots.append(root)
            continue
        earlier.add(root)
        for over in tree:
            keep.drop(Kind.DELIVERY, over.id)
            keep.drop(Kind.PAYLOAD, over.id)
            for number in range(len(over.attempts)):
                keep.drop(Kind.ATTEMPT, f"{over.id} {number}")
    last_id = max(deliveries, default=last_id)
    keep.put(Kind.EARLIER, "", {"tally": earlier, "last_id": last_id})
    engine.hub.trace.restore(roots, earlier, last_id)


def _tally(keep: Keeper) -> tuple[Tally, int]:
    for _, row in keep.rows(Kind.EARLIER):
        counts = row["tally"]
        return Tally(
            came=Counter({Came(key): n for key, n in counts["came"].items()}),
            outcomes=Counter({State(key): n for key, n in counts["outcomes"].items()}),
            deliveries=counts["deliveries"],
        ), row["last_id"]
    return Tally(), 0


def _end_without(engine: Engine, held: Delivery | None, arn: str) -> None:
    if held:
        engine.hub.trace.end(held, State.DROPPED, f"{engine.hub.post.name(arn)} is not in the template any more")


def _end_calls(engine: Engine, deliveries: Iterable[Delivery], held: set[int]) -> None:
    """What is open and held by nobody was a call whose caller waited for the answer; it got none."""
    for one in deliveries:
        if one.open and id(one) not in held:
            engine.hub.trace.end(one, State.DROPPED, "the run was stopped during the call; the caller got no answer")


def _refuse_the_state_of_another_app(engine: Engine, receivers: list[str], keep: Store) -> None:
    readers = {reader.mapping.arn for reader in engine.sources.readers}
    if not receivers or any(arn in readers or engine.hub.post.find(arn) for arn in receivers):
        return
    names = ", ".join(dict.fromkeys(arn.rsplit(":", 1)[-1] for arn in receivers))
    problem = Problem(
        code="EF-RUN-STATE",
        given=f"what it holds was sent to {names}, and this template has none of these",
        allowed="a state goes on with the template that it was kept with",
        fix="give that template or another folder, or empty this one with --reset",
    )
    raise RunError(f"--state {keep.folder}", problem)
