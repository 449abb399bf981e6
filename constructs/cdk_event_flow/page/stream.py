"""The page's stream of server-sent events. Each message is absolute, so that one that is missed, or seen twice, does no harm.

The id of a message is the run's and the number of the last change it tells of: with it a browser goes on where it was cut
off, and learns when the run is another one.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from cdk_event_flow.page.live import Live

EVERY = 0.15  # seconds between two messages
ALIVE_EVERY = 10.0  # seconds, after which a message says that nothing happened
RETRY_MS = 800


async def events_since(live: Live, last_id: str, closing: asyncio.Event) -> AsyncIterator[str]:
    """The messages after the one of this id; of another run's, or of none, everything as it is now."""
    run_id, _, number = last_id.partition("-")
    seen = int(number) if run_id == live.id and number.isdigit() and len(number) < 16 else -1
    yield f"retry: {RETRY_MS}\n\n"
    first, quiet, settled = True, 0.0, None
    while not closing.is_set():
        live.watch.settle()
        if first or live.watch.seen != seen or live.watch.behind or live.trace_settled != settled or quiet >= ALIVE_EVERY:
            message = live.told_since(seen)
            fresh = first and seen < 0
            seen, settled, quiet, first = message["seen"], live.trace_settled, 0.0, False
            text = json.dumps({**message, "run": live.id, "fresh": fresh}, ensure_ascii=False, default=str)
            yield f"id: {live.id}-{seen}\nevent: state\ndata: {text}\n\n"
        try:
            await asyncio.wait_for(closing.wait(), EVERY)
        except TimeoutError:
            quiet += EVERY
