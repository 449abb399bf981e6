"""Video renditions: every resolution hears of every upload, and each makes its own; one that fails fails alone."""

import asyncio
import json

import boto3
import pytest

from cdk_event_flow.flow.model import Queue, Topic
from cdk_event_flow.flow.payloads.s3 import Change, notification
from tests.examples.checked import checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "video_renditions"
RESOLUTIONS = (240, 480, 720)
KEY = "holiday in the hills.y4m"


def video(width, height, frames=1):
    """Frames whose light is the number of its line, without colour."""
    light = b"".join(bytes([y % 256]) * width for y in range(height))
    colour = bytes([128]) * (2 * ((width + 1) // 2) * ((height + 1) // 2))
    return b"YUV4MPEG2 W%d H%d F25:1 Ip C420jpeg\n" % (width, height) + (b"FRAME\n" + light + colour) * frames


def told(key=KEY, bucket="videos"):
    """The event of a function: a message with what S3 told the topic."""
    body = json.dumps(notification(Change(key), bucket, f"arn:aws:s3:::{bucket}", "eu-west-1"))
    return {"Records": [{"messageId": "1", "body": body}]}


def test_every_resolution_hears_of_a_video_and_of_nothing_else():
    flow = checked(EXAMPLE).flow
    sent, other = flow.send("Videos", sample_event(EXAMPLE, "render", "upload")), flow.send("Videos", {"key": "notes.txt"})
    assert all(sent.reaches(f"Render{lines}") for lines in RESOLUTIONS)
    assert not any(other.reaches(f"Render{lines}") for lines in RESOLUTIONS)
    assert "notes.txt" in str(other.why_not("Render240"))


def test_one_more_resolution_changes_nothing_of_the_others():
    resources = checked(EXAMPLE).template["Resources"]
    of_each = [{name.replace(str(lines), "") for name in resources if str(lines) in name} for lines in RESOLUTIONS]
    assert [len(names) for names in of_each] == [len(of_each[0])] * 3
    mentioned = json.dumps({name: each for name, each in resources.items() if "240" in name})
    assert "480p" not in mentioned
    assert "Render480" not in mentioned


@pytest.fixture
def buckets(aws):
    s3 = boto3.client("s3")
    for name in ("videos", "renditions"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3


def test_a_rendition_has_the_lines_that_were_asked_for_and_is_the_same_when_made_twice(buckets, load):
    buckets.put_object(Bucket="videos", Key=KEY, Body=video(32, 24, frames=2))
    handler = load(EXAMPLE, "render", LINES="12", RENDITIONS="renditions").handler
    made = []
    for _ in range(2):
        assert handler(told(), None) == {"batchItemFailures": []}
        made.append(buckets.get_object(Bucket="renditions", Key=f"12p/{KEY}")["Body"].read())
    assert made[0] == made[1]
    header, frame, rest = made[0].split(b"\n", 2)
    assert (header, frame) == (b"YUV4MPEG2 W16 H12 F25:1 Ip C420jpeg", b"FRAME")
    assert rest[: 16 * 12] == b"".join(bytes([2 * y]) * 16 for y in range(12))
    assert len(rest) == 2 * (16 * 12 * 3 // 2) + len(b"FRAME\n")


def test_nothing_is_made_larger_than_it_was(buckets, load):
    buckets.put_object(Bucket="videos", Key=KEY, Body=video(32, 24))
    assert load(EXAMPLE, "render", LINES="48", RENDITIONS="renditions").handler(told(), None) == {"batchItemFailures": []}
    assert "Contents" not in buckets.list_objects_v2(Bucket="renditions")


@pytest.mark.parametrize(
    "body",
    [b"", b"RIFF", b"YUV4MPEG2 W2 H2 C444\nFRAME\n" + bytes(12), b"YUV4MPEG2 Wx H2\n", b"YUV4MPEG2 F25:1\n", video(32, 24)[:-1]],
)
def test_what_is_no_video_comes_again(buckets, load, body):
    buckets.put_object(Bucket="videos", Key=KEY, Body=body)
    handler = load(EXAMPLE, "render", LINES="12", RENDITIONS="renditions").handler
    assert handler(told(), None) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_the_message_that_s3_sends_to_try_the_topic_is_nothing_to_do(load, aws):
    event = {"Records": [{"messageId": "1", "body": '{"Service": "Amazon S3", "Event": "s3:TestEvent"}'}]}
    assert load(EXAMPLE, "render", LINES="12", RENDITIONS="renditions").handler(event, None) == {"batchItemFailures": []}


def there_is(s3, bucket):
    """The bucket, made here where the run did not."""
    try:
        s3.head_bucket(Bucket=bucket)
    except s3.exceptions.ClientError:
        s3.create_bucket(Bucket=bucket)


def test_a_video_is_rendered_here_and_a_broken_one_is_a_dead_letter_of_every_resolution():
    flow = checked(EXAMPLE).flow
    videos, renditions, topic = flow.find("Videos"), flow.find("Renditions"), flow.find("Uploaded", Topic)
    dead = [flow.find(f"{lines}p/DeadLetters", Queue).name for lines in RESOLUTIONS]

    async def uploaded(run):
        s3, sns = client(run, "s3"), client(run, "sns")
        for name in (videos.name, renditions.name):
            await asyncio.to_thread(there_is, s3, name)
        for key, body in ((KEY, video(854, 480)), ("broken.y4m", b"RIFF")):
            await asyncio.to_thread(s3.put_object, Bucket=videos.name, Key=key, Body=body)
            message = json.dumps(notification(Change(key), videos.name, videos.arn, run.region))
            await asyncio.to_thread(sns.publish, TopicArn=topic.arn, Message=message)
        await run.settle()
        found = await asyncio.to_thread(lambda: s3.list_objects_v2(Bucket=renditions.name)["Contents"])
        return [each["Key"] for each in found], [run.dead_letters(name) for name in dead]

    made, given_up = locally(EXAMPLE, uploaded)
    assert made == [f"240p/{KEY}", f"480p/{KEY}"]
    assert all(letters and {"broken.y4m"} == {json.loads(each.body)["Records"][0]["s3"]["object"]["key"] for each in letters}
               for letters in given_up)  # fmt: skip


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
