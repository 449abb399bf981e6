import json

from cdk_event_flow.flow import model
from cdk_event_flow.local.invocation import Fault
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario


def config(function, **more):
    return model.AsyncConfig(logical_id="C", arn="c", name="C", path="C", function_arn=function.arn, **more)


def raising(error):
    def handler(_):
        raise error

    return handler


@scenario
async def test_a_failing_function_is_tried_again_after_one_and_after_two_minutes():
    dead = w.queue("Dead")
    f = w.function("F", dead_letter_arn=dead.arn)
    times = []
    async with w.engine(f, dead) as e:

        def handler(_):
            times.append(e.hub.clock.now() - w.START)
            raise ValueError("bad order")

        e.invoker.handlers["F"] = handler
        root = w.send(e, f, '{"order": 1}')
        await e.settle()
        assert times == [0, 60, 180]
        assert (root.state, root.reason) == (State.DEAD_LETTERED, "ValueError: bad order")
        (message,) = e.queue("Dead")
        assert message.body == '{"order": 1}'
        assert set(message.attributes) == {"RequestID", "ErrorCode", "ErrorMessage"}
        assert message.attributes["ErrorMessage"]["StringValue"] == "bad order"


@scenario
async def test_the_number_of_retries_is_the_configured_one():
    f = w.function("F")
    async with w.engine(f, config(f, retries=0), handlers={"F": raising(ValueError())}) as e:
        root = w.send(e, f, "{}")
        await e.settle()
        assert (len(e.invoker.calls), root.state) == (1, State.DROPPED)
        assert "RetriesExhausted" in root.reason


@scenario
async def test_an_event_that_would_get_too_old_is_given_up():
    f, q = w.function("F"), w.queue("Failed")
    async with w.engine(f, q, config(f, max_age=100, on_failure=q.arn), handlers={"F": raising(ValueError())}) as e:
        root = w.send(e, f, "{}")
        await e.settle()
        assert (len(e.invoker.calls), root.state) == (2, State.DESTINATION)
        (message,) = e.queue("Failed")
        assert json.loads(message.body)["requestContext"]["condition"] == "EventAgeExceeded"


@scenario
async def test_throttles_do_not_use_up_the_retries():
    f = w.function("F")
    left = [6]

    def handler(_):
        if left[0]:
            left[0] -= 1
            raise w.FailureError(Fault.THROTTLED)

    async with w.engine(f, config(f, retries=0), handlers={"F": handler}) as e:
        root = w.send(e, f, "{}")
        await e.settle()
        assert (root.state, len(root.attempts)) == (State.PROCESSED, 7)


@scenario
async def test_the_failure_destination_gets_the_documented_record():
    f, q = w.function("F"), w.queue("Failed")
    async with w.engine(f, q, config(f, on_failure=q.arn), handlers={"F": raising(ValueError("bad"))}) as e:
        w.send(e, f, '{"order": 1}')
        await e.settle()
        (message,) = e.queue("Failed")
        record = json.loads(message.body)
        assert record.pop("timestamp").startswith("2026-01-14T")
        assert record["requestContext"].pop("requestId")
        assert record == {
            "version": "1.0",
            "requestContext": {
                "functionArn": f"{f.arn}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": {"order": 1},
            "responseContext": {"statusCode": 200, "executedVersion": "1", "functionError": "Unhandled"},
            "responsePayload": {"errorType": "ValueError", "errorMessage": "bad"},
        }
        assert w.outcomes(e) == [State.DESTINATION]


@scenario
async def test_the_success_destination_of_an_alias_can_be_a_bus():
    f, q = w.function("F"), w.queue("Q")
    alias = model.Alias(logical_id="L", arn=f"{f.arn}:live", name="live", path="L", function_arn=f.arn, version_arn=f"{f.arn}:1")
    orders = w.bus()
    route = w.rule("R", {"source": ["lambda"]}, q)
    async with w.engine(
        f, alias, q, orders, route, config(f, qualifier="live", on_success=orders.arn), handlers={"F": lambda _: "ok"}
    ) as e:
        w.send(e, alias, '{"order": 1}')
        await e.settle()
        (message,) = e.queue("Q")
        event = json.loads(message.body)
        assert event["detail-type"] == "Lambda Function Invocation Result - Success"
        assert event["detail"]["responsePayload"] == "ok"
        assert event["resources"] == [orders.arn, alias.arn]


@scenario
async def test_ten_run_at_once_and_the_others_wait():
    f = w.function("F")
    async with w.engine(f, durations={"F": 5}) as e:
        for _ in range(25):
            w.send(e, f, "{}")
        await e.settle()
        assert e.invoker.most_at_once == {"F": 10}
        assert w.outcomes(e) == [State.PROCESSED] * 25
