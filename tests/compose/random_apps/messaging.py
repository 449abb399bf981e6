"""Topics, every kind of subscriber, queues, and queues between two tiers."""

from datetime import timedelta

from aws_cdk import aws_sns as sns

from cdk_event_flow import DeadLetters, Email, Fifo, HttpRetries, PlatformEndpoint, Queue, Sms, Topic, decouple
from cdk_event_flow.compose.sources.mappings import consume

from .functions import a_function, function, timeout_of
from .vocabulary import body_filter

# (batch, window in seconds) that go together.
BATCHES = ((1, 0), (10, 0), (10, 300), (25, 2), (10_000, 60))
OTHER_FILTERS = (None, {"kind": ["new"]}, {"total": [{"numeric": [">", 5]}], "note": ["a"]})


def topic(made):
    """A topic that somebody outside publishes to, and whoever subscribes."""
    rnd, at = made.rnd, made.stack()
    here = Topic(made.stacks[at], made.id("Topic"))
    if made.chance(0.4):
        here.allow_from(
            **rnd.choice(({"accounts": ["444455556666"]}, {"organization": "o-exampleorg1"}, {"services": ["s3", "cloudwatch"]}))
        )
    for subscriber in rnd.sample(SUBSCRIBERS, rnd.randint(0, 3)):
        subscriber(made, at, here)
    if made.chance(0.3):
        here.allow_publishing(function(made, made.stack(at)).it)


def fifo_topic(made):
    """A FIFO topic, and queues behind it."""
    rnd, at = made.rnd, made.stack()
    ordered = rnd.choice((True, Fifo(per_group=False), Fifo(content_deduplication=False), Fifo(archive=timedelta(days=7))))
    here = Topic(made.stacks[at], made.id("Ordered"), fifo=ordered)
    if made.chance(0.6):
        to = a_function(made, least=at)
        here.fan_out(made.id("To"), to=to.it, where=rnd.choice(OTHER_FILTERS), batch=rnd.choice((1, 10)))
    if made.chance(0.6):
        here.subscribe(made.id("Kept"), resting(made, made.stack(at), fifo=made.chance(0.5)))


def imported_topic(made):
    """A topic of the account that another team made."""
    at = made.stack()
    scope = made.stacks[at]
    arn = scope.format_arn(service="sns", resource=made.id("news"))
    here = Topic(scope, made.id("Topic"), topic=sns.Topic.from_topic_arn(scope, made.id("News"), arn))
    fan_out_to(made, at, here, made.rnd.choice(OTHER_FILTERS), ())


def fan_out_all(made, at, here, models, asked):
    """Consumers of a topic that together take all these events, and perhaps somebody else."""
    for some in [models] if made.chance(0.5) else [[model] for model in models]:
        fan_out_to(made, at, here, body_filter(made.rnd, some, models, asked), models)
    if made.chance(0.3):
        made.rnd.choice(SUBSCRIBERS)(made, at, here, models=models, where=None)


def fan_out_to(made, at, here, where, models):
    """One consumer of a topic, with its queue."""
    to = a_function(made, least=at)
    made.hear(to, models)
    batch, window = made.rnd.choice(BATCHES)
    dead = made.some(0.3, lambda: {"dead_letters": DeadLetters(max_receives=made.rnd.choice((5, 20)))})
    here.fan_out(made.id("To"), to=to.it, where=where or None, batch=batch, window=timedelta(seconds=window), **dead)


def to_consumer(made, at, here, *, models=(), where=None):
    """A consumer with a queue of its own."""
    fan_out_to(made, at, here, where or made.rnd.choice(OTHER_FILTERS) if not models else None, models)


def to_function(made, at, here, *, models=(), where=None):
    """A function, straight."""
    to = a_function(made, least=at, durable=True)
    made.hear(to, models)
    here.subscribe(made.id("Invoke"), to.it, where=where)


def to_queue(made, at, here, *, models=(), where=None):
    """An existing queue, raw or in envelopes."""
    raw = made.some(0.5, lambda: {"raw": made.chance(0.5)})
    here.subscribe(made.id("Keep"), resting(made, made.stack(at)), where=where, **raw)


def to_web_server(made, at, here, *, models=(), where=None):
    """A web server."""
    retries = made.some(0.5, lambda: {"retries": HttpRetries(retries=10, most=timedelta(seconds=made.rnd.choice((1, 300))))})
    here.subscribe(made.id("Web"), "https://example.com/hook", where=where, **retries)


def to_people(made, at, here, *, models=(), where=None):
    """Whoever reads mail, a text message, or an app."""
    app = PlatformEndpoint("arn:aws:sns:us-east-1:111122223333:endpoint/GCM/shop/5e3e9847-3183-3f18-a7e8-671c3a57d4b3")
    reader = made.rnd.choice((Email("ops@example.com"), Email("ops@example.com", json=True), Sms("+491701234567"), app))
    here.subscribe(made.id("Tell"), reader, where=where)


SUBSCRIBERS = (to_consumer, to_function, to_queue, to_web_server, to_people)


def queue(made):
    """A queue that somebody outside fills and empties."""
    resting(made, made.stack(), fifo=made.chance(0.5))


def consumed_queue(made):
    """A queue that somebody outside fills, and a function empties."""
    worked_through(made, made.stack(), fifo=made.chance(0.5))


def between_tiers(made):
    """A queue between a producer and a consumer."""
    at = made.stack()
    producer, consumer = function(made, made.stack(at)), function(made, made.stack(at))
    decouple(made.stacks[at], made.id("Jobs"), producers=[producer.it], consumer=consumer.it, fifo=made.chance(0.3))


def resting(made, at, *, fifo=False):
    """A queue that nothing here consumes, which keeps and hides its messages as long as it likes."""
    keeping = made.rnd.choice(
        (
            {},
            {"dead_letters": None, "retention": timedelta(days=14)},
            {"dead_letters": DeadLetters(max_receives=made.rnd.choice((1, 5, 100))), "visibility": timedelta(seconds=3_000)},
            {"visibility": timedelta(hours=12), "retention": timedelta(days=10)},
            {"delay": timedelta(minutes=15), "visibility": timedelta(0)},
        )
    )
    return Queue(made.stacks[at], made.id("Queue"), fifo=fifo, **keeping)


def worked_through(made, at, *, fifo=False):
    """A queue and the function that consumes it."""
    to = a_function(made, least=at)
    batch, window = made.rnd.choice(BATCHES[:2] if fifo else BATCHES)
    visibility = 6 * timeout_of(to) + timedelta(seconds=window + made.rnd.choice((0, 7)))
    here = Queue(made.stacks[at], made.id("Queue"), fifo=fifo, visibility=visibility)
    consume(here.queue, to.it, id=made.id("From"), batch=batch, window=timedelta(seconds=window))
    return here, to
