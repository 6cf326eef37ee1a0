"""What was asked about: a position, or an area by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindero.geo.near.window import disc, widen

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry

    from lindero.app.answers.coverage.coverage import Answer, Coverage
    from lindero.app.answers.overlap.named_area import NamedArea
    from lindero.layers.reference.gazetteer import Place

M_PER_KM = 1000
BASE = "base"  # the layer of a region of the base data, in the key of an area
AREAS = ("communities", "protected_areas", "concessions", "regions")


def is_key(text: str) -> bool:
    """Return whether a text is written as the key of an area (`NamedArea.key`)."""
    layer, colon, id_ = text.partition(":")
    return bool(colon and id_) and layer in {BASE, *AREAS}


def may_be_area(place: Place | None) -> bool:
    """Return whether a name that was found may mean a whole area: a town or a position means none."""
    return place is not None and (place.layer in AREAS or place.kind == "region")


@dataclass(frozen=True)
class Spot:
    """
    A place that was asked about, with the name that the reader knows it by.

    `area` is there if the name means a whole area; then the position, in degrees on WGS 84, is a point in it.
    """

    name: str
    latitude: float
    longitude: float
    area: NamedArea | None = None

    def ground(self, within_km: float = 0.0) -> shapely.Geometry:
        """Return all ground within a distance of the position or the area, in degrees; about, round an area."""
        if self.shape is None:
            return disc(self.longitude, self.latitude, within_km * M_PER_KM)
        return widen(self.shape, within_km * M_PER_KM)

    @property
    def shape(self) -> BaseGeometry | None:
        """The ground of the area, in degrees; None of a position."""
        return None if self.area is None else self.area.shape

    def coverage(self, covered: Coverage, layer: str, *, within_km: float = 0.0) -> Answer:
        """Return what the map can say of a layer here, or within a distance of the position or the area."""
        if self.shape is not None:
            return covered.over(layer, self.ground(within_km))
        if not within_km:
            return covered.at(layer, self.latitude, self.longitude)
        return covered.around(layer, self.latitude, self.longitude, within_km=within_km)
