"""SnapStart, durable executions, isolation of tenants, OpenTelemetry: what the template says, and what each excludes."""

from datetime import timedelta
from pathlib import Path

import pytest
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from cdk_event_flow import (
    Bucket,
    ContainerFunction,
    Durable,
    EventBus,
    FunctionUrl,
    Layer,
    OpenTelemetry,
    Pipe,
    PrivateNetwork,
    PythonFunction,
    Queue,
    Schedule,
    Stage,
    Topic,
)
from cdk_event_flow.errors import ConstructError, RunError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function as Read
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.runnable import runnable
from tests.compose.functions.made import function, made, only, statements
from tests.compose.synthesis import flow_of, new_stack, template_of

HOUR = Durable(timeout=timedelta(hours=1))
AWS_LAYER = "arn:aws:lambda:eu-west-1:615299751070:layer:AWSOpenTelemetryDistroJs:10"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def python(stack, id="Billing", runtime="python3.14", **options):
    return function(stack, id, runtime=runtime, **options)


def stored(stack, runtime, id="Billing", **options):
    """A function of any runtime, its code in a bucket."""
    bucket = stack.node.try_find_child("Code") or s3.Bucket.from_bucket_name(stack, "Code", "code")
    return function(stack, id, code=lambda_.Code.from_bucket(bucket, "code.zip", "1"), handler="a.b", runtime=runtime, **options)


def files(stack, network):
    system = efs.FileSystem(stack, "Files", vpc=network.vpc)
    point = system.add_access_point("Shared", path="/shared", create_acl=efs.Acl(owner_uid="1", owner_gid="1", permissions="750"))
    return lambda_.FileSystem.from_efs_access_point(point, "/mnt/shared")


def layer_of_aws(stack):
    return lambda_.LayerVersion.from_layer_version_arn(stack, "Otel", AWS_LAYER)


def refused(make):
    with pytest.raises(ConstructError) as error:
        make()
    return error.value


# SnapStart


def test_snapshots_are_taken_of_versions_and_nothing_warns(stack):
    python(stack, snap_start=True, storage=512)
    assembly = stack.node.root.synth()
    properties = only(template_of(stack), "Lambda::Function")["Properties"]
    assert properties["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert [each for each in assembly.get_stack_by_name("Shop").messages if each.level == "warning"] == []
    assert flow_of(stack).of(Read)[0].snap_start


@pytest.mark.parametrize("runtime", ["java17.al2023", "dotnet10"])
def test_these_runtimes_have_snapshots(stack, runtime):
    stored(stack, runtime, snap_start=True)
    assert flow_of(stack).of(Read)[0].snap_start


@pytest.mark.parametrize("runtime", ["python3.11", "java8.al2", "provided.al2023"])
def test_these_runtimes_have_none(stack, runtime):
    error = refused(lambda: stored(stack, runtime, snap_start=True))
    assert error.code == "EF-FUNCTION-SNAPSTART"
    assert f"snap_start for {runtime}, Lambda (https://" in str(error)
    assert "has it for python3.12, java11, dotnet8 and newer" in str(error)


def test_what_we_say_of_runtimes_is_what_the_cdk_says():
    """By the CDK's own list: a runtime that is new there is right here too."""
    from cdk_event_flow.compose.functions.capabilities import _SNAPSTART_SINCE, _since

    known = [each for each in lambda_.Runtime.ALL if not each.name.startswith("java8.al2023")]
    assert {each.name for each in known if _since(each.name, _SNAPSTART_SINCE)} == {
        each.name for each in known if each.supports_snap_start
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"storage": 513}, "storage of 513 MB"),
        ({"tenant_isolation": True}, "snap_start with tenant_isolation"),
        ({"provisioned": 1}, "provisioned with snap_start"),
    ],
)
def test_what_snapshots_exclude_is_refused(stack, options, said):
    error = refused(lambda: python(stack, snap_start=True, **options))
    assert said in str(error)
    assert stack.node.children == []


def test_snapshots_and_file_systems_exclude_each_other(stack):
    network = PrivateNetwork(stack, "Network")
    given = {"network": network, "file_system": files(stack, network)}
    error = refused(lambda: python(stack, snap_start=True, **given))
    assert (error.code, "snap_start with file_system" in str(error)) == ("EF-FUNCTION-SNAPSTART", True)
    python(stack, **given)


def test_a_stage_of_a_function_with_snapshots_is_not_provisioned(stack):
    billing = python(stack, snap_start=True)
    assert refused(lambda: Stage(billing, "PROD", provisioned=1)).code == "EF-PROVISIONED-SNAPSTART"
    Stage(billing, "STAGE")


def test_an_image_has_no_snapshots(stack, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    error = refused(lambda: ContainerFunction(stack, "F", image=tmp_path, snap_start=True))
    assert "snap_start for a container image" in str(error)


# Durable executions


def test_a_durable_function_may_keep_the_progress_of_its_own_executions(stack):
    python(stack, durable=Durable(timeout=timedelta(days=3), keep=timedelta(days=30)))
    template = template_of(stack)
    ((id, resource),) = made(template, "Lambda::Function").items()
    assert resource["Properties"]["DurableConfig"] == {"ExecutionTimeout": 259_200, "RetentionPeriodInDays": 30}
    (allowed,) = statements(template, "BillingExecutions")
    assert allowed["Action"] == ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
    assert allowed["Resource"] == {"Fn::Join": ["", [{"Fn::GetAtt": [id, "Arn"]}, ":*"]]}
    (policy,) = made(template, "IAM::Policy", "BillingExecutions")
    assert policy in only(template, "Lambda::Alias")["DependsOn"]


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (Durable(timeout=timedelta(seconds=1)), Durable(timeout=timedelta(0))),
        (Durable(timeout=timedelta(days=366)), Durable(timeout=timedelta(days=366, seconds=1))),
        (Durable(timeout=timedelta(days=1), keep=timedelta(days=1)), Durable(timeout=timedelta(days=1), keep=timedelta(hours=23))),
        (Durable(timeout=timedelta(days=1), keep=timedelta(days=90)), Durable(timeout=timedelta(days=1), keep=timedelta(days=91))),
        (Durable(timeout=timedelta(days=1), keep=timedelta(days=2)), Durable(timeout=timedelta(days=1), keep=timedelta(days=1.5))),
    ],
)
def test_an_execution_lies_within_its_limits(stack, inside, outside):
    python(stack, durable=inside)
    assert refused(lambda: python(stack, "Other", durable=outside)).code == "EF-FUNCTION-DURABLE"


@pytest.mark.parametrize(
    ("newer", "older"), [("python3.13", "python3.12"), ("nodejs22.x", "nodejs20.x"), ("java17", "java11"), ("dotnet8", "ruby3.4")]
)
def test_durable_functions_have_a_runtime_with_its_sdk(stack, newer, older):
    stored(stack, newer, durable=HOUR)
    error = refused(lambda: stored(stack, older, "Other", durable=HOUR))
    assert (error.code, f"durable for {older}" in str(error)) == ("EF-FUNCTION-DURABLE", True)


def test_a_mapping_waits_15_minutes_for_an_execution(stack):
    short, long = (python(stack, f"F{seconds}", durable=Durable(timeout=timedelta(seconds=seconds))) for seconds in (900, 901))
    short.consume(Queue(stack, "Orders"))
    assert refused(lambda: long.consume(Queue(stack, "Other"))).code == "EF-MAPPING-DURABLE"


# Isolation of tenants


def test_no_two_tenants_share_an_environment(stack):
    python(stack, tenant_isolation=True)
    assert only(template_of(stack), "Lambda::Function")["Properties"]["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}


@pytest.mark.parametrize(
    "invoke",
    [
        lambda stack, to: EventBus(stack, "Bus").route("To", {"source": ["shop"]}, to=to),
        lambda stack, to: Topic(stack, "Topic").subscribe("To", to=to),
        lambda stack, to: Topic(stack, "Topic").fan_out("To", to=to),
        lambda stack, to: Schedule(stack, "Nightly", cron="0 2 * * ? *", to=to),
        lambda stack, to: to.consume(Queue(stack, "Queue")),
        lambda stack, to: Pipe(stack, "Pipe", source=Queue(stack, "Queue"), to=to),
        lambda stack, to: Pipe(stack, "Pipe", source=Queue(stack, "Queue"), to=Queue(stack, "Other"), enrich=to),
        lambda stack, to: FunctionUrl(stack, "Url", to=to),
        lambda stack, to: Bucket(stack, "Bucket").notify(to),
        lambda stack, to: function(stack, "Other").on_failure(to),
        lambda stack, to: Stage(to, "PROD", provisioned=1),
    ],
    ids=[
        "rule",
        "topic",
        "queue of a topic",
        "schedule",
        "mapping",
        "pipe",
        "enrichment",
        "url",
        "bucket",
        "destination",
        "provisioned",
    ],
)
def test_what_cannot_name_a_tenant_is_refused(stack, invoke):
    isolated = python(stack, tenant_isolation=True)
    error = refused(lambda: invoke(stack, isolated))
    assert error.code == "EF-FUNCTION-TENANTS"
    assert "with tenant_isolation" in str(error)


# OpenTelemetry


@pytest.mark.parametrize("runtime", ["nodejs24.x", "java25"])
def test_a_layer_of_awss_instruments_the_function(stack, runtime):
    traced = OpenTelemetry(layer=layer_of_aws(stack))
    stored(stack, runtime, opentelemetry=traced, environment={"MODE": "1"})
    properties = only(template_of(stack), "Lambda::Function")["Properties"]
    assert properties["Layers"] == [AWS_LAYER]
    assert properties["Environment"]["Variables"] == {
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel-instrument",
        "MODE": "1",
        "OTEL_AWS_APPLICATION_SIGNALS_ENABLED": "false",
    }


def test_signals_are_on_where_the_environment_says_so(stack):
    python(
        stack, opentelemetry=OpenTelemetry(layer=layer_of_aws(stack)), environment={"OTEL_AWS_APPLICATION_SIGNALS_ENABLED": "true"}
    )
    variables = only(template_of(stack), "Lambda::Function")["Properties"]["Environment"]["Variables"]
    assert variables["OTEL_AWS_APPLICATION_SIGNALS_ENABLED"] == "true"


@pytest.mark.parametrize(
    ("options", "wrapper", "said"),
    [
        ({"runtime": "provided.al2023", "handler": "x"}, "/opt/otel-instrument", "opentelemetry for provided.al2023"),
        ({"environment": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/mine"}}, "/opt/otel-instrument", "AWS_LAMBDA_EXEC_WRAPPER=/opt/mine"),
        ({}, "otel-handler", "wrapper is 'otel-handler'"),
    ],
)
def test_what_cannot_be_instrumented_is_refused(stack, options, wrapper, said):
    traced = OpenTelemetry(layer=layer_of_aws(stack), wrapper=wrapper)
    error = refused(lambda: function(stack, **{"runtime": "nodejs24.x", **options}, opentelemetry=traced))
    assert (error.code, said in str(error)) == ("EF-FUNCTION-OPENTELEMETRY", True)


def test_its_layer_is_one_of_five(stack, tmp_path):
    (tmp_path / "tool").write_text("")
    layers, traced = [Layer(stack, f"Layer{n}", code=tmp_path) for n in range(5)], OpenTelemetry(layer=layer_of_aws(stack))
    python(stack, layers=layers[:4], opentelemetry=traced)
    assert refused(lambda: python(stack, "Other", layers=layers, opentelemetry=traced)).code == "EF-FUNCTION-LAYERS"


# All of them


@pytest.mark.parametrize(("name", "option"), [("memory_size", "memory"), ("snap_start", "snap_start"), ("vpc", "network")])
def test_what_an_option_says_is_not_said_by_props_too(stack, name, option):
    error = refused(lambda: function(stack, props={name: 1}))
    assert (error.code, f"give {option} to the function" in str(error)) == ("EF-FUNCTION-PROPS", True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"durable": HOUR}, "it is durable, and its checkpoints are kept by Lambda"),
        ({"tenant_isolation": True}, "it isolates tenants"),
    ],
)
def test_the_local_run_says_what_it_does_not_run(stack, tmp_path, options, said):
    python(stack, **options)
    assembly = Path(stack.node.root.synth().directory)
    with pytest.raises(RunError, match=f"Shop/Billing/Function: not run, {said}"):
        runnable(Flow.from_assembly(assembly), CodeForHere(app=tmp_path, assembly=assembly, layers=(), say=print))


def test_a_python_function_is_refused_before_anything_is_bundled(stack):
    error = refused(lambda: PythonFunction(stack, "F", code="lambda_src/billing", python="3.11", snap_start=True))
    assert "snap_start for python3.11" in str(error)
    assert stack.node.children == []


def test_a_file_system_is_mounted_and_its_role_may_use_it(stack):
    network = PrivateNetwork(stack, "Network")
    python(stack, network=network, file_system=files(stack, network))
    template = template_of(stack)
    (mounted,) = only(template, "Lambda::Function")["Properties"]["FileSystemConfigs"]
    assert mounted["LocalMountPath"] == "/mnt/shared"
    actions = {action for each in statements(template, "BillingRole") for action in actions_of(each)}
    assert {"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"} <= actions


def actions_of(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def test_a_file_system_without_a_network_is_refused(stack):
    mounted = files(stack, PrivateNetwork(stack, "Network"))
    assert refused(lambda: python(stack, file_system=mounted)).code == "EF-FUNCTION-FILES"
