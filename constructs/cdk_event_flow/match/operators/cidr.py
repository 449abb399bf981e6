"""`cidr`: an IP address within a network. Also how texts are read as addresses, for literals compare as addresses too."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cdk_event_flow.errors import PatternError
from cdk_event_flow.match.operators.base import read_text

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOKS_LIKE = re.compile(r"[0-9a-fA-F:][0-9a-fA-F:.]{1,44}").fullmatch


@dataclass(frozen=True, slots=True)
class Cidr:
    """A string that is an address of `network`."""

    network: Network

    def matches(self, value: Any) -> bool:
        """Whether `value` is such an address."""
        found = address(value) if isinstance(value, str) else None
        return found is not None and found in self.network

    def wanted(self) -> str:
        """In words."""
        return f"an address in {self.network}"


def address(text: str) -> Address | None:
    """The address that a text is, or None."""
    return _parsed(text) if _LOOKS_LIKE(text) else None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def read(value: Any, path: str) -> Cidr:
    """`"10.0.0.0/8"` or `"2001:db8::/32"`. Raises PatternError."""
    text = read_text(value, "prefix", path)  # AWS's own word for it
    start, slash, bits = text.partition("/")
    if not slash or "/" in bits:
        raise PatternError("Malformed CIDR, one '/' required", path=path)
    if not (bits.isascii() and bits.isdigit()):
        raise PatternError("Malformed CIDR, mask bits must be an integer", path=path)
    parsed = address(start)
    if parsed is None:
        raise PatternError(f"Nonstandard IP address: {start}", path=path)
    bits = bits.lstrip("0") or "0"
    if len(bits) > 3 or int(bits) > parsed.max_prefixlen:
        raise PatternError(f"Malformed CIDR, mask bits must be < {parsed.max_prefixlen + 1}", path=path)
    return Cidr(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))
