"""A catalogue as pages of Markdown."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from cdk_event_flow.render.catalog.model import Catalog, Channel, Consumer, Event, Hop, Party, Producer
from cdk_event_flow.render.catalog.schemas import fields

T = TypeVar("T")
UNKNOWN = "unknown"
INDEX = "README.md"


def pages(catalog: Catalog) -> dict[str, str]:
    """The text of each page by its place: the index, a page an event, one of channels, one of functions."""
    return {
        INDEX: _index(catalog),
        **{f"events/{event.key}.md": _event(event, catalog) for event in catalog.events},
        "channels.md": _channels(catalog),
        "functions.md": _functions(catalog),
    }


def _index(catalog: Catalog) -> str:
    lines = [
        f"# {_text(catalog.title)}",
        "",
        "Its events, who publishes them and who takes them, as the template tells. The same for machines:",
    ]
    lines += ["[asyncapi.yaml](asyncapi.yaml).", "", "## Events", ""]
    lines += _table(
        ("event", "source", "on", "published by", "taken by", "owner"),
        catalog.events,
        lambda event: (
            f"[{_text(event.title)}](events/{event.key}.md)" + ("" if event.declared else " (not declared)"),
            _code(event.source),
            ", ".join(map(_text, _buses(event, catalog))) or UNKNOWN,
            ", ".join(_text(each.name) for each in event.producers if each.surely) or UNKNOWN,
            ", ".join(dict.fromkeys(_text(each.name) for each in event.consumers)) or "nobody",
            _text(event.owner) if event.owner else UNKNOWN,
        ),
        empty="The template declares no events, and no rule asks for any.",
    )
    channels = ", ".join(_text(channel.name) for channel in catalog.channels) or "none"
    functions = ", ".join(_text(party.name) for party in catalog.functions) or "none"
    lines += ["", "## Where they go", "", f"- [Buses, topics, queues and the like](channels.md): {channels}"]
    lines += [f"- [Functions](functions.md): {functions}", ""]
    return "\n".join(lines)


def _event(event: Event, catalog: Catalog) -> str:
    lines = [f"# {_text(event.title)}", ""]
    lines += _table(("", ""), [
        ("source", _code(event.source)),
        ("detail-type", _code(event.detail_type)),
        ("declared by", _text(event.declared) if event.declared else f"nobody; {_told(event)}"),
        ("on", ", ".join(map(_text, _buses(event, catalog))) or UNKNOWN),
        ("owner", _text(event.owner) if event.owner else UNKNOWN),
    ], lambda row: row)  # fmt: skip
    lines += ["", "## Published by", "", *_producers(event.producers)]
    lines += ["", "## Taken by", "", *_consumers(event.consumers)]
    lines += ["", "## Fields", ""]
    if event.schema is None:
        return "\n".join([*lines, "Unknown: nobody declares it.", ""])
    lines += _table(
        ("field", "type", "", "meaning"),
        list(fields(event.schema)),
        lambda field: (_code(field.path), _text(field.type), "" if field.required else "optional", _text(field.description)),
        empty="The schema names none.",
    )
    if event.sample is not None:
        lines += ["", "## A sample", "", "```json", json.dumps(event.sample, indent=2, ensure_ascii=False), "```"]
    return "\n".join([*lines, ""])


def _told(event: Event) -> str:
    """How an event is known that nobody declares."""
    by = ", ".join(map(_text, event.asked_by))
    return f"asked for by {by}" if by else f"made by {', '.join(_text(each.name) for each in event.producers)}"


def _producers(producers: Sequence[Producer]) -> list[str]:
    surely = [f"- {_text(each.name)}: {_text(each.told)}" for each in producers if each.surely]
    perhaps = [f"- {_text(each.name)}, perhaps: {_text(each.told)}, and not which events" for each in producers if not each.surely]
    return [*surely, *perhaps] or ["Unknown: the template names nobody."]


def _consumers(consumers: Sequence[Consumer]) -> list[str]:
    lines = []
    for each in consumers:
        lines.append(f"- {_text(each.kind)} **{_text(each.name)}**, by {' → '.join(map(_text, each.way))}")
        lines += [f"    - {_text(where)} lets through {_code(words)}" for where, words in each.filters]
        lines += [f"    - if {_text(doubt)}" for doubt in each.doubts]
    return lines or ["Nobody, as far as the template tells."]


def _channels(catalog: Catalog) -> str:
    lines = ["# Buses, topics, queues and the like"]
    for channel in catalog.channels:
        lines += [
            "",
            f"## {_text(channel.name)}",
            "",
            f"{channel.kind[0].upper()}{channel.kind[1:]}, {_named(channel)}, {_owned(channel.owner)}.",
            "",
        ]
        lines += _hops("Into it", channel.fed, "the template names nobody.")
        lines += ["", *_hops("On from it", channel.takers, "nobody takes it, as far as the template tells.")]
    return "\n".join([*lines, ""])


def _named(channel: Channel) -> str:
    return f"named {_code(channel.address)}" if channel.address else "named by CloudFormation when it is deployed"


def _functions(catalog: Catalog) -> str:
    lines = ["# Functions"]
    for party in catalog.functions:
        lines += ["", f"## {_text(party.name)}", "", f"{_code(party.path)}, {_owned(party.owner)}.", ""]
        lines += _hops("Takes from", party.takes, "nothing, as far as the template tells.")
        lines += ["", *_hops("Publishes to", party.publishes, "nothing, as far as the template tells.")]
        if events := _taken(catalog, party):
            lines += ["", f"Of the events it takes {', '.join(f'[{_text(each.title)}](events/{each.key}.md)' for each in events)}."]
    return "\n".join([*lines, ""])


def _taken(catalog: Catalog, party: Party) -> list[Event]:
    return [event for event in catalog.events if any(each.name == party.name for each in event.consumers)]


def _owned(owner: str | None) -> str:
    return f"owned by {_text(owner)}" if owner else "its owner unknown"


def _hops(title: str, hops: Sequence[Hop], nothing: str) -> list[str]:
    if not hops:
        return [f"{title}: {nothing}"]
    lines = [f"{title}:", ""]
    for hop in hops:
        by = f", by {_text(hop.by)}" if hop.by not in ("", hop.name) else f": {_text(hop.told)}" if hop.told else ""
        filtered = f", of what is {_code('; '.join(hop.filter))}" if hop.filter else ""
        lines.append(f"- {_text(hop.kind)} {_text(hop.name)}{by}{filtered}")
    return lines


def _buses(event: Event, catalog: Catalog) -> list[str]:
    return [channel.name for channel in catalog.channels if channel.key in event.buses]


def _table(head: Sequence[str], rows: Iterable[T], row: Callable[[T], Sequence[str]], *, empty: str = "") -> list[str]:
    lines = [f"| {' | '.join(_cell(each) for each in row(one))} |" for one in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines] if lines else [empty]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _text(text: str) -> str:
    """Words of a template as Markdown that says just them."""
    text = re.sub(r"[\\`*\[\]#]|(?<!\w)_|_(?!\w)", r"\\\g<0>", text)
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())


def _code(text: str | None) -> str:
    """A text as code; longer ticks around one that has ticks in it."""
    if text is None:
        return "any"
    text = " ".join(text.split())
    if "`" not in text:
        return f"`{text}`"
    return f"``` {text} ```" if "```" not in text else _text(text)
