"""Brings faults about, at the worst moments: before the handler is called, in the middle of its work, after its answer."""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from cdk_event_flow.flow.model import Function, Node
from cdk_event_flow.flow.names import short_names
from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.faults.spelling import EXCLUSIVE, FaultRule, refuse_too_many, refused
from cdk_event_flow.local.invocation import Fault, Invocation, error_document, timeout_message

_FIRST_GUESS = 0.05  # seconds that an invocation takes, before one has told
_PAST_ITS_END = 1.25  # an invocation is cut at up to this many times its usual duration

# Runs the handler; its environment is killed the given seconds after it began, whatever it has done by then.
Call = Callable[[float | None], Awaitable[Invocation]]


@dataclass(frozen=True, slots=True)
class _Draw:
    """What happens to one invocation. `moment` from 0 to 1 tells when."""

    kind: str | None
    moment: float
    slow: float


class Faults:
    """The faults of one run.

    The n-th invocation of each function meets the same fault in every run of the same `seed` (and `generation`, which
    counts the runs that went on with one state). Which event is in that invocation is for the run to decide.
    """

    def __init__(
        self,
        rules: Iterable[FaultRule],
        functions: Iterable[Function],
        *,
        workers: Iterable[Function] = (),
        clock: Clock,
        seed: int,
        generation: int = 0,
    ) -> None:
        """`workers` is the code of fleets. Raises RunError (EF-FAULT): see `faults_of`."""
        self.injected: Counter[str] = Counter()
        self._clock = clock
        self._seed = f"{seed}/{generation}"
        self._faults = faults_of(rules, functions, workers)
        self._drawn: Counter[tuple[str, str]] = Counter()
        self._usual: dict[str, float] = {}
        self._planned: dict[str, deque[_Draw]] = defaultdict(deque)
        self._twice: Counter[str] = Counter()

    def plan(self, function: Node, kind: str, times: int, *, moment: float = 0.0) -> None:
        """Let the next `times` invocations of `function`, or batches of a fleet, meet such a fault, after those planned before.

        `moment` from 0 to 1 tells when: an error strikes before the handler is called below 0.5, else after it has done
        its work. `duplicates` lets the next that are processed come again.
        """
        if kind == "duplicates":
            self._twice[function.arn] += times
        else:
            self._planned[function.arn].extend([_Draw(kind, moment, 0.0)] * times)

    async def around(self, function: Function, unanswered: Callable[[], Invocation], call: Call) -> Invocation:
        """One invocation, with what is drawn for it. `unanswered` makes a throttled answer; the caller holds the clock."""
        draw = self._draw(function)
        if draw.kind == "throttles":
            return self._told(replace(unanswered(), injected=("throttle",)))
        if draw.slow:
            await self._clock.sleep(draw.slow)
        answer = await self._meet(draw, function, unanswered, call)
        if draw.slow:
            answer = replace(answer, duration_ms=answer.duration_ms + draw.slow * 1000, injected=(*answer.injected, "slow"))
        return self._told(answer)

    def duplicate(self, function: Function) -> bool:
        """Whether what was just processed is to come again, as if its deletion had been lost."""
        rate = self._faults[function.arn].get("duplicates", 0.0)
        if self._twice[function.arn] > 0:
            self._twice[function.arn] -= 1
            rate = 1.0
        again = rate > 0 and self._dice(function, "duplicate").random() < rate
        self.injected.update(("duplicate",) if again else ())
        return again

    def moment_to_kill(self, fleet: Node) -> float | None:
        """When a worker is to be killed over the batch that it was given now, from 0 to 1 of its work; None for not at all."""
        if planned := self._planned[fleet.arn]:
            return planned.popleft().moment
        dice = self._dice(fleet, "batch")
        return dice.random() if dice.random() < self._faults[fleet.arn].get("kills", 0.0) else None

    async def _meet(self, draw: _Draw, function: Function, unanswered: Callable[[], Invocation], call: Call) -> Invocation:
        if draw.kind == "errors" and draw.moment < 0.5:
            return _error(unanswered(), "an error before the handler was called")
        if draw.kind in ("timeouts", "kills"):
            usual = self._usual.get(function.arn, _FIRST_GUESS)
            answer = await call(draw.moment * usual * _PAST_ITS_END)
            if answer.fault is not Fault.CRASH:
                return answer
            if draw.kind == "kills":
                return replace(answer, injected=("kill",))
            await self._clock.sleep(max(0.0, function.timeout - answer.duration_ms / 1000))
            return _timeout(answer, function)
        answer = await call(None)
        if answer.fault is None:
            seconds = answer.duration_ms / 1000
            self._usual[function.arn] = 0.8 * self._usual.get(function.arn, seconds) + 0.2 * seconds
            if draw.kind == "errors":
                return _error(answer, "an error after the handler had done its work")
        return answer

    def _draw(self, function: Function) -> _Draw:
        if planned := self._planned[function.arn]:
            return planned.popleft()
        faults = self._faults[function.arn]
        dice = self._dice(function, "invocation")
        point, moment = dice.random(), dice.random()
        chosen = None
        for kind in EXCLUSIVE:
            point -= faults.get(kind, 0.0)
            if point < 0:
                chosen = kind
                break
        return _Draw(chosen, moment, faults.get("slow", 0.0))

    def _dice(self, function: Node, what: str) -> random.Random:
        self._drawn[function.arn, what] += 1
        return random.Random(f"{self._seed} {function.name} {what} {self._drawn[function.arn, what]}")

    def _told(self, answer: Invocation) -> Invocation:
        self.injected.update(answer.injected)
        return answer


def faults_of(
    rules: Iterable[FaultRule], functions: Iterable[Function], workers: Iterable[Function] = ()
) -> dict[str, Mapping[str, float]]:
    """The faults of each function by its ARN: a rule for one function stands over a rule for all. Workers are only killed.

    Raises RunError (EF-FAULT) for a name that there is not, rates that come to more than 100%, and what workers do not meet.
    """
    rules, functions, fleets = list(rules), list(functions), {each.arn: each for each in workers}
    shown = short_names({each.arn: each for each in (*functions, *fleets.values())})
    names = {each.arn: {shown[each.arn], each.name, each.path, each.logical_id} for each in (*functions, *fleets.values())}
    for rule in rules:
        if rule.function is not None and not any(rule.function in known for known in names.values()):
            known = ", ".join(sorted(shown.values())) or "(none)"
            what = "functions and fleets" if fleets else "functions"
            raise refused(rule.spelt, f"there is no function {rule.function}", f"the {what} are {known}", "use one of these names")
    found: dict[str, Mapping[str, float]] = {}
    for arn, known_as in names.items():
        merged: dict[str, float] = {}
        for rule in sorted(rules, key=lambda rule: rule.function is not None):
            if rule.function is None or rule.function in known_as:
                merged |= rule.faults
                other = sorted(rule.faults.keys() - {"kills"})
                if arn in fleets and rule.function is not None and other:
                    allowed = "workers of a fleet are killed, over a share of the batches that they are given"
                    raise refused(rule.spelt, f"{shown[arn]} is a fleet, and {', '.join(other)} is for functions", allowed,
                                  f"for example {shown[arn]}:kills=1%; let its handler do the rest")  # fmt: skip
        if arn in fleets:
            merged = {kind: rate for kind, rate in merged.items() if kind == "kills"}
        refuse_too_many(f"for {shown[arn]}", merged)
        found[arn] = merged
    return found


def _error(answer: Invocation, message: str) -> Invocation:
    return _failed(answer, Fault.ERROR, "InjectedError", message, "error")


def _timeout(answer: Invocation, function: Function) -> Invocation:
    message = timeout_message(answer.request_id, function.timeout)
    failed = _failed(answer, Fault.TIMEOUT, "Sandbox.Timedout", message, "timeout")
    return replace(failed, duration_ms=function.timeout * 1000.0)


def _failed(answer: Invocation, fault: Fault, error_type: str, message: str, injected: str) -> Invocation:
    return replace(
        answer,
        payload=error_document(error_type, message),
        fault=fault,
        error_type=error_type,
        error_message=message,
        injected=(injected,),
    )
