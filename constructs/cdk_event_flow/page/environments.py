"""The execution environments of a run: those that live, and those that are gone, with why."""

from typing import Any

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias, Version
from cdk_event_flow.local.environments import Environments
from cdk_event_flow.local.run import LocalRun

MOST_SHOWN = 400


def environments(run: LocalRun, flow: Flow) -> dict[str, Any]:
    """Each environment with its figures, the newest first, and the concurrency that is provisioned on AWS."""
    live = {each.environment: each for each in run.invoker.live} if isinstance(run.invoker, Environments) else {}
    records = run.engine.invocations.environments
    found = []
    for name in [*records, *(name for name in live if name not in records)]:
        record, now = records.get(name), live.get(name)
        arn = record.function_arn if record else now.function.arn if now else ""
        found.append(
            {
                "name": name,
                "function": run.engine.hub.post.name(arn),
                "version": record.version if record else now.version if now else "",
                "state": ("busy" if now.busy else "waiting") if now else "gone",
                "pid": now.pid if now else 0,
                "began": record.began if record else 0,
                "last": record.last if record else 0,
                "initMs": record.init_ms if record else 0,
                "invocations": record.invocations if record else 0,
                "failures": record.failures if record else 0,
                "memory": max(record.memory_mb if record else 0, now.memory if now else 0),
                "limit": _memory(flow, arn),
                "killed": record.killed if record else "",
            }
        )
    found.reverse()
    return {"environments": found[:MOST_SHOWN], "all": len(found), "provisioned": _provisioned(flow)}


def _memory(flow: Flow, arn: str) -> int:
    function = flow.function(arn)
    return function.memory if function else 0


def _provisioned(flow: Flow) -> list[dict[str, Any]]:
    found = []
    nodes: list[Alias | Version] = [*flow.of(Alias), *flow.of(Version)]
    for node in nodes:
        if node.provisioned:
            found.append({"function": flow.names.get(node.arn, node.path), "name": node.name, "count": node.provisioned})
    return found
