"""A bus and a topic that another account sends to."""

from tests.examples.checked import checked
from tests.examples.readme import differences

EXAMPLE = "cross_account"


def test_orders_of_the_shop_reach_the_central_account(sample):
    flow = checked(EXAMPLE).flow
    order = sample(EXAMPLE, "collect", "order")
    assert flow.send("Shop/Orders", order).reaches("Collect")
    assert not flow.send("central-orders", {**order, "account": "999999999999"}).reaches("Collect")


def test_announcements_are_collected():
    assert checked(EXAMPLE).flow.send("Central/Announcements", {"text": "Closed"}).reaches("Collect")


def test_only_the_shop_is_let_in_and_only_through_sns_to_the_key():
    template = checked(EXAMPLE).templates["Central"]
    statements = [
        statement
        for resource in template["Resources"].values()
        for name in ("KeyPolicy", "PolicyDocument")
        for statement in resource.get("Properties", {}).get(name, {}).get("Statement", [])
        if "444455556666" in str(statement.get("Principal"))
    ]
    assert [statement["Action"] for statement in statements] == [["kms:Decrypt", "kms:GenerateDataKey*"], "sns:Publish"]
    assert statements[0]["Condition"] == {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}}


def test_the_handler_collects_orders_and_announcements(load, sample):
    handler = load(EXAMPLE, "collect").handler
    assert handler(sample(EXAMPLE, "collect", "order"), None) == {"collected": 1}
    assert handler({"Records": [{"messageId": "1", "body": '{"text": "Closed"}'}]}, None) == {"batchItemFailures": []}


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
