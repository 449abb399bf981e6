"""Who may invoke a function: few statements, whatever the number of rules and topics, and only whom they are for."""

import json

import pytest
from aws_cdk import aws_sns as sns

from cdk_event_flow import EventBus, Stage, Topic
from cdk_event_flow.errors import ConstructError
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Alias
from tests.compose.functions.made import function, made, only
from tests.compose.synthesis import flow_of, new_stack, template_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack():
    return new_stack()


def permissions(stack):
    return [each["Properties"] for each in made(template_of(stack), "Lambda::Permission").values()]


def rules(stack, billing, number):
    bus = EventBus(stack, "Orders")
    for each in range(number):
        bus.route(f"Route{each}", {"source": [f"shop-{each}"]}, to=billing)


def topics(stack, billing, number):
    for each in range(number):
        Topic(stack, f"Topic{each}", topic=sns.Topic(stack, f"Plain{each}")).subscribe("Billing", to=billing)


@pytest.mark.parametrize(("make", "service", "ends"), [(rules, "events", ":rule/*"), (topics, "sns", ":*")])
def test_200_of_a_kind_need_one_statement(stack, make, service, ends):
    make(stack, function(stack), 200)
    (found,) = permissions(stack)
    assert (found["Principal"], found["SourceAccount"]) == (f"{service}.amazonaws.com", {"Ref": "AWS::AccountId"})
    assert found["SourceArn"]["Fn::Join"][1][-1] == ends
    assert not [each for each in flow_of(stack).check() if each.severity == "error"]


def test_each_alias_has_its_own_statement(stack):
    billing, bus = function(stack), EventBus(stack, "Orders")
    bus.route("All", {"source": ["shop"]}, to=[billing, Stage(billing, "PROD")])
    aliases = {each["FunctionName"]["Ref"] for each in permissions(stack)}
    assert aliases == set(made(template_of(stack), "Lambda::Alias"))


def test_a_topic_of_another_account_and_region_is_let_in_by_a_statement_of_its_own(stack):
    billing = function(stack)
    Topic(stack, "Here", topic=sns.Topic(stack, "Plain")).subscribe("Billing", to=billing)
    there = sns.Topic.from_topic_arn(stack, "Imported", "arn:aws:sns:eu-west-1:210987654321:there")
    Topic(stack, "There", topic=there).subscribe("Billing", to=billing)
    found = permissions(stack)
    assert [each["SourceAccount"] for each in found] == [{"Ref": "AWS::AccountId"}, "210987654321"]
    assert found[1]["SourceArn"]["Fn::Join"][1][-1] == ":sns:eu-west-1:210987654321:*"


def test_others_are_let_in_by_name(stack):
    billing = function(stack)
    role = "arn:aws:iam::123456789012:role/shop/deployer"
    billing.allow_from(accounts=["123456789012"], organization="o-abcdefghij", services=["s3"], principals=[role])
    found = [{name: value for name, value in each.items() if name not in ("Action", "FunctionName")} for each in permissions(stack)]
    assert found == [
        {"Principal": "123456789012"},
        {"Principal": "*", "PrincipalOrgID": "o-abcdefghij"},
        {"Principal": "s3.amazonaws.com", "SourceAccount": {"Ref": "AWS::AccountId"}},
        {"Principal": role},
    ]


def test_what_is_said_twice_is_written_once(stack):
    billing = function(stack)
    for _ in range(2):
        billing.allow_from(accounts=["123456789012"], services=["s3"])
    assert len(permissions(stack)) == 2


def test_a_stage_lets_in_for_itself_alone(stack):
    billing = function(stack, alias="DEV")
    Stage(billing, "PROD").allow_from(accounts=["123456789012"])
    assert only(template_of(stack), "Lambda::Permission")["Properties"]["FunctionName"]["Ref"].startswith("BillingPROD")


@pytest.mark.parametrize(
    "who",
    [
        {},
        {"accounts": ["12345678901"]},
        {"accounts": ["1234567890123"]},
        {"organization": "o-abcdefghi"},
        {"organization": "abcdefghij"},
        {"services": ["s3.amazonaws.com"]},
        {"principals": ["deployer"]},
        {"principals": ["arn:aws:iam::123456789012:role/x"], "accounts": ["*"]},
    ],
)
def test_nobody_or_somebody_who_cannot_exist_is_refused(stack, who):
    with pytest.raises(ConstructError, match="EF-ALLOW at Shop/Billing/Allowed: "):
        function(stack).allow_from(**who)


@pytest.mark.parametrize(("over", "found"), [(0, []), (1, ["EF411"])])
def test_a_policy_of_20480_bytes_is_the_limit_and_one_byte_more_is_found(stack, over, found):
    """Statements of one length for as long as they fit, and a last one that fills the rest."""
    billing = function(stack)
    billing.allow_from(principals=[CALLER])
    template = template_of(stack)
    ((id, permission),) = made(template, "Lambda::Permission").items()

    def add(number, principal):
        template["Resources"][f"{id}{number}"] = {**permission, "Properties": {**permission["Properties"], "Principal": principal}}

    one = bytes_of(template)
    fitting = 20_480 // one
    for number in range(1, fitting - 1):
        add(number, f"{CALLER[:-3]}{number:03d}")
    rest = 20_480 + over - one * (fitting - 1)
    add("Last", CALLER + "x" * (rest - one))
    assert bytes_of(template) == 20_480 + over
    assert [finding.id for finding in Flow.from_template(template).check() if finding.id == "EF411"] == found


CALLER = "arn:aws:iam::111122223333:role/caller-000"


def bytes_of(template):
    """Those of the statements of the alias's policy."""
    flow = Flow.from_template(template)
    (alias,) = flow.of(Alias)
    return sum(len(json.dumps(each.body, separators=(",", ":"))) for each in flow.policies.on(alias.arn))
