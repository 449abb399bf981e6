"""The dashboard of a stack: the states of its alarms, then its parts in the order of their flow, each with what to do.

Made for every stack that has something of ours, unless the context `cdk-event-flow:dashboard` is False (for an app or a stack):
a dashboard costs 3 dollars a month, of which an account has three with up to 50 metrics free.
"""

from collections.abc import Callable, Sequence
from typing import Any

import aws_cdk as cdk

from cdk_event_flow.compose.known import once, path_of, value_of
from cdk_event_flow.compose.observe import graphs
from cdk_event_flow.compose.observe.body import Body, Graph, Names, plain
from cdk_event_flow.compose.observe.parts import Composed, Kind, Part, Rule

DASHBOARD = "cdk-event-flow:dashboard"
DASHBOARD_ID = "EventFlowDashboard"
_TOPICS_A_ROW = 10
_ALARM = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}/"

WHAT_TO_DO = {
    "bus": "Not delivered: look at the target, its policy and its key, then redrive `Undelivered`.",
    "topic": "Not delivered: look at the receiver's policy and key. No JSON: the publisher's body cannot be filtered.",
    "queue": "Nothing of ours works through it here.",
    "consumer": "Dead letters: `event-flow dlq show`, mend, redrive. Falls behind: errors and throttles first.",
    "function": "Errors: read the log; if they began with a release, roll back. Throttles: raise the concurrency.",
    "stream": "Refused: spread the partition keys, or give it more shards.",
    "pipe": "Failed: the pipe's log names the step, enrichment or target, and its answer.",
    "schedule": "All schedules of the account's group `default` together, as Scheduler counts them.",
    "workers": "No workers: read the service's events and why its tasks stopped. Falls behind: allow more of them.",
    "api": "Failed: `integrationErrorMessage` in the log of requests, then the function's log.",
    "dead letters": "What no other queue could keep. `event-flow dlq show` says what it is and why it failed.",
}


def prepare(found: Composed) -> None:
    """Make the dashboard's resource, unless there shall be none; what it shows is written when all is composed."""
    wanted = value_of(found.stack, DASHBOARD, lambda stack: stack.node.try_get_context(DASHBOARD))
    if str(wanted).lower() != "false":
        found.dashboard = once(found.stack, DASHBOARD_ID, _make)


def _make(stack: cdk.Stack) -> cdk.CfnResource:
    return cdk.CfnResource(stack, DASHBOARD_ID, type="AWS::CloudWatch::Dashboard", properties={"DashboardBody": "{}"})


def draw(found: Composed) -> None:
    """Write what the dashboard shows."""
    if found.dashboard is None:
        return
    names = Names(path_of(found.stack))
    text = body_of(found, names).text()
    body: Any = {"Fn::Sub": [text, names.values]} if names.values else {"Fn::Sub": text}
    found.dashboard.add_property_override("DashboardBody", body)


def body_of(found: Composed, names: Names) -> Body:
    """The widgets, from the top."""
    body = Body()
    body.words(
        f"# {plain(path_of(found.stack))}\nWritten by the deployment: what is changed here is lost. Each alarm says what to do: "
        "open it here, or ask `event-flow alarms --stack ${AWS::StackName}`."
    )
    body.alarms([f"{_ALARM}{plain(alarm.name)}" for alarm in sorted(found.alarms, key=lambda alarm: not alarm.of_flow)])
    for title, what, rows in _sections(found, names):
        body.words(f"## {plain(title)}\n{what}")
        for row in rows:
            body.graphs(row)
    return body


_Section = tuple[str, str, list[list[Graph]]]


def _sections(found: Composed, names: Names) -> list[_Section]:
    def each(kind: Kind, drawn: Callable[[Part, Names], list[Graph]]) -> list[_Section]:
        return [(_title(found, part), WHAT_TO_DO[kind], [drawn(part, names)]) for part in _of(found, kind)]

    consumed = {feeder for part in found.parts for feeder in part.fed_by if part.kind in ("function", "workers")}
    buses: dict[str, list[Rule]] = {}
    for rule in found.rules:
        buses.setdefault(rule.bus, []).append(rule)
    topics = [part for part in _of(found, "topic") if any(part in each.fed_by for each in found.parts) or part.fed_by]
    return [
        *each("api", graphs.of_api),
        *((_below(found, bus), WHAT_TO_DO["bus"], list(graphs.of_bus(rules, names))) for bus, rules in buses.items()),
        *_topics(topics, names),
        *(
            section
            for part in _of(found, "function")
            for section in _consumer(found, part, names)
        ),
        *each("workers", graphs.of_workers),
        *((_title(found, part), WHAT_TO_DO["queue"], [graphs.of_queue(part, names)])
          for part in _of(found, "queue") if part not in consumed),
        *each("stream", graphs.of_stream),
        *each("pipe", graphs.of_pipe),
        *([("Schedules", WHAT_TO_DO["schedule"], [graphs.of_schedules()])] if _of(found, "schedule") else ()),
        *each("dead letters", graphs.of_dead_letters),
    ]  # fmt: skip


def _topics(topics: Sequence[Part], names: Names) -> list[_Section]:
    rows = [graphs.of_topics(topics[start : start + _TOPICS_A_ROW], names) for start in range(0, len(topics), _TOPICS_A_ROW)]
    return [("Topics", WHAT_TO_DO["topic"], rows)] if rows else []


def _consumer(found: Composed, part: Part, names: Names) -> list[_Section]:
    """A function with the queues of this stack that it works through, the first beside it. A queue of another stack is shown
    there: a dashboard is no reason for stacks to depend on each other."""
    queues = [feeder for feeder in part.fed_by if feeder.kind == "queue" and feeder in found.parts]
    own = graphs.of_function(part, names)
    if not queues:
        return [(_title(found, part), WHAT_TO_DO["function"], [own])]
    first, *others = (graphs.of_queue(queue, names) for queue in queues)
    beside = [[*first, *own]] if len(own) == 2 else [first, own]
    return [(_title(found, part), WHAT_TO_DO["consumer"], [*beside, *others])]


def _of(found: Composed, kind: Kind) -> list[Part]:
    return [part for part in found.parts if part.kind == kind]


def _title(found: Composed, part: Part) -> str:
    """What it is called in its stack, and what feeds it."""
    own = _name(found, part)
    return f"{own} ← {', '.join(_name(found, each) for each in part.fed_by)}" if part.fed_by else own


def _name(found: Composed, part: Part) -> str:
    path = f"{part.path}/{part.facts['id']}" if part.kind == "dead letters" else part.path
    return _below(found, path)


def _below(found: Composed, path: str) -> str:
    return path.removeprefix(f"{path_of(found.stack)}/")
