"""`cidr`: an IP address within a network."""

import ipaddress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cidr:
    """A string that is an address of `network`."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network

    def matches(self, value: Any) -> bool:
        """Whether `value` is such an address."""
        if not isinstance(value, str):
            return False
        try:
            return ipaddress.ip_address(value) in self.network
        except ValueError:
            return False

    def wanted(self) -> str:
        """In words."""
        return f"an address in {self.network}"
