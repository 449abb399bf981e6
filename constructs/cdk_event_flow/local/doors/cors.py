"""CORS as an HTTP API or a function URL is configured: the preflight is answered by the door, every answer gets headers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdk_event_flow.local.doors.answers import Response


@dataclass(frozen=True, kw_only=True, slots=True)
class Cors:
    """Who may ask, and what."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    credentials: bool
    max_age: int | None

    @classmethod
    def of(cls, configuration: Any) -> "Cors | None":
        """The configuration of an API or of a URL; None where there is none."""
        if not isinstance(configuration, Mapping) or not configuration:
            return None

        def several(name: str) -> tuple[str, ...]:
            return tuple(str(each) for each in configuration.get(name) or ())

        age = configuration.get("MaxAge")
        return cls(
            origins=several("AllowOrigins"),
            methods=several("AllowMethods"),
            headers=several("AllowHeaders"),
            exposed=several("ExposeHeaders"),
            credentials=str(configuration.get("AllowCredentials")).lower() == "true",
            max_age=None if age is None else int(age),
        )

    def preflight(self, origin: str) -> Response:
        """The answer to OPTIONS with Access-Control-Request-Method."""
        headers = self.allowing(origin)
        if headers:
            headers += [("Access-Control-Allow-Methods", ",".join(self.methods))] if self.methods else []
            headers += [("Access-Control-Allow-Headers", ",".join(self.headers))] if self.headers else []
            headers += [("Access-Control-Max-Age", str(self.max_age))] if self.max_age is not None else []
        return Response(status=204, headers=headers)

    def allowing(self, origin: str) -> list[tuple[str, str]]:
        """What is added to an answer for this origin; nothing where it may not ask."""
        allowed = next((each for each in self.origins if _fits(each, origin)), None)
        if allowed is None or not origin:
            return []
        headers = [("Access-Control-Allow-Origin", "*" if allowed == "*" and not self.credentials else origin)]
        headers += [("Access-Control-Allow-Credentials", "true")] if self.credentials else []
        headers += [("Access-Control-Expose-Headers", ",".join(self.exposed))] if self.exposed else []
        return headers


def _fits(allowed: str, origin: str) -> bool:
    """`*`, `https://*` and `http://*`, or the origin itself."""
    return allowed in ("*", origin) or (allowed in ("https://*", "http://*") and origin.startswith(allowed[:-1]))
