"""Messages of any size: small ones go as they are, large ones wait in a bucket, and both are filtered."""

import asyncio
import json

import boto3
import pytest
from botocore.exceptions import ClientError

from cdk_event_flow.flow.model import Function, Queue, Table, Topic
from tests.examples.checked import EXAMPLES, checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "large_messages"
SMALL = sample_event(EXAMPLE, "publish", "small")
LARGE = {"report": "april", "region": "eu", "rows": [f"BOOK-{number:07}" for number in range(26_000)]}  # 400 KB
PAGE = EXAMPLES.parent / "docs" / "how-to" / "send-large-messages.md"


def test_reports_of_other_regions_are_not_counted():
    flow = checked(EXAMPLE).flow
    assert flow.send("Reports", SMALL).reaches("Count")
    assert flow.send("Reports", {"report": "april", "region": "eu", "claim": {"key": "claims/1", "bytes": 1}}).reaches("Count")
    assert not flow.send("Reports", {**SMALL, "region": "us"}).reaches("Count")


def test_claims_live_longer_than_any_message_that_holds_one():
    resources = checked(EXAMPLE).template["Resources"].values()
    retentions = [
        each["Properties"].get("MessageRetentionPeriod", 345_600) for each in resources if each["Type"] == "AWS::SQS::Queue"
    ]
    rules = [rule for each in resources if each["Type"] == "AWS::S3::Bucket"
             for rule in each["Properties"]["LifecycleConfiguration"]["Rules"] if rule.get("Prefix") == "claims/"]  # fmt: skip
    assert [rule["ExpirationInDays"] * 86_400 > min(retentions) + max(retentions) for rule in rules] == [True]


def test_the_page_shows_the_lines_of_the_example():
    text = PAGE.read_text("utf-8")
    parts = text.split("<!-- from ")[1:]
    assert parts
    for part in parts:
        file, _, rest = part.partition(" -->\n```\n")
        assert rest.partition("```")[0] in (EXAMPLES.parent / file).read_text("utf-8")


@pytest.fixture
def account(aws):
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    s3.create_bucket(Bucket="claims", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    dynamodb.create_table(
        TableName="Counts",
        KeySchema=[{"AttributeName": "report", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "report", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return s3, dynamodb


def test_a_large_report_is_one_object_however_often_it_is_published(account, load):
    s3, _ = account
    topic = boto3.client("sns").create_topic(Name="reports")["TopicArn"]
    publish = load(EXAMPLE, "publish", CLAIMS="claims", TOPIC=topic).handler
    assert publish(SMALL, None) == {"report": "march", "claimed": False}
    assert "Contents" not in s3.list_objects_v2(Bucket="claims")
    for _ in range(2):
        assert publish(LARGE, None) == {"report": "april", "claimed": True}
    (kept,) = s3.list_objects_v2(Bucket="claims")["Contents"]
    assert json.load(s3.get_object(Bucket="claims", Key=kept["Key"])["Body"]) == LARGE


def test_a_claim_that_cannot_be_redeemed_comes_again_and_the_rest_of_the_batch_is_counted(account, load):
    s3, dynamodb = account
    s3.put_object(Bucket="claims", Key="claims/1.json", Body=json.dumps(LARGE))
    bodies = [SMALL, {"report": "april", "claim": {"key": "claims/1.json"}}, {"report": "may", "claim": {"key": "claims/gone.json"}}]
    records = [{"messageId": str(number), "body": json.dumps(body)} for number, body in enumerate(bodies)]
    count = load(EXAMPLE, "count", CLAIMS="claims", TABLE="Counts").handler
    assert count({"Records": records}, None) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    counted = {item["report"]["S"]: int(item["rows"]["N"]) for item in dynamodb.scan(TableName="Counts")["Items"]}
    assert counted == {"march": 2, "april": 26_000}


def test_a_report_of_any_size_arrives_here_and_a_small_one_needs_no_bucket():
    flow = checked(EXAMPLE).flow
    publish, table = flow.find("Publish", Function), flow.find("Counts", Table)
    topic, claims = flow.find("Reports/Topic", Topic), flow.find("Claims")
    dead = flow.find("Europe/DeadLetters", Queue)

    async def scenario(run):
        functions, dynamodb, s3 = client(run, "lambda"), client(run, "dynamodb"), client(run, "s3")

        def report(event):
            return json.load(functions.invoke(FunctionName=publish.name, Payload=json.dumps(event))["Payload"])

        def too_large():
            with pytest.raises(ClientError, match="too long|too large|Invalid parameter|InvalidParameter"):
                client(run, "sns").publish(TopicArn=topic.arn, Message=json.dumps(LARGE))

        await asyncio.to_thread(too_large)
        answers = [await asyncio.to_thread(report, each) for each in (SMALL, LARGE)]
        await run.settle()
        items = (await asyncio.to_thread(dynamodb.scan, TableName=table.name))["Items"]
        kept = await asyncio.to_thread(lambda: s3.list_objects_v2(Bucket=claims.name)["KeyCount"])
        return answers, {item["report"]["S"]: int(item["rows"]["N"]) for item in items}, kept, run.dead_letters(dead.name)

    answers, counted, kept, letters = locally(EXAMPLE, scenario)
    assert [answer["claimed"] for answer in answers] == [False, True]
    assert (counted, kept, list(letters)) == ({"march": 2, "april": 26_000}, 1, [])


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
