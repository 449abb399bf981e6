"""Python functions: what is bundled into the asset, and what is recorded for the local run."""

import sys
import zipfile
from pathlib import Path

import pytest
from aws_cdk.assertions import Annotations, Match

from cdk_event_flow import PythonFunction
from cdk_event_flow.errors import BundleError, ConstructError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function
from tests.compose.synthesis import new_stack, resources, template_of

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def code(tmp_path):
    folder = tmp_path / "billing"
    (folder / "drafts").mkdir(parents=True)
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    (folder / "drafts" / "note.md").write_text("")
    (folder / "requirements.txt").write_text("six==1.17.0\n")
    return folder


def names(stack):
    """What is in the stack's one asset."""
    (asset,) = Path(stack.node.root.synth().directory).glob("asset.*.zip")
    with zipfile.ZipFile(asset) as archive:
        return set(archive.namelist())


def test_what_is_excluded_is_not_in_the_asset_and_the_local_run_is_told(code):
    stack = new_stack()
    PythonFunction(stack, "Billing", code=code, exclude=["*.md", "*.dist-info/*"])
    assert names(stack) == {"handler.py", "six.py"}
    (function,) = Flow.from_template(template_of(stack)).of(Function)
    assert function.code.exclude == ("*.md", "*.dist-info/*")


def test_precompiled_code_has_bytecode_of_the_functions_python(code):
    stack = new_stack()
    PythonFunction(stack, "Billing", code=code, python=HERE, precompile=True)
    tag = f"cpython-{HERE.replace('.', '')}"
    assert {f"__pycache__/handler.{tag}.pyc", f"__pycache__/six.{tag}.pyc"} <= names(stack)
    assert resources(template_of(stack), "AWS::Lambda::Function")[0]["Runtime"] == f"python{HERE}"


def test_what_is_not_pinned_is_said_in_the_synth(code):
    (code / "requirements.txt").write_text("six\n")
    stack = new_stack()
    PythonFunction(stack, "Billing", code=code)
    found = Annotations.from_stack(stack).find_info("/Shop/Billing", Match.string_like_regexp("'six' is not pinned"))
    assert len(found) == 1


def test_excluding_the_handler_is_refused(code):
    with pytest.raises(ConstructError, match=r"EF-CODE-EXCLUDE at Shop/Billing: exclude matches handler.py"):
        PythonFunction(new_stack(), "Billing", code=code, exclude=["*.py"])


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_package_that_is_source_only_is_refused_with_package_version_and_platform(code, architecture):
    (code / "requirements.txt").write_text("docopt==0.6.2\n")
    with pytest.raises(BundleError) as refused:
        PythonFunction(new_stack(), "Billing", code=code, architecture=architecture, python="3.13")
    said = str(refused.value)
    assert said.startswith("EF-CODE-WHEEL at Shop/Billing: docopt 0.6.2 in ")
    assert f"has no wheel for Lambda's python3.13 on {architecture}" in said
