"""An example run here: its real handlers in execution environments, reached by boto3 as any program would."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import boto3

from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.start import start
from tests.examples.checked import EXAMPLES, checked

T = TypeVar("T")


def locally(example: str, scenario: Callable[[LocalRun], Awaitable[T]]) -> T:
    """What `scenario(run)` gives, with time that jumps when nothing is busy."""

    async def run() -> T:
        made = checked(example)
        async with start(made.flow, app=EXAMPLES / example, assembly=made.assembly, fast=True, port=0) as run:
            return await scenario(run)

    return asyncio.run(run())


def client(run: LocalRun, service: str) -> Any:
    """A boto3 client of the run. Call it in a thread (`asyncio.to_thread`): the run answers in this one."""
    secrets = {"aws_access_key_id": "id", "aws_secret_access_key": "secret"}
    return boto3.client(service, endpoint_url=run.endpoint_url, region_name=run.region, **secrets)
