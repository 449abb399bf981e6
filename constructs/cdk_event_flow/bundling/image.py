"""The folder that a worker's image is built from: a function's bundle, the runner, and a Dockerfile."""

import hashlib
from pathlib import Path

from . import archive
from .bundle import Bundle
from .cache import cache_folder, fresh, put

DOCKERFILE = """\
FROM {base}
COPY code/ /var/task/
COPY runner/ /opt/event-flow/
ENV PYTHONPATH=/var/task:/opt/event-flow:/var/runtime PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/task
VOLUME /tmp
USER 65534:65534
ENTRYPOINT ["{python}", "-m", "{package}"]
"""


def image_folder(bundled: Bundle, runner: Path, package: str, *, base: str, python: str, cache: Path | None = None) -> Path:
    """The folder, the same for the same inputs on any machine; it lies in the cache, named after its contents.

    `runner` is the folder of the runner's modules, which are imported as `package`; `base` the image it stands on, where
    `python` is the path of the interpreter.
    """
    modules = {f"{package}/{path.name}": path for path in sorted(runner.glob("*.py"))}
    dockerfile = DOCKERFILE.format(base=base, python=python, package=package)
    digest = hashlib.sha256(f"{archive.digest(modules)} {bundled.sha256} {dockerfile}".encode()).hexdigest()
    place = (cache or cache_folder()) / "images" / digest
    if not place.exists():
        with fresh(place) as folder:
            ready = folder / "image"
            (ready / "code").mkdir(parents=True)
            archive.extract(bundled.zip, ready / "code")
            for name, path in modules.items():
                copy = ready / "runner" / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
            (ready / "Dockerfile").write_text(dockerfile, "utf-8")
            put(ready, place)
    return place
