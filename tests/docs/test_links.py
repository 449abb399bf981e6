"""Links and pictures lead to files and titles that are there, also on pages that are not of the site."""

import re

import pytest
from markdown.extensions.toc import slugify

from .blocks import ROOT, pages

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]*)\)|(?:src|href)=\"(?!https?://)([^\"]+)\"")


def links_of(page):
    """(where it leads, the title there) of each link that is not to elsewhere; code is left out."""
    text = re.sub(r"^( *)```.*?^\1```$|`[^`\n]*`", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for found in LINK.finditer(text):
        path, _, title = (found[1] or found[2] or "").partition("#")
        yield ((ROOT / page).parent / path).resolve() if path else ROOT / page, title


def titles_of(file):
    """The titles and named places of a page, as they stand in addresses."""
    text = file.read_text("utf-8")
    titles = re.findall(r"^#+ (.*)", text, re.MULTILINE)
    return {slugify(re.sub(r"[`*]", "", title), "-") for title in titles} | set(re.findall(r'\bid="([^"]+)"', text))


@pytest.mark.parametrize("page", pages())
def test_a_link_leads_to_what_is_there(page):
    gone = [str(file) for file, _ in links_of(page) if not file.exists()]
    assert gone == []
    for file, title in links_of(page):
        if title and file.suffix == ".md" and "::: " not in file.read_text("utf-8"):
            assert title in titles_of(file), f"{file.name} has no title {title}"


def test_there_are_links_and_titles_to_look_at():
    found = [link for page in pages() for link in links_of(page)]
    assert len(found) > 300
    assert sum(bool(title) for _, title in found) > 50
