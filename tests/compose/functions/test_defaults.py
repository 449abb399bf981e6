"""What a function is without a word: its role, logs, traces, alarms, where it runs, and what cannot be chosen at all."""

import pytest

from cdk_event_flow import PrivateNetwork
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.model import Function as Read
from tests.compose.functions.made import function, made, only, statements
from tests.compose.synthesis import flow_of, new_stack, template_of


@pytest.fixture(scope="module")
def template():
    """One function of which nothing is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")
        stack = new_stack()
        function(stack)
        return template_of(stack)


def properties(template):
    return only(template, "Lambda::Function")["Properties"]


def test_memory_time_and_storage_are_lambdas_words_and_a_vcpu_cannot_be_chosen(template):
    found = properties(template)
    assert (found["MemorySize"], found["Timeout"], found["Architectures"]) == (512, 30, ["arm64"])
    assert "EphemeralStorage" not in found, "512 MB is Lambda's own default"
    with pytest.raises(TypeError, match="a function has no vcpu"):
        function(new_stack(), vcpu=2)


def test_lambda_assumes_a_role_of_the_functions_own(template):
    role = only(template, "IAM::Role", "BillingRole")["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Principal"]) == ("sts:AssumeRole", {"Service": "lambda.amazonaws.com"})
    (shared,) = made(template, "IAM::ManagedPolicy")
    assert role["ManagedPolicyArns"] == [{"Ref": shared}], "AWS's managed policies allow more than one function needs"


def test_the_role_may_do_one_thing_a_need_and_writes_its_own_logs_only(template):
    found = statements(template, "BillingRole")
    (writing,) = (each for each in found if "logs:PutLogEvents" in each["Action"])
    ((group, _),) = made(template, "Logs::LogGroup").items()
    assert writing["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert writing["Resource"] == {"Fn::GetAtt": [group, "Arn"]}
    assert {each["Effect"] for each in found} == {"Allow"}


def test_logs_are_json_in_a_group_of_its_own_encrypted_and_kept_a_month(template):
    ((id, group),) = made(template, "Logs::LogGroup").items()
    assert (group["Properties"]["RetentionInDays"], "KmsKeyId" in group["Properties"]) == (30, True)
    assert properties(template)["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": id}}


def test_traces_variables_and_loops_are_taken_care_of(template):
    found = properties(template)
    assert (found["TracingConfig"], found["RecursiveLoop"]) == ({"Mode": "Active"}, "Terminate")
    assert "KmsKeyArn" in found


def test_what_fails_is_kept_and_alarms_watch_errors_and_throttles(template):
    assert "TargetArn" in properties(template)["DeadLetterConfig"]
    measured = only(template, "CloudWatch::Alarm", "Billing")["Properties"]["Metrics"]
    assert {each["MetricStat"]["Metric"]["MetricName"] for each in measured if "MetricStat" in each} == {"Errors", "Throttles"}


def test_it_runs_outside_of_any_network_and_its_version_is_behind_an_alias(template):
    assert "VpcConfig" not in properties(template)
    assert not made(template, "EC2::VPC")
    alias = only(template, "Lambda::Alias")["Properties"]
    ((version, _),) = made(template, "Lambda::Version").items()
    assert (alias["Name"], alias["FunctionVersion"]) == ("live", {"Fn::GetAtt": [version, "Version"]})
    read = Flow.from_template(template).of(Read)[0]
    assert (read.in_network, read.memory, read.tracing) == (False, 512, True)


def test_functions_of_one_network_share_subnets_and_a_security_group_so_interfaces_do_not_multiply(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    stack = new_stack()
    network = PrivateNetwork(stack, "Network")
    for number in range(12):
        function(stack, f"F{number}", network=network)
    template = template_of(stack)
    placed = [each["Properties"]["VpcConfig"] for each in made(template, "Lambda::Function").values()]
    assert len(placed) == 12
    assert all(each == placed[0] for each in placed)
    assert (len(placed[0]["SubnetIds"]), len(placed[0]["SecurityGroupIds"])) == (2, 1)
    assert not {finding.id for finding in flow_of(stack).check()} & {"EF803", "EF804", "EF805"}


def test_every_option_is_written_down():
    from cdk_event_flow.compose.functions.options import DEFAULTS, FunctionOptions

    assert set(FunctionOptions.__annotations__) == set(DEFAULTS)
