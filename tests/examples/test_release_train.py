"""The release train: which stage sees which orders, what a promotion changes, what stops a release, and a run on this machine."""

import io
import json
import shutil

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from cdk_event_flow.synth import app_of, synthesize
from cdk_event_flow.testing.plugin import Synthesized
from tests.examples.checked import EXAMPLES, checked, sample_event
from tests.examples.locally import locally
from tests.examples.readme import differences

EXAMPLE = "release_train"
VERSION = "arn:aws:lambda:eu-west-1:111122223333:function:Checkout:5"


def resources(template, kind):
    return {id: each for id, each in template["Resources"].items() if each["Type"] == kind}


def aliases(template):
    return {
        each["Properties"]["Name"]: each
        for each in resources(template, "AWS::Lambda::Alias").values()
        if each["Properties"]["Name"] != "live"
    }


@pytest.mark.parametrize(("bus", "stages"), [("Orders", {"PROD"}), ("Rehearsals", {"DEV", "STAGE"})])
def test_it_is_clean_and_each_stage_sees_its_orders(bus, stages):
    sent = checked(EXAMPLE).flow.send(f"{bus}/Bus", sample_event(EXAMPLE, "checkout", "plain"))
    assert sent.reaches("Checkout/Function")
    assert {each.arn.rpartition(":")[2] for each in sent.deliveries if ":function:" in (each.arn or "")} == stages


def test_prod_moves_as_a_canary_that_is_tested_first_and_rolled_back_on_two_alarms():
    template = checked(EXAMPLE).template
    prod = aliases(template)["PROD"]
    shifting = prod["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert shifting["BeforeAllowTrafficHook"]["Ref"].startswith("SmokeFunction")
    (group,) = resources(template, "AWS::CodeDeploy::DeploymentGroup").values()
    assert len(group["Properties"]["AlarmConfiguration"]["Alarms"]) == 2
    assert [name for name, each in aliases(template).items() if "UpdatePolicy" in each] == ["PROD"]


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory):
    """The example with other numbers."""

    def synthesized(stage, prod):
        folder = tmp_path_factory.mktemp("train") / EXAMPLE
        shutil.copytree(EXAMPLES / EXAMPLE, folder, ignore=shutil.ignore_patterns("cdk.out", "__pycache__"))
        text = (folder / "app.py").read_text("utf-8")
        assert "STAGE, PROD = 1, 1" in text
        (folder / "app.py").write_text(text.replace("STAGE, PROD = 1, 1", f"STAGE, PROD = {stage}, {prod}"), "utf-8")
        out = folder.parent / "out"
        synthesize(app_of(folder), out, folder=folder)
        return Synthesized(out)

    return synthesized


def test_a_promotion_changes_one_number_and_publishes_nothing(synthesized):
    before, after = (synthesized(7, prod).template["Resources"] for prod in (5, 7))
    changed = {id for id in before.keys() | after.keys() if before.get(id) != after.get(id)}
    moved = {id: after[id]["Properties"]["FunctionVersion"] for id in changed if after[id]["Type"] == "AWS::Lambda::Alias"}
    assert list(moved.values()) == ["7"]
    # The hook is told of the version that it tests, by its variables and its role, and so has a version of its own.
    rest = {(id[:5], after[id]["Type"]) for id in changed - moved.keys() if id in after}
    assert rest <= {("Smoke", f"AWS::{kind}") for kind in ("Lambda::Function", "Lambda::Version", "Lambda::Alias", "IAM::Role")}


@pytest.mark.parametrize(("name", "total"), [("plain", "64.90"), ("discount", "45.43")])
def test_an_order_is_priced(load, context, name, total):
    context.function_version = "5"
    answer = load(EXAMPLE, "checkout").handler(sample_event(EXAMPLE, "checkout", name), context)
    assert (answer["total"], answer["version"]) == (total, "5")


def test_a_discount_that_is_not_there_is_refused_and_counted(load, context, capsys):
    context.function_version = "5"
    answer = load(EXAMPLE, "checkout").handler(sample_event(EXAMPLE, "checkout", "unknown-code"), context)
    assert answer["refused"] == "there is no discount 'SUMMER'"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (counted,) = [line for line in lines if "OrdersRefused" in line]
    assert (counted["OrdersRefused"], counted["service"]) == ([1.0], "checkout")


def said(module, *totals, error=None):
    """Lambda, answering with these totals; the payloads are read as they come from the service."""
    stub = Stubber(module.functions)
    for (event, _), total in zip(module.EXPECTED, totals, strict=False):
        answer = {"total": total}
        body = StreamingBody(io.BytesIO(text := json.dumps(answer).encode()), len(text))
        failed = {"FunctionError": error} if error else {}
        stub.add_response(
            "invoke", {"StatusCode": 200, "Payload": body, **failed}, {"FunctionName": VERSION, "Payload": json.dumps(event)}
        )
    return stub


@pytest.mark.parametrize(
    ("totals", "error", "status"),
    [(("25.00", "22.50"), None, "Succeeded"), (("25.00", "25.00"), None, "Failed"), (("25.00",), "Unhandled", "Failed")],
)
def test_a_version_is_released_only_if_it_prices_right(load, context, totals, error, status):
    smoke = load(EXAMPLE, "smoke", RELEASED_VERSION=VERSION, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
    event = sample_event(EXAMPLE, "smoke", "before-traffic")
    told = {
        "deploymentId": event["DeploymentId"],
        "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
        "status": status,
    }
    with said(smoke, *totals, error=error) as invoked, Stubber(smoke.codedeploy) as codedeploy:
        codedeploy.add_response("put_lifecycle_event_hook_execution_status", {}, told)
        assert smoke.handler(event, context)["status"] == status
        codedeploy.assert_no_pending_responses()
        invoked.assert_no_pending_responses()


def test_what_the_smoke_test_expects_is_what_the_code_beside_it_answers(load, context):
    context.function_version = "5"
    smoke = load(EXAMPLE, "smoke", RELEASED_VERSION=VERSION)
    checkout = load(EXAMPLE, "checkout")
    assert [checkout.handler(event, context)["total"] for event, _ in smoke.EXPECTED] == [total for _, total in smoke.EXPECTED]


def test_it_runs_on_this_machine():
    async def placed(run):
        await run.put_events([sample_event(EXAMPLE, "checkout", "plain")], bus="Orders/Bus")
        await run.settle()
        (root,) = run.trace.roots
        return [attempt.function.rpartition(":")[2] for each in root.walk() for attempt in each.attempts], root.children[0].last_error

    assert locally(EXAMPLE, placed) == (["PROD"], "")


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
