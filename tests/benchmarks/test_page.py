"""The page of the benchmarks is that of its figures, and what other pages quote of it stands there."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.page import claims, page, quoted, sections, with_figures

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = json.loads((ROOT / "docs" / "reference" / "benchmarks.json").read_text("utf-8"))
CLAIMS = claims(DOCUMENT)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
# A figure with a unit of speed or memory: 30 ms, 1.8 seconds, 17,000 times, 47,000 events a second, 6 MB.
SPEED = re.compile(r"\b\d[\d,.]*\s+(?:(?:ms|s|milliseconds?|seconds?|times|MB)\b|\w+ a second)")


def test_the_page_and_its_plots_are_those_of_the_figures():
    assert (ROOT / "docs" / "reference" / "benchmarks.md").read_text("utf-8") == page(DOCUMENT), "make docs writes it again"
    plots = {f"bench-{name}.svg": svg for section in sections(DOCUMENT).values() for name, svg in section.plots.items()}
    assert {file.name: file.read_text("utf-8") for file in (ROOT / "docs" / "pictures").glob("bench-*.svg")} == plots


def test_every_claim_has_an_address_of_its_own_on_the_page():
    addresses = re.findall(r'<a id="([\w-]+)">', page(DOCUMENT))
    assert addresses == list(CLAIMS)
    titles = {re.sub(r"[^\w]+", "-", title.lower()).strip("-") for title in re.findall(r"^## (.*)$", page(DOCUMENT), re.MULTILINE)}
    assert not titles & set(addresses)
    assert set(re.findall(r"\]\(#([\w-]+)\)", page(DOCUMENT))) <= titles


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.relative_to(ROOT).as_posix())
def test_a_quoted_figure_is_the_one_of_the_page(place):
    for key, words in quoted(place.read_text("utf-8")):
        assert CLAIMS[key].figure == words, "make docs writes it again"


def test_what_the_readme_says_of_speed_is_a_line_of_the_page():
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    prose = re.sub(r"\[[^\]]*\]\(docs/reference/benchmarks\.md#[\w-]+\)", "", prose)
    assert SPEED.findall(prose) == []
    assert len(quoted(README)) >= 10


def test_quoted_figures_follow_new_ones():
    told = "It takes [9 ms](docs/reference/benchmarks.md#local-warm), see [the page](docs/reference/benchmarks.md#summary)."
    now = with_figures(told, CLAIMS)
    figure = CLAIMS["local-warm"].figure
    assert (
        now == f"It takes [{figure}](docs/reference/benchmarks.md#local-warm), see [the page](docs/reference/benchmarks.md#summary)."
    )
