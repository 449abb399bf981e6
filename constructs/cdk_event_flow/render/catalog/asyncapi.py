"""A catalogue as an AsyncAPI 3 document. What is of no field of AsyncAPI's is in `x-` fields.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Mapping
from typing import Any

from cdk_event_flow.render.catalog.keys import keys_of
from cdk_event_flow.render.catalog.model import Catalog, Channel, Event, Form, Party
from cdk_event_flow.render.catalog.schemas import as_component

VERSION = "3.0.0"
_NOTHING_KNOWN = "What is sent to it, the template does not tell."


def asyncapi(catalog: Catalog, *, version: str = "unknown") -> dict[str, Any]:
    """The document as plain data, in an order that is always the same. `version` is of what it describes."""
    at = {channel.key: _messages(catalog, channel) for channel in catalog.channels}
    operations = [operation for party in catalog.functions for operation in _operations(catalog, party, at)]
    return {
        "asyncapi": VERSION,
        "info": {
            "title": catalog.title,
            "version": version,
            "description": "Events, and who publishes and takes them, as the CloudFormation template tells.",
        },
        "defaultContentType": "application/json",
        "channels": {channel.key: _channel(channel, at[channel.key]) for channel in catalog.channels},
        "operations": {key: body for key, (_, body) in keys_of(operations, lambda operation: operation[0]).items()},
        "components": {
            "messages": {
                **{event.key: _message(event) for event in catalog.events},
                **{
                    f"{event.key}.{form}": _other_form(event, form)
                    for event in catalog.events
                    for form in sorted({form for form in event.seen.values() if form != "event"})
                },
            },
            "schemas": {
                name: schema
                for event in catalog.events
                if event.schema is not None
                for name, schema in as_component(event.schema, event.key).items()
            },
        },
    }


def _messages(catalog: Catalog, channel: Channel) -> dict[str, Event]:
    """The messages of a channel by their keys among the components."""
    found = {}
    for event in catalog.events:
        if channel.key in event.buses:
            found[event.key] = event
        elif form := event.seen.get(channel.key):
            found[event.key if form == "event" else f"{event.key}.{form}"] = event
    return found


def _channel(channel: Channel, messages: Mapping[str, Event]) -> dict[str, Any]:
    body: dict[str, Any] = {"address": channel.address, "title": f"{channel.kind} {channel.name}"}
    if messages:
        body["messages"] = {key: {"$ref": f"#/components/messages/{key}"} for key in messages}
    else:
        body["description"] = _NOTHING_KNOWN
    return body | _extras({"x-aws-type": channel.type, "x-construct-path": channel.path, "x-owner": channel.owner})


def _message(event: Event) -> dict[str, Any]:
    body: dict[str, Any] = {"name": event.title, "title": event.title, "contentType": "application/json"}
    if event.schema is not None:
        body["payload"] = {"$ref": f"#/components/schemas/{event.key}"}
    else:
        by = f"asked for by {', '.join(event.asked_by)}" if event.asked_by else "made on the way"
        body["description"] = f"Not declared, {by}. What is in its detail, nobody says."
    if event.sample is not None:
        body["examples"] = [{"name": "sample", "payload": event.sample}]
    if event.asked_by:
        body["x-asked-by"] = list(event.asked_by)
    producers = [{"name": each.name, "told": each.told, "surely": each.surely} for each in event.producers]
    return body | _extras(
        {"x-source": event.source, "x-detail-type": event.detail_type, "x-declared": event.declared, "x-owner": event.owner,
         "x-producers": producers or None}
    )  # fmt: skip


def _other_form(event: Event, form: Form) -> dict[str, Any]:
    if form == "reshaped":
        return {
            "title": f"{event.title}, reshaped",
            "description": "Made of the event on its way by an input transformer or the like.",
        }
    text = {"type": "string", "contentMediaType": "application/json", "description": f"The event {event.title} as JSON text."}
    payload = {"type": "object", "required": ["Type", "Message"], "properties": {"Type": {"const": "Notification"}, "Message": text}}
    return {"title": f"{event.title} in a notification of SNS", "contentType": "application/json", "payload": payload}


def _operations(catalog: Catalog, party: Party, at: Mapping[str, Mapping[str, Event]]) -> list[tuple[str, dict[str, Any]]]:
    channels = {channel.name: channel for channel in reversed(catalog.channels)}
    made = []
    for action, word, hops in (("receive", "receives from", party.takes), ("send", "sends to", party.publishes)):
        for hop in hops:
            channel = channels.get(hop.name)
            if channel is None:
                continue  # a schedule, an API: no channel of messages
            messages = [key for key, event in at[channel.key].items() if _concerns(event, party, action)]
            body: dict[str, Any] = {
                "action": action,
                "channel": {"$ref": f"#/channels/{channel.key}"},
                "title": f"{party.name} {word} {channel.name}",
            }
            if messages:
                body["messages"] = [{"$ref": f"#/channels/{channel.key}/messages/{key}"} for key in messages]
            extras = {
                "x-by": hop.by or None,
                "x-told-by": hop.told or None,
                "x-filter": list(hop.filter) or None,
                "x-owner": party.owner,
                "x-construct-path": party.path,
            }
            made.append((f"{party.key}.{action}.{channel.key}", body | _extras(extras)))
    return made


def _concerns(event: Event, party: Party, action: str) -> bool:
    others = event.consumers if action == "receive" else event.producers
    return any(each.name == party.name for each in others)


def _extras(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}
