"""EF6xx: events that come back to what published them."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Bus, EventSchema, Function, Rule, Topic
from cdk_event_flow.flow.published import allowances
from cdk_event_flow.flow.publishers import allowed, publishers
from cdk_event_flow.flow.sent import send
from cdk_event_flow.flow.sources import Bucket, BucketNotifications
from cdk_event_flow.flow.witnesses import asked_of, declared, of_rule

LOOPS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules-best-practices.html"
RECURSION = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"
UPLOADS = "https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html"


def _returning(flow: Flow) -> Iterator[tuple[Function, Bus]]:
    """Functions that publish to a bus from which they can be reached, filters aside."""
    for function, receiver, _ in publishers(flow):
        if isinstance(receiver, Bus) and receiver.arn in flow.ways.upstream(function.arn):
            yield function, receiver


@finds(
    "EF601",
    "error",
    "Function invoked by the events it publishes",
    why="Each invocation leads to the next, until Lambda or the bill stops it",
    docs=LOOPS,
)
def functions_that_invoke_themselves(flow: Flow) -> Iterator[Found]:
    """Functions whose role lets them publish an event declared in the template that comes back to them."""
    for function, bus in _returning(flow):
        limits = [limit for limit in allowances(flow, function, bus) if limit.sources is not None or limit.detail_types is not None]
        for schema in flow.of(EventSchema):
            events = declared(schema, asked_of(flow, bus, schema)) if any(limit.admits(schema) for limit in limits) else ()
            if any(send(flow, bus, event).reaches(function.arn) for event in events):
                yield Found(
                    function,
                    f"It publishes {schema.detail_type} to {bus.path}, which leads back to it.",
                    "Narrow the rule or filter that leads back, or take the event from what the function may publish.",
                )


@finds(
    "EF602",
    "warning",
    "Function that may publish what invokes it",
    why="Nothing in the template keeps it from invoking itself",
    docs=LOOPS,
)
def functions_that_may_invoke_themselves(flow: Flow) -> Iterator[Found]:
    """Functions fed by a bus that they may put any event on."""
    for function, bus in _returning(flow):
        limits = allowances(flow, function, bus)
        if not limits or any(limit.sources is None and limit.detail_types is None for limit in limits):
            yield Found(
                function,
                f"It is invoked by events of {bus.path}, and may publish any event there.",
                "Limit what its role may publish by the conditions events:source and events:detail-type.",
            )


@finds(
    "EF603",
    "warning",
    "Function that publishes to its own queue or topic",
    why="Lambda stops such a loop after about 16 rounds and sends the message to the dead letters",
    docs=RECURSION,
)
def functions_that_publish_to_their_own_source(flow: Flow) -> Iterator[Found]:
    """Functions whose messages come back to them over queues and topics, without a filter in between."""
    for function, receiver, _ in publishers(flow):
        # What comes from a bus comes by a rule, which is a filter.
        if receiver.arn in flow.ways.upstream(function.arn, past_filters=False):
            kind = "topic" if isinstance(receiver, Topic) else "queue"
            yield Found(
                function,
                f"It publishes to the {kind} {receiver.path}, which leads back to it.",
                "Use another queue or topic for what it publishes, or a filter that ends the loop.",
            )


@finds(
    "EF604",
    "warning",
    "Function that may write objects that invoke it",
    why="Each object leads to the next, until Lambda sees the loop, which it cannot over EventBridge, or the bill stops it",
    docs=UPLOADS,
)
def functions_that_write_what_invokes_them(flow: Flow) -> Iterator[Found]:
    """Functions whose role lets them put an object, of a key that filters ask for, of which they are told in the end."""
    for function in flow.of(Function):
        for bucket, keys in _writable(flow, function):
            if bucket.arn not in flow.ways.upstream(function.arn):
                continue
            for key in _keys(keys, flow.ways.compiled("keys asked for", lambda: _asked(flow))):
                if send(flow, bucket, {"key": key}).reaches(function.arn):
                    yield Found(
                        function,
                        f"It may write {key} to {bucket.path}, and is invoked by such an object.",
                        "Write to another bucket, or let it write under one prefix and be told of another.",
                    )
                    break


def _writable(flow: Flow, function: Function) -> Iterator[tuple[Bucket, str]]:
    """The buckets that a function's role names, each with the keys that it may write, with `*` in them."""
    buckets = flow.of(Bucket)
    for action, arn in dict.fromkeys(allowed(flow, function.role_arn)):
        for bucket in buckets:
            if fnmatchcase("s3:putobject", action) and arn.startswith(f"{bucket.arn}/"):
                yield bucket, arn.removeprefix(f"{bucket.arn}/")


def _asked(flow: Flow) -> list[str]:
    """Keys that notifications and rules on events of buckets ask for."""
    told = [*(each.notifications for each in flow.of(Bucket)), *(each.notifications for each in flow.of(BucketNotifications))]
    keys = [f"{each.prefix}object{each.suffix}" for notifications in told for each in notifications]
    for rule in flow.of(Rule):
        for event in of_rule(flow, rule, rule.pattern):
            detail = event.get("detail")
            found = detail.get("object") if isinstance(detail, dict) else None
            key = found.get("key") if isinstance(found, dict) else None
            keys.append(key if isinstance(key, str) else "object")
    return keys


def _keys(writable: str, asked: list[str]) -> Iterator[str]:
    """Keys that may be written: those asked for, and what of them fits under the prefix that may be written."""
    prefix = writable.partition("*")[0].partition("?")[0]
    for one in dict.fromkeys(asked):
        name = one.rpartition("/")[2]
        for key in (one, f"{prefix}object{name}" if name.startswith(".") else prefix + name, prefix + one):
            if fnmatchcase(key, writable.replace("[", "[[]")):
                yield key
