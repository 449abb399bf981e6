"""Why a message is a dead letter, and how it goes back: as the engine's own services lay it down."""

import json

import pytest

from cdk_event_flow.flow.dead_letters import DeadLetters
from cdk_event_flow.flow.model import Function, Rule, Subscription, Topic
from cdk_event_flow.operate.back import NoWayError, WayBack
from cdk_event_flow.operate.letters import DeadLetter, opened
from cdk_event_flow.operate.look import look
from cdk_event_flow.operate.redrive import Plan, redrive
from cdk_event_flow.operate.select import Selection

from .world import shop as running

EVENT = {"Source": "shop.orders", "DetailType": "OrderSubmitted", "Detail": '{"total": 5}', "EventBusName": "shop"}


def the_letter(shop, name):
    (letter,) = look(shop.stack, shop.queue(name), Selection(), limit=5).letters
    return letter


def back(shop, name):
    account = redrive(shop.stack, shop.queue(name), Plan(selection=Selection()))
    assert (account.moved.total(), account.complete) == (1, True), account.failed
    assert not shop.messages(name)


def test_looking_does_not_consume(shop):
    shop.dead("Orders", *({"n": n} for n in range(30)))
    looked = look(shop.stack, shop.queue("Orders"), Selection(), limit=12)
    assert (len(looked.letters), looked.all) == (12, 30)
    assert {message.place.name for message in shop.messages("OrdersDead")} == {"VISIBLE"}
    assert len(shop.messages("OrdersDead")) == 30


def test_a_message_that_was_received_too_often_names_its_queue(shop):
    shop.dead("Orders", {"n": 1})
    letter = the_letter(shop, "Orders")
    assert str(letter.reason(shop.stack.called)) == "received too often: moved from Orders, never deleted there"
    assert letter.source_arn == shop.node("Orders").arn


def test_an_event_that_a_target_refused_goes_to_that_target_as_its_rule_makes_it(shop):
    shop.fail("Parked", code="NO_PERMISSIONS", message="not allowed to send")
    shop.client("events").put_events(Entries=[EVENT])
    letter = the_letter(shop, "RuleDead")
    assert str(letter.reason()) == "NO_PERMISSIONS: not allowed to send"
    assert json.loads(letter.body)["detail"] == {"total": 5}
    shop.fail()
    back(shop, "RuleDead")
    (message,) = shop.messages("Parked")
    assert json.loads(message.body) == {"total": 5}
    assert not message.attributes
    assert len(shop.messages("Orders")) == 1  # the rule's other target had it already, and gets it once


def test_a_notification_goes_to_its_subscriber_again(shop):
    shop.fail("Parked")
    shop.client("sns").publish(TopicArn=shop.node("Topic").arn, Message="news")
    shop.fail()
    back(shop, "TopicDead")
    (message,) = shop.messages("Parked")
    assert json.loads(message.body)["Message"] == "news"


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """The shop with functions that fail at first, and write the ids of their requests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    mended = []

    def handler(event):
        if not mended:
            raise ValueError("total is negative")

    handlers = {f"shop-{name}": handler for name in ("Billing", "Packing", "Shipping")}
    with running(tmp_path, handlers=handlers) as shop:
        shop.run.made[0].log = lambda name, request_id: (f"START RequestId: {request_id}",)
        shop.mended = mended
        yield shop


def invoked(shop, name):
    return [given for called, given in shop.run.made[0].calls if called == f"shop-{name}"]


def test_a_failed_invoke_goes_to_its_function_found_by_its_request_in_the_logs(failing):
    failing.client("lambda").invoke(FunctionName="shop-Packing", InvocationType="Event", Payload=b'{"total": -1}')
    failing.pass_time(200)
    assert str(the_letter(failing, "InvokeDead").reason()) == "200: total is negative"
    failing.mended.append(True)
    back(failing, "InvokeDead")
    failing.settled(lambda: len(invoked(failing, "Packing")) == 4)
    assert invoked(failing, "Packing")[-1] == {"total": -1}
    assert not invoked(failing, "Billing")


def test_a_failed_invoke_that_no_log_knows_stays(failing):
    failing.run.made[0].log = lambda name, request_id: ()
    failing.client("lambda").invoke(FunctionName="shop-Packing", InvocationType="Event", Payload=b"{}")
    failing.pass_time(200)
    account = redrive(failing.stack, failing.queue("InvokeDead"), Plan(selection=Selection()))
    assert account.failed == {"neither the message nor the logs say which function it is of (Billing, Packing); give --to": 1}
    assert len(failing.messages("InvokeDead")) == 1


def test_a_record_of_a_failure_destination_goes_back_as_what_the_function_was_given(failing):
    failing.client("lambda").invoke(FunctionName="shop-Shipping", InvocationType="Event", Payload=b'{"to": "eu"}')
    failing.pass_time(200)
    assert str(the_letter(failing, "RecordDead").reason()) == "RetriesExhausted: ValueError: total is negative"
    failing.mended.append(True)
    back(failing, "RecordDead")
    failing.settled(lambda: len(invoked(failing, "Shipping")) == 4)
    assert invoked(failing, "Shipping")[-1] == {"to": "eu"}


def letter(body="{}", system=None, **attributes):
    texts = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    return DeadLetter(id="id", body=body, receipt="r", sent_at=0.0, attributes=texts, system=system or {})


def way_back(shop, name):
    return WayBack(shop.stack.flow, shop.queue(name).serves)


@pytest.mark.parametrize(
    ("queue", "given", "said"),
    [
        ("OrdersDead", letter(), None),
        ("RuleDead", letter(), "does not say where it comes from"),
        ("RuleDead", letter(RULE_ARN="arn:gone", TARGET_ARN="arn:aws:sqs:us-east-1:1:q"), "arn:gone is not in this stack"),
        ("TopicDead", letter('{"Type": "Notification", "TopicArn": "other"}'), None),
        ("RecordDead", letter('{"requestContext": {}, "requestPayload": 1}'), "the record says no more which function"),
    ],
)
def test_what_does_not_say_where_it_comes_from_is_not_guessed(shop, queue, given, said):
    if said is None:
        assert way_back(shop, queue).copy(given, given.body).arn
    else:
        with pytest.raises(NoWayError, match=said):
            way_back(shop, queue).copy(given, given.body)


def test_a_target_that_nothing_can_be_sent_to_is_said(shop):
    rule = shop.node("Rule")
    assert isinstance(rule, Rule)
    with pytest.raises(NoWayError, match="give --to"):
        way_back(shop, "RuleDead").copy(letter(), "{}", to="arn:aws:states:us-east-1:1:stateMachine:m")


def test_subscriptions_that_share_a_queue_are_told_apart_by_topic(shop):
    flow = shop.stack.flow
    topic, other = flow.of(Topic)[0], "arn:aws:sns:us-east-1:1:other"
    function = next(iter(flow.of(Function)))
    second = Subscription(
        logical_id="S", arn="s", name="S", path="S", topic_arn=other, protocol="lambda", endpoint=function.arn,
        dead_letter_arn=shop.node("TopicDead").arn,
    )  # fmt: skip
    flow.nodes["s"] = second
    serves = tuple(DeadLetters(each.arn, shop.node("TopicDead").arn, "", "subscription") for each in flow.of(Subscription))
    way = WayBack(flow, serves)
    ours = json.dumps({"Type": "Notification", "TopicArn": topic.arn, "Message": "m"})
    theirs = json.dumps({"Type": "Notification", "TopicArn": other, "Message": "m"})
    assert way.copy(letter(ours), ours).arn == shop.node("Parked").arn
    copy = way.copy(letter(theirs), theirs)
    assert copy.arn == function.arn
    assert json.loads(copy.body)["Records"][0]["Sns"]["Message"] == "m"
    with pytest.raises(NoWayError, match="which of 2 subscriptions"):
        way.copy(letter("text"), "text")


def test_json_written_as_text_is_opened():
    assert opened('{"Message": "{\\"a\\": [1]}", "text": "[no", "n": "1"}') == {"Message": {"a": [1]}, "text": "[no", "n": "1"}
    assert opened("no json") == "no json"
