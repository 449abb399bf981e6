"""True, false, or unknown with the reason: what a policy says where a part of it is known only after deploying."""

import re
from collections.abc import Iterable
from functools import lru_cache

from cdk_event_flow.flow.model import Unknown

Truth = bool | Unknown


def some(truths: Iterable[Truth]) -> Truth:
    """Whether one is true; unknown when none is, and one is unknown."""
    unknown: Truth = False
    for truth in truths:
        if truth is True:
            return True
        unknown = unknown or truth
    return unknown


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all are true; unknown when none is false, and one is unknown."""
    unknown: Truth = True
    for truth in truths:
        if truth is False:
            return False
        unknown = truth if isinstance(truth, Unknown) else unknown
    return unknown


def opposite(truth: Truth) -> Truth:
    """False for true, true for false; what is unknown stays so."""
    return truth if isinstance(truth, Unknown) else not truth


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern), re.DOTALL)


def like(pattern: str, text: str) -> bool:
    """Whether `text` is of the pattern, in which `*` stands for any characters (also none) and `?` for one."""
    return _pattern(pattern).fullmatch(text) is not None


def like_arn(pattern: str, arn: str) -> Truth:
    """Whether an ARN is of the pattern; each of its six parts is compared by itself."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) == len(given):
        return all(map(like, wanted, given))
    return Unknown(f"{pattern} has not the six parts of an ARN") if like(pattern, arn) else False
