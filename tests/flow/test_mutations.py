"""The order-packing template with one thing wrong, as people get it wrong: each is found by its finding, and nothing else is."""

import copy
import json

import pytest

from cdk_event_flow.flow import Flow


@pytest.fixture(scope="module")
def template(assembly):
    """The template of the reference app."""
    return json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))


def of(template, type, name=""):
    """The properties of the resource of this type whose construct path has this name."""
    found = [
        resource
        for resource in template["Resources"].values()
        if resource["Type"] == f"AWS::{type}" and name in resource.get("Metadata", {}).get("aws:cdk:path", "")
    ]
    assert len(found) == 1, [resource["Metadata"] for resource in found]
    return found[0]["Properties"]


def without(template, type, name):
    """The template without that resource."""
    unwanted = of(template, type, name)
    template["Resources"] = {id: each for id, each in template["Resources"].items() if each.get("Properties") is not unwanted}


def attribute_filter(template):
    of(template, "SNS::Subscription", "OrderEvents/Packing")["FilterPolicyScope"] = "MessageAttributes"
    of(template, "SNS::Subscription", "OrderEvents/Packing")["FilterPolicy"] = {"region": ["eu"]}


def misspelt_key(template):
    of(template, "SNS::Subscription", "OrderEvents/Packing")["FilterPolicy"] = {"detail": {"regoin": ["eu", "us"]}}


def misspelt_operator(template):
    policy = of(template, "SNS::Subscription", "OrderEvents/Billing")["FilterPolicy"]
    policy["detail"]["total"] = [{"numerik": [">", 0]}]


def key_policy_without_sns(template):
    policy = of(template, "KMS::Key")["KeyPolicy"]
    policy["Statement"] = [each for each in policy["Statement"] if "sns.amazonaws.com" not in json.dumps(each["Principal"])]


def no_queue_policy(template):
    policy = of(template, "SQS::QueuePolicy", "OrderEvents/Billing/Policy")
    policy["Queues"] = [each for each in policy["Queues"] if "DeadLetters" in json.dumps(each)]


def no_policy_of_both(template):
    without(template, "SQS::QueuePolicy", "OrderEvents/Billing/Policy")


def no_dead_letters(template):
    del of(template, "SQS::Queue", "OrderEvents/Packing/Queue")["RedrivePolicy"]


def short_visibility(template):
    of(template, "SQS::Queue", "OrderEvents/Dispatch/Queue")["VisibilityTimeout"] = 20


def no_endpoint(template):
    template["Resources"] = {
        id: each
        for id, each in template["Resources"].items()
        if each["Type"] != "AWS::EC2::VPCEndpoint" or ".events" not in json.dumps(each["Properties"]["ServiceName"])
    }


def publishing_back(template):
    (policy,) = of(template, "IAM::Role", "/Packing/Role")["Policies"]
    (publishing,) = [each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "events:PutEvents"]
    publishing["Condition"]["StringEquals"] = {"events:source": "shop.orders", "events:detail-type": "OrderSubmitted"}


@pytest.mark.parametrize(
    ("change", "id", "path"),
    [
        (attribute_filter, "EF103", "OrderPacking/OrderEvents/Packing/Subscription"),
        (misspelt_key, "EF701", "OrderPacking/OrderEvents/Packing/Subscription"),
        (misspelt_operator, "EF102", "OrderPacking/OrderEvents/Billing/Subscription"),
        (key_policy_without_sns, "EF506", None),
        (no_queue_policy, "EF502", "OrderPacking/OrderEvents/Billing/Queue"),
        (no_dead_letters, "EF203", "OrderPacking/OrderEvents/Packing/Queue"),
        (short_visibility, "EF301", "OrderPacking/OrderEvents/Dispatch/Queue"),
        (no_endpoint, "EF508", "OrderPacking/Packing/Function"),
        (publishing_back, "EF601", "OrderPacking/Packing/Function"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_one_thing_wrong_is_found_and_nothing_else(template, change, id, path):
    changed = copy.deepcopy(template)
    change(changed)
    assert changed != template
    findings = Flow.from_template(changed, stack="OrderPacking").check()
    assert {finding.id for finding in findings} == {id}
    if path:
        assert {finding.path for finding in findings} == {path}


def test_without_their_policy_neither_queue_nor_dead_letters_take_anything(template):
    changed = copy.deepcopy(template)
    no_policy_of_both(changed)
    assert {finding.id for finding in Flow.from_template(changed, stack="OrderPacking").check()} == {"EF502", "EF505"}


def test_nothing_is_wrong_with_the_template_itself(template):
    assert Flow.from_template(template, stack="OrderPacking").check() == []
