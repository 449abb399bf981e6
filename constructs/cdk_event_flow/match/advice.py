"""What AWS accepts and nobody means."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from cdk_event_flow.errors import Problem
from cdk_event_flow.match.analysis.compare import always_true, covers_whatever, redundant
from cdk_event_flow.match.analysis.values import Leaves
from cdk_event_flow.match.dialects import Dialect
from cdk_event_flow.match.operators import wildcard
from cdk_event_flow.match.operators.anything_but import AnythingBut
from cdk_event_flow.match.operators.exists import Exists
from cdk_event_flow.match.operators.wildcard import Wildcard
from cdk_event_flow.match.parser import Alternative, is_or, size

LONGEST_LIST = 20  # longer lists are not searched for values that others cover
MOST_ALTERNATIVES = 50


def warnings(pattern: dict[str, Any], alternatives: list[Alternative], dialect: Dialect) -> tuple[Problem, ...]:
    """One problem each, the order of the pattern kept."""
    found = [*_length(pattern, dialect), *_replaced(pattern, None, set())]
    for path, leaves in {(path, id(leaves)): (path, leaves) for each in alternatives for path, leaves in each.items()}.values():
        found += _in_list(path, leaves)
    found += _alternatives(alternatives)
    return tuple(dict.fromkeys(found))


def _length(pattern: dict[str, Any], dialect: Dialect) -> Iterator[Problem]:
    if dialect.usual_characters is not None and (characters := size(pattern)) > dialect.usual_characters:
        yield Problem(
            code="EF-PATTERN-LENGTH",
            given=f"the pattern has {characters:,} characters",
            allowed=f"{dialect.usual_characters:,} are the default quota, {dialect.max_characters:,} the most",
            fix="split the rule, or ask for the quota",
        )


def _in_list(path: str, leaves: Leaves) -> Iterator[Problem]:
    for leaf in leaves:
        yield from _complexity(path, leaf)
    if len(leaves) == 1 or len(leaves) > LONGEST_LIST:
        return
    if not any(leaf == Exists(True) for leaf in leaves) and always_true(leaves):
        yield Problem(
            code="EF-PATTERN-ALWAYS",
            given=f"{path} passes whatever its value",
            allowed="one element of a list is enough, so what the one excludes the other lets through",
            fix='write one anything-but with all values, or [{"exists": true}]',
        )
        return
    for narrow, wide in redundant(leaves):
        yield Problem(
            code="EF-PATTERN-REDUNDANT",
            given=f"{path} lists {leaves[narrow].wanted()}",
            allowed=f"{leaves[wide].wanted()} beside it lets all of that through",
            fix="remove the one that is not meant",
        )


def _complexity(path: str, leaf: object) -> Iterator[Problem]:
    for each in leaf.excluded if isinstance(leaf, AnythingBut) else (leaf,):
        if isinstance(each, Wildcard) and wildcard.complexity(each.text) > wildcard.ACCEPTED:
            yield Problem(
                code="EF-PATTERN-COMPLEXITY",
                given=f"{path} has {each.wanted()}, of complexity {wildcard.complexity(each.text)}",
                allowed=f"AWS takes {wildcard.ACCEPTED} and refuses {wildcard.REFUSED}; what lies between is not known",
                fix="use fewer stars, or different characters after them",
            )


def _replaced(level: dict[str, Any], prefix: str | None, written: set[str]) -> Iterator[Problem]:
    """Paths written twice: the later list replaces the earlier one."""
    for key, value in level.items():
        path = key if prefix is None else f"{prefix}.{key}"
        if isinstance(value, dict):
            yield from _replaced(value, path, written)
        elif key == "$or" and is_or(value):
            after = set(written)
            for branch in value:
                inside = set(written)
                yield from _replaced(branch, prefix, inside)
                after |= inside
            written |= after
        else:
            if path in written:
                yield Problem(
                    code="EF-PATTERN-REPLACED",
                    given=f"{path} is written twice",
                    allowed="the later list replaces the earlier one, they are not both asked for",
                    fix="write the field once",
                )
            written.add(path)


def _alternatives(alternatives: list[Alternative]) -> Iterator[Problem]:
    for one, other in combinations(range(min(len(alternatives), MOST_ALTERNATIVES)), 2):
        for wide, narrow in ((one, other), (other, one)):
            if covers_whatever(alternatives[wide], alternatives[narrow]):
                yield Problem(
                    code="EF-PATTERN-UNREACHABLE",
                    given=f"alternative {narrow + 1} of $or asks for {', '.join(alternatives[narrow])}",
                    allowed=f"alternative {wide + 1} lets all of its events through",
                    fix="remove the one that is not meant",
                )
                break
