"""Thousands of orders through a run that fails in every way there is and is killed, twice; and what is left of each order.

bus → topic → queue → Bill, in batches, idempotent, with dead letters; bus → Notify, asynchronous, neither retried nor kept.
"""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

HERE = Path(__file__).parent
REQUIREMENTS = HERE.parent.parent.parent / "lambda_src" / "billing" / "requirements.txt"
EVENT_FLOW = Path(sys.executable).with_name("event-flow")
FAULTS = "errors=10%,timeouts=2%,kills=1%,throttles=5%,duplicates=1%"
MOST_ON_THEIR_WAY = 0.05  # of all orders, while more are sent
REQUEST = 10  # orders in one PutEvents request


@dataclass(kw_only=True)
class Left:
    """What is left of the orders; `report` is the run's own."""

    orders: set
    poison: set
    accepted: int
    charged: set
    known: list
    twice: list
    report: dict
    kills: list
    seconds: float

    @property
    def account(self):
        return self.report["accounting"]

    @property
    def ends(self):
        return [end for event in self.report["events"] for end in _ends(event)]

    @property
    def dead(self):
        """The orders in the dead-letter queue."""
        return {_order(end) for end in self.ends if end["state"] == "dead-lettered"}

    def __str__(self):
        ended = " + ".join(f"{count} {state}" for state, count in self.account["outcomes"].items())
        injected = ", ".join(f"{count} {kind}s" for kind, count in self.report["injected"].items())
        charged = f"{len(self.charged)} of {len(self.orders)} orders charged, {len(self.twice)} of them twice"
        known = f"{len(self.known)} came again after a kill between charge and record, and the provider knew them"
        return "\n".join(
            [
                *self.kills,
                f"injected after the last kill: {injected}",
                f"{self.account['sent']} sent = {ended}; {self.account['earlier']} of them were over before the last start",
                f"{charged}, {len(self.dead)} dead-lettered; {known}",
                f"{self.seconds:.0f} s",
            ]
        )

    def check(self):
        """Every order is accounted for, to the message, and none was billed twice."""
        assert self.account["balanced"]
        assert self.account["sent"] == self.accepted == sum(self.account["outcomes"].values())
        assert set(self.account["outcomes"]) == {"processed", "dead-lettered", "dropped"}
        assert self.orders - self.charged <= self.dead
        assert self.charged.isdisjoint(self.poison)
        assert self.poison <= self.dead
        assert self.twice == []
        dropped = [end for end in self.ends if end["state"] == "dropped"]
        assert dropped
        assert all("RetriesExhausted after" in end["reason"] for end in dropped)


def chaos(folder, count, *, seed, kills, poisoned=100):
    """Send `count` orders, one in `poisoned` poison, in `folder`, with the run killed `kills` times on the way."""
    began = time.monotonic()
    app = _app(folder)
    orders = [f"order-{n:05d}" for n in range(count)]
    poison = {order for n, order in enumerate(orders) if n % poisoned == poisoned // 2}
    waiting = [_entry(order, order in poison) for order in orders]
    accepted, told = 0, []
    for kill in range(1, kills + 1):
        with _running(app, seed) as (process, endpoint):
            sender = Sender(app, endpoint, waiting)
            sender.start()
            _wait(lambda upto=count * kill // (kills + 1): len(_charged(app)) >= upto)
            process.send_signal(signal.SIGKILL)
            sender.killed.set()
            process.wait()
            sender.join()
        kept = _accepted(app)
        assert sender.answered <= kept - accepted <= sender.answered + len(sender.in_doubt)
        accepted, waiting = kept, waiting[sender.answered :]
        told.append(f"kill {kill}: {accepted} events accepted, {len(_charged(app))} orders charged")
    report = _finish(app, waiting, seed)
    return Left(
        orders=set(orders),
        poison=poison,
        accepted=accepted + len(waiting),
        charged=_charged(app),
        known=_lines(app / "known"),
        twice=_lines(app / "twice"),
        report=report,
        kills=told,
        seconds=time.monotonic() - began,
    )


class Sender(threading.Thread):
    """Sends orders until all are answered or nobody answers; `in_doubt` were sent and not answered."""

    def __init__(self, app, endpoint, entries):
        super().__init__(daemon=True)
        self.app = app
        self.entries = entries
        self.answered = 0
        self.backlog = max(2 * REQUEST, int(len(entries) * MOST_ON_THEIR_WAY))
        self.in_doubt = []
        self.killed = threading.Event()
        secrets = {"aws_access_key_id": "id", "aws_secret_access_key": "secret"}
        once = Config(retries={"total_max_attempts": 1})
        self.client = boto3.client("events", endpoint_url=endpoint, region_name="us-east-1", config=once, **secrets)
        self.charged_before = len(_charged(app))

    def run(self):
        while self.answered < len(self.entries):
            request = self.entries[self.answered : self.answered + REQUEST]
            try:
                answer = self.client.put_events(Entries=request)
            except BotoCoreError:
                self.in_doubt = request
                return
            assert answer["FailedEntryCount"] == 0
            self.answered += len(request)
            while self.answered - (len(_charged(self.app)) - self.charged_before) > self.backlog and not self.killed.wait(0.02):
                pass


def _app(folder):
    """The app of the chaos, its provider and the files that the handlers write."""
    app = folder / "app"
    shutil.copytree(HERE / "handlers", app)
    shutil.copyfile(REQUIREMENTS, app / "bill" / "requirements.txt")
    (app / "provider").mkdir()
    (app / "template.json").write_text(json.dumps({"Resources": _resources(app)}))
    return app


def _resources(app):
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5}
    variables = {"PROVIDER": str(app / "provider"), "IDEMPOTENCY_TABLE": "Idempotency"}
    return {
        "Orders": _resource("Events::EventBus", Name="Orders"),
        "ToTopic": _rule({"Ref": "Topic"}),
        "ToNotify": _rule({"Fn::GetAtt": ["Notify", "Arn"]}),
        "Topic": _resource("SNS::Topic"),
        "ToQueue": _resource(
            "SNS::Subscription",
            TopicArn={"Ref": "Topic"},
            Protocol="sqs",
            Endpoint={"Fn::GetAtt": ["Queue", "Arn"]},
            RawMessageDelivery=True,
        ),
        "Queue": _resource("SQS::Queue", VisibilityTimeout=180, RedrivePolicy=redrive),
        "Dead": _resource("SQS::Queue", MessageRetentionPeriod=1_209_600),
        "Mapping": _resource(
            "Lambda::EventSourceMapping",
            EventSourceArn={"Fn::GetAtt": ["Queue", "Arn"]},
            FunctionName={"Ref": "Bill"},
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 4},
        ),
        "Bill": _function("bill", Timeout=30, Environment={"Variables": variables}),
        "Notify": _function("notify", Timeout=10),
        "NoRetries": _resource(
            "Lambda::EventInvokeConfig", FunctionName={"Ref": "Notify"}, Qualifier="$LATEST", MaximumRetryAttempts=0
        ),
        "Idempotency": _resource(
            "DynamoDB::Table",
            TableName="Idempotency",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ),
    }


def _resource(kind, **properties):
    return {"Type": f"AWS::{kind}", "Properties": properties}


def _rule(to):
    pattern = {"source": ["shop.orders"]}
    return _resource("Events::Rule", EventBusName="Orders", EventPattern=pattern, Targets=[{"Id": "To", "Arn": to}])


def _function(source, **properties):
    made = _resource("Lambda::Function", Runtime="python3.14", Handler="handler.handler", MemorySize=512, **properties)
    return made | {"Metadata": {"cdk-event-flow:code": {"source": source}}}


def _entry(order, poison):
    detail = json.dumps({"order_id": order, "poison": poison})
    return {"Source": "shop.orders", "DetailType": "OrderSubmitted", "Detail": detail, "EventBusName": "Orders"}


def _command(app, seed, *more):
    state = ["--template", app / "template.json", "--state", app / "state", "--fault", FAULTS, "--seed", seed, "--json"]
    return [EVENT_FLOW, "run", *map(str, [*state, *more])]


@contextmanager
def _running(app, seed):
    """A run that goes on until it is killed, and its endpoint."""
    command = _command(app, seed, "--clock", "fast", "--port", 0)
    with subprocess.Popen(command, cwd=app, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        told = []
        for line in process.stderr:
            told.append(line)
            if found := re.search(r"AWS_ENDPOINT_URL=(\S+)", line):
                break
        else:
            raise AssertionError("".join(told))
        reader = threading.Thread(target=process.stderr.read, daemon=True)
        reader.start()
        try:
            yield process, found[1]
        finally:
            process.kill()
            reader.join()


def _finish(app, waiting, seed):
    """Send the rest with `--once`, which ends when everything is accounted for; the run's report."""
    (app / "rest.json").write_text(json.dumps(waiting))
    done = subprocess.run(
        _command(app, seed, "--once", app / "rest.json"), cwd=app, capture_output=True, text=True, check=False, timeout=3_600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _accepted(app):
    """How many events the state holds and counts, as the kill left it."""
    roots = "SELECT count(*) FROM kept WHERE kind = 'delivery' AND json_extract(row, '$.parent') IS NULL"
    earlier = "SELECT coalesce(sum(json_extract(row, '$.tally.came.sent')), 0) FROM kept WHERE kind = 'earlier'"
    with closing(sqlite3.connect(app / "state" / "event-flow.sqlite")) as file:
        return sum(file.execute(query).fetchone()[0] for query in (roots, earlier))


def _charged(app):
    return {charge.name for charge in os.scandir(app / "provider")}


def _lines(file):
    return file.read_text().split() if file.exists() else []


def _wait(reached):
    while not reached():
        time.sleep(0.05)


def _ends(delivery):
    if delivery["state"] is not None:
        yield delivery
    for child in delivery["deliveries"]:
        yield from _ends(child)


def _order(end):
    return json.loads(end["payload"])["detail"]["order_id"]
