"""The engines that run a template on this machine: ours, ministack, and moto's server, each started as its users start it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.measure import ROOT, compared
from tests.rehearsal.engine import REGION, engine, python_of
from tests.sockets import family


@dataclass
class Running:
    """An engine that runs: how to reach it, its process, and when it was started."""

    url: str
    pid: int
    began: float
    aws: Callable[[str], object]


def clients(url):
    """boto3's clients, as a user has them; made once."""
    made = {}

    def client(service):
        if service not in made:
            made[service] = boto3.client(
                service, endpoint_url=url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
                config=Config(retries={"max_attempts": 0}, read_timeout=120),
            )  # fmt: skip
        return made[service]

    return client


@contextmanager
def ours(folder, resources):
    """`event-flow run` on the template."""
    (folder / "template.json").write_text(json.dumps({"Resources": resources}))
    with event_flow_run(folder, "--template", folder / "template.json") as running:
        yield running


@contextmanager
def event_flow_run(folder, *arguments):
    """`event-flow run` in a folder, until the block ends."""
    port = _free_port()
    command = [Path(sys.executable).with_name("event-flow"), "run", "--port", str(port), "--no-page", *arguments]
    began = time.perf_counter()
    with (folder / "ours.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            aws = clients(f"http://127.0.0.1:{port}")
            _answering(lambda: aws("sqs").list_queues(), process)
            yield Running(f"http://127.0.0.1:{port}", process.pid, began, aws)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@contextmanager
def ministack(folder, resources):
    """The template deployed by ministack's CloudFormation."""
    python = python_of(ROOT / ".rehearsal")
    began = time.perf_counter()
    with engine(python, folder) as (url, _, pid):
        aws = clients(url)
        cloud = aws("cloudformation")
        cloud.create_stack(StackName="bench", TemplateBody=json.dumps({"Resources": resources}))
        cloud.get_waiter("stack_create_complete").wait(StackName="bench", WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
        yield Running(url, pid, began, aws)


@contextmanager
def moto(folder, _):
    """moto's server; a bus whose rule leads to a queue, made by its API: its CloudFormation and its rules go no further."""
    port = _free_port()
    began = time.perf_counter()
    with (folder / "moto.log").open("w") as log:
        process = subprocess.Popen([compared(), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            aws = clients(url)
            _answering(lambda: aws("sqs").list_queues(), process)
            queue = aws("sqs").create_queue(QueueName="jobs")["QueueUrl"]
            arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            aws("events").create_event_bus(Name="bench")
            aws("events").put_rule(Name="far", EventBusName="bench", EventPattern='{"detail-type": ["far"]}')
            aws("events").put_targets(Rule="far", EventBusName="bench", Targets=[{"Id": "queue", "Arn": arn}])
            yield Running(url, process.pid, began, aws)
        finally:
            process.terminate()
            process.wait(30)


def made(kind, **properties):
    """A resource of a template."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def function(name, code, role, **variables):
    """A function of this Python, its code in the template."""
    return made(
        "Lambda::Function",
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Handler="index.handler",
        Code={"ZipFile": code},
        Timeout=30,
        MemorySize=256,
        Role=role,
        Environment={"Variables": variables},
    )


def wait_for(done, wanted, seconds=300.0):
    """Until `done()` is `wanted` at least."""
    until = time.monotonic() + seconds
    while (now := done()) < wanted:
        if time.monotonic() > until:
            sys.exit(f"only {now} of {wanted} came")
        time.sleep(0.002)


def memory(pid):
    """Memory of the engine and all its processes, MB; of what several share, each has its part (PSS)."""
    kilobytes = 0
    for each in family(pid):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024


def processor_seconds(pid):
    """Processor seconds of the engine and all its processes so far."""
    ticks = 0
    for each in family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))  # its own, and those of its children that have ended
    return ticks / os.sysconf("SC_CLK_TCK")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answering(ask, process):
    """Wait until the engine answers."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            ask()
        except (BotoCoreError, ClientError):
            time.sleep(0.02)
        else:
            return
    sys.exit("an engine did not start")
