"""Checks of where a request may go: only to the requested host, at an address of the public network.

A name is resolved once, and the connection uses the address that was checked. A name that changes its address in
between (DNS rebinding) therefore has no effect.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from lindero.layers.errors import N_, AddressError, UnreachableError

PORTS = {"http": 80, "https": 443}
_CARRIES_IPV4 = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an IPv4 address in the last four bytes
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Endpoint:
    """The endpoint of a request: scheme, host, port, and path with query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def parse_endpoint(address: str) -> Endpoint:
    """Parse a web address.

    Returns: scheme, host in lower case, port (80 or 443 if the address has none), and path with query.
    """
    try:
        parsed = parse_url(address.strip())
    except LocationParseError as error:
        raise AddressError(N_("'{url}' is not a web address"), url=address) from error
    if parsed.scheme not in PORTS or not parsed.host:
        raise AddressError(N_("'{url}' is not a web address; it must begin with https:// or http://"), url=address)
    if parsed.auth:
        raise AddressError(
            N_("the address of {host} contains a user name or a password; remove them and try again"), host=parsed.host
        )
    host = parsed.host.strip("[]").rstrip(".").lower()
    return Endpoint(parsed.scheme, host, parsed.port or PORTS[parsed.scheme], _target(parsed))


def resolve_host(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Resolve a host to the addresses that may be connected to."""
    try:
        records = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            N_("the server {host} was not found; check its name and your network"), host=host
        ) from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in records))
    private_addresses = [address for address in addresses if not is_public(address)]
    if private_addresses and not allow_private:
        raise AddressError(
            N_("{host} is at {address}, which is not a public address; use --allow-private to contact it anyway"),
            host=host,
            address=private_addresses[0],
        )
    return addresses


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public network.

    If it embeds other addresses, those are checked instead.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(
        embedded.is_global and not embedded.is_multicast and not embedded.is_reserved
        for embedded in _embedded_addresses(parsed)
    )


def add_params(url: str, params: Mapping[str, str]) -> str:
    """Add parameters to an address, replacing existing ones of the same name in any letter case."""
    parts = urlsplit(url)
    named = {name.casefold() for name in params}
    remaining = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name.casefold() not in named
    ]
    return urlunsplit(parts._replace(query=urlencode([*remaining, *params.items()]), fragment=""))


def _embedded_addresses(address: _Address) -> list[_Address]:
    """Return the address, or the IPv4 addresses that an IPv6 address embeds."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    embedded = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _CARRIES_IPV4:
        embedded.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if int(address) >> 32 == 0:  # ::127.0.0.1, long deprecated, still accepted
        embedded.append(ipaddress.IPv4Address(int(address)))
    return [candidate for candidate in embedded if candidate is not None] or [address]


def _target(parsed: Url) -> str:
    return parsed.request_uri
