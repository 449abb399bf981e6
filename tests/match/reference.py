"""A slow matcher that is obviously right, to check the fast one against. It shares no code with it and refuses nothing.

It follows the semantics word for word: expand `$or`, list the leaves of the event with their places, and try every choice.
"""

import ipaddress
import re


def matches(pattern, event):
    """Whether the event matches the pattern; both are dicts."""
    fields = list(leaves_of(event, None, {}, [0]))
    return any(choose(sorted(each.items()), {}, fields) for each in expand(pattern, None, [{}]))


def expand(level, prefix, found):
    """Every alternative as path → list of matchers; the last write to a path holds."""
    for key, value in level.items():
        path = key if prefix is None else prefix + "." + key
        if key == "$or" and is_or(value):
            found = [each for branch in value for each in expand(branch, prefix, [dict(one) for one in found])]
        elif isinstance(value, dict):
            found = expand(value, path, found)
        else:
            found = [{**one, path: value} for one in found]
    return found


def is_or(value):
    """At least two objects, and no word of the pattern language in them."""
    words = {"prefix", "suffix", "equals-ignore-case", "wildcard", "cidr", "exists", "numeric", "anything-but", "anything-but-prefix"}
    return len(value) >= 2 and all(
        isinstance(branch, dict) and branch and not (words | {"rule", "regex"}) & set(branch) for branch in value
    )


def leaves_of(value, path, place, count):
    """(path, scalar, {array: index}) of every leaf; keys join with a dot."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves_of(inner, key if path is None else path + "." + key, place, count)
    elif isinstance(value, list):
        count[0] += 1
        array = count[0]
        for index, inner in enumerate(value):
            yield from leaves_of(inner, path, {**place, array: index}, count)
    else:
        yield path, value, place


def choose(paths, chosen, fields):
    """Try every field that fits for the first path, then go on; a field is absent when none stands beside what is chosen."""
    if not paths:
        return True
    (path, matchers), *rest = paths
    beside = [
        (value, place)
        for name, value, place in fields
        if name == path and all(chosen.get(array, index) == index for array, index in place.items())
    ]
    if not beside and {"exists": False} in matchers and choose(rest, chosen, fields):
        return True
    return any(any(passes(each, value) for each in matchers) and choose(rest, {**chosen, **place}, fields) for value, place in beside)


def passes(matcher, value):
    """Whether a scalar passes one element of a list."""
    if not isinstance(matcher, dict):
        return same(matcher, value)
    [(operator, operand)] = matcher.items()
    match operator:
        case "exists":
            return operand
        case "numeric":
            return is_number(value) and all(
                compare(operand[at], as_compared(value), operand[at + 1]) for at in range(0, len(operand), 2)
            )
        case "anything-but" if isinstance(operand, dict):
            [(inner, texts)] = operand.items()
            return not any(passes({inner: text}, value) for text in (texts if isinstance(texts, list) else [texts]))
        case "anything-but":
            return not any(same(each, value) for each in (operand if isinstance(operand, list) else [operand]))
    if not isinstance(value, str):
        return False
    match operator:
        case "cidr":
            return is_address(value) and ipaddress.ip_address(value) in ipaddress.ip_network(operand, strict=False)
        case "prefix" if isinstance(operand, dict):
            return re.match(any_case(operand["equals-ignore-case"]), value) is not None
        case "prefix":
            return value[: len(operand)] == operand
        case "suffix" if isinstance(operand, dict):
            return re.search(any_case(operand["equals-ignore-case"]) + r"\Z", value) is not None
        case "suffix":
            return operand == "" or value[-len(operand) :] == operand
        case "equals-ignore-case":
            return re.fullmatch(any_case(operand), value) is not None
        case "wildcard":
            return re.fullmatch(from_wildcard(operand), value, re.DOTALL) is not None
    raise AssertionError(operator)


def same(literal, value):
    """Equal in type and value; numbers by value, addresses as addresses."""
    if is_number(literal):
        return is_number(value) and as_compared(literal) == as_compared(value)
    if type(literal) is not type(value):
        return False
    if isinstance(value, str) and ":" in literal and ":" in value and is_address(literal) and is_address(value):
        return ipaddress.ip_address(literal) == ipaddress.ip_address(value)
    return literal == value


def is_number(value):
    """bool is an int in Python."""
    return type(value) in (int, float)


def as_compared(number):
    """Integers beyond 64 bits compare as doubles."""
    return float(number) if type(number) is int and abs(number) > 2**63 and abs(number) < 10**308 else number


def compare(operator, value, threshold):
    """One term of `numeric`."""
    return {
        "<": value < threshold,
        "<=": value <= threshold,
        ">": value > threshold,
        ">=": value >= threshold,
        "=": value == threshold,
    }[operator]


def is_address(text):
    """Whether the text is an IP address, without a zone."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def any_case(text):
    """A regular expression: the lower or the upper form of each character."""
    return "".join(f"(?:{re.escape(each.lower())}|{re.escape(each.upper())})" for each in text)


def from_wildcard(text):
    """A regular expression: a star is anything, a backslash makes the next character plain."""
    return re.sub(
        r"\\(.)|(\*)|(.)",
        lambda found: ".*" if found[2] else re.escape(found[1] or found[3]),
        text,
        flags=re.DOTALL,
    )
