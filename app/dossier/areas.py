"""The overlaps of a dossier measured anew from its GeoPackage, beside what it states."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.dossier.contents import COMMUNITY, LAID, MEASURED
from lindero.geo import overlap, totals
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import read

FIGURES, GEOPACKAGE = "data/figures.json", "data/rows/dossier.gpkg"
ROUNDING_HA = 0.001
_RELATIVE = 1e-6
_KEYS = ["left_layer", "left_id", "right_layer", "right_id"]
_TABLE = {"communities": COMMUNITY}


@dataclass(frozen=True)
class Compared:
    """How many areas agree, and those that do not: of what, as stated, as measured (None where it is not there)."""

    agree: int
    differ: tuple[tuple[str, float | None, float | None], ...]


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
    measured = _measured(folder / GEOPACKAGE, {str(each["of"]) for each in told["figures"] if each["value"]})
    names = sorted(stated.keys() | measured.keys())
    differ = tuple(
        (name, stated.get(name), measured.get(name))
        for name in names
        if not _is_same(stated.get(name), measured.get(name))
    )
    return Compared(len(names) - len(differ), differ)


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
