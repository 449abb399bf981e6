"""A deployed stack, read from what CloudFormation tells of it."""

import pytest
import yaml

from cdk_event_flow.errors import RunError
from cdk_event_flow.flow.dead_letters import dead_letters_of
from cdk_event_flow.flow.model import Bus, Function, Queue, Rule, Topic
from cdk_event_flow.flow.sources import Archive
from cdk_event_flow.operate.aws import Aws, clear_errors
from cdk_event_flow.operate.stack import deployed

from .formation import formation, stack_id
from .world import ACCOUNT, REGION, TEMPLATE, queue, shop


def sqs(name):
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


NAMED = {
    "Orders": sqs("Shop-Orders-1A2B"),
    "OrdersDead": sqs("Shop-OrdersDead-3C4D"),
    "Bus": "shop",
    "Rule": "shop|Shop-Rule-5E6F",
    "Archive": "Shop-Archive-7G8H",
    "Parked": sqs("Shop-Parked-9I0J"),
    "RuleDead": sqs("Shop-RuleDead-1K2L"),
    "Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:Shop-Topic-3M4N",
    "Billing": "Shop-Billing-5O6P",
}


@pytest.fixture
def deploy(tmp_path, monkeypatch):
    """A function that reads a stack of those that CloudFormation has."""

    def read(stacks, name="Shop"):
        with formation(monkeypatch, stacks), shop(tmp_path) as running, clear_errors(name):
            return deployed(name, Aws.of_run(running.run.endpoint_url, region=REGION))

    return read


def test_every_resource_has_its_physical_name(deploy):
    stack = deploy({"Shop": {"template": TEMPLATE, "physical": NAMED}})
    named = {node.path: node.name for kind in (Queue, Bus, Rule, Archive, Topic, Function) for node in stack.flow.of(kind)}
    assert named == {
        "default": "default",
        "Orders": "Shop-Orders-1A2B",
        "OrdersDead": "Shop-OrdersDead-3C4D",
        "Parked": "Shop-Parked-9I0J",
        "RuleDead": "Shop-RuleDead-1K2L",
        "Bus": "shop",
        "Rule": "Shop-Rule-5E6F",
        "Archive": "Shop-Archive-7G8H",
        "Topic": "Shop-Topic-3M4N",
        "Billing": "Shop-Billing-5O6P",
    }
    (rule,) = stack.flow.of(Rule)
    assert rule.arn == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/shop/Shop-Rule-5E6F"
    assert rule.targets[0].arn == f"arn:aws:sqs:{REGION}:{ACCOUNT}:Shop-Parked-9I0J"
    (orders,) = [node for node in stack.flow.of(Queue) if node.path == "Orders"]
    assert orders.url == NAMED["Orders"]
    assert orders.dead_letter_arn == f"arn:aws:sqs:{REGION}:{ACCOUNT}:Shop-OrdersDead-3C4D"
    assert stack.flow.of(Function)[0].log_group == "/aws/lambda/Shop-Billing-5O6P"


def test_what_was_not_created_for_a_condition_is_not_there_and_what_was_is_certain(deploy):
    template = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Always": queue(), "OnlyProd": queue() | {"Condition": "Prod"}, "Dev": queue() | {"Condition": "Dev"}},
    }
    stack = deploy({"Shop": {"template": template, "physical": {"Always": sqs("a"), "Dev": sqs("d")}}})
    assert {(node.path, *node.unknown) for node in stack.flow.of(Queue)} == {("Always",), ("Dev",)}


def test_parameters_are_those_of_the_stack(deploy):
    template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"Queue": queue(QueueName={"Fn::Sub": "${Name}-q"})}}
    template["Resources"]["Other"] = queue(DelaySeconds={"Ref": "Delay"})
    template["Parameters"]["Delay"] = {"Type": "Number"}
    physical = {"Queue": sqs("x-q"), "Other": sqs("o")}
    stack = deploy({"Shop": {"template": template, "physical": physical, "parameters": {"Name": "x", "Delay": "7"}}})
    assert [node.delay for node in stack.flow.of(Queue)] == [0, 7]


def test_yaml_is_read_too(deploy):
    text = yaml.safe_dump({"Resources": {"Queue": queue()}})
    stack = deploy({"Shop": {"template": text, "physical": {"Queue": sqs("named")}}})
    assert [node.name for node in stack.flow.of(Queue)] == ["named"]


def test_nested_stacks_belong_to_it(deploy):
    outer = {"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3/inner"}}}}
    inner = {"Resources": {"Queue": queue("Dead"), "Dead": queue()}}
    stack = deploy(
        {
            "Shop": {"template": outer, "physical": {"Inner": stack_id("Shop-Inner-1")}},
            "Shop-Inner-1": {"template": inner, "physical": {"Queue": sqs("q-1"), "Dead": sqs("d-1")}},
        }
    )
    assert sorted(node.name for node in stack.flow.of(Queue)) == ["d-1", "q-1"]
    assert [each.queue.rpartition(":")[2] for each in dead_letters_of(stack.flow)] == ["d-1"]


def test_what_it_imports_is_looked_up(deploy):
    imported = f"arn:aws:sqs:{REGION}:{ACCOUNT}:of-another-stack"
    redrive = {"deadLetterTargetArn": {"Fn::ImportValue": "Dead"}, "maxReceiveCount": 3}
    template = {"Resources": {"Queue": queue(RedrivePolicy=redrive)}}
    stack = deploy({"Shop": {"template": template, "physical": {"Queue": sqs("q")}}, "Other": {"exports": {"Dead": imported}}})
    assert [each.queue for each in dead_letters_of(stack.flow)] == [imported]


def test_no_such_stack_is_one_line(deploy):
    with pytest.raises(RunError) as caught:
        deploy({}, name="Shpo")
    assert str(caught.value) == (
        f"EF-STACK at Shpo: there is no stack of this name in {REGION}, a stack is given by the name that CloudFormation has for it; "
        "look at `aws cloudformation list-stacks`, --region and --profile"
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AccessDenied", "EF-AWS-DENIED at Shop: DescribeStacks was refused: User is not authorized (AccessDenied)"),
        ("ExpiredToken", "EF-AWS-CREDENTIALS at Shop: DescribeStacks was refused: "),
        ("Throttling", "EF-AWS-THROTTLED at Shop: DescribeStacks was refused: "),
        ("InternalError", "EF-AWS at Shop: DescribeStacks was refused: "),
    ],
)
def test_what_aws_refuses_is_one_line(tmp_path, monkeypatch, code, told):
    from cdk_event_flow.local.wire import ServiceError

    from .formation import Formation

    def refused(self, parameters, _):
        raise ServiceError(code, "User is not\n authorized")

    monkeypatch.setattr(Formation, "_describe", refused)
    monkeypatch.setattr("cdk_event_flow.operate.aws.ATTEMPTS", 1)
    with formation(monkeypatch, {}), shop(tmp_path) as running, pytest.raises(RunError) as caught, clear_errors("Shop"):
        deployed("Shop", Aws.of_run(running.run.endpoint_url, region=REGION))
    assert str(caught.value).startswith(told)
    assert len(str(caught.value).splitlines()) == 1


def test_a_run_that_is_gone_is_one_line():
    with pytest.raises(RunError) as caught, clear_errors("Shop"):
        Aws.of_run("http://127.0.0.1:9", region=REGION).sender("sqs").list_queues()
    assert caught.value.code == "EF-AWS-UNREACHABLE"


def test_a_local_run_sees_nothing_of_this_machines_credentials(monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile real]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "real")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a real key")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with shop(tmp_path) as running:
        client = running.client("sqs")
        assert client._request_signer._credentials.access_key == "local"
        assert len(client.list_queues()["QueueUrls"]) > 5
