"""A question about hotspots, and what it is asked of: which places, which cells, which other ways to ask."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from app.analysis import compared
from app.analysis.compared import Over, Per, Places
from app.analysis.counting import Events, Of
from app.intake.laying import HERE, Engine
from app.wording.i18n import _
from geo.areas import area_ha
from geo.cells import COARSEST, resolution_for
from geo.hotspots import Counted, Setting
from geo.plane import Floats
from layers import base, store
from layers.errors import N_, AnswerError

DRAWS = 30
SEED = 1
CELLS = 6_000  # no more at the resolution that is chosen where none is said, nor twice as many in another way to ask
MOST_CELLS = 40_000
CELLS_FOR_EACH = 40  # nor more than so many for each event
FEWEST_CELLS = 100
TRIES = 10  # draws of each way to ask
KM2_PER_HA = 0.01

Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """
    What is asked: hotspots `of` what, `over` which places, `per` what, and how.

    `resolution` is H3's, chosen by the area and the number of events if None. `within` is the code of a country
    (alpha-2) or region (ISO 3166-2); empty: the countries of what is counted, of titles and cells the regions.
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

    def command(self) -> list[str]:
        """Give the command that asks the same."""
        asked = [(field.name, getattr(self, field.name), field.default) for field in fields(self)]
        said = {"of", "over", "seed"}
        options = [(f"--{name}", str(value)) for name, value, usual in asked if value != usual or name in said]
        return ["lindero", "hotspots", *(text for option in options for text in option)]


@dataclass(frozen=True)
class Asked:
    """A question with what it is asked of."""

    con: store.Connection
    question: Question
    events: Events
    area: shapely.Geometry | None
    points: Floats
    step: Step
    engine: Engine[Any] = HERE

    def places(self, resolution: int = 0) -> Places:
        """Give the places that are compared, cells of the resolution asked for unless another is said."""
        if self.question.over is Over.COMMUNITIES:
            return compared.communities(self.con, self.area)
        if self.question.over is not Over.H3 or self.area is None:
            return compared.administrative(self.con, self.question.over, self.area)
        return compared.hexagons(self.area, resolution=resolution or self._resolution())

    def base(self, places: Places) -> Floats | None:
        """Give what is counted against."""
        return compared.base_of(self.con, places, self.question.per, self.area)

    @property
    def counts_points(self) -> bool:
        """Whether each event counts where its point lies, once."""
        ground = self.question.of is Of.OVERLAP_HA or self.question.over is Over.COMMUNITIES
        return self.events.ground is None or not ground

    def count(self, places: Places, draws: int) -> Floats:
        """Count by place, (draws, places): points where they lie, ground by its hectares, titles on community land."""
        ground = self.events.ground
        if ground is not None and not self.counts_points:
            whole = self.question.of is Of.OVERLAP_HA
            return (places.hectares if whole else places.touched)(ground, self.engine)[None]
        return compared.summed(places, self.points[:draws], self.events.weights)

    def settings(self, places: Places) -> Iterator[Setting]:
        """Give the other ways to ask: cells one size larger and smaller, neighbours near and farther."""
        sizes = [None] if places.resolution is None else [places.resolution + by for by in (0, -1, 1)]
        for done, size in enumerate(sizes):
            self.step(_("asking otherwise"), done, len(sizes))
            if size not in {None, places.resolution} and not self._fits(size or 0):
                continue
            same = size is None or size == places.resolution
            other = places if same else self.places(size or 0)
            at = np.arange(len(places.rows)) if same else other.at(places.middles)
            values, base_here = self.count(other, TRIES), self.base(other)
            yield from (Setting(Counted(values, near, base_here), at) for near in other.neighbours)
        self.step(_("asking otherwise"), len(sizes), len(sizes))

    @cached_property
    def _km2(self) -> float:
        area = gpd.GeoSeries(np.array([self.area], dtype=object), crs=self.events.supports.crs)
        return float(area_ha(area).iloc[0]) * KM2_PER_HA

    def _fits(self, resolution: int) -> bool:
        """Tell whether cells of another size are neither too many to be tested in a while, nor too few."""
        return COARSEST <= resolution <= resolution_for(self._km2, cells=2 * CELLS)

    def _resolution(self) -> int:
        asked, finest = self.question.resolution, resolution_for(self._km2, cells=MOST_CELLS)
        if asked is not None and not COARSEST <= asked <= finest:
            raise AnswerError(
                N_("--resolution goes from {coarsest} to {finest} for this area"),
                coarsest=str(COARSEST),
                finest=str(finest),
            )
        few = max(FEWEST_CELLS, CELLS_FOR_EACH * len(self.events.supports))
        return asked or resolution_for(self._km2, cells=min(CELLS, few))


def area_of(question: Question, events: Events) -> shapely.Geometry | None:
    """
    Give the area that is looked at, in degrees; None for all communities.

    Raises
    ------
    AnswerError
        If the code is not known, or there is nothing to count.
    """
    known = [base.countries(), base.regions()]
    if question.within:
        chosen = [shape for frame in known for shape in frame.loc[frame["code"] == question.within, "geometry"]]
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
    shapes = np.array(known[of_regions].geometry)
    points = shapely.point_on_surface(np.array(events.supports.dropna()))
    met = np.unique(shapely.STRtree(list(shapes)).query(points, predicate="intersects")[1])
    if not len(met):
        raise AnswerError(N_("what there is to count lies beyond the base data: name the area with --within"))
    return shapely.union_all(shapes[met])
