"""A flow as one HTML file that stands by itself: no server, nothing fetched; what sample events would do was asked in Python."""

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from typing import Any

from cdk_event_flow.errors import EventFlowError
from cdk_event_flow.flow import Flow
from cdk_event_flow.page.assets import one_script, style, text_of
from cdk_event_flow.page.content import Sample, content, difference
from cdk_event_flow.page.verdicts import verdicts

_NOT_TOLD = ("endpoint", "receivers", "contracts")


def view(flow: Flow, saved: Iterable[Sample], *, title: str, old: Flow | None = None) -> str:
    """The text of the file; `old` is the flow that it is compared with, if any."""
    found = {key: value for key, value in content(flow, saved, title=title).items() if key not in _NOT_TOLD}
    found["samples"] = [_judged(flow, sample) for sample in found["samples"]]
    found["receivers"] = []
    found["glyphs"] = (found["picture"] or {}).get("glyphs", {})
    if old is not None:
        found["difference"] = difference(old, flow)
    return _page(found, title)


def _judged(flow: Flow, sample: dict[str, Any]) -> dict[str, Any]:
    try:
        return {**sample, "verdict": verdicts(flow, sample["on"] or "default", sample["event"])}
    except EventFlowError as error:
        return {**sample, "refused": str(error)}


def _page(found: dict[str, Any], title: str) -> str:
    script, looks = f"\n{one_script()}\n", f"\n{style()}\n"
    if "</script" in script.lower() or "</style" in looks.lower():
        raise AssertionError("the page's own files would end their element")
    icon = base64.b64encode(text_of("icon.svg").encode()).decode()
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(looks)}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)}</title>",
            f'<link rel="icon" href="data:image/svg+xml;base64,{icon}">',
            f"<style>{looks}</style>",
            "</head>",
            "<body>",
            '<div id="app"></div>',
            "<noscript>This page needs JavaScript; it fetches nothing.</noscript>",
            f'<script type="application/json" id="data">{_data(found)}</script>',
            f'<script type="module">{script}</script>',
            "</body>",
            "</html>\n",
        ]
    )


def _data(found: dict[str, Any]) -> str:
    """JSON that cannot end its element, or begin a comment in it."""
    text = json.dumps(found, ensure_ascii=False, default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
