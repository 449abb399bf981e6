"""Handlers loaded as Lambda loads them, on their sample events, with AWS in memory."""

import json
from collections import Counter
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tests.loading import REGION, Context, Loader

LAMBDA_SRC = Path(__file__).parent.parent.parent / "lambda_src"


class Said:
    """What the handlers wrote to standard output: log lines and metrics, as CloudWatch would read them."""

    def __init__(self, capsys):
        self._capsys = capsys
        self._lines = []

    def lines(self):
        self._lines += [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]
        return self._lines

    def logs(self, message):
        return [line for line in self.lines() if line.get("message") == message]

    def metrics(self):
        """The sum of each metric but the cold start, which says nothing of the work."""
        sums = Counter()
        for line in self.lines():
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
                assert directive["Namespace"] == "OrderPacking"
                sums.update({metric["Name"]: sum(line[metric["Name"]]) for metric in directive["Metrics"]})
        del sums["ColdStart"]
        return dict(sums)


@pytest.fixture
def said(capsys):
    return Said(capsys)


@pytest.fixture
def table_definition():
    """The idempotency table as CloudFormation describes it; a test holds it equal to the template's."""
    return {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "TimeToLiveSpecification": {"AttributeName": "expiration", "Enabled": True},
        "BillingMode": "PAY_PER_REQUEST",
    }


@pytest.fixture
def aws(monkeypatch, table_definition):
    """An account in memory with the idempotency table and the bus."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        expiry = table_definition.pop("TimeToLiveSpecification")
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(TableName="Idempotency", **table_definition)
        dynamodb.update_time_to_live(TableName="Idempotency", TimeToLiveSpecification=expiry)
        boto3.client("events").create_event_bus(Name="Orders")
        yield


@pytest.fixture
def load(said, monkeypatch):
    """Import one of a function's modules in a new environment. In the test itself: see `Loader`."""
    loader = Loader(LAMBDA_SRC, monkeypatch)
    monkeypatch.setenv("IDEMPOTENCY_TABLE", "Idempotency")
    monkeypatch.setenv("EVENT_BUS_NAME", "Orders")
    yield loader
    loader.forget_loggers()


@pytest.fixture
def sample():
    """A sample event of a function."""

    def sample(function, name):
        return json.loads((LAMBDA_SRC / function / "events" / f"{name}.json").read_text("utf-8"))

    return sample


@pytest.fixture
def context():
    return Context


class Killed(BaseException):
    """Lambda ends the process at its time-out: nothing is cleaned up."""


@pytest.fixture
def kill_at(monkeypatch):
    """Run billing until its process is killed in the middle of an order."""

    def kill_at(order_id, billing, event, context):
        charge = billing.charge

        def killed(order):
            if order.order_id == order_id:
                raise Killed
            return charge(order)

        with monkeypatch.context() as patch:
            patch.setattr(billing, "charge", killed)
            with pytest.raises(Killed):
                billing.handler(event, context)

    return kill_at


@pytest.fixture
def remembered():
    """What the table holds, by the part of the id before the hash."""

    def remembered(prefix):
        items = boto3.client("dynamodb").scan(TableName="Idempotency")["Items"]
        return [item for item in items if item["id"]["S"].startswith(f"{prefix}#")]

    return remembered
