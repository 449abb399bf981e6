"""Kinesis streams and the streams of tables: what their readers get, and what becomes of batches that fail."""

import base64
import json

import pytest

from cdk_event_flow.flow.sources import Stream
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario


def stream(name="Clicks", **properties):
    return Stream(**w._node("kinesis", name, f"stream/{name}"), type="AWS::Kinesis::Stream", properties=properties)


def table(name="Orders"):
    properties = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    return w.model.Table(**w._node("dynamodb", name, f"table/{name}"), properties=properties)


def reading(source, to, **more):
    arn = source.arn if isinstance(source, Stream) else f"{source.arn}/stream/label"
    more.setdefault("batch_size", 100)
    return w.model.EventSourceMapping(**w._node("lambda", f"{source.name}-to-{to.name}"), source_arn=arn, function_arn=to.arn, **more)


def data(event):
    return [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]


def batches(engine, name="F"):
    return [data(given) for called, given in engine.invoker.calls if called == name]


@scenario
async def test_records_put_together_travel_in_one_batch_as_lambda_shows_them():
    s, f = stream(), w.function("F")
    async with w.engine(s, f, reading(s, f, batch_size=3)) as e:
        for n in range(4):
            w.send(e, s, str(n), key="same")
        await e.settle()
        assert batches(e) == [["0", "1", "2"], ["3"]]
        (_, first), _ = e.invoker.calls
        record = first["Records"][0]
        assert record["eventID"] == "shardId-000000000000:1"
        assert record["kinesis"]["partitionKey"] == "same"
        assert record["kinesis"]["approximateArrivalTimestamp"] == w.START
        assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == ("aws:kinesis", s.arn, w.REGION)
        assert w.outcomes(e) == [State.PROCESSED] * 4


@scenario
async def test_a_window_gathers_records():
    s, f = stream(), w.function("F")
    async with w.engine(s, f, reading(s, f, window=20)) as e:
        for at in (0, 5, 30):
            e.hub.clock.call_later(at, lambda at=at: w.send(e, s, str(at)))
        await e.hub.clock.advance(60)
        assert batches(e) == [["0", "5"], ["30"]]


@scenario
async def test_a_filter_leaves_records_out():
    s, f = stream(), w.function("F")
    async with w.engine(s, f, reading(s, f, filters=({"data": {"total": [{"numeric": [">", 5]}]}},))) as e:
        w.send(e, s, '{"total": 9}')
        w.send(e, s, '{"total": 1}')
        await e.settle()
        assert batches(e) == [['{"total": 9}']]
        assert w.outcomes(e) == [State.PROCESSED, State.DROPPED]


@scenario
async def test_a_batch_that_fails_holds_up_those_behind_it_until_its_retries_are_used_up():
    s, f, dead = stream(), w.function("F"), w.queue("Dead")

    def handler(event):
        if "bad" in data(event):
            raise ValueError("no")

    node = reading(s, f, batch_size=2, retries=2, on_failure=dead.arn)
    async with w.engine(s, f, dead, node, handlers={"F": handler}) as e:
        for body in ("bad", "b", "c"):
            w.send(e, s, body)
        await e.settle()
        assert batches(e) == [["bad", "b"]] * 3 + [["c"]]
        assert w.outcomes(e) == [State.DESTINATION, State.DESTINATION, State.PROCESSED]
        (message,) = e.queue("Dead")
        document = json.loads(message.body)
        assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert document["requestContext"]["approximateInvokeCount"] == 3
        assert document["responseContext"]["functionError"] == "Unhandled"
        info = document["KinesisBatchInfo"]
        assert (info["shardId"], info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"], info["streamArn"]) == (
            *("shardId-000000000000", "1", "2", 2),
            s.arn,
        )


@scenario
async def test_without_a_limit_a_batch_is_tried_until_its_records_expire():
    s, f = stream(RetentionPeriodHours=24), w.function("F")

    def handler(_):
        raise ValueError("always")

    async with w.engine(s, f, reading(s, f), handlers={"F": handler}) as e:
        w.send(e, s, "x")
        await e.settle()
        assert w.outcomes(e) == [State.DROPPED]
        assert 24 * 3600 < e.hub.clock.now() - w.START <= 24 * 3600 + 60
        (root,) = e.hub.trace.roots
        assert root.children[0].reason == "RecordAgeExceeded after ValueError: always (no failure destination)"


@scenario
async def test_records_over_the_maximum_age_are_not_tried_again():
    s, f = stream(), w.function("F")

    def handler(_):
        raise ValueError("always")

    async with w.engine(s, f, reading(s, f, max_age=60), handlers={"F": handler}) as e:
        w.send(e, s, "x")
        await e.settle()
        assert 60 < e.hub.clock.now() - w.START < 125


@scenario
async def test_halves_are_tried_by_themselves_and_do_not_use_up_retries():
    s, f, dead = stream(), w.function("F"), w.queue("Dead")

    def handler(event):
        if "5" in data(event):
            raise ValueError("poison")

    node = reading(s, f, retries=0, bisect=True, on_failure=dead.arn)
    async with w.engine(s, f, dead, node, handlers={"F": handler}) as e:
        for n in range(8):
            w.send(e, s, str(n))
        await e.settle()
        assert [len(batch) for batch in batches(e)] == [8, 4, 4, 2, 1, 1, 2]
        assert w.outcomes(e).count(State.PROCESSED) == 7
        (message,) = e.queue("Dead")
        assert json.loads(message.body)["KinesisBatchInfo"]["startSequenceNumber"] == "6"


@scenario
async def test_a_batch_goes_on_from_the_first_record_that_the_handler_gives_back():
    s, f = stream(), w.function("F")
    tried = []

    def handler(event):
        tried.append(data(event))
        bad = [r["kinesis"]["sequenceNumber"] for r in event["Records"] if data({"Records": [r]}) == ["2"] and len(tried) < 3]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}

    async with w.engine(s, f, reading(s, f, partial_failures=True), handlers={"F": handler}) as e:
        for n in range(4):
            w.send(e, s, str(n))
        await e.settle()
        assert tried == [["0", "1", "2", "3"], ["2", "3"], ["2", "3"]]
        assert w.outcomes(e) == [State.PROCESSED] * 4


@scenario
async def test_a_throttled_batch_waits_and_uses_up_no_retries():
    s, f = stream(), w.function("F")
    left = [3]

    def handler(_):
        if left[0]:
            left[0] -= 1
            raise w.FailureError(Fault.THROTTLED)

    async with w.engine(s, f, reading(s, f, retries=0), handlers={"F": handler}) as e:
        w.send(e, s, "x")
        await e.settle()
        assert w.outcomes(e) == [State.PROCESSED]


@scenario
async def test_keys_stay_in_order_and_several_batches_of_a_shard_run_at_once():
    s, f = stream(), w.function("F")
    async with w.engine(s, f, reading(s, f, batch_size=1, parallel=4), durations={"F": 1}) as e:
        for n in range(40):
            w.send(e, s, str(n), key=f"key-{n % 8}")
        await e.settle()
        assert 1 < e.invoker.most_at_once["F"] <= 4
        order = [int(body) for (body,) in batches(e)]
        for key in range(8):
            assert [n for n in order if n % 8 == key] == list(range(key, 40, 8))


@scenario
async def test_a_shard_without_parallelization_runs_one_batch_at_a_time():
    s, f = stream(), w.function("F")
    async with w.engine(s, f, reading(s, f, batch_size=1), durations={"F": 1}) as e:
        for n in range(5):
            w.send(e, s, str(n), key=str(n))
        await e.settle()
        assert e.invoker.most_at_once["F"] == 1
        assert batches(e) == [["0"], ["1"], ["2"], ["3"], ["4"]]


@scenario
async def test_records_before_the_starting_position_are_left_out():
    s, f = stream(), w.function("F")
    async with w.engine(s, f, reading(s, f, position="AT_TIMESTAMP", since=w.START + 60)) as e:
        w.send(e, s, "early")
        await e.hub.clock.advance(61)
        w.send(e, s, "late")
        await e.settle()
        assert batches(e) == [["late"]]
        assert w.outcomes(e) == [State.DROPPED, State.PROCESSED]


@scenario
async def test_a_tumbling_window_hands_its_state_on_and_ends_with_one_more_call():
    s, f = stream(), w.function("F")
    totals = []

    def handler(event):
        total = event["state"].get("total", 0) + sum(map(int, data(event)))
        if event["isFinalInvokeForWindow"]:
            totals.append((event["window"]["start"], total, event["Records"]))
        return {"state": {"total": total}}

    async with w.engine(s, f, reading(s, f, tumbling=60), handlers={"F": handler}) as e:
        for at, n in ((0, 1), (10, 2), (70, 5)):
            e.hub.clock.call_later(at, lambda n=n: w.send(e, s, str(n)))
        await e.hub.clock.advance(80)
        await e.settle()
        assert [(total, records) for _, total, records in totals] == [(3, []), (5, [])]
        assert w.outcomes(e) == [State.PROCESSED] * 3


@scenario
async def test_everyone_who_reads_a_stream_gets_each_record():
    s, f, g = stream(), w.function("F"), w.function("G")
    off = reading(s, w.function("H"), enabled=False)
    async with w.engine(s, f, g, w.function("H"), reading(s, f), reading(s, g), off) as e:
        w.send(e, s, "x")
        await e.settle()
        assert [name for name, _ in e.invoker.calls] == ["F", "G"]


@scenario
async def test_a_stream_that_nobody_reads_keeps_what_it_gets():
    s = stream()
    async with w.engine(s) as e:
        root = w.send(e, s, "x")
        assert (root.state, root.reason) == (State.PROCESSED, "kept; nothing here reads this stream")


@scenario
async def test_a_rule_puts_events_on_a_stream():
    s, f = stream(), w.function("F")
    async with w.engine(w.bus(), w.rule("R", {"source": ["shop.orders"]}, s), s, f, reading(s, f)) as e:
        w.put(e, w.event(7))
        await e.settle()
        ((body,),) = batches(e)
        assert json.loads(body)["detail"]["total"] == 7


@scenario
async def test_changes_of_a_table_reach_its_function_and_a_failed_batch_its_destination():
    t, f, dead = table(), w.function("F"), w.queue("Dead")

    def handler(event):
        if event["Records"][0]["dynamodb"]["Keys"] == {"id": {"S": "bad"}}:
            raise ValueError("no")

    node = reading(t, f, batch_size=1, retries=0, on_failure=dead.arn, filters=({"eventName": ["INSERT"]},))
    async with w.engine(t, f, dead, node, handlers={"F": handler}) as e:
        for id in ("a", "bad"):
            w.send(e, t, json.dumps({"id": id}))
        w.send(e, t, json.dumps({"eventName": "REMOVE", "dynamodb": {"Keys": {"id": {"S": "a"}}}}))
        await e.settle()
        first = e.invoker.calls[0][1]["Records"][0]
        assert first["dynamodb"]["NewImage"] == {"id": {"S": "a"}}
        assert first["eventSourceARN"] == node.source_arn
        assert w.outcomes(e) == [State.PROCESSED, State.DESTINATION, State.DROPPED]
        (message,) = e.queue("Dead")
        assert json.loads(message.body)["DDBStreamBatchInfo"]["batchSize"] == 1


@pytest.mark.parametrize("consumed", [True, False])
def test_records_that_a_killed_run_held_are_tried_by_the_next(tmp_path, consumed):
    s, f = stream(), w.function("F")
    nodes = (s, f, reading(s, f)) if consumed else (s, f)

    def handler(_):
        raise ValueError("not yet")

    @scenario
    async def first():
        async with w.local_run(s, f, reading(s, f), handlers={"F": handler}, state=tmp_path / "state") as run:
            await run.send("Clicks", "x")
            await run.advance(5)

    @scenario
    async def second():
        async with w.local_run(*nodes, state=tmp_path / "state", handlers={"F": lambda _: None}) as run:
            assert any("1 records of streams" in note for note in run.notes)
            await run.settle()
            return [state for root in run.trace.roots for each in root.walk() if (state := each.state)], run.made[0].calls

    first()
    if not consumed:
        with pytest.raises(Exception, match="EF-RUN-STATE"):
            second()
        return
    second()
