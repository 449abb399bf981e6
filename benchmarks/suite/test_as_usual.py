"""The facts as CDK tests are usually written: an app, a stack and a template for each test, as `cdk init` shows it."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from benchmarks.suite.facts import COUNTS, PROPERTIES, ROUTES, VARIANTS
from benchmarks.suite.shop import Shop
from cdk_event_flow.flow import Flow


@pytest.fixture
def stack():
    """The stack in an app of its own."""
    return Shop(cdk.App(), "Shop")


@pytest.mark.parametrize(("kind", "count"), COUNTS)
def test_count(stack, kind, count):
    Template.from_stack(stack).resource_count_is(kind, count)


@pytest.mark.parametrize(("kind", "properties"), PROPERTIES)
def test_properties(stack, kind, properties):
    Template.from_stack(stack).has_resource_properties(kind, properties)


@pytest.mark.parametrize(("event", "consumers"), ROUTES)
def test_route(stack, event, consumers):
    sent = Flow.from_stack(stack).send("Orders", event)
    assert sum(bool(sent.reaches(f"Consumer{number}")) for number in range(10)) == consumers


@pytest.mark.parametrize(("given", "kind", "properties"), VARIANTS)
def test_variant(given, kind, properties):
    made = Shop(cdk.App(), "Shop", **given)
    Template.from_stack(made).has_resource_properties(kind, properties)
