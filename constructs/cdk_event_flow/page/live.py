"""What the page asks of a run that goes on."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cdk_event_flow.errors import EventError, Problem
from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.attributes import attributes_of
from cdk_event_flow.flow.model import Bus, Node
from cdk_event_flow.flow.payload import json_or_text
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.trace import Delivery, State
from cdk_event_flow.page.content import Sample, as_values, content, title_of
from cdk_event_flow.page.environments import environments
from cdk_event_flow.page.events import detail, summary
from cdk_event_flow.page.hints import hints
from cdk_event_flow.page.letters import Letters
from cdk_event_flow.page.search import Wanted, wanted
from cdk_event_flow.page.verdicts import verdicts
from cdk_event_flow.page.watch import Watch

MOST_OF_A_PAGE = 200
_KEPT_SEARCHES = 8


class Live:
    """The page's view of one run. `id` tells it from another run's."""

    def __init__(self, run: LocalRun, flow: Flow, *, saved: Iterable[Sample], read: Callable[[Path], Flow]) -> None:
        self.id = secrets.token_hex(6)
        self._run = run
        self._flow = flow
        self._read = read
        self.watch = Watch(run.trace, flow)
        self.letters = Letters(run, flow, self.id)
        self._content = content(flow, saved, title=title_of(flow, "Event flow"))
        self._searches: dict[str, _Search] = {}

    def close(self) -> None:
        """Follow the run no more."""
        self.watch.close()

    @property
    def trace_settled(self) -> bool:
        """Whether nothing is on its way."""
        return self._run.trace.settled

    def content(self) -> dict[str, Any]:
        """What the page shows of the flow itself."""
        return {**self._content, "run": self.id, "endpoint": self._run.endpoint_url, "notes": list(self._run.notes)}

    def told_since(self, number: int) -> dict[str, Any]:
        """What changed since the change of this number; the events that did, as lines of the list."""
        told = self.watch.since(number)
        roots = [self.watch.roots[id] for id in told["events"]] if number >= 0 else []
        letters = {queue["arn"]: queue["count"] for queue in self.letters.queues()}
        return {**told, "events": [self._line(root) for root in roots], "letters": letters}

    def _line(self, root: Delivery) -> dict[str, Any]:
        return summary(self._run, root, self.watch.state(root))

    async def events(self, query: Mapping[str, str]) -> dict[str, Any]:
        """A part of the list, newest first: `offset`, `limit`, `q` (see `search`), `state`, `node` (an ARN it came to)."""
        offset, limit = _whole(query.get("offset"), 0), min(_whole(query.get("limit"), 50), MOST_OF_A_PAGE)
        self.watch.settle()
        ids = await self._found(query.get("q", ""), query.get("node", ""))
        if state := query.get("state"):
            of_state = self.watch.by_state.get(State(state), set()) if state in set(State) else set()
            ids = [id for id in ids if id in of_state]
        shown = ids[::-1][offset : offset + limit]
        return {"total": len(ids), "offset": offset, "events": [self._line(self.watch.roots[id]) for id in shown]}

    async def _found(self, query: str, node: str) -> list[int]:
        ids = list(self.watch.roots)
        if query.strip():
            search = self._searches.pop(query, None) or _Search(wanted(query))
            self._searches[query] = search
            if len(self._searches) > _KEPT_SEARCHES:
                del self._searches[next(iter(self._searches))]
            await asyncio.to_thread(search.go_on, [(id, self.watch.roots[id].payload) for id in ids[search.looked_at :]])
            ids = list(search.found)
        if node:
            came = self.watch.came_to.get(self.watch.vertex(node), set())
            ids = [id for id in ids if id in came]
        return ids

    def event(self, id: int) -> dict[str, Any]:
        """One event, all of it. Raises EventError (EF-EVENT) for one that is not there."""
        return detail(self._run, self._root(id))

    async def why(self, id: int) -> dict[str, Any]:
        """Where the event goes by the template, and why not elsewhere. Raises EventError."""
        root = self._root(id)
        return await asyncio.to_thread(verdicts, self._flow, root.node, json_or_text(root.payload))

    def _root(self, id: int) -> Delivery:
        root = self.watch.roots.get(id)
        if root is None:
            problem = Problem(code="EF-EVENT", given="there is no event of this number", allowed="a run numbers its events",
                              fix="look at the list of events")  # fmt: skip
            raise EventError(str(id), problem)
        return root

    async def dry(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Where an event would go. Nothing is sent. Raises EventError."""
        node, event, attributes = self._asked(asked)
        found = await asyncio.to_thread(verdicts, self._flow, node.arn, event, attributes)
        return {**found, "hints": hints(self._flow, event)}

    async def send(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Send it, really. The number of the event that it became."""
        node, event, attributes = self._asked(asked)
        if isinstance(node, Bus):
            if not isinstance(event, dict):
                raise EventError("the event", _no_event("a bus takes JSON objects"))
            [root] = await self._run.put_events([event], bus=node.arn, origin="page")
        else:
            body = event if isinstance(event, str) else json.dumps(event)
            root = await self._run.send(node.arn, body, attributes=attributes_of(attributes))
        return {"id": root.id}

    def _asked(self, asked: Mapping[str, Any]) -> tuple[Node, Any, Mapping[str, Any]]:
        on, attributes = asked.get("on"), asked.get("attributes") or {}
        if not isinstance(on, str) or not isinstance(attributes, dict) or "event" not in asked:
            raise EventError("the event", _no_event("a request has an event, and on"))
        return self._flow.find(on), asked["event"], attributes

    async def diff(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What changes from the run's template to the one at `path`. Raises TemplateError."""
        path = asked.get("path")
        if not isinstance(path, str) or not path.strip():
            raise EventError("the template", _no_event("a comparison needs the path of a template or a folder such as cdk.out"))
        return await asyncio.to_thread(self._difference, Path(path.strip()).expanduser())

    def _difference(self, path: Path) -> dict[str, Any]:
        return as_values(self._flow.diff(self._read(path)))

    def environments(self) -> dict[str, Any]:
        """The execution environments."""
        return environments(self._run, self._flow)


class _Search:
    """A search that goes on from where it was: payloads do not change."""

    def __init__(self, fits: Wanted | None) -> None:
        self._fits = fits
        self.looked_at = 0
        self.found: list[int] = []

    def go_on(self, events: list[tuple[int, str]]) -> None:
        for id, payload in events:
            if self._fits is None or self._fits(payload):
                self.found.append(id)
        self.looked_at += len(events)


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else otherwise


def _no_event(given: str) -> Problem:
    return Problem(code="EF-EVENT", given=given, allowed="an event is JSON, for a bus, topic, queue or function of the flow",
                   fix="correct the request")  # fmt: skip
