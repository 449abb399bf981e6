"""The store's own tests, as its team has them: by the fixtures of cdk-event-flow's pytest plugin."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from app import store

ORDER = json.loads((Path(__file__).parent.parent / "events" / "order.json").read_text("utf-8"))


def test_an_order_goes_to_ours_and_to_plain_functions(flow):
    sent = flow.send("Foundation/Bus", ORDER)
    assert sent.reaches("Orders/Billing")
    assert sent.reaches("Orders/Stock")
    assert sent.reaches("Orders/Audit/Audit"), "in the nested stack"
    assert not sent.reaches("Orders/Refunds")
    assert sent.why_not("Orders/Refunds") == 'detail.refund is absent, the filter of Submitted → Refunds wants "yes"'


def test_a_plain_rule_reaches_a_queue_and_an_alias_of_ours(flow):
    sent = flow.send("Foundation/Bus", {"source": "store", "detail-type": "Returned", "detail": {}})
    assert sent.reaches("Orders/Returned")
    assert sent.reaches("Orders/Returns")
    assert sent.reaches("Orders/Stock"), "by the plain event source on our queue"


def test_a_plain_topic_in_our_route_reaches_our_function(flow):
    assert flow.send("Foundation/Bus", {"source": "store", "detail-type": "Shipped", "detail": {}}).reaches("Orders/Billing")


def test_events_can_be_put_on_a_bus_that_is_imported(flow):
    sent = flow.send("company", {"source": "company.orders", "detail": {}})
    assert "legacy-orders" in sent.explain()


def test_the_stage_is_the_same_flow(flow):
    assert flow.send("Prod/Foundation/Bus", ORDER).reaches("Prod/Orders/Billing")


def test_nothing_is_wrong(flow):
    assert flow.check() == []


@pytest.mark.parametrize("stack", ["Foundation", "Orders", "Orders/Audit", "Existing", "Prod-Orders"])
def test_template(templates, snapshot, stack):
    assert templates[stack] == snapshot


def test_escape_hatches_are_in_the_template(templates):
    resources = templates["Orders"]["Resources"].values()
    assert [each["Properties"].get("MaximumMessageSize") for each in resources if each["Type"] == "AWS::SQS::Queue"].count(65536) == 1
    assert [each["Properties"].get("MemorySize") for each in resources if each["Type"] == "AWS::Lambda::Function"].count(384) == 1


def test_the_aspect_the_tags_and_the_removal_policies_hold_everywhere(templates):
    for template in templates.values():
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Logs::LogGroup":
                assert properties["RetentionInDays"] == 7
            if resource["Type"] == "AWS::SQS::Queue":
                assert {"Key": "owner", "Value": "store"} in properties["Tags"]
                assert {"Key": "kind", "Value": "queue"} in properties["Tags"]
                assert resource["DeletionPolicy"] == "Delete"


def test_the_cdks_own_assertions_work_too():
    app = cdk.App(builtin_cloud_formation_validation=False)
    orders = store(app)
    template = Template.from_stack(orders)
    template.has_resource_properties("AWS::SNS::Topic", {"DisplayName": "Submitted orders"})
    template.has_resource_properties(
        "AWS::Lambda::Function", Match.object_like({"Environment": {"Variables": {"ORDERS": Match.any_value()}}})
    )
