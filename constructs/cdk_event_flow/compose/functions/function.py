"""A Lambda function of any runtime: versioned, observed, and triggered only through its alias."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse, seconds
from cdk_event_flow.compose.functions.capabilities import allow_checkpoints, capabilities_of, equip
from cdk_event_flow.compose.functions.code import code_problems
from cdk_event_flow.compose.functions.idempotency import TABLE_VARIABLE, idempotency_table, remember_in
from cdk_event_flow.compose.functions.invocable import Invocable
from cdk_event_flow.compose.functions.layer import Layer
from cdk_event_flow.compose.functions.options import RETENTIONS, FunctionOptions, Logs, complete, problems_of
from cdk_event_flow.compose.functions.provisioned import provisioned_of
from cdk_event_flow.compose.functions.versions import KEPT, description_of, publish_with
from cdk_event_flow.compose.messaging.encryption import allow_key, stack_key
from cdk_event_flow.compose.observe.alarms import throttles_alarm
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
    encrypted log group, kept 30 days; X-Ray active; an own role with one statement a need; environment encrypted;
    asynchronous failures to the stack's `Undelivered` queue after Lambda's own 2 retries and 6 hours; recursion guard on; a
    version and the alias `live`, which all triggers point at. `FunctionOptions` lists what can be given besides.

    A version is published when what Lambda keeps in one has changed (code, layers, configuration) and not otherwise.

    `function`, `alias`, `version`, `role` and `log_group` are the CDK's own constructs.

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
        key = stack_key(self)
        network, given_role, props = settings["network"], settings["role"], settings["props"]
        self.asynchronous, self.keeps_versions = settings["asynchronous"], settings["keep_versions"]
        self.timeout, self.capabilities = settings["timeout"], capabilities_of(settings)
        self.log_group = self._log_group(settings["logs"])
        self.role = given_role or iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.role)
        allow_key(self.role, key)
        table = idempotency_table(self) if settings["idempotent"] else None
        arm = settings["architecture"] == "arm64"
        self.function = lambda_.Function(
            self,
            "Function",
            code=code
            if isinstance(code, lambda_.Code)
            else lambda_.Code.from_asset(str(Path(code).resolve()), exclude=list(NOT_CODE)),
            handler=handler,
            runtime=runtime if isinstance(runtime, lambda_.Runtime) else getattr(lambda_.Runtime, _constant(runtime)),
            architecture=lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64,
            memory_size=settings["memory"],
            timeout=cdk.Duration.seconds(seconds(self.timeout)),
            environment={**settings["environment"], **({TABLE_VARIABLE: table.table_name} if table else {})},
            environment_encryption=key,
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=_TRACING[settings["tracing"]],
            recursive_loop=lambda_.RecursiveLoop[settings["recursion"].upper()],
            **self.asynchronous.dead_letter_target(self),
            current_version_options=KEPT if self.keeps_versions else None,
            **_unlike_lambda(settings),
            **(network.placement() if network else {}),
            **{**props, "description": description_of(settings)},
        )
        publish_with(self.function, [each.layer if isinstance(each, Layer) else each for each in settings["layers"]])
        if network:
            network.admit(self.role, self.function.dead_letter_queue)
        if table:
            remember_in(table, self.role)
        acknowledge(self.role, Acknowledged.ACTION_WITHOUT_RESOURCE)
        resource: Any = self.function.node.default_child
        # The CDK makes the function depend on the role too, which its `Role` property says already.
        policy = self.role.node.find_child("DefaultPolicy")
        made: Any = policy.node.default_child
        resource.add_override("DependsOn", [cdk.Stack.of(self).resolve(made.logical_id)])
        equip(self.function, self.capabilities)
        self.version = self.function.current_version
        self.throttles_alarm = throttles_alarm(self, "Throttles", self.function)
        provisioned = provisioned_of(settings["provisioned"])
        self.reserved, self.most_provisioned = settings["reserved"], provisioned.most if provisioned else 0
        self._serve(
            "Live",
            settings["alias"],
            self.version,
            timeout=self.timeout,
            release=settings["release"],
            provisioned=provisioned,
            alarms=(self.throttles_alarm,),
        )
        if self.capabilities.durable:
            allow_checkpoints(self, self.function, self.role, before=self.alias)

    def _log_group(self, wanted: Logs) -> logs.ILogGroup:
        return wanted.group or logs.LogGroup(
            self,
            "Logs",
            retention=RETENTIONS[wanted.retention.days],
            encryption_key=stack_key(self),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )


def _constant(name: str) -> str:
    """The CDK's name of a runtime: `nodejs24.x` -> NODEJS_24_X, `provided.al2023` -> PROVIDED_AL2023."""
    return re.sub(r"^([a-z]+)(\d)", r"\1_\2", name).replace(".", "_").upper()


def _runtime_problems(runtime: str | lambda_.Runtime) -> list[Problem]:
    if isinstance(runtime, lambda_.Runtime) or hasattr(lambda_.Runtime, _constant(runtime)):
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
