"""The real CDK command line, on the reference app; `make cdk` runs it on every example."""

import pytest

from cdk_event_flow.synth import synthesize
from tests.packaging.cdk_command_line import CDK, ROOT, remarks, synth_and_diff, unexplained


def test_cdk_synth_gives_the_template_that_the_app_gives_by_itself_and_nothing_is_said_that_is_not_explained(assembly, tmp_path):
    assert CDK.is_file(), "make test installs the CDK command line first"
    assert synth_and_diff(ROOT, tmp_path) == []
    assert (tmp_path / "cdk" / "OrderPacking.template.json").read_bytes() == (assembly / "OrderPacking.template.json").read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "[Warning at /Shop/Billing/Function] SnapStart only supports published Lambda versions.",
        "[WARNING] aws-cdk-lib.aws_lambda.FunctionOptions#logRetention is deprecated.",
        "app.py:3: UserWarning: nobody reads this",
    ],
)
def test_what_is_not_on_the_list_is_not_explained(line):
    assert unexplained(f"Stack Shop\n{line}\n✨  Number of stacks with differences: 0\n") == [line]
    assert remarks(line) == ([line] if line.startswith("[") else [])


def test_synthesizing_twice_gives_the_same_bytes(assembly, tmp_path):
    synthesize("python app.py", tmp_path)
    assert (tmp_path / "OrderPacking.template.json").read_bytes() == (assembly / "OrderPacking.template.json").read_bytes()
