"""A function's zip and what Lambda's runtime brings along are all that a handler needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cdk_event_flow.bundling import Platform, Source, bundle
from cdk_event_flow.local.environments.runtime_folder import make_runtime_folder

LAMBDA_SRC = Path(__file__).parent.parent.parent / "lambda_src"
LARGEST = 8_000_000  # bytes; twice what the handlers need without the SDK, which alone would add 17 MB
SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "IDEMPOTENCY_TABLE": "Idempotency",
    "EVENT_BUS_NAME": "Orders",
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    return make_runtime_folder(tmp_path_factory.mktemp("runtime"))


@pytest.mark.parametrize("function", ["billing", "human_dispatch", "packing", "reconcile"])
def test_a_bundle_imports_with_the_runtimes_sdk_and_carries_none(function, runtime, tmp_path):
    source = Source(folder=LAMBDA_SRC / function, shared=LAMBDA_SRC / "shared")
    bundled = bundle(source, Platform.here(Path(sys.executable)), at=function)
    assert bundled.zip.stat().st_size < LARGEST
    with zipfile.ZipFile(bundled.zip) as archive:
        assert not {"boto3", "botocore", "__init__.py"} & {name.split("/")[0] for name in archive.namelist()}
        archive.extractall(tmp_path)
    paths = [str(tmp_path), str(runtime)]
    code = f"import sys; sys.path[:0] = {paths!r}; import handler, boto3; print(handler.__file__, boto3.__file__)"
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=SETTINGS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(tmp_path / "handler.py"), str(runtime / "boto3" / "__init__.py")]
