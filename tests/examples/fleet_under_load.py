"""Uploads for the fleet of the example, more than it can do at once, while its workers are killed at random."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field

from cdk_event_flow.local.report import Report
from cdk_event_flow.local.trace import State, outcome
from tests.examples.checked import EXAMPLES, checked

EXAMPLE = "worker_fleet"
SECONDS = 12
# A worker's second stands for so many of the clock: the handler sleeps a thousandth of a video's time, an encoder takes a twentieth.
PACE = 50.0
REST = 25  # minutes in which a fleet without work comes to nothing


@dataclass
class Left:
    """What became of it all: how often each video was rendered, and how the fleet was scaled."""

    sent: int
    outcomes: Counter = field(default_factory=Counter)
    rendered: Counter = field(default_factory=Counter)
    minutes: list = field(default_factory=list)
    kills: list = field(default_factory=list)
    started: int = 0
    killed: int = 0
    cut: int = 0
    balanced: bool = False

    def __str__(self):
        twice = sum(times - 1 for times in self.rendered.values())
        most = max(each.running for each in self.minutes)
        return (
            f"{self.sent} sent = {', '.join(f'{n} {state}' for state, n in self.outcomes.items())}; "
            f"{self.killed} workers killed of {self.started}, {self.cut} messages in their hands, {twice} renditions twice; "
            f"0 → {most} → {self.minutes[-1].running} workers"
        )

    def check(self):
        """All processed, none lost, and twice only what a killed worker may have rendered before it was cut."""
        assert self.outcomes == {State.PROCESSED: self.sent}
        assert self.balanced
        assert set(self.rendered) == {f"video-{n}" for n in range(self.sent)}
        assert sum(self.rendered.values()) - self.sent <= self.cut
        assert self.minutes[0].running == self.minutes[-1].running == self.minutes[-1].wanted == 0


async def under_load(run, uploads, *, minutes, kill_every, seed):
    """`uploads` in `minutes` of the run's clock, most in the middle; a worker killed about every `kill_every` seconds of it."""
    rng = random.Random(seed)
    fleet = run.fleets["Render"]
    left = Left(uploads)

    def kill():
        """Only where there is work: else the fleet would never come to rest."""
        if len(fleet.queue) and (alive := [worker for worker in fleet.running if worker.asked]):
            worker = rng.choice(alive)
            worker.kill()
            left.cut += len(worker.held)
            left.kills.append(run.clock.now())
        if not over:
            run.clock.call_later(rng.uniform(0.5, 1.5) * kill_every, kill)

    over = []
    run.clock.call_later(kill_every, kill)
    sent = 0
    for minute in range(minutes):
        # As many as a hill has: few, more, most, fewer.
        upto = round(uploads * ((minute + 1) / minutes) ** 2 * (3 - 2 * (minute + 1) / minutes))
        for number in range(sent, upto):
            detail = {"video_id": f"video-{number}", "seconds": SECONDS}
            await run.put_events([{"source": "media.uploads", "detail-type": "VideoUploaded", "detail": detail}], bus="Uploads")
        sent = upto
        await run.advance(60)
    await run.settle()
    over.append(True)
    await run.advance(REST * 60)
    left.outcomes = Counter(outcome(root) for root in run.trace.roots)
    left.balanced = Report(run.trace, run.engine.hub.post).balanced
    left.minutes, left.started, left.killed = fleet.minutes, fleet.started, fleet.killed
    for line in run.engine.logbook.lines(fleet.node.log_group):
        name, said, _ = str(json.loads(line.text).get("message", "")).partition(" rendered: ")
        if said:
            left.rendered[name] += 1
    return left


def fleet_under_load(uploads, *, minutes, kill_every, seed):
    """A run of the example from its start to its rest."""
    from cdk_event_flow.local.start import start

    async def whole():
        made = checked(EXAMPLE)
        async with start(made.flow, app=EXAMPLES / EXAMPLE, assembly=made.assembly, fast=True, port=0, seed=seed, pace=PACE) as run:
            return await under_load(run, uploads, minutes=minutes, kill_every=kill_every, seed=seed)

    return asyncio.run(whole())
