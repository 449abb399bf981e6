"""Counting what moves: the same whether it is followed from the beginning or found there."""

from cdk_event_flow.local.trace import State, outcome
from cdk_event_flow.page.watch import Watch
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
