"""What `flow.send` says is what the local run does: same receivers, same payloads, on random topologies."""

import asyncio
import random

import pytest

from cdk_event_flow.flow.sources import Bucket

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
    chosen = [bus if rnd.random() < 0.5 else rnd.choice(starts) for _ in range(count)]
    sendings = [(start, topologies.change(rnd) if isinstance(start, Bucket) else topologies.event(rnd)) for start in chosen]
    real = asyncio.run(comparing.observed(flow, sendings))
    for (start, event), done in zip(sendings, real, strict=True):
        said = comparing.predicted(flow, start, event)
        assert said == done, (seed, start.path, event, {"only predicted": said - done, "only real": done - said})
