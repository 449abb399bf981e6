"""Code given as Lambda runs it, looked into before anything is made."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.bundling import problems_of_code
from cdk_event_flow.compose.functions.options import FunctionOptions, known_size
from cdk_event_flow.errors import Problem


def code_problems(
    code: str | Path | lambda_.Code, handler: str, runtime: str | lambda_.Runtime, settings: FunctionOptions
) -> list[Problem]:
    """What the runtime would not find in a folder or zip; the CDK's own `Code` is not looked into."""
    if isinstance(code, lambda_.Code):
        return []
    name = runtime if isinstance(runtime, str) else runtime.name
    layers = settings["layers"]
    return problems_of_code(
        Path(code),
        runtime=name,
        handler=handler,
        architecture=settings["architecture"],
        layered=bool(layers),
        layers=known_size(layers),
    )
