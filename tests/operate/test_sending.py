"""Copies over a bad network: taken, refused, or in doubt, and never twice."""

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.operate.aws import ATTEMPTS, Aws
from cdk_event_flow.operate.back import Copy
from cdk_event_flow.operate.letters import DeadLetter
from cdk_event_flow.operate.redrive import Plan, redrive
from cdk_event_flow.operate.select import Selection
from cdk_event_flow.operate.sending import Sender, chunks
from cdk_event_flow.operate.stack import Stack

from .faults import faults
from .world import REGION


def copy_of(shop, name, number, body="{}", **more):
    letter = DeadLetter(id=f"letter-{number}", body=body, receipt="r", sent_at=0.0)
    return Copy(letter=letter, arn=shop.node(name).arn, body=body, fifo=shop.node(name).fifo, **more)


@pytest.fixture
def bad(shop):
    """The shop behind a proxy, and what goes wrong there."""
    with faults(shop.run.endpoint_url) as trouble:
        shop.stack = Stack(name="bad", flow=shop.stack.flow, aws=Aws.of_run(trouble.url, region=REGION), run=shop.stack.run)
        shop.trouble = trouble
        yield shop


def sent(shop, *copies):
    waits = []
    sender = Sender(shop.stack.aws, lambda arn: shop.stack.flow.nodes[arn].url, waits.append)
    outcomes = [outcome for chunk in chunks(copies) for some in sender.send(chunk) for outcome in some]
    return outcomes, waits


def test_what_is_throttled_is_sent_again_with_growing_waits_and_once(bad):
    bad.trouble.throttled = 0.6
    outcomes, waits = sent(bad, *(copy_of(bad, "Orders", n, f'{{"n": {n}}}') for n in range(10)))
    assert [outcome.taken for outcome in outcomes] == [True] * 10
    assert waits == sorted(waits)
    assert sorted(body["n"] for body in bad.bodies("Orders")) == list(range(10))


def test_what_is_throttled_for_good_was_not_sent(bad):
    bad.trouble.throttled = 1.0
    with pytest.raises(RunError, match="EF-AWS-THROTTLED"):
        sent(bad, copy_of(bad, "Orders", 1))
    assert bad.trouble.count["throttled"] == ATTEMPTS
    assert not bad.messages("Orders")


def test_an_unreachable_service_took_nothing(bad):
    bad.stack = Stack(name="away", flow=bad.stack.flow, aws=Aws.of_run("http://127.0.0.1:9", region=REGION))
    with pytest.raises(RunError, match="not reached"):
        sent(bad, copy_of(bad, "Orders", 1))


@pytest.mark.parametrize("when", ["asked", "answered"])
def test_without_an_answer_a_standard_queue_leaves_a_doubt(bad, when):
    bad.trouble.hold("SendMessageBatch", after=1, when=when)
    outcomes, _ = sent(bad, copy_of(bad, "Orders", 1))
    assert [outcome.doubtful for outcome in outcomes] == [True]
    assert len(bad.messages("Orders")) == (when == "answered")


@pytest.mark.parametrize("when", ["asked", "answered"])
def test_without_an_answer_a_fifo_queue_is_asked_again_for_it_takes_an_id_once(bad, when):
    bad.trouble.hold("SendMessageBatch", after=1, when=when)
    outcomes, _ = sent(bad, copy_of(bad, "Ordered", 1, group="g", deduplication="d"))
    assert [outcome.taken for outcome in outcomes] == [True]
    assert len(bad.messages("Ordered")) == 1


def test_a_fifo_queue_that_gives_no_answer_and_then_no_time_leaves_a_doubt(bad):
    bad.trouble.hold("SendMessageBatch", after=1, when="answered")
    sender = Sender(bad.stack.aws, lambda arn: bad.stack.flow.nodes[arn].url, lambda _: setattr(bad.trouble, "throttled", 1.0))
    outcomes = []
    sending = sender.send([copy_of(bad, "Ordered", 1, group="g", deduplication="d")])
    with pytest.raises(RunError, match="EF-AWS-THROTTLED"):
        outcomes.extend(outcome for some in sending for outcome in some)
    assert [outcome.doubtful for outcome in outcomes] == [True]


def test_one_message_that_is_refused_does_not_keep_the_others(bad):
    copies = [copy_of(bad, "Orders", n, body) for n, body in enumerate(["{}", "x" * 1_048_577, "{}"])]
    outcomes, _ = sent(bad, *copies)
    assert sorted(outcome.taken for outcome in outcomes) == [False, True, True]
    (refused,) = [outcome for outcome in outcomes if outcome.refusal]
    assert refused.copy.letter.id == "letter-1"
    assert "BatchRequestTooLong" in refused.refusal


def test_events_functions_and_topics_take_copies_too(bad):
    event = '{"source": "shop.orders", "detail-type": "OrderSubmitted", "detail": {"total": 5}}'
    outcomes, _ = sent(bad, copy_of(bad, "Orders", 0))
    for number, name in enumerate(("Bus", "Topic", "Billing")):
        letter = DeadLetter(id=str(number), body=event, receipt="r", sent_at=0.0)
        outcomes += sent(bad, Copy(letter=letter, arn=bad.node(name).arn, body=event))[0]
    assert all(outcome.taken and outcome.given for outcome in outcomes)
    assert len(bad.messages("Parked")) == 2
    bad.settled(lambda: bad.run.made[0].calls)


def test_a_chunk_is_as_large_as_the_service_takes_and_holds_one_message_of_a_fifo_group(shop):
    plain = [copy_of(shop, "Orders", n) for n in range(25)]
    assert [len(chunk) for chunk in chunks(plain)] == [10, 10, 5]
    assert [len(chunk) for chunk in chunks(plain, most=4)] == [4] * 6 + [1]
    large = [copy_of(shop, "Orders", n, "x" * 500_000) for n in range(5)]
    assert [len(chunk) for chunk in chunks(large)] == [2, 2, 1]
    groups = [copy_of(shop, "Ordered", n, group=group) for n, group in enumerate("aabbca")]
    assert ["".join(each.group for each in chunk) for chunk in chunks(groups)] == ["a", "ab", "bca"]
    calls = [copy_of(shop, "Orders", n) for n in range(2)]
    assert [len(chunk) for chunk in chunks([Copy(letter=c.letter, arn=shop.node("Billing").arn, body="{}") for c in calls])] == [1, 1]


def test_a_redrive_without_answers_stops_after_three_and_leaves_no_message_without_a_place(bad):
    bad.dead("Orders", *({"n": n} for n in range(100)))
    answer = bad.trouble.answer

    def never(method, path, headers, body):
        told = answer(method, path, headers, body)
        return None if headers.get("X-Amz-Target", "").endswith("SendMessageBatch") else told

    bad.trouble.answer = never
    with pytest.raises(RunError, match="EF-REDRIVE-DOUBT"):
        redrive(bad.stack, bad.queue("Orders"), Plan(selection=Selection(), limit=100))
    assert len(bad.messages("Orders")) == 30
    assert {message.place.name for message in bad.messages("OrdersDead")} == {"VISIBLE"}
    bad.trouble.answer = answer
    account = redrive(bad.stack, bad.queue("Orders"), Plan(selection=Selection()))
    assert (account.moved.total(), account.doubtful) == (70, 30)
    assert sorted(body["n"] for body in bad.bodies("Orders")) == list(range(100))


def test_of_a_fifo_group_nothing_overtakes_what_stays(bad):
    url = bad.node("Ordered").url
    for n in range(6):
        body = "x" * 1_000_000 if n == 2 else f'{{"n": {n}}}'
        bad.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId=f"g{n % 2}", MessageDeduplicationId=f"d{n}")
    for _ in range(3):
        bad.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    bad.pass_time(301)
    # A message that grows over SQS's limit when it is sent to a topic, which takes a quarter of it.
    account = redrive(bad.stack, bad.queue("Ordered"), Plan(selection=Selection(), to=bad.node("FifoTopic").arn))
    assert account.moved.total() == 4
    assert account.failed.total() == 2
    assert account.failed["a message before it in its group stays"] == 1
