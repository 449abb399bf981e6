"""Each limit of a function's configuration: the value just inside is taken, the one just outside refused with the reason.

Those of asynchronous invocation, releases, stages, provisioned concurrency, layers, durable executions and mappings stand with
their tests; `docs/reference/lambda.md` says where.
"""

from datetime import timedelta

import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import Asynchronous, Logs
from cdk_event_flow.errors import ConstructError
from tests.compose.functions.made import function
from tests.compose.synthesis import new_stack


@pytest.fixture
def stack(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")
    return new_stack()


def environment(size):
    """Variables of so many bytes, as Lambda counts them: the JSON of all."""
    return {"DATA": "x" * (size - len('{"DATA":""}'))}


def mode(of):
    return {"props": {"runtime_management_mode": lambda_.RuntimeManagementMode.FUNCTION_UPDATE, "description": "x" * of}}


ADDED = len(" Runtime updates: FunctionUpdate.")
LIMITS = [
    ("EF-FUNCTION-MEMORY", {"memory": 128}, {"memory": 127}),
    ("EF-FUNCTION-MEMORY", {"memory": 10_240}, {"memory": 10_241}),
    ("EF-FUNCTION-TIMEOUT", {"timeout": timedelta(seconds=1)}, {"timeout": timedelta(0)}),
    ("EF-FUNCTION-TIMEOUT", {"timeout": timedelta(minutes=15)}, {"timeout": timedelta(minutes=15, seconds=1)}),
    ("EF-FUNCTION-TIMEOUT", {"timeout": timedelta(seconds=2)}, {"timeout": timedelta(seconds=1.5)}),
    ("EF-ASYNC-AGE", {}, {"asynchronous": Asynchronous(max_age=timedelta(hours=1, milliseconds=1))}),
    ("EF-FUNCTION-STORAGE", {"storage": 512}, {"storage": 511}),
    ("EF-FUNCTION-STORAGE", {"storage": 10_240}, {"storage": 10_241}),
    ("EF-FUNCTION-ENVIRONMENT", {"environment": environment(4_096)}, {"environment": environment(4_097)}),
    ("EF-FUNCTION-ENVIRONMENT", {"environment": {"DATA": "ä" * 2_042}}, {"environment": {"DATA": "ä" * 2_043}}),
    ("EF-FUNCTION-VARIABLE", {"environment": {"A1": ""}}, {"environment": {"A": ""}}),
    ("EF-FUNCTION-VARIABLE", {"environment": {"MODE_2": ""}}, {"environment": {"2_MODE": ""}}),
    ("EF-FUNCTION-VARIABLE", {"environment": {"AWS_REGION_HINT": ""}}, {"environment": {"AWS_REGION": ""}}),
    ("EF-FUNCTION-RESERVED", {"reserved": 0}, {"reserved": -1}),
    ("EF-FUNCTION-RESERVED", {"reserved": 900}, {"reserved": 901}),
    ("EF-FUNCTION-ALIAS", {"alias": "a" * 128}, {"alias": "a" * 129}),
    ("EF-FUNCTION-ALIAS", {"alias": "v1"}, {"alias": "1"}),
    ("EF-FUNCTION-DESCRIPTION", {"props": {"description": "x" * 256}}, {"props": {"description": "x" * 257}}),
    ("EF-FUNCTION-DESCRIPTION", mode(of=256 - ADDED), mode(of=257 - ADDED)),
    ("EF-LOGS-RETENTION", {"logs": Logs(retention=timedelta(days=1))}, {"logs": Logs(retention=timedelta(days=2))}),
    ("EF-LOGS-RETENTION", {"logs": Logs(retention=timedelta(days=3_653))}, {"logs": Logs(retention=timedelta(days=3_654))}),
    ("EF-LOGS-RETENTION", {"logs": Logs(retention=timedelta(days=7))}, {"logs": Logs(retention=timedelta(days=7, hours=1))}),
    ("EF-FUNCTION-CHOICE", {"architecture": "x86_64"}, {"architecture": "x86"}),
    ("EF-FUNCTION-CHOICE", {"tracing": "pass_through"}, {"tracing": "passthrough"}),
    ("EF-FUNCTION-CHOICE", {"recursion": "allow"}, {"recursion": "allowed"}),
    ("EF-FUNCTION-CHOICE", {"logs": Logs(level="TRACE")}, {"logs": Logs(level="trace")}),
    ("EF-FUNCTION-CHOICE", {"logs": Logs(system_level="WARN")}, {"logs": Logs(system_level="ERROR")}),
    ("EF-FUNCTION-RUNTIME", {"runtime": "nodejs24.x"}, {"runtime": "nodejs25.x"}),
]


@pytest.mark.parametrize(("code", "inside", "outside"), LIMITS)
def test_what_lies_inside_a_limit_is_taken_and_what_lies_outside_is_refused(stack, code, inside, outside):
    assert function(stack, "Inside", **inside).alias
    with pytest.raises(ConstructError) as refused:
        function(stack, "Outside", **outside)
    assert [problem.code for problem in refused.value.problems] == [code]
    (problem,) = refused.value.problems
    assert problem.fix
    assert stack.node.try_find_child("Outside") is None


def test_a_name_that_no_option_has_is_named_with_those_there_are(stack):
    with pytest.raises(TypeError, match="a function has no memmory; it takes alias, architecture, "):
        function(stack, memmory=512)
