"""`event-flow network`: which functions share network interfaces, and how many addresses are left."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cdk_event_flow.cli.source import Source, source_options

if TYPE_CHECKING:
    from cdk_event_flow.flow.interfaces import Budget, Shared, Subnet


@click.command(short_help="Network interfaces of functions, and addresses left.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@source_options
def network(as_json: bool, source: Source) -> None:
    """Network interfaces, subnet by subnet: who shares one, what else has some, and how many addresses are left.

    Lambda makes one for each set of security groups in each subnet, however many functions and kept versions have it. The
    exit status is 1 where a subnet has too few addresses, or a network more interfaces than Lambda makes by default.
    """
    from cdk_event_flow.flow.interfaces import PER_NETWORK, interfaces

    budget = interfaces(source.flow())
    over = [name for name, number in budget.of_functions.items() if number > PER_NETWORK]
    small = [each for each in budget.subnets if each.left is not None and each.left < 0]
    if as_json:
        click.echo(json.dumps(_as_dict(budget), indent=2))
    else:
        for line in _lines(budget, PER_NETWORK):
            click.echo(line)
    sys.exit(1 if over or small else 0)


def _as_dict(budget: "Budget") -> dict[str, object]:
    subnets = [{**asdict(each), "interfaces": each.interfaces, "left": each.left} for each in budget.subnets]
    return {"subnets": subnets, "of_functions": budget.of_functions, "unknown": list(budget.unknown)}


def _lines(budget: "Budget", quota: int) -> Iterator[str]:
    if not budget.subnets:
        yield "nothing of this template stands in a network"
    for network in dict.fromkeys(each.network for each in budget.subnets):
        yield f"{network}: {_counted(budget.of_functions[network], 'interface')} of functions, of {quota} by default"
        for subnet in budget.subnets:
            if subnet.network == network:
                yield f"  {subnet.path}: {_counted(subnet.interfaces, 'interface')}{_left(subnet)}"
                yield from (f"    {line}" for each in subnet.shared for line in _shared(each))
                if subnet.endpoints:
                    yield f"    endpoints: {', '.join(subnet.endpoints)}"
                yield from (f"    {path}: up to {_counted(number, 'task')}" for path, number in subnet.tasks)
    yield from (f"not known: {each}" for each in budget.unknown)


def _left(subnet: "Subnet") -> str:
    if subnet.left is None:
        return ", its size is not in the template"
    if subnet.left < 0:
        return f", {-subnet.left} more than the subnet has addresses"
    return f", {_counted(subnet.left, 'address')} left"


def _shared(each: "Shared") -> Iterator[str]:
    versions = sum(number for _, number in each.functions)
    kept = f" and {_counted(versions, 'version')}" if versions else ""
    yield f"one of {', '.join(each.groups)} for {_counted(len(each.functions), 'function')}{kept}:"
    yield f"  {', '.join(path for path, _ in each.functions)}"


def _counted(number: int, what: str) -> str:
    plural = "es" if what.endswith("s") else "s"
    return f"{number:,} {what}{'' if number == 1 else plural}"
