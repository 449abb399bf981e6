"""`event-flow` itself: the commands by name, each imported when it is asked for."""

import difflib
import importlib
from collections.abc import Mapping, Sequence

import click

# In the order in which people come to need them.
SECTIONS: Mapping[str, Sequence[str]] = {
    "Begin": ("init",),
    "Prove, from the template": (
        *("trace", "check", "routes", "access", "network", "schedules", "alarms"),
        *("diff", "diagram", "view", "dashboard", "catalog"),
    ),
    "Run here": ("run", "functions"),
    "Operate, on AWS or on the run here": ("send", "tail", "metrics", "dlq", "replay"),
}
_WIDEST = 60  # characters of a short help
_COMMANDS = tuple(name for names in SECTIONS.values() for name in names)


class Commands(click.Group):
    """Finds the command `name` in the module of that name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, as people come to need them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None where there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(importlib.import_module(f"cdk_event_flow.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; of a name that is none, the nearest is said."""
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            ctx.fail(f"there is no command {args[0]!r}" + (f"; did you mean {near[0]}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by sections, each with what it is for."""
        for title, names in SECTIONS.items():
            commands = [(name, command.get_short_help_str(_WIDEST)) for name in names if (command := self.get_command(ctx, name))]
            with formatter.section(title):
                formatter.write_dl(commands, col_max=30)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cdk-event-flow")
def event_flow() -> None:
    """Prove where events go, run them here, and operate them where they are deployed, from the synthesized template.

    Most commands read the app of the cdk.json here; --template takes a template file or a folder such as cdk.out, --stack a
    stack as it is deployed. Each command says with --help what it takes.
    """
