"""The files that the page is made of: served one by one to a live page, or put together into one that stands by itself."""

import re
from functools import cache
from importlib import resources

from cdk_event_flow.page.content import theme_css

THEME = "theme.css"
_KINDS = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "html": "text/html",
    "LICENSE": "text/plain",
    "md": "text/plain",
}
# In an order in which each stands behind those that it takes from; a test holds it.
SCRIPTS = (
    "vendor/htm-preact.js", "store.js", "parts.js", "picture.js", "flow.js", "verdicts.js", "event.js", "events.js", "send.js",
    "letters.js", "others.js", "app.js",
)  # fmt: skip
_NAMES = (*SCRIPTS, "style.css", "icon.svg", "vendor/htm.LICENSE", "vendor/preact.LICENSE")

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[\w./-]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async )?(function|const|let) )", re.MULTILINE)
_EXPORTS = re.compile(r"export\{([^}]*)\};?\s*$")


@cache
def text_of(name: str) -> str:
    """One of the files."""
    return (resources.files("cdk_event_flow.page") / "files" / name).read_text("utf-8")


def shell() -> str:
    """The HTML that a live page begins with."""
    return text_of("index.html")


def asset(name: str) -> tuple[str, str] | None:
    """Content type and text of a file of the page; None where there is none of this name."""
    if name == THEME:
        return "text/css", theme_css()
    if name not in _NAMES:
        return None
    return _KINDS[name.rpartition(".")[2]], text_of(name)


@cache
def one_script() -> str:
    """All scripts as one module: without what they import from each other, which now stands before it."""
    parts = [f"/* htm, Apache-2.0, {_holder('vendor/htm.LICENSE')}; preact, MIT, {_holder('vendor/preact.LICENSE')} */", _vendored()]
    for name in SCRIPTS[1:]:
        parts.append(_EXPORT.sub("", _IMPORT.sub("", text_of(name))))
    return "\n".join(parts)


def _vendored() -> str:
    """The libraries, their own names kept to themselves."""
    text = text_of(SCRIPTS[0])
    exports = _EXPORTS.search(text)
    if exports is None:
        raise AssertionError("the libraries' module exports nothing")
    pairs = [part.split(" as ") for part in exports[1].split(",")]
    names = ", ".join(pair[-1].strip() for pair in pairs)
    given = ", ".join(f"{pair[-1].strip()}: {pair[0].strip()}" for pair in pairs)
    return f"const {{ {names} }} = (() => {{\n{text[: exports.start()]}\nreturn {{ {given} }};\n}})();"


def _holder(name: str) -> str:
    """The line of a licence that says whose it is."""
    return next((line.strip() for line in text_of(name).splitlines() if line.strip().startswith("Copyright")), "")


def style() -> str:
    """Everything about looks, in one text."""
    return theme_css() + text_of("style.css")
