"""A pipe: from a queue, stream or table through a filter and an enrichment to a target, with a role of its own."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_pipes as pipes

from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.events.pipes.ends import (
    End,
    Enrichment,
    PipeTarget,
    batch_problems,
    enrichment_of,
    enrichment_problems,
    kind_of_end,
    target_of,
    target_problems,
)
from cdk_event_flow.compose.events.pipes.source import (
    Filters,
    Reading,
    Start,
    image_problems,
    parameters_of,
    polled_by_pipe,
    reading_problems,
    source_problems,
)
from cdk_event_flow.compose.events.pipes.template import text_of
from cdk_event_flow.compose.events.targets.by_policy import log_group_arn, vended_log_group
from cdk_event_flow.compose.functions.options import Logs
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.queue import Queue, undelivered
from cdk_event_flow.compose.observe.alarms import pipe_alarm
from cdk_event_flow.compose.observe.parts import add_part, feeds
from cdk_event_flow.compose.sources.failures import FailureDestination, told_of
from cdk_event_flow.compose.sources.mappings import advised_visibility
from cdk_event_flow.compose.sources.options import Retry
from cdk_event_flow.compose.sources.polled import Polled
from cdk_event_flow.compose.sources.resources import PollSource
from cdk_event_flow.errors import Problem
from constructs import Construct

LOGGING = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html)"


@dataclass(frozen=True, kw_only=True)
class PipeLogs:
    """What a pipe logs, into a group of its own that the stack's key encrypts.

    `level`: `ERROR` (the default), `INFO` each record's steps, `TRACE` what is asked and answered too. `data` also writes what
    records hold (default False: they may be nobody's business). `retention` is a number of days that CloudWatch Logs knows
    (default 30).
    """

    level: Literal["ERROR", "INFO", "TRACE"] = "ERROR"
    data: bool = False
    retention: timedelta = timedelta(days=30)

    def problems(self) -> list[Problem]:
        """What EventBridge or CloudWatch Logs would refuse."""
        problems = []
        if self.level not in ("ERROR", "INFO", "TRACE"):
            problems.append(Problem(code="EF-PIPE-LOGS", given=f"level is {self.level!r}",
                                    allowed=f"{LOGGING} knows ERROR, INFO and TRACE",
                                    fix="choose one of them, or logs=None"))  # fmt: skip
        return problems + Logs(retention=self.retention).problems()


class Pipe(Construct):
    """Hands what stands in `source` on to `to`, without a function in between.

    `source` is a queue, a data stream or a table (its stream), ours or the CDK's. `where` is a filter of its records, or up to
    five of which one must match (without `wildcard`; what does not match is deleted from a queue). `enrich` is asked about each
    batch first: a function, an express state machine, an API destination, or `Enrichment` with an input of its own. `to` is a
    function, queue, topic, bus, stream, log group, delivery stream, state machine, API destination or `FargateTask`, or a
    `PipeTarget`, which says what it receives. Functions and state machines receive a list of records.

    `batch` is 1 to 10,000 records, and no more than the target takes at once (default: that, or 10 of a queue and 100 of a
    stream); `window` gathers it for 0 seconds to 5 minutes. The rest is for streams: `start` at the oldest record (the
    default), the newest, or a moment (not of a table); `retry`, see `Retry`; `parallel` 1 to 10 batches of a shard at once;
    `on_failure` who is told of records given up, a standard queue or topic (default the stack's `Undelivered` queue; None:
    nobody). A queue has its own redrive policy, and its visibility, unless given, becomes six times what enrichment and target
    may take.

    `logs` (default errors; None for none) and `key`, which encrypts filter and templates (default: a key that AWS owns).
    The pipe's role may read this source and reach these ends, and nothing else. `pipe`, `role` and `log_group` are the CDK's
    own constructs.

    Raises ConstructError: EF-PIPE-…, EF-FILTER…, EF-LOGS-RETENTION; TypeError for what a pipe cannot send to.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: PollSource,
        to: Any,
        where: Filters = (),
        enrich: Any = None,
        batch: int | None = None,
        window: timedelta = timedelta(0),
        start: Start | None = None,
        retry: Retry | None = None,
        parallel: int = 1,
        on_failure: FailureDestination | Literal["undelivered"] | None = "undelivered",
        logs: PipeLogs | None = PipeLogs(),
        key: kms.IKey | None = None,
    ) -> None:
        at = place(scope, id)
        polled = polled_by_pipe(source, scope, at)
        target = to if isinstance(to, PipeTarget) else PipeTarget(to=to)
        asked = enrich if isinstance(enrich, Enrichment) or enrich is None else Enrichment(to=enrich)
        refuse(at, _problems(polled, target, asked, logs, scope))
        end, middle = target_of(target, polled.kind), enrichment_of(asked) if asked else None
        reading = Reading(
            where=where, batch=_usual_batch(polled, end, middle) if batch is None else batch, window=window, start=start,
            retry=retry, parallel=parallel,
            on_failure=_told(scope, polled, on_failure, before=True),
        )  # fmt: skip
        refuse(
            at,
            [
                *reading_problems(polled, reading),
                *image_problems(source, where, [each.input for each in (target, asked) if each and each.input is not None]),
                *batch_problems(reading.batch, "target", kind_of_end(target.to), end.most),
                *(batch_problems(reading.batch, "enrichment", kind_of_end(asked.to), middle.most) if asked and middle else ()),
            ],
        )
        super().__init__(scope, id)
        remember(self, scope, id)
        reading = Reading(**{**vars(reading), "on_failure": _told(self, polled, on_failure, before=False)})
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "pipes.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}}
            ),
        )
        self._allow(polled, reading, [end, *([middle] if middle else [])], key)
        name = cdk.Names.unique_resource_name(self, max_length=128, separator="-")
        self.log_group = vended_log_group(self, f"pipes/{name}", logs.retention) if logs else None
        self.pipe = pipes.CfnPipe(
            self,
            "Pipe",
            role_arn=self.role.role_arn,
            source=polled.properties["event_source_arn"],
            source_parameters=_properties(parameters_of(polled, reading)),
            enrichment=middle.arn if middle else None,
            enrichment_parameters=_properties(_template(asked)),
            target=end.arn,
            target_parameters=_properties(end.parameters | _template(target)),
            log_configuration=_properties(self._logging(logs)),
            kms_key_identifier=key.key_arn if key else None,
        )
        self.pipe.node.add_dependency(self.role.node.find_child("DefaultPolicy"))
        add_part(self, kind="pipe", scope=self, called=self.pipe.ref, near=self.pipe)
        pipe_alarm(self, "Failed", self.pipe.ref)
        feeds(source, self)
        feeds(self, target.to)
        if isinstance(source, Queue):
            takes = end.takes + (middle.takes if middle else timedelta(0))
            source.wait_for(advised_visibility(takes, window))

    def _allow(self, polled: Polled, reading: Reading, ends: list[End], key: kms.IKey | None) -> None:
        """One statement a need."""
        rights = [*polled.rights, *(told_of(reading.on_failure).rights if reading.on_failure is not None else ())]
        for right in rights:
            self.role.add_to_policy(iam.PolicyStatement(actions=list(right.actions), resources=list(right.named)))
        for end in ends:
            for actions, resources in end.rights.items():
                passing = {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}} if "iam:PassRole" in actions else None
                self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=passing))
            if end.key is not None:
                self.role.add_to_policy(
                    iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[end.key.key_arn])
                )
        if key is not None:
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-pipes-cmkey.html
            self.role.add_to_policy(
                iam.PolicyStatement(actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], resources=[key.key_arn])
            )

    def _logging(self, wanted: PipeLogs | None) -> dict[str, Any]:
        if wanted is None or self.log_group is None:
            return {"level": "OFF"}
        return {
            "cloudwatch_logs_log_destination": {"log_group_arn": log_group_arn(self.log_group)},
            "level": wanted.level,
            "include_execution_data": ["ALL"] if wanted.data else None,
        }


def _problems(
    polled: Polled, target: PipeTarget, asked: Enrichment | None, wanted: PipeLogs | None, scope: Construct
) -> list[Problem]:
    return source_problems(polled) or [
        *(enrichment_problems(asked, polled.kind) if asked else ()),
        *target_problems(target, polled.kind, enriched=asked is not None, scope=scope),
        *(wanted.problems() if wanted else ()),
    ]


def _template(end: Enrichment | PipeTarget | None) -> dict[str, Any]:
    return {"input_template": text_of(end.input)} if end is not None and end.input is not None else {}


def _properties(given: Any) -> Any:
    """As CloudFormation's properties want nested values, with which the CDK takes no other names; None for nothing."""
    if isinstance(given, dict):
        named = {name: _properties(value) for name, value in given.items() if value is not None}
        return {re.sub(r"_(\w)", lambda part: part[1].upper(), name): value for name, value in named.items()} or None
    return given


def _usual_batch(polled: Polled, end: End, middle: End | None) -> int:
    return min(polled.usual_batch, *(each.most for each in (end, middle) if each is not None and each.most is not None), 10_000)


def _told(
    scope: Construct, polled: Polled, wanted: FailureDestination | Literal["undelivered"] | None, *, before: bool
) -> FailureDestination | None:
    """Who is told of what a stream's pipe gives up. The stack's queue is made only once nothing is refused any more."""
    if wanted == "undelivered":
        return None if before or polled.kind == "sqs" else undelivered(scope)
    return wanted
