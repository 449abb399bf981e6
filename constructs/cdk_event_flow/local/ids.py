"""Identifiers made up by the run: unique, shaped as AWS shapes them, the same again for the same seed; and times."""

import random
from datetime import UTC, datetime


def seeded(seed: int, generation: int) -> random.Random:
    """A source of chance that is the same for the same two numbers."""
    return random.Random(f"{seed}/{generation}" if generation else seed)


class Ids:
    """A seeded source of identifiers. Not for secrets.

    `generation` counts the processes that went on with one state: each makes others than those before it.
    """

    def __init__(self, seed: int = 0, generation: int = 0) -> None:
        self._random = seeded(seed, generation)

    def hex(self, digits: int) -> str:
        """`digits` lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def uuid(self) -> str:
        """A version 4 UUID: message ids, request ids, event ids."""
        digits = self.hex(32)
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def trace_header(self, now: float, upstream: str = "") -> str:
        """An X-Ray tracing header as Lambda hands it to a function; `now` in epoch seconds.

        The trace of `upstream`, the header that came with the event, goes on under a new parent.
        """
        root = trace_field(upstream, "Root") or f"1-{int(now):08x}-{self.hex(24)}"
        return f"Root={root};Parent={self.hex(16)};Sampled={trace_field(upstream, 'Sampled') or '1'}"


def trace_field(header: str, name: str) -> str:
    """One field (`Root`, `Parent`, `Sampled`) of an X-Ray tracing header, or empty."""
    return next((part[len(name) + 1 :] for part in header.split(";") if part.startswith(f"{name}=")), "")


def iso_seconds(at: float) -> str:
    """Epoch seconds as EventBridge writes times: 2026-01-31T12:00:00Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(at: float) -> str:
    """Epoch seconds as SNS and Lambda write times: 2026-01-31T12:00:00.000Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
