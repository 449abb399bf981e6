"""That no alarm tells nobody."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_event_flow.compose.known import path_of, stack_of
from cdk_event_flow.compose.observe.destinations import told_of
from cdk_event_flow.compose.observe.parts import alarms_in
from cdk_event_flow.errors import Problem
from constructs import IConstruct


def tell(nodes: Sequence[IConstruct]) -> list[Problem]:
    """Let alarms that were made elsewhere and tell nobody tell whom those of ours tell at their place; the problem that
    nobody is told there."""
    ours = {alarm: path for node in nodes if isinstance(node, cdk.Stack) for alarm, path in alarms_in(node).items()}
    silent, root = [], nodes[0].node.root
    for node in nodes:
        if node in ours:
            if not told_of(root, ours[node]):
                silent.append(ours[node])
        elif isinstance(node, cloudwatch.CfnAlarm) and not stack_of(node).resolve(node.alarm_actions):
            told = told_of(root, path_of(node))
            if told:
                node.alarm_actions = list(told)
            else:
                silent.append(path_of(node))
    return _silent(silent)


def _silent(paths: Sequence[str], most: int = 3) -> list[Problem]:
    if not paths:
        return []
    shown = ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
    return [
        Problem(code="EF-GUARD-ALARMS", given=f"alarms tell nobody: {shown}", allowed="the pack wants each to tell somebody",
                fix="give alarms= to the guardrails, or call alarms_to(…) for these")
    ]  # fmt: skip
