"""Deleting dead letters for good."""

from collections.abc import Callable

from cdk_event_flow.operate.dead_letters import DeadLetterQueue
from cdk_event_flow.operate.queue import Pass, existing_depth
from cdk_event_flow.operate.select import Selection
from cdk_event_flow.operate.stack import Stack


def to_purge(stack: Stack, queue: DeadLetterQueue, selection: Selection) -> int:
    """How many messages a purge would delete; about, where everything is selected."""
    sqs = stack.aws.client("sqs")
    if selection.everything:
        return existing_depth(sqs, queue.url).all
    with Pass(sqs, queue.url) as letters:
        return sum(selection.takes(letter) for batch in letters for letter in batch)


def purge(stack: Stack, queue: DeadLetterQueue, selection: Selection, *, stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete the selected messages, all at once by PurgeQueue where everything is; returns how many (then: about)."""
    sqs = stack.aws.client("sqs")
    if selection.everything:
        count = to_purge(stack, queue, selection)
        sqs.purge_queue(QueueUrl=queue.url)
        return count
    deleted = 0
    with Pass(sqs, queue.url, stopped=stopped) as letters:
        for batch in letters:
            deleted += len(letters.delete([letter for letter in batch if selection.takes(letter)]))
    return deleted
