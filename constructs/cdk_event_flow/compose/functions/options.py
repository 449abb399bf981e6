"""What every function may be given, whatever it is written in: checked together, before anything is made."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, seconds, within
from cdk_event_flow.compose.functions.asynchronous import Asynchronous
from cdk_event_flow.compose.functions.capabilities import Durable, capability_problems
from cdk_event_flow.compose.functions.layer import Layer
from cdk_event_flow.compose.functions.opentelemetry import OpenTelemetry
from cdk_event_flow.compose.functions.provisioned import Provisioned, provisioned_of, reserved_problems
from cdk_event_flow.compose.functions.release import AllAtOnce, Release
from cdk_event_flow.compose.functions.values import description_problems, value_problems
from cdk_event_flow.compose.functions.versions import description_of
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.errors import Problem

LOG_RETENTION = "CloudWatch Logs (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)"
ENVIRONMENT_BYTES = 4_096
MAX_LAYERS = 5
RETENTIONS = dict(
    zip(
        (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
        logs.RetentionDays,
        strict=False,  # the CDK has one more: never
    )
)


@dataclass(frozen=True, kw_only=True)
class Logs:
    """How a function logs: always as JSON, into a group of its own that the stack's key encrypts.

    `level` is the least severe line kept of what the code writes, `system_level` of what Lambda writes (at INFO the REPORT
    lines are kept). `retention` is a number of days that CloudWatch Logs knows (default 30). `group` takes an existing group.
    """

    level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] = "INFO"
    system_level: Literal["DEBUG", "INFO", "WARN"] = "INFO"
    retention: timedelta = timedelta(days=30)
    group: logs.ILogGroup | None = None

    def problems(self) -> list[Problem]:
        """What CloudWatch Logs would refuse."""
        if self.retention.days in RETENTIONS and self.retention == timedelta(days=self.retention.days):
            return []
        return [
            Problem(code="EF-LOGS-RETENTION", given=f"retention of the logs is {self.retention}",
                    allowed=f"{LOG_RETENTION} knows {', '.join(map(str, RETENTIONS))} days", fix="choose one of them")
        ]  # fmt: skip


class FunctionOptions(TypedDict, total=False):
    """What every function may be given. Defaults, and why, are in `DEFAULTS`."""

    memory: int
    """128 to 10,240 MB. vCPU follows memory: 1,769 MB is one vCPU."""
    timeout: timedelta
    """1 second to 15 minutes."""
    storage: int
    """/tmp in MB, 512 to 10,240. It lives and dies with the execution environment."""
    environment: Mapping[str, str]
    """At most 4 KB in all; encrypted with the stack's key. No secrets: give the name of a secret, and read it."""
    architecture: Literal["arm64", "x86_64"]
    layers: Sequence[Layer | lambda_.ILayerVersion]
    """At most 5; code and layers together at most 250 MB unzipped, checked as far as layers are ours."""
    file_system: lambda_.FileSystem | None
    """An EFS or S3 file system to mount; needs `network`."""
    network: PrivateNetwork | None
    logs: Logs
    tracing: Literal["xray", "pass_through", "off"]
    asynchronous: Asynchronous
    reserved: int | None
    """Reserved concurrency: so many executions at once at most, and so many kept free for it (0 stops the function)."""
    recursion: Literal["terminate", "allow"]
    """What Lambda does when the function triggers itself through SQS, SNS or S3 sixteen times."""
    release: Release
    """How a new version takes over the alias: AllAtOnce, Canary, Linear."""
    alias: str
    """The name of the alias that follows the newest version, and that everything that triggers points at."""
    keep_versions: bool
    """True keeps old versions, as a Stage at a number needs. They go with the function; until then each counts towards the
    75 GB of code in a region, and keeps its network interfaces."""
    provisioned: Provisioned | int | None
    """Execution environments of the alias that are kept ready: a number, or a `Provisioned` that changes it."""
    idempotent: bool
    """True gives it the stack's idempotency table, whose name is in `IDEMPOTENCY_TABLE`."""
    role: iam.Role | None
    """An existing role in place of its own."""
    snap_start: bool
    """True starts environments from a snapshot of each version: Python 3.12, Java 11, .NET 8 and newer; not with `provisioned`,
    `file_system`, `tenant_isolation`, or more than 512 MB of /tmp."""
    durable: Durable | None
    """Executions that go on where they stopped: Python 3.13, Node 22, Java 17, .NET 8 and newer, and container images."""
    tenant_isolation: bool
    """True never gives two tenants the same environment. Each invocation names its tenant, so by the API or API Gateway only:
    no rules, topics, schedules, mappings, function URLs; not with `provisioned` or `snap_start`. A change replaces the
    function."""
    opentelemetry: OpenTelemetry | None
    """A layer that instruments the function."""
    props: Mapping[str, Any]
    """Whatever else the CDK's `aws_lambda.Function` takes (`function_name`, `description`, `code_signing_config` …)."""


DEFAULTS: FunctionOptions = {
    "memory": 512,  # keeps a cold start short
    "timeout": timedelta(seconds=30),
    "storage": 512,  # free of charge
    "environment": {},
    "architecture": "arm64",  # cheaper for the same work
    "layers": (),
    "file_system": None,
    "network": None,
    "logs": Logs(),
    "tracing": "xray",
    "asynchronous": Asynchronous(),
    "reserved": None,
    "recursion": "terminate",
    "release": AllAtOnce(),
    "alias": "live",
    "keep_versions": False,
    "provisioned": None,
    "idempotent": False,
    "role": None,
    "snap_start": False,
    "durable": None,
    "tenant_isolation": False,
    "opentelemetry": None,
    "props": {},
}


def complete(options: FunctionOptions) -> FunctionOptions:
    """`options` with the defaults for what is not given. Raises TypeError, as Python does, for a name that does not exist."""
    unknown = sorted(options.keys() - DEFAULTS.keys())
    if unknown:
        raise TypeError(f"a function has no {', '.join(unknown)}; it takes {', '.join(sorted(DEFAULTS))}")
    settings: FunctionOptions = {**DEFAULTS, **options}
    if traced := settings["opentelemetry"]:
        settings["layers"] = [*settings["layers"], traced.layer]
        settings["environment"] = {**traced.variables, **settings["environment"]}
    return settings


def problems_of(options: FunctionOptions, runtime: str) -> list[Problem]:
    """What Lambda would refuse of complete `options` for a runtime (`python3.14`)."""
    problems = [
        *within("EF-FUNCTION-MEMORY", "memory", options["memory"], 128, 10_240, unit="MB", source=LAMBDA_QUOTAS,
                fix="choose a memory size in that range"),
        *within("EF-FUNCTION-TIMEOUT", "timeout", seconds(options["timeout"]), 1, 900, unit="seconds",
                source=LAMBDA_QUOTAS, fix="shorten it, or split the work over a queue"),
        *within("EF-FUNCTION-STORAGE", "storage", options["storage"], 512, 10_240, unit="MB", source=LAMBDA_QUOTAS,
                fix="choose a size in that range"),
        *within("EF-FUNCTION-ENVIRONMENT", "environment", _bytes(options["environment"]), 0, ENVIRONMENT_BYTES, unit="bytes",
                source=LAMBDA_QUOTAS, fix="keep large settings in a parameter or a bucket, and pass their name"),
        *layer_problems(options["layers"], options["architecture"]),
        *options["logs"].problems(),
        *options["asynchronous"].problems(),
        *options["release"].problems(),
        *alias_problems(options["alias"]),
        *value_problems(options),
        *description_problems(description_of(options)),
        *capability_problems(options, runtime),
        *(traced.problems(options["environment"], runtime) if (traced := options["opentelemetry"]) else ()),
    ]  # fmt: skip
    if provisioned := provisioned_of(options["provisioned"]):
        problems += [*provisioned.problems(), *reserved_problems(provisioned.most, options["reserved"])]
    if options["reserved"] is not None:
        problems += within("EF-FUNCTION-RESERVED", "reserved concurrency", options["reserved"], 0, 900, unit="executions",
                           source=LAMBDA_QUOTAS, fix="choose a number in that range: 100 of an account stay unreserved")  # fmt: skip
    if options["file_system"] is not None and options["network"] is None:
        problems.append(
            Problem(code="EF-FUNCTION-FILES", given="file_system without network",
                    allowed="Lambda (https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html) "
                    "mounts file systems inside a VPC only", fix="give network as well")
        )  # fmt: skip
    return problems


def alias_problems(name: str) -> list[Problem]:
    """That Lambda would refuse an alias of this name."""
    if re.fullmatch(r"(?!\d+$)[a-zA-Z0-9_-]{1,128}", name):
        return []
    return [
        Problem(code="EF-FUNCTION-ALIAS", given=f"the alias is {name!r}",
                allowed="Lambda (https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html) takes 1 to 128 letters, digits, "
                "_ and -, and not a number alone", fix="choose another name, as PROD")
    ]  # fmt: skip


def layer_problems(layers: Sequence[Layer | lambda_.ILayerVersion], architecture: str) -> list[Problem]:
    """What Lambda would refuse of the layers, or fail to load."""
    other = [layer for layer in layers if isinstance(layer, Layer) and layer.architecture not in (None, architecture)]
    return [
        *within("EF-FUNCTION-LAYERS", "number of layers", len(layers), 0, MAX_LAYERS, unit="layers", source=LAMBDA_QUOTAS,
                fix="put the code of some into one layer"),
        *(Problem(code="EF-FUNCTION-LAYER", given=f"the layer {layer.node.path} is for {layer.architecture}",
                  allowed=f"the function's architecture is {architecture}", fix=f"make a layer for {architecture}")
          for layer in other),
    ]  # fmt: skip


def known_size(layers: Sequence[Layer | lambda_.ILayerVersion]) -> int:
    """The bytes of the layers that are ours."""
    return sum(layer.size for layer in layers if isinstance(layer, Layer))


def _bytes(environment: Mapping[str, str]) -> int:
    known = {name: value for name, value in environment.items() if not cdk.Token.is_unresolved(value)}
    return len(json.dumps(known, separators=(",", ":"), ensure_ascii=False).encode()) if known else 0
