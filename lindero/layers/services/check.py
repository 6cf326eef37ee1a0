"""Whether a service is as the catalogue says: what changed, and what still holds."""

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
    What became of looking at a service.

    `state`: `as_expected`, `changed`, `not_reached` or `by_hand`. `error` is why it could not be reached.
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
    """Look at each service, one after the other; one that fails does not keep the others from being looked at."""
    for one in offers:
        yield _checked(one, allow_private=allow_private, manners=manners, ca_file=ca_file)


def _checked(one: Offer, *, allow_private: bool, manners: Manners | None, ca_file: Path | None) -> Found:
    if not one.is_service:
        return Found(one.name, "by_hand")
    web = Web(one.url, allow_private=allow_private, referer=one.referer, manners=manners, ca_file=ca_file)
    try:
        if one.kind == FILE:
            web.reach(one.url)
            return Found(one.name, "as_expected")
        described = service_at(web, one.url, one.kind, sublayer=one.sublayer).described
    except ServiceError as error:
        return Found(one.name, "not_reached", error=error)
    missing = tuple(name for name in one.expects if name not in described.fields) if described.fields else ()
    new = tuple(name for name in described.fields if name not in one.expects)
    paging = described.paging if one.paging and described.paging != one.paging else ""
    return Found(one.name, "changed" if missing or paging else "as_expected", described, missing, new, paging)
