"""Mistakes with queues, topics, subscriptions and what stands between tiers."""

from datetime import timedelta

from cdk_event_flow import DeadLetters, Email, Fifo, HttpRetries, PlatformEndpoint, Queue, Sms, Topic, decouple

from .parts import Call, misspelt, outside, seconds, word


def queue(code, **arguments):
    def mistake(rnd, parts, id):
        given = {name: value(rnd) for name, value in arguments.items()}
        return Call(lambda: Queue(parts.stack, id, **given), id, code)

    return mistake


def fan_out(code, at="{}", **arguments):
    def mistake(rnd, parts, id):
        given = {name: value(rnd) for name, value in arguments.items()}
        where = f"News/{id}" if at == "{}" else at.format(id=id)
        return Call(lambda: parts.topic.fan_out(id, to=parts.function, **given), where, code)

    return mistake


def subscribe(code, to, topic="topic", **arguments):
    def mistake(rnd, parts, id):
        given, here = {name: value(rnd) for name, value in arguments.items()}, getattr(parts, topic)
        receiver = to(rnd, parts)
        return Call(lambda: here.subscribe(id, receiver, **given), f"{here.node.id}/{id}", code)

    return mistake


def archive_of_topic(rnd, parts, id):
    archive = seconds(rnd, 86_400, 365 * 86_400, 86_400)
    return Call(lambda: Topic(parts.stack, id, fifo=Fifo(archive=archive)), id, "EF-FIFO-ARCHIVE")


def attributes_behind_a_bus(rnd, parts, id):
    where = {word(rnd): [word(rnd)]}
    return Call(
        lambda: parts.fed.fan_out(id, to=parts.function, where=where, scope="MessageAttributes"), f"Fed/{id}", "EF-FILTER-SCOPE"
    )


def key_that_no_event_has(rnd, parts, id):
    where = {"detail": {word(rnd): [word(rnd)]}}
    return Call(lambda: parts.fed.fan_out(id, to=parts.function, where=where), f"Fed/{id}", "EF-FILTER-KEY")


def stranger(rnd, parts, id):
    code = "EF-ALLOW"
    given = rnd.choice(
        (
            {"accounts": [str(rnd.randint(1, 99_999_999_999))]},
            {"organization": word(rnd)},
            {"services": [f"{word(rnd)}.amazonaws.com"]},
            {},
        )
    )
    return Call(lambda: parts.topic.allow_from(**given), "News/Allowed", code)


def tiers(rnd, parts, id):
    batch = outside(rnd, 1, 10_000)
    return Call(
        lambda: decouple(parts.stack, id, producers=[], consumer=parts.function, batch=batch, window=timedelta(seconds=1)),
        f"Work/From{id}",
        "EF-MAPPING-BATCH",
    )


def text(rnd, parts):
    return rnd.choice(
        (
            f"http://{word(rnd)}.example.com/",
            word(rnd),
            Email(word(rnd)),
            Sms(f"0{rnd.randint(1, 10**9)}"),
            PlatformEndpoint(word(rnd)),
        )
    )


def retries(rnd):
    return rnd.choice(
        (
            HttpRetries(retries=outside(rnd, 0, 100), most=timedelta(seconds=1)),
            HttpRetries(retries=10, least=timedelta(0)),
            HttpRetries(retries=10, least=timedelta(seconds=30), most=timedelta(seconds=rnd.randint(1, 29))),
            HttpRetries(retries=100, most=timedelta(seconds=rnd.randint(37, 3_600))),
            HttpRetries(backoff=word(rnd)),
        )
    )


MISTAKES = {
    "visibility": queue("EF-QUEUE-VISIBILITY", visibility=lambda rnd: seconds(rnd, 0, 43_200)),
    "retention": queue("EF-QUEUE-RETENTION", retention=lambda rnd: seconds(rnd, 60, 1_209_600)),
    "delay": queue("EF-QUEUE-DELAY", delay=lambda rnd: seconds(rnd, 0, 900)),
    "receives": queue("EF-QUEUE-RECEIVES", dead_letters=lambda rnd: DeadLetters(max_receives=outside(rnd, 1, 1_000))),
    "retention of dead letters": queue(
        "EF-QUEUE-RETENTION", dead_letters=lambda rnd: DeadLetters(retention=seconds(rnd, 60, 1_209_600))
    ),
    "archive of a queue": queue("EF-FIFO-ARCHIVE", fifo=lambda rnd: Fifo(archive=timedelta(days=rnd.randint(1, 365)))),
    "archive of a topic": archive_of_topic,
    "misspelt operator of a filter": fan_out("EF-FILTER", where=lambda rnd: {word(rnd): [{misspelt(rnd): word(rnd)}]}),
    "empty list in a filter": fan_out("EF-FILTER", where=lambda rnd: {word(rnd): []}),
    "many keys": fan_out("EF-FILTER", where=lambda rnd: {f"{word(rnd)}{n}": [n] for n in range(rnd.randint(6, 20))}),
    "many combinations": fan_out("EF-FILTER", where=lambda rnd: {"a": list(range(16)), "b": list(range(rnd.randint(10, 30)))}),
    "large number in a filter": fan_out("EF-FILTER", where=lambda rnd: {"a": [{"numeric": [">", 10**9 + rnd.randint(1, 10**6)]}]}),
    "attributes behind a bus": attributes_behind_a_bus,
    "key that no event has": key_that_no_event_has,
    "receives behind a topic": fan_out(
        "EF-QUEUE-RECEIVES", dead_letters=lambda rnd: DeadLetters(max_receives=outside(rnd, 1, 1_000))
    ),
    "batch behind a topic": fan_out(
        "EF-MAPPING-BATCH", at="Work/FromNews{id}", batch=lambda rnd: outside(rnd, 1, 10_000), window=lambda _: timedelta(seconds=1)
    ),
    "window behind a topic": fan_out(
        "EF-MAPPING-WINDOW", at="Work/FromNews{id}", window=lambda rnd: timedelta(seconds=rnd.randint(301, 10_000))
    ),
    "visibility behind a topic": fan_out("EF-QUEUE-VISIBILITY", at="News/{id}", visibility=lambda rnd: seconds(rnd, 0, 43_200)),
    "endpoint": subscribe("EF-TOPIC-ENDPOINT", text),
    "raw to people": subscribe("EF-TOPIC-RAW", lambda rnd, _: Email(f"{word(rnd)}@example.com"), raw=lambda _: True),
    "retries of HTTPS": subscribe("EF-HTTP", lambda rnd, _: f"https://{word(rnd)}.example.com/", retries=retries),
    "order to a function": subscribe("EF-TOPIC-FIFO", lambda _, parts: parts.function, topic="fifo_topic"),
    "order out of nothing": subscribe("EF-TOPIC-FIFO", lambda _, parts: parts.fifo_queue),
    "stranger": stranger,
    "batch between tiers": tiers,
}
