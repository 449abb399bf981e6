"""Comparing without regard to case, the way EventBridge does: not a casefold.

Each character of the *pattern* stands for its lower and its upper form, whatever their lengths: `straße` is `STRASSE`,
and `STRASSE` is not `straße`. The Kelvin sign is no k: `k` stands for `k` and `K` alone.
"""


def after(pattern: str, text: str) -> int:
    """How many characters at the start of `text` the pattern stands for, or -1."""
    at = 0
    for character in pattern:
        for form in (character.lower(), character.upper()):
            if text.startswith(form, at):
                at += len(form)
                break
        else:
            return -1
    return at


def before(pattern: str, text: str) -> int:
    """Where in `text` the end that the pattern stands for begins, or -1."""
    at = len(text)
    for character in reversed(pattern):
        for form in (character.lower(), character.upper()):
            if text.endswith(form, 0, at):
                at -= len(form)
                break
        else:
            return -1
    return at
