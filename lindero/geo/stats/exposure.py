"""How much of each community's land lies under title, by kind and status, and between which bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.units import M2_PER_HA, MIN_HA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.accuracy_buffers import IN, OUT, Moved, Way
from lindero.geo.overlay.intersection import (
    ROUNDING_M2,
    Groups,
    candidates,
    covered_area_m2,
    meeting_boxes,
    shared_area_m2,
)
from lindero.geo.overlay.outlines import DrawnOutlines
from lindero.geo.overlay.prepared_layer import Ground
from lindero.machine.threads import one_by_one

Chosen = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.object_]

STATUSES = ("granted", "applied", "suspended", "unknown", "expired")  # ground under several counts for the first
SEVERAL = "several"
LEAST_M2 = 0.01  # less is what is left when two areas that are one are taken from each other
REACH, NEAREST_M = 2.0, 50.0  # of all accuracies, and metres besides: how far round land titles are looked for
AT_ONCE = 500  # communities: so much a thread draws at a time
_ROUNDING = 1e-6  # of the ground under title
_NO_PARTS = pd.DataFrame({"id": [], "by": [], "code": [], "title_ha": []}).astype({"title_ha": float})


def exposure(
    communities: gpd.GeoDataFrame,
    concessions: gpd.GeoDataFrame,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Measure the ground of every community that titles cover, once.

    Parameters
    ----------
    communities, concessions
        Valid polygons with a unique `id`, `boundary_accuracy_m` where known (assumed 50); concessions with `kind` and
        `status`. Communities known by a point alone are left out: nobody has drawn their land. Any CRS.
    progress
        Is told how many communities are done, and how many there are.

    Returns
    -------
    DataFrame, DataFrame
        One row per community, the largest share first: `id`, `land_ha`, `titles` (how many share ground with it),
        `title_ha` (footprint), `share`, `share_low`, `share_high` (0 to 1, of the land as drawn): with all boundaries,
        of titles and land, drawn in by their accuracies, and drawn out.

        The parts of `title_ha`: `id`, `by` (`kind`, `status`), `code`, `title_ha`. By kind, ground under titles of
        more than one kind is `several`; by status, it counts for the first of `STATUSES`. Each adds up to the whole.

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    land, titles = Ground.of(communities), Ground.of(concessions)
    about = concessions.set_index("id")[["kind", "status"]].reindex(titles.ids).fillna("unknown")
    tables, parts = [_table(land.some(np.empty(0, np.int64)), np.empty((0, 4)))], [_NO_PARTS]
    done = 0
    for table, some_parts in one_by_one(_Measure.of(land, titles, about), len(land.ids), chunk=AT_ONCE):
        tables.append(table)
        parts += some_parts
        done += len(table)
        progress(done, len(land.ids))
    table = pd.concat(tables).sort_values(["share", "id"], ascending=[False, True], ignore_index=True)
    return table, pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class _Measure:
    """Measure some communities, given by position, in any thread."""

    land: Ground
    titles: Ground
    kinds: Codes
    statuses: Codes

    @classmethod
    def of(cls, land: Ground, titles: Ground, about: pd.DataFrame) -> "_Measure":
        """Make what all threads look at, once, before there are any."""
        _ = titles.outlines.box_tree
        if numba_jit.AVAILABLE:
            _ = titles.trees
        return cls(land, titles, about["kind"].to_numpy(), about["status"].to_numpy())

    def __call__(self, at: slice) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
        some, titles = self.land.some(np.arange(at.start, at.stop)), self.titles
        under = Under.of(some, titles)
        low, high = _moved_m2(some, titles, under.groups.own)
        title_m2 = under.covered_m2()
        table = _table(some, np.column_stack((under.titles(), title_m2, low, high)))
        splits = (("kind", _by_kind, self.kinds), ("status", _by_status, self.statuses))
        of_codes = [(by, split(under, codes, title_m2)) for by, split, codes in splits]
        return table, [_parts(some, by, code, m2) for by, of_code in of_codes for code, m2 in of_code.items()]


@dataclass(frozen=True)
class Under:
    """Some communities, and the titles that share ground with each."""

    land: Ground
    over: Ground
    groups: Groups

    @classmethod
    def of(cls, land: Ground, titles: Ground) -> "Under":
        """Lay titles over land."""
        at_title, at_land = candidates(titles, land)
        area_m2 = shared_area_m2(titles, land, at_title, at_land)
        meet = area_m2 > ROUNDING_M2
        return cls(land, titles, Groups.of(at_land[meet], at_title[meet], area_m2[meet]))

    def titles(self) -> Floats:
        """Count the titles that share more than a sliver with each."""
        number = np.repeat(self.groups.own, np.diff(self.groups.starts))
        enough = self.groups.shared_m2 >= MIN_HA * M2_PER_HA
        return np.bincount(number[enough], minlength=len(self.land.ids)).astype(float)

    def covered_m2(self) -> Floats:
        """Measure what all titles cover of each; ground counted once."""
        area = np.zeros(len(self.land.ids))
        area[self.groups.own] = covered_area_m2(self.land, self.over, self.groups)
        return area

    def covered_by_m2(self, chosen: Chosen, whole: Floats) -> Floats:
        """Measure what the `chosen` titles cover of each: the whole where all are, nothing where none is."""
        groups = self.groups
        kept, size = chosen[groups.members], np.diff(groups.starts)
        number = np.repeat(np.arange(len(size)), size)
        count = np.bincount(number[kept], minlength=len(size))
        area = np.zeros(len(self.land.ids))
        area[groups.own] = np.where(count == size, whole[groups.own], 0.0)
        mixed = kept & ((count > 0) & (count < size))[number]
        some = Groups.of(groups.own[number[mixed]], groups.members[mixed], groups.shared_m2[mixed])
        area[some.own] = covered_area_m2(self.land, self.over, some)
        return area


def _table(land: Ground, measured: Floats) -> pd.DataFrame:
    """Name what was measured: how many titles, square metres under them, at least and at most."""
    titles, title_m2, low, high = measured.T
    shares = np.clip(np.array([title_m2, np.minimum(low, title_m2), np.maximum(high, title_m2)]) / land.area_m2, 0, 1)
    columns = {"land_ha": land.area_m2 / M2_PER_HA, "titles": titles.astype(int), "title_ha": title_m2 / M2_PER_HA}
    shared = dict(zip(("share", "share_low", "share_high"), shares, strict=True))
    return pd.DataFrame({"id": land.ids.to_numpy(), **columns, **shared})


def _parts(land: Ground, by: str, code: str, m2: Floats) -> pd.DataFrame:
    some = np.flatnonzero(m2 > LEAST_M2)
    columns = {"by": by, "code": code, "title_ha": m2[some] / M2_PER_HA}
    return pd.DataFrame({"id": land.ids.iloc[some].to_numpy(), **columns})


class Lying(NamedTuple):
    """Titles as they lie round some communities: those of one accuracy side by side or on each other as one."""

    ground: Ground
    at_land: Ints  # which community each lies round

    @classmethod
    def of(cls, land: Ground, titles: Ground) -> "Lying":
        """
        Take for each community the titles that reach it when all boundaries are drawn out, and what lies beside those.

        Titles are made one before they are moved, or drawing them in would leave gaps between them. Round each
        community alone: all of a country as one has as many corners as the country.
        """
        reach = REACH * (land.accuracy_m + titles.accuracy_m.max(initial=0.0)) + NEAREST_M
        at_title, at_land = meeting_boxes(titles, land.outlines.bounds + np.outer(reach, (-1, -1, 1, 1)))
        accuracy_m, code = np.unique(titles.accuracy_m[at_title], return_inverse=True)
        key = at_land * max(len(accuracy_m), 1) + code
        groups = Groups.of(key, at_title, np.zeros(len(key)))
        shapes = groups.united(titles)
        ids = pd.Series(range(len(shapes))).astype(str)
        lying = Ground(ids, DrawnOutlines(shapes), np.asarray(shapely.area(shapes)), _each(accuracy_m, groups.own))
        return cls(lying, groups.own // max(len(accuracy_m), 1))


def _each(accuracy_m: Floats, key: Ints) -> Floats:
    return accuracy_m[key % len(accuracy_m)] if len(key) else np.empty(0)


def _moved_m2(land: Ground, titles: Ground, under: Ints) -> tuple[Floats, Floats]:
    """
    Measure what titles cover of each community's land with all boundaries drawn in, and drawn out.

    What shares nothing as drawn shares nothing drawn in: of land beyond those `under` titles nothing is moved for that.
    """
    lying = Lying.of(land, titles)
    every = np.arange(len(lying.at_land))
    low = _moved_one_way(land, lying, every[np.isin(lying.at_land, under)], IN)
    return low, _moved_one_way(land, lying, every, OUT)


def _moved_one_way(land: Ground, lying: Lying, some: Ints, way: Way) -> Floats:
    """Move some of what lies round the land, by position, and that land alone."""
    ours = Moved.of(land, lying.at_land[some], way)
    theirs = Moved.of(lying.ground, some, way)
    at_land, at_title = ours.where[lying.at_land[some]], theirs.where[some]
    kept = (at_land >= 0) & (at_title >= 0)
    at_land, at_title = at_land[kept], at_title[kept]
    area_m2 = shared_area_m2(theirs.ground, ours.ground, at_title, at_land)
    meet = area_m2 > ROUNDING_M2
    groups = Groups.of(at_land[meet], at_title[meet], area_m2[meet])
    covered = np.zeros(len(ours.ground.ids) + 1)
    covered[groups.own] = covered_area_m2(ours.ground, theirs.ground, groups)
    return np.where(ours.where >= 0, covered[ours.where], 0.0)


def _by_kind(under: Under, kinds: Codes, whole: Floats) -> dict[str, Floats]:
    """Give the ground under each kind alone, and that under several."""
    distinct = sorted(set(kinds))
    alone = {kind: np.maximum(whole - under.covered_by_m2(kinds != kind, whole), 0.0) for kind in distinct}
    several = whole - sum(alone.values(), np.zeros(len(whole)))
    return {**alone, SEVERAL: np.where(several > _ROUNDING * whole, several, 0.0)}


def _by_status(under: Under, statuses: Codes, whole: Floats) -> dict[str, Floats]:
    """Give the ground under each status that is not under an earlier one of `STATUSES`."""
    parts, before = {}, np.zeros(len(whole))
    for number, status in enumerate(STATUSES, start=1):
        covered = under.covered_by_m2(np.isin(statuses, STATUSES[:number]), whole)
        parts[status] = np.maximum(covered - before, 0.0)
        before = covered
    return parts
