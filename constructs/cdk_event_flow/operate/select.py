"""Which dead letters are meant: by id, error, age, and an EventBridge pattern on their body."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cdk_event_flow.match import EventPattern
from cdk_event_flow.operate.letters import DeadLetter, opened


@dataclass(frozen=True, kw_only=True)
class Selection:
    """All that is given must hold; nothing given selects everything.

    `error` is a part of the reason's text, in any case of letters, or of what the consumers `logged` of the message, where
    that is asked. `older` and `newer` are ages in seconds, `now` epoch
    seconds. `pattern` is matched against the body's JSON, in which JSON written as text is opened; a body that is no
    object matches no pattern.
    """

    ids: frozenset[str] = frozenset()
    error: str = ""
    older: float | None = None
    newer: float | None = None
    pattern: EventPattern | None = None
    now: float = 0.0
    logged: Callable[[DeadLetter], Iterable[str]] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.ids or self.error or self.pattern) and self.older is None and self.newer is None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether the letter is meant."""
        age = self.now - letter.sent_at
        return (
            (not self.ids or letter.id in self.ids)
            and (self.older is None or age >= self.older)
            and (self.newer is None or age <= self.newer)
            and (self.pattern is None or self._fits(self.pattern, letter))
            and self._failed_so(letter)  # at last: it may ask for logs
        )

    def _failed_so(self, letter: DeadLetter) -> bool:
        wanted = self.error.lower()
        if wanted in str(letter.reason()).lower():
            return True
        return self.logged is not None and any(wanted in line.lower() for line in self.logged(letter))

    @staticmethod
    def _fits(pattern: EventPattern, letter: DeadLetter) -> bool:
        body = opened(letter.body)
        return isinstance(body, dict) and pattern.matches(body)
