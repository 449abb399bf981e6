"""A fleet of workers: what it makes, what it refuses, what it takes that is there already."""

import json
from datetime import timedelta

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import EventBus, PrivateNetwork, Queue, Scaling, Schedule, Topic, WorkerFleet, decouple
from cdk_event_flow.compose.workers.options import SIZES
from cdk_event_flow.compose.workers.scaling import steps
from cdk_event_flow.errors import ConstructError
from cdk_event_flow.flow.workers import Workers
from cdk_event_flow.worker.settings import Settings
from tests.compose.synthesis import flow_of, new_stack, resources, template_of

CODE = "examples/worker_fleet/lambda_src/render"


@pytest.fixture
def stack():
    return new_stack()


@pytest.fixture
def vpc(stack):
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "There",
        vpc_id="vpc-1",
        availability_zones=["a"],
        private_subnet_ids=["subnet-1"],
        private_subnet_route_table_ids=["rtb-1"],
    )


def fleet(stack, vpc, **more):
    return WorkerFleet(stack, "Render", **{"code": CODE, "vpc": vpc, **more})


def container(template):
    (task,) = resources(template, "AWS::ECS::TaskDefinition")
    (made,) = task["ContainerDefinitions"]
    return made


def environment(template):
    return {pair["Name"]: pair["Value"] for pair in container(template)["Environment"]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({"cpu": 300}, "EF-WORKERS-SIZE", "256, 512, 1,024"),
        ({"cpu": 256, "memory": 3_072}, "EF-WORKERS-SIZE", "512 to 2,048 MB"),
        ({"cpu": 512, "memory": 512}, "EF-WORKERS-SIZE", "1,024 to 4,096 MB, in steps of 1,024"),
        ({"timeout": timedelta(hours=12, seconds=1)}, "EF-WORKERS-TIMEOUT", "12 hours"),
        ({"timeout": timedelta(0)}, "EF-WORKERS-TIMEOUT", "1 second"),
        ({"visibility": timedelta(seconds=9)}, "EF-WORKERS-VISIBILITY", "10 seconds"),
        ({"visibility": timedelta(hours=13)}, "EF-WORKERS-VISIBILITY", "12 hours"),
        ({"stop": timedelta(seconds=121)}, "EF-WORKERS-STOP", "2 minutes"),
        ({"stop": timedelta(seconds=1)}, "EF-WORKERS-STOP", "2 seconds"),
        ({"batch": 11}, "EF-WORKERS-BATCH", "1 messages to 10 messages"),
        ({"batch": 0}, "EF-WORKERS-BATCH", "batch is 0"),
        ({"storage": 19}, "EF-WORKERS-STORAGE", "20 GB to 200 GB"),
        ({"storage": 201}, "EF-WORKERS-STORAGE", "201 GB"),
        ({"spot": 101}, "EF-WORKERS-SPOT", "100 percent"),
        ({"scaling": Scaling(most=0)}, "EF-WORKERS-MOST", "1 tasks to 5,000 tasks"),
        ({"scaling": Scaling(most=5_001)}, "EF-WORKERS-MOST", "5,001"),
        ({"scaling": Scaling(least=3, most=2)}, "EF-WORKERS-LEAST", "at least 3 and at most 2"),
        ({"scaling": Scaling(backlog=0)}, "EF-WORKERS-BACKLOG", "0 messages"),
        ({"environment": {"WORKER_QUEUE_URL": "x"}}, "EF-WORKERS-ENVIRONMENT", "WORKER_QUEUE_URL"),
        ({"vpc": None}, "EF-WORKERS-NETWORK", "neither network nor vpc"),
        ({"capacity_provider": "mine"}, "EF-WORKERS-CLUSTER", "give the cluster too"),
        ({"code": "examples/worker_fleet/lambda_src/rendr"}, "EF-CODE-FOLDER", "render"),
        ({"handler": "handler.handle"}, "EF-CODE-HANDLER", "handler.handler"),
    ],
)
def test_what_aws_would_refuse_is_refused_before_anything_is_made(stack, vpc, arguments, code, said):
    with pytest.raises(ConstructError) as refused:
        fleet(stack, **{"vpc": vpc, **arguments})
    assert code in {problem.code for problem in refused.value.problems}
    assert str(refused.value).startswith("EF-")
    assert "at Shop/Render: " in str(refused.value)
    assert said in str(refused.value)
    assert stack.node.try_find_child("Render") is None


def test_the_ends_of_each_range_are_taken(stack, vpc):
    usual = {"code": CODE, "vpc": vpc}
    for number, (cpu, memories) in enumerate([*SIZES.items()][:2]):
        for end, memory in enumerate((memories[0], memories[-1])):
            WorkerFleet(
                stack,
                f"F{number}{end}",
                cpu=cpu,
                memory=memory,
                timeout=timedelta(hours=12) if end else timedelta(seconds=1),
                visibility=timedelta(hours=12) if end else timedelta(seconds=10),
                stop=timedelta(minutes=2) if end else timedelta(seconds=2),
                batch=10 if end else 1,
                storage=200 if end else 20,
                spot=100 if end else 0,
                scaling=Scaling(most=5_000 if end else 1, backlog=1),
                **usual,
            )


def test_the_runner_is_told_what_it_reads(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"), batch=4, timeout=timedelta(minutes=90), environment={"BUCKET": "b"})
    told = environment(template_of(stack))
    text = {name: value if isinstance(value, str) else "arn:aws:sqs:eu-west-1:111122223333:Jobs" for name, value in told.items()}
    settings = Settings.of(text)
    assert (settings.handler, settings.batch, settings.timeout, settings.visibility) == ("handler.handler", 4, 5_400, 60)
    assert (settings.stop, settings.protect, settings.memory) == (110, True, 512)
    assert told["BUCKET"] == "b"
    assert told["WORKER_QUEUE_URL"] == {"Ref": "JobsQueue24944186"}


def test_a_container_can_write_tmp_alone_and_has_two_minutes_to_stop(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"))
    made = container(template_of(stack))
    assert made["ReadonlyRootFilesystem"] is True
    assert made["MountPoints"] == [{"ContainerPath": "/tmp", "ReadOnly": False, "SourceVolume": "tmp"}]
    assert (made["StopTimeout"], made["LinuxParameters"]["InitProcessEnabled"]) == (120, True)


def test_the_task_may_receive_from_its_queue_and_nothing_else(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"), timeout=timedelta(minutes=2))
    template = template_of(stack)
    (policy,) = [each for name, each in template["Resources"].items() if name.startswith("RenderRoleDefaultPolicy")]
    said = {str(each["Action"]): each["Resource"] for each in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert said == {
        "['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage']": {"Fn::GetAtt": ["JobsQueue24944186", "Arn"]},
        "kms:Decrypt": {"Fn::GetAtt": ["EventFlowKey4A4AED9B", "Arn"]},
    }
    (trust,) = template["Resources"]["RenderRole08BB3AD9"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_batches_longer_than_the_stop_are_protected_and_others_not(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"), timeout=timedelta(seconds=121))
    assert environment(template_of(stack))["WORKER_PROTECT"] == "true"
    other = new_stack("Other")
    network = PrivateNetwork(other, "Network")
    WorkerFleet(other, "Render", code=CODE, network=network, queue=Queue(other, "Jobs"), timeout=timedelta(seconds=120))
    template = template_of(other)
    assert "WORKER_PROTECT" not in environment(template)
    assert "TaskProtection" not in json.dumps(template)


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (Scaling(most=1, backlog=7), [(0, None, 1)]),
        (Scaling(most=3, backlog=10), [(0, 11, 1), (11, 21, 2), (21, None, 3)]),
        (Scaling(most=4, backlog=1), [(0, 2, 1), (2, 3, 2), (3, None, 4)]),
    ],
)
def test_out_of_nothing_as_many_begin_as_the_backlog_needs(scaling, expected):
    assert steps(scaling) == expected


def test_the_steps_of_the_largest_fleet_are_as_many_as_a_policy_takes():
    assert len(steps(Scaling(most=5_000))) == 14  # of 20


def test_a_fleet_that_never_rests_needs_no_step(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"), scaling=Scaling(least=1))
    (policy,) = resources(template_of(stack), "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert policy["PolicyType"] == "TargetTrackingScaling"


def test_metrics_of_the_formula_are_visible_hidden_and_running(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"))
    policies = {each["PolicyName"]: each for each in resources(template_of(stack), "AWS::ApplicationAutoScaling::ScalingPolicy")}
    config = policies["ByBacklog"]["TargetTrackingScalingPolicyConfiguration"]
    metrics = {each["Id"]: each for each in config["CustomizedMetricSpecification"]["Metrics"]}
    assert metrics["backlog"]["Expression"] == "(visible + hidden) / running"
    assert [metric["Id"] for metric in metrics.values() if metric["ReturnData"]] == ["backlog"]
    assert metrics["running"]["MetricStat"]["Stat"] == "SampleCount"


def test_a_topic_a_bus_a_schedule_and_a_tier_before_it_reach_a_fleet(stack, vpc):
    render = fleet(stack, vpc)
    topic = Topic(stack, "Videos")
    topic.fan_out("Renditions", to=render)
    EventBus(stack, "Uploads").route("Direct", {"source": ["media"]}, to=render)
    Schedule(stack, "Nightly", cron="0 2 * * ? *", to=render)
    later = WorkerFleet(stack, "Publish", code=CODE, vpc=vpc)
    decouple(stack, "Rendered", producers=[render], consumer=later)
    flow = flow_of(stack)
    event = {"source": "media", "detail-type": "x", "detail": {}}
    assert flow.send("Videos", event).reaches("Render")
    assert flow.send("Uploads", event).reaches("Render")
    assert flow.send("Nightly", {}).reaches("Render")
    assert flow.send("Rendered", {}).reaches("Publish")
    assert not flow.send("Rendered", {}).reaches("Render")
    assert flow.check() == []
    assert "QUEUE_URL" in flow.find("Render", Workers).environment


def test_the_queue_of_a_fleet_hides_as_long_as_the_fleet(stack, vpc):
    topic = Topic(stack, "Videos")
    queue = topic.fan_out("Renditions", to=fleet(stack, vpc, visibility=timedelta(minutes=3)))
    made = template_of(stack)["Resources"][stack.get_logical_id(queue.queue.node.default_child)]
    assert made["Properties"]["VisibilityTimeout"] == 180


def test_a_second_queue_is_refused_and_what_is_no_queue(stack, vpc):
    render = fleet(stack, vpc, queue=Queue(stack, "Jobs"))
    with pytest.raises(ConstructError, match="EF-WORKERS-QUEUE at Shop/Render/consume: the fleet has a queue already"):
        render.consume(Queue(stack, "More"))
    with pytest.raises(ConstructError, match="EF-WORKERS-QUEUE.*a Topic"):
        WorkerFleet(stack, "Other", code=CODE, vpc=vpc).consume(Topic(stack, "News"))


def test_options_of_mappings_are_refused(stack, vpc):
    with pytest.raises(ConstructError, match="EF-WORKERS-WINDOW"):
        Topic(stack, "Videos").fan_out("Renditions", to=fleet(stack, vpc), window=timedelta(seconds=5))
    with pytest.raises(ConstructError, match="EF-WORKERS-BATCH"):
        Topic(stack, "More").fan_out("Renditions", to=stack.node.find_child("Render"), batch=25)


def test_a_fleet_without_a_queue_is_told_at_synth_and_when_it_is_a_target(stack, vpc):
    render = fleet(stack, vpc)
    with pytest.raises(ConstructError, match="EF-WORKERS-QUEUE at Shop/Render: the fleet has no queue"):
        EventBus(stack, "Uploads").route("Direct", {"source": ["media"]}, to=render)
    with pytest.raises(RuntimeError, match="EF-WORKERS-QUEUE at Shop/Render: the fleet has no queue"):
        stack.node.root.synth()


def test_an_existing_queue_cluster_and_network_are_taken(stack, vpc):
    queue = sqs.Queue.from_queue_arn(stack, "Old", "arn:aws:sqs:eu-west-1:111122223333:old")
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1", mutable=False)
    cluster = ecs.Cluster.from_cluster_attributes(stack, "Cluster", cluster_name="ours", vpc=vpc)
    render = fleet(stack, vpc, queue=queue, cluster=cluster, security_groups=[group])
    template = template_of(stack)
    assert resources(template, "AWS::ECS::Cluster") == resources(template, "AWS::EC2::SecurityGroup") == []
    assert resources(template, "AWS::SQS::Queue") == []
    (service,) = resources(template, "AWS::ECS::Service")
    placed = service["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert (placed["Subnets"], placed["SecurityGroups"]) == (["subnet-1"], ["sg-1"])
    assert isinstance(render.service, ecs.FargateService)
    assert (service["LaunchType"], "CapacityProviderStrategy" in service) == ("FARGATE", False)  # whatever providers it has
    assert render.queue is queue


def test_two_fleets_of_a_stack_share_a_cluster(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"))
    WorkerFleet(stack, "More", code=CODE, vpc=vpc, queue=Queue(stack, "Others"))
    assert len(resources(template_of(stack), "AWS::ECS::Cluster")) == 1


def test_spot_is_a_share(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"), spot=70)
    (service,) = resources(template_of(stack), "AWS::ECS::Service")
    weights = {each["CapacityProvider"]: each["Weight"] for each in service["CapacityProviderStrategy"]}
    assert weights == {"FARGATE": 30, "FARGATE_SPOT": 70}


def test_on_instances_of_a_cluster_it_is_an_ec2_service(stack, vpc):
    cluster = ecs.Cluster.from_cluster_attributes(stack, "Cluster", cluster_name="ours", vpc=vpc)
    render = fleet(stack, vpc, queue=Queue(stack, "Jobs"), cluster=cluster, capacity_provider="mine", cpu=100, memory=300)
    (service,) = resources(template_of(stack), "AWS::ECS::Service")
    assert service["CapacityProviderStrategy"] == [{"CapacityProvider": "mine", "Weight": 1}]
    assert isinstance(render.service, ecs.Ec2Service)
    (task,) = resources(template_of(stack), "AWS::ECS::TaskDefinition")
    assert task["RequiresCompatibilities"] == ["EC2"]


def test_a_private_network_opens_what_tasks_need_and_no_more(stack):
    network = PrivateNetwork(stack, "Network")
    fleet(stack, None, network=network, queue=Queue(stack, "Jobs"))
    template = template_of(stack)
    names = {each["ServiceName"]["Fn::Join"][1][-1] for each in resources(template, "AWS::EC2::VPCEndpoint")}
    assert names == {".ecr.api", ".ecr.dkr", ".logs", ".s3", ".sqs"}
    assert flow_of(stack).check() == []


def test_the_image_is_the_same_for_the_same_sources(tmp_path, monkeypatch):
    def image(folder):
        monkeypatch.setenv("CDK_EVENT_FLOW_CACHE", str(folder))
        stack = new_stack()
        vpc = ec2.Vpc.from_vpc_attributes(stack, "There", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"])
        return fleet(stack, vpc).image.asset_hash

    first, second = image(tmp_path / "one"), image(tmp_path / "two")
    assert first == second
    (folder,) = (tmp_path / "one" / "images").iterdir()
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} >= {
        "Dockerfile",
        "code/handler.py",
        "runner/event_flow_worker/__main__.py",
    }
    assert (folder / "Dockerfile").read_text("utf-8").startswith("FROM public.ecr.aws/lambda/python:3.14\n")


def test_where_the_sources_are_is_recorded_relative_to_the_app(stack, vpc):
    fleet(stack, vpc, queue=Queue(stack, "Jobs"))
    flow = flow_of(stack)
    (workers,) = flow.of(Workers)
    assert (workers.code.source, workers.handler, workers.python) == (CODE, "handler.handler", "3.14")
    assert workers.runner
    assert (workers.scales.least, workers.scales.most, workers.scales.backlog) == (0, 10, 100)
