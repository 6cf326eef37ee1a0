"""The catalogue of known public services and files, and how each becomes a layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from lindero.layers.errors import N_, ServiceError
from lindero.layers.reference import packs

FILE = "sources.toml"
ACCESS = ("open", "token_required", "portal_only", "pdf_only", "on_request", "closed", "decommissioned")
MANUAL_DOWNLOAD = "by_hand"  # the publisher wants to know who downloads it
IN_FORCE = "in_force"


@dataclass(frozen=True)
class CatalogueEntry:
    """An entry of the catalogue.

    `country` is the code of the pack; empty for sources of several countries. `kind` is a kind of service, or
    `by_hand`. `access` is one of `ACCESS`. A source that is `closed` or `decommissioned` was switched off by its
    publisher, and is not requested. `mapping` names one of `layers.sources.MAPPINGS_BY_NAME`; `constants` are added to
    it. `expects` lists the fields that the mapping reads. `rows` is the number of rows that somebody saw. `verified_on`
    is the date on which somebody checked that the service answers as described; empty if nobody has. `seen_in` states
    the origin of its address and fields. `rhythm_days` is the number of days after which `lindero watch` fetches it
    again. `lists` is `in_force` if the register drops what is no longer in force, so that a missing record does not
    show what became of it.
    """

    name: str
    country: str
    kind: str
    access: str
    layer: str
    title: str
    publisher: str
    url: str
    mapping: str
    seen_in: str
    licence: str = "not stated"
    terms: str = ""
    expects: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    paging: str = ""
    referer: str = ""
    sublayer: str = ""
    crs: str = ""
    accuracy_m: float | None = None
    verified_on: str = ""
    note: str = ""
    rows: int | None = None
    rhythm_days: int = 7
    lists: str = ""

    @property
    def is_service(self) -> bool:
        """Whether Lindero can fetch it."""
        return self.kind != MANUAL_DOWNLOAD


@cache
def load_catalogue() -> Mapping[str, CatalogueEntry]:
    """Load all entries by name: country by country, and those of several countries at the end.

    Returns: `CatalogueEntry` by name. It is cached: do not change it.
    """
    return {
        name: CatalogueEntry(name, country, **{**values, "expects": tuple(values.get("expects", ()))})
        for country, name, values in packs.iter_tables(FILE)
    }


def find_entry(name: str) -> CatalogueEntry:
    """Return the entry with a given name."""
    if name not in load_catalogue():
        raise ServiceError(
            N_("there is no source '{name}'; `lindero sources` lists the known ones, and lindero.toml lists your own"),
            name=name,
        )
    return load_catalogue()[name]


def find_entry_of_source(name: str, url: str) -> CatalogueEntry | None:
    """Return the entry that a source of a workspace was fetched from."""
    return load_catalogue().get(name) or find_entry_by_url(url)


def lists_only_in_force(name: str, url: str, title: str, publisher: str) -> bool:
    """Return whether a source of a map lists only what is in force."""
    known = find_entry_of_source(name, url)
    entries = (
        [known] if known else [e for e in load_catalogue().values() if (e.title, e.publisher) == (title, publisher)]
    )
    return any(entry.lists == IN_FORCE for entry in entries)


def find_entry_by_url(url: str) -> CatalogueEntry | None:
    """Return the service entry with this address."""
    return next(
        (entry for entry in load_catalogue().values() if entry.is_service and entry.url.rstrip("/") == url.rstrip("/")),
        None,
    )
