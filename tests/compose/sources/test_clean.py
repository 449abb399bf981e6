"""A stack with every source and every capability of functions, as reviewers look at it: validation, packs, cfn-lint, flow."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import (
    BrokerQueue,
    Bucket,
    Concurrency,
    DocumentChanges,
    Durable,
    EventFlowChecks,
    Function,
    FunctionUrl,
    HttpApi,
    Jwt,
    KafkaSecret,
    ManagedKafka,
    Open,
    OpenTelemetry,
    Pollers,
    Queue,
    Retry,
    SelfManagedKafka,
    Shards,
    Stream,
    Table,
    dead_letter_queue,
)
from cdk_event_flow.flow import Flow

MSK = "arn:aws:kafka:eu-west-1:111122223333:cluster/shop/4a5b6c7d-1"
BROKER = "arn:aws:mq:eu-west-1:111122223333:broker:shop:b-1234"
CLUSTER = "arn:aws:rds:eu-west-1:111122223333:cluster:shop"


def every_source(stack):
    code = lambda_.Code.from_inline("x")
    billing = Function(stack, "Billing", code=code, handler="index.h", runtime="nodejs24.x")
    secret = secretsmanager.Secret.from_secret_complete_arn(
        stack, "Secret", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf"
    )
    uploads, results = Bucket(stack, "Uploads"), Bucket(stack, "Results")
    uploads.notify(billing, prefix="in/")
    uploads.notify(Queue(stack, "Uploaded"), prefix="other/")
    uploads.allow(billing, "GetObject", prefix="in/")
    results.allow(billing, "PutObject")
    table = Table(stack, "Items", partition_key="id")
    table.allow(billing, "GetItem", "PutItem")
    table.allow(billing, "Query", index="by-day")
    clicks = Stream(stack, "Clicks")
    clicks.allow_publishing(billing)
    billing.consume(Queue(stack, "Orders"), batch=50, window=timedelta(seconds=1), polling=Concurrency(most=9))
    billing.consume(Queue(stack, "Ordered", fifo=True), polling=Pollers())
    billing.consume(clicks, polling=Shards(parallel=2, tumbling=timedelta(minutes=1)), on_failure=results)
    billing.consume(table, where={"eventName": ["INSERT"]})
    billing.consume(
        ManagedKafka(cluster=MSK, topic="sales"),
        polling=Pollers(),
        retry=Retry(attempts=5),
        on_failure=dead_letter_queue(stack, "Unsold"),
    )
    billing.consume(
        SelfManagedKafka(
            servers=["kafka.example.com:9092"],
            topic="returns",
            secret=KafkaSecret(secret=secret),
            subnets=[ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0a1b2c3d")],
            security_group=ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0a1b2c3d"),
        ),
        on_failure=results,
    )
    billing.consume(BrokerQueue(broker=BROKER, queue="payments", secret=secret))
    billing.consume(DocumentChanges(cluster=CLUSTER, database="shop", collection="customers", secret=secret))
    api = HttpApi(stack, "Api", authorizer=Jwt(issuer="https://login.example.com/", audience=["shop"]))
    api.route("GET /orders/{id}", to=billing)
    api.route("GET /health", to=billing, authorizer=Open("A load balancer asks whether it is up."))
    url = FunctionUrl(stack, "Url", to=billing)
    caller = iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    url.allow_calling(caller)
    api.allow_calling(caller, "GET /orders/{id}")


def every_capability(stack):
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    layer = lambda_.LayerVersion.from_layer_version_arn(stack, "Otel", "arn:aws:lambda:eu-west-1:615299751070:layer:Otel:10")
    for id, options in {
        "Quick": {"snap_start": True},
        "Long": {"durable": Durable(timeout=timedelta(days=3))},
        "Apart": {"tenant_isolation": True},
        "Traced": {"opentelemetry": OpenTelemetry(layer=layer)},
    }.items():
        Function(stack, id, code=code, handler="index.handler", runtime="python3.14", **options)


def test_nothing_is_found_that_is_not_acknowledged(tmp_path, monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "true")
    app = cdk.App(outdir=str(tmp_path), context={"aws:cdk:enable-path-metadata": True, "@aws-cdk/aws-iam:minimizePolicies": True})
    stack = cdk.Stack(app, "Shop")
    every_source(stack)
    every_capability(stack)
    cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
    app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text("utf-8"))["pluginReports"]
    assert {plugin["pluginName"] for plugin in report} >= {"AwsSolutions", "Serverless"}
    found = [
        (violation["ruleName"], [each["constructPath"] for each in violation["violatingConstructs"]])
        for plugin in report
        for violation in plugin["violations"]
    ]
    assert found == []
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(tmp_path / "Shop.template.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert Flow.from_assembly(tmp_path).check() == []
