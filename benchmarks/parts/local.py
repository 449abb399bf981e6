"""The local run: from an event to its handler, invokes, and start-up, beside ministack and moto's server; and code that changes."""

import json
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.engines import function, made, memory, ministack, moto, ours, processor_seconds, wait_for
from benchmarks.reloading import reloads
from benchmarks.section import Claim, Section, about, number, prose, table, times

TITLE = "The local run"
BAR = 3.0  # end to end, times the better of the others
HANDLER = """
import os
out = os.open(os.environ["OUT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def handler(event, context):
    os.write(out, b"x" * len(event.get("Records", "1")))
    print("taken")
    return event
"""
# By name: the title, and whether more is better.
ROWS = {
    "first": ("start to the first event handled, s", False),
    "cold": ("an event with a cold start, ms", False),
    "warm": ("warm invoke, median, ms", False),
    "end to end": ("bus → topic → queue → function, events a second", True),
    "processor": ("processor time of each of these, its handler's included, ms", False),
    "mapping": ("queue → function in batches of 1, messages a second", True),
    "direct": ("bus → function, events a second", True),
    "memory": ("memory after it, all processes, MB", False),
}


def measured(quick, say):
    """The best of each figure of the rounds, the engines one after the other in each; and the seconds until changed code runs."""
    number_, rounds = (100, 1) if quick else (1_000, 2)
    best = {name: {} for name in ENGINES}
    for _ in range(rounds):
        for name, (start, figures) in ENGINES.items():
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "out"
                with start(Path(folder), _resources(out)) as running:
                    found = figures(running, out, number_)
            say(f"{name}: {found['end to end']:.0f} events a second from end to end")
            for key, value in found.items():
                better = max if ROWS[key][1] else min
                best[name][key] = better(best[name].get(key, value), value)
    changed = reloads(2 if quick else 10)
    say(f"changed code runs after {statistics.median(changed):.2f} s")
    return {"events": number_, "rounds": rounds, "engines": best, "reloads": changed}


def _resources(out):
    """Bus → topic → queue → function, bus → function, queue → function (batches of 1 each), and a function to invoke."""
    to_function = {"Principal": "events.amazonaws.com", "Action": "lambda:InvokeFunction"}
    arn = {name: {"Fn::GetAtt": [name, "Arn"]} for name in ("Function", "Role", "Jobs", "Direct", "Rule")}
    anyone = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn["Jobs"]}

    def mapping(queue):
        return made("Lambda::EventSourceMapping", EventSourceArn=arn[queue], FunctionName=arn["Function"], BatchSize=1)

    def rule(kind, target):
        return made("Events::Rule", EventBusName={"Ref": "Bus"}, EventPattern={"detail-type": [kind]}, Targets=[target])

    return {
        "Bus": made("Events::EventBus", Name="bench"),
        "Topic": made("SNS::Topic", TopicName="bench"),
        "Jobs": made("SQS::Queue", QueueName="jobs", VisibilityTimeout=600),
        "Direct": made("SQS::Queue", QueueName="direct", VisibilityTimeout=600),
        "Role": made("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []}),
        "Function": function("bench", HANDLER, arn["Role"], OUT=str(out)),
        "Subscription": made(
            "SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="sqs", Endpoint=arn["Jobs"], RawMessageDelivery=True
        ),
        "Policy": made("SQS::QueuePolicy", Queues=[{"Ref": "Jobs"}], PolicyDocument={"Version": "2012-10-17", "Statement": [anyone]}),
        "FromJobs": mapping("Jobs"),
        "FromDirect": mapping("Direct"),
        "ToTopic": rule("far", {"Id": "topic", "Arn": {"Ref": "Topic"}}),
        "Rule": rule("near", {"Id": "function", "Arn": arn["Function"]}),
        "Permission": made("Lambda::Permission", FunctionName=arn["Function"], SourceArn=arn["Rule"], **to_function),
    }


def _put(aws, kind, how_many):
    """Put so many events, ten a request."""
    entry = {"Source": "bench", "DetailType": kind, "Detail": json.dumps({"total": 5, "text": "x" * 200}), "EventBusName": "bench"}
    for begin in range(0, how_many, 10):
        answer = aws("events").put_events(Entries=[entry] * min(10, how_many - begin))
        assert answer["FailedEntryCount"] == 0, answer


def _rate(work, done, how_many):
    """A second: how many were done, counted from the first request."""
    before = done()
    begun = time.perf_counter()
    work()
    wait_for(done, before + how_many)
    return how_many / (time.perf_counter() - begun)


def _with_functions(running, out, how_many):
    """All figures of an engine that runs functions."""
    aws = running.aws

    def done():
        return out.stat().st_size if out.exists() else 0

    begun = time.perf_counter()
    _put(aws, "far", 1)
    wait_for(done, 1)
    first, cold = time.perf_counter() - running.began, time.perf_counter() - begun
    warm = []
    for _ in range(how_many // 2):
        begun = time.perf_counter()
        aws("lambda").invoke(FunctionName="bench", Payload=b'{"a": 1}')["Payload"].read()
        warm.append(time.perf_counter() - begun)
    _put(aws, "far", 50)
    wait_for(done, how_many // 2 + 51)
    queue = aws("sqs").get_queue_url(QueueName="direct")["QueueUrl"]
    entries = [{"Id": str(n), "MessageBody": "x" * 200} for n in range(10)]

    def send():
        for _ in range(how_many // 10):
            aws("sqs").send_message_batch(QueueUrl=queue, Entries=entries)

    before = processor_seconds(running.pid)
    end_to_end = _rate(lambda: _put(aws, "far", how_many), done, how_many)
    return {
        "first": first,
        "cold": cold * 1000,
        "warm": statistics.median(warm) * 1000,
        "end to end": end_to_end,
        "processor": (processor_seconds(running.pid) - before) / how_many * 1000,
        "mapping": _rate(send, done, how_many),
        "direct": _rate(lambda: _put(aws, "near", how_many), done, how_many),
        "memory": memory(running.pid),
    }


def _without_functions(running, _, how_many):
    """The figures of an engine that brings events to a queue and no further."""
    aws = running.aws
    queue = aws("sqs").get_queue_url(QueueName="jobs")["QueueUrl"]

    def waiting():
        attributes = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        return int(attributes["Attributes"]["ApproximateNumberOfMessages"])

    _put(aws, "far", 1)
    wait_for(waiting, 1)
    return {
        "first": time.perf_counter() - running.began,
        "end to end": _rate(lambda: _put(aws, "far", how_many), waiting, how_many),
        "memory": memory(running.pid),
    }


ENGINES = {"ours": (ours, _with_functions), "ministack": (ministack, _with_functions), "moto": (moto, _without_functions)}


def _times(engines, key):
    """How many times better ours is than ministack, the other that runs functions."""
    mine, other = engines["ours"][key], engines["ministack"][key]
    return mine / other if ROWS[key][1] else other / mine


def section(figures):
    """Its part of the page."""
    engines, changed = figures["engines"], figures["reloads"]
    mine = engines["ours"]
    claims = [
        Claim(key="local-end-to-end", what="bus → topic → queue → function", figure=f"{about(mine['end to end'])} events a second"),
        Claim(
            key="local-ministack",
            what="ministack's events a second on this way, of which ours are",
            figure=times(_times(engines, "end to end")),
        ),
        Claim(key="local-warm", what="a warm invoke over HTTP (median)", figure=f"{about(mine['warm'])} ms"),
        Claim(key="local-cold", what="from an event to its handler with a cold start", figure=f"{about(mine['cold'])} ms"),
        Claim(key="local-first", what="from the start of a run to the first event handled", figure=f"{about(mine['first'])} s"),
        Claim(
            key="local-reload", what="until changed code of a handler runs (median)", figure=f"{about(statistics.median(changed))} s"
        ),
    ]
    blocks = [
        prose(
            "`event-flow run`, [ministack](https://pypi.org/project/ministack/) and moto's server on one template: a bus whose",
            "rules lead to a topic, a queue and a function, queues whose mappings take batches of 1, and a handler that writes a",
            "byte to a file and a line to its log (ministack waits 50 ms longer for one that logs nothing). Driven over HTTP by",
            f"boto3; the best of {figures['rounds']} rounds of {figures['events']:,} events, one engine after the other. moto runs",
            "no functions without Docker and brings no events of a bus to a topic: its figures are of bus → queue, counted in the",
            "queue. Memory is that of all processes, what they share counted once. What else the engines do and do not: [compared",
            "with others](../explanation/comparison.md).",
        ),
        table(
            ["", *(f">{name}" for name in ENGINES), ">ours to ministack, times"],
            [
                [title, *(number(of.get(key)) for of in engines.values()), number(_times(engines, key), 2)]
                for key, (title, _) in ROWS.items()
            ],
        ),
        prose(
            "Code of a handler that is changed while it runs: a file is written, and the function invoked until the new code",
            f"answers, {len(changed)} times. The median is {statistics.median(changed):.2f} s, the longest {max(changed):.2f} s.",
        ),
    ]
    reached = _times(engines, "end to end")
    missed = [f"end to end {reached:.1f} times ministack, the bar is {BAR:.0f}"] if reached < BAR else []
    return Section(blocks=blocks, claims=claims, missed=missed)
