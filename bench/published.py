"""
Published figures computed again from the received files, with the differences.

    python -m bench published              # all
    python -m bench published amw          # hectares by territory, Amazon Mining Watch
    python -m bench published concessions  # percentages of provinces under concession
    python -m bench published cooperaccion # percentages of departments under concession, CooperAcción
    python -m bench published pysal        # figures in the documentation of esda

The published figures are in `bench/published.csv`, each with its URL and its generation. A difference between
generations of a data set is not a change on the ground: Amazon Mining Watch recomputed all periods in 2026. Figures by
department are compared for the generation of the received files.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo import footprint, overlap, repair
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.crs import DEGREES, utm
from lindero.geo.overlay.apportion import apportion
from lindero.geo.stats.getis_ord import local_g
from lindero.geo.stats.hotspots import empirical_bayes
from lindero.geo.stats.neighbours import Neighbours
from lindero.layers.reference import base_data

FIGURES = Path(__file__).with_name("published.csv")
DATA = Path(__file__).parents[2] / "shared" / "data"
MINED = "Mined area (ha)"
ANP = "peru-protected-areas/anp_nacional_light.geojson"
PROVINCES = "peru-cajamarca/provincia.geojson"
DEPARTMENTS = "peru-admin/peru_departamental_simple.geojson"
WEST_OF_ZONE_18 = shapely.box(-84, -20, -78, 2)  # degrees: where zone 17S is in use
CADASTRES = {
    "2009": ("peru-cajamarca/catastro_minero.geojson", 0),
    "2026": ("peru-cadastre-2026/17s_100326.geojson", 17),
}


@dataclass(frozen=True)
class Line:
    """One figure: the published value, and the value computed here."""

    what: str
    published: float
    here: float

    def to_text(self) -> str:
        """Format the figure as a line of the table."""
        return f"{self.what:<58} {self.published:>14,.4f} {self.here:>14,.4f} {self.here - self.published:>+14,.4f}"


def read_figures(name: str) -> pd.DataFrame:
    """Read the published figures of one set."""
    every = pd.read_csv(FIGURES, dtype={"period": str, "generation": str})
    return every[every["set"] == name]


def amw() -> Iterable[str | Line]:
    """Yield the mined hectares by territory, apportioned by area, beside the published figures."""
    wanted = read_figures("amw")
    scars = {period: _scars(period) for period in wanted["period"].unique()}
    areas = _read_received(ANP).rename(columns={"anp_codi": "id"})[["id", "geometry"]]
    countries = base_data.load_countries().rename(columns={"code": "id"})[["id", "geometry"]]
    departments = _read_received(DEPARTMENTS)
    departments = departments.assign(id="PE_" + departments["FIRST_IDDP"])[["id", "geometry"]]
    parts = [areas, departments, countries[countries["id"] == "PE"].to_crs(DEGREES)]
    areas = gpd.GeoDataFrame(pd.concat(parts), crs=DEGREES)
    areas = areas[areas["id"].isin(wanted["key"])].reset_index(drop=True)
    shared = {period: _apportion_scars(rows, areas) for period, rows in scars.items()}
    for row in wanted.itertuples():
        what = f"{row.territory}, mined in {row.period} (generation {row.generation})"
        yield Line(what, row.published, shared[row.period][row.key])
    yield (
        "The files received are of the generation 2018 to 2025Q3. Where its own figures differ, boundaries may"
        " be others: which it took is not stated. Beside those of 2026-09-22 the method differs: no growth of mining."
    )


def concessions() -> Iterable[str | Line]:
    """Yield the share of each province under concession, in the cadastres of 2009 and 2026."""
    wanted = read_figures("concessions")
    provinces = _read_received(PROVINCES)
    texts = provinces.drop(columns="geometry")
    name = next(column for column in texts if set(wanted["key"]) <= set(texts[column]))
    provinces = provinces.rename(columns={name: "id"})[["id", "geometry"]]
    provinces = provinces[provinces["id"].isin(wanted["key"])].dissolve("id").reset_index()
    for year, (path, zone) in CADASTRES.items():
        titles = _read_received(path, zone=zone)[["geometry"]].assign(id=lambda rows: rows.index.astype(str))
        pairs = overlap(titles, provinces)
        share = footprint(pairs, titles, provinces, by="right_id").set_index("id")["share"] * 100
        for row in wanted.itertuples():
            what = f"{row.territory}, % under concession (published {row.period}, here {year})"
            yield Line(what, row.published, share[row.key])
    yield (
        "Published of 2017, while the cadastres received are of 2009 and 2026: no figure is of the same day. The "
        "cadastre of 2009 holds Cajamarca alone, that of 2026 zone 17S."
    )


def cooperaccion() -> Iterable[str | Line]:
    """Yield the share of each department under concession, west of 78° W, where the cadastre of 2026 has data."""
    path, zone = CADASTRES["2026"]
    titles = _read_received(path, zone=zone)[["geometry"]].assign(id=lambda rows: rows.index.astype(str))
    every = _read_received(DEPARTMENTS).rename(columns={"NOMBDEP": "id"})[["id", "geometry"]]
    for row in read_figures("cooperaccion").itertuples():
        whole = every[every["id"] == row.key].reset_index(drop=True)
        inside = whole.set_geometry(shapely.intersection(whole.geometry.to_numpy(), WEST_OF_ZONE_18)).set_crs(DEGREES)
        part = float((area_ha(inside.geometry) / area_ha(whole.geometry)).iloc[0])
        share = footprint(overlap(titles, inside), titles, inside, by="right_id")["share"].iloc[0] * 100
        what = f"{row.territory}, % under concession ({row.generation}; here 2026, {part:.0%} of it)"
        yield Line(what, row.published, share)
    yield (
        "Published of October 2022; the cadastre received is of March 2026 and of zone 17S, which ends at 78° W: it"
        " holds no department that CooperAcción names as a whole. Of Cajamarca it prints no figure there."
    )


def pysal() -> Iterable[str | Line]:
    """Yield the figures of esda's documentation: Gi* of six points, and empirical Bayes rates of St. Louis."""
    points = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
    values = np.array([[2, 3, 3.2, 5, 8, 7]])
    apart = np.linalg.norm(points[:, None] - points[None, :], axis=2)
    owner, other = np.nonzero((apart <= 15) & (apart > 0))
    near = Neighbours(owner, other, len(points))
    z = local_g(values, near, permutations=9, seed=1).z[0]
    printed = (-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331)
    for number, (there, here) in enumerate(zip(printed, z, strict=True), 1):
        yield Line(f"esda G_Local, star=True, transform='B': Zs of point {number}", there, float(here))
    yield from _st_louis()


def _st_louis() -> Iterable[str | Line]:
    from libpysal.examples import get_path  # part of the extra `stats`

    homicides = pd.read_csv(get_path("stl_hom.csv"))
    rates = empirical_bayes(homicides.iloc[:, 10].to_numpy(dtype=float), homicides.iloc[:, 13].to_numpy(dtype=float))
    printed = (2.36718950, 4.54539167, 4.78114019, 2.76907146, 6.58989323, 3.66494122, 5.79952721, 2.03064590)
    for number, (there, here) in enumerate(zip(printed, rates * 1e5, strict=False), 1):
        yield Line(f"esda Empirical_Bayes, stl_hom: r of county {number}, × 100,000", there, float(here))


SETS: dict[str, Callable[[], Iterable[str | Line]]] = {
    "amw": amw,
    "concessions": concessions,
    "cooperaccion": cooperaccion,
    "pysal": pysal,
}


def main(*names: str) -> None:
    """Print the sets named, or all."""
    for name in names or SETS:
        if name not in SETS:
            sys.exit(f"There are no published figures {name}; there are {', '.join(SETS)}")
        print(f"{name:<58} {'published':>14} {'here':>14} {'difference':>14}")
        for line in SETS[name]():
            print(line if isinstance(line, str) else line.to_text())


def _read_received(name: str, *, zone: int = 0) -> gpd.GeoDataFrame:
    """
    Read a received file, repaired, in degrees.

    `zone` is the UTM south zone of a file that does not state its CRS.
    """
    frame = gpd.read_file(DATA / name)
    if zone:
        frame = frame.set_crs(utm(zone, south=True), allow_override=True)
    return frame.set_geometry(repair(frame.geometry.to_crs(DEGREES), "polygon").geometry)


def _scars(period: str) -> gpd.GeoDataFrame:
    found = _read_received(f"amazon-mining-watch/mining_{period}_simplified.geojson")
    return found[[MINED, "geometry"]].assign(id=[str(number) for number in range(len(found))])


def _apportion_scars(scars: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> dict[str, float]:
    """Apportion mined hectares by area. `ALL` is the total, and areas without mining have 0."""
    found = apportion(overlap(scars, areas), scars, areas, column=MINED)
    return {**dict.fromkeys(areas["id"], 0.0), **found.by_right.set_index("id")[MINED].to_dict(), "ALL": found.total}
