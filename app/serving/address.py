"""Where other devices find the map: the addresses of this machine, and the code that a phone's camera reads."""

import io
import ipaddress

import ifaddr
import segno

from lindero.app.serving.light.page import ADDRESSES
from lindero.app.text import i18n

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  told apart, not listened at


def addresses(host: str, port: int) -> list[str]:
    """
    Give the addresses at which others reach a server that listens at `host`, those of IPv4 first.

    Only this machine's own settings are read; no other machine is asked.
    """
    found = [host] if host not in EVERYWHERE else [ip for ip in _own() if host != "0.0.0.0" or ":" not in ip]  # noqa: S104
    return [f"http://{f'[{ip}]' if ':' in ip else ip}:{port}" for ip in sorted(found, key=lambda ip: ":" in ip)]


def light_page(address: str) -> str:
    """Give the address of the light page in the language spoken."""
    return f"{address}{ADDRESSES.get(i18n.current(), '/here')}"


def code(address: str) -> str:
    """Draw an address as a QR code for a terminal."""
    drawn = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out=drawn, compact=True, border=2)
    return drawn.getvalue()


def _own() -> list[str]:
    """Give this machine's addresses that another may reach: neither loopback nor link-local."""
    every = [ip.ip if isinstance(ip.ip, str) else ip.ip[0] for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    parsed = [(text, ipaddress.ip_address(text)) for text in dict.fromkeys(every)]
    return [text for text, ip in parsed if not (ip.is_loopback or ip.is_link_local)]
