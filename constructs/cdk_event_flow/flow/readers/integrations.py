"""What an integration of an API calls: a function, an AWS service by what the request is made into, or an address.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-request-basic-setup.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.readers.resource import as_mapping, text_at
from cdk_event_flow.flow.resolve import Resolver

# By which name a request tells the resource, and how its ARN ends. What is told by ARN or URL ends it itself.
_NAMED: Mapping[str, tuple[str, str]] = {
    "dynamodb": ("TableName", "table/{}"),
    "events": ("EventBusName", "event-bus/{}"),
    "firehose": ("DeliveryStreamName", "deliverystream/{}"),
    "kinesis": ("StreamName", "stream/{}"),
    "sns": ("TopicArn", "{}"),
    "sqs": ("QueueUrl", "{}"),
    "states": ("stateMachineArn", "stateMachine:{}"),
}
# All other actions read or administer: no event goes on by them.
_HANDING_ON = re.compile(r"(Put|SendMessage|Publish|Start|Update|Delete(?!Message)|BatchWrite|TransactWrite)\w*")
_SUBTYPES = {"EventBridge": "events", "StepFunctions": "states"}  # others are called as their services are


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """What serves a route; the fields are those of `Route`."""

    target_arn: str = ""
    kind: Literal["proxy-v1", "proxy-v2", "parameters", "template"] = "template"
    parameters: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    actions: tuple[str, ...] = ()


def served(integration: Mapping[str, Any], resolver: Resolver) -> Served:
    """What an integration calls, given as a resource or in an OpenAPI body; a payload of no version is of 1.0."""
    given = {name.lower().removeprefix("integration"): value for name, value in integration.items()}
    role = text_at(given, "credentialsarn") or text_at(given, "credentials")
    parameters = {name: text_at(value) or "" for name, value in as_mapping(given.get("requestparameters")).items()}
    if subtype := text_at(given, "subtype"):
        return _by_subtype(subtype, parameters, role, resolver)
    uri = text_at(given, "uri") or ""
    if found := re.search(r"functions/(arn:.+?)/invocations", uri):
        uri = found[1]
    elif found := re.search(r":apigateway:[^:]+:(?:[^:]+\.)?([\w-]+):(action|path)/(.+)", uri):
        templates = map(str, as_mapping(given.get("requesttemplates")).values())
        told = " ".join([*templates, *(f"{name}={value}" for name, value in parameters.items())])
        return replace(_by_service(found[1], found[2], found[3], told, resolver, uri), role_arn=role)
    if str(text_at(given, "type")).upper() not in ("AWS_PROXY", "HTTP_PROXY"):
        return Served(target_arn=uri, role_arn=role)
    second = text_at(given, "payloadformatversion") == "2.0"
    return Served(target_arn=uri, kind="proxy-v2" if second else "proxy-v1", role_arn=role)


def _by_subtype(subtype: str, parameters: dict[str, str], role: str | None, resolver: Resolver) -> Served:
    """A service that an HTTP API calls, told by its parameters; empty where the request itself tells the resource."""
    named, _, action = subtype.partition("-")
    service = _SUBTYPES.get(named, named.lower())
    arn = ""
    if service in _NAMED and _HANDING_ON.fullmatch(action):
        name = _NAMED[service][0].lower()
        given = next((value for key, value in parameters.items() if key.lower() == name), "default" if service == "events" else "")
        arn = _arn_of(service, given, resolver) if given and not given.startswith("$") else ""
    kind: Literal["parameters", "template"] = "template" if service == "states" else "parameters"
    return Served(target_arn=arn, kind=kind, parameters=parameters, role_arn=role, actions=(f"{service}:{action}",))


def _by_service(service: str, how: str, what: str, told: str, resolver: Resolver, uri: str) -> Served:
    """A service that a REST API calls by one of its actions, or by a path; `told` is what the request is made into."""
    action = what if how == "action" else found[1] if (found := re.search(r"\bAction=\W*(\w+)", told)) else ""
    if not _HANDING_ON.fullmatch(action or "SendMessage"):
        return Served(target_arn=uri)
    queue = re.fullmatch(r"(?:(\d+)/)?([\w.-]+)/?", what) if (service, how) == ("sqs", "path") else None
    arn = arn_of("sqs", queue[2], resolver.region, queue[1] or resolver.account) if queue else _told(service, told, resolver)
    return Served(target_arn=arn or uri, actions=(f"{service}:{action}",) if action else ())


def _told(service: str, told: str, resolver: Resolver) -> str | None:
    """The ARN of the resource that a request names in a text; None where nobody can tell."""
    if service not in _NAMED:
        return None
    name = _NAMED[service][0]
    if service == "events" and name not in told:
        return _arn_of(service, "default", resolver)
    found = re.search(rf"(?i:{name})\W+?(?:\$util\.\w+\(\W*)?(\w[^\"'\s&,)\\]*)", told)
    if found is None or found[0].count("$") > found[0].count("$util.") or found[1] == "unknown":
        return None
    return _arn_of(service, found[1], resolver)


def _arn_of(service: str, given: str, resolver: Resolver) -> str:
    """The ARN of what is given by name, URL or ARN; what is unknown stays so."""
    if given.startswith(("arn:", "unknown (")):
        return given
    if service == "sqs":
        return queue_arn(given)
    return arn_of(service, _NAMED[service][1].format(given), resolver.region, resolver.account)


def queue_arn(url: str) -> str:
    """The ARN of the queue of this URL; what is no such URL as it stands."""
    found = re.fullmatch(r"https://sqs\.([^.]+)\.[^/]+/([^/]+)/([^/]+)", url)
    return arn_of("sqs", found[3], found[1], found[2]) if found else url
