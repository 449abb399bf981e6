"""The fleet of workers: who reaches it, what its handler does, and a small load of it here."""

import json

import pytest

from tests.examples.checked import checked
from tests.examples.fleet_under_load import fleet_under_load
from tests.examples.readme import differences
from tests.examples.run_worker_fleet import picture

EXAMPLE = "worker_fleet"


def test_uploads_reach_the_workers_and_nothing_else_does(sample):
    flow = checked(EXAMPLE).flow
    upload = sample(EXAMPLE, "render", "upload")
    assert flow.send("Uploads", upload).reaches("Render")
    other = flow.send("Uploads", {**upload, "detail-type": "VideoDeleted"})
    assert other.why_not("Render") == 'detail-type is "VideoDeleted", the rule ToVideos wants "VideoUploaded"'
    empty = {**upload, "detail": {**upload["detail"], "seconds": 0}}
    assert not flow.send("Uploads", empty).reaches("Render")


def test_what_is_no_video_is_given_back(load, context):
    module = load(EXAMPLE, "render", ENCODING="0")
    bodies = [{"detail": {"video_id": "a", "seconds": 2}}, {"detail": {"video_id": "b"}}, {"detail": {"video_id": "c", "seconds": 0}}]
    records = [{"messageId": str(number), "body": json.dumps(body)} for number, body in enumerate(bodies)]
    records.append({"messageId": "3", "body": "{"})
    answer = module.handler({"Records": records}, context)
    assert [failed["itemIdentifier"] for failed in answer["batchItemFailures"]] == ["1", "2", "3"]


@pytest.fixture(scope="module")
def left():
    return fleet_under_load(90, minutes=1, kill_every=30, seed=3)


def test_from_nothing_to_as_many_as_are_needed_and_back_while_workers_are_killed(left):
    left.check()
    assert left.killed > 0
    assert max(each.running for each in left.minutes) >= 2


def test_it_can_be_drawn(left):
    drawn = picture(left)
    assert drawn.count('class="kill"') == len(left.kills)
    assert "90 uploads" in drawn


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
