"""Mistakes with pipes."""

from datetime import UTC, datetime, timedelta

from cdk_event_flow import Enrichment, Pipe, PipeLogs, PipeTarget, Retry

from .parts import Call, misspelt, outside, seconds, word


def pipe(code, source="queue", to=lambda _, parts: parts.function, **arguments):
    def mistake(rnd, parts, id):
        given = {name: value(rnd) for name, value in arguments.items()}
        receiver = to(rnd, parts)
        return Call(lambda: Pipe(parts.stack, id, source=getattr(parts, source), to=receiver, **given), id, code)

    return mistake


def enriched_by_what_does_not_answer(rnd, parts, id):
    given = rnd.choice((parts.queue, parts.topic, Enrichment(to=parts.bus)))
    return Call(lambda: Pipe(parts.stack, id, source=parts.queue, to=parts.function, enrich=given), id, "EF-PIPE-ENRICHMENT")


def template(rnd, parts):
    given = rnd.choice(
        ("x" * (8_193 + rnd.randint(0, 99)), {"a": f"<$.{word(rnd)}.id>"}, {"a": f"<{word(rnd)}>"}, f"id <$..{word(rnd)}>")
    )
    return PipeTarget(to=parts.function, input=given)


def start(rnd):
    return rnd.choice((word(rnd), datetime(2020, 1, 1), datetime(2200, 1, 1, tzinfo=UTC)))


def to_topic(_, parts):
    return parts.topic


def with_event(rnd, parts):
    return PipeTarget(to=parts.function, event=(word(rnd), word(rnd)))


def of_a_stream(rnd):
    return rnd.choice(({"retry": Retry()}, {"start": "LATEST"}, {"parallel": rnd.randint(2, 10)}))


def queue_with_what_streams_have(rnd, parts, id):
    given = of_a_stream(rnd)
    return Call(lambda: Pipe(parts.stack, id, source=parts.queue, to=parts.function, **given), id, "EF-PIPE-QUEUE")


def failures_in_order(rnd, parts, id):
    to = rnd.choice((parts.fifo_queue, parts.fifo_topic))
    return Call(lambda: Pipe(parts.stack, id, source=parts.stream, to=parts.function, on_failure=to), id, "EF-PIPE-FAILURE")


MISTAKES = {
    "batch of a pipe": pipe("EF-PIPE-BATCH", batch=lambda rnd: outside(rnd, 1, 10_000)),
    "batch over what a queue takes": pipe("EF-PIPE-BATCH", to=to_topic, batch=lambda rnd: rnd.randint(11, 10_000)),
    "window of a pipe": pipe("EF-PIPE-WINDOW", window=lambda rnd: timedelta(seconds=rnd.randint(301, 9_999))),
    "misspelt operator of a pipe": pipe("EF-FILTER", where=lambda rnd: {"body": {word(rnd): [{misspelt(rnd): word(rnd)}]}}),
    "filter on what a message has not": pipe("EF-FILTER-KEY", where=lambda rnd: {word(rnd): [word(rnd)]}),
    "many filters": pipe("EF-FILTER-COUNT", where=lambda rnd: [{"body": {"a": [n]}} for n in range(rnd.randint(6, 20))]),
    "parallel": pipe("EF-PIPE-PARALLEL", "stream", parallel=lambda rnd: outside(rnd, 1, 10)),
    "attempts": pipe("EF-PIPE-RETRIES", "stream", retry=lambda rnd: Retry(attempts=outside(rnd, 0, 10_000))),
    "age of records": pipe("EF-PIPE-AGE", "stream", retry=lambda rnd: Retry(max_age=seconds(rnd, 60, 604_800))),
    "start": pipe("EF-PIPE-START", "stream", start=start),
    "failures in order": failures_in_order,
    "queue with what streams have": queue_with_what_streams_have,
    "template of a pipe": pipe("EF-PIPE-INPUT", to=template),
    "enriched by what does not answer": enriched_by_what_does_not_answer,
    "order of a pipe": pipe("EF-PIPE-FIFO", to=lambda rnd, parts: rnd.choice((parts.fifo_queue, parts.fifo_topic))),
    "group of a function": pipe("EF-PIPE-GROUP", to=lambda rnd, parts: PipeTarget(to=parts.function, group=word(rnd))),
    "bus without an event of a pipe": pipe("EF-PIPE-EVENT", to=lambda _, parts: parts.bus),
    "event without a bus of a pipe": pipe("EF-PIPE-EVENT", to=with_event),
    "waiting for a queue": pipe("EF-PIPE-WAIT", to=lambda _, parts: PipeTarget(to=parts.queue, wait=True)),
    "level of a pipe's logs": pipe("EF-PIPE-LOGS", logs=lambda rnd: PipeLogs(level=word(rnd).upper())),
}  # fmt: skip
