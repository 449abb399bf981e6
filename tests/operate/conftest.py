"""The shop, running."""

import pytest

from .world import shop as running


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A run of the shop; what is written down of redrives is in a folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with running(tmp_path) as shop:
        yield shop
