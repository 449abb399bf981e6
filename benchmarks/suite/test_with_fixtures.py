"""The facts with the fixtures of the pytest plugin: `template` and `flow` of the app, and `synth` for a stack made otherwise."""

import pytest

from benchmarks.suite.facts import COUNTS, PROPERTIES, ROUTES, VARIANTS


def of(template, kind):
    """The properties of all resources of this type."""
    return [each.get("Properties", {}) for each in template["Resources"].values() if each["Type"] == kind]


def has(actual, expected):
    """Whether it is the same; an object may have more keys, as with `has_resource_properties`."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(key in actual and has(actual[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(has, actual, expected))
    return actual == expected


@pytest.mark.parametrize(("kind", "count"), COUNTS)
def test_count(template, kind, count):
    assert len(of(template, kind)) == count


@pytest.mark.parametrize(("kind", "properties"), PROPERTIES)
def test_properties(template, kind, properties):
    assert any(has(each, properties) for each in of(template, kind))


@pytest.mark.parametrize(("event", "consumers"), ROUTES)
def test_route(flow, event, consumers):
    sent = flow.send("Orders", event)
    assert sum(bool(sent.reaches(f"Consumer{number}")) for number in range(10)) == consumers


@pytest.mark.parametrize(("given", "kind", "properties"), VARIANTS)
def test_variant(synth, given, kind, properties):
    from benchmarks.suite.shop import Shop  # here, as it takes aws_cdk with it

    made = synth(lambda app: Shop(app, "Shop", **given))
    assert any(has(each, properties) for each in of(made.template, kind))
