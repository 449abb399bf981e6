"""Tables: on demand, recoverable, encrypted, kept; a function may do exactly what it is allowed."""

import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Function, Table
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, resources, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def test_a_table_is_on_demand_recoverable_encrypted_streamed_and_kept(stack):
    table = Table(stack, "Orders", partition_key="order_id", sort_key="line", expires="until")
    made = template_of(stack)["Resources"][stack.get_logical_id(table.table.node.default_child)]
    properties = made["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "until", "Enabled": True}
    assert [(each["AttributeName"], each["KeyType"]) for each in properties["KeySchema"]] == [("order_id", "HASH"), ("line", "RANGE")]
    assert made["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE"])
def test_the_stream_carries_what_is_asked_for(stack, view):
    Table(stack, "Orders", partition_key="id", stream=view)
    (table,) = resources(template_of(stack), "AWS::DynamoDB::Table")
    assert table["StreamSpecification"] == {"StreamViewType": view}


def test_a_function_may_do_what_it_is_allowed_and_use_the_key_without_a_wildcard(stack):
    table, role = Table(stack, "Orders", partition_key="id"), iam.Role(stack, "R", assumed_by=iam.AnyPrincipal())
    table.allow(role, "PutItem", "GetItem")
    table.allow(role, "Query", index="by-customer")
    (policy,) = resources(template_of(stack), "AWS::IAM::Policy")
    statements = policy["PolicyDocument"]["Statement"]
    assert [each["Action"] for each in statements if "dynamodb" in str(each["Action"])] == [
        ["dynamodb:GetItem", "dynamodb:PutItem"],
        "dynamodb:Query",
    ]
    assert "*" not in str(statements)
    assert "/index/by-customer" in str(statements)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"partition_key": "k" * 255}, None),
        ({"partition_key": "k" * 256}, "EF-TABLE-KEY"),
        ({}, "EF-TABLE-KEY"),
        ({"partition_key": "id", "sort_key": "id"}, "EF-TABLE-KEY"),
        ({"partition_key": "id", "sort_key": ""}, "EF-TABLE-KEY"),
    ],
)
def test_names_of_keys_are_held_to_dynamodbs_limit(stack, keys, code):
    if code is None:
        assert Table(stack, "Orders", **keys).table
        return
    with pytest.raises(ConstructError, match=f"{code} at Shop/Orders"):
        Table(stack, "Orders", **keys)


def test_an_existing_table_is_taken_and_its_changes_consumed(stack):
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    existing = dynamodb.TableV2(stack, "Existing", partition_key=key, dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE)
    function = Function(stack, "Billing", code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")
    function.consume(Table(stack, "Taken", table=existing))
    flow = flow_of(stack)
    assert flow.send("Existing", {"id": "1"}).reaches("Billing")
    assert flow.check() == []
