"""How large a function's package is: zipped as it is stored, and unzipped as Lambda's limit counts it."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.bundling.contents import Contents


class _Nowhere(io.RawIOBase):
    """Counts what is written."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        written = len(data)  # type: ignore[arg-type]
        self.size += written
        return written


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """In bytes. `compiled` says whether there is bytecode of Python in it."""

    zipped: int
    unzipped: int
    compiled: bool = False


def size_of_asset(asset: Path) -> Size:
    """Of a zip as it lies there, or of a folder as the CDK command line zips it. Raises BundleError (EF-CODE-ZIP)."""
    contents = Contents.of(asset)
    zipped = asset.stat().st_size if asset.is_file() else _zipped({name: asset / name for name in contents.sizes})
    compiled = any(name.endswith(".pyc") for name in contents.sizes)
    return Size(zipped=zipped, unzipped=sum(contents.sizes.values()), compiled=compiled)


def size_of_text(text: str) -> Size:
    """Of code that stands in the template, which Lambda zips."""
    return Size(zipped=_zipped({"index": text.encode()}), unzipped=len(text.encode()))


def _zipped(files: Mapping[str, Path | bytes]) -> int:
    nowhere = _Nowhere()
    with zipfile.ZipFile(nowhere, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return nowhere.size
