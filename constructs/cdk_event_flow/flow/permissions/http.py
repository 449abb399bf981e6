"""What it takes to call a function from outside: over an API, or over its URL."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cdk_event_flow.flow.model import Other, Unknown
from cdk_event_flow.flow.permissions.language import Request, decide
from cdk_event_flow.flow.permissions.permission import Permission, said
from cdk_event_flow.flow.permissions.services import Sender, named, of_service
from cdk_event_flow.flow.sources import Api, Route, Url

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

_METHODS = ("ANY", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# Function URLs made since October 2025 need both. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
_OF_A_URL = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")


def of_route(flow: "Flow", route: Route) -> list[Permission]:
    """That the function's policy lets API Gateway in, from this route of any of the API's stages."""
    stages = set(_stages(flow, route.api_arn))
    unknown = next((each for each in stages if isinstance(each, Unknown)), None)
    if not stages:
        unknown = Unknown(f"no stage of the API {named(flow, route.api_arn)} is in the template")
    arns = tuple(f"{route.api_arn}/{stage}/{end}" for stage in sorted(map(str, stages)) for end in _ends(route))
    source = f"the API {named(flow, route.api_arn)}"
    sender = Sender(principal="apigateway.amazonaws.com", source_arns=unknown or arns, source=source)
    return of_service(flow, sender, route.target_arn)


def _stages(flow: "Flow", api_arn: str) -> Iterator[str | Unknown]:
    api = flow.nodes.get(api_arn)
    if isinstance(api, Api) and api.quick:
        yield "$default"
    for node in flow.of(Other):
        if (node.properties.get("RestApiId") or node.properties.get("ApiId")) == api_arn.rpartition(":")[2]:
            name = node.properties.get("StageName")
            if name is not None:
                yield name if isinstance(name, Unknown) else str(name)


def _ends(route: Route) -> list[str]:
    """How the ARN of a request ends: `GET/orders`, of a catch-all of an HTTP API `$default`, of a WebSocket API its key."""
    if route.url.startswith("/"):
        methods = _METHODS if route.method == "ANY" else (route.method,)
        return [f"{method}{route.url}" for method in methods]
    # A statement may name it by its two parts or as any method of any path.
    return [route.url, f"{route.url}/"]


def of_url(flow: "Flow", url: Url) -> list[Permission]:
    """That a URL without authentication lets everybody in; who may call one that wants a signature, no template tells."""
    on = flow.policies.on(url.function_arn)
    context = {"lambda:functionurlauthtype": (url.auth,), "lambda:invokedviafunctionurl": ("true",), "aws:sourcearn": ()}
    found = []
    for action in _OF_A_URL:
        asked = Request(principal="anybody", action=action, resource=url.function_arn, context=context)
        decision = decide(asked, on)
        if decision.statement is None and (url.auth != "NONE" or url.function_arn not in flow.nodes):
            reason = f"who calls {named(flow, url.arn)} must be allowed {action} elsewhere than in the template"
            found.append(Permission(verdict="unknown", by="resource policy", reason=reason))
        else:
            found.append(said(decision, "resource policy", f"the policy of {named(flow, url.function_arn)}", f"anybody {action}"))
    return found
