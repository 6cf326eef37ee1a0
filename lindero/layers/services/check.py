"""Comparison of a service with its catalogue entry: what changed and what is still as expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lindero.layers.errors import AddressError, ServiceError
from lindero.layers.services.catalogue import CatalogueEntry
from lindero.layers.services.connection.http import HostClient, RequestSettings
from lindero.layers.services.protocols.detect import FILE, open_service
from lindero.layers.services.protocols.protocol import LayerDescription


@dataclass(frozen=True)
class ServiceCheck:
    """The result of checking a service.

    `state` is `as_expected`, `changed`, `not_reached` or `by_hand`. `error` states why the service could not be
    reached.
    """

    name: str
    state: str
    described: LayerDescription | None = None
    missing: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    paging: str = ""  # the current one, if it differs from the catalogue
    error: ServiceError | None = None


def check_services(
    offers: Iterable[CatalogueEntry],
    *,
    allow_private: bool = False,
    manners: RequestSettings | None = None,
    ca_file: Path | None = None,
) -> Iterable[ServiceCheck]:
    """Check each service, one after the other, and yield the results. A service that fails does not stop the others.

    Yields: one per entry, in the given order. `state` is `as_expected`, `changed`, `not_reached` or `by_hand`.
    """
    for entry in offers:
        yield _check_service(entry, allow_private=allow_private, manners=manners, ca_file=ca_file)


def _check_service(
    entry: CatalogueEntry, *, allow_private: bool, manners: RequestSettings | None, ca_file: Path | None
) -> ServiceCheck:
    if not entry.is_service:
        return ServiceCheck(entry.name, "by_hand")
    try:
        web = HostClient(
            entry.url, allow_private=allow_private, referer=entry.referer, manners=manners, ca_file=ca_file
        )
    except AddressError as error:
        return ServiceCheck(entry.name, "not_reached", error=error)
    try:
        if entry.kind == FILE:
            web.check_reachable(entry.url)
            return ServiceCheck(entry.name, "as_expected")
        described = open_service(web, entry.url, entry.kind, sublayer=entry.sublayer).description
    except ServiceError as error:
        return ServiceCheck(entry.name, "not_reached", error=error)
    missing = tuple(name for name in entry.expects if name not in described.fields) if described.fields else ()
    new = tuple(name for name in described.fields if name not in entry.expects)
    paging = described.paging if entry.paging and described.paging != entry.paging else ""
    return ServiceCheck(entry.name, "changed" if missing or paging else "as_expected", described, missing, new, paging)
