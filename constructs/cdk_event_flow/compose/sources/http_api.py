"""An HTTP API whose routes are served by functions."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge, acknowledge_because
from cdk_event_flow.compose.edge import place, refuse, seconds, within, words
from cdk_event_flow.compose.functions.consumer import Consumer, Consumes, consumer_of, role_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.observe.alarms import api_alarm
from cdk_event_flow.compose.observe.parts import add_part, feeds
from cdk_event_flow.compose.sources.authorizers import Authorizer, Iam, Jwt, Open
from cdk_event_flow.errors import Problem
from constructs import Construct

QUOTAS = "API Gateway (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html)"
ROUTES = "API Gateway (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html)"
MAX_ROUTES = 300
MAX_ANSWER = 30  # seconds, see QUOTAS
METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
NO_AUTHORIZER = "AwsSolutions::AwsSolutions-APIG4"
_SEGMENT = re.compile(r"[^{}/\s]+|\{[\w.:-]+\}")
_REST = re.compile(r"\{[\w.:-]+\+\}")
_LOGGED = (
    "requestId", "requestTime", "identity.sourceIp", "httpMethod", "routeKey", "path", "status", "protocol", "responseLength",
    "integrationLatency", "integrationErrorMessage", "authorizer.error",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """How many requests an API takes: `rate` a second on average (default 1,000), `burst` at once (default 500). More are answered
    with 429. The defaults are a tenth of what an account has for all its APIs together."""

    rate: int = 1_000
    burst: int = 500

    def problems(self) -> list[Problem]:
        """What is over an account's quota."""
        return [
            *within("EF-API-THROTTLE", "rate", self.rate, 1, 10_000, unit="requests a second", source=QUOTAS,
                    fix="choose a rate in that range"),
            *within("EF-API-THROTTLE", "burst", self.burst, 1, 5_000, unit="requests", source=QUOTAS,
                    fix="choose a burst in that range"),
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Which web pages may call: `origins` (`https://shop.example.com`), and with what."""

    origins: Sequence[str]
    methods: Sequence[str] = ("GET", "POST", "PUT", "PATCH", "DELETE")
    headers: Sequence[str] = ("authorization", "content-type")
    max_age: timedelta = timedelta(hours=1)

    def problems(self) -> list[Problem]:
        """Every origin is no origin."""
        if "*" not in self.origins:
            return []
        return [Problem(code="EF-API-CORS", given="origins has *", allowed="pages of whoever would call with the user's rights",
                        fix="name the origins")]  # fmt: skip

    def properties(self) -> dict[str, Any]:
        """As an HTTP API and a function URL have them."""
        return {
            "allowOrigins": list(self.origins),
            "allowMethods": list(self.methods),
            "allowHeaders": list(self.headers),
            "maxAge": seconds(self.max_age),
        }


class HttpApi(Construct):
    """An HTTP API (API Gateway version 2) with the stage `$default`; routes are added by `route`.

    `authorizer` is who may call, unless a route says otherwise: `Iam()` (the default), `Jwt(…)`, or `Open(reason)`.
    Every request is logged as a line of JSON, in an encrypted group kept 30 days. `throttle` limits the requests. `api` takes
    an existing or imported one of the CDK's in place of our own: its stage, logs and throttling are made there. `api`, `stage` and
    `log_group` are the CDK's own constructs.

    Raises ConstructError: EF-API-….
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        authorizer: Authorizer = Iam(),
        throttle: Throttle = Throttle(),
        cors: Cors | None = None,
        api: apigateway.IHttpApi | None = None,
    ) -> None:
        refuse(place(scope, id), [*authorizer.problems(), *throttle.problems(), *(cors.problems() if cors else ())])
        super().__init__(scope, id)
        remember(self, scope, id)
        self._authorizer = authorizer
        self._authorizers: dict[Jwt, str] = {}
        self._integrations: dict[str, str] = {}
        self._routes: set[str] = set()
        self.stage: apigateway.CfnStage | None = None
        self.log_group: logs.LogGroup | None = None
        if api is not None:
            self.api: apigateway.CfnApi | apigateway.IHttpApi = api
            self.id: str = api.api_id
            return
        self.api = apigateway.CfnApi(
            self,
            "Api",
            name=cdk.Names.unique_resource_name(self, max_length=128, separator="-"),
            protocol_type="HTTP",
            cors_configuration=cors.properties() if cors else None,
        )
        self.id = self.api.ref
        self._serve(throttle)
        add_part(self, self.api, kind="api", scope=self, called=self.id, near=self.api)
        api_alarm(self, "Failing", self.id)

    def _serve(self, throttle: Throttle) -> None:
        self.log_group = logs.LogGroup(
            self,
            "Requests",
            retention=logs.RetentionDays.ONE_MONTH,
            encryption_key=stack_key(self),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings={"throttlingRateLimit": throttle.rate, "throttlingBurstLimit": throttle.burst},
            access_log_settings={
                "destinationArn": cdk.Stack.of(self).format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=self.log_group.log_group_name,
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                ),
                "format": json.dumps({name.rpartition(".")[2]: f"$context.{name}" for name in _LOGGED}),
            },
        )

    @property
    def url(self) -> str:
        """Where it answers (a token until deployed)."""
        stack = cdk.Stack.of(self)
        return f"https://{self.id}.execute-api.{stack.region}.{stack.url_suffix}"

    def route(self, key: str, *, to: Consumes | lambda_.IFunction, authorizer: Authorizer | None = None) -> apigateway.CfnRoute:
        """Let `to` answer the requests of `key` (`"GET /orders/{id}"`, `"ANY /{path+}"`, `"$default"`), and return the route.

        The function receives the event of payload format 2.0, and must answer within 30 seconds.

        Raises ConstructError: EF-API-ROUTE, EF-API-ROUTES, EF-API-TIMEOUT, EF-API-JWT, EF-API-OPEN.
        """
        consumer, allowed = consumer_of(to), authorizer or self._authorizer
        id = key.replace("/", ".")
        refuse(place(self, id), [*self._problems(key, consumer), *allowed.problems()])
        self._routes.add(key)
        feeds(self, to)
        route = apigateway.CfnRoute(
            self,
            id,
            api_id=self.id,
            route_key=key,
            target=f"integrations/{self._integration(consumer)}",
            **self._authorization(allowed),
        )
        if isinstance(allowed, Open):
            acknowledge_because(route, NO_AUTHORIZER, allowed.reason)
        return route

    def allow_calling(self, caller: Consumes | lambda_.IFunction | iam.IRole, key: str = "*") -> None:
        """Let a function, or whatever else has the role, sign requests to one route (`"GET /orders"`) or to all."""
        method, _, path = key.partition(" ")
        called = f"{method}/{re.sub(r'{[^}]*}', '*', path).lstrip('/')}" if path else "*"
        name = f"{'$default' if self.stage else '*'}/{called}"
        arn, role = cdk.Stack.of(self).format_arn(service="execute-api", resource=self.id, resource_name=name), role_of(caller)
        allow(role, ["execute-api:Invoke"], [arn])
        if "*" in name:
            acknowledge(role, Acknowledged.REQUESTS_OF_ONE_API, arn)

    def _integration(self, consumer: Consumer) -> str:
        """One integration and one permission a function, however many routes it serves."""
        if consumer.arn not in self._integrations:
            node = consumer.scope.node
            taken = self.node.try_find_child(f"To{node.id}")
            integration = apigateway.CfnIntegration(
                self,
                f"To{node.id}{node.addr if taken else ''}",
                api_id=self.id,
                integration_type="AWS_PROXY",
                integration_uri=consumer.arn,
                payload_format_version="2.0",
            )
            lambda_.CfnPermission(
                integration,
                "Permission",
                action="lambda:InvokeFunction",
                function_name=consumer.arn,
                principal="apigateway.amazonaws.com",
                source_arn=cdk.Stack.of(self).format_arn(service="execute-api", resource=self.id, resource_name="*"),
            )
            self._integrations[consumer.arn] = integration.ref
        return self._integrations[consumer.arn]

    def _authorization(self, authorizer: Authorizer) -> dict[str, Any]:
        match authorizer:
            case Iam():
                return {"authorization_type": "AWS_IAM"}
            case Open():
                return {"authorization_type": "NONE"}
        scopes = {"authorization_scopes": list(authorizer.scopes)} if authorizer.scopes else {}
        return {"authorization_type": "JWT", "authorizer_id": self._authorizer_id(authorizer), **scopes}

    def _authorizer_id(self, jwt: Jwt) -> str:
        same = Jwt(issuer=jwt.issuer, audience=tuple(jwt.audience))
        if same not in self._authorizers:
            number = len(self._authorizers) + 1
            made = apigateway.CfnAuthorizer(
                self,
                f"Tokens{number}",
                api_id=self.id,
                authorizer_type="JWT",
                name=f"Tokens{number}",
                identity_source=["$request.header.Authorization"],
                jwt_configuration={"issuer": jwt.issuer, "audience": list(jwt.audience)},
            )
            self._authorizers[same] = made.ref
        return self._authorizers[same]

    def _problems(self, key: str, consumer: Consumer) -> list[Problem]:
        problems = within("EF-API-ROUTES", "number of routes", len(self._routes | {key}), 0, MAX_ROUTES, unit="routes", source=QUOTAS,
                          fix="spread them over several APIs, or let a function serve {path+}")  # fmt: skip
        method, _, path = key.partition(" ")
        if key != "$default" and not (method in METHODS and _is_path(path)):
            problems.append(Problem(code="EF-API-ROUTE", given=f"the route is {key!r}",
                                    allowed=f"{ROUTES} has $default, or a method ({', '.join(METHODS)}) and a path",
                                    fix='write for example "GET /orders/{order_id}"'))  # fmt: skip
        if key in self._routes:
            problems.append(Problem(code="EF-API-ROUTE", given=f"{key} is there already", allowed="a route is served by one function",
                                    fix="give another method or path"))  # fmt: skip
        if consumer.timeout is not None and seconds(consumer.timeout) > MAX_ANSWER:
            problems.append(Problem(code="EF-API-TIMEOUT", given=f"the function's timeout is {words(seconds(consumer.timeout))}",
                                    allowed=f"{QUOTAS} answers 503 after {MAX_ANSWER} seconds",
                                    fix="shorten the timeout, or put a queue behind the API and answer at once"))  # fmt: skip
        return problems


def _is_path(path: str) -> bool:
    """`/`, or parts after it that are texts or `{name}`; the last may be `{name+}`."""
    first, *parts = path.split("/")
    if first or not parts:
        return False
    *front, last = parts
    return parts == [""] or (all(map(_SEGMENT.fullmatch, front)) and bool(_SEGMENT.fullmatch(last) or _REST.fullmatch(last)))
