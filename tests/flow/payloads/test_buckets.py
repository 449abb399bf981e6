"""What S3 says of an object, whole, as its documentation shows it."""

import pytest

from cdk_event_flow.errors import EventError
from cdk_event_flow.flow import payload
from cdk_event_flow.flow.payloads import s3

from .making import ACCOUNT, NEW_YEAR, event


@pytest.mark.parametrize(
    ("given", "change"),
    [
        ({"key": "a"}, s3.Change("a", "ObjectCreated:Put", 1024, "EXAMPLE")),
        ({"key": "a", "event": "s3:ObjectRemoved:Delete", "size": 5}, s3.Change("a", "ObjectRemoved:Delete", 5)),
        ({"key": "a", "event": "ObjectRemoved:Delete", "size": "much"}, s3.Change("a", "ObjectRemoved:Delete", 1024)),
    ],
)
def test_a_change_of_an_object_needs_a_key_alone(given, change):
    assert s3.Change.of(given) == change


def test_a_change_is_a_put_of_an_object_of_a_kilobyte_unless_it_says_otherwise():
    assert s3.Change("a") == s3.Change("a", "ObjectCreated:Put", 1024, "EXAMPLE")


@pytest.mark.parametrize("given", [{}, {"key": 5}, "x" * 100, None])
def test_what_is_no_change_is_refused_with_one(given):
    with pytest.raises(EventError) as refused:
        s3.Change.of(given)
    (problem,) = refused.value.problems
    assert (refused.value.at, problem.code, problem.allowed) == ("the bucket", "EF-EVENT", "a bucket takes a change of an object")
    assert problem.given == f"{payload.as_text(given)[:80]} was sent to it"
    assert '{"key": "in/a.csv", "event": "ObjectRemoved:Delete"}' in problem.fix


def test_the_notification_of_a_bucket_is_as_s3_shows_it():
    change = s3.Change("in/a b+é.csv", "ObjectCreated:Copy", 7, "e")
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": NEW_YEAR,
        "eventName": "ObjectCreated:Copy",
        "userIdentity": {"principalId": "EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "EXAMPLE", "x-amz-id-2": "EXAMPLE"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "EXAMPLE",
            "bucket": {"name": "files", "ownerIdentity": {"principalId": "EXAMPLE"}, "arn": "arn:aws:s3:::files"},
            "object": {"key": "in/a+b%2B%C3%A9.csv", "size": 7, "eTag": "e", "sequencer": "0A1B2C3D4E5F678901"},
        },
    }
    assert s3.notification(change, "files", "arn:aws:s3:::files", "eu-west-1") == {"Records": [record]}


@pytest.mark.parametrize(
    ("happened", "detail_type", "reason"),
    [
        ("ObjectCreated:Put", "Object Created", "PutObject"),
        ("ObjectCreated:Post", "Object Created", "POST Object"),
        ("ObjectCreated:Copy", "Object Created", "CopyObject"),
        ("ObjectCreated:CompleteMultipartUpload", "Object Created", "CompleteMultipartUpload"),
        ("ObjectRemoved:Delete", "Object Deleted", "DeleteObject"),
        ("ObjectRemoved:DeleteMarkerCreated", "Object Deleted", "DeleteObject"),
        ("LifecycleExpiration:Delete", "Object Deleted", "Lifecycle Expiration"),
        ("LifecycleTransition", "Object Storage Class Changed", None),
        ("ObjectRestore:Post", "Object Restore Initiated", None),
        ("ObjectRestore:Completed", "Object Restore Completed", None),
        ("ObjectTagging:Put", "Object Tags Added", None),
        ("ObjectTagging:Delete", "Object Tags Deleted", None),
        ("ObjectAcl:Put", "Object ACL Updated", None),
        ("Newly:Invented", "Object Created", None),
    ],
)
def test_the_event_of_a_bucket_is_as_eventbridge_shows_it(happened, detail_type, reason):
    change = s3.Change("in/a b.csv", happened, 7, "e")
    detail = {
        "version": "0",
        "bucket": {"name": "files"},
        "object": {"key": "in/a b.csv", "size": 7, "etag": "e", "sequencer": "0A1B2C3D4E5F678901"},
        "request-id": "EXAMPLE",
        "requester": ACCOUNT,
        "source-ip-address": "127.0.0.1",
        **({} if reason is None else {"reason": reason}),
    }
    made = s3.bus_event(change, "files", "arn:aws:s3:::files", account=ACCOUNT, region="eu-west-1")
    assert made == event(source="aws.s3", detail_type=detail_type, resources=["arn:aws:s3:::files"], detail=detail)
