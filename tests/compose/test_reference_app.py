"""The reference app's template, as reviewers would look at it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.compose.synthesis import policies

ROOT = Path(__file__).parent.parent.parent


def test_full_validation_and_the_security_packs_find_nothing_unacknowledged(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"} | {"CDK_OUTDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads((tmp_path / "validation-report.json").read_text("utf-8"))
    assert {plugin["pluginName"] for plugin in report["pluginReports"]} >= {"AwsSolutions", "Serverless"}
    assert [plugin["violations"] for plugin in report["pluginReports"] if plugin["violations"]] == []


def test_cfn_lint_finds_nothing(assembly):
    command = [str(Path(sys.executable).parent / "cfn-lint"), str(assembly / "OrderPacking.template.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_no_statement_allows_every_action_or_names_no_resource_but_where_iam_has_none(assembly):
    template = json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))
    without_resource = set()
    statements = [statement for policy in policies(template) for statement in policy["Statement"]]
    assert len(statements) > 10
    for statement in statements:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        assert not any("*" in action for action in actions)
        if statement["Resource"] == "*":
            without_resource.update(action.split(":")[0] for action in actions)
    assert without_resource == {"xray", "ec2"}


def test_private_functions_share_one_security_group_and_reach_only_what_their_roles_name(assembly):
    template = json.loads((assembly / "OrderPacking.template.json").read_text("utf-8"))["Resources"].values()
    groups = [
        r["Properties"]["VpcConfig"]["SecurityGroupIds"]
        for r in template
        if r["Type"] == "AWS::Lambda::Function" and "VpcConfig" in r["Properties"]
    ]
    assert len(groups) == 3
    assert groups.count(groups[0]) == 3
    services = {r["Properties"]["ServiceName"]["Fn::Join"][1][-1] for r in template if r["Type"] == "AWS::EC2::VPCEndpoint"}
    assert services == {".dynamodb", ".events"}
    assert not [r for r in template if r["Type"] in ("AWS::EC2::NatGateway", "AWS::EC2::InternetGateway")]
