"""Same inputs, same bytes; wheels of the platform asked for; one clear error where there is none."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from cdk_event_flow.bundling import Platform, Source, bundle
from cdk_event_flow.errors import BundleError

ROOT = Path(__file__).parent.parent.parent
ARM = Platform.aws(python="3.14", architecture="arm64")
AARCH64 = 183  # e_machine in the ELF header


def copied(to):
    """The billing function and its shared modules, elsewhere, with other times."""
    shutil.copytree(ROOT / "lambda_src" / "billing", to / "billing")
    shutil.copytree(ROOT / "lambda_src" / "shared", to / "shared")
    for number, file in enumerate(sorted(to.rglob("*"))):
        os.utime(file, (10**9 + number, 10**9 + number))
    return Source(folder=to / "billing", shared=to / "shared")


def test_two_folders_two_times_two_caches_give_the_same_bytes(tmp_path):
    first = bundle(copied(tmp_path / "one"), ARM, at="Shop/Billing", cache=tmp_path / "cache")
    (tmp_path / "elsewhere").mkdir()
    second = bundle(copied(tmp_path / "a much longer name"), ARM, at="Shop/Billing", cache=tmp_path / "elsewhere")
    assert first.sha256 == second.sha256
    assert first.zip.read_bytes() == second.zip.read_bytes()
    with zipfile.ZipFile(first.zip) as archive:
        names = archive.namelist()
        assert {"handler.py", "charges.py", "shared/events.py"} <= set(names)
        assert not [name for name in names if name.startswith("events/") or "__pycache__" in name]
        machines = {int.from_bytes(archive.read(name)[18:20], "little") for name in names if name.endswith(".so")}
    assert machines == {AARCH64}


def test_changed_code_is_another_bundle(tmp_path):
    source = copied(tmp_path / "one")
    before = bundle(source, ARM, at="Shop/Billing")
    with (source.folder / "charges.py").open("a") as file:
        file.write("\nROUNDED = True\n")
    assert bundle(source, ARM, at="Shop/Billing").sha256 != before.sha256


def test_a_requirement_without_a_wheel_for_the_platform_is_one_clear_error(tmp_path):
    folder = tmp_path / "function"
    folder.mkdir()
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    (folder / "requirements.txt").write_text("docopt==0.6.2\n")
    with pytest.raises(BundleError) as refused:
        bundle(Source(folder=folder), ARM, at="Shop/F", cache=tmp_path / "cache")
    assert refused.value.code == "EF-CODE-WHEEL"
    assert "docopt" in str(refused.value)
    assert "arm64" in str(refused.value)
