"""Rules of composite alarms: `ALARM("Errors") AND NOT (OK(Other) OR FALSE)`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_PART = re.compile(r'\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^()"]*?))\s*\)'
                   r"|(?P<word>AND|OR|NOT|TRUE|FALSE|\(|\)))")  # fmt: skip

States = Mapping[str, str]
"""The state of each alarm, by its name and by its ARN."""


@dataclass(frozen=True)
class Rule:
    """A rule that was read: `alarms` are the names and ARNs in it, `holds` says whether it is true where alarms are so."""

    alarms: frozenset[str]
    holds: Callable[[States], bool]


def read(text: str) -> Rule:
    """Read a rule. Raises ValueError where CloudWatch would refuse it."""
    parts = _split(text)
    named: set[str] = set()

    def either() -> Callable[[States], bool]:
        found = [both()]
        while parts and parts[0] == "OR":
            parts.pop(0)
            found.append(both())
        return found[0] if len(found) == 1 else lambda states: any(each(states) for each in found)

    def both() -> Callable[[States], bool]:
        found = [one()]
        while parts and parts[0] == "AND":
            parts.pop(0)
            found.append(one())
        return found[0] if len(found) == 1 else lambda states: all(each(states) for each in found)

    def one() -> Callable[[States], bool]:
        part = parts.pop(0) if parts else None
        match part:
            case (str(state), str(name)):
                named.add(name)
                return lambda states: states.get(name) == state
            case "NOT":
                opposite = one()
                return lambda states: not opposite(states)
            case "TRUE" | "FALSE":
                return lambda _: part == "TRUE"
            case "(":
                inner = either()
                if parts and parts.pop(0) == ")":
                    return inner
        raise ValueError(text)

    whole = either()
    if parts:
        raise ValueError(text)
    return Rule(frozenset(named), whole)


def _split(text: str) -> list[str | tuple[str, str]]:
    parts: list[str | tuple[str, str]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _PART.match(text, at)
        if found is None:
            raise ValueError(text)
        at = found.end()
        parts.append(found["word"] or (found["state"], found["bare"] if found["quoted"] is None else found["quoted"]))
    return parts
