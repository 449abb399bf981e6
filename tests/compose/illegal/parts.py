"""What a stack has of legal parts, that illegal calls refer to."""

from datetime import timedelta
from typing import Literal, NamedTuple

from aws_cdk import aws_lambda as lambda_
from pydantic import BaseModel, Field

from cdk_event_flow import EventBus, Function, Queue, Stream, Topic
from tests.compose.synthesis import new_stack


class Sale(BaseModel):
    """What was sold."""

    order: str
    total: float


class Sold(BaseModel):
    """An event that is declared on the bus."""

    source: Literal["shop"]
    detail_type: Literal["Sold"] = Field(alias="detail-type")
    detail: Sale


class Call(NamedTuple):
    """A call that must be refused: `at` is the construct path that the error names, from the stack on."""

    make: object
    at: str
    code: str


class Parts:
    """A stack with a function, queues, topics, buses and a stream."""

    def __init__(self):
        self.stack = new_stack()
        self.function = Function(
            self.stack, "Work", code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x",
            timeout=timedelta(seconds=10),
        )  # fmt: skip
        self.queue, self.fifo_queue = Queue(self.stack, "Jobs"), Queue(self.stack, "Ordered", fifo=True)
        self.topic, self.fifo_topic = Topic(self.stack, "News"), Topic(self.stack, "OrderedNews", fifo=True)
        self.bus, self.stream = EventBus(self.stack, "Bus", publishes=[Sold]), Stream(self.stack, "Clicks")
        self.fed = Topic(self.stack, "Fed")
        self.bus.route("Feed", [Sold], to=self.fed)


def outside(rnd, low, high, far=1_000_000):
    """A number just or far outside low..high."""
    return rnd.choice((low - 1, high + 1, low - rnd.randint(1, far), high + rnd.randint(1, far)))


def seconds(rnd, low, high, step=1):
    """A period outside low..high seconds, in whole steps."""
    return timedelta(seconds=rnd.choice((low - step, high + step, high + step * rnd.randint(1, 100_000))))


def word(rnd):
    """Letters that are no word of AWS's."""
    return "".join(rnd.choice("bcdfgklmnprstvwz") for _ in range(rnd.randint(3, 12)))


def misspelt(rnd):
    """An operator that SNS and EventBridge do not know, by a letter."""
    name = rnd.choice(("prefix", "suffix", "numeric", "exists", "anything-but", "equals-ignore-case", "cidr"))
    at = rnd.randrange(len(name) - 1)
    return rnd.choice((name[:at] + name[at + 1 :], name.upper(), name[:at] + name[at + 1] + name[at] + name[at + 2 :] + "x"))
