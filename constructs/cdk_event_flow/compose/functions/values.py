"""Plain values of options that Lambda would refuse, or the CDK with a traceback: names, choices, parts of seconds, props."""

import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

import aws_cdk as cdk

from cdk_event_flow.compose.edge import within
from cdk_event_flow.errors import Problem

VARIABLES = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html)"
CREATING = "Lambda (https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html)"
MAX_DESCRIPTION = 256
# "Reserved environment variables" of VARIABLES, without those that a function may set.
_RESERVED = frozenset(
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
    }
)  # fmt: skip
_CHOICES = {
    "architecture": ("arm64", "x86_64"),
    "tracing": ("xray", "pass_through", "off"),
    "recursion": ("terminate", "allow"),
}
_LEVELS = {
    "level": ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
    "system_level": ("DEBUG", "INFO", "WARN"),
}

# What the CDK calls an option of ours, where the names differ.
_OPTIONS = {
    "adot_instrumentation": "opentelemetry",
    "code": "code",
    "dead_letter_queue": "asynchronous",
    "dead_letter_queue_enabled": "asynchronous",
    "dead_letter_topic": "asynchronous",
    "durable_config": "durable",
    "ephemeral_storage_size": "storage",
    "events": "consume",
    "filesystem": "file_system",
    "handler": "handler",
    "log_group": "logs",
    "log_retention": "logs",
    "logging_format": "logs",
    "max_event_age": "asynchronous",
    "memory_size": "memory",
    "on_failure": "on_failure",
    "on_success": "on_success",
    "recursive_loop": "recursion",
    "reserved_concurrent_executions": "reserved",
    "retry_attempts": "asynchronous",
    "runtime": "runtime",
    "security_groups": "network",
    "tenancy_config": "tenant_isolation",
    "vpc": "network",
    "vpc_subnets": "network",
}


def value_problems(options: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with complete options by itself."""
    logs = options["logs"]
    return [
        *(problem for name, known in _CHOICES.items() for problem in _choice(name, options[name], known)),
        *(problem for name, known in _LEVELS.items() for problem in _choice(f"{name} of the logs", getattr(logs, name), known)),
        *(problem for name in options["environment"] for problem in _variable(name)),
        *_whole("EF-FUNCTION-TIMEOUT", "timeout", options["timeout"]),
        *_whole("EF-ASYNC-AGE", "max_age", options["asynchronous"].max_age),
        *(problem for name in options["props"] for problem in _prop(name, options)),
    ]


def description_problems(description: str | None) -> list[Problem]:
    """That the description, with what we add to it, is too long."""
    if description is None or cdk.Token.is_unresolved(description):
        return []
    return within("EF-FUNCTION-DESCRIPTION", "the description", len(description), 0, MAX_DESCRIPTION, unit="characters",
                  source=CREATING, fix="say it shorter")  # fmt: skip


def _prop(name: str, options: Mapping[str, Any]) -> list[Problem]:
    """What a function says in words of its own is not said in `props` as well."""
    option = _OPTIONS.get(name, name if name in options else None)
    if option is None:
        return []
    return [Problem(code="EF-FUNCTION-PROPS", given=f"props has {name}", allowed=f"a function says this by {option}",
                    fix=f"give {option} to the function, and leave it out of props")]  # fmt: skip


def _choice(what: str, given: object, known: tuple[str, ...]) -> list[Problem]:
    if given in known:
        return []
    near = get_close_matches(str(given), known, n=1)
    return [Problem(code="EF-FUNCTION-CHOICE", given=f"{what} is {given!r}", allowed=f"it is one of {', '.join(known)}",
                    fix=f"did you mean {near[0]!r}?" if near else "choose one of them")]  # fmt: skip


def _whole(code: str, what: str, given: timedelta | cdk.Duration) -> list[Problem]:
    if not isinstance(given, timedelta) or not given.microseconds:
        return []
    return [Problem(code=code, given=f"{what} is {given.total_seconds():g} seconds", allowed=f"{CREATING} takes whole seconds",
                    fix="round it")]  # fmt: skip


def _variable(name: str) -> list[Problem]:
    if name in _RESERVED:
        return [Problem(code="EF-FUNCTION-VARIABLE", given=f"environment has {name}", allowed=f"{VARIABLES} sets it by itself",
                        fix="choose another name")]  # fmt: skip
    if re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]+", name) or cdk.Token.is_unresolved(name):
        return []
    return [Problem(code="EF-FUNCTION-VARIABLE", given=f"environment has {name!r}",
                    allowed=f"{VARIABLES} has names of two or more letters, digits and _ that begin with a letter",
                    fix="choose another name")]  # fmt: skip
