"""An event bus, and its routes to what receives events."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_eventschemas as eventschemas
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import place, refuse, seconds, within
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.functions.function import Function
from cdk_event_flow.compose.messaging.queue import Queue, undelivered
from cdk_event_flow.compose.messaging.topic import Topic
from cdk_event_flow.errors import PatternError, Problem
from cdk_event_flow.flow.contracts import Contract, unknown_filter_keys
from cdk_event_flow.match import EventPattern
from constructs import Construct

EVENTBRIDGE_QUOTAS = "EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)"
PERMISSION_ID = "InvokedByRules"

Receiver = Topic | Queue | Function | lambda_.FunctionBase


class EventBus(Construct):
    """A custom event bus. `bus` is the CDK's own construct; `bus=` takes an existing or imported one instead.

    `archive` keeps every event that long for replay (1 day or more; default: no archive). `publishes` names the events that
    may stand on the bus, as the pydantic models that producers and consumers parse with: models with a literal `source` and
    `detail-type`. They go to the schema registry with the template, and filters are checked against them.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        archive: timedelta | None = None,
        publishes: Sequence[type] = (),
        bus: events.IEventBus | None = None,
    ) -> None:
        at = place(scope, id)
        contracts = [Contract.from_model(model) for model in publishes]
        if archive is not None:
            refuse(
                at,
                within("EF-BUS-ARCHIVE", "archive", seconds(archive), 86_400, 86_400 * 36_500, unit="seconds",
                       source=EVENTBRIDGE_QUOTAS, fix="keep events for at least one day"),
            )  # fmt: skip
        super().__init__(scope, id)
        self.contracts = contracts
        self.bus: events.IEventBus = bus or events.EventBus(self, "Bus", event_bus_name=None)
        if archive is not None:
            events.CfnArchive(self, "Archive", source_arn=self.bus.event_bus_arn, retention_days=seconds(archive) // 86_400)
        if contracts:
            self._register(contracts)

    @property
    def name(self) -> str:
        """The bus's name, as `PutEvents` wants it (a token until deployed)."""
        return self.bus.event_bus_name

    def allow_publishing(self, function: Consumes | lambda_.FunctionBase, events: Sequence[type]) -> None:
        """Let `function` put these events (models, as in `publishes`) on this bus, and no others.

        So the template tells what the function publishes, and a loop back to the function can be found.
        Raises EventError (EF-CONTRACT) for a model without literal source and detail-type.
        """
        contracts = [Contract.from_model(model) for model in events]
        consumer_of(function).role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[self.bus.event_bus_arn],
                conditions={
                    "StringEquals": {
                        "events:source": sorted({contract.source for contract in contracts}),
                        "events:detail-type": sorted({contract.detail_type for contract in contracts}),
                    }
                },
            )
        )

    def route(
        self,
        id: str,
        match: Mapping[str, Any] | Sequence[type],
        *,
        to: Receiver | Sequence[Receiver],
        retries: int = 185,
        max_age: timedelta = timedelta(hours=24),
    ) -> events.CfnRule:
        """Send the events that match to one to five receivers, in parallel, and return the rule.

        `match` is an event pattern (a dict) or a list of event models, which gives the pattern of their sources and
        detail-types. `retries` 0 to 185 and `max_age` 60 seconds to 24 hours hold for each target; what cannot be
        delivered then goes to the stack's `Undelivered` queue.

        Raises ConstructError: EF-PATTERN, EF-PATTERN-KEY, EF-RULE-TARGETS, EF-RULE-RETRIES, EF-RULE-AGE.
        """
        receivers = [to] if isinstance(to, Receiver) else list(to)
        contracts = [] if isinstance(match, Mapping) else [Contract.from_model(model) for model in match]
        pattern = dict(match) if isinstance(match, Mapping) else _pattern_of(contracts)
        refuse(
            place(self, id),
            [
                *_pattern_problems(pattern, self.contracts),
                *within("EF-RULE-TARGETS", "number of targets", len(receivers), 1, 5, unit="targets",
                        source=EVENTBRIDGE_QUOTAS, fix="give one to five, or add a second route"),
                *within("EF-RULE-RETRIES", "retries", retries, 0, 185, unit="retries", source=EVENTBRIDGE_QUOTAS,
                        fix="choose a number in that range"),
                *within("EF-RULE-AGE", "max_age", seconds(max_age), 60, 86_400, unit="seconds",
                        source=EVENTBRIDGE_QUOTAS, fix="choose an age in that range"),
            ],
        )  # fmt: skip
        unsent = undelivered(self)
        rule = events.CfnRule(
            self,
            id,
            event_bus_name=self.bus.event_bus_name,
            event_pattern=pattern,
            targets=[
                events.CfnRule.TargetProperty(
                    arn=_arn(receiver),
                    id=f"Target{index}",
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=unsent.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=seconds(max_age), maximum_retry_attempts=retries
                    ),
                )
                for index, receiver in enumerate(receivers)
            ],
        )
        unsent.add_to_resource_policy(_from_rule("sqs:SendMessage", unsent.queue_arn, rule))
        for receiver in receivers:
            self._permit(receiver, rule)
            if isinstance(receiver, Topic):
                receiver.contracts.extend(contracts or _matched(pattern, self.contracts))
        return rule

    def _permit(self, receiver: Receiver, rule: events.CfnRule) -> None:
        if isinstance(receiver, Topic):
            receiver.topic.add_to_resource_policy(_from_rule("sns:Publish", receiver.topic.topic_arn, rule))
        elif isinstance(receiver, Queue):
            receiver.queue.add_to_resource_policy(_from_rule("sqs:SendMessage", receiver.queue.queue_arn, rule))
        elif (consumer := consumer_of(receiver)).scope.node.try_find_child(PERMISSION_ID) is None:
            # One statement for all rules of the account: one a rule would overflow the 20,480 bytes of the policy.
            lambda_.CfnPermission(
                consumer.scope,
                PERMISSION_ID,
                action="lambda:InvokeFunction",
                function_name=consumer.arn,
                principal="events.amazonaws.com",
                source_account=cdk.Stack.of(self).account,
                source_arn=cdk.Stack.of(self).format_arn(service="events", resource="rule", resource_name="*"),
            )

    def _register(self, contracts: Sequence[Contract]) -> None:
        registry = eventschemas.CfnRegistry(self, "Schemas", description=f"Events of {self.node.path}")
        for contract in contracts:
            eventschemas.CfnSchema(
                self,
                f"Schema{contract.detail_type.replace(' ', '')}",
                registry_name=registry.attr_registry_name,
                schema_name=f"{contract.source}@{contract.detail_type.replace(' ', '')}",
                type="JSONSchemaDraft4",
                content=json.dumps({"$schema": "http://json-schema.org/draft-04/schema#", **contract.schema}, sort_keys=True),
            )


def _arn(receiver: Receiver) -> str:
    if isinstance(receiver, Topic):
        return receiver.topic.topic_arn
    return receiver.queue.queue_arn if isinstance(receiver, Queue) else consumer_of(receiver).arn


def _from_rule(action: str, resource: str, rule: events.CfnRule) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=[action],
        resources=[resource],
        conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
    )


def _pattern_of(contracts: Sequence[Contract]) -> dict[str, Any]:
    return {
        "source": sorted({contract.source for contract in contracts}),
        "detail-type": sorted({contract.detail_type for contract in contracts}),
    }


def _matched(pattern: Mapping[str, Any], contracts: Sequence[Contract]) -> list[Contract]:
    """The declared events that the pattern's source and detail-type let through."""
    envelope = {key: value for key, value in pattern.items() if key in {"source", "detail-type"}}
    if not envelope:
        return list(contracts)
    compiled = EventPattern(envelope)
    return [c for c in contracts if compiled.matches({"source": c.source, "detail-type": c.detail_type})]


def _pattern_problems(pattern: Mapping[str, Any], contracts: Sequence[Contract]) -> list[Problem]:
    try:
        EventPattern(dict(pattern))
    except PatternError as refused:
        return [
            Problem(code="EF-PATTERN", given=f"pattern {dict(pattern)!r} is refused: {refused.reason}",
                    allowed=p.allowed, fix=p.fix)
            for p in refused.problems
        ]  # fmt: skip
    declared = _matched(pattern, contracts)
    if not declared:
        return []
    events_said = ", ".join(contract.detail_type for contract in declared)
    return [
        Problem(
            code="EF-PATTERN-KEY",
            given=f"the pattern asks for {path}",
            allowed=f"the events declared on this bus ({events_said}) have no such key"
            + (f"; there is {', '.join(suggestions)}" if suggestions else ""),
            fix="use a key of the event, or add it to the event's model",
        )
        for path, suggestions in unknown_filter_keys(dict(pattern), declared)
    ]
