"""`wildcard`: `*` stands for any characters, `\\*` for a star and `\\\\` for a backslash."""

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.operators.base import read_text, say

ACCEPTED = 7  # AWS takes patterns of this complexity and refuses 11; between them nothing is recorded
REFUSED = 11


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A string that `text` describes. Matched piece by piece from the left: no backtracking."""

    text: str
    pieces: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", pieces(self.text))

    def matches(self, value: Any) -> bool:
        """Whether `value` is a string and fits."""
        if not isinstance(value, str):
            return False
        first, *rest = self.pieces
        if not rest:
            return value == first
        *between, last = rest
        if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
            return False
        at, end = len(first), len(value) - len(last)
        for piece in between:
            found = value.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    def wanted(self) -> str:
        """In words."""
        return f"text like {say(self.text)}"


def pieces(text: str) -> tuple[str, ...]:
    """The literal pieces between the stars, unescaped: n stars make n + 1 pieces. No text ends in a single backslash."""
    found, at = [""], 0
    while at < len(text):
        if text[at] == "\\":
            found[-1] += text[at + 1]
            at += 2
        elif text[at] == "*":
            found.append("")
            at += 1
        else:
            found[-1] += text[at]
            at += 1
    return tuple(found)


@lru_cache(maxsize=1024)
def complexity(text: str) -> int:
    """How many beginnings of the pattern one string can match at once; what AWS limits.

    With enough text every star is alive, and beside them all beginnings of pieces that are an end of that text. These
    hang together as in an Aho-Corasick trie, so the worst text is the node with the most beginnings on its way out.
    """
    children: list[dict[str, int]] = [{}]
    begun = [0]
    for piece in pieces(text)[1:]:
        at = 0
        for character in piece:
            if character not in children[at]:
                children[at][character] = len(children)
                children.append({})
                begun.append(0)
            at = children[at][character]
            begun[at] += 1
    shorter, worst = [0] * len(children), 0
    todo = deque([0])
    while todo:
        node = todo.popleft()
        for character, child in children[node].items():
            back = shorter[node]
            while back and character not in children[back]:
                back = shorter[back]
            found = children[back].get(character, 0)
            shorter[child] = found if found != child else 0
            begun[child] += begun[shorter[child]]
            worst = max(worst, begun[child])
            todo.append(child)
    return len(pieces(text)) - 1 + worst


def read(value: Any, path: str) -> Wildcard:
    """A string. Raises PatternError."""
    text = read_text(value, "wildcard", path)
    at = 0
    while at < len(text):
        if text[at] == "\\":
            if text[at + 1 : at + 2] not in ("*", "\\"):
                raise PatternError(f"Invalid escape character at pos {at}", path=path, fix="escape only * and \\")
            at += 1
        elif text[at : at + 2] == "**":
            raise PatternError(f"Consecutive wildcard characters at pos {at + 1}", path=path, fix="write one * there")
        at += 1
    if complexity(text) >= REFUSED:
        raise PatternError(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
            "after a wildcard character",
            path=path,
            fix=f"simplify {say(text)}: its complexity is {complexity(text)}, AWS refuses {REFUSED}",
        )
    return Wildcard(text)
