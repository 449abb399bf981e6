"""`cidr`: an address in a network."""

import pytest

from cdk_event_flow.match import EventPattern, FilterPolicy, PatternError, Router
from tests.match import reference
from tests.match.tables import refusals, rows

PASSES = [
    (
        {"cidr": "10.0.0.0/24"},
        ["10.0.0.0", "10.0.0.255", "10.0.0.7"],
        ["10.0.1.0", "9.255.255.255", "10.0.0", "10.0.0.256", "x", "", 10, None, "10.0.0.1/32", "::10.0.0.1"],
    ),
    ({"cidr": "10.0.0.5/24"}, ["10.0.0.0", "10.0.0.200"], ["10.0.1.5"]),
    ({"cidr": "10.0.0.5/32"}, ["10.0.0.5"], ["10.0.0.4", "10.0.0.6"]),
    ({"cidr": "10.0.0.5/0024"}, ["10.0.0.0"], ["10.0.1.5"]),
    ({"cidr": "10.0.0.5/00"}, ["11.0.0.0"], ["::1"]),
    ({"cidr": "0.0.0.0/0"}, ["0.0.0.0", "255.255.255.255"], ["::1", "256.0.0.0", "a.b.c.d"]),
    ({"cidr": "2001:db8::/32"}, ["2001:db8::1", "2001:DB8:0:0::1"], ["2001:db9::1", "10.0.0.1", "2001:db8", "2001:db8::1%1"]),
    ({"cidr": "::/0"}, ["::", "::1", "ffff::"], ["0.0.0.0"]),
]

REFUSED = [
    ({"cidr": "10.0.0.0"}, "Malformed CIDR, one '/' required"),
    ({"cidr": "10.0.0.0/8/8"}, "Malformed CIDR, one '/' required"),
    ({"cidr": "10.0.0.0/x"}, "Malformed CIDR, mask bits must be an integer"),
    ({"cidr": "10.0.0.0/²"}, "Malformed CIDR, mask bits must be an integer"),
    ({"cidr": "10.0.0.0/"}, "Malformed CIDR, mask bits must be an integer"),
    ({"cidr": "10.0.0.0/33"}, "Malformed CIDR, mask bits must be < 33"),
    ({"cidr": "::/129"}, "Malformed CIDR, mask bits must be < 129"),
    ({"cidr": "10.0.0/8"}, "Nonstandard IP address: 10.0.0"),
    ({"cidr": "x::/8"}, "Nonstandard IP address: x::"),
    ({"cidr": 5}, "prefix match pattern must be a string"),
    ({"cidr": ["10.0.0.0/8"]}, "prefix match pattern must be a string"),
]


@pytest.mark.parametrize(("element", "value", "passes"), rows(PASSES))
def test_cidr_passes_what_eventbridge_passes(element, value, passes):
    pattern, event = {"a": [element]}, {"a": value}
    assert EventPattern(pattern).matches(event) is passes
    verdict = EventPattern(pattern).explain(event)
    assert (verdict.matched, not verdict.misses) == (passes, passes)
    assert Router({"rule": pattern, "other": {"b": ["x"]}}).route(event) == ({"rule"} if passes else set())
    assert reference.matches(pattern, event) is passes


@pytest.mark.parametrize(("element", "reason"), refusals(REFUSED))
def test_a_refused_cidr_is_met_with_the_words_of_aws(element, reason):
    with pytest.raises(PatternError) as refused:
        EventPattern({"detail": {"a": ["x", element]}})
    assert refused.value.reason == reason
    assert refused.value.path == "detail.a"


def test_a_mask_of_thousands_of_digits_is_refused_too():
    with pytest.raises(PatternError, match="mask bits must be < 33"):
        FilterPolicy({"a": [{"cidr": "10.0.0.0/" + "9" * 5_000}]})
