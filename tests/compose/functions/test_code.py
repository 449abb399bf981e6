"""Functions of any runtime, from a folder or a zip: what is refused at synth, and what the template says."""

import zipfile
from pathlib import Path

import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Function
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import new_stack, resources, template_of


@pytest.fixture
def bootstrap(tmp_path):
    """A folder with a script as bootstrap."""
    (tmp_path / "code").mkdir()
    file = tmp_path / "code" / "bootstrap"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_a_custom_runtime_is_a_folder_with_a_bootstrap(bootstrap):
    stack = new_stack()
    Function(stack, "Greeter", code=bootstrap.parent, handler="greet", runtime="provided.al2023")
    (function,) = resources(template_of(stack), "AWS::Lambda::Function")
    assert (function["Runtime"], function["Handler"], function["Architectures"]) == ("provided.al2023", "greet", ["arm64"])


def test_the_asset_keeps_the_bootstrap_executable_and_leaves_caches_out(bootstrap, tmp_path):
    (bootstrap.parent / "__pycache__").mkdir()
    (bootstrap.parent / "__pycache__" / "x.pyc").write_bytes(b"x")
    stack = new_stack()
    Function(stack, "Greeter", code=bootstrap.parent, handler="greet", runtime="provided.al2023")
    (folder,) = [path for path in Path(stack.node.root.synth().directory).glob("asset.*") if path.is_dir()]
    assert [path.name for path in folder.iterdir()] == ["bootstrap"]
    assert (folder / "bootstrap").stat().st_mode & 0o111 == 0o111


def test_a_zip_of_a_compiled_program_is_taken_as_it_is(tmp_path):
    program = b"\x7fELF\x02\x01" + bytes(12) + (0xB7).to_bytes(2, "little")
    with zipfile.ZipFile(tmp_path / "go.zip", "w") as archive:
        info = zipfile.ZipInfo("bootstrap")
        info.external_attr = 0o100755 << 16
        archive.writestr(info, program)
    stack = new_stack()
    Function(stack, "Go", code=tmp_path / "go.zip", handler="main", runtime=lambda_.Runtime.PROVIDED_AL2023)
    assert len(resources(template_of(stack), "AWS::Lambda::Function")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda file: file.rename(file.with_name("main")), "EF-CODE-BOOTSTRAP"),
        (lambda file: file.chmod(0o644), "EF-CODE-BOOTSTRAP"),
        (lambda file: file.write_bytes(b"\x7fELF\x02\x01" + bytes(12) + (0x3E).to_bytes(2, "little")), "EF-CODE-ARCHITECTURE"),
        (lambda file: file.parent.rename(file.parent.with_name("gone")), "EF-CODE-FOLDER"),
    ],
)
def test_a_bootstrap_that_lambda_could_not_start_is_refused_before_anything_is_made(bootstrap, change, code):
    change(bootstrap)
    stack = new_stack()
    with pytest.raises(ConstructError) as refused:
        Function(stack, "Greeter", code=bootstrap.parent, handler="greet", runtime="provided.al2023")
    assert refused.value.code == code
    assert str(refused.value).startswith(f"{code} at Shop/Greeter: ")
    assert stack.node.children == []


def test_the_cdks_own_code_is_not_looked_into():
    stack = new_stack()
    Function(stack, "F", code=lambda_.Code.from_inline("exports.other = 1"), handler="index.handler", runtime="nodejs24.x")
    assert len(resources(template_of(stack), "AWS::Lambda::Function")) == 1
