"""The pytest plugin in a project of its own, as users have it."""

import json

import pytest

APP = """
import aws_cdk as cdk
from cdk_event_flow import EventBus, Queue
from orders import OrderSubmitted

class Shop(cdk.Stack):
    def __init__(self, scope, id, *, receives=5, **kwargs):
        super().__init__(scope, id, **kwargs)
        self.bus = EventBus(self, "Orders", publishes=[OrderSubmitted])
        self.bus.route("Large", {"detail": {"total": [{"numeric": [">", 100]}]}}, to=Queue(self, "Large"))

if __name__ == "__main__":
    app = cdk.App()
    Shop(app, "Shop")
    app.synth()
"""
ORDERS = """
from typing import Literal
from pydantic import BaseModel, Field

class Order(BaseModel):
    total: int = Field(examples=[42])

class OrderSubmitted(BaseModel):
    source: Literal["shop.orders"]
    detail_type: Literal["OrderSubmitted"] = Field(alias="detail-type")
    detail: Order
"""
TESTS = """
import pytest
from app import Shop
from cdk_event_flow.testing import sample
from orders import OrderSubmitted

def test_large_orders_are_kept(flow):
    assert flow.send("Orders", sample(OrderSubmitted, total=101)).reaches("Large")

def test_small_orders_are_not(flow):
    sent = flow.send("Orders", sample(OrderSubmitted, total=100))
    assert not sent.reaches("Large")
    assert sent.why_not("Large") == "detail.total is 100, the rule Large wants a number greater than 100"

def test_template(template, snapshot):
    assert template == snapshot

def test_stacks_can_be_made_in_the_test(synth, template):
    made = synth(Shop)
    assert made.template == template
    assert made.flow.send("Orders", sample(OrderSubmitted, total=101)).reaches("Large")
    assert list(synth(lambda app: [Shop(app, "Dev"), Shop(app, "Live")]).templates) == ["Dev", "Live"]

def test_a_field_that_is_not_there():
    sample(OrderSubmitted, totl=5)

def test_a_wrong_expectation(flow):
    assert flow.send("Orders", sample(OrderSubmitted, total=5)).reaches("Large")
"""


@pytest.fixture
def project(pytester):
    """A project with an app, its events and its tests."""
    pytester.makepyfile(app=APP, orders=ORDERS, test_routes=TESTS)
    pytester.makefile(".json", cdk=json.dumps({"app": "python app.py"}))
    pytester.makeini("[pytest]\nfilterwarnings = error\npythonpath = .")
    return pytester


def test_routes_and_templates_are_tested_with_the_fixtures(project):
    first = project.runpytest_subprocess("--snapshot-update", "-p", "no:cacheprovider")
    first.assert_outcomes(passed=4, failed=2)
    first.stdout.fnmatch_lines(["*EF-SAMPLE at OrderSubmitted: there is no field 'totl', it has total; did you mean total?*"])
    first.stdout.fnmatch_lines(["*not reached: detail.total is 5, the rule Large wants a number greater than 100*"])
    again = project.runpytest_subprocess("-p", "no:cacheprovider", "-k", "template")
    again.assert_outcomes(passed=1, deselected=5)


def test_an_app_that_does_not_synthesize_is_one_clear_error(project):
    project.makepyfile(app=APP.replace('"numeric"', '"numerik"'))
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "-k", "kept")
    result.assert_outcomes(errors=1, deselected=5)
    result.stdout.fnmatch_lines(["*EF-PATTERN at Shop/Orders/Large: *numerik*(app.py:*)*"])


def test_the_app_can_be_named_in_the_settings(project):
    (project.path / "cdk.json").unlink()
    project.makeini("[pytest]\npythonpath = .\nevent_flow_app = python app.py")
    project.runpytest_subprocess("-p", "no:cacheprovider", "-k", "kept").assert_outcomes(passed=1, deselected=5)


def test_without_an_app_the_fixtures_say_what_is_needed(project):
    (project.path / "cdk.json").unlink()
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "-k", "kept")
    result.stdout.fnmatch_lines(["*EF-APP at *: there is no cdk.json with an app here*"])
