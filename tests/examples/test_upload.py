"""Price lists by upload: which function hears of which object, what is imported, and the same on this machine."""

import asyncio
import json
from decimal import Decimal

import boto3
import pytest

from cdk_event_flow.flow.model import Function, Table
from tests.examples.checked import checked, sample_event
from tests.examples.locally import client, locally
from tests.examples.readme import differences

EXAMPLE = "upload"
LIST = "sku,price,since\nBOOK-1,12.50,2026-03-01\nBOOK-2,-1,2026-03-01\nSOFA-1,499,2026-03-01\n"


@pytest.mark.parametrize(
    ("change", "reached"),
    [
        ({"key": "in/march.csv"}, {"Importer", "Auditor"}),
        ({"key": "in/march.csv", "event": "ObjectRemoved:Delete"}, {"Auditor"}),
        ({"key": "in/march.pdf"}, {"Auditor"}),
        ({"key": "rejected/march.csv.json"}, {"Auditor"}),
        ({"key": "in/march.csv", "event": "ObjectTagging:Put"}, set()),
    ],
)
def test_it_is_clean_and_each_function_hears_of_its_objects(change, reached):
    sent = checked(EXAMPLE).flow.send("Uploads", change)
    assert {name for name in ("Importer", "Auditor") if sent.reaches(name)} == reached


@pytest.fixture
def account(aws):
    """The bucket with a list, and the table."""
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    s3.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="uploads", Key="in/march.csv", Body=LIST.encode())
    dynamodb.create_table(
        TableName="Prices",
        KeySchema=[{"AttributeName": "sku", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "sku", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return s3, dynamodb


def prices(dynamodb):
    return {item["sku"]["S"]: Decimal(item["price"]["N"]) for item in dynamodb.scan(TableName="Prices")["Items"]}


def test_good_rows_become_prices_and_the_others_are_reported(account, load, context):
    s3, dynamodb = account
    importer = load(EXAMPLE, "importer", TABLE="Prices").handler
    assert importer(sample_event(EXAMPLE, "importer", "list"), context) == {"imported": 2, "rejected": 1}
    assert prices(dynamodb) == {"BOOK-1": Decimal("12.5"), "SOFA-1": 499}
    (report,) = json.loads(s3.get_object(Bucket="uploads", Key="rejected/march.csv.json")["Body"].read())
    assert report == {"line": "3", "why": "price: Input should be greater than 0"}


def test_an_older_price_does_not_replace_a_newer_one(account, load, context):
    s3, dynamodb = account
    importer, event = load(EXAMPLE, "importer", TABLE="Prices").handler, sample_event(EXAMPLE, "importer", "list")
    importer(event, context)
    s3.put_object(Bucket="uploads", Key="in/march.csv", Body=b"sku,price,since\nBOOK-1,9.99,2026-02-01\nSOFA-1,450,2026-04-01\n")
    importer(event, context)
    assert prices(dynamodb) == {"BOOK-1": Decimal("12.5"), "SOFA-1": 450}


def test_a_list_that_is_gone_is_an_error_and_comes_again(account, load, context):
    s3, _ = account
    s3.delete_object(Bucket="uploads", Key="in/march.csv")
    with pytest.raises(s3.exceptions.NoSuchKey):
        load(EXAMPLE, "importer", TABLE="Prices").handler(sample_event(EXAMPLE, "importer", "list"), context)


@pytest.mark.parametrize(("name", "what"), [("created", "ObjectCreated"), ("deleted", "ObjectDeleted")])
def test_the_auditor_says_who_did_what(aws, load, context, capsys, name, what):
    load(EXAMPLE, "auditor").handler(sample_event(EXAMPLE, "auditor", name), context)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (said,) = [line for line in lines if line.get("message") == what]
    assert (said["key"], said["by"], said["from"]) == ("in/march.csv", "111122223333", "192.0.2.1")


def test_an_upload_is_imported_here():
    flow = checked(EXAMPLE).flow
    bucket, table = flow.find("Uploads"), flow.find("Prices", Table)
    functions = [flow.find(name, Function).arn for name in ("Importer", "Auditor")]

    async def uploaded(run):
        s3 = client(run, "s3")
        await asyncio.to_thread(s3.put_object, Bucket=bucket.name, Key="in/march.csv", Body=LIST.encode())
        await run.settle()
        found = await asyncio.to_thread(lambda: client(run, "dynamodb").scan(TableName=table.name)["Items"])
        return {item["sku"]["S"] for item in found}, [len(run.received(arn)) for arn in functions]

    # The auditor hears of the list, and of what was rejected beside it.
    assert locally(EXAMPLE, uploaded) == ({"BOOK-1", "SOFA-1"}, [1, 2])


def test_the_readme_shows_what_happens():
    assert differences(EXAMPLE) == {}
