"""What has only state (tables, buckets, parameters, secrets, keys, logs, metrics), answered by moto in this process."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import moto.backends
from moto.backend_index import backend_url_patterns
from moto.core.base_backend import BackendDict
from moto.core.request import Request
from moto.moto_api._internal import mock_random
from werkzeug.exceptions import HTTPException

from cdk_event_flow.flow.model import Table
from cdk_event_flow.local.keeper import Forgetful, Keeper
from cdk_event_flow.local.services.moto_memory import Change, MotoMemory
from cdk_event_flow.local.wire import Answer, Caller

# Signing name of the service, and the name of moto's backend.
SERVICES = {
    "dynamodb": "dynamodb",
    "s3": "s3",
    "ssm": "ssm",
    "secretsmanager": "secretsmanager",
    "kms": "kms",
    "kinesis": "kinesis",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "sts": "sts",
}
_Method = Callable[[Request, str, Any], tuple[int, Mapping[str, Any], Any]]
_CREATE_TABLE = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes")


class Moto:
    """moto's backends behind one lock and one thread, so that the event loop is never blocked.

    The state is the process's: `reset` empties it, `restore` brings back what `keep` has of an earlier process.
    """

    def __init__(self, *, account: str, region: str, keep: Keeper) -> None:
        self._account = account
        self._memory = MotoMemory(keep, account)
        self._keeps = not isinstance(keep, Forgetful)
        self._region = region
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="moto")
        self._methods: dict[str, list[tuple[re.Pattern[str], _Method]]] = {}

    def reset(self) -> None:
        """Forget all state of the services answered here."""
        with self._lock:
            for name in set(SERVICES.values()):
                if f"moto.{name}.models" in sys.modules:  # one that nobody asked yet is empty, and takes its time to import
                    moto.backends.get_backend(name).reset()  # type: ignore[call-overload]

    async def restore(self) -> list[str]:
        """Bring back what an earlier process held, and keep what changes from now on; returns notes for people.

        After the template's tables were made.
        """
        if not self._keeps:
            return []
        requests = self._memory.requests()
        failed = 0
        for request in requests:
            mock_random.seed(request.number)
            headers = {**request.headers, "Authorization": authorization(request.region, request.service)}
            answer = await self.answer(request.caller(), request.method, request.path, headers, request.body)
            failed += not self._memory.repeated(request, answer)
        items, notes = self._memory.restore_items()
        self._memory.live = True
        if failed:
            notes.append(f"{failed} of {len(requests)} kept requests for tables, buckets and the like are refused now")
        if self._memory.new_key_pairs:
            notes.append(f"{self._memory.new_key_pairs} asymmetric KMS keys have new key pairs: theirs cannot be kept")
        if items or requests:
            notes.insert(0, f"tables, buckets and the like are as an earlier run left them ({items} items, {len(requests)} requests)")
        return notes

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def answer(self, caller: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request; `raw_path` is path and query as they came."""
        loop = asyncio.get_running_loop()
        found, changes = await loop.run_in_executor(self._thread, self._answer, caller, method, raw_path, dict(headers), body)
        self._memory.keep(changes)
        return found

    def answer_now(self, caller: Caller, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """As `answer`, on the caller's own thread: for what delivery itself writes."""
        found, changes = self._answer(caller, method, raw_path, dict(headers), body)
        self._memory.keep(changes)
        return found

    def _answer(
        self, caller: Caller, method: str, raw_path: str, headers: dict[str, str], body: bytes
    ) -> tuple[Answer, list[Change]]:
        with self._lock:
            request = self._memory.before(caller, method, raw_path, headers, body)
            answer = self._call(caller, method, raw_path, headers, body)
            return answer, self._memory.after(request, answer) if request else []

    def _call(self, caller: Caller, method: str, raw_path: str, headers: dict[str, str], body: bytes) -> Answer:
        host = f"{caller.service}.{caller.region}.amazonaws.com"
        headers["Host"] = host
        # moto takes the account from here before it looks at the access key.
        headers["x-moto-account-id"] = self._account
        request = Request.from_primitives(method, f"https://{host}{raw_path}", headers, body)
        clean_url = f"https://{host}{raw_path.partition('?')[0]}"
        for pattern, answer in self._methods_of(caller.service, f"https://{host}/"):
            if pattern.match(clean_url):
                try:
                    status, found, content = answer(request, request.raw_url, request.headers)
                except HTTPException as error:
                    status, found, content = error.code or 400, dict(error.get_headers()), error.get_body()
                return _answer(status, found, content)
        return Answer(status=404, headers={}, body=b"")

    def _methods_of(self, service: str, url: str) -> list[tuple[re.Pattern[str], _Method]]:
        if service not in self._methods:
            name = SERVICES[service]
            assert any(pattern.match(url) for known, pattern in backend_url_patterns if known == name)
            backends: BackendDict[Any] = moto.backends.get_backend(name)  # type: ignore[call-overload]
            regions = backends[self._account]
            backend = regions[self._region] if self._region in regions else regions["aws"]
            self._methods[service] = [(re.compile(path), call) for path, call in backend.urls.items()]
        return self._methods[service]

    async def call_json(self, service: str, target: str, body: Mapping[str, Any]) -> Answer:
        """One operation of a JSON service (`DynamoDB_20120810.CreateTable`)."""
        caller = Caller(service=service, region=self._region, access_key="", trace_header="")
        headers = {
            "X-Amz-Target": target,
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": authorization(self._region, service),
        }
        return await self.answer(caller, "POST", "/", headers, json.dumps(body).encode())

    async def create_table(self, table: Table) -> str:
        """Create a table of the template with its indexes, stream and time to live; returns an error or ""."""
        given = table.properties
        wanted: dict[str, Any] = {key: given[key] for key in _CREATE_TABLE if given.get(key)}
        wanted |= {"TableName": table.name, "BillingMode": "PAY_PER_REQUEST"}
        indexes = given.get("GlobalSecondaryIndexes") or []
        if indexes:
            keys = ("IndexName", "KeySchema", "Projection")
            wanted["GlobalSecondaryIndexes"] = [{key: index[key] for key in keys} for index in indexes]
        if given.get("StreamSpecification"):
            view = given["StreamSpecification"].get("StreamViewType", "NEW_AND_OLD_IMAGES")
            wanted["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
        created = await self.call_json("dynamodb", "DynamoDB_20120810.CreateTable", wanted)
        if created.status != 200:
            return created.body.decode(errors="replace")
        ttl = given.get("TimeToLiveSpecification") or {}
        if ttl.get("AttributeName") and ttl.get("Enabled", True):
            specification = {"AttributeName": ttl["AttributeName"], "Enabled": True}
            body = {"TableName": table.name, "TimeToLiveSpecification": specification}
            await self.call_json("dynamodb", "DynamoDB_20120810.UpdateTimeToLive", body)
        return ""


def authorization(region: str, service: str) -> str:
    """The header by which a request of the run itself names its service."""
    return f"AWS4-HMAC-SHA256 Credential=LOCAL/20260101/{region}/{service}/aws4_request"


def _answer(status: int, headers: Mapping[str, Any], content: Any) -> Answer:
    body = content.encode() if isinstance(content, str) else bytes(content)
    return Answer(status=int(status), headers={str(k): str(v) for k, v in headers.items()}, body=body)
