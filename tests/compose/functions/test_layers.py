"""Layers: of a folder, of packages; refused by functions of the other architecture, and where they are too many or too large."""

import json
import zipfile
from pathlib import Path

import pytest

from cdk_event_flow import Function, Layer, PythonFunction, PythonLayer
from cdk_event_flow.bundling import ready
from cdk_event_flow.errors import BundleError, ConstructError
from cdk_event_flow.flow import Flow, model
from tests.compose.synthesis import new_stack, resources, template_of


@pytest.fixture
def tools(tmp_path):
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    (tmp_path / "tools" / "bin" / "convert").write_text("#!/bin/sh\n")
    (tmp_path / "tools" / "bin" / "convert").chmod(0o755)
    return tmp_path / "tools"


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "requirements.txt").write_text("six==1.17.0\n")
    return tmp_path / "packages"


def script(stack, layers, **options):
    """A function whose bootstrap a layer may bring."""
    code = Path(__file__).parent
    return Function(stack, "F", code=code, handler="any", runtime="provided.al2023", layers=layers, **options)


def test_a_folder_is_a_layer_and_its_function_and_flow_know_it(tools):
    stack = new_stack()
    layer = Layer(stack, "Tools", code=tools)
    script(stack, [layer])
    template = template_of(stack)
    assert resources(template, "AWS::Lambda::Function")[0]["Layers"] == [
        {"Ref": stack.get_logical_id(layer.layer.node.default_child)}
    ]
    flow = Flow.from_template(template)
    (found,) = flow.of(model.Layer)
    assert flow.of(model.Function)[0].layers == (found.arn,)
    assert found.path == "Shop/Tools/Version"
    assert layer.size == len("#!/bin/sh\n")


def test_packages_stand_where_python_looks_for_them_in_a_layer(listed):
    stack = new_stack()
    PythonLayer(stack, "Packages", requirements=listed, python="3.13")
    template = template_of(stack)
    (layer,) = resources(template, "AWS::Lambda::LayerVersion")
    assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (["python3.13"], ["arm64"])
    (asset,) = Path(stack.node.root.synth().directory).glob("asset.*.zip")
    with zipfile.ZipFile(asset) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"python"}
        assert "python/six.py" in archive.namelist()
    assert json.dumps(template).count("cdk-event-flow:code") == 1


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_layer_is_refused_by_a_function_of_the_other_architecture(tools, architecture):
    stack = new_stack()
    layer = Layer(stack, "Tools", code=tools, architecture=architecture)
    script(stack, [layer], architecture=architecture)
    other = "x86_64" if architecture == "arm64" else "arm64"
    with pytest.raises(ConstructError, match=f"EF-FUNCTION-LAYER at Shop/G: the layer Shop/Tools is for {architecture}"):
        Function(stack, "G", code=Path(__file__).parent, handler="a", runtime="provided.al2023", layers=[layer], architecture=other)


@pytest.mark.parametrize(("count", "refused"), [(5, False), (6, True)])
def test_five_layers_are_the_limit(tools, count, refused):
    stack = new_stack()
    layers = [Layer(stack, f"Tools{number}", code=tools) for number in range(count)]
    if refused:
        with pytest.raises(ConstructError, match="EF-FUNCTION-LAYERS"):
            script(stack, layers)
    else:
        script(stack, layers)
        assert len(resources(template_of(stack), "AWS::Lambda::Function")[0]["Layers"]) == count


@pytest.mark.parametrize(("spare", "refused"), [(0, False), (-1, True)])
def test_250_mb_are_the_limit_of_code_and_layers_together(tools, listed, monkeypatch, spare, refused):
    (listed / "handler.py").write_text("def handler(event, context): ...\n")
    stack = new_stack()
    layers = [Layer(stack, "Tools", code=tools), PythonLayer(stack, "Packages", requirements=listed)]
    code = sum(file.stat().st_size for file in [listed / "handler.py"]) + layers[1].size
    monkeypatch.setattr(ready, "UNZIPPED_LIMIT", code + sum(layer.size for layer in layers) + spare)
    if refused:
        with pytest.raises(ConstructError, match="EF-CODE-SIZE at Shop/Billing: the code is .* MB unzipped, and its layers"):
            PythonFunction(stack, "Billing", code=listed, layers=layers)
    else:
        PythonFunction(stack, "Billing", code=listed, layers=layers)


def test_what_lists_no_packages_is_refused(tools):
    with pytest.raises(BundleError, match=r"EF-CODE-FOLDER at Shop/Packages: .*tools lists no packages"):
        PythonLayer(new_stack(), "Packages", requirements=tools)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConstructError, match="EF-CODE-FOLDER at Shop/Tools"):
        Layer(new_stack(), "Tools", code=tmp_path / "nothing")
