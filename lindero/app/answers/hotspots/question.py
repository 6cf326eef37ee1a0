"""A question about hotspots, and what it is asked of: which places, which cells, which other ways to ask."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.hotspots import place_sets
from lindero.app.answers.hotspots.choices import DRAWS, SEED, Of, Over, Per
from lindero.app.answers.hotspots.events import LAYERS_OF, Events
from lindero.app.answers.hotspots.place_sets import Places
from lindero.app.derived.concessions_on_land import Covered
from lindero.app.derived.engine import HERE, Engine
from lindero.app.derived.hotspot_inputs import LAND, TITLES
from lindero.app.text.i18n import _
from lindero.geo.geometry.projection import Floats, areal
from lindero.geo.stats.h3_grid import (
    COARSEST,
    area_holding,
    area_in_km2,
    cell_km2,
    finest_resolution,
    resolutions_about,
    usual_resolution,
)
from lindero.geo.stats.hotspots import Counted, Setting
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_PLACE, KNOWN_PROVINCE, KNOWN_REGION
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import pandas as pd

TOUCHING = 7  # a cell and those that touch it
MOSTLY = 0.5  # share of the events from which on they decide at what level is compared
TRIES = 10  # draws of each way to ask

Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """
    What is asked: hotspots `of` what, `over` which places, `per` what, and how.

    `resolution` is H3's, chosen by the area and the number of events if None. `within` is the code of a country
    (alpha-2) or region (ISO 3166-2); empty: the countries of what is counted, of titles and cells the regions. `source`
    is that of the regions, provinces or districts, where several tell the same.
    """

    of: Of = Of.INCIDENTS
    over: Over = Over.H3
    per: Per | None = None
    resolution: int | None = None
    within: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    draws: int = DRAWS
    seed: int = SEED
    source: str = ""

    @property
    def has_period(self) -> bool:
        """Whether only some years are asked for."""
        return self.since is not None or self.until is not None

    def command(self, country: str = "") -> list[str]:
        """Return the command that asks the same, of a country if one is named."""
        values = [(field.name, getattr(self, field.name), field.default) for field in fields(self)]
        defaults = {"of", "over", "seed"}
        options = [(f"--{name}", str(value)) for name, value, usual in values if value != usual or name in defaults]
        options += [("--country", country)] if country else []
        return ["lindero", "hotspots", *(text for option in options for text in option), "--format", "json"]


FINE_FOR = {
    Over.H3: KNOWN_PROVINCE,  # and no larger than a cell with those that touch it
    Over.COMMUNITIES: (*KNOWN_PLACE, "district"),
    Over.DISTRICTS: (*KNOWN_PLACE, "district"),
    Over.PROVINCES: KNOWN_PROVINCE,
    Over.REGIONS: KNOWN_REGION,
}
"""How exactly an event must be known to be counted in places of each kind: none is named that is finer."""


def at_known_level(question: Question, events: Events) -> Question:
    """Compare regions, where cells of no size were asked for and most events are known by their region alone."""
    if question.over is not Over.H3 or question.resolution is not None or events.known_to is None:
        return question
    at_all = events.known_to[events.supports.notna().to_numpy()]
    coarse = ~at_all.isin(KNOWN_PROVINCE)
    return replace(question, over=Over.REGIONS) if coarse.mean() > MOSTLY else question


@dataclass(frozen=True)
class Inquiry:
    """A question with what it is asked of."""

    con: map_database.Connection
    question: Question
    events: Events
    area: shapely.Geometry | None
    points: Floats
    step: Step
    engine: Engine = HERE
    country: str = ""

    def places(self, resolution: int = 0) -> Places:
        """Give the places that are compared, cells of the resolution asked for unless another is said."""
        if self.question.over is Over.COMMUNITIES:
            place_sets.hold_no_source(self.question.over, self.question.source)
            return place_sets.communities(self.con, self.area)
        if self.question.over is not Over.H3 or self.area is None:
            return place_sets.administrative(self.con, self.question.over, self.area, self.question.source)
        place_sets.hold_no_source(self.question.over, self.question.source)
        country = self.country or self.question.within[:2]
        return place_sets.hexagons(self.area, resolution=resolution or self._resolution(), country=country)

    def base(self, places: Places) -> Floats | None:
        """Give what is counted against."""
        return place_sets.base_of(self.con, places, self.question.per, self.area)

    @property
    def counts_points(self) -> bool:
        """Whether each event counts where its point lies, once."""
        ground = self.question.of is Of.OVERLAP_HA or self.question.over is Over.COMMUNITIES
        return self.events.ground is None or not ground

    def count(self, places: Places, draws: int) -> Floats:
        """Count by place, (draws, places): points where they lie, ground by its hectares, titles on community land."""
        ground = self.events.ground
        if ground is None or self.counts_points:
            return place_sets.sum_weights(places, self.points[:draws], self.events.weights)
        if self.question.of is Of.OVERLAP_HA:
            return places.given(self._hectares(places))[None]
        sides = self.engine.prepare(ground), self.engine.prepare(places.rows)
        return places.given(self.engine.overlap(*sides)["right_id"].value_counts())[None]

    def settings(self, places: Places) -> Iterator[Setting]:
        """Give the other ways to ask: cells one size larger and smaller, neighbours near and farther."""
        resolution = places.resolution
        sizes = [None] if resolution is None else resolutions_about(resolution, self._km2)
        for done, size in enumerate(sizes):
            self.step(_("asking otherwise"), done, len(sizes))
            same = size == resolution
            other = places if same else self.places(size or 0)
            at = np.arange(len(places.rows)) if same else other.at(places.middles)
            values, base_here = self.count(other, TRIES), self.base(other)
            yield from (Setting(Counted(values, near, base_here), at) for near in other.neighbours)
        self.step(_("asking otherwise"), len(sizes), len(sizes))

    def _hectares(self, places: Places) -> "pd.Series[float]":
        """Give the hectares of titles on community land by place: from the map where the build counted them."""
        if places.resolution is not None and not self.question.has_period:
            cells = map_queries.read_cells(self.con, LAND, covered_by=TITLES, resolution=places.resolution)
            if len(cells):
                return cells
        return self._covered.hectares(places.rows)[0]

    @cached_property
    def _covered(self) -> Covered:
        land = self.engine.prepare(map_database.read_layer(self.con, COMMUNITIES))
        return Covered(gpd.GeoDataFrame(self.events.ground), land, self.engine)

    @cached_property
    def _km2(self) -> float:
        return area_in_km2(self.area)

    def _resolution(self) -> int:
        return resolution_of(self.question, self._km2, len(self.events.supports) + self.events.coarse)


def fine_events(question: Question, events: Events, area: shapely.Geometry | None) -> Events:
    """Keep the events that are known as finely as the places that are compared."""
    if question.over is not Over.H3 or area is None:
        return events.as_fine_as(FINE_FOR[question.over])
    resolution = resolution_of(question, area_in_km2(area), len(events.supports))
    return events.as_fine_as(FINE_FOR[Over.H3], TOUCHING * cell_km2(resolution))


def resolution_of(question: Question, area_km2: float, events: int) -> int:
    """
    Give the resolution of the cells that are compared.

    Raises
    ------
    AnswerError
        If one is asked for that the area does not allow.
    """
    resolution, finest = question.resolution, finest_resolution(area_km2)
    if resolution is not None and not COARSEST <= resolution <= finest:
        raise AnswerError(
            N_("--resolution goes from {coarsest} to {finest} for this area"),
            coarsest=str(COARSEST),
            finest=str(finest),
        )
    return resolution or usual_resolution(area_km2, events=events)


def study_area(coverage: Coverage, question: Question, events: Events, *, country: str = "") -> shapely.Geometry | None:
    """
    Give what of the area that is looked at the sources cover: elsewhere nothing could be counted.

    Of incidents only coverage that somebody declared is held to: what is proposed from the very rows that are counted
    would leave out the regions in which none is on record. With a `country`, ground outside of it is left out.

    Raises
    ------
    AnswerError
        As `area_of`, or if no source covers any of it.
    """
    area = area_of(question, events)
    countries = base_data.countries()
    own = countries.loc[countries["code"] == country, "geometry"].to_numpy()
    if len(own):
        area = own[0] if area is None else areal(shapely.intersection(area, own[0]))
    for layer in LAYERS_OF[question.of]:
        ground = coverage.ground(layer.name, only_declared=layer is INCIDENTS) if layer.has_geometry else None
        if ground is not None and not shapely.is_empty(ground):
            area = ground if area is None else areal(shapely.intersection(area, ground))
    if area is not None and area_in_km2(area) <= 0:
        raise AnswerError(N_("no source covers this area: choose another country or region"))
    return area


def area_of(question: Question, events: Events) -> shapely.Geometry | None:
    """
    Give the area that is looked at, in degrees, covered or not; None for all communities.

    Raises
    ------
    AnswerError
        If the code is not known, or there is nothing to count.
    """
    areas = [base_data.countries(), base_data.regions()]
    if question.within:
        chosen = [shape for frame in areas for shape in frame.loc[frame["code"] == question.within, "geometry"]]
        if not chosen:
            raise AnswerError(
                N_("there is no country or region {code}: say PE for Peru, PE-CAJ for Cajamarca"), code=question.within
            )
        return shapely.union_all(chosen)
    if not len(events.supports) or events.nowhere == len(events.supports):
        raise AnswerError(N_("there is nothing on the map to count: {of}"), of=question.of.value)
    if question.over is Over.COMMUNITIES:
        return None
    of_regions = events.ground is not None and question.over is Over.H3
    points = shapely.point_on_surface(np.array(events.supports.dropna()))
    area = area_holding(points, np.array(areas[of_regions].geometry))
    if area is None:
        raise AnswerError(N_("what there is to count lies beyond the base data: name the area with --within"))
    return area
