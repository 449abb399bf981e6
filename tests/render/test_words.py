"""Patterns in few words."""

import pytest

from cdk_event_flow.render.words import summary


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ({"source": ["shop.orders", "shop.packing"]}, ["source: shop.orders | shop.packing"]),
        ({"detail": {"region": ["eu", "us"]}}, ["region: eu | us"]),
        ({"detail": {"order": {"id": ["1"]}, "id": ["2"]}}, ["order.id: 1", "id: 2"]),
        ({"detail": {"total": [{"numeric": [">", 0]}]}}, ["total > 0"]),
        ({"detail": {"total": [{"numeric": [">", 0, "<=", 100]}]}}, ["0 < total ≤ 100"]),
        ({"detail": {"total": [{"numeric": [">", 9]}, None]}}, ["total: > 9 | null"]),
        ({"detail": {"coupon": [{"exists": False}]}}, ["no coupon"]),
        ({"detail": {"coupon": [{"exists": True}]}}, ["coupon is there"]),
        ({"detail": {"state": [{"anything-but": ["done", "lost"]}]}}, ["state ≠ done | lost"]),
        ({"detail": {"state": [{"anything-but": {"prefix": "x-"}}]}}, ["state ≠ x-*"]),
        ({"detail": {"name": [{"prefix": "eu-"}, {"suffix": ".png"}, {"wildcard": "a*b"}]}}, ["name: eu-* | *.png | a*b"]),
        ({"detail": {"name": [{"equals-ignore-case": "Eu"}]}}, ["name: Eu in any case"]),
        ({"body": {"ip": [{"cidr": "10.0.0.0/8"}]}}, ["ip: 10.0.0.0/8"]),
        ({"detail": {"$or": [{"a": [1]}, {"b": [2], "c": [3]}]}}, ["a: 1 or (b: 2, c: 3)"]),
        ({"detail": {"n": [1, 2, 3, 4, 5, 6, 7, 8]}}, ["n: 1 | 2 | 3 | 4 | 5 | 3 more"]),
        ({"detail": {"empty": [""]}}, ['empty: ""']),
        ({}, []),
    ],
)
def test_each_key_is_one_line(pattern, lines):
    assert summary(pattern) == lines


@pytest.mark.parametrize(
    "pattern",
    [{"a": 5}, {"a": [{"numeric": "x"}]}, {"a": [{"numeric": []}]}, {"a": [{"new-operator": [1]}]}, {"$or": [1]}, {"a": []}],
)
def test_what_is_not_understood_is_shown_as_written(pattern):
    assert all(isinstance(each, str) for each in summary(pattern))
