"""Each function with its package, what is kept ready, and what is said of those whose imports are not measured."""

import sys
import zipfile

import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import ContainerFunction, Function, Layer, Provisioned, PythonFunction, Stage
from cdk_event_flow.errors import BundleError
from cdk_event_flow.flow import Flow, model
from cdk_event_flow.local.coldstarts import Ready, overview_of
from cdk_event_flow.local.coldstarts.sizes import size_of_asset
from tests.compose.synthesis import new_stack

PYTHON = f"3.{sys.version_info.minor}"


@pytest.fixture
def stack(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    return new_stack()


@pytest.fixture
def code(tmp_path):
    """A Python function's folder without dependencies."""
    folder = tmp_path / "billing"
    folder.mkdir()
    (folder / "handler.py").write_text("import colorsys\ndef handler(event, context): ...\n")
    return folder


def overviews(stack, tmp_path, runs=0):
    """By name, and what was said."""
    assembly, said = tmp_path / stack.node.root.synth().directory, []
    flow = Flow.from_assembly(assembly)
    found = overview_of(flow, flow.of(model.Function), app=tmp_path, assembly=assembly, runs=runs, say=said.append)
    return {each.name: each for each in found}, said


def test_packages_versions_and_what_is_kept_ready(stack, code, tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "data").write_bytes(bytes(5_000))
    elsewhere = lambda_.LayerVersion.from_layer_version_arn(stack, "Else", "arn:aws:lambda:us-east-1:111122223333:layer:x:1")
    tools = Layer(stack, "Tools", code=tmp_path / "tools")
    billing = PythonFunction(stack, "Billing", code=code, python=PYTHON, precompile=True, layers=[tools], provisioned=2,
                             keep_versions=True)  # fmt: skip
    Stage(billing, "PROD", provisioned=Provisioned(minimum=3, maximum=9))
    PythonFunction(stack, "Packing", code=code, layers=[elsewhere], memory=1_024)
    ContainerFunction(stack, "Draw", image=ecr.Repository(stack, "Images"), version="1")
    found, _ = overviews(stack, tmp_path)
    billing, packing, draw = (found[name] for name in ("Billing", "Packing", "Draw"))
    assert [each.keeps_versions for each in (billing, packing, draw)] == [True, False, False]
    assert set(billing.ready) == {Ready(qualifier="live", least=2, most=2), Ready(qualifier="PROD", least=3, most=9)}
    assert sorted(map(str, billing.ready)) == ["2 of live", "3 to 9 of PROD"]
    assert (packing.ready, packing.function.memory) == ((), 1_024)
    assert (billing.layers, packing.layers, draw.layers) == (5_000, None, 0)
    assert [billing.size.compiled, packing.size.compiled, draw.size] == [True, False, None]
    assert packing.size.unzipped == (code / "handler.py").stat().st_size
    assert billing.size.unzipped > packing.size.unzipped


def test_imports_are_measured_of_python_and_the_others_are_named(stack, code, tmp_path):
    PythonFunction(stack, "Billing", code=code)
    Function(stack, "Other", code=lambda_.Code.from_inline("exports.h = 1"), handler="index.h", runtime="nodejs24.x")
    broken = lambda_.Code.from_inline("import nowhere\ndef h(event, context): ...")
    Function(stack, "Broken", code=broken, handler="index.h", runtime="python3.14")
    found, said = overviews(stack, tmp_path, runs=1)
    assert "colorsys" in found["Billing"].imports.shares
    assert found["Billing"].why == ""
    assert [found[name].imports for name in ("Other", "Broken")] == [None, None]
    assert found["Other"].why == "its runtime is nodejs24.x, and imports are measured of Python only"
    assert found["Broken"].why == "its import fails here: ModuleNotFoundError: No module named 'nowhere'"
    assert f"functions for python3.14 run on Python {PYTHON} here" in said
    assert said[-1] == "measuring Shop/Broken/Function (3 of 3)"


def test_code_that_is_gone_is_said_and_does_not_end_the_list(stack, code, tmp_path):
    PythonFunction(stack, "Billing", code=code)
    assembly = tmp_path / stack.node.root.synth().directory
    (code / "handler.py").unlink()
    flow = Flow.from_assembly(assembly)
    (billing,) = overview_of(flow, flow.of(model.Function), app=tmp_path, assembly=assembly, runs=1)
    assert billing.why.startswith("its code cannot be made ready here: EF-CODE-MODULE at Shop/Billing/Function: ")
    assert billing.size is not None


def test_a_template_by_itself_has_no_packages(stack, code, tmp_path):
    PythonFunction(stack, "Billing", code=code)
    flow = Flow.from_assembly(tmp_path / stack.node.root.synth().directory)
    (billing,) = overview_of(flow, flow.of(model.Function), app=tmp_path, assembly=tmp_path / "elsewhere", runs=0)
    assert billing.size is None


def test_a_folder_is_as_large_as_its_zip(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "text").write_bytes(b"a" * 100_000)
    with zipfile.ZipFile(tmp_path / "code.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.write(tmp_path / "code" / "text", "text")
    folder, packed = size_of_asset(tmp_path / "code"), size_of_asset(tmp_path / "code.zip")
    assert folder.unzipped == packed.unzipped == 100_000
    assert folder.zipped == pytest.approx(packed.zipped, abs=100)


def test_what_is_no_zip_is_refused(tmp_path):
    (tmp_path / "code").write_text("x")
    with pytest.raises(BundleError, match="EF-CODE-ZIP"):
        size_of_asset(tmp_path / "code")
