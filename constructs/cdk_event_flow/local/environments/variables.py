"""The environment variables of an execution environment, and only these: nothing of the machine's own leaks in."""

import base64
import os
import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments.programs import Kind, kind_of

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Reserved environment variables"; and what
# keeps a function on this machine.
_RESERVED_HERE = frozenset({"AWS_ENDPOINT_URL", "TMPDIR"})
# Where an SDK finds the credentials of whoever works on this machine, though the environment does not tell: it looks up the
# user's home folder by itself. In Lambda there is nothing to be found.
_NO_CREDENTIALS_OF_THE_MACHINE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_OVERRIDABLE = frozenset(
    {"LANG", "LD_LIBRARY_PATH", "NODE_PATH", "PATH", "PYTHONPATH", "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an environment runs: addresses and folders that its variables name."""

    runtime_api: str
    endpoint: str
    xray: str
    region: str
    roots: tuple[Path, ...]  # of the code and its layers
    runtime: Path
    tmp: Path
    log_stream: str


def credentials(account: str, rng: random.Random) -> dict[str, str]:
    """Made-up credentials, different for each environment, so that a call can be traced back to its function.

    The access key id carries the account as AWS's do: bits 1 to 40 after the prefix.
    """
    key = (int(account) << 39 | rng.getrandbits(39)).to_bytes(10, "big")
    return {
        "AWS_ACCESS_KEY_ID": "ASIA" + base64.b32encode(key).decode(),
        "AWS_SECRET_ACCESS_KEY": "".join(rng.choices(string.ascii_letters + string.digits, k=40)),
        "AWS_SESSION_TOKEN": "".join(rng.choices(string.ascii_letters + string.digits, k=120)),
    }


def variables(
    function: Function, version: str, place: Place, secrets: Mapping[str, str], *, provisioned: bool = False
) -> dict[str, str]:
    """All variables of one environment. The function's own win, except over those Lambda reserves."""
    task_root, *layers = place.roots
    own = {
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": str(place.runtime),
        "AWS_LAMBDA_RUNTIME_API": place.runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group or f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": place.log_stream,
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency" if provisioned else "on-demand",
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        **secrets,
        "AWS_ENDPOINT_URL": place.endpoint,
        "AWS_XRAY_DAEMON_ADDRESS": place.xray,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "PATH": _paths("/usr/local/bin:/usr/bin:/bin:/opt/bin", *(layer / "bin" for layer in layers)),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "TMPDIR": str(place.tmp),
        **_NO_CREDENTIALS_OF_THE_MACHINE,
        **_of_runtime(kind_of(function.runtime), task_root, layers),
    }
    if kind_of(function.runtime) is not Kind.CUSTOM:  # not defined for those, says AWS's list
        own["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{function.runtime}"
    if layers:
        own["LD_LIBRARY_PATH"] = _paths(task_root / "lib", *(layer / "lib" for layer in layers))
    if function.log_level:
        own["AWS_LAMBDA_LOG_LEVEL"] = function.log_level
    reserved = (own.keys() | {"AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_LEVEL", "_X_AMZN_TRACE_ID"} | _RESERVED_HERE) - _OVERRIDABLE
    return own | {name: value for name, value in function.environment.items() if name not in reserved}


def _of_runtime(kind: Kind | None, task_root: Path, layers: Sequence[Path]) -> dict[str, str]:
    if kind is Kind.PYTHON:
        return {"PYTHONPATH": _paths(task_root, *(layer / "python" for layer in layers))}
    if kind is Kind.NODE:
        return {"NODE_PATH": _paths(*(layer / "nodejs" / "node_modules" for layer in layers))} if layers else {}
    return {}


def _paths(*paths: str | Path) -> str:
    return ":".join(map(str, paths))
