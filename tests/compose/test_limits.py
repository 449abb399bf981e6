"""Every limit of EventBridge, SNS and SQS that a construct can hold: just inside it is made, just outside it is refused.

Limits of single messages (1 MB for `PutEvents` and SQS, 256 KB for SNS) are held by the local run, and those that an account
can have raised (300 rules a bus, 200 filter policies a topic) are findings of `flow`.
"""

import re
from datetime import timedelta

import pytest
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import (
    Archive,
    DeadLetters,
    Email,
    EventBus,
    Every,
    Fifo,
    HttpRetries,
    InputPath,
    InputTransformer,
    PlatformEndpoint,
    Queue,
    Schedule,
    Sms,
    Target,
    Topic,
    Trying,
)
from cdk_event_flow.errors import ConstructError

from .illegal import Parts


@pytest.fixture(scope="module")
def parts():
    """One stack for all: what is refused is not there, and what is made has a name of its own."""
    return Parts()


def seconds(number):
    return timedelta(seconds=number)


def queue(**more):
    return lambda parts, id: Queue(parts.stack, id, **more)


def topic(**more):
    return lambda parts, id: Topic(parts.stack, id, **more)


def bus(**more):
    return lambda parts, id: EventBus(parts.stack, id, **more)


def fan_out(**more):
    return lambda parts, id: parts.topic.fan_out(id, to=parts.function, **more)


def subscribe(to, **more):
    return lambda parts, id: parts.topic.subscribe(id, to(parts) if callable(to) else to, **more)


def route(match=None, **more):
    return lambda parts, id: parts.bus.route(id, match or {"account": [id]}, to=parts.function, **more)


def ordered(to):
    return lambda parts, id: parts.fifo_topic.subscribe(id, to(parts))


def aws_key(make, kind):
    return lambda parts, id: make(parts, id, sqs.Queue(parts.stack, f"{id}Queue", encryption=sqs.QueueEncryption[kind]))


def tell(parts, id, queue):
    parts.topic.subscribe(id, queue)


def send(parts, id, queue):
    parts.bus.route(id, {"account": [id]}, to=queue)


def on_the_default_bus(parts, id):
    EventBus(parts.stack, id, bus="default").route("R", Every(seconds(60)), to=parts.function)


def numbers(condition):
    return fan_out(where={"a": [condition]})


def schedule(**more):
    return lambda parts, id: Schedule(parts.stack, id, to=parts.function, **more)


def pattern_of(characters):
    """A pattern of so many characters."""
    return {"account": ["x" * (characters - len('{"account":[""]}'))]}


def combinations(*lengths):
    return {f"key{number}": [f"value{each}" for each in range(length)] for number, length in enumerate(lengths)}


# What, just inside (one or more), just outside (one or more), and the code of the refusal.
LIMITS = {
    # EventBridge
    "characters of a pattern": ([route(pattern_of(4_096))], [route(pattern_of(4_097))], "EF-PATTERN"),
    "attempts": ([route(trying=Trying(retries=0)), route(trying=Trying(retries=185))],
                 [route(trying=Trying(retries=-1)), route(trying=Trying(retries=186))], "EF-RULE-RETRIES"),
    "age of an event": ([route(trying=Trying(max_age=seconds(60))), route(trying=Trying(max_age=seconds(86_400)))],
                        [route(trying=Trying(max_age=seconds(59))), route(trying=Trying(max_age=seconds(86_401)))], "EF-RULE-AGE"),
    "targets": ([lambda p, id: p.bus.route(id, {"account": [id]}, to=[p.function])],
                [lambda p, id: p.bus.route(id, {"account": [id]}, to=[])], "EF-RULE-TARGETS"),
    "characters of a template": ([route(input=InputTransformer("x" * 8_190))], [route(input=InputTransformer("x" * 8_191))],
                                 "EF-INPUT-SIZE"),
    "paths of a template": ([route(input=InputTransformer("x", {f"n{n}": "$.a" for n in range(100)}))],
                            [route(input=InputTransformer("x", {f"n{n}": "$.a" for n in range(101)}))], "EF-INPUT-SIZE"),
    "a path": ([route(input=InputPath("$.detail.a-b_c[0]")), route(input=InputPath("$"))],
               [route(input=InputPath("detail")), route(input=InputPath("$.detail[*]"))], "EF-INPUT-PATH"),
    "a FIFO queue": ([lambda p, id: p.bus.route(id, {"account": [id]}, to=Target(to=p.fifo_queue, group="all"))],
                     [lambda p, id: p.bus.route(id, {"account": [id]}, to=p.fifo_queue),
                      lambda p, id: p.bus.route(id, {"account": [id]}, to=p.fifo_topic)], "EF-RULE-FIFO"),
    "dead letters of a rule": ([lambda p, id: p.bus.route(id, {"account": [id]}, to=p.function, dead_letters=p.queue.queue)],
                               [lambda p, id: p.bus.route(id, {"account": [id]}, to=p.function, dead_letters=p.fifo_queue.queue)],
                               "EF-RULE-DEAD-LETTERS"),
    "days of an archive": ([bus(archive=seconds(86_400)), bus(archive=Archive())],
                           [bus(archive=seconds(86_399)), bus(archive=timedelta(days=1, hours=1))], "EF-BUS-ARCHIVE"),
    "events of an archive": ([bus(archive=Archive(where={"source": ["shop"]}))], [bus(archive=Archive(where={"source": []}))],
                             "EF-PATTERN"),
    "a partner's name": ([bus(partner="aws.partner/example.com/1/a")], [bus(partner="partner/example.com/1/a")], "EF-BUS-PARTNER"),
    "a schedule on a bus of its own": ([on_the_default_bus],
                                       [route(Every(seconds(60)))], "EF-RULE-SCHEDULE"),
    "a period": ([schedule(every=seconds(60)), schedule(every=timedelta(days=365))],
                 [schedule(every=seconds(59)), schedule(every=timedelta(days=366)), schedule(every=seconds(90))], "EF-SCHEDULE-RATE"),
    "fields of cron": ([schedule(cron="59 23 L 12 ? 2199")],
                       [schedule(cron="0 2 * * *"), schedule(cron="60 2 * * ? *"), schedule(cron="0 24 * * ? *")], "EF-SCHEDULE"),
    "a flexible window": ([schedule(cron="0 2 * * ? *", window=seconds(60)), schedule(cron="0 2 * * ? *", window=seconds(86_400))],
                          [schedule(cron="0 2 * * ? *", window=seconds(59)), schedule(cron="0 2 * * ? *", window=seconds(86_401))],
                          "EF-SCHEDULE-WINDOW"),
    # SNS
    "keys of a filter": ([fan_out(where=combinations(1, 1, 1, 1, 1))], [fan_out(where=combinations(1, 1, 1, 1, 1, 1))], "EF-FILTER"),
    "combinations of a filter": ([fan_out(where=combinations(15, 10))], [fan_out(where=combinations(19, 8))], "EF-FILTER"),
    "numbers of a filter": ([numbers({"numeric": ["<=", 10**9]}), numbers({"numeric": [">", -(10**9)]}), numbers(10**9)],
                            [numbers({"numeric": ["<=", 10**9 + 1]}), numbers(-(10**9) - 1), numbers({"anything-but": [10**9 + 1]})],
                            "EF-FILTER"),
    "size of a filter": ([numbers("x" * (256 * 1024 - 10))], [numbers("x" * (256 * 1024 - 9))], "EF-FILTER"),
    "operators of a filter": ([numbers({"suffix": "b"})], [numbers({"wildcard": "*b"}), fan_out(where={"a": []})],
                              "EF-FILTER"),
    "scope of a filter behind a bus": (
        [lambda p, id: p.fed.fan_out(id, to=p.function, where={"detail": {"order": ["1"]}})],
        [lambda p, id: p.fed.fan_out(id, to=p.function, where={"order": ["1"]}, scope="MessageAttributes")], "EF-FILTER-SCOPE"),
    "what a FIFO topic delivers to": ([ordered(lambda p: p.queue), ordered(lambda p: p.fifo_queue)],
                                      [ordered(lambda p: p.function), subscribe(lambda p: p.fifo_queue)],
                                      "EF-TOPIC-FIFO"),
    "days of a topic's archive": ([topic(fifo=Fifo(archive=timedelta(days=1))), topic(fifo=Fifo(archive=timedelta(days=365)))],
                                  [topic(fifo=Fifo(archive=seconds(86_399))), topic(fifo=Fifo(archive=timedelta(days=366)))],
                                  "EF-FIFO-ARCHIVE"),
    "retries of a web server": (
        [subscribe("https://a.example.com/1", retries=HttpRetries(retries=100, most=seconds(36)))],
        [subscribe("https://a.example.com/2", retries=HttpRetries(retries=101, most=seconds(1))),
         subscribe("https://a.example.com/3", retries=HttpRetries(retries=-1))], "EF-HTTP-RETRIES"),
    "seconds of a web server": (
        [subscribe("https://a.example.com/4", retries=HttpRetries(retries=1, least=seconds(3_600), most=seconds(3_600)))],
        [subscribe("https://a.example.com/5", retries=HttpRetries(retries=1, most=seconds(3_601))),
         subscribe("https://a.example.com/6", retries=HttpRetries(retries=100, most=seconds(37)))], "EF-HTTP-DELAY"),
    "endpoints": ([subscribe(Sms("+491701234567")), subscribe(Email("a@example.com"))],
                  [subscribe(Sms("01701234567")), subscribe(Email("a@example")), subscribe("http://a.example.com/"),
                   subscribe(PlatformEndpoint("arn:aws:sns:eu-west-1:123456789012:app/GCM/a"))], "EF-TOPIC-ENDPOINT"),
    # SQS
    "visibility": ([queue(visibility=seconds(0)), queue(visibility=seconds(43_200))],
                   [queue(visibility=seconds(-1)), queue(visibility=seconds(43_201))], "EF-QUEUE-VISIBILITY"),
    "retention": ([queue(retention=seconds(60)), queue(retention=seconds(1_209_600))],
                  [queue(retention=seconds(59)), queue(retention=seconds(1_209_601), dead_letters=None)], "EF-QUEUE-RETENTION"),
    "retention of dead letters": (
        [queue(retention=seconds(60), dead_letters=DeadLetters(retention=seconds(60)))],
        [queue(retention=seconds(60), dead_letters=DeadLetters(retention=seconds(59))),
         queue(dead_letters=DeadLetters(retention=seconds(1_209_601))),
         queue(retention=seconds(61), dead_letters=DeadLetters(retention=seconds(60)))], "EF-QUEUE-RETENTION"),
    "delay": ([queue(delay=seconds(0)), queue(delay=seconds(900))], [queue(delay=seconds(-1)), queue(delay=seconds(901))],
              "EF-QUEUE-DELAY"),
    "receives": ([queue(dead_letters=DeadLetters(max_receives=1)), queue(dead_letters=DeadLetters(max_receives=1_000))],
                 [queue(dead_letters=DeadLetters(max_receives=0)), queue(dead_letters=DeadLetters(max_receives=1_001))],
                 "EF-QUEUE-RECEIVES"),
    "archive of a queue": ([queue(fifo=Fifo())], [queue(fifo=Fifo(archive=timedelta(days=1)))], "EF-FIFO-ARCHIVE"),
    "batches behind a topic": (
        [fan_out(batch=10), fan_out(batch=11, window=seconds(1)), fan_out(batch=10_000, window=seconds(300))],
        [fan_out(batch=0), fan_out(batch=10_001, window=seconds(1))], "EF-MAPPING-BATCH"),
    "windows behind a topic": ([fan_out(window=seconds(300))], [fan_out(window=seconds(301)), fan_out(batch=11)],
                               "EF-MAPPING-WINDOW"),
    "batches behind a FIFO topic": ([lambda p, id: p.fifo_topic.fan_out(id, to=p.function, batch=10)],
                                    [lambda p, id: p.fifo_topic.fan_out(id, to=p.function, batch=11)], "EF-MAPPING-BATCH"),
    # Keys of AWS's own
    "a queue's key": ([aws_key(tell, "KMS"), aws_key(send, "KMS")], [aws_key(tell, "KMS_MANAGED"), aws_key(send, "KMS_MANAGED")],
                      "EF-KEY-MANAGED"),
}  # fmt: skip


@pytest.mark.parametrize("what", LIMITS)
def test_just_inside_is_made_and_just_outside_is_refused(parts, what):
    inside, outside, code = LIMITS[what]
    name = "".join(filter(str.isalnum, what.title()))
    for number, make in enumerate(inside):
        make(parts, f"{name}In{number}")
    for number, make in enumerate(outside):
        with pytest.raises(ConstructError) as refused:
            make(parts, f"{name}Out{number}")
        assert [problem.code for problem in refused.value.problems] == [code], str(refused.value)
        assert re.search("https://docs.aws.amazon.com/|AWS refuses this", str(refused.value))
        assert len(str(refused.value)) < 1_000
        assert not any(node.node.id == f"{name}Out{number}" for node in parts.stack.node.find_all())
