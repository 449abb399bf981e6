"""What a fleet may be told, checked together before anything is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from cdk_event_flow.compose.edge import seconds, within
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.errors import Problem

FARGATE = "Fargate (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html)"
SQS = "SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html)"
RECEIVE = "SQS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html)"
SERVICES = "ECS (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html)"
STOPPING = "Fargate (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)"
STORAGE = "Fargate (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html)"

MOST_TASKS = 5_000
FREE_STORAGE = 20

# CPU units to the megabytes of memory that go with them.
SIZES: Mapping[int, Sequence[int]] = {
    256: (512, 1_024, 2_048),
    512: range(1_024, 4_097, 1_024),
    1_024: range(2_048, 8_193, 1_024),
    2_048: range(4_096, 16_385, 1_024),
    4_096: range(8_192, 30_721, 1_024),
    8_192: range(16_384, 61_441, 4_096),
    16_384: range(32_768, 122_881, 8_192),
}


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How many workers there are: `least` to `most`, so many that each has about `backlog` messages to do.

    `least` is 0 or more (default 0: nothing runs, and costs, while there is nothing to do), `most` up to 5,000 (default 10).
    `backlog` is how many messages one worker may have before it: what it does in the time that a message may wait (default
    100). Counted are those that wait and those that are worked on, for a worker that holds messages is not idle.
    """

    least: int = 0
    most: int = 10
    backlog: int = 100

    def problems(self) -> list[Problem]:
        """What ECS would refuse, and what could never be reached."""
        found = [
            *within("EF-WORKERS-MOST", "most workers", self.most, 1, MOST_TASKS, unit="tasks", source=SERVICES,
                    fix="choose a number in that range"),
            *within("EF-WORKERS-BACKLOG", "backlog of a worker", self.backlog, 1, 1_000_000, unit="messages",
                    source="a fleet", fix="choose a number in that range"),
        ]  # fmt: skip
        if not 0 <= self.least <= self.most:
            found.append(
                Problem(code="EF-WORKERS-LEAST", given=f"at least {self.least} and at most {self.most} workers",
                        allowed="the least is 0 or more, and not over the most", fix="correct one of them")
            )  # fmt: skip
        return found


def size_problems(cpu: int, memory: int) -> list[Problem]:
    """That Fargate has no task of this size."""
    if cpu not in SIZES:
        given, allowed = f"cpu is {cpu}", f"{FARGATE} has tasks of {', '.join(f'{each:,}' for each in SIZES)} units, 1,024 a vCPU"
    elif memory not in SIZES[cpu]:
        sizes = SIZES[cpu]
        given = f"memory is {memory:,} MB with a cpu of {cpu:,} units"
        allowed = f"{FARGATE} gives {cpu:,} units {sizes[0]:,} to {sizes[-1]:,} MB, in steps of {sizes[1] - sizes[0]:,}"
    else:
        return []
    return [Problem(code="EF-WORKERS-SIZE", given=given, allowed=allowed, fix="choose a size of that list")]


def time_problems(timeout: timedelta, visibility: timedelta, stop: timedelta) -> list[Problem]:
    """Times that SQS or ECS refuse."""
    return [
        *within("EF-WORKERS-TIMEOUT", "timeout", seconds(timeout), 1, 43_200, unit="seconds", source=SQS,
                fix="split the work: a message can be hidden no longer"),
        *within("EF-WORKERS-VISIBILITY", "visibility", seconds(visibility), 10, 43_200, unit="seconds", source=SQS,
                fix="choose a visibility in that range; it is prolonged while a batch is worked on"),
        *within("EF-WORKERS-STOP", "stop", seconds(stop), 2, 120, unit="seconds", source=STOPPING,
                fix="choose a time in that range; longer batches are protected from being scaled in"),
    ]  # fmt: skip


def batch_problems(batch: int, window: timedelta = timedelta(0)) -> list[Problem]:
    """Batches that one ReceiveMessage does not give."""
    found = within("EF-WORKERS-BATCH", "batch", batch, 1, 10, unit="messages", source=RECEIVE, fix="choose a number in that range")
    if window:
        found.append(
            Problem(code="EF-WORKERS-WINDOW", given=f"a batching window of {seconds(window)} seconds",
                    allowed="a worker takes what one ReceiveMessage gives, and does not wait for more", fix="leave window out")
        )  # fmt: skip
    return found


def place_problems(
    network: PrivateNetwork | None,
    vpc: ec2.IVpc | None,
    cluster: ecs.ICluster | None,
    capacity_provider: str | None,
    spot: int,
) -> list[Problem]:
    """Workers that would stand nowhere, or in two places."""
    found = within("EF-WORKERS-SPOT", "spot", spot, 0, 100, unit="percent", source="a fleet", fix="give the percentage of workers")
    if (network is None) == (vpc is None):
        found.append(
            Problem(code="EF-WORKERS-NETWORK", given="network and vpc" if network else "neither network nor vpc",
                    allowed="a worker stands in one network", fix="give network=PrivateNetwork(…), or vpc= with one that is there")
        )  # fmt: skip
    if capacity_provider and cluster is None:
        found.append(
            Problem(code="EF-WORKERS-CLUSTER", given="capacity_provider without cluster",
                    allowed="instances belong to a cluster", fix="give the cluster too, or leave both out for Fargate")
        )  # fmt: skip
    if capacity_provider and spot:
        found.append(
            Problem(code="EF-WORKERS-SPOT", given="spot with capacity_provider",
                    allowed="whether instances are Spot is said where they are made", fix="leave spot out")
        )  # fmt: skip
    return found


def storage_problems(storage: int) -> list[Problem]:
    """/tmp that Fargate does not give."""
    return within(
        "EF-WORKERS-STORAGE", "storage", storage, FREE_STORAGE, 200, unit="GB", source=STORAGE, fix="choose a size in that range"
    )


def environment_problems(environment: Mapping[str, str]) -> list[Problem]:
    """Variables that the runner reads for itself."""
    taken = sorted(name for name in environment if not cdk.Token.is_unresolved(name) and name.startswith("WORKER_"))
    if not taken:
        return []
    return [
        Problem(code="EF-WORKERS-ENVIRONMENT", given=f"{', '.join(taken)} in environment",
                allowed="the runner is told by WORKER_… what it does", fix="choose another name")
    ]  # fmt: skip
