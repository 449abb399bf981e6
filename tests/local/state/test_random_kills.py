"""Random flows with functions and services that fail at random, killed at random moments: every accepted event is accounted for."""

import asyncio
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.trace import Came

from .. import world as w
from ..test_accounting import FAULTS, random_flow
from .world import as_killed_now, kept_run


async def run_killed(seed, folder):
    dice = random.Random(seed)
    nodes = random_flow(dice)
    durations = {f"F{n}": dice.choice([0, 0.5, 40]) for n in range(3)}

    def handler(event):
        if dice.random() < 0.3:
            raise w.FailureError(dice.choice(FAULTS), "by chance")
        records = event.get("Records", []) if isinstance(event, dict) else []
        failed = [r["messageId"] for r in records if "messageId" in r and dice.random() < 0.3]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    accepted = 0
    for kills_left in reversed(range(dice.randint(1, 3) + 1)):
        async with kept_run(folder, *nodes, handlers={f"F{n}": handler for n in range(3)}, seed=seed) as run:
            run.made[0].durations = durations
            run.engine.hub.post.before = lambda _: RefusedError("THROTTLING", "x", retry=True) if dice.random() < 0.1 else None
            for _ in range(dice.randint(1, 3)):
                accepted += len(await run.put_events([w.event(total=dice.randint(0, 6)) for _ in range(dice.randint(1, 5))]))
                await run.advance(dice.choice([0, 1, 7, 100]))
            if dice.random() < 0.5:
                run.keep.flush()
            if kills_left:
                # Accepted since the last flush of `put_events` is nothing; what went on since may be forgotten.
                folder = as_killed_now(run, folder)
                continue
            await run.settle()
            check_accounts(run, accepted)


def check_accounts(run, accepted):
    account = Report(run.trace, run.engine.hub.post).accounting
    assert account.balanced, str(account)
    assert account.sent == accepted
    assert sum(account.outcomes.values()) == accepted + account.by_handlers
    assert run.trace.earlier.came[Came.SENT] == account.earlier
    for queue in run.engine.queues:
        assert not queue.consumed or len(queue) == 0
    ended = [(d.id, d.open, d.state, bool(d.children)) for root in run.trace.roots for d in root.walk() if not d.resting]
    assert [one for one in ended if one[1]] == []
    assert [one for one in ended if one[2] is None and not one[3]] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
def test_whatever_is_accepted_is_accounted_for_however_often_the_run_is_killed(seed):
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run_killed(seed, Path(folder) / "state"))
