"""`event-flow access`: who may do what to what."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.source import Source, source_options

if TYPE_CHECKING:
    from cdk_event_flow.flow.access import Access


@click.command(short_help="Who may do what to what.")
@click.option("--who", metavar="NAME", help="Only what this function, service or account may do.")
@click.option("--on", metavar="NAME", help="Only what may be done to this resource.")
@click.option(
    "--wide", is_flag=True, help="Only statements in which a name could replace a wildcard; exit status 1 if there are any."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@source_options
def access(who: str | None, on: str | None, wide: bool, as_json: bool, source: Source) -> None:
    """Who may do what to what: every statement of roles, resources' policies and keys."""
    from cdk_event_flow.flow.access import access as read

    found = read(source.flow())
    _known(who, "--who", (name for each in found for name in each.who))
    _known(on, "--on", (name for each in found for name in each.on))
    kept = [
        each
        for each in found
        if (who is None or _named(who, each.who)) and (on is None or _named(on, each.on)) and (each.wide or not wide)
    ]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in kept], indent=2))
    else:
        for text in _grouped(kept):
            click.echo(text)
    if wide and kept:
        sys.exit(1)


def _grouped(found: Iterable["Access"]) -> Iterator[str]:
    by_who: dict[tuple[str, ...], list[Access]] = {}
    for each in found:
        by_who.setdefault(each.who, []).append(each)
    for number, (who, all_theirs) in enumerate(by_who.items()):
        yield ("\n" if number else "") + ", ".join(who)
        for each in all_theirs:
            may = "may not" if each.effect == "Deny" else "may"
            yield f"  {may} {', '.join(each.actions)} on {', '.join(each.on)}"
            if each.conditions:
                yield f"    where {' and '.join(each.conditions)}"
            yield from (f"    wide: {text}" for text in each.wide)
            yield f"    by {each.by}"


def _named(wanted: str, names: tuple[str, ...]) -> bool:
    return any(wanted == name or wanted in name.removeprefix("the ").replace(" ", "/").split("/") for name in names)


def _known(wanted: str | None, option: str, names: Iterable[str]) -> None:
    """Raise click.BadParameter for a name that nothing has."""
    every = sorted(set(names))
    if wanted is not None and not _named(wanted, tuple(every)):
        raise click.BadParameter(f"{wanted!r} is in no policy; there is {', '.join(every)}", param_hint=option)
