"""A version is published when what Lambda keeps in one has changed, and not otherwise."""

import json
from datetime import timedelta
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_event_flow import Asynchronous, Canary, Durable, Logs, OpenTelemetry, PrivateNetwork, PythonFunction, Queue
from tests.compose.functions.made import function, made, only
from tests.compose.synthesis import template_of

# What UpdateFunctionCode and UpdateFunctionConfiguration set, and so what a version keeps; the others have calls of their own
# (PutFunctionConcurrency, PutFunctionRecursionConfig, PutRuntimeManagementConfig, PutFunctionCodeSigningConfig, TagResource).
# https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
KEPT = {
    "Architectures", "Code", "DeadLetterConfig", "Description", "DurableConfig", "Environment", "EphemeralStorage",
    "FileSystemConfigs", "Handler", "ImageConfig", "KmsKeyArn", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime",
    "SnapStart", "Timeout", "TracingConfig", "VpcConfig",
}  # fmt: skip
NOT_KEPT = {"CodeSigningConfigArn", "RecursiveLoop", "ReservedConcurrentExecutions", "RuntimeManagementConfig", "Tags"}
FLAGS = json.loads((Path(__file__).parent.parent.parent.parent / "cdk.json").read_text("utf-8"))["context"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def stack(flags=None):
    return cdk.Stack(cdk.App(context=flags or {}), "Shop")


def synthesized(make, flags=None):
    """The template of a stack in which `make` has made the function Billing."""
    shop = stack(flags)
    make(shop)
    return template_of(shop)


def version(template):
    """The logical id of the version: another one is another version published."""
    (found,) = made(template, "Lambda::Version", "Billing")
    return found


def kept(template):
    """What Lambda keeps in a version: properties, and what the layers among them have in them."""
    properties = only(template, "Lambda::Function", "Billing")["Properties"]
    assert properties.keys() <= KEPT | NOT_KEPT
    layers = [template["Resources"][layer["Ref"]]["Properties"] for layer in properties.get("Layers", []) if "Ref" in layer]
    return json.dumps([{name: value for name, value in properties.items() if name in KEPT}, layers], sort_keys=True)


def of(**options):
    return lambda shop: function(shop, **options)


def coded(text):
    return lambda_.Code.from_inline(text)


class Group(cdk.Resource):
    """A scope."""


def layers(shop, **contents):
    """Layers with the same id in scopes of these names, by what is in them."""
    bucket = s3.Bucket.from_bucket_name(shop, "Assets", "assets")
    return [
        lambda_.LayerVersion(Group(shop, scope), "Layer", code=lambda_.Code.from_bucket(bucket, f"{content}.zip", "1"))
        for scope, content in contents.items()
    ]


def tagged(shop):
    cdk.Tags.of(shop).add("team", "billing")
    return function(shop)


def with_layer_at(arn):
    return lambda shop: function(shop, layers=[lambda_.LayerVersion.from_layer_version_arn(shop, "Otel", arn)])


UPDATES = lambda_.RuntimeManagementMode
ARN = "arn:aws:lambda:us-east-1:123456789012:layer:otel"

# Each changes one thing of `of()`.
CHANGES = {
    "code": of(code=coded("exports.handler = 1")),
    "handler": of(handler="index.main"),
    "runtime": of(runtime="nodejs22.x"),
    "memory": of(memory=1_024),
    "timeout": of(timeout=timedelta(seconds=31)),
    "storage": of(storage=1_024),
    "environment": of(environment={"MODE": "1"}),
    "architecture": of(architecture="x86_64"),
    "layer": lambda shop: function(shop, layers=layers(shop, Deps="one")),
    "imported layer": with_layer_at(f"{ARN}:1"),
    "network": lambda shop: function(shop, network=PrivateNetwork(shop, "Network")),
    "log level": of(logs=Logs(level="DEBUG")),
    "log retention": of(logs=Logs(retention=timedelta(days=7))),
    "tracing": of(tracing="off"),
    "retries": of(asynchronous=Asynchronous(retries=0)),
    "no dead letters": of(asynchronous=Asynchronous(dead_letters=None)),
    "other dead letters": lambda shop: function(shop, asynchronous=Asynchronous(dead_letters=Queue(shop, "Dead"))),
    "reserved": of(reserved=5),
    "recursion": of(recursion="allow"),
    "release": of(release=Canary()),
    "alias": of(alias="DEV"),
    "keep_versions": of(keep_versions=True),
    "provisioned": of(provisioned=1),
    "idempotent": of(idempotent=True),
    "description": of(props={"description": "Bills orders"}),
    "runtime updates": of(props={"runtime_management_mode": UPDATES.FUNCTION_UPDATE}),
    "snap start": of(snap_start=True, runtime="python3.14", handler="a.b"),
    "durable": of(durable=Durable(timeout=timedelta(hours=1))),
    "opentelemetry": lambda shop: function(
        shop, opentelemetry=OpenTelemetry(layer=lambda_.LayerVersion.from_layer_version_arn(shop, "Otel", f"{ARN}:1"))
    ),
    "tags": tagged,
}
NOT_VERSIONED = {
    "log retention", "retries", "reserved", "release", "alias", "keep_versions", "provisioned", "tags",
}  # fmt: skip


@pytest.mark.parametrize("flags", [None, FLAGS], ids=["without flags", "with all flags"])
@pytest.mark.parametrize("change", CHANGES)
def test_each_option_publishes_a_version_exactly_if_a_version_keeps_it(change, flags):
    before, after = synthesized(of(), flags), synthesized(CHANGES[change], flags)
    assert (version(before) != version(after)) == (kept(before) != kept(after)) == (change not in NOT_VERSIONED)


def test_the_order_of_variables_and_who_else_is_there_publish_nothing():
    one = synthesized(of(environment={"FIRST": "1", "SECOND": "2"}))
    other = synthesized(lambda shop: (Queue(shop, "Other"), function(shop, environment={"SECOND": "2", "FIRST": "1"})))
    assert version(one) == version(other)


def test_variables_that_are_given_later_count():
    one, other = (synthesized(lambda shop, v=value: function(shop).function.add_environment("MODE", v)) for value in "12")
    assert version(one) != version(other)


@pytest.mark.parametrize("flags", [None, FLAGS], ids=["without flags", "with all flags"])
@pytest.mark.parametrize("changed", [{"Deps": "two"}, {"Otel": "two"}], ids=["the first", "the second"])
def test_the_content_of_each_layer_counts_also_where_two_have_the_same_id(flags, changed):
    contents = {"Deps": "one", "Otel": "one"}
    one, same, other = (
        synthesized(lambda shop, given=given: function(shop, layers=layers(shop, **given)), flags)
        for given in (contents, contents, {**contents, **changed})
    )
    assert version(one) == version(same) != version(other)


def test_the_cdk_alone_would_leave_the_alias_at_the_old_layer():
    """Why the layers' content is added: should this fail, the CDK does it by itself."""

    def plain(shop, content):
        made_by_the_cdk = lambda_.Function(
            shop,
            "Billing",
            code=coded("x"),
            handler="index.handler",
            runtime=lambda_.Runtime.NODEJS_24_X,
            layers=layers(shop, Deps=content, Otel="one"),
        )
        return made_by_the_cdk.current_version

    one, other = (synthesized(lambda shop, c=content: plain(shop, c), FLAGS) for content in ("one", "two"))
    assert version(one) == version(other)


def written(folder, *, handler="def handler(event, context): ...\n", requirements="iniconfig==2.0.0\n", beside=""):
    """A Python function's folder."""
    (folder / "tests").mkdir(parents=True)
    (folder / "events").mkdir()
    (folder / "handler.py").write_text(handler)
    (folder / "requirements.txt").write_text(requirements)
    (folder / "tests" / "test_handler.py").write_text(beside)
    (folder / "events" / "sample.json").write_text(f"[{json.dumps(beside)}]")
    return folder


def bundled(tmp_path, name, **texts):
    folder = written(tmp_path / name, **texts)
    return version(synthesized(lambda shop: PythonFunction(shop, "Billing", code=folder)))


def test_what_is_beside_the_code_publishes_nothing(tmp_path):
    same = bundled(tmp_path, "one")
    assert bundled(tmp_path, "two") == same
    assert bundled(tmp_path, "three", beside="# a comment") == same
    assert bundled(tmp_path, "four", requirements="# pinned\niniconfig==2.0.0\n") == same


def test_code_and_dependencies_publish_a_version(tmp_path):
    same = bundled(tmp_path, "one")
    assert bundled(tmp_path, "two", handler="def handler(event, context): return 1\n") != same
    assert bundled(tmp_path, "three", requirements="iniconfig==2.1.0\n") != same


class Refused(Exception):
    """A version for this Lambda function exists."""


class Account:
    """CloudFormation and Lambda, as far as they are about versions.

    PublishVersion gives the newest version back where nothing has changed since, which CloudFormation reports as a failure; a
    deployment that fails is rolled back: what it made is deleted, unless its DeletionPolicy is Retain.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
    """

    def __init__(self):
        self.published = []  # (logical id, what it keeps), the newest last
        self.stack = None

    def deploy(self, template, *, fails=False):
        id, resource = version(template), only(template, "Lambda::Version", "Billing")
        if id == self.stack:
            return
        if self.published and self.published[-1][1] == kept(template):
            raise Refused(id)
        self.published.append((id, kept(template)))
        if fails:
            if resource.get("DeletionPolicy") != "Retain":
                self.published.pop()
            return
        if resource.get("DeletionPolicy") is None:
            self.published = [each for each in self.published if each[0] != self.stack]
        self.stack = id


TEMPLATES: dict[tuple[str, bool], dict] = {}


def template(change, keep):
    """Synthesized once."""
    if (change, keep) not in TEMPLATES:
        options = {"keep_versions": keep}
        TEMPLATES[change, keep] = synthesized(
            {
                "nothing": of(**options),
                "code": of(code=coded("exports.handler = 1"), **options),
                "memory": of(memory=1_024, **options),
                "recursion": of(recursion="allow", **options),
                "reserved": of(reserved=5, **options),
                "runtime updates": of(props={"runtime_management_mode": UPDATES.FUNCTION_UPDATE}, **options),
            }[change]
        )
    return TEMPLATES[change, keep]


DEPLOYMENTS = st.lists(
    st.tuples(st.sampled_from(["nothing", "code", "memory", "recursion", "reserved", "runtime updates"]), st.booleans()), max_size=8
)


@pytest.mark.parametrize("keep", [True, False])
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deployments=DEPLOYMENTS)
def test_no_deployment_after_any_others_is_refused_for_a_version_that_exists(keep, deployments):
    account = Account()
    for change, fails in deployments:
        account.deploy(template(change, keep), fails=fails)


def test_versions_that_were_kept_by_a_failed_deployment_too_would_stand_in_the_way_of_the_next():
    """Why the policy is RetainExceptOnCreate, and not Retain."""
    account = Account()
    account.deploy(template("nothing", True))
    changed = json.loads(json.dumps(template("code", True)))
    changed["Resources"][version(changed)]["DeletionPolicy"] = "Retain"
    account.deploy(changed, fails=True)
    with pytest.raises(Refused):
        account.deploy(changed)


def test_a_property_that_no_version_keeps_changes_with_one_that_it_keeps():
    one, other = (synthesized(of(recursion=value)) for value in ("terminate", "allow"))
    properties = [only(each, "Lambda::Function")["Properties"] for each in (one, other)]
    assert [each["RecursiveLoop"] for each in properties] == ["Terminate", "Allow"]
    assert [each.get("Description") for each in properties] == [None, "It may trigger itself without end."]
