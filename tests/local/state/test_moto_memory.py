"""Tables, buckets, parameters, secrets and keys of a run that was killed, asked again by boto3 in the next."""

import asyncio
import dataclasses

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from .. import world as w
from ..test_endpoint import TABLE
from .world import as_killed_now, client, kept_run

QUEUE = w.queue("Orders")
STREAMED = dataclasses.replace(
    TABLE, properties={**TABLE.properties, "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"}}
)


def before_and_after(folder, before, after, *, nodes=(QUEUE, TABLE), then=None):
    """What `before(run)` asked of a run that was killed, seen by `after(run)` in the next; `then` are its nodes."""

    async def test():
        async with kept_run(folder, *nodes) as run:
            given = await asyncio.to_thread(before, run)
            left = as_killed_now(run, folder)
        async with kept_run(left, *(then or nodes)) as run:
            await asyncio.to_thread(after, run, given)
            return run.notes

    return asyncio.run(test())


def ids(run):
    return sorted(item["id"]["S"] for item in client(run, "dynamodb").scan(TableName="Orders")["Items"])


def put(table, *names, **more):
    for name in names:
        table.put_item(TableName="Orders", Item={"id": {"S": name}, **more})


def test_items_are_as_each_kind_of_write_left_them(tmp_path):
    def before(run):
        table = client(run, "dynamodb")
        put(table, "put", "updated", "deleted", "written", "replaced", n={"N": "1"}, b={"B": b"\x00\xff"})
        table.update_item(
            TableName="Orders",
            Key={"id": {"S": "updated"}},
            UpdateExpression="ADD n :one SET tags = :tags",
            ExpressionAttributeValues={":one": {"N": "1"}, ":tags": {"SS": ["a", "b"]}},
        )
        table.update_item(
            TableName=TABLE.arn,
            Key={"id": {"S": "made by an update"}},
            UpdateExpression="SET n = :n",
            ExpressionAttributeValues={":n": {"N": "1"}},
        )
        table.delete_item(TableName="Orders", Key={"id": {"S": "deleted"}})
        deleted = {"DeleteRequest": {"Key": {"id": {"S": "written"}}}}
        table.batch_write_item(RequestItems={"Orders": [deleted, {"PutRequest": {"Item": {"id": {"S": "batch"}}}}]})
        transaction = [
            {"Put": {"TableName": "Orders", "Item": {"id": {"S": "replaced"}}}},
            {"ConditionCheck": {"TableName": "Orders", "Key": {"id": {"S": "put"}}, "ConditionExpression": "attribute_exists(id)"}},
        ]
        table.transact_write_items(TransactItems=transaction)
        with pytest.raises(ClientError):
            table.put_item(TableName="Orders", Item={"id": {"S": "put"}}, ConditionExpression="attribute_not_exists(id)")
        return table.scan(TableName="Orders")["Items"]

    def after(run, items):
        found = client(run, "dynamodb").scan(TableName="Orders")["Items"]
        assert sorted(found, key=str) == sorted(items, key=str)
        assert ids(run) == ["batch", "made by an update", "put", "replaced", "updated"]
        assert (
            client(run, "dynamodb").describe_time_to_live(TableName="Orders")["TimeToLiveDescription"]["AttributeName"] == "expires"
        )

    before_and_after(tmp_path / "state", before, after)


def test_statements_in_partiql_are_kept(tmp_path):
    def before(run):
        table = client(run, "dynamodb")
        put(table, "one", "two")
        table.execute_statement(Statement="INSERT INTO \"Orders\" VALUE {'id': 'three'}")
        table.execute_statement(Statement="DELETE FROM \"Orders\" WHERE id='one'")
        table.execute_statement(Statement='SELECT * FROM "Orders"')
        assert ids(run) == ["three", "two"]

    before_and_after(tmp_path / "state", before, lambda run, _: ids(run) == ["three", "two"] or pytest.fail(str(ids(run))))


def test_an_item_that_comes_back_is_no_news_in_its_tables_stream(tmp_path):
    def records(run):
        import moto.backends

        return moto.backends.get_backend("dynamodb")[w.ACCOUNT][w.REGION].tables["Orders"].stream_shard.items

    def before(run):
        put(client(run, "dynamodb"), "one")
        assert len(records(run)) == 1

    def after(run, _):
        assert ids(run) == ["one"]
        assert records(run) == []

    before_and_after(tmp_path / "state", before, after, nodes=(STREAMED,))


def test_items_that_do_not_fit_the_template_any_more_are_told_of_and_stay_aside(tmp_path):
    keys = {"KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]}
    attributes = {"AttributeDefinitions": [{"AttributeName": "other", "AttributeType": "S"}]}
    changed = dataclasses.replace(TABLE, properties={**TABLE.properties, **keys, **attributes})

    def after(run, _):
        assert client(run, "dynamodb").scan(TableName="Orders")["Items"] == []

    notes = before_and_after(
        tmp_path / "state",
        lambda run: put(client(run, "dynamodb"), "one", "two"),
        after,
        then=(QUEUE, changed),
    )
    assert "table Orders: 2 kept items do not fit the template and stay aside" in notes
    (left,) = tmp_path.glob("state+")
    before_and_after(left, ids, lambda run, found: found == ["one", "two"] or pytest.fail(str(found)))


def test_a_table_that_a_client_made_is_there_again_and_one_that_it_deleted_is_not(tmp_path):
    def make(run, name):
        client(run, "dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=TABLE.properties["AttributeDefinitions"],
            KeySchema=TABLE.properties["KeySchema"],
            BillingMode="PAY_PER_REQUEST",
        )
        client(run, "dynamodb").put_item(TableName=name, Item={"id": {"S": name}})

    def before(run):
        make(run, "Mine")
        make(run, "Gone")
        client(run, "dynamodb").delete_table(TableName="Gone")

    def after(run, _):
        table = client(run, "dynamodb")
        assert sorted(table.list_tables()["TableNames"]) == ["Mine", "Orders"]
        assert table.get_item(TableName="Mine", Key={"id": {"S": "Mine"}})["Item"] == {"id": {"S": "Mine"}}

    notes = before_and_after(tmp_path / "state", before, after)
    assert "tables, buckets and the like are as an earlier run left them (1 items, 3 requests)" in notes


def test_objects_are_there_again_also_those_that_came_in_parts(tmp_path):
    large = bytes(range(256)) * 4096 * 6

    def before(run):
        bucket = client(run, "s3")
        bucket.create_bucket(Bucket="films", CreateBucketConfiguration={"LocationConstraint": w.REGION})
        for body in (b"first", b"second"):
            bucket.put_object(Bucket="films", Key="a b/ü.txt", Body=body, Metadata={"who": "me"}, ContentType="text/plain")
        bucket.put_object(Bucket="films", Key="gone", Body=b"gone")
        bucket.delete_object(Bucket="films", Key="gone")
        parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
        (tmp_path / "large").write_bytes(large)
        bucket.upload_file(str(tmp_path / "large"), "films", "large", Config=parts, ExtraArgs={"ContentType": "video/mp4"})
        bucket.copy_object(Bucket="films", Key="copy", CopySource={"Bucket": "films", "Key": "a b/ü.txt"})

    def after(run, _):
        bucket = client(run, "s3")
        assert [o["Key"] for o in bucket.list_objects_v2(Bucket="films")["Contents"]] == ["a b/ü.txt", "copy", "large"]
        found = bucket.get_object(Bucket="films", Key="a b/ü.txt")
        assert (found["Body"].read(), found["Metadata"], found["ContentType"]) == (b"second", {"who": "me"}, "text/plain")
        assert bucket.get_object(Bucket="films", Key="copy")["Body"].read() == b"second"
        found = bucket.get_object(Bucket="films", Key="large")
        assert (found["Body"].read(), found["ContentType"]) == (large, "video/mp4")

    notes = before_and_after(tmp_path / "state", before, after)
    assert "tables, buckets and the like are as an earlier run left them (0 items, 4 requests)" in notes


def test_every_version_of_an_object_in_a_versioned_bucket_is_there_again(tmp_path):
    def before(run):
        bucket = client(run, "s3")
        bucket.create_bucket(Bucket="films", CreateBucketConfiguration={"LocationConstraint": w.REGION})
        bucket.put_bucket_versioning(Bucket="films", VersioningConfiguration={"Status": "Enabled"})
        return [bucket.put_object(Bucket="films", Key="k", Body=body)["VersionId"] for body in (b"1", b"2")]

    def after(run, versions):
        bucket = client(run, "s3")
        bodies = [bucket.get_object(Bucket="films", Key="k", VersionId=version)["Body"].read() for version in versions]
        assert bodies == [b"1", b"2"]

    before_and_after(tmp_path / "state", before, after)


def test_parameters_secrets_and_keys_are_the_same_again(tmp_path):
    def before(run):
        client(run, "ssm").put_parameter(Name="/shop/rate", Value="7", Type="String")
        client(run, "ssm").put_parameter(Name="/shop/rate", Value="8", Type="String", Overwrite=True)
        secret = client(run, "secretsmanager").create_secret(Name="card", SecretString="4242")
        key = client(run, "kms").create_key()["KeyMetadata"]["KeyId"]
        client(run, "kms").create_alias(AliasName="alias/shop", TargetKeyId=key)
        return secret["ARN"], client(run, "kms").encrypt(KeyId=key, Plaintext=b"hush")["CiphertextBlob"]

    def after(run, given):
        arn, blob = given
        parameter = client(run, "ssm").get_parameter(Name="/shop/rate")["Parameter"]
        assert (parameter["Value"], parameter["Version"]) == ("8", 2)
        assert client(run, "secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == "4242"
        assert client(run, "kms").decrypt(CiphertextBlob=blob, KeyId="alias/shop")["Plaintext"] == b"hush"

    before_and_after(tmp_path / "state", before, after)


def test_a_key_pair_that_cannot_be_kept_is_told_of(tmp_path):
    def before(run):
        client(run, "kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")

    notes = before_and_after(tmp_path / "state", before, lambda run, _: None)
    assert "1 asymmetric KMS keys have new key pairs: theirs cannot be kept" in notes


def test_a_stream_gives_its_records_again_from_the_numbers_it_gave(tmp_path):
    def before(run):
        stream = client(run, "kinesis")
        stream.create_stream(StreamName="clicks", ShardCount=1)
        return [stream.put_record(StreamName="clicks", Data=data, PartitionKey="p") for data in (b"1", b"2")]

    def after(run, put):
        stream = client(run, "kinesis")
        given = put[0]
        iterator = stream.get_shard_iterator(
            StreamName="clicks",
            ShardId=given["ShardId"],
            ShardIteratorType="AFTER_SEQUENCE_NUMBER",
            StartingSequenceNumber=given["SequenceNumber"],
        )["ShardIterator"]
        assert [record["Data"] for record in stream.get_records(ShardIterator=iterator)["Records"]] == [b"2"]

    before_and_after(tmp_path / "state", before, after)


def test_metrics_and_logs_are_there_again(tmp_path):
    def before(run):
        client(run, "cloudwatch").put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Orders", "Value": 1}])
        client(run, "logs").create_log_group(logGroupName="/shop")

    def after(run, _):
        (metric,) = client(run, "cloudwatch").list_metrics(Namespace="Shop")["Metrics"]
        assert metric["MetricName"] == "Orders"
        (group,) = client(run, "logs").describe_log_groups()["logGroups"]
        assert group["logGroupName"] == "/shop"

    before_and_after(tmp_path / "state", before, after)


def test_nobody_elses_credentials_are_written_down(tmp_path):
    def before(run):
        asking = client(run, "ssm")
        asking._request_signer._credentials.token = "a-session-token-of-the-machine"
        asking.put_parameter(Name="/p", Value="v", Type="String")

    before_and_after(tmp_path / "state", before, lambda run, _: None)
    written = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir())
    assert b"a-session-token-of-the-machine" not in written
    assert b"Credential=id/" not in written
    assert b"/p" in written
