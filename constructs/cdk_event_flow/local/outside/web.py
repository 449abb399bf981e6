"""Requests that the run makes itself: to this machine, and to hosts that were allowed by name."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cdk_event_flow.local.post import RefusedError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Web:
    """`allowed` are the hosts besides this machine that may be asked."""

    allowed: Collection[str] = field(default=())

    def may(self, url: str) -> bool:
        """Whether a request may go there."""
        try:
            parts = urlsplit(url)
            return parts.scheme in ("http", "https") and (parts.hostname or "") in {*_LOOPBACK, *self.allowed}
        except ValueError:
            return False

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, timeout: float) -> int:
        """The status of the answer, `timeout` in seconds. Redirections are not followed: they could lead anywhere.

        Raises RefusedError, to be tried again, where nobody answers in time.
        """
        import aiohttp

        try:
            limit = aiohttp.ClientTimeout(total=timeout)
            async with (
                aiohttp.ClientSession(timeout=limit, trust_env=False) as session,
                session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer,
            ):
                await answer.read()
                return answer.status
        except TimeoutError:
            raise RefusedError("TIMEOUT", f"{url} did not answer within {timeout:g} s", retry=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise RefusedError("CONNECTION_FAILURE", f"{url}: {error}", retry=True) from None
        except asyncio.CancelledError:
            raise


def refuse_status(status: int, url: str, *, again: frozenset[int]) -> None:
    """Raise RefusedError for a status that is no success; those in `again`, and 5xx, are tried again."""
    if not 200 <= status < 300:
        retry = status in again or status >= 500
        raise RefusedError("SDK_CLIENT_ERROR" if not retry else "API_DESTINATION_ERROR", f"{url} answered {status}", retry=retry)
