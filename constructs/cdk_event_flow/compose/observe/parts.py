"""What is composed, as those who watch it need it: parts, what feeds what, and the alarms of each. In this process only.

Everything else is read from the template; but a dashboard, the actions of alarms and an alarm of a whole flow stand in it.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.finish import when_composed
from cdk_event_flow.compose.known import path_of, stack_of
from constructs import Construct, IConstruct

AnyAlarm = cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm
# In the order of a flow.
Kind = Literal["api", "stream", "bus", "topic", "queue", "function", "workers", "pipe", "schedule", "dead letters"]

ASYNCHRONOUS = ("bus", "topic", "schedule")  # what invokes a function without waiting for it
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: 255, of which a stack's name takes 128.
LONGEST = 126


@dataclass(eq=False)
class Alarmed:
    """An alarm of ours: `path` is its construct path, `name` what it is called below the name of its stack, `of` the parts that
    it watches, where that is not the one it stands in; `of_flow` says that it is an alarm of other alarms."""

    resource: AnyAlarm
    path: str
    name: str
    of: "list[Part]" = field(default_factory=list)
    of_flow: bool = False


@dataclass(eq=False)
class Part:
    """A bus, a queue, a function …: at `path`, and by `called` as its metrics name it (a token).

    `facts` are what its graphs want besides. `fed_by` are the parts that hand it something, and `scope` is where what
    belongs to it is made.
    """

    kind: Kind
    path: str
    scope: Construct
    called: Any
    facts: dict[str, Any] = field(default_factory=dict)
    fed_by: list["Part"] = field(default_factory=list)

    def upstream(self) -> Iterator["Part"]:
        """The part itself, and all that feeds it, each once: the nearest first."""
        found = [self]
        for each in found:
            found += [feeder for feeder in dict.fromkeys(each.fed_by) if feeder not in found]
        yield from found


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule at `path` by the `dimensions` of its metrics, and what its bus is called; it may stand in another stack than its bus."""

    path: str
    bus: str
    dimensions: Mapping[str, Any]


@dataclass(eq=False)
class Composed:
    """What one stack has: its parts, rules and alarms, in the order in which they were made."""

    stack: cdk.Stack
    parts: list[Part] = field(default_factory=list)
    alarms: list[Alarmed] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    dashboard: cdk.CfnResource | None = None
    log_groups: list[str] = field(default_factory=list)
    queries: list[list[logs.CfnQueryDefinition]] = field(default_factory=list)
    finishing: list[Callable[[], None]] = field(default_factory=list)


_COMPOSED: WeakKeyDictionary[cdk.Stack, Composed] = WeakKeyDictionary()
_PARTS: WeakKeyDictionary[IConstruct, Part] = WeakKeyDictionary()


def add_part(*known_as: IConstruct, kind: Kind, scope: Construct, called: Any, near: IConstruct, **facts: Any) -> Part:
    """Note a part. `known_as` are the constructs by which it is given to others, `near` a small resource of it."""
    part = Part(kind=kind, path=path_of(scope), scope=scope, called=called, facts=facts)
    for each in known_as:
        _PARTS[each] = part
    found = _within(scope, near)
    found.parts.append(part)
    if group := facts.get("logs"):
        from cdk_event_flow.compose.observe import queries  # it imports this module

        queries.prepare(found, group)
    return part


def add_rule(scope: Construct, rule: Rule, near: IConstruct) -> None:
    """Note a rule that was made in `scope`."""
    _within(scope, near).rules.append(rule)


def add_alarm(scope: Construct, id: str, resource: AnyAlarm, *, of: Part | None = None) -> Alarmed:
    """Note an alarm that was made in `scope`, and of what it is."""
    path = f"{path_of(scope)}/{id}"
    made = Alarmed(resource, path, name_below(scope, id), [of] if of else [])
    _within(scope, resource).alarms.append(made)
    return made


def alarms_of(part: Part) -> Iterator[Alarmed]:
    """The alarms that watch a part: said to, or standing in it and in no other part inside of it."""
    for found in _COMPOSED.values():
        for each in found.alarms:
            if part in each.of or (not each.of and _holder(found, each) is part):
                yield each


def alarms_in(stack: cdk.Stack) -> dict[IConstruct, str]:
    """The paths of the alarms of ours in a stack, by their resources."""
    return {each.resource: each.path for each in _COMPOSED[stack].alarms} if stack in _COMPOSED else {}


def _holder(found: Composed, alarm: Alarmed) -> Part | None:
    holding = [part for part in found.parts if alarm.path.startswith(f"{part.path}/")]
    return max(holding, key=lambda part: len(part.path), default=None)


def part_of(given: Any) -> Part | None:
    """The part that a construct is, ours or the CDK's own inside of ours; None for what was made elsewhere."""
    if isinstance(given, Construct) and given in _PARTS:
        return _PARTS[given]
    if hasattr(given, "consumer"):
        return _PARTS.get(given.consumer.scope)
    receiver = getattr(given, "receiver", given)
    return _PARTS.get(receiver) if isinstance(receiver, Construct) else None


def feeds(source: Any, *receivers: Any) -> None:
    """Note that `source` hands the receivers something; what was made elsewhere is not watched, and left out."""
    feeder = part_of(source)
    for each in receivers:
        receiver = part_of(each)
        if feeder and receiver and feeder not in receiver.fed_by:
            receiver.fed_by.append(feeder)
            if receiver.kind == "function" and feeder.kind in ASYNCHRONOUS:
                from cdk_event_flow.compose.observe.alarms import watch_untold  # it imports this module

                watch_untold(receiver.scope, receiver.called)


def when_all_is_known(scope: Construct, near: IConstruct, then: Callable[[], None]) -> None:
    """Call `then` when the whole app is composed."""
    _within(scope, near).finishing.append(then)


def _within(scope: Construct, near: IConstruct) -> Composed:
    stack = stack_of(scope)
    if stack not in _COMPOSED:
        from cdk_event_flow.compose.observe.dashboard import prepare

        found = _COMPOSED[stack] = Composed(stack)
        prepare(found)
        when_composed(scope, near, lambda: _finish(found))
    return _COMPOSED[stack]


def _finish(found: Composed) -> None:
    from cdk_event_flow.compose.observe import dashboard, destinations, queries  # they import this module

    for then in found.finishing:
        then()
    destinations.send(found)
    dashboard.draw(found)
    queries.write(found)


def name_below(scope: Construct, id: str) -> str:
    """What an alarm that is made in `scope` is called below the name of its stack: its path, cut where CloudWatch would refuse it."""
    name = f"{path_of(scope)}/{id}".removeprefix(f"{path_of(stack_of(scope))}/")
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
