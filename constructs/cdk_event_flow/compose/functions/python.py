"""A Python function: bundled without Docker, versioned, observed, and triggered only through its alias."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.bundling import Platform, Source, bundle
from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, seconds, within
from cdk_event_flow.compose.functions.idempotency import TABLE_VARIABLE, idempotency_table, remember_in
from cdk_event_flow.compose.functions.release import AllAtOnce, Release, shift_traffic
from cdk_event_flow.compose.messaging.encryption import allow_key, stack_key
from cdk_event_flow.compose.messaging.queue import undelivered
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.compose.observe.alarms import errors_alarm, throttles_alarm
from constructs import Construct

LAMBDA_QUOTAS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)"
NEWEST_PYTHON = "3.14"
LIVE = "live"
CODE_METADATA = "cdk-event-flow:code"


class PythonFunction(Construct):
    """A Lambda function written in Python.

    `code` is its folder; `requirements.txt` there is installed by uv for the function's platform (wheels only), and the
    modules of `shared` (default: the folder `shared` beside `code`, where there is one) go with it. `handler` is
    `module.function` (default `handler.handler`).

    Defaults, and why: arm64 (cheaper for the same work); the newest Python the CDK lists; `memory` 512 MB of 128 to
    10,240 (vCPU follows memory: 1,769 MB is one vCPU, and 512 keeps a cold start short); `timeout` 30 seconds of 1 second
    to 15 minutes; JSON logs in an own encrypted log group, kept 30 days; X-Ray active; an own role with one statement a
    need; environment encrypted; asynchronous failures to the stack's `Undelivered` queue after Lambda's own 2 retries and
    6 hours; recursion guard on; a version and the alias `live`, which all triggers point at.

    `network` puts it into a PrivateNetwork. `release` says how a new version takes over (AllAtOnce, Canary, Linear).
    `idempotent=True` gives it the stack's idempotency table, its name in `IDEMPOTENCY_TABLE`. `function`, `alias`,
    `version`, `role` and `log_group` are the CDK's own constructs.

    Raises ConstructError: EF-FUNCTION-MEMORY, EF-FUNCTION-TIMEOUT, EF-CODE-FOLDER, EF-CODE-MODULE, EF-CODE-HANDLER;
    BundleError: EF-CODE-WHEEL.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        code: str | Path,
        handler: str = "handler.handler",
        shared: str | Path | None = None,
        memory: int = 512,
        timeout: timedelta = timedelta(seconds=30),
        environment: Mapping[str, str] | None = None,
        architecture: Literal["arm64", "x86_64"] = "arm64",
        network: PrivateNetwork | None = None,
        release: Release = AllAtOnce(),
        idempotent: bool = False,
    ) -> None:
        at = place(scope, id)
        source = _source(Path(code), handler, Path(shared) if shared else None)
        refuse(
            at,
            [
                *within("EF-FUNCTION-MEMORY", "memory", memory, 128, 10_240, unit="MB", source=LAMBDA_QUOTAS,
                        fix="choose a memory size in that range"),
                *within("EF-FUNCTION-TIMEOUT", "timeout", seconds(timeout), 1, 900, unit="seconds",
                        source=LAMBDA_QUOTAS, fix="shorten it, or split the work over a queue"),
                *source.problems(),
                *release.problems(),
            ],
        )  # fmt: skip
        bundled = bundle(source, Platform.aws(python=NEWEST_PYTHON, architecture=architecture), at=at)
        super().__init__(scope, id)
        key = stack_key(self)
        self.timeout = timeout
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            retention=logs.RetentionDays.ONE_MONTH,
            encryption_key=key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.role)
        allow_key(self.role, key)
        table = idempotency_table(self) if idempotent else None
        self.function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(str(bundled.zip), asset_hash=bundled.sha256, asset_hash_type=cdk.AssetHashType.CUSTOM),
            handler=handler,
            runtime=_runtime(),
            architecture=lambda_.Architecture.ARM_64 if architecture == "arm64" else lambda_.Architecture.X86_64,
            memory_size=memory,
            timeout=cdk.Duration.seconds(seconds(timeout)),
            environment={**(environment or {}), **({TABLE_VARIABLE: table.table_name} if table else {})},
            environment_encryption=key,
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            recursive_loop=lambda_.RecursiveLoop.TERMINATE,
            dead_letter_queue=undelivered(self),
            **(network.placement() if network else {}),
        )
        if network:
            network.admit(self.role)
        if table:
            remember_in(table, self.role)
        acknowledge(self.role, Acknowledged.ACTION_WITHOUT_RESOURCE)
        resource: Any = self.function.node.default_child
        resource.add_metadata(CODE_METADATA, _recorded(source))
        # The CDK makes the function depend on the role too, which its `Role` property says already.
        policy: Any = self.role.node.find_child("DefaultPolicy").node.default_child
        resource.add_override("DependsOn", [cdk.Stack.of(self).resolve(policy.logical_id)])
        self.version = self.function.current_version
        self.alias = lambda_.Alias(self, "Live", alias_name=LIVE, version=self.version)
        self.errors_alarm = errors_alarm(self, "Errors", self.function, LIVE)
        self.throttles_alarm = throttles_alarm(self, "Throttles", self.function)
        if not isinstance(release, AllAtOnce):
            shift_traffic(self, self.function, self.alias, release, [self.errors_alarm])

    def consume(
        self,
        queue: sqs.IQueue,
        *,
        id: str = "Source",
        batch: int = 10,
        window: timedelta = timedelta(0),
    ) -> lambda_.CfnEventSourceMapping:
        """Let Lambda poll `queue` for the alias: batches of 1 to 10,000 (over 10 needs a window), `window` 0 to 5 minutes.

        The handler must return `batchItemFailures`: only failed records are received again.
        """
        problems = [
            *within("EF-MAPPING-BATCH", "batch", batch, 1, 10_000, unit="messages", source=LAMBDA_QUOTAS,
                    fix="choose a batch in that range"),
            *within("EF-MAPPING-WINDOW", "window", seconds(window), 0, 300, unit="seconds", source=LAMBDA_QUOTAS,
                    fix="choose a window in that range"),
        ]  # fmt: skip
        if batch > 10 and seconds(window) < 1:
            problems += within("EF-MAPPING-WINDOW", f"window of a batch of {batch}", 0, 1, 300, unit="seconds",
                               source=LAMBDA_QUOTAS, fix="give window at least one second, or a batch of at most 10")  # fmt: skip
        refuse(place(self, id), problems)
        grant = queue.grants.consume_messages(self.role)  # type: ignore[attr-defined]
        mapping = lambda_.CfnEventSourceMapping(
            self,
            id,
            function_name=self.alias.function_arn,
            event_source_arn=queue.queue_arn,
            batch_size=batch,
            maximum_batching_window_in_seconds=seconds(window) or None,
            function_response_types=["ReportBatchItemFailures"],
        )
        grant.apply_before(mapping)
        acknowledge(mapping, Acknowledged.SQS_MAPPING_HAS_NO_DESTINATION)
        return mapping


def _source(folder: Path, handler: str, shared: Path | None) -> Source:
    beside = folder.parent / "shared"
    return Source(folder=folder, handler=handler, shared=shared or (beside if beside.is_dir() else None))


def _recorded(source: Source) -> dict[str, str]:
    """What the local run needs to build the function again for this machine; relative, so the same on every machine."""

    def relative(path: Path) -> str:
        resolved, here = path.resolve(), Path.cwd()
        return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else path.as_posix()

    recorded = {"source": relative(source.folder)}
    return {**recorded, "shared": relative(source.shared)} if source.shared else recorded


def _runtime() -> lambda_.Runtime:
    return lambda_.Runtime.PYTHON_3_14
