"""The facts as careful people write CDK tests: one app, stack and template for all tests of a module."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from benchmarks.suite.facts import COUNTS, PROPERTIES, ROUTES, VARIANTS
from benchmarks.suite.shop import Shop
from cdk_event_flow.flow import Flow


@pytest.fixture(scope="module")
def stack():
    """The stack, in an app."""
    return Shop(cdk.App(), "Shop")


@pytest.fixture(scope="module")
def template(stack):
    """The template of the stack."""
    return Template.from_stack(stack)


@pytest.fixture(scope="module")
def flow(stack):
    """The flow of it."""
    return Flow.from_stack(stack)


@pytest.mark.parametrize(("kind", "count"), COUNTS)
def test_count(template, kind, count):
    template.resource_count_is(kind, count)


@pytest.mark.parametrize(("kind", "properties"), PROPERTIES)
def test_properties(template, kind, properties):
    template.has_resource_properties(kind, properties)


@pytest.mark.parametrize(("event", "consumers"), ROUTES)
def test_route(flow, event, consumers):
    sent = flow.send("Orders", event)
    assert sum(bool(sent.reaches(f"Consumer{number}")) for number in range(10)) == consumers


@pytest.mark.parametrize(("given", "kind", "properties"), VARIANTS)
def test_variant(given, kind, properties):
    made = Shop(cdk.App(), "Shop", **given)
    Template.from_stack(made).has_resource_properties(kind, properties)
