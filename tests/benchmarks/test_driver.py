"""`make bench`: parts are chosen, quick runs print, and what is kept is of one machine and one set of versions."""

import json

import pytest

import benchmarks.__main__ as driver


@pytest.fixture
def figures(tmp_path, monkeypatch):
    """Where the figures are kept, in place of docs."""
    monkeypatch.setattr(driver, "FIGURES", tmp_path / "benchmarks.json")
    return tmp_path / "benchmarks.json"


def test_a_quick_run_of_a_part_prints_its_page_and_writes_nothing(figures, capsys):
    assert driver.main(["--quick", "--only", "flow"]) == 0
    printed = capsys.readouterr().out
    assert "## Reading, checking and sending" in printed
    assert "\n| 52 |" in printed
    assert "## Matching" not in printed
    assert not figures.exists()


def test_the_raw_figures_are_printed_as_json(figures, capsys):
    driver.main(["--quick", "--json", "--only", "drawing"])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"machine", "versions", "parts"}
    assert set(document["parts"]) == {"drawing"}
    assert all(row["svg"] > row["layout"] > 0 for row in document["parts"]["drawing"]["figures"]["rows"])
    assert not figures.exists()


def test_an_unknown_part_is_refused_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        driver.main(["--only", "matching,sinth"])
    assert ended.value.code == 2
    assert "no part is called sinth; there are matching, flow," in capsys.readouterr().err


def test_figures_of_other_versions_are_not_mixed(figures):
    kept = {"machine": {"memory": "1 GB"}, "versions": {"Python": "3.11"}, "parts": {"flow": {}}}
    figures.write_text(json.dumps(kept))
    here = {"machine": kept["machine"], "versions": kept["versions"]}
    assert driver.kept_of(here, ["drawing"]) == {"flow": {}}
    with pytest.raises(SystemExit, match="of another version; measure all parts"):
        driver.kept_of({**here, "versions": {"Python": "3.12"}}, ["drawing"])
    assert driver.kept_of({**here, "versions": {"Python": "3.12"}}, list(driver.PARTS)) == {}
