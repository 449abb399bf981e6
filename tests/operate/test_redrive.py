"""Dead letters of a local run go back, each once, over the real boto3."""

import json
import time

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.match import EventPattern
from cdk_event_flow.operate.edit import Assignment
from cdk_event_flow.operate.journal import known_in
from cdk_event_flow.operate.moves import move, whole_queue
from cdk_event_flow.operate.purge import purge, to_purge
from cdk_event_flow.operate.redrive import Plan, dry_run, journal_file, redrive
from cdk_event_flow.operate.select import Selection


def plan(*sets, now=0.0, to=None, rate=None, limit=None, in_doubt="keep", **selection):
    return Plan(
        selection=Selection(now=now or time.time(), **selection),
        edits=tuple(map(Assignment.parse, sets)),
        to=to,
        rate=rate,
        limit=limit,
        in_doubt=in_doubt,
    )


def numbers(shop, name):
    return sorted(body["n"] for body in shop.bodies(name))


def letters(count, start=0):
    return [{"n": n, "kind": "even" if n % 2 == 0 else "odd"} for n in range(start, start + count)]


def test_a_dry_run_says_what_would_go_where_and_changes_nothing(shop):
    shop.dead("Orders", *letters(25))
    account = dry_run(shop.stack, shop.queue("OrdersDead"), plan("kind=odd", pattern=EventPattern({"n": [{"numeric": ["<", 10]}]})))
    assert dict(account.moved) == {shop.node("Orders").arn: 10}
    assert (account.kept, account.unseen) == (15, 0)
    assert json.loads(account.first.body)["kind"] == "odd"
    assert len(shop.messages("OrdersDead")) == 25
    assert {message.place.name for message in shop.messages("OrdersDead")} == {"VISIBLE"}
    assert not shop.messages("Orders")


def test_the_selected_go_back_to_their_source_edited_and_the_others_stay(shop):
    shop.dead("Orders", *letters(25))
    chosen = plan("kind=mended", "by.whom=me", pattern=EventPattern({"kind": ["odd"]}))
    account = redrive(shop.stack, shop.queue("Orders"), chosen)
    assert (account.moved.total(), account.kept, account.complete) == (12, 13, True)
    assert numbers(shop, "Orders") == list(range(1, 25, 2))
    assert shop.bodies("Orders")[0] == {"n": 1, "kind": "mended", "by": {"whom": "me"}}
    assert numbers(shop, "OrdersDead") == list(range(0, 25, 2))
    assert {message.place.name for message in shop.messages("OrdersDead")} == {"VISIBLE"}


def test_attributes_and_the_trace_go_with_a_message(shop):
    header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    shop.dead(
        "Orders",
        {"n": 1},
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "new"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": header}},
    )
    redrive(shop.stack, shop.queue("Orders"), plan(limit=5))
    (message,) = shop.messages("Orders")
    assert message.attributes["kind"]["StringValue"] == "new"
    assert message.attributes["raw"]["BinaryValue"] == b"\x00\xff"
    assert message.trace_header == header


def test_a_body_that_is_not_edited_goes_back_byte_for_byte(shop):
    text = '{ "n":1.10,  "text":"ä\\u00e4" }'
    shop.dead("Orders", text)
    redrive(shop.stack, shop.queue("Orders"), plan(limit=5))
    assert [message.body for message in shop.messages("Orders")] == [text]


def test_letters_go_elsewhere_when_that_is_said(shop):
    shop.dead("Orders", *letters(3))
    account = redrive(shop.stack, shop.queue("Orders"), plan(to=shop.node("Parked").arn, limit=2))
    assert dict(account.moved) == {shop.node("Parked").arn: 2}
    assert account.kept == 1
    assert len(shop.messages("OrdersDead")) == 1


def test_what_cannot_be_edited_stays_with_the_reason(shop):
    shop.dead("Orders", {"n": 1, "total": 5}, "no json", {"n": 2})
    account = redrive(shop.stack, shop.queue("Orders"), plan("total.amount=1"))
    assert account.failed == {"total is 5 and has no key amount": 1, "the body is no JSON": 1}
    assert not account.complete
    assert shop.bodies("Orders") == [{"n": 2, "total": {"amount": 1}}]
    assert len(shop.messages("OrdersDead")) == 2


def test_what_the_service_refuses_stays_with_its_reason(shop):
    shop.dead("Orders", {"n": 1}, {"n": 2})
    account = redrive(shop.stack, shop.queue("Orders"), plan(to=shop.node("Bus").arn))
    assert account.failed == {"a bus takes an event with source and detail-type": 2}
    assert numbers(shop, "OrdersDead") == [1, 2]


def test_a_place_that_does_not_exist_ends_it_and_nothing_is_lost(shop):
    shop.dead("Orders", *letters(3))
    with pytest.raises(Exception, match="NonExistentQueue"):
        redrive(shop.stack, shop.queue("Orders"), plan(to="arn:aws:sqs:us-east-1:123456789012:nowhere"))
    assert numbers(shop, "OrdersDead") == [0, 1, 2]
    assert known_in(journal_file(shop.stack, shop.queue("Orders"))).settled
    assert redrive(shop.stack, shop.queue("Orders"), plan(limit=5)).moved.total() == 3


def test_fifo_messages_keep_group_and_deduplication_id_and_order(shop):
    url = shop.node("Ordered").url
    for n in range(12):
        shop.client("sqs").send_message(
            QueueUrl=url, MessageBody=json.dumps({"n": n}), MessageGroupId=f"g{n % 3}", MessageDeduplicationId=f"d{n}"
        )
    for _ in range(3):
        shop.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        shop.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    assert len(shop.messages("OrderedDead")) == 12
    shop.pass_time(301)
    account = redrive(shop.stack, shop.queue("Ordered"), plan("seen=true"))
    assert (account.moved.total(), account.complete) == (12, True)
    back = shop.messages("Ordered")
    assert {(m.group_id, m.deduplication_id) for m in back} == {(f"g{n % 3}", f"d{n}") for n in range(12)}
    for group in ("g0", "g1", "g2"):
        assert [json.loads(m.body)["n"] for m in back if m.group_id == group] == [n for n in range(12) if f"g{n % 3}" == group]


def test_a_fifo_message_that_would_be_swallowed_as_its_own_duplicate_stays(shop):
    url = shop.node("Ordered").url
    shop.client("sqs").send_message(QueueUrl=url, MessageBody='{"n": 1}', MessageGroupId="g", MessageDeduplicationId="d")
    for _ in range(3):
        shop.client("sqs").receive_message(QueueUrl=url, VisibilityTimeout=0)
    account = redrive(shop.stack, shop.queue("Ordered"), plan(limit=5))
    ((reason, count),) = account.failed.items()
    assert count == 1
    assert "five minutes" in reason
    assert numbers(shop, "OrderedDead") == [1]
    assert not shop.messages("Ordered")
    shop.pass_time(301)
    assert redrive(shop.stack, shop.queue("Ordered"), plan(limit=5)).moved.total() == 1
    assert numbers(shop, "Ordered") == [1]


def test_the_rate_is_kept(shop):
    shop.dead("Orders", *letters(6))
    began = time.monotonic()
    assert redrive(shop.stack, shop.queue("Orders"), plan(rate=4, to=shop.node("Parked").arn)).moved.total() == 6
    assert 0.9 < time.monotonic() - began < 5


def test_a_run_that_is_stopped_is_gone_on_with(shop):
    shop.dead("Orders", *letters(40))
    asked = iter([False, False, True, True])
    account = redrive(shop.stack, shop.queue("Orders"), plan("x=1"), stopped=lambda: next(asked))
    assert (account.moved.total(), account.cut, account.complete) == (20, True, False)
    assert {message.place.name for message in shop.messages("OrdersDead")} == {"VISIBLE"}
    account = redrive(shop.stack, shop.queue("Orders"), plan("x=1"))
    assert (account.moved.total(), account.before, account.complete) == (20, 20, True)
    assert numbers(shop, "Orders") == list(range(40))
    assert redrive(shop.stack, shop.queue("Orders"), plan("x=1")).before == 0


def test_two_at_once_are_refused(shop):
    shop.dead("Orders", *letters(20))
    said = []

    def again(_):
        if not said:
            with pytest.raises(RunError) as caught:
                redrive(shop.stack, shop.queue("Orders"), plan(limit=1))
            said.append(caught.value.code)

    redrive(shop.stack, shop.queue("Orders"), plan(limit=20), on_progress=again)
    assert said == ["EF-REDRIVE-RUNNING"]


def in_doubt(shop, *ids, sent=()):
    """As a process leaves its journal when it is killed while it sends."""
    file = journal_file(shop.stack, shop.queue("Orders"))
    file.parent.mkdir(parents=True)
    lines = [{"what": "begin", "hold": 0}, {"what": "sending", "ids": [*ids, *sent]}]
    lines += [{"what": "sent", "ids": list(sent)}] if sent else []
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"what": "sent", "ids": ["cut of')


@pytest.mark.parametrize(
    ("choice", "moved", "before", "doubtful", "left"),
    [("keep", 2, 1, 1, 1), ("send", 3, 1, 0, 0), ("delete", 2, 2, 0, 0)],
)
def test_what_a_killed_run_sent_is_not_sent_again_and_what_it_sent_perhaps_is_for_the_user(
    shop, choice, moved, before, doubtful, left
):
    shop.dead("Orders", *letters(4))
    first, second, *_ = (message.id for message in shop.messages("OrdersDead"))
    in_doubt(shop, first, sent=[second])
    assert dry_run(shop.stack, shop.queue("Orders"), plan()).doubtful == 1
    account = redrive(shop.stack, shop.queue("Orders"), plan(in_doubt=choice))
    assert (account.moved.total(), account.before, account.doubtful) == (moved, before, doubtful)
    assert account.complete is (doubtful == 0)
    assert len(shop.messages("OrdersDead")) == left
    assert len(shop.messages("Orders")) == moved
    again = redrive(shop.stack, shop.queue("Orders"), plan())
    assert (again.moved.total(), again.doubtful) == (0, doubtful)


def test_a_whole_queue_is_moved_by_sqs_itself(shop):
    shop.dead("Orders", *letters(30))
    assert whole_queue(shop.stack, shop.queue("Orders"), plan())
    told = move(shop.stack, shop.queue("Orders"), plan())
    assert (told.status, told.moved) == ("COMPLETED", 30)
    assert numbers(shop, "Orders") == list(range(30))
    assert not shop.messages("OrdersDead")


def test_a_whole_queue_is_moved_elsewhere_by_sqs_itself(shop):
    shop.dead("Orders", *letters(3))
    move(shop.stack, shop.queue("Orders"), plan(to=shop.node("Parked").arn))
    assert numbers(shop, "Parked") == [0, 1, 2]


@pytest.mark.parametrize(
    "chosen", [plan("x=1"), plan(limit=3), plan(error="x"), plan(older=1.0), plan(rate=0.5), plan(to="arn:aws:sns:us-east-1:1:t")]
)
def test_what_changes_or_selects_is_not_left_to_sqs(shop, chosen):
    assert not whole_queue(shop.stack, shop.queue("Orders"), chosen)


def test_dead_letters_of_rules_are_not_left_to_sqs(shop):
    assert not whole_queue(shop.stack, shop.queue("RuleDead"), plan())


def test_what_a_killed_run_left_in_doubt_is_not_left_to_sqs(shop):
    in_doubt(shop, "some")
    assert not whole_queue(shop.stack, shop.queue("Orders"), plan())


def test_sqs_that_gives_up_says_why(shop):
    shop.lay("OrdersDead", {"n": 1})
    with pytest.raises(Exception, match="no source queue"):
        move(shop.stack, shop.queue("Orders"), plan())


def test_a_purge_deletes_what_is_selected_and_nothing_else(shop):
    shop.dead("Orders", *letters(25))
    odd = Selection(pattern=EventPattern({"kind": ["odd"]}))
    assert to_purge(shop.stack, shop.queue("Orders"), odd) == 12
    assert len(shop.messages("OrdersDead")) == 25
    assert purge(shop.stack, shop.queue("Orders"), odd) == 12
    assert numbers(shop, "OrdersDead") == list(range(0, 25, 2))
    assert {message.place.name for message in shop.messages("OrdersDead")} == {"VISIBLE"}
    assert purge(shop.stack, shop.queue("Orders"), Selection()) == 13
    assert not shop.messages("OrdersDead")
