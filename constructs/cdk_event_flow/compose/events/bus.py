"""An event bus, and its routes to what receives events."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_eventschemas as eventschemas
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.edge import account_problems, place, refuse, shown
from cdk_event_flow.compose.events.archive import Archive
from cdk_event_flow.compose.events.bus_logs import BusLogs, deliver
from cdk_event_flow.compose.events.inputs import Input
from cdk_event_flow.compose.events.route import EVENTBRIDGE_QUOTAS, Route, Trying, dead_letter_problems, make_route, target_problems
from cdk_event_flow.compose.events.targets.target import Target
from cdk_event_flow.compose.events.when import Cron, Every
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.encryption import allow_bus, allow_bus_logs
from cdk_event_flow.compose.messaging.queue import Queue, undelivered
from cdk_event_flow.compose.messaging.topic import Topic
from cdk_event_flow.compose.observe.parts import add_part, feeds
from cdk_event_flow.errors import PatternError, Problem
from cdk_event_flow.flow.contracts import Contract, unknown_filter_keys
from cdk_event_flow.match import EventPattern
from constructs import Construct

PARTNER = "aws.partner/"
DEFAULT = "default"


class EventBus(Construct):
    """An event bus: of its own, or with `bus` an existing one: the CDK's own or imported construct, or `"default"`, the
    account's default bus, on which AWS's services put their events. `partner` is the name of a partner's event source
    (`aws.partner/…`), whose events a new bus of that name receives.

    `archive` keeps every event that long for replay (1 day or more; default: no archive), or as an `Archive` says.
    `publishes` names the events that may stand on the bus, as the pydantic models that producers and consumers parse with:
    models with a literal `source` and `detail-type`. They go to the schema registry with the template, and filters are
    checked against them.

    `key` encrypts events at rest with a customer key (default: a key that AWS owns, which costs nothing and needs no
    policy); what then cannot be encrypted goes to the stack's `Undelivered` queue. `logs` says what becomes of each event, see
    `BusLogs` (default none). `bus`, `archive` and `log_group` are the CDK's own constructs.

    Raises ConstructError: EF-BUS-ARCHIVE, EF-PATTERN, EF-BUS-PARTNER, EF-BUS-EXISTING, EF-BUS-LOGS, EF-LOGS-RETENTION.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        archive: timedelta | Archive | None = None,
        publishes: Sequence[type] = (),
        key: kms.IKey | None = None,
        partner: str | None = None,
        logs: BusLogs | None = None,
        bus: events.IEventBus | Literal["default"] | None = None,
    ) -> None:
        at = place(scope, id)
        contracts = [Contract.from_model(model) for model in publishes]
        kept = Archive(keep=archive) if isinstance(archive, timedelta) else archive
        made_here = [name for name, given in (("partner", partner), ("key", key), ("logs", logs)) if given is not None]
        refuse(
            at,
            [
                *(kept.problems() if kept else ()),
                *_bus_problems(partner, made_here if bus is not None else []),
                *(logs.problems() if logs else ()),
            ],
        )
        super().__init__(scope, id)
        remember(self, scope, id)
        self.contracts = contracts
        self._is_default = bus == DEFAULT
        self.bus: events.IEventBus = self._found(bus) if bus else self._make(key, partner, logs)
        # The default bus has no metrics of its own: its rules' have no dimension for it.
        add_part(self, self.bus, kind="bus", scope=self, called=None if self._is_default else self.bus.event_bus_name, near=self.bus)
        self.log_group = deliver(self, self.bus, logs) if logs else None
        self.archive = kept.make(self, self.bus) if kept else None
        if contracts:
            self._register(contracts)

    def _found(self, bus: events.IEventBus | Literal["default"]) -> events.IEventBus:
        return events.EventBus.from_event_bus_name(self, "Bus", DEFAULT) if isinstance(bus, str) else bus

    def _make(self, key: kms.IKey | None, partner: str | None, logs: BusLogs | None) -> events.EventBus:
        if key:
            allow_bus(key, scope=self)
        if key and logs:
            allow_bus_logs(key, scope=self)
        return events.EventBus(
            self,
            "Bus",
            event_source_name=partner,
            kms_key=key,
            dead_letter_queue=undelivered(self) if key else None,
            log_config=logs.config() if logs else None,
        )

    @property
    def receiver(self) -> events.IEventBus:
        """What receives where this construct is given as a target."""
        return self.bus

    @property
    def name(self) -> str:
        """The bus's name, as `PutEvents` wants it (a token until deployed)."""
        return self.bus.event_bus_name

    def allow_publishing(self, function: Consumes | lambda_.IFunction, events: Sequence[type]) -> None:
        """Let `function` put these events (models, as in `publishes`) on this bus, and no others.

        So the template tells what the function publishes, and a loop back to the function can be found.
        Raises EventError (EF-CONTRACT) for a model without literal source and detail-type.
        """
        contracts = [Contract.from_model(model) for model in events]
        allow(
            consumer_of(function).role,
            ["events:PutEvents"],
            [self.bus.event_bus_arn],
            {
                "StringEquals": {
                    "events:source": sorted({contract.source for contract in contracts}),
                    "events:detail-type": sorted({contract.detail_type for contract in contracts}),
                }
            },
        )

    def allow_from(self, *, accounts: Sequence[str] = (), organization: str | None = None) -> None:
        """Let other accounts (12 digits each), or all accounts of an AWS organization (`o-…`), put events on this bus.

        Raises ConstructError: EF-ALLOW.
        """
        refuse(place(self, "AllowedAccounts"), account_problems(accounts, organization))
        if accounts:
            self._let_put("AllowedAccounts", {"AWS": [f"arn:{cdk.Aws.PARTITION}:iam::{account}:root" for account in accounts]})
        if organization:
            self._let_put("AllowedOrganization", "*", {"StringEquals": {"aws:PrincipalOrgID": organization}})

    def _let_put(self, id: str, principal: Any, condition: Mapping[str, Any] | None = None) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "events:PutEvents",
            "Resource": self.bus.event_bus_arn,
            **({"Condition": condition} if condition else {}),
        }
        # The CDK's own class warns of a deprecated property that nobody gave it.
        properties = {"EventBusName": self.bus.event_bus_name, "StatementId": id, "Statement": statement}
        cdk.CfnResource(self, id, type="AWS::Events::EventBusPolicy", properties=properties)

    def route(
        self,
        id: str,
        match: Mapping[str, Any] | Sequence[type] | Cron | Every,
        *,
        to: Any,
        input: Input | None = None,
        trying: Trying = Trying(),
        dead_letters: Queue | sqs.IQueue | None = None,
    ) -> Route:
        """Send the events that match to all receivers in parallel, and return what was made.

        `match` is an event pattern (a dict), a list of event models, which gives the pattern of their sources and
        detail-types, or on the default bus a schedule (`Cron`, `Every`; UTC). `to` is one receiver or a list: functions,
        topics, queues, buses, streams, log groups, state machines, API destinations, `FargateTask`; ours or the CDK's; or
        a `Target`, which has an input of its own. Five targets stand in a rule; more are split over rules, and a note of
        the synth says so. Receivers in another stack get their rule there, so no stack depends on the other both ways.

        `input` is what all receive in place of the whole event. What cannot be delivered goes to the stack's `Undelivered`
        queue, or to `dead_letters`.

        Raises ConstructError: EF-PATTERN, EF-PATTERN-KEY, EF-RULE-TARGETS, EF-RULE-FIFO, EF-RULE-RETRIES, EF-RULE-AGE,
        EF-RULE-SCHEDULE, EF-RULE-DEAD-LETTERS, EF-KEY-MANAGED, EF-INPUT-….
        """
        given = list(to) if isinstance(to, list | tuple) else [to]
        targets = [each if isinstance(each, Target) else Target(to=each, input=input) for each in given]
        contracts = [] if isinstance(match, Mapping | Cron | Every) else [Contract.from_model(model) for model in match]
        problems = [*target_problems(targets), *trying.problems(), *dead_letter_problems(dead_letters)]
        if isinstance(match, Cron | Every):
            refuse(place(self, id), [*self._schedule_problems(match), *problems])
            when: dict[str, Any] = {"schedule_expression": match.expression}
        else:
            pattern = dict(match) if isinstance(match, Mapping) else _pattern_of(contracts)
            refuse(place(self, id), [*_pattern_problems(pattern, self.contracts), *problems])
            when = {"event_pattern": pattern}
            for each in targets:
                if isinstance(each.to, Topic):
                    each.to.contracts.extend(contracts or _matched(pattern, self.contracts))
        feeds(self, *(each.to for each in targets))
        return make_route(
            self,
            id,
            bus_name=None if self._is_default else self.bus.event_bus_name,
            when=when,
            targets=targets,
            trying=trying,
            dead_letters=dead_letters.queue if isinstance(dead_letters, Queue) else dead_letters,
        )

    def _schedule_problems(self, when: Cron | Every) -> list[Problem]:
        if self._is_default:
            return when.problems()
        return [
            Problem(code="EF-RULE-SCHEDULE", given=f"a rule with {when.expression} on a bus of its own",
                    allowed=f"{EVENTBRIDGE_QUOTAS} runs scheduled rules on the default bus only",
                    fix='use Schedule, or EventBus(…, bus="default")')
        ]  # fmt: skip

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


def _bus_problems(partner: str | None, not_of_existing: Sequence[str]) -> list[Problem]:
    problems = []
    if partner is not None and not partner.startswith(PARTNER):
        problems.append(
            Problem(code="EF-BUS-PARTNER", given=f"partner is {partner!r}",
                    allowed="EventBridge (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-saas.html) names partner "
                    f"event sources {PARTNER}…", fix="copy the name of the event source from the partner's page")
        )  # fmt: skip
    if not_of_existing:
        problems.append(
            Problem(code="EF-BUS-EXISTING", given=f"bus together with {' and '.join(not_of_existing)}",
                    allowed="an existing bus is taken as it is", fix="leave out bus, or the others")
        )  # fmt: skip
    return problems


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
            Problem(code="EF-PATTERN", given=f"pattern {shown(dict(pattern))} is refused: {refused.reason}",
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
