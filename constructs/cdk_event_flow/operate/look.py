"""Looking at dead letters, and leaving them where they are."""

from dataclasses import dataclass, field, replace

from cdk_event_flow.flow.model import EventSourceMapping
from cdk_event_flow.operate.dead_letters import DeadLetterQueue
from cdk_event_flow.operate.letters import DeadLetter
from cdk_event_flow.operate.logs import LONGEST_TRYING, Tail
from cdk_event_flow.operate.queue import Pass, existing_depth
from cdk_event_flow.operate.select import Selection
from cdk_event_flow.operate.stack import Stack

MOST_LOG_LINES = 5


@dataclass
class Looked:
    """Some letters of `all` (about) that are there, and what was `logged` of each, by its id."""

    all: int
    letters: list[DeadLetter] = field(default_factory=list)
    logged: dict[str, list[str]] = field(default_factory=dict)


def look(stack: Stack, queue: DeadLetterQueue, selection: Selection, *, limit: int, logs: bool = False) -> Looked:
    """Up to `limit` of the selected letters. `logs` asks the functions that consume where they came from for their lines, which
    an error is looked for in, too.
    """
    sqs = stack.aws.client("sqs")
    if logs:
        selection = replace(selection, logged=lambda letter: logged(stack, queue, letter))
    looked = Looked(existing_depth(sqs, queue.url).all)
    with Pass(sqs, queue.url) as letters:
        for batch in letters:
            looked.letters += [letter for letter in batch if selection.takes(letter)]
            if len(looked.letters) >= limit:
                break
    del looked.letters[limit:]
    if logs:
        looked.logged = {letter.id: logged(stack, queue, letter) for letter in looked.letters}
    return looked


def logged(stack: Stack, queue: DeadLetterQueue, letter: DeadLetter) -> list[str]:
    """What the consumers wrote of the message, by its id, or of the request that failed; the last lines."""
    sources = {letter.source_arn} if letter.source_arn else {each.source for each in queue.serves}
    called = {mapping.function_arn for mapping in stack.flow.of(EventSourceMapping) if mapping.source_arn in sources}
    functions = [function for arn in called | sources if (function := stack.flow.function(arn))]
    record = letter.record
    request = record["requestContext"].get("requestId") if record else letter.text("RequestID")
    resent = not letter.source_arn or queue.node.fifo  # then it was sent here when it had failed, not before
    lines = Tail(stack, functions, letter.sent_at - (LONGEST_TRYING if resent else 0), text=str(request or letter.id)).poll()
    return [line.text for line in lines[-MOST_LOG_LINES:]]
