"""Mistakes with buses, routes and schedules."""

from datetime import UTC, datetime, timedelta

from aws_cdk import aws_kms as kms

from cdk_event_flow import BusLogs, Cron, EventBus, FixedInput, InputPath, InputTransformer, Schedule, Target, Trying

from .parts import Call, misspelt, outside, seconds, word


def bus(code, **arguments):
    def mistake(rnd, parts, id):
        given = {name: value(rnd) for name, value in arguments.items()}
        return Call(lambda: EventBus(parts.stack, id, **given), id, code)

    return mistake


def existing_bus_with_a_key(rnd, parts, id):
    key = kms.Key.from_key_arn(parts.stack, f"{id}Key", "arn:aws:kms:eu-west-1:210987654321:key/1")
    return Call(lambda: EventBus(parts.stack, id, bus=parts.bus.bus, key=key), id, "EF-BUS-EXISTING")


def route(code, match=lambda _: {"source": ["shop"]}, to=lambda _, parts: parts.function, **arguments):
    def mistake(rnd, parts, id):
        given, pattern, receiver = {name: value(rnd) for name, value in arguments.items()}, match(rnd), to(rnd, parts)
        return Call(lambda: parts.bus.route(id, pattern, to=receiver, **given), f"Bus/{id}", code)

    return mistake


def cron(rnd):
    """Five fields, a number out of its range, `?` twice or never, a day that never comes."""
    return rnd.choice(
        (
            f"{rnd.randint(0, 59)} {rnd.randint(0, 23)} * * *",
            f"{rnd.randint(60, 99)} 2 * * ? *",
            f"0 {rnd.randint(24, 99)} * * ? *",
            f"0 2 {rnd.randint(32, 99)} * ? *",
            f"0 2 * {rnd.randint(13, 99)} ? *",
            f"0 2 ? * {rnd.randint(8, 99)} *",
            "0 2 * * * *",
            "0 2 ? * ? *",
            f"0 2 {rnd.randint(30, 31)} 2 ? *",
            f"0 2 * * ? {rnd.randint(1970, 2025)}",
            f"0 2 * {word(rnd).upper()} ? *",
        )
    )


def schedule(code, **arguments):
    def mistake(rnd, parts, id):
        given = {"cron": lambda _: "0 2 * * ? *", **arguments}
        values = {name: value(rnd) for name, value in given.items() if value is not None}
        to = values.pop("to", lambda parts: parts.function)(parts)
        return Call(lambda: Schedule(parts.stack, id, to=to, **values), id, code)

    return mistake


def whole_minutes_over_a_year(rnd):
    return rnd.choice((timedelta(seconds=rnd.randint(1, 59)), timedelta(seconds=61), timedelta(days=366 + rnd.randint(0, 999))))


def template(rnd):
    return rnd.choice(
        (
            InputTransformer({"a": f"<{word(rnd)}>"}),
            InputTransformer("x" * (8_193 + rnd.randint(0, 999))),
            InputTransformer("x", {f"n{n}": "$.detail" for n in range(101 + rnd.randint(0, 99))}),
            InputPath(word(rnd)),
            InputPath(f"$..{word(rnd)}"),
            InputTransformer("<a>", {"a": f"{word(rnd)}.b"}),
        )
    )


def retention(rnd):
    return BusLogs(retention=timedelta(days=rnd.choice((0, 2, 31, 4_000))))


def ordered(rnd):
    return rnd.choice((lambda parts: parts.fifo_queue, lambda parts: parts.fifo_topic))


def to_fifo(rnd, parts):
    return rnd.choice((parts.fifo_queue, parts.fifo_topic, Target(to=parts.fifo_queue, input=FixedInput(1))))


MISTAKES = {
    "archive of a bus": bus("EF-BUS-ARCHIVE", archive=lambda rnd: timedelta(seconds=rnd.randint(0, 86_399))),
    "partner": bus("EF-BUS-PARTNER", partner=word),
    "level of a bus's logs": bus("EF-BUS-LOGS", logs=lambda rnd: BusLogs(level=word(rnd).upper())),
    "retention of a bus's logs": bus("EF-LOGS-RETENTION", logs=retention),
    "key of an existing bus": existing_bus_with_a_key,
    "misspelt operator of a pattern": route("EF-PATTERN", lambda rnd: {"source": [{misspelt(rnd): word(rnd)}]}),
    "empty list in a pattern": route("EF-PATTERN", lambda rnd: {rnd.choice(("source", "detail-type", "account")): []}),
    "text in a pattern": route("EF-PATTERN", lambda rnd: {"source": word(rnd)}),
    "long pattern": route("EF-PATTERN", lambda rnd: {"source": [word(rnd) + str(n) for n in range(1_000)]}),
    "key that no event of the bus has": route("EF-PATTERN-KEY", lambda rnd: {"source": ["shop"], "detail": {word(rnd): [1]}}),
    "schedule on a bus of its own": route("EF-RULE-SCHEDULE", lambda _: Cron("0 2 * * ? *")),
    "retries": route("EF-RULE-RETRIES", trying=lambda rnd: Trying(retries=outside(rnd, 0, 185))),
    "age": route("EF-RULE-AGE", trying=lambda rnd: Trying(max_age=seconds(rnd, 60, 86_400))),
    "no target": route("EF-RULE-TARGETS", to=lambda *_: []),
    "order": route("EF-RULE-FIFO", to=to_fifo),
    "input": route("EF-INPUT", input=template),
    "cron": schedule("EF-SCHEDULE", cron=cron),
    "period": schedule("EF-SCHEDULE-RATE", cron=None, every=whole_minutes_over_a_year),
    "moment with a zone": schedule("EF-SCHEDULE", cron=None, at=lambda rnd: datetime(2030 + rnd.randint(0, 30), 1, 1, tzinfo=UTC)),
    "two times": schedule("EF-SCHEDULE", every=lambda rnd: timedelta(minutes=rnd.randint(1, 99))),
    "no time": schedule("EF-SCHEDULE", cron=None),
    "time zone": schedule("EF-SCHEDULE", timezone=lambda rnd: f"Europe/{word(rnd).title()}"),
    "window": schedule("EF-SCHEDULE-WINDOW", window=lambda rnd: seconds(rnd, 60, 86_400)),
    "retries of a schedule": schedule("EF-RULE-RETRIES", trying=lambda rnd: Trying(retries=outside(rnd, 0, 185))),
    "age of a schedule": schedule("EF-RULE-AGE", trying=lambda rnd: Trying(max_age=seconds(rnd, 60, 86_400))),
    "event without a bus": schedule("EF-SCHEDULE", event=lambda rnd: (word(rnd), word(rnd))),
    "bus without an event": schedule("EF-SCHEDULE", to=lambda _: lambda parts: parts.bus),
    "schedule to what is ordered": schedule("EF-SCHEDULE-FIFO", to=ordered),
}  # fmt: skip
