"""The reference app is synthesized once for all tests, by the command that users run, without CDK's slow validation."""

import os
from pathlib import Path

import pytest

from cdk_event_flow.cli.app import synthesize
from cdk_event_flow.flow import Flow

os.environ["CDK_VALIDATION"] = "false"
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def assembly(tmp_path_factory):
    """The reference app's cloud assembly."""
    folder = tmp_path_factory.mktemp("assembly")
    synthesize("python app.py", folder)
    return folder


@pytest.fixture(scope="session")
def flow(assembly):
    """The reference app's flow."""
    return Flow.from_assembly(assembly)
