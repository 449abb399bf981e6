"""Pipes: queue, stream or table, filter, enrichment, target."""

import json

from cdk_event_flow.flow.sources import Pipe
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario
from .test_streams import batches, reading, stream


def pipe(source, target, **more):
    parameters = {name: more.pop(name) for name in ("SourceParameters", "TargetParameters") if name in more}
    return Pipe(
        **w._node("pipes", "Pipe", "pipe/Pipe"),
        type="AWS::Pipes::Pipe",
        properties=parameters,
        source_arn=source.arn,
        target_arn=target.arn,
        **more,
    )


@scenario
async def test_messages_go_from_a_queue_to_a_function_in_one_array():
    q, f = w.queue("Q"), w.function("F")
    node = pipe(
        q, f, filters=({"body": {"total": [{"numeric": [">", 5]}]}},), SourceParameters={"SqsQueueParameters": {"BatchSize": 5}}
    )
    async with w.engine(q, f, node) as e:
        for total in (1, 7, 9):
            w.send(e, q, json.dumps({"total": total}))
        await e.settle()
        ((_, given),) = e.invoker.calls
        assert [json.loads(record["body"])["total"] for record in given] == [7, 9]
        assert w.outcomes(e) == [State.DROPPED, State.PROCESSED, State.PROCESSED]
        assert len(e.queue("Q")) == 0


@scenario
async def test_an_enrichment_stands_between_and_a_template_shapes_what_the_target_gets():
    q, f, to = w.queue("Q"), w.function("F"), w.queue("To")
    node = pipe(q, to, enrichment_arn=f.arn, enrichment_template='{"n": <$.body.n>}', template='{"twice": <$.n>}')

    def handler(items):
        return [{"n": item["n"] * 2} for item in items]

    async with w.engine(q, f, to, node, handlers={"F": handler}) as e:
        for n in (1, 2):
            w.send(e, q, json.dumps({"n": n}))
        await e.settle()
        assert [json.loads(message.body) for message in e.queue("To")] == [{"twice": 2}, {"twice": 4}]
        assert [e.invoker.calls[0][1]] == [[{"n": 1}, {"n": 2}]]
        assert len(e.queue("Q")) == 0


@scenario
async def test_an_enrichment_that_gives_nothing_ends_it():
    q, f, to = w.queue("Q"), w.function("F"), w.queue("To")
    async with w.engine(q, f, to, pipe(q, to, enrichment_arn=f.arn), handlers={"F": lambda _: []}) as e:
        w.send(e, q, "x")
        await e.settle()
        assert w.outcomes(e) == [State.PROCESSED]
        assert len(e.queue("To")) == 0


@scenario
async def test_a_pipe_puts_events_on_a_bus():
    q, f = w.queue("Q"), w.function("F")
    node = pipe(q, w.bus(), event_source="shop.pipes", detail_type="$.body.kind", template='{"total": <$.body.total>}')
    async with w.engine(q, f, w.bus(), w.rule("R", {"source": ["shop.pipes"]}, f), node) as e:
        w.send(e, q, json.dumps({"kind": "Sold", "total": 3}))
        await e.settle()
        ((_, event),) = e.invoker.calls
        assert (event["source"], event["detail-type"], event["detail"]) == ("shop.pipes", "Sold", {"total": 3})
        assert event["id"] != "00000000-0000-4000-8000-000000000000"
        assert w.outcomes(e) == [State.PROCESSED]


@scenario
async def test_what_the_target_refuses_comes_again_and_ends_in_the_dead_letters_of_the_queue():
    dead = w.queue("Dead")
    q, ordered = w.queue("Q", max_receives=2, dead_letter_arn=dead.arn), w.queue("To.fifo", fifo=True)
    async with w.engine(q, dead, ordered, pipe(q, ordered)) as e:
        w.send(e, q, "x")
        await e.settle()
        assert w.outcomes(e) == [State.DEAD_LETTERED]
        (message,) = e.queue("Dead")
        assert "MissingParameter" in message.origin.reason


@scenario
async def test_message_groups_are_read_from_the_record():
    q, ordered = w.queue("Q"), w.queue("To.fifo", fifo=True, content_deduplication=True)
    groups = {"SqsQueueParameters": {"MessageGroupId": "$.body.customer"}}
    async with w.engine(q, ordered, pipe(q, ordered, TargetParameters=groups)) as e:
        w.send(e, q, json.dumps({"customer": "ann"}))
        await e.settle()
        (message,) = e.queue("To.fifo")
        assert message.group_id == "ann"


@scenario
async def test_records_of_a_stream_go_on_to_another_stream():
    s, to, f = stream(), stream("Cleaned"), w.function("F")
    node = pipe(s, to, template='{"seen": <$.data>}', filters=({"data": {"ok": [True]}},))
    async with w.engine(s, to, f, node, reading(to, f)) as e:
        w.send(e, s, '{"ok": true}')
        w.send(e, s, '{"ok": false}')
        await e.settle()
        assert batches(e) == [['{"seen":{"ok":true}}']]
        assert w.outcomes(e) == [State.PROCESSED, State.DROPPED]


@scenario
async def test_a_record_that_the_function_gives_back_is_discarded_after_the_retries():
    s, f, dead = stream(), w.function("F"), w.queue("Dead")
    source = {"KinesisStreamParameters": {"BatchSize": 10, "MaximumRetryAttempts": 1}}
    node = pipe(s, f, dead_letter_arn=dead.arn, SourceParameters=source)

    def handler(records):
        return {"batchItemFailures": [{"itemIdentifier": r["eventID"]} for r in records if r["sequenceNumber"] == "2"]}

    async with w.engine(s, f, dead, node, handlers={"F": handler}) as e:
        for n in range(2):
            w.send(e, s, str(n))
        await e.settle()
        assert w.outcomes(e) == [State.PROCESSED, State.DESTINATION]
        assert len(e.queue("Dead")) == 1


@scenario
async def test_a_pipe_that_does_not_wait_invokes_asynchronously():
    q, f = w.queue("Q"), w.function("F")
    how = {"LambdaFunctionParameters": {"InvocationType": "FIRE_AND_FORGET"}}

    def handler(_):
        raise ValueError("no")

    async with w.engine(q, f, pipe(q, f, TargetParameters=how), handlers={"F": handler}) as e:
        w.send(e, q, "x")
        await e.settle()
        assert len(e.invoker.calls) == 3
        assert w.outcomes(e) == [State.DROPPED]


@scenario
async def test_a_stopped_pipe_polls_nothing():
    q, f = w.queue("Q"), w.function("F")
    async with w.engine(q, f, pipe(q, f, enabled=False)) as e:
        w.send(e, q, "x")
        await e.settle()
        assert e.invoker.calls == []
        assert w.outcomes(e) == [State.PENDING]


@scenario
async def test_a_pipe_that_cannot_be_run_says_why():
    q = w.queue("Q")
    node = pipe(q, q, enrichment_arn=w.arn("states", "stateMachine:M"))
    async with w.local_run(q, w.function("F"), node) as run:
        assert run.notes == [f"Shop/Pipe: the pipe is not run, its enrichment {node.enrichment_arn} is no function of this flow"]
