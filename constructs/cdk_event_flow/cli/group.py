"""`event-flow` itself: the commands by name, each imported when it is asked for."""

import importlib

import click

_COMMANDS = ("check", "diagram", "diff", "dlq", "metrics", "replay", "routes", "run", "schedules", "send", "tail", "trace")


class Commands(click.Group):
    """Finds the command `name` in the module of that name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, sorted."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None where there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(importlib.import_module(f"cdk_event_flow.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cdk-event-flow")
def event_flow() -> None:
    """Prove where events go, run them here, and operate them where they are deployed, from the synthesized template."""
