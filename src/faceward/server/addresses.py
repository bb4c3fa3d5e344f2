"""Who is connected and what they forwarded in, the address that really asks out."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from faceward.errors import InvalidValue

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOST_BITS = 64
"""What one subscriber of IPv6 usually has. Source: RFC 6177."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies in front of the server, whose word about addresses is taken; nobody else's is.

    Attributes:
        networks: Where they are.
    """

    networks: tuple[_Network, ...] = ()

    @classmethod
    def read(cls, words: str) -> Proxies:
        """Read the setting: addresses or networks, with commas between.

        Raises:
            InvalidValue: One is none.
        """
        try:
            return cls(tuple(ipaddress.ip_network(it.strip()) for it in words.split(",") if it.strip()))
        except ValueError:
            raise InvalidValue(
                "Setting proxies holds what is no address.",
                remedy="Give addresses or networks with commas between, such as 10.0.0.5, 10.1.0.0/24.",
            ) from None

    def asker(self, peer: str, forwarded: Sequence[str]) -> str:
        """Who asks, in words that count attempts: an address, or the 64 bits before it of IPv6.

        Args:
            peer: Who is connected.
            forwarded: Every ``X-Forwarded-For`` of the request, in order.

        Returns:
            The last address that no proxy of ours wrote about another of ours. What stands before it anybody
            could have written.
        """
        said = [it.strip() for line in forwarded for it in line.split(",")]
        here = peer
        while said and self._is_ours(here):
            here = said.pop()
        return _counted(here)

    def _is_ours(self, words: str) -> bool:
        address = _address(words)
        return address is not None and any(address in network for network in self.networks)


NO_PROXIES = Proxies()
"""Nobody's word is taken."""


def _address(words: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(words)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _counted(words: str) -> str:
    address = _address(words)
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), 128 - _HOST_BITS), strict=False))
    return str(address)
