"""OpenTelemetry without a change of code: a layer that instruments the function when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.functions.capabilities import IMAGE
from cdk_event_flow.compose.functions.layer import Layer
from cdk_event_flow.errors import Problem

WRAPPERS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html)"
WRAPPER_VARIABLE = "AWS_LAMBDA_EXEC_WRAPPER"
SIGNALS_VARIABLE = "OTEL_AWS_APPLICATION_SIGNALS_ENABLED"


@dataclass(frozen=True, kw_only=True)
class OpenTelemetry:
    """The layer that instruments a function, ours or the CDK's; it is one of the five that a function can have.

    AWS publishes one for each language, region and release (AWSOpenTelemetryDistroPython …,
    https://aws-otel.github.io/docs/getting-started/lambda): take its ARN for the function's region by
    `LayerVersion.from_layer_version_arn`. `wrapper` is the program in the layer that starts the runtime; the default is that
    of AWS's layers. Traces go to X-Ray, as the function's role allows with `tracing="xray"`. CloudWatch Application Signals
    stays off, for it needs further rights: set OTEL_AWS_APPLICATION_SIGNALS_ENABLED in `environment`, and allow them.
    """

    layer: Layer | lambda_.ILayerVersion
    wrapper: str = "/opt/otel-instrument"

    @property
    def variables(self) -> dict[str, str]:
        """What the function finds in its environment."""
        return {WRAPPER_VARIABLE: self.wrapper, SIGNALS_VARIABLE: "false"}

    def problems(self, environment: Mapping[str, Any], runtime: str) -> list[Problem]:
        """What could not work for this runtime, and beside these variables."""
        found = []
        if runtime == IMAGE or runtime.startswith("provided"):
            found.append(
                Problem(code="EF-FUNCTION-OPENTELEMETRY",
                        given=f"opentelemetry for {'a container image' if runtime == IMAGE else runtime}",
                        allowed=f"{WRAPPERS} starts wrappers for its own runtimes only",
                        fix="instrument the program itself, and leave opentelemetry out")
            )  # fmt: skip
        if (other := environment.get(WRAPPER_VARIABLE)) != self.wrapper:
            found.append(
                Problem(code="EF-FUNCTION-OPENTELEMETRY", given=f"environment has {WRAPPER_VARIABLE}={other} as well",
                        allowed=f"{WRAPPERS} starts one wrapper", fix="leave it out, or give it as OpenTelemetry(wrapper=…)")
            )  # fmt: skip
        if not self.wrapper.startswith("/opt/"):
            found.append(
                Problem(code="EF-FUNCTION-OPENTELEMETRY", given=f"wrapper is {self.wrapper!r}",
                        allowed="what a layer holds is found under /opt", fix="give its whole path, as /opt/otel-instrument")
            )  # fmt: skip
        return found
