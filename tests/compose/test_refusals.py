"""Bad input gets one clear error: code, construct path, what was given, what is allowed, what to do."""

from datetime import timedelta
from pathlib import Path

import aws_cdk as cdk
import pytest

from cdk_event_flow import DeadLetters, EventBus, PythonFunction, Queue, Schedule, Topic
from cdk_event_flow.errors import EventFlowError
from lambda_src.shared.events import OrderSubmitted

CODE = "lambda_src/billing"


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Shop")


@pytest.fixture
def function(stack):
    return PythonFunction(stack, "Good", code="lambda_src/human_dispatch")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ({"memory": 64}, "EF-FUNCTION-MEMORY", "memory is 64 MB"),
        ({"memory": 10_241}, "EF-FUNCTION-MEMORY", "10,240 MB"),
        ({"timeout": timedelta(minutes=20)}, "EF-FUNCTION-TIMEOUT", "timeout is 20 minutes"),
        ({"code": "lambda_src/biling"}, "EF-CODE-FOLDER", "billing"),
        ({"handler": "handler.handle"}, "EF-CODE-HANDLER", "handler.handler"),
        ({"handler": "main.handler"}, "EF-CODE-MODULE", "handler"),
    ],
)
def test_a_function_is_refused_before_anything_is_made(stack, arguments, code, said):
    with pytest.raises(EventFlowError) as refused:
        PythonFunction(stack, "Billing", **{"code": CODE, **arguments})
    assert refused.value.code == code
    assert str(refused.value).startswith(f"{code} at Shop/Billing: ")
    assert said in str(refused.value)
    assert [child.node.id for child in stack.node.children] == []


def test_all_problems_of_one_construct_are_said_together(stack):
    with pytest.raises(EventFlowError) as refused:
        PythonFunction(stack, "Billing", code="nowhere", memory=64, timeout=timedelta(minutes=20))
    assert [problem.code for problem in refused.value.problems] == ["EF-FUNCTION-MEMORY", "EF-FUNCTION-TIMEOUT", "EF-CODE-FOLDER"]


@pytest.mark.parametrize(
    ("where", "code", "said"),
    [
        ({"detail": {"total": [{"numerik": [">", 0]}]}}, "EF-FILTER", "did you mean numeric?"),
        ({"detail": {"totl": [{"numeric": [">", 0]}]}}, "EF-FILTER-KEY", "there is total"),
        ({f"key{n}": ["x"] for n in range(6)}, "EF-FILTER", "more than 5 keys"),
    ],
)
def test_a_filter_that_cannot_work_is_refused(stack, function, where, code, said):
    bus, topic = EventBus(stack, "Orders", publishes=[OrderSubmitted]), Topic(stack, "Events")
    bus.route("ToTopic", [OrderSubmitted], to=topic)
    with pytest.raises(EventFlowError) as refused:
        topic.fan_out("Billing", to=function, where=where)
    assert refused.value.code == code
    assert refused.value.at == "Shop/Events/Billing"
    assert said in str(refused.value)


def test_an_empty_list_in_a_bus_pattern_is_refused(stack):
    with pytest.raises(EventFlowError, match="EF-PATTERN at Shop/Orders/All: .*Empty arrays are not allowed"):
        EventBus(stack, "Orders").route("All", {"source": []}, to=Topic(stack, "Events"))


def test_queues_and_schedules_are_held_to_the_limits_of_aws(stack, function):
    with pytest.raises(EventFlowError, match="EF-QUEUE-VISIBILITY"):
        Queue(stack, "Q", visibility=timedelta(hours=13))
    with pytest.raises(EventFlowError, match="EF-QUEUE-RECEIVES"):
        Queue(stack, "Q", dead_letters=DeadLetters(max_receives=0))
    with pytest.raises(EventFlowError, match="EF-SCHEDULE at Shop/S: .*six fields"):
        Schedule(stack, "S", to=function, cron="0 2 * * ?")


def test_a_batch_over_ten_needs_a_window(stack, function):
    with pytest.raises(EventFlowError, match="EF-MAPPING-WINDOW"):
        Topic(stack, "Events").fan_out("Good", to=function, batch=25)


def test_the_repository_is_where_the_tests_run():
    assert Path(CODE).is_dir()
