"""What mkdocs is told beyond mkdocs.yml: pages that the nav does not name follow those it names, and links out of docs are texts.

On the site there is no repository around the pages: `[the example](../../examples/upload)` is a link where they are read beside it.
"""

import re
from pathlib import Path
from typing import Any

_FOLDERS = {"How to": "how-to", "Reference": "reference"}
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:examples|tests|constructs|benchmarks|lambda_src|events|app\.py|README\.md)[^)]*\)")


def on_config(config: Any) -> Any:
    """Called by mkdocs with its configuration."""
    docs = Path(config["docs_dir"])
    for section in config["nav"]:
        for title, entries in section.items():
            if title in _FOLDERS:
                named = str(entries)
                pages = (page.relative_to(docs).as_posix() for page in sorted((docs / _FOLDERS[title]).glob("*.md")))
                entries.extend(page for page in pages if page not in named)
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with the text of a page."""
    return _OUTSIDE.sub(r"\1", markdown)
