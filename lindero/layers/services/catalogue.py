"""The catalogue: services and files of public record that are known, each with how it becomes a layer."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lindero.layers.errors import N_, ServiceError

CATALOGUE = Path(__file__).parents[1] / "sources" / "catalogue.toml"
BY_HAND = "by_hand"  # its publisher wants to know who takes it


@dataclass(frozen=True)
class Offer:
    """
    One entry of the catalogue.

    `kind` is a kind of service, or `by_hand`. `mapping` names one of `layers.sources.KNOWN`; `constants` are added to
    it. `expects` are the fields that it reads. `verified_on`: when somebody saw that it answers so; empty: nobody has.
    `seen_in`: where its address and its fields are known from.
    """

    name: str
    kind: str
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

    @property
    def is_service(self) -> bool:
        """Whether it can be fetched."""
        return self.kind != BY_HAND


@cache
def catalogue() -> Mapping[str, Offer]:
    """Give all entries by name, in the order of the file."""
    with CATALOGUE.open("rb") as file:
        entries = tomllib.load(file)
    return {
        name: Offer(name, **{**values, "expects": tuple(values.get("expects", ()))}) for name, values in entries.items()
    }


def offer(name: str) -> Offer:
    """
    Give one entry.

    Raises
    ------
    ServiceError
        If there is none of that name.
    """
    if name not in catalogue():
        raise ServiceError(
            N_("there is no source {name}: `lindero sources` lists those that are known, and lindero.toml your own"),
            name=name,
        )
    return catalogue()[name]


def offer_at(url: str) -> Offer | None:
    """Give the entry whose address this is."""
    return next(
        (one for one in catalogue().values() if one.is_service and one.url.rstrip("/") == url.rstrip("/")), None
    )
