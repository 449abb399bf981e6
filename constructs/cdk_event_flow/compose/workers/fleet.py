"""Workers that go through a queue: containers on Fargate, or on instances of a cluster that is there, 0 to N of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import worker
from cdk_event_flow.bundling import Platform, Source, bundle, image_folder
from cdk_event_flow.compose.acknowledge import acknowledge_because
from cdk_event_flow.compose.edge import place, refuse, seconds
from cdk_event_flow.compose.functions.assets import CODE_METADATA, Python, relative, tell
from cdk_event_flow.compose.functions.consumer import Consumer
from cdk_event_flow.compose.functions.options import RETENTIONS, Logs
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.messaging.queue import Queue
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.compose.observe.alarms import oldest_message_alarm
from cdk_event_flow.compose.observe.parts import add_part, feeds
from cdk_event_flow.compose.workers.options import (
    FREE_STORAGE,
    Scaling,
    batch_problems,
    environment_problems,
    place_problems,
    size_problems,
    storage_problems,
    time_problems,
)
from cdk_event_flow.compose.workers.scaling import missing_alarm, scale
from cdk_event_flow.errors import ConstructError, Problem
from constructs import Construct, IValidation

CLUSTER_ID = "WorkersCluster"
BASE = "public.ecr.aws/lambda/python:{python}"  # as a function finds it: Amazon Linux, boto3, the same Python
_PLATFORMS = {"arm64": ecr_assets.Platform.LINUX_ARM64, "x86_64": ecr_assets.Platform.LINUX_AMD64}
_RECEIVING = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
_LEFT_TO_STOP = 10  # seconds of the stop timeout that are kept for giving back what is held


class WorkerFleet(Construct):
    """A queue's messages, worked through by 0 to N containers: for what takes longer than 15 minutes, or more than a function
    has.

    `code`, `handler`, `shared`, `python` and `exclude` are as in `PythonFunction`, and so is the handler: it gets the batches
    of up to `batch` messages (1 to 10) that Lambda would give it, and may return `batchItemFailures`. A runner that comes with
    this package polls the queue, hides messages for as long as they are worked on, deletes what was done, and stops gracefully.
    One worker works on one batch at a time. The image is built by `cdk deploy` from the same bundle that a function would
    have; a synth needs no Docker. `base` is the image that it stands on (default: AWS's own for Lambda's Python).

    The queue is `queue`, ours or the CDK's, or what `consume` or `Topic.fan_out(…, to=fleet)` gives it: one a fleet. Messages
    are hidden for `visibility` (10 seconds to 12 hours, default 1 minute) and again while they are worked on, so what a worker
    held that was killed comes back soon; a batch that takes longer than `timeout` (1 second to 12 hours, default 15 minutes)
    ends its worker.

    `scaling` says how many workers there are (`Scaling`, default 0 to 10 with 100 messages each). Out of nothing it takes one
    to two minutes; SQS tells of a queue that was not used for six hours up to fifteen minutes late. A worker that is scaled in
    has `stop` (2 to 120 seconds, default 2 minutes) to end its batch, and gives back what is left; where a batch may take
    longer, tasks are protected from being scaled in while they work. `spot` is the percentage of workers on Fargate Spot, which
    are taken away at two minutes' notice (default 0; an existing `cluster` must have the capacity providers FARGATE and
    FARGATE_SPOT for it).

    `cpu` (1,024 units a vCPU) and `memory` (MB) are a size that Fargate has (default 256 and 512), `storage` is /tmp in GB (20 to
    200, default 20). Workers stand in `network`, or in an existing `vpc` (its `subnets`, default those with a way out; of a
    security group that lets nothing in and HTTPS out, or of `security_groups`). `cluster` takes an existing one (default: one a
    stack); with `capacity_provider`, the name of one of the cluster's, they run on its instances.

    Encrypted logs kept 30 days (`logs`), a root file system that cannot be written, a user without rights, a task role that may
    receive from this queue and nothing else, alarms when no worker starts and when the oldest message waits longer than
    `promise` (default 1 hour).

    `service`, `task`, `container`, `cluster`, `role`, `image`, `log_group` are the CDK's own constructs.

    Raises ConstructError: EF-WORKERS-…, EF-CODE-…, EF-LOGS-RETENTION; BundleError as `bundling.bundle`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        code: str | Path,
        handler: str = "handler.handler",
        shared: str | Path | None = None,
        python: Python = "3.14",
        exclude: Sequence[str] = (),
        base: str | None = None,
        queue: Queue | sqs.IQueue | None = None,
        batch: int = 10,
        timeout: timedelta = timedelta(minutes=15),
        visibility: timedelta = timedelta(minutes=1),
        stop: timedelta = timedelta(minutes=2),
        scaling: Scaling = Scaling(),
        spot: int = 0,
        cpu: int = 256,
        memory: int = 512,
        storage: int = FREE_STORAGE,
        architecture: Literal["arm64", "x86_64"] = "arm64",
        environment: Mapping[str, str] | None = None,
        network: PrivateNetwork | None = None,
        vpc: ec2.IVpc | None = None,
        subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        cluster: ecs.ICluster | None = None,
        capacity_provider: str | None = None,
        promise: timedelta = timedelta(hours=1),
        logs: Logs = Logs(),
    ) -> None:
        at = place(scope, id)
        beside = Path(code).parent / "shared"
        source = Source(
            folder=Path(code),
            handler=handler,
            shared=Path(shared) if shared else beside if beside.is_dir() else None,
            exclude=tuple(exclude),
        )
        given = dict(environment or {})
        refuse(
            at,
            [
                *source.problems(),
                *scaling.problems(),
                *([] if capacity_provider else size_problems(cpu, memory)),
                *time_problems(timeout, visibility, stop),
                *batch_problems(batch),
                *storage_problems(storage),
                *place_problems(network, vpc, cluster, capacity_provider, spot),
                *environment_problems(given),
                *logs.problems(),
            ],
        )
        bundled = bundle(source, Platform.aws(python=python, architecture=architecture), at=at)
        super().__init__(scope, id)
        remember(self, scope, id)
        tell(self, bundled)
        self._scaling, self._batch, self._promise, self._id = scaling, batch, promise, id
        self._visibility, self._stop, self._timeout = visibility, stop, timeout
        self.queue: sqs.IQueue | None = None
        self.key = stack_key(self)
        self.log_group = logs.group or self._log_group(logs)
        self.image = ecr_assets.DockerImageAsset(
            self,
            "Image",
            directory=str(
                image_folder(
                    bundled,
                    Path(worker.__file__).parent,
                    worker.PACKAGE,
                    base=(base or BASE).format(python=python),
                    python=f"/var/lang/bin/python{python}",
                )
            ),
            platform=_PLATFORMS[architecture],
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "ecs-tasks.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}}
            ),
        )
        self.task = self._task(cpu, memory, storage, architecture, on_instances=bool(capacity_provider))
        self.container = self._container(given, memory)
        self._record(source, python)
        network_vpc: Any = network.vpc if network else vpc
        self.cluster = cluster or self._own_cluster(network_vpc)
        self.service = self._service(network, network_vpc, subnets, security_groups, capacity_provider, spot)
        if network:
            network.admit_tasks(self.role, self._execution_role(), scaling.most)
        self._protect()
        # What triggers and producers need to know of it: a queue made for it hides messages as long as it does itself.
        nothing: Any = self.task
        self.consumer = Consumer(scope=self, invoked=nothing, function=nothing, role=self.role, timeout=visibility / 6)
        self.node.add_validation(_HasQueue(self))
        if queue is not None:
            self.consume(queue)

    @property
    def receiver(self) -> sqs.IQueue:
        """What receives where this fleet is given as a target: its queue. Raises ConstructError: EF-WORKERS-QUEUE."""
        if self.queue is None:
            refuse(self.node.path, [_no_queue()])
        return self.queue  # type: ignore[return-value]

    def consume(self, queue: Queue | sqs.IQueue, *, batch: int | None = None) -> ecs.BaseService:
        """Work through this queue, by batches of `batch` (default: the fleet's); the service is given back.

        Raises ConstructError: EF-WORKERS-QUEUE where the fleet has one already, EF-WORKERS-BATCH.
        """
        batch = batch or self._batch
        refuse(place(self, "consume"), [*batch_problems(batch), *self._queue_problems(queue)])
        made: Any = queue.queue if isinstance(queue, Queue) else queue
        self.queue = made
        if isinstance(queue, Queue):
            queue.wait_for(self._visibility)
        self.role.add_to_policy(iam.PolicyStatement(actions=_RECEIVING, resources=[made.queue_arn]))
        key = queue.key if isinstance(queue, Queue) else made.encryption_master_key
        if key is not None:
            self.role.add_to_policy(iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn]))
        for name, value in {"QUEUE_URL": made.queue_url, "QUEUE_ARN": made.queue_arn, "BATCH": str(batch)}.items():
            self.container.add_environment(f"WORKER_{name}", value)
        add_part(
            self, kind="workers", scope=self, called=self.service.service_name, near=self.log_group,
            cluster=self.cluster.cluster_name, queue=made.queue_name, promise=seconds(self._promise),
            logs=self.log_group.log_group_arn,
        )  # fmt: skip
        feeds(queue, self)
        scale(self, self.service, self.cluster, made, self._scaling)
        self.missing_alarm: cloudwatch.CfnAlarm = missing_alarm(self, self.service, self.cluster, made)
        self.oldest_alarm = oldest_message_alarm(self, "Oldest", made, promise=seconds(self._promise))
        return self.service

    def work_through(self, queue: Any, *, batch: int = 10, window: timedelta = timedelta(0), **options: Any) -> ecs.BaseService:
        """`consume`, as what makes queues for functions asks for it; of their options a fleet has the batch."""
        refuse(place(self, "consume"), [*batch_problems(batch, window), *_unknown(set(options) - {"id"})])
        return self.consume(queue, batch=min(batch, self._batch))

    def add_environment(self, name: str, value: str) -> None:
        """One more variable for the handler. No secrets: give the name of a secret, and read it."""
        refuse(place(self, "environment"), environment_problems({name: value}))
        self.container.add_environment(name, value)

    def _queue_problems(self, queue: Any) -> list[Problem]:
        if self.queue is not None:
            return [
                Problem(code="EF-WORKERS-QUEUE", given="the fleet has a queue already",
                        allowed="a fleet is scaled by the backlog of one queue",
                        fix="make another fleet, or send to the queue that it has: topic.subscribe(…, fleet)")
            ]  # fmt: skip
        if not isinstance(queue, Queue) and not hasattr(queue, "queue_arn"):
            return [
                Problem(code="EF-WORKERS-QUEUE", given=f"a {type(queue).__name__}",
                        allowed="workers receive from an SQS queue", fix="put a queue in between")
            ]  # fmt: skip
        return []

    def _log_group(self, wanted: Logs) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            retention=RETENTIONS[wanted.retention.days],
            encryption_key=self.key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _task(self, cpu: int, memory: int, storage: int, architecture: str, *, on_instances: bool) -> ecs.TaskDefinition:
        platform = ecs.RuntimePlatform(
            cpu_architecture=ecs.CpuArchitecture.ARM64 if architecture == "arm64" else ecs.CpuArchitecture.X86_64,
            operating_system_family=ecs.OperatingSystemFamily.LINUX,
        )
        return ecs.TaskDefinition(
            self,
            "Task",
            compatibility=ecs.Compatibility.EC2 if on_instances else ecs.Compatibility.FARGATE,
            network_mode=ecs.NetworkMode.AWS_VPC,
            cpu=str(cpu),
            memory_mib=str(memory),
            ephemeral_storage_gib=storage if storage > FREE_STORAGE else None,
            runtime_platform=None if on_instances else platform,
            task_role=self.role,
            volumes=[ecs.Volume(name="tmp")],
        )

    def _container(self, environment: Mapping[str, str], memory: int) -> ecs.ContainerDefinition:
        container = self.task.add_container(
            "Worker",
            image=ecs.ContainerImage.from_docker_image_asset(self.image),
            logging=ecs.LogDriver.aws_logs(log_group=self.log_group, stream_prefix="worker"),
            readonly_root_filesystem=True,
            memory_limit_mib=memory,
            stop_timeout=cdk.Duration.seconds(seconds(self._stop)),
            # Something must be process 1 that hands signals on and buries children.
            linux_parameters=ecs.LinuxParameters(self, "Linux", init_process_enabled=True),
            environment={
                **environment,
                "AWS_DEFAULT_REGION": cdk.Stack.of(self).region,
                "WORKER_NAME": self._id,
                "WORKER_TIMEOUT": str(seconds(self._timeout)),
                "WORKER_VISIBILITY": str(seconds(self._visibility)),
                "WORKER_STOP": str(max(1, seconds(self._stop) - _LEFT_TO_STOP)),
                "WORKER_MEMORY": str(memory),
            },
        )
        container.add_mount_points(ecs.MountPoint(container_path="/tmp", source_volume="tmp", read_only=False))
        acknowledge_because(
            self.task,
            "AwsSolutions::AwsSolutions-ECS2",
            "The variables are names, addresses and numbers; a secret is named here and read by the handler.",
        )
        acknowledge_because(
            self._execution_role(),
            "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            "ecr:GetAuthorizationToken has no resource-level permission in IAM.",
        )
        return container

    def _execution_role(self) -> iam.Role:
        role: Any = self.task.obtain_execution_role()
        return role  # type: ignore[no-any-return]

    def _record(self, source: Source, python: str) -> None:
        """What the local run needs to start workers from the same sources, in the template as of a function."""
        resource: Any = self.task.node.default_child
        self.container.add_environment("WORKER_HANDLER", source.handler)
        resource.add_metadata(
            CODE_METADATA,
            {
                "source": relative(source.folder),
                **({"shared": relative(source.shared)} if source.shared else {}),
                **({"exclude": list(source.exclude)} if source.exclude else {}),
                "python": python,
            },
        )

    def _own_cluster(self, vpc: ec2.IVpc) -> ecs.ICluster:
        stack = cdk.Stack.of(self)
        found: Any = stack.node.try_find_child(CLUSTER_ID)
        return found or ecs.Cluster(
            stack,
            CLUSTER_ID,
            vpc=vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
            enable_fargate_capacity_providers=True,
        )

    def _service(
        self,
        network: PrivateNetwork | None,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection | None,
        groups: Sequence[ec2.ISecurityGroup],
        capacity_provider: str | None,
        spot: int,
    ) -> ecs.BaseService:
        placed = network.placement() if network else {"vpc_subnets": subnets, "security_groups": list(groups) or [self._group(vpc)]}
        placed.pop("vpc", None)
        strategies = [
            ecs.CapacityProviderStrategy(capacity_provider=name, weight=weight) for name, weight in _weights(capacity_provider, spot)
        ]
        make = ecs.Ec2Service if capacity_provider else ecs.FargateService
        return make(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=self.task,
            capacity_provider_strategies=strategies or None,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            **placed,
        )

    def _group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(self, "Group", vpc=vpc, allow_all_outbound=False, description=f"Workers of {self.node.path}")
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS, over HTTPS")
        return group

    def _protect(self) -> None:
        """Batches that may take longer than the time to stop are not to be cut by a scale-in.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
        """
        if self._timeout <= self._stop:
            return
        self.container.add_environment("WORKER_PROTECT", "true")
        stack = cdk.Stack.of(self)
        tasks = f"arn:{cdk.Aws.PARTITION}:ecs:{stack.region}:{stack.account}:task/{self.cluster.cluster_name}/*"
        self.role.add_to_policy(iam.PolicyStatement(actions=["ecs:UpdateTaskProtection"], resources=[tasks]))
        shown = acknowledged_tasks(stack, self.cluster)
        acknowledge_because(
            self.role,
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{shown}]",
            "A worker protects its own task; ECS makes up the task's id when it starts it.",
        )


def acknowledged_tasks(stack: cdk.Stack, cluster: ecs.ICluster) -> str:
    """The tasks of a cluster as cdk-nag writes their ARN."""
    resolved = stack.resolve(cluster.cluster_name)
    name = f"<{resolved['Ref']}>" if isinstance(resolved, dict) and "Ref" in resolved else str(resolved)
    region = "<AWS::Region>" if cdk.Token.is_unresolved(stack.region) else stack.region
    account = "<AWS::AccountId>" if cdk.Token.is_unresolved(stack.account) else stack.account
    return f"arn:<AWS::Partition>:ecs:{region}:{account}:task/{name}/*"


def _weights(capacity_provider: str | None, spot: int) -> list[tuple[str, int]]:
    if capacity_provider:
        return [(capacity_provider, 1)]
    if not spot:  # a service of the launch type FARGATE runs on any cluster
        return []
    return [(name, weight) for name, weight in (("FARGATE", 100 - spot), ("FARGATE_SPOT", spot)) if weight]


def _unknown(names: set[str]) -> list[Problem]:
    if not names:
        return []
    return [
        Problem(code="EF-WORKERS-OPTION", given=f"{', '.join(sorted(names))} of a mapping",
                allowed="a fleet polls by itself, and has no event source mapping", fix="leave it out")
    ]  # fmt: skip


def _no_queue() -> Problem:
    return Problem(
        code="EF-WORKERS-QUEUE",
        given="the fleet has no queue",
        allowed="workers go through a queue",
        fix="give queue=, or call fleet.consume(queue) or topic.fan_out(…, to=fleet)",
    )


@jsii.implements(IValidation)
class _HasQueue:
    """Asked at synth, when all is composed."""

    def __init__(self, fleet: WorkerFleet) -> None:
        self._fleet = fleet

    def validate(self) -> list[str]:
        """What is wrong, as the error would say it."""
        return [] if self._fleet.queue is not None else [str(ConstructError(self._fleet.node.path, _no_queue()))]
