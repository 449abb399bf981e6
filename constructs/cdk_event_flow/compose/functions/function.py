"""A Lambda function of any runtime: versioned, observed, and triggered only through its alias."""

import re
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import duration, place, refuse, seconds
from cdk_event_flow.compose.finish import at_synth
from cdk_event_flow.compose.functions.capabilities import allow_checkpoints, capabilities_of, equip
from cdk_event_flow.compose.functions.code import code_problems
from cdk_event_flow.compose.functions.idempotency import TABLE_VARIABLE, idempotency_table, remember_in
from cdk_event_flow.compose.functions.invocable import Invocable
from cdk_event_flow.compose.functions.layer import Layer
from cdk_event_flow.compose.functions.options import RETENTIONS, FunctionOptions, Logs, complete, problems_of
from cdk_event_flow.compose.functions.provisioned import provisioned_of
from cdk_event_flow.compose.functions.rights import TRACING, common_rights
from cdk_event_flow.compose.functions.role import OwnRole, allow
from cdk_event_flow.compose.functions.versions import KEPT, description_of, publish_with
from cdk_event_flow.compose.messaging.encryption import allow_key, stack_key
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.compose.skipped import Skipped, skipped
from cdk_event_flow.errors import Problem
from constructs import Construct

NOT_CODE = ("**/__pycache__", "**/*.pyc", "**/.DS_Store", "**/.git")
_TRACING = {"xray": lambda_.Tracing.ACTIVE, "pass_through": lambda_.Tracing.PASS_THROUGH, "off": lambda_.Tracing.DISABLED}


class Function(Invocable):
    """A Lambda function.

    `code` is a folder, zip file or jar as Lambda runs it, and is checked for what the runtime starts: an executable
    `bootstrap` of the right architecture, or the handler's module, export or class. It may be any of the CDK's `Code`, which
    is not looked into. `runtime` is a name of Lambda's
    (`nodejs24.x`, `ruby3.4`, `java25`, `dotnet10`, `provided.al2023` for Go, Rust and whatever brings its own `bootstrap`)
    or the CDK's `Runtime`; `handler` as the runtime wants it. Python is bundled by `PythonFunction`.

    Defaults, and why: arm64 (cheaper for the same work); 512 MB (keeps a cold start short); 30 seconds; JSON logs in an own
    encrypted log group, kept 30 days; X-Ray active; an own role with one statement a need (its rights stand in the role, what
    all functions of the stack may do in one managed policy); environment encrypted; asynchronous failures to the stack's
    `Undelivered` queue after Lambda's own 2 retries and 6 hours; recursion guard on; a version and the alias `live`, which all
    triggers point at; one alarm on its errors and throttles. `FunctionOptions` lists what can be given besides.

    A version is published when what Lambda keeps in one has changed (code, layers, configuration) and not otherwise.

    `function`, `alias`, `version`, `role` and `log_group` are the CDK's own constructs; what a grant of the CDK gives the role
    becomes the CDK's policy beside it. The rights inside are written when the app is synthesized.

    Raises ConstructError: EF-FUNCTION-…, EF-CODE-…, EF-LOGS-RETENTION, EF-ASYNC-…, EF-RELEASE-…, EF-PROVISIONED….
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        code: str | Path | lambda_.Code,
        handler: str,
        runtime: str | lambda_.Runtime,
        **options: Unpack[FunctionOptions],
    ) -> None:
        settings = complete(options)
        refuse(
            place(scope, id),
            [
                *problems_of(settings, runtime if isinstance(runtime, str) else runtime.name),
                *_runtime_problems(runtime),
                *code_problems(code, handler, runtime, settings),
            ],
        )
        super().__init__(scope, id)
        self._metadata: dict[str, Any] = {}  # of the function's resource
        self._told = False  # that it has some
        key = stack_key(self)
        network, given_role, props = settings["network"], settings["role"], settings["props"]
        self.asynchronous, self.keeps_versions = settings["asynchronous"], settings["keep_versions"]
        self.timeout, self.capabilities, self.network = settings["timeout"], capabilities_of(settings), network
        self.log_group = self._log_group(settings["logs"])
        traced = settings["tracing"] != "off"
        usual = traced and self.asynchronous.dead_letters == "undelivered"
        shared = [common_rights(self)] if usual and not given_role else []
        self.role = given_role or OwnRole(
            self,
            "Role",
            service="lambda",
            managed=[*shared, *(network.rights_in(self) if network else [])],
            key=key if usual else None,
        )
        self.log_group_arn = self.log_group.log_group_arn
        allow(self.role, ["logs:CreateLogStream", "logs:PutLogEvents"], [self.log_group_arn])
        allow_key(self.role, key)
        table = idempotency_table(self) if settings["idempotent"] else None
        arm = settings["architecture"] == "arm64"
        dead_letters = self.asynchronous.dead_letter_target(self)
        make = partial(
            lambda_.Function,
            self,
            "Function",
            code=code
            if isinstance(code, lambda_.Code)
            else lambda_.Code.from_asset(str(Path(code).resolve()), exclude=list(NOT_CODE)),
            handler=handler,
            runtime=runtime if isinstance(runtime, lambda_.Runtime) else _runtime(runtime),
            architecture=_architecture(arm),
            memory_size=settings["memory"],
            timeout=duration(seconds(self.timeout)),
            environment={**settings["environment"], **({TABLE_VARIABLE: table.table_name} if table else {})},
            environment_encryption=key,
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=_TRACING[settings["tracing"]],
            recursive_loop=lambda_.RecursiveLoop[settings["recursion"].upper()],
            **dead_letters,
            current_version_options=KEPT if self.keeps_versions else None,
            **_unlike_lambda(settings),
            **(network.placement() if network else {}),
            **{**props, "description": description_of(settings)},
        )
        if isinstance(self.role, OwnRole):
            sending = ["sns:Publish" if "dead_letter_topic" in dead_letters else "sqs:SendMessage"] if dead_letters else []
            with self.role.known(*sending, *(TRACING[:1] if traced else ())):
                self.function = make()
            if not shared:
                _allow_the_unusual(self.role, dead_letters, traced=traced)
        else:
            self.function = make()
            acknowledge(self.role, Acknowledged.ACTION_WITHOUT_RESOURCE)
        at_synth(self, self.function, lambda_.CfnFunction, self.write)
        self.function_name = self.function.function_name
        publish_with(self.function, [each.layer if isinstance(each, Layer) else each for each in settings["layers"]])
        self.undelivered: sqs.IQueue | None = dead_letters.get("dead_letter_queue")
        if network:
            network.admit(self.role, self.undelivered)
        if table:
            remember_in(table, self.role)
        equip(self.function, self.capabilities)
        self.version = self.function.current_version
        provisioned = provisioned_of(settings["provisioned"])
        self.reserved, self.most_provisioned = settings["reserved"], provisioned.most if provisioned else 0
        self._serve(
            "Live",
            settings["alias"],
            self.version,
            timeout=self.timeout,
            release=settings["release"],
            provisioned=provisioned,
        )
        if self.capabilities.durable:
            allow_checkpoints(self, self.function, self.role, before=self.alias)

    def move_into(self, network: PrivateNetwork) -> None:
        """Put a function that stands in no network into one, once all is composed."""
        self.network = network
        self.resource.vpc_config = network.configuration()
        for policy in network.rights_in(self):
            self.role.add_managed_policy(policy)
        network.admit(self.role, self.undelivered)

    def reserve(self, concurrency: int) -> None:
        """Reserve concurrency for a function that has none, once all is composed."""
        self.reserved = concurrency
        self.resource.reserved_concurrent_executions = concurrency

    @property
    def resource(self) -> Any:
        """The L1 function."""
        return self.function.node.default_child

    def write(self, resource: lambda_.CfnFunction) -> None:
        """Write what is known when all is composed; again, when guardrails have changed it."""
        self._wait_for_rights(resource)
        metadata = {**self._metadata, **self._skipped()}
        if metadata or self._told:
            resource.add_override("Metadata", metadata)
            self._told = True

    def _skipped(self) -> dict[str, Any]:
        return skipped(
            *([Skipped.NO_LIMIT] if self.reserved is None else []),
            *([Skipped.NO_NETWORK] if self.network is None else []),
            *([Skipped.DESTINATION_FOR_FAILURES] if "on_failure" in self._ends and self.asynchronous.dead_letters is None else []),
        )

    def _wait_for_rights(self, resource: lambda_.CfnFunction) -> None:
        """Let the function be made when its role may all that it needs."""
        # The CDK makes the function depend on the role too, which its `Role` property says already.
        if isinstance(self.role, OwnRole) and not self.role.has_policy:
            resource.add_deletion_override("DependsOn")
        else:
            made: Any = self.role.node.find_child("DefaultPolicy").node.default_child
            resource.add_override("DependsOn", [cdk.Stack.of(self).resolve(made.logical_id)])

    def _log_group(self, wanted: Logs) -> logs.ILogGroup:
        return wanted.group or logs.LogGroup(
            self,
            "Logs",
            retention=RETENTIONS[wanted.retention.days],
            encryption_key=stack_key(self),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )


def _allow_the_unusual(role: OwnRole, dead_letters: dict[str, Any], *, traced: bool) -> None:
    """What this role does not share with those of the other functions."""
    if traced:
        allow(role, TRACING, ["*"])
        acknowledge(role, Acknowledged.ACTION_WITHOUT_RESOURCE)
    if queue := dead_letters.get("dead_letter_queue"):
        allow(role, ["sqs:SendMessage"], [queue.queue_arn])
    if topic := dead_letters.get("dead_letter_topic"):
        allow(role, ["sns:Publish"], [topic.topic_arn])


@lru_cache
def _is_runtime(name: str) -> bool:
    return hasattr(lambda_.Runtime, _constant(name))


@lru_cache
def _runtime(name: str) -> lambda_.Runtime:
    found: lambda_.Runtime = getattr(lambda_.Runtime, _constant(name))
    return found


@lru_cache
def _architecture(arm: bool) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64


def _constant(name: str) -> str:
    """The CDK's name of a runtime: `nodejs24.x` -> NODEJS_24_X, `provided.al2023` -> PROVIDED_AL2023."""
    return re.sub(r"^([a-z]+)(\d)", r"\1_\2", name).replace(".", "_").upper()


def _runtime_problems(runtime: str | lambda_.Runtime) -> list[Problem]:
    if isinstance(runtime, lambda_.Runtime) or _is_runtime(runtime):
        return []
    known = [each.name for each in lambda_.Runtime.ALL]
    return [
        Problem(code="EF-FUNCTION-RUNTIME", given=f"runtime is {runtime!r}",
                allowed=f"the CDK knows {', '.join(known)}",
                fix="; ".join(f"did you mean {name}?" for name in get_close_matches(runtime, known, n=1)) or "choose one of them")
    ]  # fmt: skip


def _unlike_lambda(settings: FunctionOptions) -> dict[str, Any]:
    """Properties that say something only where the setting is not Lambda's own default: templates stay small."""
    wanted = settings["logs"]
    return {
        **({"application_log_level_v2": lambda_.ApplicationLogLevel[wanted.level]} if wanted.level != "INFO" else {}),
        **({"system_log_level_v2": lambda_.SystemLogLevel[wanted.system_level]} if wanted.system_level != "INFO" else {}),
        **({"ephemeral_storage_size": cdk.Size.mebibytes(settings["storage"])} if settings["storage"] != 512 else {}),
        **(
            {"layers": [each.layer if isinstance(each, Layer) else each for each in settings["layers"]]} if settings["layers"] else {}
        ),
        **({"filesystem": settings["file_system"]} if settings["file_system"] else {}),
        **({"reserved_concurrent_executions": settings["reserved"]} if settings["reserved"] is not None else {}),
    }
