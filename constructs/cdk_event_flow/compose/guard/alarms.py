"""That no alarm tells nobody."""

from collections.abc import Iterable, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_event_flow.compose.known import path_of, stack_of
from cdk_event_flow.compose.observe.destinations import told_of
from cdk_event_flow.compose.observe.parts import alarms_in
from cdk_event_flow.errors import Problem
from constructs import IConstruct


def tell(nodes: Iterable[IConstruct]) -> list[Problem]:
    """Let alarms that were made elsewhere and tell nobody tell whom those of ours tell at their place; the problem that
    nobody is told there."""
    silent = []
    known: dict[cdk.Stack, dict[IConstruct, str]] = {}
    for node in nodes:
        if isinstance(node, cloudwatch.CfnAlarm):
            stack = stack_of(node)
            if stack not in known:
                known[stack] = alarms_in(stack)
            ours = known[stack].get(node)
            actions: Any = None if ours else stack.resolve(node.alarm_actions)
            path = ours or path_of(node)
            told = told_of(stack, path)
            if not told and not actions:
                silent.append(path)
            elif not ours and not actions:
                node.alarm_actions = list(told)
    return _silent(silent)


def _silent(paths: Sequence[str], most: int = 3) -> list[Problem]:
    if not paths:
        return []
    shown = ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
    return [
        Problem(code="EF-GUARD-ALARMS", given=f"alarms tell nobody: {shown}", allowed="the pack wants each to tell somebody",
                fix="give alarms= to the guardrails, or call alarms_to(…) for these")
    ]  # fmt: skip
