"""What `flow.send` says is what the local run does: same receivers, same payloads, on random topologies."""

import asyncio
import random

import pytest

from . import topologies

TOPOLOGIES, EVENTS = 60, 20


@pytest.mark.parametrize("seed", range(TOPOLOGIES))
def test_prediction_equals_reality(seed):
    compare(seed)


def compare(seed, count=EVENTS):
    """One topology, some events."""
    rnd = random.Random(seed)
    template = topologies.topology(rnd)
    flow = topologies.flow_of(template)
    events = [topologies.event(rnd) for _ in range(count)]
    real = asyncio.run(topologies.observed(flow, "Bus0", events))
    for event, done in zip(events, real, strict=True):
        said = topologies.predicted(flow, "Bus0", event)
        assert said == done, (event, {"only predicted": said - done, "only real": done - said})
