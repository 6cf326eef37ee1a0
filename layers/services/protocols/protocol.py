"""What the kinds of services have in common: a layer that is described, then read answer by answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lindero.layers.services.protocols.features import Feature


@dataclass(frozen=True)
class Request:
    """An address and the parameters to ask it with."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Described:
    """
    What a service says of one of its layers.

    `rows` is None where it does not count them. `fields` are their names, where it names them.
    """

    url: str
    title: str
    rows: int | None
    fields: tuple[str, ...]
    crs: str
    paging: str
    licence: str = ""

    def identity(self) -> dict[str, object]:
        """What must stay the same while the layer is read."""
        return {"url": self.url, "rows": self.rows, "fields": list(self.fields), "paging": self.paging}


@dataclass(frozen=True)
class Page:
    """
    Features of one answer, with the key of each (None where the service gives none).

    `crs` is the text of the coordinate reference system that the answer states, empty if it states none. `more`: the
    service says that there are more; `onward`: where.
    """

    features: tuple[Feature, ...]
    keys: tuple[object, ...]
    crs: str = ""
    more: bool = False
    onward: str = ""


class Service(Protocol):
    """A layer of a service, to be read page by page."""

    kind: str
    described: Described

    @property
    def passing(self) -> re.Pattern[bytes] | None:
        """How an answer begins that is a refusal for now."""

    def first(self) -> Request:
        """Give the first request."""

    def page(self, raw: bytes) -> Page:
        """Understand an answer; raises ServiceError if it is a refusal."""

    def after(self, page: Page, rows: int, number: int) -> Request | None:
        """Give the request after `number` pages with `rows` rows in all, the last of which is `page`; None: done."""

    def rows_now(self) -> int | None:
        """Count the layer's rows again."""
