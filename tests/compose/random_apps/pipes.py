"""Pipes from every source to every kind of target, with filters, enrichments and templates."""

from datetime import timedelta

from aws_cdk import aws_logs as logs

from cdk_event_flow import Enrichment, EventBus, Pipe, PipeLogs, PipeTarget, Queue, Retry, Stream, Table

from . import messaging
from .functions import a_function

# What a filter may ask, and what a template may read, of the records of each source.
SOURCES = {
    "queue": ({"body": {"kind": ["new"]}}, "<$.body.order>"),
    "stream": ({"data": {"total": [{"numeric": [">", 0]}]}}, "<$.data.order>"),
    "table": ({"eventName": ["INSERT", "MODIFY"]}, "<$.dynamodb.Keys.id.S>"),
}


def pipe(made):
    """A pipe from something that somebody outside fills."""
    rnd, at = made.rnd, made.stack()
    scope, kind = made.stacks[at], rnd.choice(sorted(SOURCES))
    where, order = SOURCES[kind]
    source = {
        "queue": lambda: Queue(scope, made.id("Source"), fifo=made.chance(0.3)),
        "stream": lambda: Stream(scope, made.id("Source")),
        "table": lambda: Table(scope, made.id("Source"), partition_key="id"),
    }[kind]()
    more = made.some(0.5, lambda: {"where": where}) | made.some(0.3, lambda: {"enrich": _enrichment(made, at, order)})
    more |= made.some(0.3, lambda: {"window": timedelta(seconds=rnd.choice((1, 300)))})
    if kind != "queue":
        more |= made.some(0.5, lambda: {"retry": Retry(attempts=rnd.choice((0, 3, None)), max_age=timedelta(hours=1))})
        more |= made.some(0.3, lambda: {"parallel": 10, "start": "LATEST"})
    logged = rnd.choice((PipeLogs(), PipeLogs(level="TRACE", data=True), None))
    Pipe(scope, made.id("Pipe"), source=source, to=_target(made, at, order, enriched="enrich" in more), logs=logged, **more)


def _enrichment(made, at, order):
    asked = a_function(made, most=at, durable=True).it
    return Enrichment(to=asked, input={"order": order}) if made.chance(0.5) else asked


def _target(made, at, order, *, enriched):
    scope, shape = (
        made.stacks[at],
        made.some(0.5, lambda: {"input": {"said": "by <aws.pipes.pipe-name>"} if enriched else {"order": order}}),
    )
    match made.rnd.choice(("function", "queue", "ordered", "topic", "bus", "stream", "log group")):
        case "function":
            wait = made.some(0.3, lambda: {"wait": False})
            return PipeTarget(to=a_function(made, most=at, durable=True).it, **wait, **shape)
        case "queue":
            return PipeTarget(to=messaging.resting(made, at), **shape)
        case "ordered":
            return PipeTarget(to=messaging.resting(made, at, fifo=True), group="all", **shape)
        case "topic":
            topic = messaging.Topic(scope, made.id("Topic"))
            messaging.fan_out_to(made, at, topic, None, ())
            return PipeTarget(to=topic, **shape)
        case "bus":
            bus = EventBus(scope, made.id("Bus"))
            bus.route(made.id("Route"), {"source": ["shop.pipe"]}, to=Queue(scope, made.id("Queue")))
            return PipeTarget(to=bus, event=("shop.pipe", "Handed on"), **shape)
        case "stream":
            return PipeTarget(to=Stream(scope, made.id("Stream")), **shape)
    return PipeTarget(to=logs.LogGroup(scope, made.id("Log"), retention=logs.RetentionDays.ONE_WEEK), **shape)
