"""Functions from container images, of a repository or a Dockerfile: synthesized without Docker, not run here."""

import json
from pathlib import Path

import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import ContainerFunction, Layer, Topic
from cdk_event_flow.errors import ConstructError, RunError
from cdk_event_flow.flow import Flow
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.runnable import runnable
from tests.compose.synthesis import flow_of, new_stack, resources, template_of

DIGEST = f"sha256:{'a' * 64}"


@pytest.fixture
def stack():
    return new_stack()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "resize"
    folder.mkdir()
    (folder / "Dockerfile").write_text('FROM public.ecr.aws/lambda/python:3.14\nCOPY handler.py .\nCMD ["handler.handler"]\n')
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    return folder


def function_of(stack):
    (function,) = resources(template_of(stack), "AWS::Lambda::Function")
    return function


def image_asset(stack):
    """The image as the assembly describes it to who builds it."""
    assembly = Path(stack.node.root.synth().directory)
    (image,) = json.loads((assembly / "Shop.assets.json").read_text())["dockerImages"].values()
    return assembly, image["source"]


@pytest.mark.parametrize(("architecture", "platform"), [("arm64", "linux/arm64"), ("x86_64", "linux/amd64")])
def test_a_dockerfile_is_described_for_the_functions_architecture_without_docker(stack, folder, monkeypatch, architecture, platform):
    monkeypatch.setenv("PATH", "/nothing")
    ContainerFunction(stack, "Resize", image=folder, architecture=architecture)
    function = function_of(stack)
    assert (function["PackageType"], function["Architectures"]) == ("Image", [architecture])
    assert not {"Runtime", "Handler", "Layers"} & function.keys()
    assembly, source = image_asset(stack)
    assert source["platform"] == platform
    assert sorted(file.name for file in (assembly / source["directory"]).iterdir()) == ["Dockerfile", "handler.py"]


def test_another_dockerfile_is_named_by_its_path(stack, folder):
    (folder / "Dockerfile.slim").write_text("FROM scratch\n")
    ContainerFunction(stack, "Resize", image=folder / "Dockerfile.slim")
    assert image_asset(stack)[1]["dockerFile"] == "Dockerfile.slim"


def test_a_path_is_seen_from_where_the_app_is_and_not_from_where_it_was_started(stack, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    ContainerFunction(stack, "Resize", image=folder.name)
    assert "Dockerfile" in {file.name for file in (image_asset(stack)[0] / image_asset(stack)[1]["directory"]).iterdir()}


@pytest.mark.parametrize(("version", "separator"), [("1.4", ":"), (DIGEST, "@")])
def test_an_image_of_a_repository_is_named_by_tag_or_digest(stack, version, separator):
    repository = ecr.Repository.from_repository_name(stack, "Images", "resize")
    ContainerFunction(stack, "Resize", image=repository, version=version)
    uri = function_of(stack)["Code"]["ImageUri"]["Fn::Join"][1]
    assert uri[-1] == f"/resize{separator}{version}"


def test_a_repository_of_the_app_lets_lambda_pull(stack):
    ContainerFunction(stack, "Resize", image=ecr.Repository(stack, "Images"), version="1")
    (repository,) = resources(template_of(stack), "AWS::ECR::Repository")
    (statement,) = repository["RepositoryPolicyText"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_what_is_given_stands_in_place_of_the_images_own(stack, folder):
    ContainerFunction(stack, "Resize", image=folder, entrypoint=["/run", "-v"], command=["other.handler"], workdir="/srv")
    assert function_of(stack)["ImageConfig"] == {
        "EntryPoint": ["/run", "-v"],
        "Command": ["other.handler"],
        "WorkingDirectory": "/srv",
    }


def test_nothing_is_overridden_unless_asked(stack, folder):
    ContainerFunction(stack, "Resize", image=folder)
    assert "ImageConfig" not in function_of(stack)


def test_a_code_of_the_cdks_is_taken_as_it_is(stack, folder):
    code = lambda_.Code.from_asset_image(str(folder), build_args={"LEVEL": "3"})
    ContainerFunction(stack, "Resize", image=code)
    assert image_asset(stack)[1]["dockerBuildArgs"] == {"LEVEL": "3"}


def test_it_is_triggered_versioned_and_observed_as_any_function(stack, folder):
    resize = ContainerFunction(stack, "Resize", image=folder, memory=1024)
    Topic(stack, "Uploads").fan_out("Resize", to=resize, where={"kind": ["image"]})
    flow = flow_of(stack)
    assert flow.send("Uploads", {"kind": "image"}).reaches("Resize")
    assert function_of(stack)["MemorySize"] == 1024
    assert len(resources(template_of(stack), "AWS::Lambda::Version")) == 1


def test_the_local_run_says_that_it_does_not_run_it(stack, folder, tmp_path):
    ContainerFunction(stack, "Resize", image=folder)
    assembly = Path(stack.node.root.synth().directory)
    with pytest.raises(RunError, match="Shop/Resize/Function: not run, it is a container image"):
        runnable(Flow.from_assembly(assembly), CodeForHere(app=tmp_path, assembly=assembly, layers=(), say=print))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (lambda stack, folder: {"image": folder.parent / "resise"}, "EF-CODE-FOLDER", "resize"),
        (lambda stack, folder: {"image": folder.parent}, "EF-IMAGE-DOCKERFILE", "it has no files"),
        (lambda stack, folder: {"image": ecr.Repository(stack, "Images")}, "EF-IMAGE-VERSION", "a digest"),
        (lambda stack, folder: {"image": folder, "version": "1"}, "EF-IMAGE-VERSION", "leave version out"),
        (
            lambda stack, folder: {"image": folder, "layers": [Layer(stack, "Tools", code=folder)]},
            "EF-IMAGE-LAYERS",
            "into the image",
        ),
        (
            lambda stack, folder: {"image": lambda_.Code.from_asset_image(str(folder)), "command": ["x"]},
            "EF-IMAGE-OVERRIDE",
            "give them to the code",
        ),
        (lambda stack, folder: {"image": folder, "memory": 64}, "EF-FUNCTION-MEMORY", "memory is 64 MB"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(stack, folder, arguments, code, said):
    given = arguments(stack, folder)
    before = len(stack.node.find_all())
    with pytest.raises(ConstructError) as refused:
        ContainerFunction(stack, "Resize", **given)
    assert refused.value.code == code
    assert said in str(refused.value)
    assert len(stack.node.find_all()) == before
