"""The handlers of an example, loaded as Lambda loads them."""

import importlib.util
import json
import sys
from typing import Any

from tests.examples.checked import EXAMPLES


def handler_of(example: str, function: str) -> Any:
    """A fresh module of the function's `handler.py`, with its folder and `lambda_src` first on the path while it loads."""
    folder = EXAMPLES / example / "lambda_src" / function
    spec = importlib.util.spec_from_file_location(f"{example}_{function}_handler", folder / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, known = list(sys.path), set(sys.modules)
    sys.path[:0] = [str(folder), str(folder.parent)]
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
        for name in set(sys.modules) - known:
            if str(folder.parent) in str(getattr(sys.modules[name], "__file__", None)):
                del sys.modules[name]
    return module


def sample_event(example: str, function: str, name: str) -> Any:
    """An event from the function's `events` folder."""
    return json.loads((EXAMPLES / example / "lambda_src" / function / "events" / f"{name}.json").read_text("utf-8"))
