import json

import pytest

from cdk_event_flow.flow import model
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import State

from . import world as w
from .test_queues import scenario


def texts(attributes):
    return {name: value["StringValue"] for name, value in attributes.items()}


@scenario
async def test_an_event_reaches_every_target_of_every_rule_that_matches():
    a, b, c = w.queue("A"), w.queue("B"), w.queue("C")
    rules = (
        w.rule("R1", {"source": ["shop.orders"]}, a, b),
        w.rule("R2", {"detail-type": ["OrderSubmitted"]}, c),
        w.rule("R3", {"detail-type": ["Other"]}, c),
    )
    async with w.engine(w.bus(), a, b, c, *rules) as e:
        (root,) = w.put(e, w.event())
        assert [(child.name, child.via) for child in root.children] == [
            ("A", "R1"),
            ("B", "R1"),
            ("C", "R2"),
        ]
        (message,) = e.queue("A")
        assert json.loads(message.body)["detail"] == {"total": 5}


@scenario
async def test_an_event_that_no_rule_matches_is_unmatched_with_a_sentence_for_each_rule():
    a = w.queue("A")
    async with w.engine(w.bus(), a, w.rule("R1", {"source": ["x"]}, a), w.rule("R2", {"source": ["y"]}, a)) as e:
        (root,) = w.put(e, w.event())
        assert root.state is State.UNMATCHED
        assert len(root.why()) == 2
        assert all(sentence.startswith("R") for sentence in root.why())


@scenario
async def test_a_disabled_rule_delivers_nothing():
    a = w.queue("A")
    async with w.engine(w.bus(), a, w.rule("R", {"source": ["shop.orders"]}, a, enabled=False)) as e:
        (root,) = w.put(e, w.event())
        assert root.state is State.UNMATCHED


@scenario
async def test_a_refused_delivery_is_retried_and_then_dead_lettered_with_the_documented_attributes():
    a, dead = w.queue("A"), w.queue("Dead")
    route = w.rule("R", {"source": ["shop.orders"]}, w.target(a, max_attempts=3, dead_letter_arn=dead.arn))
    async with w.engine(w.bus(), a, dead, route) as e:
        refused = RefusedError("THROTTLING", "Rate exceeded", retry=True)
        e.hub.post.before = lambda arn: refused if arn == a.arn else None
        (root,) = w.put(e, w.event())
        await e.settle()
        (child,) = root.children
        assert (child.state, child.where, len(child.attempts)) == (State.DEAD_LETTERED, dead.arn, 4)
        (message,) = e.queue("Dead")
        assert json.loads(message.body)["source"] == "shop.orders"
        assert texts(message.attributes) == {
            "RULE_ARN": route.arn,
            "TARGET_ARN": a.arn,
            "ERROR_CODE": "THROTTLING",
            "ERROR_MESSAGE": "Rate exceeded",
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
            "RETRY_ATTEMPTS": "3",
        }


@scenario
async def test_a_target_that_does_not_exist_is_dead_lettered_at_once():
    a, dead = w.queue("A"), w.queue("Dead")
    route = w.rule("R", {"source": ["shop.orders"]}, w.target(a, dead_letter_arn=dead.arn))
    async with w.engine(w.bus(), a, dead, route) as e:
        gone = RefusedError("RESOURCE_NOT_FOUND", "gone", retry=False)
        e.hub.post.before = lambda arn: gone if arn == a.arn else None
        w.put(e, w.event())
        await e.settle()
        (message,) = e.queue("Dead")
        assert texts(message.attributes)["ERROR_CODE"] == "RESOURCE_NOT_FOUND"
        assert e.hub.clock.now() == w.START


@scenario
async def test_a_target_outside_of_the_flow_is_shown_and_one_that_is_not_run_is_dropped():
    outside = w.queue("InAnotherStack")
    machine = model.Other(
        logical_id="M",
        arn=w.arn("states", "stateMachine:M"),
        name="M",
        path="Shop/M",
        type="AWS::StepFunctions::StateMachine",
    )
    async with w.engine(w.bus(), machine, w.rule("R", {"source": ["shop.orders"]}, outside, machine)) as e:
        (root,) = w.put(e, w.event())
        assert [(child.state, child.reason) for child in root.children] == [
            (State.PROCESSED, "shown, not sent (outside of this flow)"),
            (State.DROPPED, "AWS::StepFunctions::StateMachine is not run here"),
        ]


@scenario
async def test_an_event_is_given_up_when_its_age_is_reached():
    a = w.queue("A")
    route = w.rule("R", {"source": ["shop.orders"]}, w.target(a, max_age=60))
    async with w.engine(w.bus(), a, route) as e:
        e.hub.post.before = lambda _: RefusedError("THROTTLING", "Rate exceeded", retry=True)
        (root,) = w.put(e, w.event())
        await e.settle()
        assert root.children[0].state is State.DROPPED
        assert e.hub.clock.now() <= w.START + 60


@scenario
async def test_a_bus_hands_on_to_another_bus_and_to_a_log_group():
    a, second = w.queue("A"), w.bus("Second")
    logs = model.Other(
        logical_id="L",
        arn=f"{w.arn('logs', 'log-group:/events')}:*",
        name="/events",
        path="L",
        type="AWS::Logs::LogGroup",
    )
    log_target = model.Target(id="L", arn=w.arn("logs", "log-group:/events"))
    rules = (
        w.rule("R", {"source": ["shop.orders"]}, second, log_target),
        w.rule("R2", {"source": ["shop.orders"]}, a, on=second),
    )
    async with w.engine(w.bus(), second, a, logs, *rules) as e:
        (root,) = w.put(e, w.event())
        assert len(e.queue("A")) == 1
        assert [c.kind for c in root.children] == ["bus", "log group"]


@scenario
async def test_a_subscription_gets_what_its_policy_wants_in_both_scopes():
    t = w.topic("T")
    by_body, by_attribute, everything = w.queue("Body"), w.queue("Attribute"), w.queue("All")
    subscriptions = (
        w.subscription(t, by_body, filter_policy={"region": ["eu"]}, filter_scope="MessageBody", raw=True),
        w.subscription(t, by_attribute, filter_policy={"kind": ["new"]}, raw=True),
        w.subscription(t, everything),
    )
    async with w.engine(t, by_body, by_attribute, everything, *subscriptions) as e:
        kind = {"kind": {"DataType": "String", "StringValue": "new"}}
        w.send(e, t, json.dumps({"region": "eu"}))
        w.send(e, t, json.dumps({"region": "us"}), attributes=kind)
        assert [json.loads(m.body) for m in e.queue("Body")] == [{"region": "eu"}]
        (message,) = e.queue("Attribute")
        assert (json.loads(message.body), message.attributes) == ({"region": "us"}, kind)
        assert [json.loads(m.body)["Type"] for m in e.queue("All")] == ["Notification", "Notification"]


@scenario
async def test_a_message_that_no_subscription_wants_is_unmatched():
    t, q = w.topic("T"), w.queue("Q")
    policy = w.subscription(t, q, filter_policy={"region": ["eu"]}, filter_scope="MessageBody")
    async with w.engine(t, q, policy) as e:
        root = w.send(e, t, '{"region": "us"}')
        assert root.state is State.UNMATCHED
        assert len(root.why()) == 1


@scenario
async def test_a_topic_calls_functions_and_shows_what_would_leave_the_machine():
    t, f = w.topic("T"), w.function("F")
    subscriptions = (w.subscription(t, f, "lambda"), w.subscription(t, "me@example.com", "email"))
    async with w.engine(t, f, *subscriptions) as e:
        root = w.send(e, t, "hello")
        await e.settle()
        ((_, event),) = e.invoker.calls
        assert event["Records"][0]["Sns"]["Message"] == "hello"
        assert root.children[1].reason == "shown, not sent (email)"
        assert w.outcomes(e) == [State.PROCESSED]


@scenario
async def test_a_subscription_whose_endpoint_is_gone_dead_letters():
    t, q, dead = w.topic("T"), w.queue("Q"), w.queue("Dead")
    async with w.engine(t, q, dead, w.subscription(t, q, raw=True, dead_letter_arn=dead.arn)) as e:
        gone = RefusedError("RESOURCE_NOT_FOUND", "gone", retry=False)
        e.hub.post.before = lambda arn: gone if arn == q.arn else None
        w.send(e, t, "lost?")
        await e.settle()
        assert [m.body for m in e.queue("Dead")] == ["lost?"]
        assert w.outcomes(e) == [State.DEAD_LETTERED]


@scenario
async def test_sns_backs_off_as_documented():
    t, q = w.topic("T"), w.queue("Q")
    async with w.engine(t, q, w.subscription(t, q, raw=True)) as e:
        times = []

        def before(arn):
            if arn == q.arn:
                times.append(e.hub.clock.now() - w.START)
                return RefusedError("THROTTLING", "no", retry=True) if len(times) <= 16 else None
            return None

        e.hub.post.before = before
        w.send(e, t, "late")
        await e.hub.clock.advance(3_600)
        assert times[:6] == [0, 0, 0, 0, 1, 2]
        assert times[16] - times[15] == pytest.approx(20)
        assert len(e.queue("Q")) == 1


@scenario
async def test_a_fifo_topic_keeps_groups_and_drops_duplicates():
    t, q = w.topic("T.fifo", fifo=True), w.queue("Q.fifo", fifo=True)
    async with w.engine(t, q, w.subscription(t, q, raw=True)) as e:
        w.send(e, t, "1", group_id="g", deduplication_id="one")
        again = w.send(e, t, "1", group_id="g", deduplication_id="one")
        assert again.state is State.DROPPED
        assert [(m.body, m.group_id) for m in e.queue("Q.fifo")] == [("1", "g")]
        with pytest.raises(RefusedError, match="MessageGroupId"):
            e.topic("T.fifo").check(Parcel(body="x"))


@scenario
async def test_a_scheduled_rule_fires_on_the_clock():
    f = w.function("F")
    async with w.engine(w.bus("default"), f, w.rule("Nightly", None, f, schedule="cron(0 2 * * ? *)", on=w.bus("default"))) as e:
        await e.hub.clock.advance(3 * 86_400)
        assert len(e.invoker.calls) == 3
        assert {event["detail-type"] for _, event in e.invoker.calls} == {"Scheduled Event"}
        assert w.outcomes(e) == [State.PROCESSED] * 3


@scenario
async def test_a_schedule_fires_in_its_time_zone_with_its_input():
    q = w.queue("Q")
    async with w.engine(q, schedule(w.target(q, input='{"at": "<aws.scheduler.scheduled-time>"}'))) as e:
        await e.hub.clock.advance(2 * 86_400)
        assert [json.loads(m.body)["at"] for m in e.queue("Q")] == ["2026-01-15T07:00:00Z", "2026-01-16T07:00:00Z"]


@scenario
async def test_what_a_schedule_puts_on_a_bus_is_an_event_that_rules_match():
    q, orders = w.queue("Q"), w.bus()
    to_bus = w.target(orders, input='{"day": "<aws.scheduler.scheduled-time>"}', event_source="shop.clock", detail_type="DayBegan")
    async with w.engine(q, orders, w.rule("R", {"source": ["shop.clock"]}, q), schedule(to_bus)) as e:
        await e.hub.clock.advance(86_400)
        (event,) = (json.loads(message.body) for message in e.queue("Q"))
        assert (event["detail-type"], event["detail"]) == ("DayBegan", {"day": "2026-01-15T07:00:00Z"})
        assert (event["account"], event["region"], event["time"]) == (w.ACCOUNT, w.REGION, "2026-01-15T07:00:00Z")


def schedule(target):
    """One that fires every morning at eight in Berlin."""
    return model.Schedule(
        logical_id="S",
        arn=w.arn("scheduler", "schedule/default/S"),
        name="S",
        path="Shop/S",
        expression="cron(0 8 * * ? *)",
        timezone="Europe/Berlin",
        enabled=True,
        target=target,
    )


@scenario
async def test_a_string_that_a_rule_picks_arrives_as_json_with_its_quotes():
    q, f = w.queue("Q"), w.function("F")
    targets = [w.target(q, input_path="$.source"), w.target(f, input_path="$.source")]
    async with w.engine(w.bus(), q, f, w.rule("R", {"source": ["shop.orders"]}, *targets)) as e:
        w.put(e, w.event())
        await e.settle()
        (message,) = e.queue("Q")
        assert message.body == '"shop.orders"'
        assert e.invoker.calls == [("F", "shop.orders")]
