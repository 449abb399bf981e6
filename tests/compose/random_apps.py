"""Random apps of our own constructs, all of them legal and sensible: nothing in them deserves a finding.

One small function a kind of construct: it draws what it needs of what was made before, makes one, and says what hears
what. A new construct is one more function here, and one more line in `compose`.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from pydantic import BaseModel, Field, create_model

from cdk_event_flow import (
    AllAtOnce,
    Asynchronous,
    Canary,
    DeadLetters,
    EventBus,
    Function,
    Linear,
    Logs,
    PrivateNetwork,
    PythonFunction,
    Queue,
    Schedule,
    Topic,
    Trying,
)
from cdk_event_flow.compose.sources.mappings import consume
from cdk_event_flow.match import EventPattern

CONTEXT = {
    **json.loads((Path(__file__).parents[2] / "cdk.json").read_text("utf-8"))["context"],
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "@aws-cdk/core:validateAgainstDefaultRules": False,  # slow, and the reference app is validated
}
PLACES = ({}, {}, {"account": "111122223333", "region": "eu-central-1"})
RELEASES = (AllAtOnce(), AllAtOnce(), Canary(percent=10, every=timedelta(minutes=5)), Linear(percent=20, every=timedelta(minutes=2)))
TIMETABLES = (
    {"cron": "0 2 * * ? *"},
    {"cron": "0/15 8-18 ? * MON-FRI *", "timezone": "Europe/Berlin"},
    {"cron": "30 6 L * ? 2027-2030", "timezone": "America/New_York"},
    {"every": timedelta(minutes=1)},
    {"every": timedelta(hours=36)},
    {"every": timedelta(days=7)},
)


class Item(BaseModel):
    """One line of an order."""

    sku: str
    quantity: int


def event(source, detail_type, **detail):
    """An event model: what its detail holds, by field."""
    inside = create_model(f"{detail_type}Detail", **{name: (kind, ...) for name, kind in detail.items()})
    envelope = {"source": (Literal[source], ...), "detail_type": (Literal[detail_type], Field(alias="detail-type"))}
    return create_model(detail_type, **envelope, detail=(inside, ...))


# In this order: a function publishes only what comes after all that it hears, so that nothing goes round.
EVENTS = (
    event("shop.orders", "OrderSubmitted", order=str, region=Literal["eu", "us", "apac"], total=float, items=list[Item]),
    event("shop.orders", "OrderCancelled", order=str, region=Literal["eu", "us"], note=str | None),
    event("shop.packing", "OrderPacked", order=str, total=float, tags=list[str]),
    event("shop.packing", "PackingFailed", order=str, reason=Literal["too-heavy", "damaged"], note=str | None),
    event("shop.billing", "Paid", order=str, total=float, paid=bool),
)
# What a pattern or filter may ask of a field, whichever event has it.
WANTED = {
    "order": ([{"exists": True}], [{"prefix": "t"}], [{"anything-but": {"prefix": "X-"}}]),
    "region": (["eu"], ["eu", "us"], [{"anything-but": "apac"}], [{"equals-ignore-case": "EU"}], [{"prefix": "e"}, "us"]),
    "total": ([{"numeric": [">", 0]}], [{"numeric": [">=", 1, "<", 100]}], [{"anything-but": 5}], [{"exists": True}]),
    "items": ({"sku": [{"suffix": "t"}]}, {"quantity": [{"numeric": [">", 1]}, 1]}),
    "note": ([{"exists": True}], [None, "text"], [{"anything-but": ["draft", "test"]}]),
    "tags": (["gift", "text"], [{"prefix": "b"}, {"anything-but": "old"}]),
    "reason": (["too-heavy"], [{"suffix": "ed"}], [{"anything-but": ["damaged"]}]),
    "paid": ([True], [True, False]),
}


def kind_of(model):
    """The source and the detail-type of an event model."""
    fields = model.model_fields
    return tuple(fields[name].annotation.__args__[0] for name in ("source", "detail_type"))


def taken(pattern, models):
    """Those events whose envelope a pattern lets through."""
    envelope = {key: value for key, value in pattern.items() if key in ("source", "detail-type")}
    kinds = [(model, *kind_of(model)) for model in models]
    return [m for m, source, name in kinds if EventPattern(envelope).matches({"source": source, "detail-type": name})]


class Made(NamedTuple):
    """A construct, and the number of its stack: what stands in a stack refers to its own and to earlier ones only."""

    stack: int
    it: object


@dataclass
class Composition:
    """An app on its way."""

    rnd: object
    code: Path
    stacks: list
    functions: list = field(default_factory=list)
    networks: list = field(default_factory=list)
    buses: list = field(default_factory=list)
    hears: dict = field(default_factory=dict)
    count: int = 0

    def id(self, kind):
        """A construct id that nothing has."""
        self.count += 1
        return f"{kind}{self.count}"

    def chance(self, of):
        """True as often."""
        return self.rnd.random() < of

    def stack(self, least=0):
        """The number of a stack, from `least` on."""
        return self.rnd.randrange(least, len(self.stacks))

    def function(self, *, least=0, most=None, durable=False):
        """A function that stands in one of these stacks; one is made where there is none, and now and then anyway.

        `durable` functions keep what fails without a queue before them.
        """
        most = len(self.stacks) - 1 if most is None else most
        fit = [each for each in self.functions if least <= each.stack <= most and (not durable or not is_plain(each.it))]
        if not fit or self.chance(0.4):
            return function(self, self.rnd.randint(least, most), durable=durable)
        return self.rnd.choice(fit)

    def hear(self, function, models):
        """The function receives these events."""
        self.hears.setdefault(function.it.node.path, set()).update(models)


def code_in(folder):
    """The folder, now with the least handler there is."""
    (folder / "handler.py").write_text('def handler(event, context):\n    return {"batchItemFailures": []}\n')
    return folder


def compose(rnd, outdir, code):
    """The folder of a random app's assembly. `code` is the folder of the handler that all functions share."""
    app = cdk.App(outdir=str(outdir), context=CONTEXT)
    place = rnd.choice(PLACES)
    env = cdk.Environment(**place) if place else None
    made = Composition(rnd, code, stacks=[])
    for number in range(rnd.choice((1, 1, 2, 3))):
        made.stacks.append(cdk.Stack(app, f"Stack{number}", env=env))
        if made.chance(0.15):
            made.stacks.append(cdk.NestedStack(made.stacks[-1], "Nested"))
            Queue(made.stacks[-1], "Queue")  # CloudFormation takes no nested stack without resources
    for make, least, most in (
        (network, 0, 1),
        (bus, 0, 2),
        (topic_by_itself, 0, 1),
        (imported_topic, 0, 1),
        (queue_by_itself, 0, 2),
        (consumed_queue, 0, 1),
        (schedule, 0, 2),
        (publisher, 0, 2),
    ):
        for _ in range(rnd.randint(least, most)):
            make(made)
    if not made.functions:
        function(made, 0)
    return Path(app.synth().directory)


def network(made):
    """A private network, for functions of its stack and later ones."""
    at = made.stack()
    more = {"cidr": "10.7.0.0/20", "zones": made.rnd.randint(1, 3)} if made.chance(0.5) else {}
    made.networks.append(Made(at, PrivateNetwork(made.stacks[at], made.id("Network"), **more)))


def function(made, at, *, durable=False):
    """A function: mostly in Python, now and then of another runtime, or the CDK's own."""
    rnd, scope = made.rnd, made.stacks[at]
    dice = rnd.random()
    if dice < 0.1 and not durable:
        made_here = plain_function(made, scope)
    elif dice < 0.2:
        made_here = Function(
            scope, made.id("Other"), code=lambda_.Code.from_inline("exports.handler = async () => {}"),
            handler="index.handler", runtime=rnd.choice(("nodejs22.x", "nodejs24.x")), **options(made, at),
        )  # fmt: skip
    else:
        python = rnd.choice(("3.12", "3.13", "3.14", "3.14"))
        made_here = PythonFunction(scope, made.id("Function"), code=made.code, python=python, **options(made, at))
    made.functions.append(Made(at, made_here))
    return made.functions[-1]


def plain_function(made, scope):
    """One of the CDK's own."""
    code, timeout = lambda_.Code.from_inline("def handler(event, context): ..."), cdk.Duration.seconds(made.rnd.randint(1, 60))
    return lambda_.Function(
        scope, made.id("Plain"), code=code, handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_13, timeout=timeout
    )


def is_plain(made_function):
    """Whether it is none of ours."""
    return isinstance(made_function, lambda_.Function)


def options(made, at):
    """Some of what a function can be given."""
    rnd = made.rnd
    networks = [each.it for each in made.networks if each.stack <= at]
    every = {
        "memory": rnd.choice((128, 1_769, 10_240)),
        "timeout": timedelta(seconds=rnd.choice((1, 3, 60, 900))),
        "storage": rnd.choice((512, 4_096)),
        "environment": {"STAGE": "prod", "TABLE": made.stacks[at].stack_name},
        "architecture": rnd.choice(("arm64", "x86_64")),
        "logs": Logs(level=rnd.choice(("DEBUG", "WARN")), retention=timedelta(days=rnd.choice((1, 90, 3_653)))),
        "tracing": rnd.choice(("pass_through", "off")),
        "asynchronous": Asynchronous(retries=rnd.randint(0, 2), max_age=timedelta(seconds=rnd.choice((181, 21_600)))),
        "reserved": rnd.choice((100, 500)),
        "recursion": "allow",
        "release": rnd.choice(RELEASES),
        "idempotent": True,
    }
    chosen = {name: every[name] for name in rnd.sample(sorted(every), rnd.randint(0, 4))}
    return {**chosen, **({"network": rnd.choice(networks)} if networks and made.chance(0.7) else {})}


def bus(made):
    """A bus, declared events or not, and routes that take every one of them."""
    rnd, at = made.rnd, made.stack()
    models = sorted(rnd.sample(EVENTS, rnd.randint(1, 3)), key=EVENTS.index)
    declared = {"publishes": models} if made.chance(0.7) else {}
    archive = {"archive": timedelta(days=rnd.choice((1, 30, 365)))} if made.chance(0.5) else {}
    existing = {"bus": events.EventBus.from_event_bus_name(made.stacks[at], made.id("Default"), "default")}
    here = EventBus(made.stacks[at], made.id("Bus"), **declared, **archive, **(existing if made.chance(0.2) else {}))
    made.buses.append((Made(at, here), models))
    standing, left = models if declared else EVENTS, models
    while left:
        several = left[: rnd.randint(1, 2)]
        route(made, at, here, several, standing)
        left = [model for model in left if model not in several]


def route(made, at, here, models, standing):
    """A route of these events to one to three receivers, as models or as a pattern."""
    kinds = made.rnd.choices((to_function, to_topic, to_queue), (3, 4, 2), k=made.rnd.randint(1, 3))
    match, asked = (models, set()) if made.chance(0.5) else pattern(made, models)
    trying = Trying(retries=made.rnd.randint(0, 185), max_age=timedelta(seconds=made.rnd.choice((60, 86_400))))
    receivers = [receive(made, at, taken(match, standing) if isinstance(match, dict) else models, asked) for receive in kinds]
    here.route(made.id("Route"), match, to=[to for to, _ in receivers], **({"trying": trying} if made.chance(0.3) else {}))
    for _, after in receivers:
        after()


def pattern(made, models):
    """A pattern that takes these events, if not all of each, and the fields of the detail that it asks for."""
    names = sorted(kind_of(model)[1] for model in models)
    shape = made.rnd.choice(("detail-type", "source", "prefix", "detail", "detail", "or", "envelope"))
    if shape == "source":
        return {"source": sorted({kind_of(model)[0] for model in models})}, set()
    if shape == "prefix":
        return {"detail-type": [{"prefix": name[:-1]} for name in names]}, set()
    if shape == "or":
        return {"detail-type": names, "$or": [{"source": ["shop.none"]}, {"source": [{"prefix": "shop."}]}]}, set()
    if shape == "envelope":
        return {"detail-type": names, "replay-name": [{"exists": False}], "time": [{"prefix": "20"}]}, set()
    asked = fields(made, models) if shape == "detail" else {}
    return {"detail-type": names, **({"detail": asked} if asked else {})}, set(asked)


def fields(made, models, *, without=()):
    """What to ask of the detail of these events: a field that all of them have."""
    shared = set.intersection(*(set(model.model_fields["detail"].annotation.model_fields) for model in models))
    names = sorted(shared - set(without))
    return {name: made.rnd.choice(WANTED[name]) for name in made.rnd.sample(names, min(len(names), made.rnd.randint(1, 2)))}


def to_function(made, at, models, asked):
    """A function as a route's target; the route refers to it."""
    to = made.function(most=at, durable=True)
    made.hear(to, models)
    return to.it, lambda: None


def to_queue(made, at, models, asked):
    """A queue as a route's target, consumed or not."""
    rnd = made.rnd
    if made.chance(0.5):
        return Queue(made.stacks[at], made.id("Queue"), **keeping(made)), lambda: None
    to = made.function(least=at)
    made.hear(to, models)
    batch, window = batching(made)
    queue = Queue(made.stacks[at], made.id("Queue"), visibility=timedelta(seconds=6 * timeout_of(to) + window + rnd.choice((0, 7))))
    consume(queue.queue, to.it, id=made.id("From"), batch=batch, window=timedelta(seconds=window))
    return queue, lambda: None


def to_topic(made, at, models, asked):
    """A topic as a route's target: once the route stands, it is fanned out so that each event is taken."""
    topic = Topic(made.stacks[at], made.id("Topic"))

    def fan_out():
        kinds = [models] if made.chance(0.5) else [[model] for model in models]
        for some in kinds:
            more = fields(made, some, without=asked) if made.chance(0.5) else {}
            fan_out_to(made, at, topic, {**envelope(made, some, models), **({"detail": more} if more else {})}, models)

    return topic, fan_out


def envelope(made, some, models):
    """What a filter asks of the envelope, so that it lets through some of these events and perhaps others of them."""
    kinds = [kind_of(model) for model in some]
    return made.rnd.choice(
        (
            {"detail-type": sorted(name for _, name in kinds)},
            {"source": sorted({source for source, _ in kinds})},
            {"detail-type": [{"prefix": name[:5]} for _, name in kinds], "source": [{"suffix": source[4:]} for source, _ in kinds]},
            {"$or": [{"detail-type": [name], "source": [source]} for source, name in kinds]} if len(kinds) > 1 else {},
            {} if some == models else {"detail-type": [{"anything-but": "Nothing"}]},
        )
    )


def fan_out_to(made, at, topic, where, models):
    """One consumer of a topic."""
    to = made.function(least=at)
    made.hear(to, models)
    batch, window = batching(made)
    dead = {"dead_letters": DeadLetters(max_receives=made.rnd.choice((5, 20)))} if made.chance(0.3) else {}
    topic.fan_out(made.id("To"), to=to.it, where=where or None, batch=batch, window=timedelta(seconds=window), **dead)


def batching(made):
    """A batch size and a window in seconds that go together."""
    return made.rnd.choice(((1, 0), (10, 0), (10, 300), (25, 2), (10_000, 60)))


def keeping(made):
    """How long a queue that nothing consumes keeps its messages, and hides them."""
    dead = DeadLetters(max_receives=made.rnd.choice((1, 5, 100)), retention=timedelta(days=14))
    return made.rnd.choice(
        (
            {},
            {"dead_letters": None, "retention": timedelta(days=14)},
            {"dead_letters": dead, "visibility": timedelta(seconds=made.rnd.choice((0, 30, 3_000)))},
            {"visibility": timedelta(hours=12), "retention": timedelta(days=10)},
        )
    )


def timeout_of(made_function):
    """The seconds that a function may run."""
    timeout = made_function.it.timeout
    return int(timeout.total_seconds() if isinstance(timeout, timedelta) else timeout.to_seconds())


def topic_by_itself(made):
    """A topic that somebody outside publishes to."""
    at = made.stack()
    topic = Topic(made.stacks[at], made.id("Topic"))
    for _ in range(made.rnd.randint(0, 2)):
        fan_out_to(made, at, topic, made.rnd.choice((None, {"kind": ["new"]}, {"total": [{"numeric": [">", 5]}], "note": ["a"]})), ())


def imported_topic(made):
    """A topic of the account that another team made."""
    at = made.stack()
    scope = made.stacks[at]
    arn = scope.format_arn(service="sns", resource="news")
    topic = Topic(scope, made.id("Topic"), topic=sns.Topic.from_topic_arn(scope, made.id("News"), arn))
    fan_out_to(made, at, topic, made.rnd.choice((None, {"kind": ["new"]})), ())


def queue_by_itself(made):
    """A queue that somebody outside fills and empties."""
    Queue(made.stacks[made.stack()], made.id("Queue"), fifo=made.chance(0.5), **keeping(made))


def consumed_queue(made):
    """A queue that somebody outside fills, and a function empties."""
    at = made.stack()
    to, fifo = made.function(least=at), made.chance(0.5)
    queue = Queue(made.stacks[at], made.id("Queue"), fifo=fifo, visibility=timedelta(seconds=6 * timeout_of(to)))
    consume(queue.queue, to.it, id=made.id("From"), batch=made.rnd.randint(1, 10))


def schedule(made):
    """A schedule, and the function that it invokes."""
    at = made.stack()
    to = made.function(most=at, durable=True)
    Schedule(made.stacks[at], made.id("Schedule"), to=to.it, **made.rnd.choice(TIMETABLES))


def publisher(made):
    """A function that publishes what comes after all that it hears."""
    for here, models in made.rnd.sample(made.buses, len(made.buses)):
        for to in made.functions:
            last = max((EVENTS.index(each) for each in made.hears.get(to.it.node.path, ())), default=-1)
            later = [model for model in models if EVENTS.index(model) > last]
            if later and to.stack >= here.stack:
                here.it.allow_publishing(to.it, later)
                return
