"""Every error of this library, and nothing that is not meant for a reader.

    EventFlowError
    ├── ConstructError    a construct was given something AWS refuses, or that cannot work
    ├── BundleError       a function's code could not be bundled
    ├── PatternError      a pattern, filter policy or filter is refused
    ├── ScheduleError     a schedule expression is refused
    ├── EventError        an event is not what it must be (not JSON, not an object, too large)
    ├── TemplateError     a template could not be read
    ├── TableError        a table of who gets what is wrong
    └── RunError          the local run or a command cannot go on

Each says, in this order: a stable code, where, what was given, what is allowed, and what to change.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong.

    `code` is stable (`EF-FUNCTION-TIMEOUT`); `given` says what was found, `allowed` what may stand there (with the
    address of AWS's documentation where there is one), `fix` what to change.
    """

    code: str
    given: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.given}, {self.allowed}; {self.fix}"


class EventFlowError(Exception):
    """The root of the tree. `at` is a construct path, a file and line, or a path inside a pattern."""

    def __init__(self, at: str, problems: Problem | Sequence[Problem]) -> None:
        self.at = at
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(f"{p.code} at {at}: {p}" for p in self.problems))

    @property
    def code(self) -> str:
        """The stable code of the first problem."""
        return self.problems[0].code


class ConstructError(EventFlowError, ValueError):
    """A construct was given something AWS refuses, or that cannot work. Raised before any resource is made."""


class BundleError(EventFlowError):
    """A function's code could not be bundled."""


class PatternError(EventFlowError, ValueError):
    """A pattern, filter policy or filter is refused.

    `reason` is AWS's own wording where it is known, and `path` the place inside the pattern (`detail.total`).
    """

    def __init__(self, reason: str, *, path: str = "", code: str = "EF-PATTERN", fix: str = "correct the pattern") -> None:
        self.reason = reason
        self.path = path
        super().__init__(path or "pattern", Problem(code=code, given=reason, allowed="AWS refuses this", fix=fix))

    def __str__(self) -> str:
        return self.reason


class ScheduleError(EventFlowError, ValueError):
    """A schedule expression or time zone is refused (EF-SCHEDULE)."""


class EventError(EventFlowError, ValueError):
    """An event is not what it must be: not JSON, not an object, too large."""


class TemplateError(EventFlowError):
    """A template could not be read."""


class TableError(EventFlowError):
    """A table of who gets what is wrong. `at` is its file and line."""


class RunError(EventFlowError):
    """The local run, or a command, cannot go on."""
