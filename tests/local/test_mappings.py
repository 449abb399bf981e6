import asyncio
import json

import pytest

from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.records import failed_records
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario


def failing(*bad):
    """A handler that returns the records with these bodies as failed."""

    def handler(event):
        failures = [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] in bad]
        return {"batchItemFailures": failures}

    return handler


@scenario
async def test_messages_sent_together_travel_in_one_batch():
    q, f = w.queue("Q"), w.function("F")
    async with w.engine(q, f, w.mapping(q, f, batch_size=10)) as e:
        for n in range(25):
            w.send(e, q, str(n))
        await e.settle()
        assert [len(b) for b in e.invoker.batches("F")] == [10, 10, 5]
        assert w.outcomes(e) == [State.PROCESSED] * 25


@scenario
async def test_a_window_gathers_until_it_ends_or_the_batch_is_full():
    q, f = w.queue("Q"), w.function("F")
    async with w.engine(q, f, w.mapping(q, f, batch_size=3, window=20)) as e:
        times = []
        e.invoker.handlers["F"] = lambda _: times.append(e.hub.clock.now() - w.START)
        for at in (0, 5, 30, 31, 32, 33):
            e.hub.clock.call_later(at, lambda at=at: w.send(e, q, str(at)))
        await e.hub.clock.advance(60)
        assert e.invoker.batches("F") == [["0", "5"], ["30", "31", "32"], ["33"]]
        assert times == [20.0, 32.0, 53.0]


@scenario
async def test_only_the_failed_record_is_received_again_until_it_is_dead_lettered():
    dead = w.queue("Dead")
    q = w.queue("Q", visibility=30, max_receives=3, dead_letter_arn=dead.arn)
    f = w.function("F")
    async with w.engine(q, dead, f, w.mapping(q, f, partial_failures=True), handlers={"F": failing("b")}) as e:
        roots = [w.send(e, q, body) for body in "abc"]
        await e.settle()
        assert e.invoker.batches("F") == [["a", "b", "c"], ["b"], ["b"]]
        assert w.outcomes(e) == [State.PROCESSED, State.DEAD_LETTERED, State.PROCESSED]
        assert roots[1].receives == 3
        assert e.hub.clock.now() == w.START + 90
        assert [m.body for m in e.queue("Dead")] == ["b"]


@scenario
async def test_a_handler_that_raises_fails_the_whole_batch():
    q, f = w.queue("Q", visibility=30), w.function("F")
    calls = []

    def handler(event):
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("no")

    async with w.engine(q, f, w.mapping(q, f, partial_failures=True), handlers={"F": handler}) as e:
        roots = [w.send(e, q, body) for body in "ab"]
        await e.settle()
        assert e.invoker.batches("F") == [["a", "b"], ["a", "b"]]
        assert [a.error for a in roots[0].attempts] == ["ValueError: no", ""]


@pytest.mark.parametrize(
    ("response", "failed"),
    [
        (b"", ""),
        (b"null", ""),
        (b"{}", ""),
        (b'{"batchItemFailures": null}', ""),
        (b'{"batchItemFailures": []}', ""),
        (b'{"statusCode": 200}', ""),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}]}', "b"),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}', "b"),
        (b'{"batchItemFailures": [{"itemIdentifier": "x"}]}', "abc"),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', "abc"),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', "abc"),
        (b'{"batchItemFailures": [{"ItemIdentifier": "b"}]}', "abc"),
        (b'{"batchItemFailures": ["b"]}', "abc"),
        (b'{"batchItemFailures": "b"}', "abc"),
        (b'{"batchItemFailures": [', "abc"),
        (b'"done"', "abc"),
        (b"[]", "abc"),
    ],
)
def test_a_response_gives_back(response, failed):
    assert failed_records(response, list("abc")) == frozenset(failed)


@scenario
async def test_without_partial_failures_a_response_is_not_read():
    q, f = w.queue("Q"), w.function("F")
    async with w.engine(q, f, w.mapping(q, f), handlers={"F": failing("a")}) as e:
        w.send(e, q, "a")
        await e.settle()
        assert w.outcomes(e) == [State.PROCESSED]


@scenario
async def test_what_no_filter_matches_is_deleted_and_traced_as_dropped():
    q, f = w.queue("Q"), w.function("F")
    filters = ({"body": {"region": ["eu"]}},)
    async with w.engine(q, f, w.mapping(q, f, filters=filters)) as e:
        for region in ("eu", "us"):
            w.send(e, q, json.dumps({"region": region}))
        await e.settle()
        assert w.outcomes(e) == [State.PROCESSED, State.DROPPED]
        assert e.hub.trace.roots[1].reason == "no filter of F matches"
        assert len(e.queue("Q")) == 0
        assert len(e.invoker.calls) == 1


@scenario
async def test_maximum_concurrency_bounds_the_batches_in_flight():
    q, f = w.queue("Q", visibility=600), w.function("F")
    async with w.engine(q, f, w.mapping(q, f, batch_size=1, max_concurrency=2), durations={"F": 10}) as e:
        for n in range(6):
            w.send(e, q, str(n))
        await e.settle()
        assert e.invoker.most_at_once == {"F": 2}
        assert e.hub.clock.now() == w.START + 30


@scenario
async def test_polling_starts_with_five_pollers_and_grows_each_minute():
    q, f = w.queue("Q", visibility=6_000), w.function("F")
    async with w.engine(q, f, w.mapping(q, f, batch_size=1), durations={"F": 40}) as e:
        for n in range(100):
            w.send(e, q, str(n))
        await e.hub.clock.advance(39)
        assert e.invoker.most_at_once == {"F": 5}
        await e.settle()
        assert e.invoker.most_at_once["F"] > 5


@scenario
async def test_a_throttled_invoke_is_tried_again_and_loses_nothing():
    q, f = w.queue("Q", visibility=60), w.function("F")
    left = [3]

    def handler(_):
        if left[0]:
            left[0] -= 1
            raise w.FailureError(Fault.THROTTLED)

    async with w.engine(q, f, w.mapping(q, f), handlers={"F": handler}) as e:
        root = w.send(e, q, "one")
        await e.settle()
        assert w.outcomes(e) == [State.PROCESSED]
        assert [a.fault for a in root.attempts] == [Fault.THROTTLED] * 3 + [None]
        assert (root.receives, e.hub.clock.now()) == (1, w.START + 7)


@scenario
async def test_a_function_throttled_for_good_ends_in_the_dead_letter_queue():
    dead = w.queue("Dead")
    q, f = w.queue("Q", visibility=20, max_receives=2, dead_letter_arn=dead.arn), w.function("F")

    def handler(_):
        raise w.FailureError(Fault.THROTTLED)

    async with w.engine(q, dead, f, w.mapping(q, f), handlers={"F": handler}) as e:
        w.send(e, q, "one")
        await e.settle()
        assert w.outcomes(e) == [State.DEAD_LETTERED]


@scenario
async def test_a_slow_handler_meets_its_message_again_when_visibility_ends():
    q, f = w.queue("Q", visibility=10), w.function("F")
    async with w.engine(q, f, w.mapping(q, f), durations={"F": 25}) as e:
        root = w.send(e, q, "one")
        await e.settle()
        assert (root.receives, root.state) == (3, State.PROCESSED)
        await e.hub.clock.advance(100)
        assert len(e.invoker.calls) == 3


@scenario
async def test_a_fifo_mapping_keeps_the_order_of_a_group_through_failures():
    q = w.queue("Q.fifo", fifo=True, visibility=30)
    f = w.function("F")
    seen = []

    def handler(event):
        seen.append([r["body"] for r in event["Records"]])
        if len(seen) == 1:
            raise ValueError

    async with w.engine(q, f, w.mapping(q, f, batch_size=2), handlers={"F": handler}) as e:
        for body in ("1", "2", "3"):
            w.send(e, q, body, group_id="g", deduplication_id=body)
        await e.settle()
        assert seen == [["1", "2"], ["1", "2"], ["3"]]


@scenario
async def test_a_disabled_mapping_leaves_its_messages_waiting():
    q, f = w.queue("Q"), w.function("F")
    async with w.engine(q, f, w.mapping(q, f, enabled=False)) as e:
        w.send(e, q, "one")
        await e.settle()
        assert (w.outcomes(e), e.invoker.calls) == ([State.PENDING], [])


@scenario
async def test_the_error_of_a_failed_record_is_read_from_the_functions_log():
    from dataclasses import replace

    from cdk_event_flow.local.invocation import LogLine

    dead = w.queue("Dead")
    q, f = w.queue("Q", visibility=1, max_receives=1, dead_letter_arn=dead.arn), w.function("F")
    async with w.engine(q, dead, f, w.mapping(q, f, partial_failures=True), handlers={"F": failing("a")}) as e:
        answered = e.invoker._answered
        trace = 'Traceback (most recent call last):\n  File "f.py", line 1, in f\n    g()\npydantic.ValidationError: total'
        line = {"level": "ERROR", "exception_name": "ValidationError", "exception": trace}
        e.invoker._answered = lambda *given: replace(answered(*given), log=(LogLine(at=0, text=json.dumps(line)),))
        root = w.send(e, q, "a")
        await e.settle()
        assert root.reason == "ValidationError: total"


def test_two_runs_with_the_same_seed_are_the_same_run():
    async def main(seed):
        dead = w.queue("Dead")
        q, f = w.queue("Q", max_receives=2, dead_letter_arn=dead.arn), w.function("F")
        async with w.engine(q, dead, f, w.mapping(q, f, partial_failures=True), handlers={"F": failing("3")}, seed=seed) as e:
            for n in range(12):
                w.send(e, q, str(n))
            await e.settle()
            return e.invoker.calls, e.invoker.trace_ids, [m.id for m in e.queue("Dead")]

    assert asyncio.run(main(7)) == asyncio.run(main(7))
    assert asyncio.run(main(7)) != asyncio.run(main(8))
