"""Two registers of the same things: told apart, chosen or asked about, and never added up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lindero.app.answers.coverage.coverage import Coverage, coverage_of
from lindero.app.answers.overlap.row_selection import Test
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, listed, ngettext
from lindero.geo.geometry.projection import is_polygonal
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries
from lindero.layers.database.queries.map_queries import Entry
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS, REGIONS
from lindero.layers.model.vocabularies import VOCABULARIES

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Box = Sequence[float]  # west, south, east and north in degrees; not a number where that is not known
Called = tuple[str, str | None]  # code and zone, for a park and its buffer zone have one code
_SHARED, _FEWEST_SHARED = 0.5, 3  # codes by which two sources are registers of the same things
_SAME_GROUND = 0.5  # of a source's areas that lie in those of others: it tells the same ones again


def one_register(layer: Layer, entries: Sequence[Entry]) -> None:
    """
    Hold that no two sources of a layer are registers of the same things, which would be added up.

    Raises
    ------
    AnswerError
        If two share codes of things whose boxes meet, or that have no place: half of those of the smaller one, and
        three at least. What two countries number alike is not the same, nor are a park and its buffer zone.
    """
    for one, other, shared in told_twice(entries):
        raise AnswerError(
            N_(
                "{one} and {other} are two registers of {layer}: {count} codes stand in both, and would be counted "
                "twice; name one of them as the source, or take one out with lindero remove"
            ),
            one=one,
            other=other,
            layer=layer.name,
            count=shared,
        )


def one_level(layer: Layer, rows: pd.DataFrame) -> None:
    """
    Hold that regions are of one level: a province lies in its department, and both would be counted.

    Raises
    ------
    AnswerError
        If they are of several.
    """
    levels = levels_of(layer, rows["level"].dropna() if "level" in rows else ())
    if len(levels) > 1:
        text = N_("regions are of several levels, which lie in one another: {levels}; choose one, as level={level}")
        raise AnswerError(text, levels=", ".join(levels), level=levels[0])


def levels_of(layer: Layer, stated: Iterable[object]) -> tuple[str, ...]:
    """Give the levels of regions that rows are of, the widest first; nothing of other layers."""
    there = set(stated) if layer is REGIONS else set()
    return tuple(level for level in VOCABULARIES["region_level"] if level in there)


def entries(rows: gpd.GeoDataFrame) -> list[Entry]:
    """Give what tells rows of a layer apart as entries of a register; nothing of one source, which tells none twice."""
    if len(rows["source_id"].unique()) <= 1:
        return []
    known = [
        rows[name].astype(object).where(rows[name].notna(), None) if name in rows else [None] * len(rows)
        for name in Entry._fields[:-1]
    ]
    return [Entry(*values) for values in zip(*known, rows.geometry.bounds.to_numpy().tolist(), strict=True)]


def told_twice(rows: Iterable[Entry]) -> Iterator[tuple[str, str, int]]:
    """Give which two sources of a layer are registers of the same things, and how many codes stand in both."""
    registers: dict[str, dict[Called, list[Box]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.code is not None:
            registers[row.source_id][row.code, row.zone].append(row.box)
    for (one, ours), (other, theirs) in combinations(sorted(registers.items()), 2):
        shared = len({called[0] for called in ours.keys() & theirs.keys() if _meet(ours[called], theirs[called])})
        fewest = min(len({code for code, _zone in each}) for each in (ours, theirs))
        if shared >= max(_FEWEST_SHARED, _SHARED * fewest):
            yield one, other, shared


def _meet(ours: Iterable[Box], theirs: Iterable[Box]) -> bool:
    """Tell whether any two boxes do not lie apart; one that is not known lies apart from none."""
    return any(not (a[2] < b[0] or a[0] > b[2] or a[3] < b[1] or a[1] > b[3]) for a, b in product(ours, theirs))


def left_out(rows: Collection[Entry]) -> dict[str, str]:
    """Give the sources to leave out so that nothing is told twice, each with the one, of more rows, that tells it."""
    sizes = Counter(row.source_id for row in rows)
    doubled = {frozenset(pair) for *pair, _shared in told_twice(rows)}
    chosen: list[str] = []
    left: dict[str, str] = {}
    for source in sorted(sizes, key=lambda one: (-sizes[one], one)):
        again = next((one for one in chosen if {one, source} in doubled), None)
        if again is None:
            chosen.append(source)
        else:
            left[source] = again
    return left


@dataclass(frozen=True)
class Counted:
    """Which rows of a layer are counted so that nothing is counted twice."""

    level: str = ""  # of regions, of several that the map holds; else empty
    levels: tuple[str, ...] = ()  # that are left out
    left_out: Mapping[str, str] = field(default_factory=dict)  # sources, each with the one that tells the same
    ids: frozenset[str] = frozenset()  # of the rows that are left out

    @classmethod
    def of(cls, layer: Layer, rows: Collection[Entry]) -> Counted:
        """Choose the widest level, and of registers of the same things those of most rows."""
        level, *others = levels_of(layer, (row.level for row in rows)) or ("",)
        again = left_out([row for row in rows if not others or row.level == level])
        ids = frozenset(row.id for row in rows if (others and row.level != level) or row.source_id in again)
        return cls(level if others else "", tuple(others), again, ids)

    @classmethod
    def of_map(cls, con: Connection, layer: Layer) -> Counted:
        """Choose of all current rows of a layer."""
        return cls.of_sources(con, layer, map_database.read_sources(con))

    @classmethod
    def of_sources(cls, con: Connection, layer: Layer, sources: Iterable[Source]) -> Counted:
        """Choose of all rows of a layer that current `sources` tell; what two cannot have told twice is not read."""
        telling = {each.source_id for each in sources if each.is_current and each.layer == layer.name}
        return cls.of(layer, map_queries.in_registers(con, layer)) if layer is REGIONS or len(telling) > 1 else EVERY

    def tests(self) -> tuple[Test, ...]:
        """Give the conditions that leave these rows."""
        levels = [Test("level", "=", self.level)] if self.level else []
        return (*levels, *(Test("source_id", "!=", source) for source in self.left_out))

    def sentences(self) -> list[str]:
        """Say what is left out, and why."""
        text = _("{source} tells the same things as {other}, and is left out: they would be counted twice.")
        lines = [text.format(source=plain(source), other=plain(other)) for source, other in self.left_out.items()]
        if self.level:
            of_level = _("Of the regions, those of one level are counted ({level}); left out: {levels}.")
            others = listed([word(level) for level in self.levels])
            lines.append(of_level.format(level=word(self.level), levels=others))
        return lines


EVERY = Counted()  # nothing is left out
REGISTERED = ("concessions", "communities", "protected_areas")  # layers that a place or a map is answered of


@dataclass(frozen=True)
class Registers:
    """Which rows of the layers of a map are counted, by layer, where something is told of a place or of the map."""

    counted: Mapping[str, Counted]

    @classmethod
    def of_map(cls, con: Connection, layers: Collection[str] = REGISTERED) -> Registers:
        """Choose of all current rows of some layers."""
        sources = map_database.read_sources(con)
        return cls({name: Counted.of_sources(con, LAYERS[name], sources) for name in REGISTERED if name in layers})

    def takes(self, layer: str, id_: str) -> bool:
        """Tell whether a feature is counted."""
        return id_ not in self.counted.get(layer, EVERY).ids

    def of_layer(self, layer: str, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Leave out what another register tells, of rows of one layer."""
        left = self.counted.get(layer, EVERY).ids
        return rows[~rows["id"].isin(left)].reset_index(drop=True) if left else rows

    def once(self, rows: list[dict[str, object]]) -> list[dict[str, object]]:
        """Leave out what another register tells, of rows with `layer` and `id`."""
        return [row for row in rows if self.takes(str(row["layer"]), str(row["id"]))]

    def coverage(self, con: Connection, layers: Collection[str] = ()) -> Coverage:
        """Read where what is counted has data, of some layers or of all: of what is left out no zero is said."""
        return self.without_doubles(coverage_of(con, layers=layers))

    def without_doubles(self, covered: Coverage) -> Coverage:
        """Leave out where sources that are left out have data."""
        left = self.left_out()
        return covered.without(left) if left else covered

    def left_out(self) -> dict[str, str]:
        """Give the sources that are left out, each with the one that tells the same."""
        return {source: other for one in self.counted.values() for source, other in one.left_out.items()}

    def sentences(self) -> list[str]:
        """Say what is left out, and why."""
        return [line for one in self.counted.values() for line in one.sentences()]


@dataclass(frozen=True)
class Level:
    """The regions of one level, of the sources `chosen`; those of `left_out` are the same areas told again."""

    rows: gpd.GeoDataFrame
    chosen: tuple[str, ...]
    left_out: tuple[str, ...]

    def sentence(self) -> str:
        """Say which sources are left out; empty if none is."""
        if not self.left_out:
            return ""
        text = ngettext(
            "The areas are those of {chosen}; {left} tells the same ones again, and is left out.",
            "The areas are those of {chosen}; {left} tell the same ones again, and are left out.",
            len(self.left_out),
        )
        return text.format(chosen=listed(self.chosen), left=listed(self.left_out))


def regions_of(con: Connection, level: str, *, source: str = "") -> Level:
    """
    Give the map's regions of a level, each area once: of sources that tell the same ones, of that which tells most.

    Raises
    ------
    AnswerError
        If a source is named that tells none of this level.
    """
    every = map_database.read_layer(con, REGIONS, where={"level": level})
    sizes = every["source_id"].value_counts()
    if source and source not in sizes.index:
        names = ", ".join(sorted(sizes.index)) or "-"
        text = N_("{source} has no regions of the level {level}; these have: {known}")
        raise AnswerError(text, source=source, level=level, known=names)
    ordered = [source] if source else sorted(sizes.index, key=lambda one: (-sizes[one], one))
    chosen: list[str] = []
    for one in ordered:
        own, taken = (every[every["source_id"].isin(some)] for some in ([one], chosen))
        if _inside(own, taken) < _SAME_GROUND:
            chosen.append(one)
    left = tuple(sorted(set(sizes.index) - set(chosen)))
    return Level(every[every["source_id"].isin(chosen)].reset_index(drop=True), tuple(chosen), left)


def _inside(areas: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> float:
    """Tell which share of some areas has its middle in another's."""
    if others.empty or areas.empty:
        return 0.0
    own = areas.geometry.to_numpy()
    middles = shapely.point_on_surface(own[is_polygonal(own)])
    at, _to = shapely.STRtree(others.geometry.to_numpy()).query(middles, predicate="within")
    return len(np.unique(at)) / len(areas)
