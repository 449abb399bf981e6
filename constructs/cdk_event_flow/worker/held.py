"""The messages that a worker holds: hidden from others for as long as it works on them, and no longer."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .settings import LONGEST_VISIBILITY, Settings

Say = Callable[..., None]
_BEATS = 3  # in one visibility timeout, so that two may fail
_AT_ONCE = 10  # entries of a batch operation
_TRIES = 4
_WAIT = 0.2  # seconds before the first try again; it doubles


class Held:
    """A batch of messages as ReceiveMessage gave them.

    `with held:` keeps them hidden; afterwards `delete` those that are done. What is not deleted comes back by itself when its
    visibility ends.
    """

    def __init__(self, sqs: Any, settings: Settings, messages: Sequence[Mapping[str, Any]], say: Say) -> None:
        self._sqs = sqs
        self._settings = settings
        self._say = say
        self._receipts = {str(message["MessageId"]): str(message["ReceiptHandle"]) for message in messages}
        self._until = time.monotonic() + LONGEST_VISIBILITY
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._beat, name="visibility", daemon=True)

    def __enter__(self) -> "Held":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._settings.visibility / _BEATS):
            left = int(self._until - time.monotonic())
            if left <= 0:
                self._say("held-too-long", level="ERROR", messages=sorted(self._receipts))
                return
            # SQS counts its 12 hours from the receive, and refuses what would go beyond them.
            self._hide(min(self._settings.visibility, left))

    def _hide(self, seconds: int) -> None:
        """Hide what is held for so long from now; a message that SQS knows as held no more is let go."""
        with self._lock:
            held = dict(self._receipts)
            for part in _parts(held.items()):
                entries = [{"Id": str(n), "ReceiptHandle": r, "VisibilityTimeout": seconds} for n, (_, r) in enumerate(part)]
                try:
                    answer = self._sqs.change_message_visibility_batch(QueueUrl=self._settings.queue_url, Entries=entries)
                except Exception as error:  # the network, or SQS: the next beat tries again
                    self._say("visibility-failed", level="WARN", error=f"{type(error).__name__}: {error}")
                    continue
                for failed in answer.get("Failed") or ():
                    if failed.get("SenderFault", True):
                        lost = part[int(failed["Id"])][0]
                        self._receipts.pop(lost, None)
                        self._say("message-lost", level="WARN", message=lost, error=failed.get("Message", ""))

    def give_back(self) -> None:
        """Let others have at once what is held: the worker is told to end."""
        self._over.set()
        self._hide(0)

    def delete(self, ids: Collection[str]) -> None:
        """The messages with these ids are done. What cannot be deleted comes again, and is said."""
        receipts = {id: self._receipts.get(id) for id in ids}
        left = {id: receipt for id, receipt in receipts.items() if receipt}
        for id in sorted(receipts.keys() - left.keys()):
            self._say("not-deleted", level="WARN", message=id, error="it was not held any more: it comes again")
        error = ""
        for tried in range(_TRIES):
            if tried:
                time.sleep(_WAIT * 2 ** (tried - 1))
            left, error = self._delete_once(left)
            if not left:
                return
        for id in left:
            self._say("not-deleted", level="ERROR", message=id, error=error)

    def _delete_once(self, receipts: Mapping[str, str]) -> tuple[dict[str, str], str]:
        left: dict[str, str] = {}
        said = ""
        for part in _parts(receipts.items()):
            entries = [{"Id": str(n), "ReceiptHandle": receipt} for n, (_, receipt) in enumerate(part)]
            try:
                answer = self._sqs.delete_message_batch(QueueUrl=self._settings.queue_url, Entries=entries)
                failed = {int(each["Id"]): each.get("Message", each.get("Code", "")) for each in answer.get("Failed") or ()}
            except Exception as error:
                failed = dict.fromkeys(range(len(part)), f"{type(error).__name__}: {error}")
            left.update(part[number] for number in failed)
            said = next(iter(failed.values()), said)
        return left, said


def _parts(items: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    every = list(items)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
