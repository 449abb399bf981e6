"""What mkdocs is told beyond mkdocs.yml: which pages there are besides those of the nav, and where links out of docs lead.

The READMEs of examples are pages of the site too. Of other links out of docs (`[app.py](../app.py)`) only the text stays: on the site
there is no repository around the pages.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

_FOLDERS = {"How to": "how-to", "Reference": "reference"}
_EXAMPLE = re.compile(r"\]\((?P<up>(?:\.\./)+)examples/(?P<name>\w+)(?:/README\.md)?\)")
_OUTSIDE = re.compile(
    r"(?<!!)\[([^\]]+)\]\((?:(?:\.\./)+(?:examples|tests|constructs|benchmarks|lambda_src|events|app\.py|README\.md)[^)]*|lambda_src/[^)]*)\)"
)
_ROOT = Path(__file__).parent.parent


def _examples() -> list[Path]:
    return sorted(app.parent for app in _ROOT.glob("examples/*/app.py"))


def on_config(config: Any) -> Any:
    """Called by mkdocs with its configuration."""
    docs = Path(config["docs_dir"])
    for section in config["nav"]:
        for title, entries in section.items():
            if title in _FOLDERS:
                named = str(entries)
                pages = (page.relative_to(docs).as_posix() for page in sorted((docs / _FOLDERS[title]).glob("*.md")))
                entries.extend(page for page in pages if page not in named)
            elif title == "Learn by running":
                entries[-1]["Examples"] = [f"examples/{example.name}.md" for example in _examples()]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs with the files of docs: each example's README and its pictures are added."""
    for example in _examples():
        page = (example / "README.md").read_text("utf-8").replace("](../../docs/", "](../")
        files.append(File.generated(config, f"examples/{example.name}.md", content=page))
        for picture in example.glob("*.svg"):
            files.append(File.generated(config, f"examples/{picture.name}", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Called by mkdocs with the text of a page. Where a table names tests it needs the room of the table of contents."""
    if re.search(r"^\| .* \| (test|proof) \|$", markdown, re.MULTILINE):
        page.meta["hide"] = ["toc"]
    up = "../" * page.file.src_uri.count("/")
    return _OUTSIDE.sub(r"\1", _EXAMPLE.sub(rf"]({up}examples/\g<name>.md)", markdown))
