"""The commands on stacks as they are deployed, and what they say where AWS does not answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_event_flow.cli import main
from cdk_event_flow.operate import aws
from tests.operate.cloudformation import ACCOUNT, REGION, Told, credentials

EVENT_FLOW = Path(sys.executable).with_name("event-flow")
EVENTS = Path(__file__).parent.parent.parent / "events"


@pytest.fixture
def template(assembly):
    """The reference app's template."""
    return json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))


@pytest.fixture
def told(monkeypatch):
    """CloudFormation that answers what it is told."""
    return Told(monkeypatch)


@pytest.fixture
def event_flow(monkeypatch, capsys):
    """A function that runs the command line here, and gives what it prints; an error is what it says, at exit status 1 or 2."""

    def run(*arguments, status=0):
        monkeypatch.setattr(sys, "argv", ["event-flow", *map(str, arguments)])
        said, code = "", 0
        try:
            main()
        except SystemExit as end:
            said, code = (end.code, 1) if isinstance(end.code, str) else ("", end.code or 0)
        out = capsys.readouterr()
        assert code == status, out.err + said
        return said or out.out or out.err

    return run


def test_an_event_is_traced_through_a_stack(told, template, event_flow):
    told.stack("OrderPacking", template)
    said = event_flow("trace", EVENTS / "1-billed-only.json", "--stack", "OrderPacking")
    assert "└─ function OrderPacking/Billing/Function" in said
    assert 'detail.region is "apac", the filter of OrderEvents → Packing wants "eu" or "us"' in said


def test_a_stack_is_checked_and_named_as_the_place_of_findings(told, template, event_flow):
    told.stack("OrderPacking", template)
    assert event_flow("check", "--stack", "OrderPacking") == "nothing found\n"
    template["Resources"]["OrderEventsPackingSubscriptionF1804E3B"]["Properties"]["FilterPolicyScope"] = "MessageAttributes"
    told.stack("OrderPacking", template)
    (run,) = json.loads(event_flow("check", "--stack", "OrderPacking", "--format", "sarif", status=1))["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "stack:OrderPacking"


def test_routes_and_pictures_are_of_stacks_too(told, template, assembly, event_flow):
    for command in (["routes", "--json"], ["diagram", "--format", "mermaid"]):
        told.stack("OrderPacking", template)
        assert event_flow(*command, "--stack", "OrderPacking") == event_flow(*command, "--template", assembly)


def test_a_catalogue_of_a_stack_has_its_names_and_the_owner_that_its_tags_name(told, template, event_flow, tmp_path):
    told.stack("OrderPacking", template, Tags=[{"Key": "Owner", "Value": "team orders"}])
    said = event_flow("catalog", "--stack", "OrderPacking", "-o", tmp_path / "made")
    assert said.startswith("2 events, 5 channels, 4 functions: ")
    channels = (tmp_path / "made" / "channels.md").read_text("utf-8")
    assert "Queue, named `OrderPacking-OrderEventsBillingQueue" in channels
    assert "-X1Y2Z3`, owned by team orders." in channels
    assert "address: OrderPacking-OrderEventsTopic" in (tmp_path / "made" / "asyncapi.yaml").read_text("utf-8")


def test_what_a_deployment_would_change_is_said(told, template, assembly, event_flow):
    told.stack("OrderPacking", template)
    assert event_flow("diff", "stack:OrderPacking", assembly, "--exit-code") == "no hop changes\n"
    policy = template["Resources"]["OrderEventsPackingSubscriptionF1804E3B"]["Properties"]["FilterPolicy"]
    policy["detail"]["region"] = ["eu"]
    for old, new, change in (
        ("stack:OrderPacking", assembly, '{"detail": {"region": ["eu"]}} → {"detail": {"region": ["eu", "us"]}}'),
        (assembly, "stack:OrderPacking", '{"detail": {"region": ["eu", "us"]}} → {"detail": {"region": ["eu"]}}'),
        (assembly / "OrderPacking.template.json", "stack:OrderPacking", '{"region": ["eu", "us"]}} → {"detail": {"region": ["eu"]}}'),
    ):
        told.stack("OrderPacking", template)
        hops, _, events = event_flow("diff", old, new).partition("events that go elsewhere:\n")
        assert hops.splitlines()[0] == "~ OrderEvents → OrderEvents/Packing"
        assert len(hops.splitlines()) == 2
        assert change in hops
        assert all("reaches OrderEvents/Packing, Packing" in line for line in events.splitlines())


def test_two_stacks_are_compared_whatever_they_are_called(told, template, event_flow):
    told.stack("Dev", template)
    told.stack("Live", template)
    assert event_flow("diff", "stack:Dev", "stack:Live") == "no hop changes\n"


def test_an_assembly_without_the_stack_is_said(told, template, assembly, event_flow):
    told.stack("Shop", template)
    said = event_flow("diff", "stack:Shop", assembly, status=1)
    assert said.startswith(f"EF-STACK at {assembly}: it has no stack named Shop, it has OrderPacking; ")


def test_a_stack_that_is_not_there_is_one_line(told, event_flow):
    told.error("describe_stacks", "ValidationError", "Stack with id Shop does not exist")
    assert event_flow("trace", EVENTS, "--stack", "Shop", status=1) == (
        f"EF-STACK at Shop: there is no stack of this name in {REGION}, a stack is given by the name that CloudFormation has for it; "
        "look at `aws cloudformation list-stacks`, --region and --profile"
    )


def test_no_permission_is_one_line(told, event_flow):
    user = f"User: arn:aws:iam::{ACCOUNT}:user/kim is not authorized to perform: cloudformation:DescribeStacks"
    told.error("describe_stacks", "AccessDenied", user)
    (line,) = event_flow("check", "--stack", "Shop", status=1).splitlines()
    assert line.startswith(f"EF-AWS-DENIED at Shop: DescribeStacks was refused: {user} (AccessDenied), ")


def test_credentials_that_ran_out_are_one_line(told, event_flow):
    told.error("describe_stacks", "ExpiredToken", "The security token included in the request is expired")
    (line,) = event_flow("routes", "--stack", "Shop", status=1).splitlines()
    assert line.startswith("EF-AWS-CREDENTIALS at Shop: DescribeStacks was refused: The security token")


def test_no_network_is_one_line(monkeypatch, event_flow):
    credentials(monkeypatch)
    monkeypatch.setattr(aws, "ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    (line,) = event_flow("diff", "stack:Shop", "cdk.out", status=1).splitlines()
    assert line.startswith('EF-AWS-UNREACHABLE at Shop: Could not connect to the endpoint URL: "http://127.0.0.1:9/", ')


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--region", REGION), "EF-AWS-CREDENTIALS at Shop: Unable to locate credentials"),
        (("--region", REGION, "--profile", "nobody"), "EF-AWS-CREDENTIALS at the AWS session: The config profile (nobody) could not"),
        ((), "EF-AWS-REGION at the AWS session: no region is set"),
    ],
)
def test_no_credentials_no_profile_and_no_region_are_one_line(tmp_path, options, code):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [EVENT_FLOW, "check", "--stack", "Shop", *options]
    done = subprocess.run(command, env={**environment, **nobody}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(code)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "--stack", "Shop", "--template", "x"), "--template and --stack say different things"),
        (("check", "--app", "x", "--template", "x"), "--template and --app say different things"),
        (("check", "--region", REGION), "--region and --profile are of deployed stacks: give --stack NAME too"),
        (("diff", "a", "b", "--profile", "kim"), "--region and --profile are of deployed stacks: give stack:NAME too"),
        (("routes", "--stack", ","), "a stack needs its name"),
        (("diff", "stack:", "b"), "a stack needs its name"),
        (("diff", "stack:A,B", "stack:C"), "stack:A,B and stack:C have to name as many stacks, in the same order"),
    ],
)
def test_options_that_contradict_each_other_are_refused(event_flow, arguments, said):
    assert said in " ".join(event_flow(*arguments, status=2).split())


def test_the_region_of_a_stacks_arn_is_where_it_is_asked_for(monkeypatch, event_flow):
    told = Told(monkeypatch)
    asked = []
    monkeypatch.setattr(aws.Aws, "client", lambda self, _: asked.append(self.session.region_name) or told.client)
    told.stack("Shop", {"Resources": {}}, {})
    arn = f"arn:aws:cloudformation:ap-south-1:{ACCOUNT}:stack/Shop/0a1b2c3d"
    assert event_flow("check", "--stack", arn) == "nothing found\n"
    assert asked == ["ap-south-1"]
