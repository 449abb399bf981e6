"""The cache: content-addressed files and folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """`CDK_EVENT_FLOW_CACHE`, or `cdk-event-flow` in the user's cache folder (`XDG_CACHE_HOME`, `~/.cache`)."""
    if chosen := os.environ.get("CDK_EVENT_FLOW_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "cdk-event-flow")


@contextmanager
def fresh(beside: Path) -> Iterator[Path]:
    """An empty folder on the same file system as `beside`, removed at the end: what is ready is renamed out of it."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=beside.parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def put(ready: Path, place: Path) -> None:
    """Rename a finished file or folder to its place. Where another process was first, its equal content stays."""
    try:
        ready.replace(place)
    except OSError:
        if not place.exists():
            raise
        if ready.is_dir():
            shutil.rmtree(ready, ignore_errors=True)
