"""What moto's backends hold, kept so that the next process can have it.

Items of tables are kept one by one, as they are after each write. All else (parameters, secrets, objects, streams, tables
that a client made) is kept as the requests that made it, and comes back by the same requests: moto's chance is seeded
with each request's number, so that the identifiers are the same again.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import moto.backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.moto_api._internal import mock_random

from cdk_event_flow.local.keeper import Keeper, Kind
from cdk_event_flow.local.wire import Answer, Caller

_READS = re.compile(
    r"(Get|List|Describe|BatchGet|Query|Scan|TransactGet|Head|Select|Filter|Test|Validate|Verify|Encrypt|Decrypt|ReEncrypt|Sign"
    r"|Generate|AssumeRole|Decode)"
)
_STATEMENTS = {"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}
_OF_STATEMENT = re.compile(r'^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?([\w.-]+)', re.IGNORECASE)
_SECRET_HEADERS = {"authorization", "x-amz-security-token", "host", "connection"}
Change = tuple[Kind, str, object | None]
Key = tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A request that changed something, by its `number`. `material` is that of the KMS key it made."""

    number: int
    service: str
    region: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    material: bytes | None = None

    def caller(self) -> Caller:
        """Who asks, when it is asked again."""
        return Caller(service=self.service, region=self.region, access_key="", trace_header="")


class MotoMemory:
    """Tells for each request what is to be kept of it. `live` is False while a run is made ready: then nothing is."""

    def __init__(self, keep: Keeper, account: str) -> None:
        self._keep = keep
        self._account = account
        self._number = 0
        self._items: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._of_object: dict[str, set[str]] = defaultdict(set)
        self.live = False
        self.new_key_pairs = 0

    def before(self, caller: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Kept | None:
        """A request that changes something, before it is answered; None for one that only reads, or in memory."""
        if not self.live or _only_reads(caller, method, raw_path, headers, body):
            return None
        self._number += 1
        mock_random.seed(self._number)
        shown = {name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}
        return Kept(
            number=self._number,
            service=caller.service,
            region=caller.region,
            method=method,
            path=raw_path,
            headers=shown,
            body=body,
        )

    def after(self, request: Kept, answer: Answer) -> list[Change]:
        """What is to be kept of a request that was answered."""
        if answer.status >= 300:
            return []
        if request.service == "dynamodb":
            return self._of_tables(request)
        if request.service == "s3":
            return self._of_buckets(request)
        if request.service == "kms" and operation_of(request.path, request.headers, request.body) == "CreateKey":
            return [_put(replace(request, material=self._key(request, answer).key_material))]
        return [_put(request)]

    def keep(self, changes: Iterable[Change]) -> None:
        """Keep them. On the event loop, where the keeper is at home."""
        for kind, id, thing in changes:
            if thing is None:
                self._keep.drop(kind, id)
            else:
                self._keep.put(kind, id, thing)

    def requests(self) -> list[Kept]:
        """Every request that an earlier process kept, in their order."""
        kept = [Kept(**row) for _, row in self._keep.rows(Kind.REQUEST)]
        kept.sort(key=lambda request: request.number)
        self._number = kept[-1].number if kept else 0
        for request in kept:
            if request.service == "s3":
                self._of_object[_object_path(request)].add(_id(request))
        return kept

    def repeated(self, request: Kept, answer: Answer) -> bool:
        """Whether a kept request, asked again, was taken; its key gets the material that it had.

        A key pair cannot be kept: `new_key_pairs` counts the keys that have another one now.
        """
        if answer.status < 300 and request.material is not None:
            key = self._key(request, answer)
            key.key_material = request.material
            self.new_key_pairs += key.key_spec.startswith(("RSA", "ECC", "SM2", "ML_DSA"))
        return answer.status < 300

    def restore_items(self) -> tuple[int, list[str]]:
        """Put every kept item back; how many, and a note for each table that is not there or does not take its items.

        Those stay aside: the table may come back.
        """
        refused: dict[str, int] = defaultdict(int)
        count = 0
        for id, attributes in self._keep.rows(Kind.ITEM):
            region, name = json.loads(id)[:2]
            try:
                _put_quietly(self._table(region, name), attributes)
            except Exception:  # moto raises an error of its own for each way in which an item does not fit its table
                refused[name] += 1
            else:
                self._items[region, name].add(id)
                count += 1
        notes = [f"table {name}: {n} kept items do not fit the template and stay aside" for name, n in refused.items()]
        return count, notes

    def _table(self, region: str, name: str) -> Any:
        return moto.backends.get_backend("dynamodb")[self._account][region].tables[name]

    def _key(self, request: Kept, answer: Answer) -> Any:
        key_id = json.loads(answer.body)["KeyMetadata"]["KeyId"]
        return moto.backends.get_backend("kms")[self._account][request.region].keys[key_id]

    def _of_tables(self, request: Kept) -> list[Change]:
        operation = operation_of(request.path, request.headers, request.body)
        given = json.loads(request.body)
        keys = list(_touched(operation, given))
        if keys:
            return [self._item(request.region, name, key) for name, key in keys]
        if operation in _STATEMENTS:
            return [change for name in _tables_of_statements(given) for change in self._whole_table(request.region, name)]
        changes = [_put(request)]
        if operation == "DeleteTable":
            changes += [(Kind.ITEM, id, None) for id in self._items.pop((request.region, _name(given)), ())]
        return changes

    def _item(self, region: str, name: str, given: Mapping[str, Any]) -> Change:
        table = self._table(region, name)
        key = [given[attribute] for attribute in (table.hash_key_attr, table.range_key_attr) if attribute]
        id = json.dumps([region, name, *key])
        item = table.get_item(*(DynamoType(value) for value in key))
        if item is None:
            self._items[region, name].discard(id)
            return Kind.ITEM, id, None
        self._items[region, name].add(id)
        return Kind.ITEM, id, item.to_json()["Attributes"]

    def _whole_table(self, region: str, name: str) -> list[Change]:
        before = set(self._items[region, name])
        there = [self._item(region, name, item.to_json()["Attributes"]) for item in self._table(region, name).all_items()]
        gone = before - {id for _, id, _ in there}
        self._items[region, name] -= gone
        return [*there, *((Kind.ITEM, id, None) for id in gone)]

    def _of_buckets(self, request: Kept) -> list[Change]:
        """Parts of an upload are not kept: the upload is, when it is complete. What is overwritten is forgotten."""
        query = dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))
        if "uploads" in query or ("uploadId" in query and request.method != "POST"):
            return []
        if "uploadId" in query:
            request = self._complete_object(request)
            query = {}
        path = _object_path(request)
        bucket, _, key = path.lstrip("/").partition("/")
        changes: list[Change] = []
        if key and not query and not self._bucket(bucket).is_versioned:
            changes = [(Kind.REQUEST, id, None) for id in self._of_object.pop(path, ())]
            if request.method == "DELETE":
                return changes
        self._of_object[path].add(_id(request))
        return [*changes, _put(request)]

    def _bucket(self, name: str) -> Any:
        return moto.backends.get_backend("s3")[self._account]["aws"].buckets[name]

    def _complete_object(self, request: Kept) -> Kept:
        """A request that makes the object which a multipart upload made."""
        path = _object_path(request)
        bucket, _, key = path.lstrip("/").partition("/")
        made = self._bucket(bucket).keys[unquote(key)]
        headers = {str(name): str(value) for name, value in made.metadata.items()}
        return replace(request, method="PUT", path=path, headers=headers, body=made.value)


def _put(request: Kept) -> Change:
    return Kind.REQUEST, _id(request), request


def _id(request: Kept) -> str:
    return f"{request.number:012d}"


def _object_path(request: Kept) -> str:
    return urlsplit(request.path).path


def operation_of(raw_path: str, headers: Mapping[str, str], body: bytes) -> str:
    """The operation of a request, in whichever of AWS's protocols it is written; empty for S3."""
    target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
    if target:
        return target.rpartition(".")[2]
    path, _, query = raw_path.partition("?")
    if "/operation/" in path:
        return path.rpartition("/")[2]
    return dict(parse_qsl(query) + parse_qsl(body.decode(errors="replace"))).get("Action", "")


def _only_reads(caller: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> bool:
    if caller.service == "s3":
        return method in ("GET", "HEAD", "OPTIONS")
    return _READS.match(operation_of(raw_path, headers, body)) is not None


def _name(given: Mapping[str, Any]) -> str:
    """A table's name, which may be given as its ARN."""
    return str(given["TableName"]).rpartition("/")[2]


def _touched(operation: str, given: Mapping[str, Any]) -> Iterator[Key]:
    """Table and key (or the item with it) of every item that an operation may have changed."""
    if operation == "PutItem":
        yield _name(given), given["Item"]
    elif operation in ("UpdateItem", "DeleteItem"):
        yield _name(given), given["Key"]
    elif operation == "BatchWriteItem":
        for name, writes in given["RequestItems"].items():
            for write in writes:
                yield name.rpartition("/")[2], write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]
    elif operation == "TransactWriteItems":
        for one in given["TransactItems"]:
            for kind, write in one.items():
                if kind != "ConditionCheck":
                    yield _name(write), write["Item"] if kind == "Put" else write["Key"]


def _tables_of_statements(given: Mapping[str, Any]) -> list[str]:
    """The tables that PartiQL statements write to."""
    statements = [given, *given.get("Statements", ()), *given.get("TransactStatements", ())]
    found = (_OF_STATEMENT.match(str(one.get("Statement", ""))) for one in statements)
    return list(dict.fromkeys(match[1] for match in found if match))


def _put_quietly(table: Any, attributes: dict[str, Any]) -> None:
    """Put an item without a record in the table's stream: it was there before."""
    shard, table.stream_shard = table.stream_shard, None
    try:
        table.put_item(attributes)
    finally:
        table.stream_shard = shard
