"""The overlaps of a dossier measured anew from its GeoPackage, beside what it states."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.dossier.contents import BOUNDARIES, COMMUNITY, LAID, MEASURED
from lindero.geo import overlap, totals
from lindero.geo.geometry.projection import areal
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import read

FIGURES, GEOPACKAGE, DRAWN = "data/figures.json", "data/rows/dossier.gpkg", f"data/rows/{BOUNDARIES}"
ROUNDING_HA = 0.001
_RELATIVE = 1e-6
_KEYS = ["left_layer", "left_id", "right_layer", "right_id"]
_TABLE = {"communities": COMMUNITY}


@dataclass(frozen=True)
class Compared:
    """
    How many areas agree, and those that do not: of what, as stated, as measured (None where it is not there).

    `unlike` are rows whose boundaries, as the page inside a dossier measures them, are not those of the GeoPackage.
    """

    agree: int
    differ: tuple[tuple[str, float | None, float | None], ...]
    unlike: tuple[str, ...]


def compared(folder: Path) -> Compared:
    """
    Measure the overlaps of a dossier from its GeoPackage, which is read behind walls as any stranger's file.

    Raises
    ------
    SourceError
        If the GeoPackage cannot be read.
    ValueError, KeyError, TypeError
        If the figures cannot be understood, or the boundaries cannot be measured.
    """
    told = json.loads(folder.joinpath(FIGURES).read_text(encoding="utf-8"))
    stated = {**_stated_pairs(told["pairs"]), **_stated_sums(told["figures"])}
    held = {str(each["of"]) for each in told["figures"] if each["value"]}
    measured = _measured(folder / GEOPACKAGE, held)
    names = sorted(stated.keys() | measured.keys())
    differ = tuple(
        (name, stated.get(name), measured.get(name))
        for name in names
        if not _is_same(stated.get(name), measured.get(name))
    )
    return Compared(len(names) - len(differ), differ, tuple(_unlike(folder, held)))


def _stated_pairs(pairs: list[Mapping[str, Any]]) -> dict[str, float]:
    return {_called(pair): float(pair["area_ha"]) for pair in pairs}


def _stated_sums(figures: list[Mapping[str, Any]]) -> dict[str, float]:
    return {
        f"{each['of']} {each['figure']}": float(each["value"])
        for each in figures
        if each["of"] in LAID and each["figure"] in MEASURED and each["value"]
    }


def _measured(file: Path, held: set[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, (left, right) in LAID.items():
        if name not in held:
            continue
        sides = [_layer(file, _TABLE.get(layer, layer)) for layer in (left, right)]
        pairs = overlap(*sides, with_range=True)
        sums = totals(pairs, *sides, with_range=True)
        rows = pairs.assign(left_layer=left, right_layer=right).to_dict("records")
        found |= {_called(row): float(row["area_ha"]) for row in rows}
        found |= {f"{name} {each}": float(getattr(sums, each)) for each in MEASURED if getattr(sums, each)}
    return found


def _unlike(folder: Path, held: set[str]) -> Iterator[str]:
    """Name the rows whose boundaries are not the same in both files; none in a dossier of before there were two."""
    if not folder.joinpath(DRAWN).is_file():
        return
    got = read(folder / DRAWN, nothing_written=True)
    if got.geometry is None:
        raise ValueError(DRAWN)
    drawn = dict(zip(zip(got.rows["layer"], got.rows["id"], strict=True), got.geometry, strict=True))
    for layer in ("communities", *sorted(held & LAID.keys())):
        table = _layer(folder / GEOPACKAGE, _TABLE.get(layer, layer))
        for id_, shape in zip(table["id"], table.geometry, strict=True):
            if not _draw_the_same(shape, drawn.pop((layer, id_), None)):
                yield f"{layer} {id_}"
    yield from (f"{layer} {id_}" for layer, id_ in drawn)


def _draw_the_same(one: shapely.Geometry | None, other: shapely.Geometry | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(shapely.equals_exact(areal(one), areal(other), normalize=True))


def _layer(file: Path, name: str) -> gpd.GeoDataFrame:
    got = read(file, sublayer=name, nothing_written=True)
    if got.geometry is None:
        raise ValueError(name)
    accuracy = pd.to_numeric(got.rows["boundary_accuracy_m"], errors="coerce")
    frame = pd.DataFrame({"id": got.rows["id"].astype(str), "boundary_accuracy_m": accuracy})
    return gpd.GeoDataFrame(frame, geometry=got.geometry.to_numpy(), crs=CRS)


def _called(pair: Mapping[Any, Any]) -> str:
    return " ".join(str(pair[key]) for key in _KEYS)


def _is_same(stated: float | None, measured: float | None) -> bool:
    if stated is None or measured is None:
        return False
    return math.isclose(stated, measured, rel_tol=_RELATIVE, abs_tol=ROUNDING_HA)
