"""`EventFlowChecks` in CDK's own validation: errors fail the synth, warnings do not, what is acknowledged is not said."""

import json
import os
import subprocess
import sys

import pytest

from cdk_event_flow.flow import Flow
from cdk_event_flow.synth import SynthError, synthesize

APP = """
import sys
import aws_cdk as cdk
from aws_cdk import aws_events as events, aws_events_targets as targets, aws_sns as sns, aws_sns_subscriptions as subs, aws_sqs as sqs
from cdk_event_flow import EventBus, EventFlowChecks, PythonFunction, Topic

class Producers(cdk.Stack):
    def __init__(self, scope, id, dead_letters=None):
        super().__init__(scope, id)
        self.topic = sns.Topic(self, "Topic")
        target = targets.SnsTopic(self.topic)
        self.rule = events.Rule(self, "Rule", event_pattern=events.EventPattern(source=["shop"]), targets=[target])

app = cdk.App(builtin_cloud_formation_validation=False)  # the CDK's own rules take seconds, and are not looked at here
shop, consumers = Producers(app, "Shop"), cdk.Stack(app, "Consumers")
region = {"region": sns.SubscriptionFilter.string_filter(allowlist=["eu"])}
filtered = {"filter_policy": region} if "attributes" in sys.argv else {}
queue = sqs.Queue(consumers, "Queue")
shop.topic.add_subscription(subs.SqsSubscription(queue, **filtered))
if "acknowledged" in sys.argv:
    cdk.Validations.of(shop.rule).acknowledge(cdk.Acknowledgment(id="EventFlow::EF201", reason="Told again every minute."))
if "ours" in sys.argv:
    billing = PythonFunction(consumers, "Billing", code="billing")
    Topic(consumers, "Orders").fan_out("Billing", to=billing, where={"total": [1]})
    consumers.node.find_child("Orders").node.find_child("Billing").queue.node.default_child.visibility_timeout = 60
cdk.Validations.of(app).add_plugins(EventFlowChecks(advice="advice" in sys.argv))
app.synth()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An app of two stacks: a rule and a topic in one, what subscribes in the other."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "app.py").write_text(APP)
    (folder / "billing").mkdir()
    (folder / "billing" / "handler.py").write_text("def handler(event, context): ...\n")
    return folder


def synthesized(folder, *arguments):
    """The exit status, and the findings of ours in the report: (id, severity, construct path, description)."""
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    command = [sys.executable, "app.py", *arguments]
    done = subprocess.run(command, cwd=folder, env={**environment, "CDK_OUTDIR": "out"}, capture_output=True, text=True, check=False)
    report = folder / "out" / "validation-report.json"
    plugins = json.loads(report.read_text())["pluginReports"] if report.is_file() else []
    (ours,) = [plugin for plugin in plugins if plugin["pluginName"] == "EventFlow"]
    found = [
        (violation["ruleName"], violation["severity"], where["constructPath"], violation["description"])
        for violation in ours["violations"]
        for where in violation["violatingConstructs"]
    ]
    return done.returncode, found


def test_an_error_over_two_stacks_fails_the_synth_and_names_the_construct(folder):
    status, found = synthesized(folder, "attributes")
    assert status != 0
    assert [(id, path) for id, severity, path, _ in found if severity == "error"] == [
        ("EF103", "Consumers/Queue/ShopTopic58BF4490/Resource")
    ]


def test_warnings_do_not_fail_it_and_one_that_is_acknowledged_is_not_said(folder):
    status, found = synthesized(folder)
    assert status == 0
    assert "EF201" in {id for id, *_ in found}
    status, acknowledged = synthesized(folder, "acknowledged")
    assert status == 0
    assert {id for id, *_ in found} - {id for id, *_ in acknowledged} == {"EF201"}


def test_what_our_constructs_made_is_said_with_the_line_that_asked_for_it(folder):
    _, found = synthesized(folder, "ours")
    line = APP.splitlines().index('    Topic(consumers, "Orders").fan_out("Billing", to=billing, where={"total": [1]})') + 1
    (said,) = [description for id, _, path, description in found if id == "EF302" and path.startswith("Consumers/Orders/Billing")]
    assert said.startswith(f"app.py:{line}: Visibility is 60 s")


def test_advice_is_reported_where_it_is_asked_for(folder):
    assert "EF901" not in {id for id, *_ in synthesized(folder, "ours")[1]}
    status, found = synthesized(folder, "ours", "advice")
    assert status == 0
    assert [(id, severity, path) for id, severity, path, _ in found if severity == "info"] == [
        ("EF901", "info", "Consumers/Billing/Function/Resource")
    ]


def test_commands_read_the_template_that_an_error_was_found_in(folder, tmp_path):
    synthesize("python app.py attributes", tmp_path, folder=folder)
    errors = [finding for finding in Flow.from_assembly(tmp_path).check() if finding.severity == "error"]
    assert [(finding.id, finding.path) for finding in errors] == [("EF103", "Consumers/Queue/ShopTopic58BF4490")]


def test_where_validation_is_asked_for_its_errors_are_said(folder, tmp_path):
    with pytest.raises(SynthError) as raised:
        synthesize("python app.py attributes", tmp_path, folder=folder, validate=True)
    assert "the app's validation finds EF103 at Consumers/Queue/ShopTopic58BF4490/Resource, the app must" in str(raised.value)
