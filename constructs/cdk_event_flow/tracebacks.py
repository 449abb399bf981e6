"""Tracebacks that handlers log or quote in their errors."""

_MARK = "Traceback (most recent call last):"


def without_frames(text: str) -> str:
    """The text with only the exception left of the last traceback in it, and what stood before the first."""
    before, mark, quoted = text.rpartition(_MARK)
    if not mark:
        return text
    lines = quoted.splitlines()
    last = max((n for n, line in enumerate(lines) if line.startswith('  File "')), default=-1)
    rest = (n for n in range(last + 1, len(lines)) if not lines[n].startswith("    "))
    return "\n".join([before.partition(_MARK)[0], *lines[next(rest, len(lines)) :]]).strip()


def in_one_line(text: str, most: int) -> str:
    """The same on one line of at most so many characters."""
    line = " ".join(without_frames(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
