"""The streams, tables and buckets of a template in moto: made at the start, written to by delivery, and watched.

Whatever a client writes goes on from here: a record to those who read its stream, a change of an item to those who read its
table, a change of an object to those whom its bucket tells.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from xml.etree import ElementTree

import moto.backends

from cdk_event_flow.errors import Problem, RunError
from cdk_event_flow.flow.model import Node
from cdk_event_flow.flow.payload import as_text
from cdk_event_flow.flow.payloads.s3 import Change
from cdk_event_flow.flow.sources import Bucket, Stream
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.local.services.moto_ import Moto, authorization
from cdk_event_flow.local.services.moto_memory import operation_of
from cdk_event_flow.local.streams import LocalTable
from cdk_event_flow.local.wire import Answer, Caller

_XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_NO_CHANGE = {"acl", "attributes", "legal-hold", "retention", "torrent", "uploads", "select", "restore", "renameobject"}


class MotoData:
    """What lies in moto, for delivery. See Storage."""

    def __init__(self, moto: Moto, *, account: str, region: str) -> None:
        self._moto = moto
        self._account = account
        self._region = region
        self._seen: dict[str, int] = {}

    async def create(self, nodes: list[Node]) -> None:
        """Make the streams and buckets of a template. Raises RunError (EF-RUN-STREAM, EF-RUN-BUCKET)."""
        for node in nodes:
            if isinstance(node, Stream):
                mode = node.properties.get("StreamModeDetails")
                body = {"StreamName": node.name, **({"StreamModeDetails": mode} if mode else {})}
                if not mode or mode.get("StreamMode") != "ON_DEMAND":
                    body["ShardCount"] = int(node.properties.get("ShardCount") or 1)
                answer = await self._moto.call_json("kinesis", "Kinesis_20131202.CreateStream", body)
                _refuse(node, answer, "EF-RUN-STREAM", "stream", "CreateStream")
            elif isinstance(node, Bucket):
                place = f"<LocationConstraint>{self._region}</LocationConstraint>" if self._region != "us-east-1" else ""
                xml = f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>" if place else ""
                _refuse(node, self._s3("PUT", f"/{node.name}", xml.encode()), "EF-RUN-BUCKET", "bucket", "CreateBucket")
                if (node.properties.get("VersioningConfiguration") or {}).get("Status") == "Enabled":
                    versioned = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
                    self._s3("PUT", f"/{node.name}?versioning", versioned)

    def put_record(self, stream: str, key: str, data: bytes) -> tuple[str, str]:
        """See Storage."""
        body = {"StreamName": stream, "PartitionKey": key, "Data": base64.b64encode(data).decode()}
        headers = {"X-Amz-Target": "Kinesis_20131202.PutRecord", "Content-Type": "application/x-amz-json-1.1"}
        answer = self._call("kinesis", "POST", "/", json.dumps(body).encode(), headers)
        given = json.loads(answer.body)
        return given["ShardId"], given["SequenceNumber"]

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        """See Storage."""
        self._s3("PUT", f"/{bucket}/{quote(key)}", body)

    def _s3(self, method: str, path: str, body: bytes) -> Answer:
        return self._call("s3", method, path, body, {"Content-Length": str(len(body))})

    def _call(self, service: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        caller = Caller(service=service, region=self._region, access_key="", trace_header="")
        given = {**headers, "Authorization": authorization(self._region, service)}
        answer = self._moto.answer_now(caller, method, path, given, body)
        if answer.status >= 300 and "PUT /" not in f"{method} {path}":
            raise RefusedError("ValidationException", answer.body.decode(errors="replace"), retry=False)
        return answer

    def after(
        self, engine: Engine, asking: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes, answer: Answer
    ) -> str | None:
        """Tell delivery what a client's request changed; returns what cannot be told, if anything."""
        if answer.status >= 300:
            return None
        if asking.service == "s3":
            self._of_bucket(engine, asking, method, raw_path, headers, answer)
        elif asking.service == "kinesis":
            if "cbor" in next((value for name, value in headers.items() if name.lower() == "content-type"), ""):
                return "records written in CBOR to be told to those who read the stream"
            self._of_stream(engine, asking, operation_of(raw_path, headers, body), body, answer)
        elif asking.service == "dynamodb":
            for table in engine.sources.tables:
                if table.followed:
                    self._of_table(engine, asking, table)
        return None

    def _of_stream(self, engine: Engine, asking: Caller, operation: str, body: bytes, answer: Answer) -> None:
        if operation not in ("PutRecord", "PutRecords"):
            return
        given, told = json.loads(body), json.loads(answer.body)
        named = str(given.get("StreamARN") or "").rpartition("/")[2] or given.get("StreamName")
        stream = next((each for each in engine.sources.streams if each.name == named), None)
        if stream is None:
            return
        records = given["Records"] if operation == "PutRecords" else [given]
        results = told["Records"] if operation == "PutRecords" else [told]
        for record, result in zip(records, results, strict=True):
            if "SequenceNumber" in result:
                data = base64.b64decode(record["Data"])
                root = _root(engine, stream.kind, stream.node.arn, _text(data), operation, asking)
                stream.arrived(result["ShardId"], result["SequenceNumber"], record["PartitionKey"], data, root)

    def _of_table(self, engine: Engine, asking: Caller, table: LocalTable) -> None:
        kept = moto.backends.get_backend("dynamodb")[self._account][self._region].tables.get(table.name)
        items = kept.stream_shard.items if kept is not None and kept.stream_shard else []
        seen, self._seen[table.name] = self._seen.get(table.name, 0), len(items)
        for item in items[min(seen, len(items)) :]:
            record = dict(item.to_json())
            change = dict(record["dynamodb"])
            if record["eventName"] == "MODIFY" and change.get("OldImage") == change.get("NewImage") and "OldImage" in change:
                continue  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html: nothing has changed
            change["ApproximateCreationDateTime"] = int(engine.hub.clock.now())
            record |= {"eventVersion": "1.1", "dynamodb": change}
            root = _root(engine, table.kind, table.node.arn, as_text(record), record["eventName"].capitalize(), asking)
            table.changed(record, root)

    def _of_bucket(
        self, engine: Engine, asking: Caller, method: str, raw_path: str, headers: Mapping[str, str], answer: Answer
    ) -> None:
        path, _, query = raw_path.partition("?")
        name, _, key = unquote(path).lstrip("/").partition("/")
        bucket = next((each for each in engine.sources.buckets if each.name == name), None)
        if bucket is None:
            return
        asked = dict(parse_qsl(query, keep_blank_values=True))
        for event, changed in _changes(method, key, asked, {k.lower(): v for k, v in headers.items()}, answer):
            change = self._measured(name, Change(key=changed, event=event))
            root = _root(engine, bucket.kind, bucket.node.arn, as_text({"key": changed, "event": event}), event, asking)
            bucket.changed(change, root, header=asking.trace_header)

    def _measured(self, bucket: str, change: Change) -> Change:
        """The change with the size and the ETag that the object has now."""
        holder = moto.backends.get_backend("s3")[self._account]["aws"].buckets.get(bucket)
        kept = holder.keys.get(change.key) if holder is not None else None
        if kept is None or change.event.startswith("ObjectRemoved"):
            return change
        return Change(key=change.key, event=change.event, size=int(kept.size), etag=str(kept.etag).strip('"'))


def _changes(
    method: str, key: str, asked: Mapping[str, str], headers: Mapping[str, str], answer: Answer
) -> Iterator[tuple[str, str]]:
    """Event and key of each change of an object that a request made.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
    """
    told = {name.lower(): value for name, value in answer.headers.items()}
    if not key:
        if method == "POST" and "delete" in asked:
            for deleted in ElementTree.fromstring(answer.body).iter(f"{_XML}Deleted"):
                marker = deleted.findtext(f"{_XML}DeleteMarker") == "true" and deleted.find(f"{_XML}VersionId") is None
                yield _removed(marker), deleted.findtext(f"{_XML}Key") or ""
        return
    if "tagging" in asked:
        if method in ("PUT", "DELETE"):
            yield f"ObjectTagging:{'Put' if method == 'PUT' else 'Delete'}", key
    elif "acl" in asked and method == "PUT":
        yield "ObjectAcl:Put", key
    elif method == "POST" and "uploadId" in asked:
        yield "ObjectCreated:CompleteMultipartUpload", key
    elif method == "PUT" and "uploadId" not in asked and not asked.keys() & _NO_CHANGE:
        yield "ObjectCreated:Copy" if "x-amz-copy-source" in headers else "ObjectCreated:Put", key
    elif method == "DELETE" and "uploadId" not in asked:
        yield _removed(told.get("x-amz-delete-marker") == "true" and "versionId" not in asked), key


def _removed(marker: bool) -> str:
    return "ObjectRemoved:DeleteMarkerCreated" if marker else "ObjectRemoved:Delete"


def _root(engine: Engine, kind: str, arn: str, payload: str, origin: str, asking: Caller) -> Any:
    trace = engine.hub.trace
    return trace.begin(kind, arn, engine.hub.post.name(arn), payload, origin=origin, cause=asking.trace_header)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()


def _refuse(node: Node, answer: Answer, code: str, what: str, operation: str) -> None:
    if answer.status >= 300:
        problem = Problem(
            code=code,
            given=f"the {what} could not be made: {answer.body.decode(errors='replace')}",
            allowed=f"the local {what}s take what {operation} takes",
            fix=f"correct the {what}'s properties",
        )
        raise RunError(node.path, problem)
