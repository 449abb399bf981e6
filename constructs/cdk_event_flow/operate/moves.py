"""Whole dead-letter queues moved by SQS itself: no message leaves AWS, and none is handled here."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.permissions.services import service_of
from cdk_event_flow.operate.dead_letters import DeadLetterQueue
from cdk_event_flow.operate.journal import known_in
from cdk_event_flow.operate.redrive import Plan, journal_file
from cdk_event_flow.operate.stack import Stack

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
MOST_A_SECOND = 500
POLL_SECONDS = 1.0
_RUNNING = ("RUNNING", "CANCELLING")


@dataclass(frozen=True, slots=True)
class Move:
    """A message move task of SQS; counts are SQS's, approximate while it runs. `reason` says why it failed."""

    handle: str
    status: str
    moved: int
    total: int
    reason: str = ""

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.status in _RUNNING

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> "Move":
        """From ListMessageMoveTasks."""
        moved = int(task.get("ApproximateNumberOfMessagesMoved") or 0)
        total = int(task.get("ApproximateNumberOfMessagesToMove") or moved)
        return cls(task.get("TaskHandle", ""), task["Status"], moved, total, task.get("FailureReason", ""))


def whole_queue(stack: Stack, queue: DeadLetterQueue, plan: Plan) -> bool:
    """Whether SQS can do it: everything as it is, from a queue that only SQS queues lay their dead letters in, to queues.

    What a redrive of ours that was cut off knows of the queue, SQS does not: then it is not SQS's to do.
    """
    changed = plan.edits or plan.body is not None or plan.limit is not None or not plan.selection.everything
    by_queues = all(each.kind == "queue" for each in queue.serves)
    to_queue = plan.to is None or service_of(plan.to) == "sqs"
    slow = plan.rate is not None and plan.rate < 1
    return not changed and by_queues and to_queue and not slow and known_in(journal_file(stack, queue)).settled


def move(
    stack: Stack,
    queue: DeadLetterQueue,
    plan: Plan,
    *,
    on_progress: Callable[[Move], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Move:
    """Have SQS move all messages, or follow the task that does so already, to its end or until `stopped`: it then goes on.

    Raises RunError (EF-REDRIVE-MOVE) when SQS gives up.
    """
    sqs, arn = stack.aws.client("sqs"), queue.node.arn
    if not (task := _latest(sqs, arn)) or not task.running:
        wanted: dict[str, Any] = {"SourceArn": arn}
        if plan.to is not None:
            wanted["DestinationArn"] = plan.to
        if plan.rate is not None:
            wanted["MaxNumberOfMessagesPerSecond"] = min(int(plan.rate), MOST_A_SECOND)
        sqs.start_message_move_task(**wanted)
    while (task := _latest(sqs, arn)) and task.running and not stopped():
        on_progress(task)
        time.sleep(POLL_SECONDS)
    if task is None or task.status == "FAILED":
        problem = Problem(code="EF-REDRIVE-MOVE", given=f"SQS gave up: {task.reason if task else 'the task is gone'}",
                          allowed="what was not moved is still in the dead-letter queue",
                          fix="mend what it says and run it again")  # fmt: skip
        raise RunError(queue.name, problem)
    return task


def _latest(sqs: Any, arn: str) -> Move | None:
    tasks = sqs.list_message_move_tasks(SourceArn=arn, MaxResults=1).get("Results", ())
    return Move.of(tasks[0]) if tasks else None
