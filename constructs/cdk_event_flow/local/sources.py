"""What else emits events in a run: streams, tables, buckets; and who reads queues and streams: mappings and pipes."""

from collections.abc import Iterable
from typing import TypeVar

from cdk_event_flow.flow.model import EventSourceMapping, Node, Table
from cdk_event_flow.flow.payloads.pipes import record_of
from cdk_event_flow.flow.sources import Bucket, BucketNotifications, Pipe, Stream
from cdk_event_flow.flow.ways import source_of
from cdk_event_flow.local.buckets import LocalBucket
from cdk_event_flow.local.callers import Caller
from cdk_event_flow.local.functions import Functions
from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.mappings import LocalMapping
from cdk_event_flow.local.pipes import PipeCaller, mapping_of
from cdk_event_flow.local.queues import LocalQueue
from cdk_event_flow.local.retries import Retries
from cdk_event_flow.local.storage import Storage
from cdk_event_flow.local.streams import LocalStream, LocalTable, Reader

AnyNode = TypeVar("AnyNode", bound=Node)


class Sources:
    """Built from the nodes of a flow. `mappings` poll queues, `readers` read streams; those of pipes are among them."""

    def __init__(
        self,
        nodes: Iterable[Node],
        queues: Iterable[LocalQueue],
        functions: Functions,
        *,
        hub: Hub,
        retries: Retries,
        storage: Storage,
        region: str,
        account: str,
    ) -> None:
        self._nodes = list(nodes)
        self._queues = {queue.node.arn: queue for queue in queues}
        self._functions = functions
        self._hub = hub
        self._region = region
        self._account = account
        told = self._all(BucketNotifications)
        self.streams = [LocalStream(node, hub=hub, storage=storage) for node in self._all(Stream)]
        self.tables = [LocalTable(node, hub=hub) for node in self._all(Table)]
        self.buckets = [
            LocalBucket(node, told, hub=hub, retries=retries, storage=storage, region=region, account=account)
            for node in self._all(Bucket)
        ]
        self.followed: list[LocalStream | LocalTable] = [*self.streams, *self.tables]
        self.mappings: list[LocalMapping] = []
        self.readers: list[Reader] = []
        self.pipes: list[Pipe] = []
        for node in self._all(EventSourceMapping):
            if node.function_arn in functions.arns():
                self._read(node, functions)
        for pipe in self._all(Pipe):
            if self.why_not(pipe) is None:
                self.pipes.append(pipe)
                self._read(pipe, PipeCaller(pipe, functions, hub=hub, region=region, account=account))

    def find(self, name: str) -> LocalStream | LocalTable | LocalBucket | None:
        """A stream, table or bucket by name, ARN, construct path or logical id."""
        every: list[LocalStream | LocalTable | LocalBucket] = [*self.followed, *self.buckets]
        return next((each for each in every if name in (each.name, each.node.arn, each.node.path, each.node.logical_id)), None)

    def why_not(self, pipe: Pipe) -> str | None:
        """Why a pipe is not run; None where it is."""
        source = source_of(pipe.source_arn)
        if source not in self._queues and not any(each.node.arn == source for each in self.followed):
            return f"its source {pipe.source_arn} is no queue, stream or table of this flow"
        if pipe.enrichment_arn and pipe.enrichment_arn not in self._functions.arns():
            return f"its enrichment {pipe.enrichment_arn} is no function of this flow"
        return None

    def _all(self, kind: type[AnyNode]) -> list[AnyNode]:
        return [node for node in self._nodes if isinstance(node, kind)]

    def _read(self, node: EventSourceMapping | Pipe, caller: Caller) -> None:
        """Poll a queue or read a stream for a mapping or a pipe; nothing, where the source is not of this flow."""
        pipe = isinstance(node, Pipe)
        mapping = mapping_of(node) if isinstance(node, Pipe) else node
        if queue := self._queues.get(node.source_arn):
            self.mappings.append(LocalMapping(mapping, queue, caller, hub=self._hub, region=self._region, sender=self._account))
            return
        source = source_of(node.source_arn)
        from_ = next((each for each in self.followed if each.node.arn == source), None)
        if from_ is None:
            return
        reader = Reader(
            mapping,
            caller,
            hub=self._hub,
            via=self._hub.post.name(node.arn),
            kind="pipe" if pipe else "function",
            retention=from_.retention,
            shape=record_of if pipe else dict,
        )
        self.readers.append(reader)
        from_.readers.append(reader)
