"""Buses, their routes to every kind of target, schedules, and functions that publish."""

from datetime import datetime, timedelta

from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as stepfunctions

from cdk_event_flow import (
    Archive,
    BusLogs,
    Cron,
    EventBus,
    Every,
    FixedInput,
    InputPath,
    InputTransformer,
    Queue,
    Schedule,
    Target,
    Topic,
    Trying,
)

from . import messaging
from .composition import Made
from .functions import a_function
from .vocabulary import EVENTS, pattern, taken

TIMETABLES = (
    {"cron": "0 2 * * ? *"},
    {"cron": "0/15 8-18 ? * MON-FRI *", "timezone": "Europe/Berlin"},
    {"cron": "30 6 L * ? 2027-2090", "timezone": "America/New_York", "window": timedelta(minutes=15)},
    {"every": timedelta(minutes=1), "starting": datetime(2030, 1, 1), "ending": datetime(2031, 1, 1)},
    {"every": timedelta(hours=36)},
    {"at": datetime(2040, 12, 24, 18, 30), "timezone": "Asia/Tokyo"},
)
INPUTS = (
    InputPath("$.detail"),
    FixedInput({"kind": "tick"}),
    InputTransformer({"order": "<order>", "rule": "<aws.events.rule-name>"}, {"order": "$.detail.order"}),
    InputTransformer("order <order> of <source>", {"order": "$.detail.order", "source": "$.source"}),
)


def bus(made):
    """A bus, its events declared or not, and routes that take every one of them."""
    rnd, at = made.rnd, made.stack()
    scope, more = made.stacks[at], {}
    if made.chance(0.2):
        more["partner"] = f"aws.partner/example.com/{made.id('shop')}"
    elif made.chance(0.2):
        more["key"] = kms.Key(scope, made.id("Key"), enable_key_rotation=True)
    if made.chance(0.5):
        more["archive"] = rnd.choice(
            (timedelta(days=1), timedelta(days=365), Archive(), Archive(where={"source": [{"prefix": "shop."}]}))
        )
    if made.chance(0.3):
        more["logs"] = BusLogs(level=rnd.choice(("ERROR", "INFO", "TRACE")), detail=made.chance(0.3))
    models = _some_events(made)
    declared = models if made.chance(0.7) else []
    here = EventBus(scope, made.id("Bus"), publishes=declared, **more)
    if made.chance(0.3):
        here.allow_from(**rnd.choice(({"accounts": ["444455556666"]}, {"organization": "o-exampleorg1"})))
    made.buses.append((Made(at, here), models))
    _routes(made, at, here, models, declared or EVENTS)


def default_bus(made):
    """The account's default bus: routes of events, and a rule with a schedule."""
    at = made.stack()
    here = EventBus(made.stacks[at], made.id("Default"), bus="default")
    _routes(made, at, here, _some_events(made), EVENTS)
    if made.chance(0.5):
        to = a_function(made, least=at, durable=True)
        here.route(made.id("Tick"), made.rnd.choice((Cron("0 9 ? * 2 *"), Every(timedelta(hours=6)))), to=to.it)


def _some_events(made):
    return sorted(made.rnd.sample(EVENTS, made.rnd.randint(1, 3)), key=EVENTS.index)


def _routes(made, at, here, models, standing):
    left = models
    while left:
        several = left[: made.rnd.randint(1, 2)]
        _route(made, at, here, several, standing)
        left = [model for model in left if model not in several]


def _route(made, at, here, models, standing):
    """A route of these events to some receivers, of those that may stand on the bus; as models, or by a pattern."""
    match, asked = (models, set()) if made.chance(0.5) else pattern(made.rnd, models)
    let_through = taken(match, standing) if isinstance(match, dict) else models
    kinds, often = zip(*TARGETS, strict=True)
    kinds = made.rnd.choices(kinds, often, k=made.rnd.choice((1, 1, 2, 3, 6)))
    receivers = [kind(made, made.stack(at), let_through, asked) for kind in kinds]
    trying = made.some(0.3, lambda: {"trying": Trying(retries=made.rnd.randint(0, 185), max_age=timedelta(hours=1))})
    here.route(made.id("Route"), match, to=[to for to, _ in receivers], **trying)
    for _, after in receivers:
        after()


def _nothing():
    """Nothing to do once the route stands."""


def to_function(made, at, models, asked):
    """A function."""
    to = a_function(made, least=at, durable=True)
    made.hear(to, models)
    return _shaped(made, to.it), _nothing


def to_queue(made, at, models, asked):
    """A queue that somebody outside works through."""
    return _shaped(made, messaging.resting(made, at)), _nothing


def to_fifo_queue(made, at, models, asked):
    """A FIFO queue."""
    return Target(to=messaging.resting(made, at, fifo=True), group=made.rnd.choice(("all", "orders"))), _nothing


def to_consumed_queue(made, at, models, asked):
    """A queue that a function works through."""
    queue, to = messaging.worked_through(made, at)
    made.hear(to, models)
    return _shaped(made, queue), _nothing


def to_topic(made, at, models, asked):
    """A topic; once the route stands, each event is subscribed to."""
    topic = Topic(made.stacks[at], made.id("Topic"))
    return topic, lambda: messaging.fan_out_all(made, at, topic, models, asked)


def to_bus(made, at, models, asked):
    """Another bus, with a route on."""
    other = EventBus(made.stacks[at], made.id("OtherBus"))

    def onward():
        receiver, _ = made.rnd.choice((to_queue, to_consumed_queue))(made, made.stack(at), models, asked)
        other.route(made.id("Onward"), models, to=receiver)

    return other, onward


def to_stream(made, at, models, asked):
    """A Kinesis stream."""
    stream = kinesis.Stream(made.stacks[at], made.id("Stream"), stream_mode=kinesis.StreamMode.ON_DEMAND)
    return Target(to=stream, group="$.detail.order") if made.chance(0.5) else stream, _nothing


def to_log_group(made, at, models, asked):
    """A log group."""
    return logs.LogGroup(made.stacks[at], made.id("Log"), retention=logs.RetentionDays.ONE_WEEK), _nothing


def to_state_machine(made, at, models, asked):
    """A state machine."""
    definition = stepfunctions.DefinitionBody.from_string('{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}')
    return stepfunctions.StateMachine(made.stacks[at], made.id("Machine"), definition_body=definition), _nothing


# Each kind of target, and how often. Given the stack it may stand in, the events and the fields of them that the pattern
# asked for already, it gives the target, and what is to be done once the route stands.
TARGETS = (
    (to_function, 6),
    (to_topic, 8),
    (to_queue, 2),
    (to_fifo_queue, 1),
    (to_consumed_queue, 3),
    (to_bus, 1),
    (to_stream, 1),
    (to_log_group, 1),
    (to_state_machine, 1),
)


def _shaped(made, to):
    return Target(to=to, input=made.rnd.choice(INPUTS)) if made.chance(0.3) else to


def schedule(made):
    """A schedule, and what it invokes: something of its stack, or a function of an earlier one."""
    rnd, at = made.rnd, made.stack()
    scope, more = made.stacks[at], dict(rnd.choice(TIMETABLES))
    match rnd.choice(("function", "function", "queue", "topic", "bus")):
        case "function":
            to = a_function(made, most=at, durable=True).it
        case "queue":
            to = Queue(scope, made.id("Queue"))
        case "topic":
            to = Topic(scope, made.id("Topic"))
            messaging.fan_out_to(made, at, to, None, ())
        case "bus":
            to, more["event"] = EventBus(scope, made.id("Bus")), ("shop.clock", "DayBegan")
            to.route(made.id("Route"), {"source": ["shop.clock"]}, to=Queue(scope, made.id("Queue")))
    if made.chance(0.4):
        more["input"] = {"kind": "tick", "at": "<aws.scheduler.scheduled-time>"}
    Schedule(scope, made.id("Schedule"), to=to, **more)


def publisher(made):
    """A function that publishes what comes after all that it hears."""
    for here, models in made.rnd.sample(made.buses, len(made.buses)):
        for to in made.functions:
            last = max((EVENTS.index(each) for each in made.hears.get(to.it.node.path, ())), default=-1)
            later = [model for model in models if EVENTS.index(model) > last]
            if later and to.stack >= here.stack:
                here.it.allow_publishing(to.it, later)
                return
