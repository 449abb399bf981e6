"""The page's files: small, whole, with their licences, and nothing in them that takes text for markup or code."""

import hashlib
import re
from pathlib import Path

import pytest

import cdk_event_flow.page
from cdk_event_flow.page.assets import SCRIPTS, asset, one_script, text_of

FILES = Path(cdk_event_flow.page.__file__).parent / "files"
OWN = [name for name in SCRIPTS if not name.startswith("vendor")]
HTM_PREACT = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7"


def test_the_libraries_are_those_that_the_readme_names_with_their_licences():
    library = FILES / "vendor" / "htm-preact.js"
    assert hashlib.sha256(library.read_bytes()).hexdigest() == HTM_PREACT
    assert library.stat().st_size < 14_000
    assert "Apache License" in text_of("vendor/htm.LICENSE")
    assert "The MIT License" in text_of("vendor/preact.LICENSE")


@pytest.mark.parametrize("name", OWN)
def test_what_comes_from_templates_and_events_is_text(name):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|dangerously|srcdoc|javascript:|https?://",
        text_of(name),
    )


def test_each_file_is_served_and_nothing_else():
    served = {path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file()} - {"index.html", "vendor/README.md"}
    for name in served:
        kind, text = asset(name)
        assert text
        assert kind in ("text/javascript", "text/css", "image/svg+xml", "text/plain")
    for name in ("../server.py", "index.html", "/etc/passwd", "vendor/../store.js", ""):
        assert asset(name) is None


def test_scripts_stand_behind_what_they_take_from():
    takes = [(name, taken) for name in SCRIPTS if name in OWN for taken in re.findall(r'from "\./([\w./-]+)"', text_of(name))]
    assert takes
    for name, taken in takes:
        assert SCRIPTS.index(taken) < SCRIPTS.index(name), f"{name} takes from {taken}"


def test_put_together_no_name_is_declared_twice():
    names = [
        found
        for name in OWN
        for found in re.findall(r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", text_of(name), re.MULTILINE)
    ]
    assert sorted(names) == sorted(set(names))
    script = one_script()
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)
    assert "</script" not in script.lower()
