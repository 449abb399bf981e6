"""The commands that read a template: trace and check."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cdk_event_flow.cli.app import flow_of
from cdk_event_flow.errors import EventError, Problem

Command = Callable[..., None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def event_flow() -> None:
    """Prove where events go, from the synthesized template: no account, nothing deployed."""


def _template_options(command: Command) -> Command:
    command = click.option("--app", help="The command that synthesizes (default: the one in cdk.json).")(command)
    return click.option(
        "--template", type=click.Path(path_type=Path), help="A template file or a folder such as cdk.out, as it is."
    )(command)


@event_flow.command()
@click.argument("events", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--on", "node", help="The bus, topic or queue it is put on (default: the app's only bus).")
@click.option("--to", help="Say only whether it reaches this node, and why not; the exit status is 1 if it does not.")
@_template_options
def trace(events: tuple[Path, ...], node: str | None, to: str | None, app: str | None, template: Path | None) -> None:
    """Where each of EVENTS (JSON files) goes, and why not elsewhere."""
    flow = flow_of(template, app)
    on = node or _only_bus(flow)
    reached = True
    for file in events:
        sent = flow.send(on, _read(file))
        click.echo(f"{file.name}")
        if to is None:
            click.echo(_indented(sent.explain()))
        else:
            reached &= sent.reaches(to)
            click.echo(_indented(f"reaches {to}" if sent.reaches(to) else sent.why_not(to)))
    sys.exit(0 if reached else 1)


@event_flow.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@_template_options
def check(as_json: bool, app: str | None, template: Path | None) -> None:
    """What is dead, loses messages or cannot work. The exit status is 1 when an error is found."""
    findings = flow_of(template, app).check()
    if as_json:
        click.echo(json.dumps([{name: getattr(f, name) for name in f.__dataclass_fields__} for f in findings], indent=2))
    for finding in () if as_json else findings:
        click.echo(f"{finding.severity} {finding.id} {finding.path}: {finding.what} {finding.why} {finding.fix}")
    if not findings and not as_json:
        click.echo("nothing found")
    sys.exit(1 if any(finding.severity == "error" for finding in findings) else 0)


def _only_bus(flow: Any) -> str:
    from cdk_event_flow.flow.model import Bus

    own = [bus for bus in flow.of(Bus) if bus.name != "default"]
    return str(own[0].arn) if len(own) == 1 else "default"


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except OSError as error:
        given = f"it cannot be read: {error.strerror}"
    except ValueError as error:
        given = f"it is not JSON: {error}"
    raise EventError(str(file), Problem(code="EF-EVENT", given=given, allowed="an event is a JSON file", fix="mend it"))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
