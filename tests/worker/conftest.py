"""A worker of the runner against the run's own SQS, over HTTP and boto3 as in a container."""

import dataclasses
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest

import cdk_event_flow.worker
from cdk_event_flow.local.messages import Place
from cdk_event_flow.worker.settings import Settings
from cdk_event_flow.worker.worker import Worker
from tests.local import world as w

DEAD = w.queue("Dead")
JOBS = w.queue("Jobs", max_receives=2, dead_letter_arn=DEAD.arn, visibility=30)
FIFO = w.queue("Ordered.fifo", fifo=True, content_deduplication=True)
SECRETS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": w.REGION}


class World:
    """The queues `JOBS` (two receives, then `DEAD`) and `FIFO` on a clock of the day, and a client of them."""

    def __init__(self, run):
        self.run = run
        self.sqs = boto3.client(
            "sqs", endpoint_url=run.endpoint_url, region_name=w.REGION, aws_access_key_id="id", aws_secret_access_key="secret"
        )
        self.said = []

    def url(self, node=JOBS):
        return f"{self.run.endpoint_url}/{w.ACCOUNT}/{node.name}"

    def settings(self, node=JOBS, **more):
        usual = {"visibility": 30, "timeout": 60, "stop": 5, "wait": 0}
        return Settings(
            name="Fleet", handler="handler.handler", queue_url=self.url(node), queue_arn=node.arn, memory=512, **{**usual, **more}
        )

    def send(self, bodies, node=JOBS):
        for start in range(0, len(bodies), 10):
            part = bodies[start : start + 10]
            group = {"MessageGroupId": "one"} if node.fifo else {}
            entries = [{"Id": str(n), "MessageBody": body, **group} for n, body in enumerate(part)]
            assert not self.sqs.send_message_batch(QueueUrl=self.url(node), Entries=entries).get("Failed")

    def say(self, what, **more):
        self.said.append({"worker": what, **more})

    def told(self, what):
        return [each for each in self.said if each["worker"] == what]

    @contextmanager
    def working(self, handler, node=JOBS, sqs=None, environment=None, leave=None, **more):
        """A worker in a thread of this process, stopped at the end."""
        worker = Worker(
            self.settings(node, **more),
            sqs or self.sqs,
            handler,
            environment=environment or {},
            say=self.say,
            leave=leave or (lambda _: None),
        )
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            yield worker
        finally:
            worker.stop()
            thread.join(20)
            assert not thread.is_alive()

    def count(self, node=JOBS, place=None):
        queue = self.run.engine.queue(node.arn)
        return len(queue) if place is None else queue.count(place)

    def until(self, true, seconds=20):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.said[-5:]
            time.sleep(0.01)

    @contextmanager
    def process(self, folder, node=JOBS, **more):
        """A worker as a process, as an image starts it; its handler is `folder/handler.py`."""
        settings = self.settings(node, **more)
        variables = {
            **{f"WORKER_{key.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
               for key, value in dataclasses.asdict(settings).items()},
            **SECRETS,
            "AWS_ENDPOINT_URL": self.run.endpoint_url,
            "PYTHONPATH": os.pathsep.join([str(folder), str(packaged(folder))]),
            "PATH": os.environ["PATH"],
        }  # fmt: skip
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", "event_flow_worker"], env=variables, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def packaged(folder):
    """The runner under the name that it has in an image."""
    link = folder / "packaged" / cdk_event_flow.worker.PACKAGE
    if not link.exists():
        link.parent.mkdir()
        link.symlink_to(Path(cdk_event_flow.worker.__file__).parent)
    return link.parent


@pytest.fixture(scope="module")
def run():
    with w.serving(JOBS, DEAD, FIFO, fast=False, start=None) as run:
        yield run


@pytest.fixture
def world(run):
    """The same run for all tests of a file, with nothing in its queues."""
    world = World(run)
    for node in (JOBS, DEAD, FIFO):
        world.sqs.purge_queue(QueueUrl=world.url(node))
    return world


__all__ = ["DEAD", "FIFO", "JOBS", "Place"]
