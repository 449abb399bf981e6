"""`event-flow diagram`, as people call it."""

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from cdk_event_flow.cli.group import event_flow
from cdk_event_flow.errors import RunError, TemplateError
from cdk_event_flow.render import mermaid, picture_of, svg


def diagram(*arguments):
    return CliRunner().invoke(event_flow, ["diagram", *map(str, arguments)], catch_exceptions=False, standalone_mode=False)


def test_it_prints_svg(flow, assembly):
    assert diagram("--template", assembly).stdout == svg(picture_of(flow))
    dark = diagram("--template", assembly, "--theme", "dark", "--dead-letters").stdout
    assert dark == svg(picture_of(flow, dead_letters=True), theme="dark")


def test_it_writes_what_the_ending_of_the_file_says(flow, assembly, tmp_path):
    for name in ("new/flow.svg", "flow.mmd", "flow.json", "flow"):
        assert diagram("--template", assembly, "-o", tmp_path / name).exit_code == 0
    ET.parse(tmp_path / "new" / "flow.svg")
    ET.parse(tmp_path / "flow")
    assert (tmp_path / "flow.mmd").read_text("utf-8") == mermaid(flow)
    assert json.loads((tmp_path / "flow.json").read_text("utf-8"))["width"] == picture_of(flow).width


def test_the_format_named_is_the_one_written(flow, assembly, tmp_path):
    diagram("--template", assembly, "--format", "mermaid", "-o", tmp_path / "flow.md")
    assert (tmp_path / "flow.md").read_text("utf-8") == mermaid(flow)


def test_a_template_without_a_flow_is_one_clear_error(tmp_path):
    template = tmp_path / "empty.json"
    template.write_text('{"Resources": {}}', "utf-8")
    with pytest.raises(TemplateError, match="EF-DIAGRAM-EMPTY"):
        diagram("--template", template)


def test_a_file_that_cannot_be_written_is_one_clear_error(assembly, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunError, match="EF-DIAGRAM-FILE"):
        diagram("--template", assembly, "-o", tmp_path / "file" / "flow.svg")


def sizes(png):
    """Width and height that a PNG names."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_png_is_drawn_twice_as_large(flow, assembly, tmp_path):
    from cdk_event_flow.render.png import _family

    if _family() is None:
        pytest.skip("this machine has no font to write with")
    picture = picture_of(flow)
    file = tmp_path / "flow.png"
    assert diagram("--template", assembly, "-o", file).exit_code == 0
    assert sizes(file.read_bytes()) == (picture.width * 2, picture.height * 2)
    dark = diagram("--template", assembly, "--format", "png", "--theme", "dark")
    assert sizes(dark.stdout_bytes) == (picture.width * 2, picture.height * 2)
    assert dark.stdout_bytes != file.read_bytes()


def test_png_without_a_font_or_without_its_extra_is_one_clear_error(assembly, monkeypatch):
    monkeypatch.setattr("cdk_event_flow.render.png._family", lambda: None)
    with pytest.raises(RunError, match="EF-DIAGRAM-FONTS"):
        diagram("--template", assembly, "--format", "png")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"EF-EXTRA at event-flow diagram: the extra \[png\] is not installed"):
        diagram("--template", assembly, "--format", "png")
