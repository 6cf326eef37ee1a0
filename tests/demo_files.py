"""The demonstration map as its files hold it."""

import csv
import json
import unicodedata
from functools import cache
from pathlib import Path

import shapely
from pyproj import CRS, Transformer
from shapely.geometry import shape

from lindero.data.demo_parts.territories import load_setting

SETTING = load_setting("PE")
TERRITORIES = SETTING.territories
DEMO = Path(__file__).parents[1] / "lindero" / "data" / "demo"
BEFORE, NOW = "2024-06-30", "2026-06-30"
SPATIAL = ("concessions", "communities", "protected_areas", "regions", "incidents")
TABLES = ("acts", "victims", "case_steps", "protection_measures", "consultations")


@cache
def features(layer, day=NOW):
    collection = json.loads(DEMO.joinpath("files", f"{layer}-{day}.geojson").read_text(encoding="utf-8"))
    return [
        {**feature["properties"], "geometry": shape(feature["geometry"]) if feature["geometry"] else None}
        for feature in collection["features"]
    ]


@cache
def rows(layer):
    with DEMO.joinpath("files", f"{layer}-{NOW}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def records(layer):
    if layer == "concessions":
        return [*features(layer, BEFORE), *features(layer)]
    return rows(layer) if layer in TABLES else features(layer)


def plain(text):
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper().strip()


def territory_of(record):
    return next(each for each in TERRITORIES if f"-{each.code}-" in record["code"])


def in_metres(territory, geometry):
    return shapely.transform(geometry, _to_metres(territory.zone).transform, interleaved=False)


@cache
def _to_metres(zone):
    metres = CRS.from_dict({"proj": "utm", "zone": zone, "south": True, "datum": "WGS84"})
    return Transformer.from_crs("OGC:CRS84", metres, always_xy=True)
