"""Counting what moves: the same whether it is followed from the beginning or found there."""

import asyncio
import random

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.flow.model import Table
from cdk_event_flow.flow.sources import Bucket
from cdk_event_flow.local.trace import State, outcome
from cdk_event_flow.page.watch import Watch
from cdk_event_flow.render import picture_of
from tests.flow.comparing import _sent, flow_of, starts
from tests.flow.topologies import change, event, topology
from tests.local import world as w
from tests.page.world import FLOW, on_page


def refuse(event):
    raise ValueError("no")


def counted(watch):
    while watch.behind:
        watch.settle()
    return {arn: counts.as_json() for arn, counts in watch.nodes.items()}, dict(watch.edges), +watch.outcomes


def test_who_comes_later_counts_the_same():
    async def ask(client):
        for total in (0, 1, 2):
            await client.post("send", on="Orders", event=w.event(total, region="eu"))
        await client.run.send("Packing", "{}")
        await client.run.settle()
        later = Watch(client.run.trace, FLOW)
        assert counted(later) == counted(client.page._live.watch)
        later.close()
        assert counted(later)[2] == {State.PROCESSED: 2, State.DEAD_LETTERED: 2}

    on_page(ask, handlers={"Bill": refuse})


def test_states_are_those_of_the_trace():
    async def ask(client):
        watch = client.page._live.watch
        for total in (0, 1):
            await client.post("send", on="Orders", event=w.event(total))
        await client.run.settle()
        counted(watch)
        for root in client.run.trace.roots:
            assert watch.state(root) is outcome(root)
            assert root.id in watch.by_state[outcome(root)]

    on_page(ask, handlers={"Bill": refuse})


async def lit(seed):
    """(hops that no line of the picture stands for, all hops) of what was sent into a random topology."""
    rnd = random.Random(seed)
    flow = flow_of(topology(rnd))
    try:
        arrows = {(arrow.source, arrow.target) for arrow in picture_of(flow, dead_letters=True).arrows}
    except TemplateError:
        return [], 0
    async with w.engine(*flow.nodes.values()) as engine:
        watch = Watch(engine.hub.trace, flow)
        for start in starts(flow):
            if _sent(engine, start, change(rnd) if isinstance(start, Table | Bucket) else event(rnd)):
                await engine.settle()
        passed = {edge for edge in watch.edges if edge in arrows}
        ends = {end for arrow in passed for end in arrow}
        hops = [
            (watch.vertex(one.node), watch.vertex(other.node))
            for root in engine.hub.trace.roots
            for one in root.walk()
            for other in one.children
        ]
    # What tells the default bus is drawn where something listens there.
    hops = [hop for hop in hops if hop[0] != hop[1] and not hop[1].endswith("event-bus/default")]
    dark = [(a, b) for a, b in hops if (a, b) not in passed and not any((a, mid) in passed and (mid, b) in passed for mid in ends)]
    return dark, len(hops)


def test_every_hop_of_a_run_lights_a_line_of_the_picture():
    found = [asyncio.run(lit(seed)) for seed in range(6)]
    assert [dark for dark, _ in found if dark] == []
    assert sum(hops for _, hops in found) > 60
