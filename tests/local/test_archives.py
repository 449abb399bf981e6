"""Archives keep what their bus got, and replay it, asked by the real boto3."""

import json
import time
from datetime import UTC, datetime

import boto3
import pytest

from cdk_event_flow.flow.sources import Archive

from . import world as w

BUS, KEPT, OTHER = w.bus(), w.queue("Kept"), w.queue("Other")
FIRST, SECOND = w.rule("First", {"source": ["shop.orders"]}, KEPT), w.rule("Second", {"source": ["shop.orders"]}, OTHER)
DAY = 86_400


def archive(name="Archive", pattern=None, days=0, of=BUS):
    return Archive(
        logical_id=name,
        arn=w.arn("events", f"archive/{name}"),
        name=name,
        path=f"Shop/{name}",
        type="AWS::Events::Archive",
        properties={"RetentionDays": days},
        bus_arn=of.arn,
        pattern=pattern,
    )


@pytest.fixture
def events_of():
    """EventBridge of a run with these archives, on a clock that stands still."""

    def make(*archives):
        return w.serving(BUS, KEPT, OTHER, FIRST, SECOND, *archives, start=time.time())

    return make


def client(run, service):
    return boto3.client(
        service, endpoint_url=run.endpoint_url, region_name=w.REGION, aws_access_key_id="local", aws_secret_access_key="local"
    )


def put(events, total, at):
    entry = {
        "Source": "shop.orders",
        "DetailType": "OrderSubmitted",
        "Detail": json.dumps({"total": total}),
        "EventBusName": "Orders",
    }
    assert events.put_events(Entries=[{**entry, "Time": datetime.fromtimestamp(at, UTC)}])["FailedEntryCount"] == 0


def replay(events, name="Again", rules=(), start=1_000, end=2_000):
    destination = {"Arn": BUS.arn, "FilterArns": [rule.arn for rule in rules]}
    events.start_replay(
        ReplayName=name, EventSourceArn=archive().arn, Destination=destination,
        EventStartTime=datetime.fromtimestamp(start, UTC), EventEndTime=datetime.fromtimestamp(end, UTC),
    )  # fmt: skip
    deadline = time.monotonic() + 5
    while (told := events.describe_replay(ReplayName=name))["State"] == "RUNNING":
        assert time.monotonic() < deadline
    return told


def bodies(run, queue):
    return [json.loads(message.body) for message in run.engine.queue(queue.name)]


def test_a_replay_puts_the_events_of_its_time_again_oldest_first_with_its_name(events_of):
    with events_of(archive()) as run:
        events = client(run, "events")
        for total, at in ((3, 1_500), (1, 1_000), (2, 1_200), (4, 2_000), (0, 999)):
            put(events, total, at)
        told = replay(events)
        again = [event for event in bodies(run, KEPT) if "replay-name" in event]
    assert [event["detail"]["total"] for event in again] == [1, 2, 3]
    assert {event["replay-name"] for event in again} == {"Again"}
    assert told["State"] == "COMPLETED"
    assert told["EventLastReplayedTime"].timestamp() == 1_500


def test_a_replay_for_one_rule_leaves_the_others_alone(events_of):
    with events_of(archive()) as run:
        events = client(run, "events")
        put(events, 1, 1_500)
        replay(events, rules=[SECOND])
        assert len(bodies(run, KEPT)) == 1
        assert len(bodies(run, OTHER)) == 2


def test_an_archive_keeps_what_its_pattern_wants_and_nothing_twice(events_of):
    with events_of(archive(pattern={"detail": {"total": [{"numeric": [">", 1]}]}})) as run:
        events = client(run, "events")
        for total in (1, 2, 3):
            put(events, total, 1_500)
        replay(events)
        assert events.describe_archive(ArchiveName="Archive")["EventCount"] == 2
        assert len(bodies(run, KEPT)) == 5


def test_an_archive_forgets_after_its_days():
    async def kept_after(run, days):
        await run.put_events([w.event()])
        await run.advance(days * DAY)
        return len(run.engine.replays.archives[0])

    async def run():
        async with w.local_run(BUS, KEPT, FIRST, archive(days=2)) as run:
            return [await kept_after(run, 1), await kept_after(run, 1), await kept_after(run, 2)]

    import asyncio

    assert asyncio.run(run()) == [1, 1, 0]


def test_replays_are_refused_as_eventbridge_refuses_them(events_of):
    with events_of(archive()) as run:
        events = client(run, "events")
        replay(events)
        with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
            replay(events)
        with pytest.raises(events.exceptions.ClientError, match="EventStartTime must be before it"):
            replay(events, name="Backwards", start=2_000, end=1_000)
        with pytest.raises(events.exceptions.ResourceNotFoundException):
            events.describe_replay(ReplayName="Nothing")
        with pytest.raises(events.exceptions.IllegalStatusException):
            events.cancel_replay(ReplayName="Again")
        assert [each["ReplayName"] for each in events.list_replays()["Replays"]] == ["Again"]


def test_an_archive_of_a_bus_that_is_not_here_is_named_at_the_start(events_of):
    with events_of(archive(of=w.bus("Elsewhere"))) as run:
        assert any("Shop/Archive: the archive keeps nothing" in note for note in run.notes)
