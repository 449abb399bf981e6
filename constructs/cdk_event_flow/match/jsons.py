"""Reading events: the same answers with orjson, which is faster, and without it."""

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from cdk_event_flow.errors import EventError, Problem

MAX_DEPTH = 1_000  # what EventBridge reads

try:
    _fast: Callable[[str | bytes], Any] | None = importlib.import_module("orjson").loads
except ImportError:
    _fast = None


def event(given: dict[str, Any] | str | bytes) -> dict[str, Any]:
    """The event as a dict. Raises EventError when it is not a JSON object."""
    parsed = parse(given) if isinstance(given, str | bytes) else given
    if not isinstance(parsed, dict):
        raise _refused(f"it is {type(parsed).__name__}")
    return parsed


def parse(text: str | bytes) -> Any:
    """The value of a JSON text; of a key written twice, the last. Raises EventError.

    orjson refuses lone surrogates and numbers that are too large, which the standard library reads: so what it refuses
    is read again. Integers beyond 64 bits, which it rounds, are compared as doubles either way.
    """
    if _fast is not None:
        try:
            return _fast(text)
        except ValueError:
            pass
    try:
        return _slow(text)
    except ValueError as error:
        raise _refused(f"it is not JSON ({error})") from None
    except RecursionError:
        return _deep(text)


def _slow(text: str | bytes) -> Any:
    return _DECODER.decode(text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass"))


def _deep(text: str | bytes) -> Any:
    """Python counts the decoder's levels against the caller's stack; give it what the events of AWS may need."""
    allowed = sys.getrecursionlimit()
    sys.setrecursionlimit(allowed + MAX_DEPTH)
    try:
        return _slow(text)
    except RecursionError:
        raise _refused(f"it is nested more than {MAX_DEPTH:,} levels deep") from None
    finally:
        sys.setrecursionlimit(allowed)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _refused(given: str) -> EventError:
    problem = Problem(code="EF-EVENT", given=given, allowed="an event is a JSON object", fix="correct the event")
    return EventError("event", problem)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
