"""What `flow.send` says is what the local run does: same receivers, same payloads, on random topologies."""

import asyncio
import random

import pytest

from . import comparing, topologies

TOPOLOGIES, EVENTS = 60, 20


@pytest.mark.parametrize("seed", range(TOPOLOGIES))
def test_prediction_equals_reality(seed):
    compare(seed)


def compare(seed, count=EVENTS):
    """One topology, some events: half of them on a bus, the others anywhere."""
    rnd = random.Random(seed)
    flow = comparing.flow_of(topologies.topology(rnd))
    starts, bus = comparing.starts(flow), flow.find("Bus0")
    sendings = [(bus if rnd.random() < 0.5 else rnd.choice(starts), topologies.event(rnd)) for _ in range(count)]
    real = asyncio.run(comparing.observed(flow, sendings))
    for (start, event), done in zip(sendings, real, strict=True):
        said = comparing.predicted(flow, start, event)
        assert said == done, (seed, start.path, event, {"only predicted": said - done, "only real": done - said})
