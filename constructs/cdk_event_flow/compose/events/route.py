"""A route: the rules that send what matches to receivers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.edge import beside, seconds, within
from cdk_event_flow.compose.events.targets.by_policy import EVENTS, from_rule
from cdk_event_flow.compose.events.targets.kinds import kind_of
from cdk_event_flow.compose.events.targets.target import Kind, Target
from cdk_event_flow.compose.functions.role import service_role
from cdk_event_flow.compose.known import path_of
from cdk_event_flow.compose.messaging.managed_keys import managed_key_problems
from cdk_event_flow.compose.messaging.queue import undelivered
from cdk_event_flow.compose.messaging.queue_policy import let
from cdk_event_flow.compose.messaging.receivers_keys import open_key
from cdk_event_flow.compose.observe.alarms import watch_rule
from cdk_event_flow.compose.observe.parts import Rule, add_rule, part_of
from cdk_event_flow.compose.statements import allowing
from cdk_event_flow.errors import Problem
from constructs import Construct

EVENTBRIDGE_QUOTAS = "EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)"
MAX_TARGETS = 5


@dataclass(frozen=True, kw_only=True)
class Trying:
    """How long EventBridge tries to deliver to each target of a rule.

    `retries` 0 to 185 and `max_age` 60 seconds to 24 hours (defaults: the most of both, as AWS has them).
    """

    retries: int = 185
    max_age: timedelta = timedelta(hours=24)

    def problems(self) -> list[Problem]:
        """What EventBridge would refuse."""
        return [
            *within("EF-RULE-RETRIES", "retries", self.retries, 0, 185, unit="retries", source=EVENTBRIDGE_QUOTAS,
                    fix="choose a number in that range"),
            *within("EF-RULE-AGE", "max_age", seconds(self.max_age), 60, 86_400, unit="seconds",
                    source=EVENTBRIDGE_QUOTAS, fix="choose an age in that range"),
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Route:
    """What `route` made: one rule for every five targets of a stack, and the roles of those that need one."""

    rules: tuple[events.CfnRule, ...]
    roles: tuple[iam.Role, ...] = field(default=())


def make_route(
    scope: Construct,
    id: str,
    *,
    bus_name: str | None,
    when: Mapping[str, Any],
    targets: Sequence[Target],
    trying: Trying,
    dead_letters: sqs.IQueue | None,
) -> Route:
    """Make the rules: `when` is their pattern or schedule, as CloudFormation's properties have it.

    Targets in another stack get a rule there, which needs the bus alone.
    """
    rules: list[events.CfnRule] = []
    roles: list[iam.Role] = []
    bus = part_of(scope)
    homes: dict[str, tuple[Construct, str, list[tuple[Target, Kind]]]] = {}
    for target in targets:
        home, name = beside(target.to, scope, id)
        homes.setdefault(home.node.path, (home, name, []))[2].append((target, kind_of(target)))
    for home, name, kinds in homes.values():
        unsent = dead_letters or undelivered(home)
        if dead_letters:
            open_key(dead_letters, EVENTS, home)
        failing = "Failing" if home is scope else f"{path_of(scope).rpartition('/')[2]}Failing"
        for number, start in enumerate(range(0, len(kinds), MAX_TARGETS), start=1):
            part = kinds[start : start + MAX_TARGETS]
            own = name if number == 1 else f"{name}{number}"
            role = _role(home, f"{own}Role", part)
            given = [_properties(index, target, kind, role, trying, unsent) for index, (target, kind) in enumerate(part)]
            rule = events.CfnRule(home, own, event_bus_name=bus_name, **when, targets=given)
            let(unsent, from_rule("sqs:SendMessage", unsent, unsent.queue_arn, rule))
            for target, kind in part:
                kind.permit(rule)
                open_key(target.to, EVENTS, rule)
            rules.append(rule)
            watched = _metric_dimensions(bus_name, rule)
            watch_rule(home, failing, f"{path_of(home)}/{own}", watched, of=bus)
            add_rule(home, Rule(f"{path_of(home)}/{own}", path_of(scope), watched), rule)
            roles += [role] if role else []
        if len(kinds) > MAX_TARGETS:
            cdk.Annotations.of(rules[-1]).add_info_v2(
                "cdk-event-flow:split", f"{len(kinds)} targets stand in several rules: EventBridge allows {MAX_TARGETS} a rule"
            )
    return Route(rules=tuple(rules), roles=tuple(roles))


def _metric_dimensions(bus_name: str | None, rule: events.CfnRule) -> dict[str, Any]:
    """How CloudWatch knows a rule: by its name, and by its bus where that is not the default one. The ARN ends with both."""
    if bus_name is None:
        return {"RuleName": _part(rule.attr_arn, 1)}
    partner = bus_name.count("/") if bus_name.startswith("aws.partner/") else 0
    return {"EventBusName": bus_name, "RuleName": _part(rule.attr_arn, 2 + partner)}


def _part(arn: str, index: int) -> dict[str, Any]:
    return {"Fn::Select": [index, {"Fn::Split": ["/", arn]}]}


def target_problems(targets: Sequence[Target]) -> list[Problem]:
    """What EventBridge would refuse of the targets."""
    if not targets:
        return [
            Problem(code="EF-RULE-TARGETS", given="a route to nothing",
                    allowed="EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html) does nothing "
                    "for a rule without a target",
                    fix="give at least one receiver")
        ]  # fmt: skip
    return [
        problem
        for target in targets
        for problem in (
            *kind_of(target).problems(),
            *managed_key_problems(target.to, "the target", "EventBridge"),
            *(target.input.problems() if target.input else ()),
        )
    ]


def dead_letter_problems(queue: Any) -> list[Problem]:
    """What EventBridge does not take for what it could not deliver."""
    if queue is None:
        return []
    problems = managed_key_problems(queue, "dead_letters", "EventBridge")
    if queue.fifo:
        problems.append(
            Problem(code="EF-RULE-DEAD-LETTERS", given="dead_letters is a FIFO queue",
                    allowed="EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html) takes standard "
                    "queues only", fix="give a standard queue, or leave it out")
        )  # fmt: skip
    return problems


def _properties(
    index: int, target: Target, kind: Kind, role: iam.Role | None, trying: Trying, dead_letters: sqs.IQueue
) -> events.CfnRule.TargetProperty:
    more: dict[str, Any] = {**kind.properties(), **(target.input.properties() if target.input else {})}
    if role and kind.actions():
        more["role_arn"] = role.role_arn
    return events.CfnRule.TargetProperty(
        arn=kind.arn,
        id=f"Target{index}",
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead_letters.queue_arn),
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=seconds(trying.max_age), maximum_retry_attempts=trying.retries
        ),
        **more,
    )


def _role(scope: Construct, id: str, part: Sequence[tuple[Target, Kind]]) -> iam.Role | None:
    """The role of the targets that need one: a statement an action, on these targets alone."""
    resources: dict[str, list[str]] = {}
    for _, kind in part:
        for action, allowed in kind.actions().items():
            resources.setdefault(action, []).extend(allowed)
    if not resources:
        return None
    stack = cdk.Stack.of(scope)
    passing = {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    return service_role(
        scope,
        id,
        "events",
        [allowing([action], allowed, passing if action == "iam:PassRole" else None) for action, allowed in resources.items()],
        {"StringEquals": {"aws:SourceAccount": stack.account}},
    )
