"""Lambda's guard against loops: through queues, topics, buckets and functions themselves, not through a bus."""

import json

from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.lineage import MOST_PASSES, merged, passes, passing, without
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.trace import State

from . import world as w
from .test_invokes import config
from .test_queues import scenario


def looping(engine, to, limit=40):
    """A handler that sends what it gets to `to` again, with the header that AWS's SDK adds."""
    calls = []

    def handler(_):
        calls.append(engine.hub.clock.now())
        if len(calls) < limit:
            header = engine.invoker.trace_ids[-1]
            root = engine.hub.trace.begin("x", to.arn, to.name, "{}", origin="x", cause=header)
            engine.hub.post.deliver(to.arn, Parcel(body="{}", trace_header=header), root)

    engine.invoker.handlers["F"] = handler
    return calls


@scenario
async def test_a_loop_over_a_queue_ends_in_its_dead_letters():
    dead = w.queue("Dead")
    q, f = w.queue("Q", max_receives=5, dead_letter_arn=dead.arn), w.function("F")
    async with w.engine(q, dead, f, w.mapping(q, f)) as e:
        calls = looping(e, q)
        w.send(e, q, "{}")
        await e.settle()
        assert len(calls) == MOST_PASSES
        assert len(e.queue("Dead")) == 1
        assert w.outcomes(e) == [State.PROCESSED] * MOST_PASSES + [State.DEAD_LETTERED]


@scenario
async def test_a_loop_over_a_topic_ends_at_the_failure_destination():
    t, f, failed = w.topic("T"), w.function("F"), w.queue("Failed")
    async with w.engine(t, f, failed, w.subscription(t, f, "lambda"), config(f, on_failure=failed.arn)) as e:
        calls = looping(e, t)
        w.send(e, t, "{}")
        await e.settle()
        assert len(calls) == MOST_PASSES
        (message,) = e.queue("Failed")
        assert json.loads(message.body)["requestContext"]["condition"] == "RecursiveInvocationDropped"


@scenario
async def test_a_function_that_calls_itself_is_refused():
    f = w.function("F")
    async with w.engine(f) as e:
        header = ""
        for _ in range(MOST_PASSES):
            answer = await e.invoke(f.arn, "{}", header=header)
            assert answer.fault is None
            header = e.invoker.trace_ids[-1]
        answer = await e.invoke(f.arn, "{}", header=header)
        assert answer.fault is Fault.RECURSION
        assert len(e.invoker.calls) == MOST_PASSES


@scenario
async def test_a_function_that_may_loop_does():
    q, f = w.queue("Q"), w.function("F", stops_loops=False)
    async with w.engine(q, f, w.mapping(q, f)) as e:
        calls = looping(e, q)
        w.send(e, q, "{}")
        await e.settle()
        assert len(calls) == 40


@scenario
async def test_a_loop_over_a_bus_is_not_seen():
    f = w.function("F")
    async with w.engine(w.bus(), w.rule("R", {"source": ["shop.orders"]}, f), f) as e:
        left = [40]

        def handler(_):
            left[0] -= 1
            if left[0] > 0:
                entry = {"Source": "shop.orders", "DetailType": "x", "Detail": "{}", "EventBusName": "Orders"}
                e.put_entry(entry, origin="x", header=e.invoker.trace_ids[-1])

        e.invoker.handlers["F"] = handler
        w.put(e, w.event())
        await e.settle()
        assert left == [0]


def test_a_batch_has_been_through_what_its_messages_have_been_through():
    once = passing("Root=1", "", "F")
    thrice = passing("Root=1", passing("Root=1", once, "F"), "F")
    both = merged([once, thrice, passing("Root=1", "", "G"), ""])
    assert (passes(both, "F"), passes(both, "G"), passes(both, "H")) == (3, 1, 0)
    assert without(thrice) == "Root=1"
    assert passes("Root=1;Lineage=nonsense|:x|a:b", "F") == 0
