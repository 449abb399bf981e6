"""HTTP and HTTPS subscriptions of topics.

https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
"""

from collections.abc import Awaitable

from cdk_event_flow.local.hub import Hub
from cdk_event_flow.local.outside.web import Web, refuse_status
from cdk_event_flow.local.post import Parcel
from cdk_event_flow.local.trace import Delivery, State

TIMEOUT = 15.0  # seconds


class WebSubscriber:
    """An address that topics send to. It is not asked to confirm: what the template subscribes is confirmed here."""

    def __init__(self, url: str, *, hub: Hub, web: Web) -> None:
        self.kind = url.partition(":")[0]
        self.name = url
        self._trace = hub.trace
        self._web = web

    def take(self, parcel: Parcel, delivery: Delivery) -> Awaitable[None] | None:
        """Send the message, or show it."""
        if not self._web.may(self.name):
            self._trace.shown(delivery, self.kind)
            return None
        return self._send(parcel, delivery)

    async def _send(self, parcel: Parcel, delivery: Delivery) -> None:
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
            **{str(name): str(value) for name, value in parcel.web.items()},
        }
        status = await self._web.ask("POST", self.name, headers, parcel.body.encode(), timeout=TIMEOUT)
        refuse_status(status, self.name, again=frozenset({429}))
        self._trace.end(delivery, State.PROCESSED, f"POST answered {status}")
