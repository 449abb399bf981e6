"""Whether two cloud assemblies are the same, byte for byte. The standard library only: it runs where nothing else is installed."""

from pathlib import Path


def differences(one: str | Path, other: str | Path) -> list[str]:
    """The files that only one has, or that differ."""
    first, second = ({str(file.relative_to(root)): file for file in Path(root).rglob("*") if file.is_file()} for root in (one, other))
    alone = sorted(first.keys() ^ second.keys())
    return alone + sorted(name for name in first.keys() & second.keys() if first[name].read_bytes() != second[name].read_bytes())
