"""Functions inside of a network, each with a concurrency of its own."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk

from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, within
from cdk_event_flow.compose.functions.function import Function
from cdk_event_flow.compose.known import path_of, stack_of
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.compose.sources.mappings import CONCURRENCY, invoked_at_once
from cdk_event_flow.errors import Problem

UNRESERVED = 100  # that Lambda never lets anybody reserve, see LAMBDA_QUOTAS


def put_into_network(
    functions: Sequence[Function], networks: Sequence[PrivateNetwork], given: PrivateNetwork | None
) -> list[Problem]:
    """Put the functions that stand in no network into their stack's one, else into the one `given`; the problem that there is
    none for some of them."""
    nowhere = []
    of_stack: dict[cdk.Stack, list[PrivateNetwork]] = defaultdict(list)
    for network in networks:
        of_stack[stack_of(network)].append(network)
    used: dict[PrivateNetwork, None] = {}
    for function in functions:
        if function.network is not None:
            continue
        own = of_stack[stack_of(function)]
        chosen = own[0] if len(own) == 1 else given
        if chosen is None or stack_of(chosen).environment != stack_of(function).environment:
            nowhere.append(path_of(function))
            continue
        function.move_into(chosen)
        used[chosen] = None
    for network in used:
        network.open_endpoints()
    if not nowhere:
        return []
    return [
        Problem(code="EF-GUARD-NETWORK", given=f"{_named(nowhere)} in no network",
                allowed="the pack wants functions inside of a VPC, and whose, is yours to say",
                fix="make one PrivateNetwork in the stack, or give network= to the function or to the guardrails")
    ]  # fmt: skip


def limit(functions: Sequence[Function], concurrency: int | None, quota: int) -> list[Problem]:
    """Reserve `concurrency` for each function that has nothing reserved; the problems that Lambda would make of that."""
    without = [each for each in functions if each.reserved is None]
    if concurrency is None:
        return _not_said([path_of(each) for each in without])
    problems = []
    for function in without:
        least = max(invoked_at_once(function), function.most_provisioned)
        if least > concurrency:
            problems.append(
                Problem(code="EF-GUARD-CONCURRENCY",
                        given=f"{path_of(function)} may be invoked {least} times at once by its queues, or kept ready, and "
                        f"{concurrency} are reserved", allowed=f"{CONCURRENCY} throttles what is above",
                        fix=f"give concurrency={least} or more, give this function reserved={least}, or its queues "
                        "polling=Concurrency(most=…)")
            )  # fmt: skip
        function.reserve(concurrency)
    return problems + _over_quota(functions, quota)


def _not_said(without: list[str]) -> list[Problem]:
    if not without:
        return []
    return [
        Problem(code="EF-GUARD-CONCURRENCY", given=f"{_named(without)} without reserved concurrency",
                allowed="the pack wants a limit for each; a figure that nobody chose would throttle",
                fix="give concurrency= to the guardrails, or reserved= to the functions")
    ]  # fmt: skip


def _over_quota(functions: Sequence[Function], quota: int) -> list[Problem]:
    """That what is reserved in an account and region is more than it has."""
    reserved: dict[Any, int] = defaultdict(int)
    for function in functions:
        reserved[stack_of(function).environment] += function.reserved or 0
    return [
        problem
        for place, total in reserved.items()
        for problem in within("EF-GUARD-QUOTA", f"reserved in {place}", total, 0, quota - UNRESERVED, unit="executions",
                              source=LAMBDA_QUOTAS, fix="reserve less, or give quota= if the account has more")
    ]  # fmt: skip


def _named(paths: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(paths[:most])
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return f"{shown}{more} {'is' if len(paths) == 1 else 'are'}"
