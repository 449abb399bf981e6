"""The dead letters of a local run: read where they lie, sent back by `operate`'s own redrive, after a dry run of it."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.errors import EventError, PatternError, Problem
from cdk_event_flow.flow import Flow
from cdk_event_flow.local.messages import Message
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.match import EventPattern
from cdk_event_flow.operate.aws import Aws, clear_errors
from cdk_event_flow.operate.back import place_of
from cdk_event_flow.operate.dead_letters import DeadLetterQueue, dead_letter_queues, find
from cdk_event_flow.operate.letters import DeadLetter
from cdk_event_flow.operate.moves import move, whole_queue
from cdk_event_flow.operate.redrive import Plan, dry_run, redrive
from cdk_event_flow.operate.select import Selection
from cdk_event_flow.operate.stack import Stack
from cdk_event_flow.tracebacks import in_one_line

MOST_LETTERS = 500
MOST_BODY, MOST_SAID = 300_000, 300  # characters
MOST_FOLLOWED = 5  # events that a redrive began, to follow


class Letters:
    """The dead-letter queues of a run. `run_id` names its redrives' journals."""

    def __init__(self, run: LocalRun, flow: Flow, run_id: str) -> None:
        self._run = run
        self._stack = Stack(name="the local run", flow=flow, aws=Aws.of_run(run.endpoint_url, region=flow.region), run=run_id)
        self._queues = dead_letter_queues(self._stack)
        self._one_at_a_time = asyncio.Lock()

    def queues(self) -> list[dict[str, Any]]:
        """Each queue, what it serves, and how many letters are in it."""
        return [
            {
                "arn": queue.node.arn,
                "name": queue.name,
                "serves": list(dict.fromkeys(f"{self._stack.called(each.source)} {each.when}" for each in queue.serves)),
                "count": len(self._messages(queue)),
            }
            for queue in self._queues
        ]

    def letters(self, arn: str) -> dict[str, Any]:
        """The letters of a queue, the oldest first. Raises RunError (EF-NAME-UNKNOWN)."""
        queue = find(self._stack, arn)
        messages = self._messages(queue)
        return {"all": len(messages), "letters": [self._letter(message) for message in messages[:MOST_LETTERS]]}

    def _messages(self, queue: DeadLetterQueue) -> list[Message]:
        local = self._run.engine.queue(queue.node.arn)
        return list(local) if local else []

    def _letter(self, message: Message) -> dict[str, Any]:
        queue = self._run.engine.queue(message.queue)
        fifo = queue is not None and queue.node.fifo
        letter = DeadLetter.of(
            {
                "MessageId": message.id,
                "Body": message.body,
                "ReceiptHandle": message.receipt,
                "Attributes": message.system_attributes(fifo, self._run.account),
                "MessageAttributes": message.attributes,
            }
        )
        reason = letter.reason(self._stack.called)
        origin = message.origin
        error = (origin.last_error or origin.reason) if origin else ""
        root = origin
        while root and root.parent:
            root = root.parent
        return {
            "id": message.id,
            "body": message.body[:MOST_BODY],
            "cut": len(message.body) > MOST_BODY,
            "sent": message.sent_at,
            "code": reason.code,
            "reason": reason.message,
            "error": error[:MOST_BODY],
            "says": in_one_line(error, MOST_SAID),
            "tries": len(origin.attempts) if origin else 0,
            "event": root.id if root else None,
        }

    async def redrive(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is `asked`, or say what it would do (`dry`): the account of `operate`.

        `queue` is the ARN of the dead-letter queue; `ids`, `pattern` (an event pattern) and `error` select; `body` is sent in
        place of the letters' own; `to` is a name or an ARN. `events` are the first of those that began meanwhile where the letters
        went to. Raises EventError (EF-REDRIVE) and what `operate` raises.
        """
        queue = find(self._stack, str(asked.get("queue", "")))
        plan = self._plan(asked)
        dry = asked.get("dry") is not False
        async with self._one_at_a_time:
            before = len(self._run.trace.roots)
            account = await asyncio.to_thread(self._redrive, queue, plan, dry=dry)
        to = {each["arn"] for each in account.get("moved", ())} if not dry else set()
        began = [root.id for root in self._run.trace.roots[before:] if root.node in to]
        return {**account, "events": began[:MOST_FOLLOWED]}

    def _redrive(self, queue: DeadLetterQueue, plan: Plan, *, dry: bool) -> dict[str, Any]:
        with clear_errors("the local run"):
            if dry:
                account = dry_run(self._stack, queue, plan)
                first = account.first
                return {**account.as_json(self._stack.called, dry=True), "first": first.body[:MOST_BODY] if first else ""}
            if whole_queue(self._stack, queue, plan):
                moved = move(self._stack, queue, plan)
                return {"by": "SQS", "dry_run": False, "status": moved.status, "count": moved.moved, "of": moved.total}
            return redrive(self._stack, queue, plan).as_json(self._stack.called, dry=False)

    def _plan(self, asked: Mapping[str, Any]) -> Plan:
        ids, pattern, error, body, to = (asked.get(name) for name in ("ids", "pattern", "error", "body", "to"))
        if not _texts(ids) or not all(each is None or isinstance(each, str) for each in (error, body, to)):
            raise EventError("the redrive", _problem("ids, error, body and to are not what they must be"))
        if body is not None and (not isinstance(ids, list) or len(ids) != 1):
            raise EventError("the redrive", _problem("one body was given for several letters"))
        selection = Selection(
            ids=frozenset(ids or ()), error=error or "", pattern=_compiled(pattern) if pattern else None, now=time.time()
        )
        if isinstance(ids, list) and not ids:
            raise EventError("the redrive", _problem("no letter was selected"))
        return Plan(selection=selection, body=body, to=place_of(self._stack, to) if to else None)


def _texts(ids: Any) -> bool:
    return ids is None or (isinstance(ids, list) and all(isinstance(each, str) for each in ids))


def _compiled(pattern: Any) -> EventPattern:
    try:
        return EventPattern(json.loads(pattern) if isinstance(pattern, str) else pattern)
    except PatternError as refused:
        raise EventError("the pattern", _problem(refused.problems[0].given)) from None
    except ValueError as error:
        raise EventError("the pattern", _problem(f"it is no JSON: {error}")) from None


def _problem(given: str) -> Problem:
    return Problem(code="EF-REDRIVE", given=given, allowed="letters of one queue are selected by ids, an error or an event pattern",
                   fix="correct the request")  # fmt: skip
