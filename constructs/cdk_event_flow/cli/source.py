"""Where a command's flow comes from: an app, a template as it lies there, or stacks that are deployed."""

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdk_event_flow.cli.app import assembly_of, flow_of, read_flow
from cdk_event_flow.cli.options import Command, template_options
from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.extras import need_extra
from cdk_event_flow.flow.template import stacks_of

if TYPE_CHECKING:
    from cdk_event_flow.flow import Flow
    from cdk_event_flow.operate.aws import Aws

STACK = "stack:"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose stacks they are; None for what the AWS configuration says."""

    region: str | None
    profile: str | None

    def aws(self, stacks: Sequence[str]) -> "Aws":
        """The SDK, in the region of the first stack that is given by its ARN. Raises RunError (EF-EXTRA, EF-AWS-…)."""
        need_extra("operate", click.get_current_context().command_path, ("boto3",), "reading a deployed stack")
        from cdk_event_flow.operate.aws import Aws

        told = next((name.split(":")[3] for name in stacks if name.startswith("arn:") and name.count(":") >= 5), None)
        return Aws.of_profile(region=self.region or told, profile=self.profile)


@dataclass(frozen=True, kw_only=True)
class Source:
    """What `source_options` was given: `place` is how findings name it."""

    template: Path | None
    app: str | None
    stacks: tuple[str, ...]
    account: Account

    @property
    def place(self) -> str:
        """`stack:Shop`, the template's path, or `cdk.json`."""
        return f"{STACK}{','.join(self.stacks)}" if self.stacks else str(self.template or "cdk.json")

    def flow(self) -> "Flow":
        """The flow, read now."""
        if not self.stacks:
            return flow_of(self.template, self.app)
        aws = self.account.aws(self.stacks)
        from cdk_event_flow.operate.deployed import deployed_flow

        return deployed_flow(self.stacks, aws)

    @contextmanager
    def read(self) -> "Iterator[tuple[Flow, Path | None]]":
        """The flow, and where it was read from, as long as that is there; None for deployed stacks."""
        if self.stacks:
            yield self.flow(), None
            return
        with assembly_of(self.template, self.app) as assembly:
            yield read_flow(assembly), assembly


def account_options(command: Command) -> Command:
    """`--region` and `--profile`, given to the command as its `account`."""

    @functools.wraps(command)
    def wrapped(*args: Any, region: str | None, profile: str | None, **options: Any) -> None:
        command(*args, account=Account(region=region, profile=profile), **options)

    wrapped = click.option("--profile", help="A profile of your AWS configuration.")(wrapped)
    return click.option("--region", help="The region of the stacks (default: your configuration's).")(wrapped)


def source_options(command: Command) -> Command:
    """`--template`, `--app`, `--stack`, `--region` and `--profile`, given to the command as its `source`."""

    @functools.wraps(command)
    def wrapped(*args: Any, template: Path | None, app: str | None, stack: str | None, account: Account, **options: Any) -> None:
        given = [name for name, value in (("--template", template), ("--app", app), ("--stack", stack)) if value is not None]
        if len(given) > 1:
            raise click.UsageError(f"{' and '.join(given)} say different things: give one of them.")
        refuse_account_without_stack(account, stack is not None, "--stack NAME")
        command(*args, source=Source(template=template, app=app, stacks=names_of(stack), account=account), **options)

    stack_option = click.option("--stack", metavar="NAME[,NAME…]", help="Stacks as they are deployed, by CloudFormation's names.")
    return template_options(stack_option(account_options(wrapped)))


def names_of(stacks: str | None) -> tuple[str, ...]:
    """The names in `Shop,Shared`. Raises click.UsageError where there is none."""
    if stacks is None:
        return ()
    names = tuple(filter(None, stacks.split(",")))
    if not names:
        raise click.UsageError("a stack needs its name, as CloudFormation has it.")
    return names


def refuse_account_without_stack(account: Account, stacks: bool, what: str) -> None:
    """Raise click.UsageError for options that would say nothing."""
    if not stacks and (account.region or account.profile):
        raise click.UsageError(f"--region and --profile are of deployed stacks: give {what} too.")


def comparable(old: str, new: str, account: Account) -> "tuple[Flow, Flow]":
    """The flows of two templates, assemblies or `stack:NAME`s, in which what is the same has the same name.

    Raises RunError (EF-STACK, EF-AWS-…) and TemplateError.
    """
    sides = [each.removeprefix(STACK) if each.startswith(STACK) else None for each in (old, new)]
    refuse_account_without_stack(account, any(each is not None for each in sides), f"{STACK}NAME")
    names = [names_of(each) for each in sides]
    if not any(names):
        # Names made up from a template file's name would make every node another one.
        return read_flow(Path(old), stack="Stack"), read_flow(Path(new), stack="Stack")
    if all(names) and len(names[0]) != len(names[1]):
        raise click.UsageError(f"{old} and {new} have to name as many stacks, in the same order.")
    aws = account.aws([*names[0], *names[1]])
    from cdk_event_flow.operate.deployed import Place, synthesized_flow

    if all(names):
        first = synthesized_flow(names[0], aws)
        return first, synthesized_flow(names[1], aws, called=names[0], place=Place(first.account, first.region))
    deployed = synthesized_flow(names[0] or names[1], aws)
    other = _synthesized(Path(new if names[0] else old), names[0] or names[1], deployed)
    return (deployed, other) if names[0] else (other, deployed)


def _synthesized(path: Path, stacks: Sequence[str], deployed: "Flow") -> "Flow":
    """What was synthesized for these stacks, read for the account and region where they are deployed."""
    from cdk_event_flow.flow import Flow

    if not path.is_dir():
        return Flow.from_template(path, stack=stacks[0], account=deployed.account, region=deployed.region)
    there = [stack.name for stack in stacks_of(path)]
    missing = [name for name in stacks if name not in there]
    if missing:
        problem = Problem(code="EF-STACK", given=f"it has no stack named {', '.join(missing)}",
                          allowed=f"it has {', '.join(there)}",
                          fix="give the stack of that name, or the template file to compare it with")  # fmt: skip
        raise RunError(str(path), problem)
    return Flow.from_assembly(path, account=deployed.account, region=deployed.region, only=stacks)
