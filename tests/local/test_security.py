"""What a run keeps to itself: sockets, the machine's environment and credentials, and where it writes."""

import asyncio
import json
import os
import sys
import zipfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from cdk_event_flow.errors import BundleError
from cdk_event_flow.flow import Flow
from cdk_event_flow.local.start import start
from cdk_event_flow.page.server import serve
from tests.sockets import family, listening

LOOKING = """
import os, boto3, botocore.exceptions
def handler(event, context):
    try:
        boto3.Session(profile_name="production")
        profile = "found"
    except botocore.exceptions.ProfileNotFound:
        profile = "none"
    return {"environment": dict(os.environ), "profile": profile, "key": boto3.Session().get_credentials().access_key}
"""
UP = "../../../../evil"


def function(code, **more):
    properties = {"Runtime": "python3.13", "Handler": "index.handler", "Role": "arn:aws:iam::111122223333:role/r", "Code": code}
    return {"Type": "AWS::Lambda::Function", "Properties": {**properties, **more}}


INLINE = {"ZipFile": LOOKING}


def written(folder, resources):
    folder.mkdir(exist_ok=True)
    (folder / "template.json").write_text(json.dumps({"Resources": resources}))
    return Flow.from_template(folder / "template.json", account="111122223333", region="eu-west-1")


@asynccontextmanager
async def running(folder, resources, **options):
    async with start(written(folder, resources), app=folder, assembly=folder, fast=True, **options) as run:
        yield run


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of a test's own: a home with credentials, a cache, a place for temporary files."""
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "credentials").write_text("[production]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real-secret\n")
    for name in ("cache", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CDK_EVENT_FLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path


def test_nothing_listens_beyond_this_machine(machine):
    async def main():
        before = listening(family(os.getpid()))
        resources = {"One": function(INLINE, Timeout=20), "Bus": {"Type": "AWS::Events::EventBus"}}
        flow = written(machine / "app", resources)
        async with running(machine / "app", resources) as run, serve(run, flow, saved=(), read=Flow.from_template, port=0):
            arn = run.engine.functions.arns()[0]
            await asyncio.gather(*(run.engine.invoke(arn, "{}") for _ in range(2)))
            opened = listening(family(os.getpid())) - before
        assert {address for _, address, _ in opened} == {"127.0.0.1"}
        assert len([each for each in opened if each[0] == "tcp"]) >= 4  # the endpoint, the page, two environments

    asyncio.run(main())


def test_a_handler_sees_none_of_the_machines_environment_or_credentials(machine, monkeypatch):
    secrets = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "real-secret", "AWS_SESSION_TOKEN": "real-token",
               "AWS_PROFILE": "production", "GITHUB_TOKEN": "ghp-real", "PYTHONPATH": "/mine"}  # fmt: skip
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)

    async def main():
        own = {"AWS_SHARED_CREDENTIALS_FILE": str(machine / "home" / ".aws" / "credentials"), "MINE": "1"}
        async with running(machine / "app", {"One": function(INLINE, Environment={"Variables": own}, Timeout=20)}) as run:
            answer = await run.engine.invoke(run.engine.functions.arns()[0], "{}")
            seen = json.loads(answer.payload)
        assert not set(secrets.values()) & set(seen["environment"].values())
        assert not {"AWS_PROFILE", "GITHUB_TOKEN", "HOME", "USER"} & set(seen["environment"])
        assert seen["environment"]["MINE"] == "1"
        assert seen["profile"] == "none"
        assert seen["key"] == seen["environment"]["AWS_ACCESS_KEY_ID"] != "AKIAREAL"

    asyncio.run(main())


WATCHED: list[set[Path]] = []
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _note(event, arguments):
    """Python tells of each file that is opened to be written, made or moved."""
    if not WATCHED:
        return
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, str | bytes | os.PathLike) and (set(str(mode or "")) & set("wax+") or (flags or 0) & _WRITING):
            WATCHED[-1].add(Path(os.path.realpath(os.fsdecode(path))))
    elif event in ("os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.truncate"):
        if event != "os.truncate" and arguments[-1] >= 0:  # by its name in an open folder, as rmtree does
            return
        WATCHED[-1].add(Path(os.path.realpath(os.fsdecode(arguments[0]))))
    elif event in ("os.rename", "os.symlink", "os.link"):
        WATCHED[-1].add(Path(os.path.realpath(os.fsdecode(arguments[1]))))


@contextmanager
def writes():
    """The files and folders that this process writes."""
    if not hasattr(sys, "_writes_are_noted"):
        sys.addaudithook(_note)
        sys._writes_are_noted = True
    WATCHED.append(set())
    try:
        yield WATCHED[-1]
    finally:
        WATCHED.clear()


def test_the_template_of_a_stranger_cannot_write_outside_of_the_runs_folders(machine):
    evil = {
        "Function": function(INLINE, FunctionName=UP, LoggingConfig={"LogGroup": UP, "LogFormat": "JSON"}, Timeout=20),
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": UP}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": UP}},
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": UP}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "evil-bucket"}},
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": UP}},
    }

    async def main():
        async with running(machine / "app", evil, state=machine / "state") as run:
            await run.send(UP, "x")
            await run.put_events([{"source": UP, "detail-type": UP, "detail": {}}], bus=UP)
            answer = await run.engine.invoke(run.engine.functions.arns()[0], "{}")
            assert answer.fault is None
            await asyncio.to_thread(as_a_client, run)

    def as_a_client(run):
        made = {"endpoint_url": run.endpoint_url, "region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        s3, logs, ssm = (boto3.client(name, **made) for name in ("s3", "logs", "ssm"))
        for key in (UP, "/etc/passwd", "..", "a/../../b", "..\\..\\c"):
            s3.put_object(Bucket="evil-bucket", Key=key, Body=b"x" * 1_000)
        for call in (lambda: logs.create_log_group(logGroupName=UP), lambda: ssm.put_parameter(Name=UP, Value="x", Type="String")):
            try:
                call()
            except ClientError:
                continue  # refused is as good

    with writes() as seen:
        asyncio.run(main())
    allowed = [machine / name for name in ("app", "state", "cache", "tmp")]
    assert seen, "nothing was noted: the test is blind"
    strays = {path for path in seen if not any(path.is_relative_to(folder) for folder in allowed)}
    assert {path for path in strays if not path.is_relative_to("/dev") and "__pycache__" not in path.parts} == set()


@pytest.mark.parametrize("name", [UP, "/evil", "a/../../evil", "C:\\evil", "..\\evil"])
def test_a_zip_that_would_write_elsewhere_is_refused(machine, name):
    folder = machine / "app"
    folder.mkdir()
    with zipfile.ZipFile(folder / "asset.zip", "w") as packed:
        packed.writestr("index.py", LOOKING)
        packed.writestr(zipfile.ZipInfo(name) if "\\" not in name else _raw(name), "x")
    stranger = function({"S3Bucket": "b", "S3Key": "k.zip"})
    stranger["Metadata"] = {"aws:asset:path": "asset.zip", "aws:asset:property": "Code"}

    async def main():
        async with running(folder, {"One": stranger}):
            pass

    with pytest.raises(BundleError, match="EF-CODE-ZIP"):
        asyncio.run(main())
    assert not list(machine.rglob("*evil*"))


def _raw(name):
    info = zipfile.ZipInfo("x")
    info.filename = name
    return info
