"""Invocations by request, and what each environment did."""

from cdk_event_flow.local.invocation import Fault, Invocation
from cdk_event_flow.local.invocations import MOST_INVOCATIONS, Invocations


def invocation(number, **more):
    given = {"environment": "env-1", "memory_mb": 50, **more}
    return Invocation(request_id=f"r{number}", function_arn="arn:f", version="1", payload=b"null", **given)


def test_an_environment_counts_its_invocations_its_most_memory_and_why_it_is_gone():
    invocations = Invocations()
    invocations.write(invocation(1, cold=True, init_ms=40.0), 10.0)
    invocations.write(invocation(2, memory_mb=80, fault=Fault.ERROR), 11.0)
    invocations.write(invocation(3, fault=Fault.TIMEOUT, error_message="Task timed out after 3.00 seconds"), 12.0)
    record = invocations.environments["env-1"]
    assert (record.invocations, record.failures, record.memory_mb, record.init_ms) == (3, 2, 80, 40.0)
    assert (record.began, record.last) == (10.0, 12.0)
    assert record.killed == "timeout: Task timed out after 3.00 seconds"


def test_what_was_throttled_has_no_environment():
    invocations = Invocations()
    invocations.write(invocation(1, environment="", fault=Fault.THROTTLED), 1.0)
    assert invocations.environments == {}
    assert invocations.find("r1") is not None


def test_old_ones_go():
    invocations = Invocations()
    for number in range(MOST_INVOCATIONS + 1):
        invocations.write(invocation(number), 1.0)
    assert invocations.find("r0") is None
    assert invocations.find(f"r{MOST_INVOCATIONS}") is not None
    assert invocations.find("") is None
