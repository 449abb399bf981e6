"""moto answers as we do, but where it is known to be wrong: a new difference is a defect of one of the two."""

import random
from collections import Counter

import pytest

from .opinions import patterns, policies

PAIRS = 2_000
ASKED = {
    "patterns": patterns.at_random,
    "filter policies on bodies": policies.body_at_random,
    "filter policies on attributes": policies.attributes_at_random,
}
KNOWN = [
    pytest.param(ask, wrong, id=f"{ask.__name__} {wrong.what}")
    for ask, several in (
        (patterns.ask, patterns.WRONG),
        (policies.ask_body, policies.WRONG_ON_BODIES),
        (policies.ask_attributes, policies.WRONG_ON_ATTRIBUTES),
    )
    for wrong in several
]


@pytest.mark.parametrize("name", ASKED)
def test_moto_says_the_same_where_it_is_right(name):
    compared, matching, different = asked(name, 1, PAIRS)
    assert different == []
    assert compared > PAIRS / 5
    assert compared / 10 < matching < compared * 9 / 10


@pytest.mark.parametrize(("ask", "wrong"), KNOWN)
def test_moto_is_still_wrong_where_it_is_known_to_be(ask, wrong):
    said = ask(wrong.pattern, wrong.event)
    assert wrong.holds(wrong.pattern, wrong.event)
    assert said.known is not None
    assert said.ours != said.theirs


def asked(name, seed, pairs):
    """How many pairs were compared, how many of them match, and on which the answers differ."""
    rnd = random.Random(seed)
    opinions = [ASKED[name](rnd) for _ in range(pairs)]
    counted = Counter(each.known is None for each in opinions)
    return counted[True], sum(each.known is None and each.ours for each in opinions), [each for each in opinions if each.differs]
