"""The handlers of an example, loaded as Lambda loads them."""

import json
from typing import Any

import pytest

from tests.examples.checked import EXAMPLES
from tests.loading import Loader


def handler_of(example: str, function: str) -> Any:
    """A fresh module of the function's `handler.py`, where nothing of its environment matters after it is loaded."""
    with pytest.MonkeyPatch.context() as patch:
        return Loader(EXAMPLES / example / "lambda_src", patch)(function)


def sample_event(example: str, function: str, name: str) -> Any:
    """An event from the function's `events` folder."""
    return json.loads((EXAMPLES / example / "lambda_src" / function / "events" / f"{name}.json").read_text("utf-8"))
