"""Comparison of a service with its catalogue entry: what changed and what is still as expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lindero.layers.errors import ServiceError
from lindero.layers.services.catalogue import Offer
from lindero.layers.services.connection.http import Manners, Web
from lindero.layers.services.protocols.detect import FILE, service_at
from lindero.layers.services.protocols.protocol import Described


@dataclass(frozen=True)
class Found:
    """
    The result of checking a service.

    `state` is `as_expected`, `changed`, `not_reached` or `by_hand`. `error` states why the service could not be
    reached.
    """

    name: str
    state: str
    described: Described | None = None
    missing: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    paging: str = ""  # as it is now, where it is another than the catalogue says
    error: ServiceError | None = None


def check(
    offers: Iterable[Offer],
    *,
    allow_private: bool = False,
    manners: Manners | None = None,
    ca_file: Path | None = None,
) -> Iterable[Found]:
    """Check each service, one after the other, and yield the results. A service that fails does not stop the others."""
    for entry in offers:
        yield _checked(entry, allow_private=allow_private, manners=manners, ca_file=ca_file)


def _checked(entry: Offer, *, allow_private: bool, manners: Manners | None, ca_file: Path | None) -> Found:
    if not entry.is_service:
        return Found(entry.name, "by_hand")
    web = Web(entry.url, allow_private=allow_private, referer=entry.referer, manners=manners, ca_file=ca_file)
    try:
        if entry.kind == FILE:
            web.reach(entry.url)
            return Found(entry.name, "as_expected")
        described = service_at(web, entry.url, entry.kind, sublayer=entry.sublayer).described
    except ServiceError as error:
        return Found(entry.name, "not_reached", error=error)
    missing = tuple(name for name in entry.expects if name not in described.fields) if described.fields else ()
    new = tuple(name for name in described.fields if name not in entry.expects)
    paging = described.paging if entry.paging and described.paging != entry.paging else ""
    return Found(entry.name, "changed" if missing or paging else "as_expected", described, missing, new, paging)
