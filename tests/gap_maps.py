"""
Small maps with planted gaps: what nobody covers, has no date, no place or no holder, ties, few rows, empty layers.

Each is drawn by its number, so that a fault is found again. A world is built as every other map is; its copies get gaps.
"""

import datetime as dt
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import geopandas as gpd
import shapely

from lindero.layers.disk import builds
from tests.built import build
from tests.files import Files

SITES = {"Cajamarca": (-78.5, -7.0), "La Libertad": (-78.2, -8.0), "Amazonas": (-78.0, -6.2)}
COVERAGES = ("PE", "PE", "PE-CAJ", "PE-LAL", "")  # an empty one is proposed from the rows, and not stated
HOLDERS = ("Minera Uno S.A.", "Minera Dos S.A.", "Minera Tres S.A.", "")
EVENTS = "code,title,occurred_on,date_precision,place_text,region,country,location_precision,visibility,sources,longitude,latitude"
PRECISIONS = ("exact", "exact", "district", "region", "country")


WORLDS = 4  # maps that share one build, each with other gaps planted into a copy
GAPS = (
    "DELETE FROM coverage WHERE layer = '{layer}'",
    "UPDATE coverage SET basis = 'proposed', extent = 'possible' WHERE layer = '{layer}'",
    "UPDATE concessions SET applied_on = NULL, granted_on = NULL",
    "UPDATE concessions SET holder = NULL WHERE row_number % 2 = 0",
    "UPDATE incidents SET occurred_on = NULL, date_precision = 'unknown'",
    "UPDATE communities SET name = NULL WHERE row_number > 1",
)
COVERED = ("concessions", "communities", "protected_areas", "incidents")


@dataclass(frozen=True)
class GapMap:
    """A built map with gaps, and the land that every one of them has."""

    number: int
    build_folder: Path
    land: str = "communities/Comunidad A"


def draw_map(number: int, folder: Path) -> GapMap:
    """Draw the map of a number: build its world, or take the one that was built before, and plant its gaps."""
    world = folder / f"world-{number // WORLDS}" / "space"
    if not world.exists():
        _build_world(random.Random(number // WORLDS), world)
    if number % WORLDS == 0:
        return GapMap(number, world / "build")
    dice = random.Random(f"gaps {number}")
    build_folder = folder / f"map-{number}" / "build"
    build_folder.mkdir(parents=True)
    new = build_folder / ".map-new.duckdb"
    shutil.copyfile(builds.current_map(world / "build"), new)
    with duckdb.connect(new) as con:
        for gap in dice.sample(GAPS, dice.randint(1, 3)):
            con.execute(gap.format(layer=dice.choice(COVERED)))
    builds.publish_map(build_folder, new, digest=f"{number:012x}", inputs=f"{number:012x}")
    return GapMap(number, build_folder)


def _build_world(dice: random.Random, folder: Path) -> None:
    files = Files(folder)
    lands = [_square(dice, near=0.1) for _ in range(dice.randint(1, 3))]
    names = [f"Comunidad {letter}" for letter in "ABC"[: len(lands)]]
    files.add("communities", _frame({"code": names, "name": names}, lands), coverage=dice.choice(COVERAGES))
    for day in ("2025-01-01", "2026-01-01")[dice.randint(0, 1) :]:
        rows = _concessions(dice, lands)
        if rows is not None:
            files.add("concessions", rows, coverage=dice.choice(COVERAGES), snapshot_on=day)
    if dice.random() < 0.6:
        parks = [_square(dice, near=0.3)]
        files.add(
            "protected_areas", _frame({"code": ["P"], "name": ["Parque"]}, parks), coverage=dice.choice(COVERAGES)
        )
    if dice.random() < 0.8:
        _add_events(files, dice)
    build(files.space)


def _square(dice: random.Random, *, near: float) -> shapely.Geometry:
    west, south = SITES[dice.choice([*SITES])]
    side = dice.choice((0.02, 0.05, 0.3))
    west, south = west + dice.uniform(-near, near), south + dice.uniform(-near, near)
    return shapely.box(west, south, west + side, south + side)


def _frame(fields: dict[str, list[str]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(fields, geometry=shapes, crs="OGC:CRS84")


def _concessions(dice: random.Random, lands: list[shapely.Geometry]) -> gpd.GeoDataFrame | None:
    count = dice.choice((0, 1, 2, 4, 6))
    if not count:
        return None
    shapes = [dice.choice(lands) if dice.random() < 0.2 else _square(dice, near=0.15) for _ in range(count)]
    has_dates = dice.random() < 0.7
    dates = [str(dt.date(2025, 12, 31) - dt.timedelta(days=dice.randint(0, 900))) for _ in shapes]
    fields = {
        "code": [f"C{dice.randint(0, 9)}{index}" for index in range(count)],
        "name": [f"Derecho {index}" for index in range(count)],
        "holder": [dice.choice(HOLDERS) for _ in shapes],
        "status": [dice.choice(("granted", "applied", "")) for _ in shapes],
        "applied_on": [day if has_dates and dice.random() < 0.8 else "" for day in dates],
    }
    return _frame(fields, shapes)


def _add_events(files: Files, dice: random.Random) -> None:
    """Add attacks and conflicts: some at a place, some known by a district, a region or the country alone."""
    rows, acts = [], []
    for code in range(dice.choice((1, 2, 5))):
        region, precision = dice.choice([*SITES]), dice.choice(PRECISIONS)
        west, south = SITES[region]
        place = f"{west + dice.uniform(-0.4, 0.4)},{south + dice.uniform(-0.4, 0.4)}"
        day = dice.choice(("", f"20{dice.randint(15, 25)}-05-01"))
        told = "" if precision == "country" else region
        placed = place if precision in {"exact", "district"} else ","
        rows.append(
            f"{code},Hecho {code},{day},{'day' if day else 'unknown'},,{told},PE,{precision},public_record,Informe,{placed}"
        )
        acts += [f"incidents/{code},{dice.choice(('killing', 'threat'))}"] if dice.random() < 0.6 else []
    files.add("incidents", "\n".join([EVENTS, *rows]) + "\n", coverage=dice.choice(COVERAGES))
    if acts:
        files.add("acts", "\n".join(["incident_id,type", *acts]) + "\n", coverage="")
