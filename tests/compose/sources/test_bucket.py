"""Buckets: safe by default, routed by the default bus, notified straight where asked, without a custom resource."""

import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow import Bucket, EventBus, Function, Queue, Topic
from cdk_event_flow.errors import ConstructError
from tests.compose.synthesis import flow_of, new_stack, policies, resources, template_of


@pytest.fixture
def stack():
    return new_stack()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("CDK_VALIDATION", "false")


def ours(stack, id="Resize"):
    return Function(stack, id, code=lambda_.Code.from_inline("x"), handler="i.h", runtime="nodejs24.x")


def plain(stack, id="Plain"):
    code = lambda_.Code.from_inline("x")
    return lambda_.Function(stack, id, code=code, handler="i.h", runtime=lambda_.Runtime.NODEJS_24_X)


def test_a_bucket_is_encrypted_private_versioned_logged_and_tells_eventbridge(stack):
    bucket = Bucket(stack, "Uploads")
    template = template_of(stack)
    made = template["Resources"][stack.get_logical_id(bucket.bucket.node.default_child)]
    properties = made["Properties"]
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert properties["LoggingConfiguration"]["LogFilePrefix"] == "Shop/Uploads/"
    assert made["DeletionPolicy"] == "Retain"
    assert not [each for each in template["Resources"].values() if each["Type"].startswith(("Custom::", "AWS::Lambda"))]


def test_buckets_share_one_bucket_for_their_access_logs(stack):
    Bucket(stack, "Uploads")
    Bucket(stack, "Results")
    template = template_of(stack)
    assert len(resources(template, "AWS::S3::Bucket")) == 3
    (logs,) = [each for each in resources(template, "AWS::S3::BucketPolicy") if "logging" in str(each)]
    assert str(logs).count("logging.s3.amazonaws.com") == 1


def test_its_events_are_routed_from_the_default_bus(stack):
    bucket, function = Bucket(stack, "Uploads"), ours(stack)
    bus = EventBus(stack, "Account", bus="default")
    bus.route("Pictures", bucket.pattern(prefix="in/", suffix=".jpg"), to=function)
    flow = flow_of(stack)
    assert flow.check() == []
    assert flow.send("Uploads", {"key": "in/cat.jpg"}).reaches("Resize")
    assert not flow.send("Uploads", {"key": "in/cat.gif"}).reaches("Resize")
    assert not flow.send("Uploads", {"key": "in/cat.jpg", "event": "ObjectRemoved:Delete"}).reaches("Resize")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, None),
        ({"prefix": "in/"}, {"prefix": "in/"}),
        ({"suffix": ".jpg"}, {"suffix": ".jpg"}),
        ({"prefix": "in*\\/", "suffix": ".jpg"}, {"wildcard": "in\\*\\\\/*.jpg"}),
    ],
)
def test_the_pattern_asks_for_prefix_and_suffix(stack, given, wanted):
    pattern = Bucket(stack, "Uploads").pattern("Object Created", "Object Deleted", **given)
    assert pattern["detail-type"] == ["Object Created", "Object Deleted"]
    assert pattern["detail"].get("object") == ({"key": [wanted]} if wanted else None)


RECEIVERS = {
    "our queue": lambda stack: Queue(stack, "Receiver"),
    "queue": lambda stack: sqs.Queue(stack, "Receiver"),
    "our topic": lambda stack: Topic(stack, "Receiver"),
    "topic": lambda stack: sns.Topic(stack, "Receiver"),
    "our function": lambda stack: ours(stack, "Receiver"),
    "function": lambda stack: plain(stack, "Receiver"),
}


@pytest.mark.parametrize("kind", RECEIVERS)
def test_every_kind_of_receiver_is_told_straight_and_may_be(stack, kind):
    Bucket(stack, "Uploads").notify(RECEIVERS[kind](stack), prefix="in/")
    flow = flow_of(stack)
    assert [found for found in flow.check() if found.severity == "error"] == []
    sent = flow.send("Uploads", {"key": "in/cat.jpg"})
    assert sent.reaches("Receiver"), sent.why_not("Receiver")
    assert not flow.send("Uploads", {"key": "out/cat.jpg"}).reaches("Receiver")
    template = template_of(stack)
    assert not [each for each in template["Resources"].values() if each["Type"].startswith("Custom::")]


def test_the_key_of_an_encrypted_receiver_lets_s3_in(stack):
    Bucket(stack, "Uploads").notify(Queue(stack, "Receiver"))
    (key,) = resources(template_of(stack), "AWS::KMS::Key")
    assert [each for each in key["KeyPolicy"]["Statement"] if each["Principal"] == {"Service": "s3.amazonaws.com"}]


def circles(template):
    """Resources that wait for themselves."""
    waits = {}
    for name, each in template["Resources"].items():
        waits[name] = set(_named(each.get("Properties", {}), template["Resources"])) | set(each.get("DependsOn", []))

    def reach(name, seen):
        for other in waits[name] - seen:
            seen.add(other)
            reach(other, seen)
        return seen

    return [name for name in waits if name in reach(name, set())]


def _named(value, names):
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, *_]} if name in names:
            yield name
        case dict():
            for each in value.values():
                yield from _named(each, names)
        case list():
            for each in value:
                yield from _named(each, names)


@pytest.mark.parametrize("make", [ours, plain])
def test_a_function_that_is_notified_may_read_the_bucket_without_a_circle(stack, make):
    bucket, function = Bucket(stack, "Uploads"), make(stack)
    bucket.notify(function, "s3:ObjectCreated:Put")
    bucket.allow(function, "GetObject", prefix="in/")
    bucket.allow(function, "PutObject", prefix="out/")
    template = template_of(stack)
    assert circles(template) == []
    assert [each for each in policies(template) if "s3:GetObject" in str(each)]


def test_allowing_first_and_notifying_then_is_refused(stack):
    bucket, function = Bucket(stack, "Uploads"), ours(stack)
    bucket.allow(function, "GetObject")
    with pytest.raises(ConstructError, match="EF-BUCKET-ORDER at Shop/Uploads/Notifications: .*call notify before allow"):
        bucket.notify(function)
    bucket.notify(Queue(stack, "Receiver"))


def test_rights_end_with_the_actions_the_prefix_and_the_key(stack):
    bucket, function = Bucket(stack, "Uploads"), plain(stack)
    bucket.allow(function, "GetObject", "ListBucket", prefix="in/")
    (policy,) = resources(template_of(stack), "AWS::IAM::Policy")
    assert [each["Action"] for each in policy["PolicyDocument"]["Statement"]] == ["s3:GetObject", "s3:ListBucket", "kms:Decrypt"]
    assert policy["PolicyDocument"]["Statement"][0]["Resource"]["Fn::Join"][1][1] == "/in/*"


@pytest.mark.parametrize(
    ("to", "events", "code", "said"),
    [
        (lambda s: Queue(s, "R", fifo=True), (), "EF-BUCKET-DESTINATION", "a FIFO queue"),
        (lambda s: Topic(s, "R", fifo=True), (), "EF-BUCKET-DESTINATION", "standard queues and topics only"),
        (lambda s: EventBus(s, "R"), (), "EF-BUCKET-DESTINATION", "route the bucket's events"),
        (lambda s: Queue(s, "R"), ("s3:ObjectCreate:*",), "EF-BUCKET-EVENT", "did you mean s3:ObjectCreated:*?"),
        (lambda s: Queue(s, "R"), ("s3:ObjectCreated:*", "s3:ObjectCreated:Put"), "EF-BUCKET-OVERLAP", "is sent twice"),
    ],
)
def test_what_s3_would_refuse_is_refused(stack, to, events, code, said):
    with pytest.raises(ConstructError) as refused:
        Bucket(stack, "Uploads").notify(to(stack), *events)
    assert refused.value.code == code
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"prefix": "in/"}, {"prefix": "out/"}, False),
        ({"prefix": "in/"}, {"prefix": "in/a"}, True),
        ({"prefix": "in/", "suffix": ".jpg"}, {"prefix": "in/a", "suffix": ".gif"}, False),
        ({"suffix": ".jpg"}, {"suffix": "a.jpg"}, True),
        ({}, {"suffix": ".jpg"}, True),
    ],
)
def test_notifications_of_the_same_objects_overlap(stack, first, second, refused):
    bucket, receiver = Bucket(stack, "Uploads"), Queue(stack, "Receiver")
    bucket.notify(receiver, **first)
    if not refused:
        bucket.notify(receiver, **second)
        return
    with pytest.raises(ConstructError, match="EF-BUCKET-OVERLAP"):
        bucket.notify(receiver, **second)


def test_a_bucket_has_at_most_a_hundred_notifications(stack):
    bucket, receiver = Bucket(stack, "Uploads"), Queue(stack, "Receiver")
    for number in range(100):
        bucket.notify(receiver, prefix=f"{number:03}/")
    with pytest.raises(ConstructError, match="EF-BUCKET-NOTIFICATIONS at .*101 notifications"):
        bucket.notify(receiver, prefix="100/")


def test_an_existing_bucket_is_taken_and_an_imported_one_is_routed_only(stack):
    existing = s3.Bucket(stack, "Existing")
    Bucket(stack, "Taken", bucket=existing).notify(Queue(stack, "Receiver"))
    assert flow_of(stack).send("Existing", {"key": "a"}).reaches("Receiver")
    imported = Bucket(stack, "Imported", bucket=s3.Bucket.from_bucket_name(stack, "There", "there"))
    EventBus(stack, "Account", bus=events.EventBus.from_event_bus_name(stack, "Bus", "default"))
    assert imported.pattern()["detail"]["bucket"]["name"] == ["there"]
    with pytest.raises(ConstructError, match="EF-BUCKET-IMPORTED"):
        imported.notify(Queue(stack, "Other"))
