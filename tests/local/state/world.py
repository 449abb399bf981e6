"""Runs that keep their state, and runs that are killed: what a kill leaves is the folder as it is at that moment."""

import asyncio
import shutil

import boto3
from botocore.config import Config

from cdk_event_flow.local.report import Report

from .. import world as w


def run_async(test, folder):
    """Run an async test with the path of a state that is not there yet."""
    asyncio.run(test(folder / "state"))


def kept_run(folder, *nodes, **more):
    """A fast run that keeps its state in `folder`."""
    return w.local_run(*nodes, state=folder, **more)


def as_killed_now(run, folder):
    """A folder with what a kill -9 at this moment would leave of the state in `folder`."""
    left = folder.with_name(f"{folder.name}+")
    shutil.copytree(folder, left)
    return left


async def until(reached):
    """Wait, in real time, for something that the run does by itself."""
    for _ in range(500):
        if reached():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came")


def accounting(run):
    return str(Report(run.trace, run.engine.hub.post).accounting)


def client(run, service):
    """boto3's client of a service, on the endpoint of a run."""
    return boto3.client(
        service,
        endpoint_url=run.endpoint_url,
        region_name=w.REGION,
        aws_access_key_id="id",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
