"""Which functions cannot be run on this machine."""

import dataclasses
import platform

from cdk_event_flow.bundling.contents import Contents
from cdk_event_flow.bundling.ready import BOOTSTRAP, machine_of
from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Function, Node, Other, Version
from cdk_event_flow.flow.workers import Workers, consumed_by
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.environments.programs import Kind, kind_of
from cdk_event_flow.local.workers.fleets import why_not_run as why_no_workers


def why_not_run(function: Function, code: CodeForHere) -> str | None:
    """Why this function cannot be run here ("its runtime is java25"); None where it can."""
    if function.code.image:
        return "it is a container image"
    if not Environments.supports(function):
        return f"its runtime is {function.runtime or 'not given'}"
    if function.durable:
        return "it is durable, and its checkpoints are kept by Lambda"
    if function.tenants:
        return "it isolates tenants, which an environment here does not"
    if not (function.code.source or function.code.asset or function.code.inline):
        return "the template does not tell where its code is"
    return _for_another_machine(function, code)


def _for_another_machine(function: Function, code: CodeForHere) -> str | None:
    """A custom runtime is often a compiled program; scripts run on any machine."""
    if kind_of(function.runtime) is not Kind.CUSTOM or function.code.inline is not None:
        return None
    built_for = machine_of(Contents.of(code.asset(function)).read(BOOTSTRAP, 20))
    here = platform.machine().replace("AMD64", "x86_64").replace("aarch64", "arm64")
    return f"its bootstrap is built for {built_for}, and this machine is {here}" if built_for not in (None, here) else None


def runnable(flow: Flow, code: CodeForHere) -> tuple[Flow, tuple[str, ...]]:
    """The flow with functions that cannot be run here taken out, with what is imported and listened to, and a sentence for each.

    What would reach such a function is traced and says so. Raises RunError (EF-RUN-FUNCTIONS) where none is left.
    """
    reasons = {function.arn: reason for function in flow.of(Function) if (reason := why_not_run(function, code))}
    notes = tuple(f"{flow.nodes[arn].path}: not run, {reason}" for arn, reason in reasons.items())
    workers = {each.arn: why_no_workers(each) for each in flow.of(Workers) if any(consumed_by(flow, each))}
    notes += tuple(f"{flow.nodes[arn].path}: not run, {reason}" for arn, reason in workers.items() if reason)
    if len(reasons) == len(flow.of(Function)) and not any(reason is None for reason in workers.values()):
        raise RunError("event-flow run", _nothing_to_run(notes))
    imported = [dataclasses.replace(node, path=node.name) for node in flow.imported]
    notes += tuple(f"{each.path}: imported, it is run here with AWS's defaults" for each in imported)
    nodes = {arn: _taken_out(node, reasons) for arn, node in flow.nodes.items()} | {node.arn: node for node in imported}
    return Flow(nodes, account=flow.account, region=flow.region), notes


def _taken_out(node: Node, reasons: dict[str, str]) -> Node:
    behind = node.function_arn if isinstance(node, Alias | Version) else node.arn
    if behind not in reasons:
        return node
    known = {field.name: getattr(node, field.name) for field in dataclasses.fields(Node)}
    return Other(**known, type=f"function: {reasons[behind]}")


def _nothing_to_run(notes: tuple[str, ...]) -> Problem:
    return Problem(
        code="EF-RUN-FUNCTIONS",
        given="; ".join(notes) or "the template has no Lambda functions",
        allowed="a run needs at least one Python, Node or custom-runtime function with its code",
        fix="give the template of the stack with the functions, or use `event-flow trace` to see where events go",
    )
