"""Functions' code made ready for this machine, from an assembly as `compose` writes it."""

import platform

import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Function, Layer, PythonFunction, PythonLayer
from cdk_event_flow.errors import RunError
from cdk_event_flow.flow import Flow, model
from cdk_event_flow.local.code import CodeForHere
from cdk_event_flow.local.runnable import runnable
from tests.compose.synthesis import new_stack

HERE = platform.machine().replace("aarch64", "arm64")
OTHER = {"x86_64": 0xB7, "arm64": 0x3E}[HERE]


@pytest.fixture
def stack():
    return new_stack()


def read(stack, tmp_path):
    """The flow of the stack's assembly, what makes its code ready, and what that says."""
    assembly = stack.node.root.synth().directory
    flow, said = Flow.from_assembly(assembly), []
    return flow, CodeForHere(app=tmp_path, assembly=tmp_path / assembly, layers=flow.of(model.Layer), say=said.append), said


def bootstrap(folder, content):
    folder.mkdir(exist_ok=True)
    (folder / "bootstrap").write_bytes(content)
    (folder / "bootstrap").chmod(0o755)
    return folder


def test_layers_are_made_ready_for_this_machine_the_last_one_first(stack, tmp_path):
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "handler.py").write_text("def handler(event, context): ...\n")
    (tmp_path / "requirements.txt").write_text("wrapt==2.5.2\n")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "data.txt").write_text("")
    layers = [
        PythonLayer(stack, "Packages", requirements=tmp_path / "requirements.txt"),
        Layer(stack, "Tools", code=tmp_path / "tools"),
    ]
    PythonFunction(stack, "Billing", code=tmp_path / "billing", layers=layers)
    flow, code, _ = read(stack, tmp_path)
    tools, packages = code.prepare(flow.of(model.Function)[0]).layers
    assert [file.name for file in tools.iterdir()] == ["data.txt"]
    compiled = [file.name for file in (packages / "python" / "wrapt").glob("*.so")]
    assert compiled
    assert all(platform.machine() in name for name in compiled)


def test_a_layer_from_elsewhere_is_left_out_and_said_once(stack, tmp_path):
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:tools:3"
    layer = lambda_.LayerVersion.from_layer_version_arn(stack, "Tools", arn)
    Function(stack, "F", code=bootstrap(tmp_path / "code", b"#!/bin/sh\n"), handler="a", runtime="provided.al2023", layers=[layer])
    flow, code, said = read(stack, tmp_path)
    for _ in range(2):
        assert code.prepare(flow.of(model.Function)[0]).layers == ()
    assert said == [f"Shop/F/Function: the code of its layer {arn} is not in this template, and is left out"]


def test_a_program_for_another_machine_is_not_run_and_a_script_is(stack, tmp_path):
    other = "arm64" if HERE == "x86_64" else "x86_64"
    program = b"\x7fELF\x02\x01" + bytes(12) + OTHER.to_bytes(2, "little")
    options = {"handler": "main", "runtime": "provided.al2023", "architecture": other}
    Function(stack, "Program", code=bootstrap(tmp_path / "program", program), **options)
    Function(stack, "Script", code=bootstrap(tmp_path / "script", b"#!/bin/sh\n"), **options)
    flow, code, _ = read(stack, tmp_path)
    run, notes = runnable(flow, code)
    assert [function.path for function in run.of(model.Function)] == ["Shop/Script/Function"]
    assert notes == (f"Shop/Program/Function: not run, its bootstrap is built for {other}, and this machine is {HERE}",)


def test_an_asset_that_is_gone_is_one_clear_error(stack, tmp_path):
    Function(stack, "Script", code=bootstrap(tmp_path / "script", b"#!/bin/sh\n"), handler="a", runtime="provided.al2023")
    flow, _, _ = read(stack, tmp_path)
    code = CodeForHere(app=tmp_path, assembly=tmp_path / "elsewhere", layers=(), say=print)
    with pytest.raises(RunError, match=r"EF-RUN-CODE at Shop/Script/Function: its asset asset\..* is not in .*elsewhere"):
        code.prepare(flow.of(model.Function)[0])
