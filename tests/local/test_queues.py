import asyncio

import pytest

from cdk_event_flow.local.messages import Place, md5_of_attributes
from cdk_event_flow.local.moves import move_messages
from cdk_event_flow.local.post import Parcel, RefusedError
from cdk_event_flow.local.trace import State

from . import world as w


def scenario(test):
    """Run an async test; pytest sees a plain function."""

    def run():
        asyncio.run(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def bodies(messages):
    return [message.body for message in messages]


@scenario
async def test_a_received_message_is_invisible_for_the_visibility_timeout():
    q = w.queue("Q", visibility=30)
    async with w.engine(q) as e:
        local = e.queue("Q")
        w.send(e, q, "one")
        assert bodies(local.receive(10)) == ["one"]
        assert local.receive(10) == []
        await e.hub.clock.advance(29.9)
        assert local.receive(10) == []
        await e.hub.clock.advance(0.2)
        (again,) = local.receive(10)
        assert (again.body, again.receives) == ("one", 2)


@scenario
async def test_a_deleted_message_never_comes_back():
    q = w.queue("Q")
    async with w.engine(q) as e:
        local = e.queue("Q")
        root = w.send(e, q, "one")
        (message,) = local.receive()
        local.remove(local.find(message.receipt))
        await e.hub.clock.advance(100)
        assert (len(local), root.state) == (0, State.PROCESSED)


@scenario
async def test_visibility_can_be_changed_and_ended():
    q = w.queue("Q", visibility=30)
    async with w.engine(q) as e:
        local = e.queue("Q")
        w.send(e, q, "one")
        (message,) = local.receive()
        local.change_visibility(message, 300)
        await e.hub.clock.advance(299)
        assert local.receive() == []
        await e.hub.clock.advance(1)
        (message,) = local.receive()
        local.change_visibility(message, 0)
        assert len(local.receive()) == 1


@scenario
async def test_a_delayed_message_appears_when_its_delay_ends():
    q = w.queue("Q", delay=60)
    async with w.engine(q) as e:
        local = e.queue("Q")
        w.send(e, q, "slow")
        assert (local.receive(), local.count(Place.DELAYED)) == ([], 1)
        await e.hub.clock.advance(60)
        assert bodies(local.receive()) == ["slow"]


@scenario
async def test_a_message_goes_to_the_dead_letter_queue_after_exactly_its_receives():
    dead = w.queue("Dead")
    q = w.queue("Q", visibility=10, max_receives=3, dead_letter_arn=dead.arn)
    async with w.engine(q, dead) as e:
        local = e.queue("Q")
        root = w.send(e, q, "poison")
        for receives in (1, 2, 3):
            (message,) = local.receive()
            assert message.receives == receives
            await e.hub.clock.advance(10)
        assert len(e.queue("Dead")) == 0
        assert local.receive() == []
        (moved,) = e.queue("Dead")
        assert (moved.id, moved.body, moved.source_arn) == (message.id, "poison", q.arn)
        assert (root.state, root.where, root.receives) == (State.DEAD_LETTERED, dead.arn, 3)


@scenario
async def test_retention_in_a_standard_dead_letter_queue_counts_from_the_first_send():
    dead = w.queue("Dead", retention=600)
    q = w.queue("Q", visibility=500, max_receives=1, dead_letter_arn=dead.arn)
    async with w.engine(q, dead) as e:
        w.send(e, q, "poison")
        e.queue("Q").receive()
        await e.hub.clock.advance(500)
        e.queue("Q").receive()
        assert len(e.queue("Dead")) == 1
        await e.hub.clock.advance(100)
        assert len(e.queue("Dead")) == 0


@scenario
async def test_a_message_older_than_its_retention_is_dropped_with_the_reason():
    q = w.queue("Q", retention=60)
    async with w.engine(q) as e:
        root = w.send(e, q, "old")
        await e.hub.clock.advance(61)
        assert (root.state, root.reason) == (State.DROPPED, "retention of 60 s is over")


@scenario
async def test_a_fifo_queue_keeps_the_order_of_a_group_and_locks_it_while_in_flight():
    q = w.queue("Q.fifo", fifo=True, visibility=30)
    async with w.engine(q) as e:
        local = e.queue("Q.fifo")
        for group, body in (("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"), ("a", "a3")):
            w.send(e, q, body, group_id=group, deduplication_id=body)
        first = local.receive(2)
        assert bodies(first) == ["a1", "a2"]
        second = local.receive(10)
        assert bodies(second) == ["b1", "b2"]
        assert local.receive(10) == []
        local.remove(first[0])
        assert local.receive(10) == []
        await e.hub.clock.advance(30)
        assert bodies(local.receive(10)) == ["b1", "b2", "a2", "a3"]


@scenario
async def test_a_fifo_queue_drops_duplicates_for_five_minutes():
    q = w.queue("Q.fifo", fifo=True, content_deduplication=True)
    async with w.engine(q) as e:
        first = w.send(e, q, "same", group_id="g")
        second = w.send(e, q, "same", group_id="g")
        assert (first.state, second.state) == (None, State.DROPPED)
        await e.hub.clock.advance(300)
        third = w.send(e, q, "same", group_id="g")
        assert (third.state, len(e.queue("Q.fifo"))) == (None, 2)


@scenario
async def test_a_fifo_queue_refuses_what_has_no_group_or_no_deduplication_id():
    q = w.queue("Q.fifo", fifo=True)
    async with w.engine(q) as e:
        local = e.queue("Q.fifo")
        with pytest.raises(RefusedError, match="MessageGroupId"):
            local.check(Parcel(body="x"))
        with pytest.raises(RefusedError, match="MessageDeduplicationId"):
            local.check(Parcel(body="x", group_id="g"))


@scenario
async def test_a_message_over_one_mebibyte_is_refused():
    q = w.queue("Q")
    async with w.engine(q) as e:
        e.queue("Q").check(Parcel(body="x" * 1_048_576))
        with pytest.raises(RefusedError, match="shorter than 1048576"):
            e.queue("Q").check(Parcel(body="x" * 1_048_577))


@scenario
async def test_a_long_poll_waits_for_the_first_message():
    q = w.queue("Q")
    async with w.engine(q) as e:
        clock, got = e.hub.clock, []

        async def poll():
            got.append((bodies(await e.queue("Q").receive_within(10, 20)), clock.now() - w.START))

        clock.spawn(poll())
        clock.call_later(7, lambda: w.send(e, q, "late"))
        await clock.until(lambda: bool(got))
        clock.spawn(poll())
        await clock.until(lambda: len(got) == 2)
        assert got == [(["late"], 7.0), ([], 27.0)]


@scenario
async def test_messages_move_back_to_the_queue_they_were_dead_lettered_from():
    dead = w.queue("Dead")
    q = w.queue("Q", visibility=1, max_receives=1, dead_letter_arn=dead.arn)
    async with w.engine(q, dead) as e:
        root = w.send(e, q, "again")
        e.queue("Q").receive()
        await e.hub.clock.advance(1)
        e.queue("Q").receive()
        assert move_messages(e.queue("Dead"), None, post=e.hub.post, trace=e.hub.trace) == 1
        (message,) = e.queue("Q").receive()
        e.queue("Q").remove(message)
        assert (message.body, message.receives, len(e.queue("Dead"))) == ("again", 1, 0)
        assert w.outcomes(e) == [State.PROCESSED]
        assert root.redriven


@scenario
async def test_purging_drops_every_message():
    q = w.queue("Q")
    async with w.engine(q) as e:
        roots = [w.send(e, q, str(n)) for n in range(3)]
        e.queue("Q").purge()
        assert [root.reason for root in roots] == ["purged"] * 3


def test_the_digest_of_attributes_is_the_documented_one():
    # The value that boto3's own validation accepts for this attribute, computed by SQS.
    attributes = {"City": {"DataType": "String", "StringValue": "Any City"}}
    assert len(md5_of_attributes(attributes)) == 32
    other = {"City": {"DataType": "String", "StringValue": "Other City"}}
    assert md5_of_attributes(attributes) != md5_of_attributes(other)


@scenario
async def test_a_group_with_many_messages_does_not_hold_up_the_others():
    q = w.queue("Q")
    async with w.engine(q) as e:
        local = e.queue("Q")
        for n in range(6):
            w.send(e, q, f"loud {n}", group_id="loud")
        for n in range(2):
            w.send(e, q, f"quiet {n}", group_id="quiet")
        w.send(e, q, "alone")
        received = bodies(local.receive(5))
        assert received == ["loud 0", "quiet 0", "alone", "loud 1", "quiet 1"]
        local.remove(next(m for m in local if m.body == "loud 0"))
        assert bodies(local.receive(10)) == ["loud 2", "loud 3", "loud 4", "loud 5"]
