"""What the endpoint says of the run itself, beside the services of AWS: what became of a request's events."""

import json

from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.report import Report
from cdk_event_flow.local.wire import Answer

OWN_PATH = "/_event-flow/"  # no bucket of S3 can have this name
_REQUESTS = f"{OWN_PATH}requests/"


def own_answer(engine: Engine, path: str) -> Answer:
    """`requests/ID`: the trees of what began with the request of this id, and whether all of it has `settled`."""
    if not path.startswith(_REQUESTS):
        return _json(404, {"message": f"only {_REQUESTS}ID is answered"})
    request = path.removeprefix(_REQUESTS)
    roots = [root for root in engine.hub.trace.roots if root.request == request]
    settled = all(each.resting or not each.open for root in roots for each in root.walk())
    return _json(200, {"settled": settled, "events": len(roots), "text": Report(engine.hub.trace, engine.hub.post).text_of(roots)})


def _json(status: int, content: object) -> Answer:
    return Answer(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(content).encode())
