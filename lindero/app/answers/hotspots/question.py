"""A question about hotspots, with its data: places, cells, and alternative settings."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.engine import LOCAL_ENGINE, Engine
from lindero.app.answers.hotspots import place_sets
from lindero.app.answers.hotspots.choices import DRAWS, QUANTITY_NAMES, SEED, CountedQuantity, PlaceKind, RateBase
from lindero.app.answers.hotspots.concessions_on_land import ConcessionFootprint
from lindero.app.answers.hotspots.events import LAYERS_BY_QUANTITY, Events
from lindero.app.answers.hotspots.place_sets import Places
from lindero.app.text.i18n import _
from lindero.geo.geometry.projection import Floats, polygonal_part
from lindero.geo.stats.h3_grid import (
    COARSEST,
    alternative_resolutions,
    cell_km2,
    default_resolution,
    dissolve_containing,
    finest_resolution,
    measure_area_km2,
)
from lindero.geo.stats.hotspots import PlaceCounts, Setting
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_PLACE, KNOWN_PROVINCE, KNOWN_REGION
from lindero.layers.database.queries import derived_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import pandas as pd

CELLS_WITH_NEIGHBOURS = 7  # cells: one and its six neighbours
DECISIVE_SHARE = 0.5  # share of events with a coarse place above which regions are compared instead of cells
SETTING_DRAWS = 10  # random draws per alternative setting

Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """A question about hotspots: quantity (`of`), places (`over`), denominator (`per`), and settings.

    `resolution` is that of H3; if None, it is chosen by the area and the number of events. `within` is the code of a
    country (alpha-2) or region (ISO 3166-2). If empty, the countries with counted events are used; for concessions in
    cells, the regions. `source` is the source of regions, provinces or districts, for maps where several have the same
    areas.
    """

    of: CountedQuantity = CountedQuantity.INCIDENTS
    over: PlaceKind = PlaceKind.H3
    per: RateBase | None = None
    resolution: int | None = None
    within: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    draws: int = DRAWS
    seed: int = SEED
    source: str = ""

    @property
    def has_period(self) -> bool:
        """Whether only a period is requested."""
        return self.since is not None or self.until is not None

    def command(self, country: str = "") -> list[str]:
        """Return the command that asks the same question, for a country if one is given."""
        values = [(field.name, getattr(self, field.name), field.default) for field in fields(self)]
        defaults = {"of", "over", "seed"}
        options = [(f"--{name}", str(value)) for name, value, default in values if value != default or name in defaults]
        options += [("--country", country)] if country else []
        return ["lindero", "hotspots", *(text for option in options for text in option), "--format", "json"]


FINE_FOR = {
    PlaceKind.H3: KNOWN_PROVINCE,  # and not larger than a cell with its neighbours
    PlaceKind.COMMUNITIES: (*KNOWN_PLACE, "district"),
    PlaceKind.DISTRICTS: (*KNOWN_PLACE, "district"),
    PlaceKind.PROVINCES: KNOWN_PROVINCE,
    PlaceKind.REGIONS: KNOWN_REGION,
}
"""How exactly an event must be known to be counted in places of each kind: none is named that is finer."""


def choose_level(question: Question, events: Events) -> Question:
    """Return the question with regions instead of cells if most events are known only by their region.

    A question with a requested cell resolution is not changed.
    """
    if question.over is not PlaceKind.H3 or question.resolution is not None or events.known_to is None:
        return question
    precisions = events.known_to[events.supports.notna().to_numpy()]
    is_coarse = ~precisions.isin(KNOWN_PROVINCE)
    return replace(question, over=PlaceKind.REGIONS) if is_coarse.mean() > DECISIVE_SHARE else question


@dataclass(frozen=True)
class Inquiry:
    """A question with the data that it is answered from."""

    con: map_database.Connection
    question: Question
    events: Events
    area: shapely.Geometry | None
    points: Floats
    step: Step
    engine: Engine = LOCAL_ENGINE
    country: str = ""

    def build_places(self, resolution: int = 0) -> Places:
        """Return the compared places. Cells have the given resolution, or that of the question if it is 0."""
        if self.question.over is PlaceKind.COMMUNITIES:
            place_sets.check_no_source(self.question.over, self.question.source)
            return place_sets.community_places(self.con, self.area)
        if self.question.over is not PlaceKind.H3 or self.area is None:
            return place_sets.administrative_places(self.con, self.question.over, self.area, self.question.source)
        place_sets.check_no_source(self.question.over, self.question.source)
        country = self.country or self.question.within[:2]
        return place_sets.hexagons(self.area, resolution=resolution or self._cell_resolution(), country=country)

    def measure_base(self, places: Places) -> Floats | None:
        """Return the denominator of each place; None without one."""
        return place_sets.measure_base(self.con, places, self.question.per, self.area)

    @property
    def counts_points(self) -> bool:
        """Whether each event counts where its point is, once."""
        ground = self.question.of is CountedQuantity.OVERLAP_HA or self.question.over is PlaceKind.COMMUNITIES
        return self.events.ground is None or not ground

    def count(self, places: Places, draws: int) -> Floats:
        """Count by place, (draws, places).

        Events count where their points are, overlaps by their hectares in each place, and concessions on each
        community's land.
        """
        ground = self.events.ground
        if ground is None or self.counts_points:
            return place_sets.sum_weights(places, self.points[:draws], self.events.weights)
        if self.question.of is CountedQuantity.OVERLAP_HA:
            return places.align_amounts(self._hectares_by_place(places))[None]
        sides = self.engine.prepare(ground), self.engine.prepare(places.rows)
        return places.align_amounts(self.engine.overlap(*sides)["right_id"].value_counts())[None]

    def iter_settings(self, places: Places) -> Iterator[Setting]:
        """Yield alternative settings: cells one size larger and smaller, and nearer and farther neighbours."""
        resolution = places.resolution
        sizes = [None] if resolution is None else alternative_resolutions(resolution, self._area_km2)
        for done, size in enumerate(sizes):
            self.step(_("testing other settings"), done, len(sizes))
            same = size == resolution
            other_places = places if same else self.build_places(size or 0)
            positions = np.arange(len(places.rows)) if same else other_places.find_positions(places.middles)
            values, base_here = self.count(other_places, SETTING_DRAWS), self.measure_base(other_places)
            yield from (Setting(PlaceCounts(values, near, base_here), positions) for near in other_places.neighbours)
        self.step(_("testing other settings"), len(sizes), len(sizes))

    def _hectares_by_place(self, places: Places) -> "pd.Series[float]":
        """Return the hectares of concessions on community land by place, from the build if it stored them."""
        if places.resolution is not None and not self.question.has_period:
            cells = derived_queries.read_cells(
                self.con, COMMUNITIES.name, covered_by=CONCESSIONS.name, resolution=places.resolution
            )
            if len(cells):
                return cells
        return self._concessions_on_land.covered_area_ha(places.rows)[0]

    @cached_property
    def _concessions_on_land(self) -> ConcessionFootprint:
        land = self.engine.prepare(map_database.read_layer(self.con, COMMUNITIES))
        return ConcessionFootprint(gpd.GeoDataFrame(self.events.ground), land, self.engine)

    @cached_property
    def _area_km2(self) -> float:
        return measure_area_km2(self.area)

    def _cell_resolution(self) -> int:
        return choose_cell_resolution(self.question, self._area_km2, len(self.events.supports) + self.events.coarse)


def filter_precise_events(question: Question, events: Events, area: shapely.Geometry | None) -> Events:
    """Return the events with a place known precisely enough for the compared places."""
    if question.over is not PlaceKind.H3 or area is None:
        return events.filter_precise(FINE_FOR[question.over])
    resolution = choose_cell_resolution(question, measure_area_km2(area), len(events.supports))
    return events.filter_precise(FINE_FOR[PlaceKind.H3], CELLS_WITH_NEIGHBOURS * cell_km2(resolution))


def choose_cell_resolution(question: Question, area_km2: float, events: int) -> int:
    """Return the resolution of the compared cells."""
    resolution, finest = question.resolution, finest_resolution(area_km2)
    if resolution is not None and not COARSEST <= resolution <= finest:
        raise AnswerError(
            N_("--resolution must be from {coarsest} to {finest} for this area"),
            coarsest=str(COARSEST),
            finest=str(finest),
        )
    return resolution or default_resolution(area_km2, events=events)


def study_area(coverage: Coverage, question: Question, events: Events, *, country: str = "") -> shapely.Geometry | None:
    """Return the part of the question's area that the sources cover. Nothing could be counted elsewhere.

    For incidents, only declared coverage is used. Coverage proposed from the counted rows would leave out the regions
    without any record. With a `country`, land outside it is left out.
    """
    area = question_area(question, events)
    countries = base_data.load_countries()
    country_shapes = countries.loc[countries["code"] == country, "geometry"].to_numpy()
    if len(country_shapes):
        area = country_shapes[0] if area is None else polygonal_part(shapely.intersection(area, country_shapes[0]))
    for layer in LAYERS_BY_QUANTITY[question.of]:
        ground = coverage.covered_area(layer.name, only_declared=layer is INCIDENTS) if layer.has_geometry else None
        if ground is not None and not shapely.is_empty(ground):
            area = ground if area is None else polygonal_part(shapely.intersection(area, ground))
    if area is not None and measure_area_km2(area) <= 0:
        raise AnswerError(N_("no source covers this area; choose another country or region"))
    return area


def question_area(question: Question, events: Events) -> shapely.Geometry | None:
    """Return the area of a question in degrees, covered or not; None for all communities."""
    areas = [base_data.load_countries(), base_data.load_regions()]
    if question.within:
        chosen = [shape for frame in areas for shape in frame.loc[frame["code"] == question.within, "geometry"]]
        if not chosen:
            raise AnswerError(
                N_(
                    "'{code}' is not the code of a country or region; write the two letters of a country, or the "
                    "code that `lindero regions` lists for a region"
                ),
                code=question.within,
            )
        return shapely.union_all(chosen)
    if not len(events.supports) or events.nowhere == len(events.supports):
        raise AnswerError(
            N_("the map has nothing with a known place to count ({what}); choose something else to count"),
            what=QUANTITY_NAMES[question.of],
        )
    if question.over is PlaceKind.COMMUNITIES:
        return None
    uses_regions = events.ground is not None and question.over is PlaceKind.H3
    points = shapely.point_on_surface(np.array(events.supports.dropna()))
    area = dissolve_containing(points, np.array(areas[uses_regions].geometry))
    if area is None:
        raise AnswerError(N_("everything to count is outside the area of the base data; give an area with --within"))
    return area
