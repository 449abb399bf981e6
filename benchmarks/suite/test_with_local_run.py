"""The test that the README shows of a local run, of the reference app, again and again: the first starts everything."""

import pytest

from cdk_event_flow.testing import sample
from lambda_src.shared.events import OrderSubmitted


@pytest.mark.parametrize("number", range(20))
def test_what_is_too_heavy_comes_to_a_human(local_run, number):
    sofa = {"sku": f"SOFA-{number}", "quantity": 1, "weight": 80}
    local_run.send("Orders", sample(OrderSubmitted, region="eu", items=[sofa]))
    local_run.settle()
    assert local_run.received("HumanDispatch")[0]["detail"]["reason"] == "too-heavy"
