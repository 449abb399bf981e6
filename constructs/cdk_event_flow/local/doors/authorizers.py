"""Who is let in. Signatures are not checked here, of no token and of no request: everything else of them is.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_event_flow.flow.readers.resource import text_at
from cdk_event_flow.local.doors.answers import Response, message
from cdk_event_flow.local.doors.requests import Came

_SIGNED = re.compile(r"AWS4-(HMAC|ECDSA-P256)-SHA256 Credential=([^/,\s]+)/")
Ask = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Invokes an authorizer's function (an ARN) with an event; gives its answer, or None where it failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetIn:
    """What stands in the event of whoever was let in; or the `refusal`."""

    context: Mapping[str, Any] = field(default_factory=dict)
    refusal: Response | None = None


def signed(came: Came, *, url: bool) -> LetIn:
    """IAM: the request carries a signature of version 4, in its header or its query."""
    found = _SIGNED.search(came.header("Authorization"))
    key = found[2] if found else dict(came.pairs).get("X-Amz-Credential", "").partition("/")[0]
    if not key:
        return LetIn(refusal=message(403, "Forbidden", capital=url))
    return LetIn(context={"iam": {"accessKey": key, "accountId": None, "callerId": None, "userArn": None, "userId": None}})


def by_token(came: Came, authorizer: Mapping[str, Any], scopes: tuple[str, ...], now: float) -> LetIn:
    """JWT: issuer, audience, times and scopes are those that the authorizer wants."""
    source = next(iter(_texts(authorizer.get("IdentitySource"))), "$request.header.Authorization")
    token = _at(came, source).removeprefix("Bearer ").removeprefix("bearer ").strip()
    claims = _claims(token)
    unauthorized = LetIn(refusal=message(401, "Unauthorized"))
    if claims is None:
        return unauthorized
    wanted = authorizer.get("JwtConfiguration") or {}
    audiences, issuer = _texts(wanted.get("Audience")), text_at(wanted, "Issuer")
    held = _texts(claims.get("aud") or claims.get("client_id"))
    if (issuer and claims.get("iss") != issuer) or (audiences and not set(held) & set(audiences)):
        return unauthorized
    try:
        if float(claims.get("exp", "inf")) <= now or float(claims.get("nbf", 0)) > now or float(claims.get("iat", 0)) > now:
            return unauthorized
    except (TypeError, ValueError):
        return unauthorized
    granted = str(claims.get("scope") or claims.get("scp") or "").split() or _texts(claims.get("scp"))
    if scopes and not set(granted) & set(scopes):
        return LetIn(refusal=message(403, "Forbidden"))
    shown = {name: value if isinstance(value, str) else json.dumps(value) for name, value in claims.items()}
    return LetIn(context={"jwt": {"claims": shown, "scopes": list(granted) if scopes else None}})


async def by_function(came: Came, authorizer: Mapping[str, Any], event: dict[str, Any], ask: Ask) -> LetIn:
    """A function decides, by a simple answer or by a policy."""
    sources = _texts(authorizer.get("IdentitySource"))
    identities = [_at(came, each) for each in sources]
    if not all(identities):
        return LetIn(refusal=message(401, "Unauthorized"))
    found = re.search(r"functions/(arn:.+?)/invocations", text_at(authorizer, "AuthorizerUri") or "")
    arn = found[1] if found else ""
    asked = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
    context = event["requestContext"]
    place = f"{context['apiId']}/{context['stage']}/{context.get('http', context).get('method', context.get('httpMethod'))}"
    asked |= {"type": "REQUEST", "routeArn": f"arn:aws:execute-api:local:{context['accountId']}:{place}{came.path}"}
    asked["identitySource"] = identities if event["version"] == "2.0" else ",".join(identities)
    answer = await ask(arn, asked)
    if not isinstance(answer, Mapping):
        return LetIn(refusal=message(500, "Internal Server Error"))
    if "isAuthorized" in answer:
        allowed = answer["isAuthorized"] is True
    else:
        statements = (answer.get("policyDocument") or {}).get("Statement") or []
        effects = {str(each.get("Effect")) for each in (statements if isinstance(statements, list) else [statements])}
        allowed = effects == {"Allow"}
    if not allowed:
        return LetIn(refusal=message(403, "Forbidden"))
    given = dict(answer.get("context") or {})
    return LetIn(context={"lambda": given} if event["version"] == "2.0" else {**given, "principalId": answer.get("principalId")})


def _at(came: Came, source: str) -> str:
    """`$request.header.Authorization`, `$request.querystring.token`."""
    place, _, name = source.removeprefix("$request.").partition(".")
    return came.header(name) if place == "header" else dict(came.pairs).get(name, "")


def _claims(token: str) -> dict[str, Any] | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _texts(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    return tuple(str(each) for each in given) if isinstance(given, list | tuple) else (str(given),)
