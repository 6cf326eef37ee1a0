"""Coverage of each source: the areas declared with `lindero add --covers`, else proposed from its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.builder.rows.coordinates import locate_rows
from lindero.app.builder.rows.row_location import Land
from lindero.geo import repair
from lindero.geo.registers.extent import Regions, add_shore, find_regions
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Basis, Extent
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.model.schema import COVERAGE, CRS, REGIONS
from lindero.layers.read.reader import read
from lindero.layers.read.sandbox.client import repair_polygons
from lindero.layers.reference import base_data
from lindero.layers.sources.mapping import match_columns
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, storage_path

DEPARTMENT = "department"
_MAX_COUNTRIES = 4  # countries in the cache: outlines of up to some megabytes each
NO_FILES: Mapping[str, Path] = {}
_COLUMNS = [column.name for column in COVERAGE]


@dataclass(frozen=True)
class Region:
    """A country or region that can be declared as coverage: code, name, and area in degrees."""

    code: str
    name: str
    geometry: shapely.Geometry


def add_coverage(con: Connection, space: Workspace, land: Land) -> None:
    """Write the coverage of every snapshot of every source into the map, for each table that contains its rows."""
    stated = {(entry.id, entry.snapshot_on): entry for entry in space.sources if entry.coverage}
    filled_tables = map_database.find_nonempty_tables(con)
    regions = known_regions(con if REGIONS.name in filled_tables else None, space.country)
    declared = {
        text: resolve_coverage(text, space, regions, land) for text in {entry.coverage for entry in stated.values()}
    }
    within = Regions(regions)
    of_layer = {
        (source_row.source_id, str(source_row.snapshot_on)): source_row.layer
        for source_row in map_database.read_sources(con)
    }
    rows: list[dict[str, object]] = []
    for layer, places in coverage.iter_row_places(con, filled_tables | {*of_layer.values()}):
        for source, source_places in _group_by_source(places, layer, of_layer):
            entry = stated.get(source)
            areas = (
                _declared_rows(entry, declared[entry.coverage])
                if entry
                else _proposed_rows(layer, source_places, within)
            )
            rows += [{"layer": layer, "source_id": source[0], "snapshot_on": source[1], **area} for area in areas]
    if rows:
        frame = pd.DataFrame(rows, columns=_COLUMNS)
        coverage.write_coverage(con, gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS))


def known_regions(con: Connection | None, country: str) -> gpd.GeoDataFrame:
    """Return the departments in which rows are located: the workspace's own, and the built-in ones of other countries.

    Columns: `code`, `name`, polygons in OGC:CRS84.
    """
    built_in = base_data.load_regions().rename(columns={"country": "of"})
    departments = _read_departments(con) if con is not None else None
    if departments is None or departments.empty:
        return built_in[["code", "name", "geometry"]]
    foreign = built_in[built_in["of"] != country]
    return gpd.GeoDataFrame(pd.concat([departments, foreign], ignore_index=True), crs=CRS)[["code", "name", "geometry"]]


def resolve_coverage(
    text: str, space: Workspace, regions: gpd.GeoDataFrame, land: Land, files: Mapping[str, Path] = NO_FILES
) -> Region:
    """Return the area that a manifest declares as comma-separated countries, regions (code or name) and files.

    `files` maps the future path of each file that is not in the workspace yet to its present path.
    """
    parts = []
    for name in _split_names(text):
        path = files.get(name, space.folder / name)
        parts.append(_find_region(name, regions) or _region_from_file(name, path, land))
    if not parts:
        raise SourceError(N_("--covers needs a country, a region or a file with polygons"))
    return Region(text, ", ".join(part.name for part in parts), shapely.union_all([part.geometry for part in parts]))


@dataclass(frozen=True)
class DeclaredCoverage:
    """A declared coverage as written in the manifest, the files to be copied for it, and its area in degrees."""

    text: str
    files: tuple[Path, ...] = ()
    geometry: shapely.Geometry | None = None


def manifest_coverage(text: str, space: Workspace, land: Land, *, takes_files: bool = True) -> DeclaredCoverage:
    """Return a coverage given with `--covers` as it is written in the manifest; empty for an empty text.

    Without `takes_files`, only files in the workspace may be named. This is for users on other machines.
    """
    if not text:
        return DeclaredCoverage("")
    inside = {name for name in _split_names(text) if not Path(name).is_absolute() and (space.folder / name).is_file()}
    outside = {
        name: Path(name) for name in _split_names(text) if takes_files and name not in inside and Path(name).is_file()
    }
    new_files = {storage_path(path): path for path in outside.values()}
    manifest = ", ".join(storage_path(outside[name]) if name in outside else name for name in _split_names(text))
    region = resolve_coverage(manifest, space, known_regions(open_last_map(space), space.country), land, new_files)
    return DeclaredCoverage(manifest, tuple(new_files.values()), region.geometry)


def propose_region_names(layer: str, rows: gpd.GeoDataFrame, *, country: str = "") -> list[str]:
    """Return the names of the built-in regions that contain rows.

    If regions of `country` contain rows, only those are returned.
    """
    bounds = rows.geometry.bounds.set_axis(["xmin", "ymin", "xmax", "ymax"], axis=1)
    places = bounds.assign(region=rows.get("region"), country=rows.get("country"))
    regions = _proposed_rows(layer, places, _built_in_regions())
    own_regions = [region for region in regions if str(region.get("place")).startswith(f"{country}-")]
    return sorted(
        {str(region["name"]) for region in own_regions or regions if region.get("name")}
    )  # empty where no region is known


@cache
def _built_in_regions() -> Regions:
    """Return the built-in regions. They are loaded once."""
    return Regions(base_data.load_regions()[["code", "name", "geometry"]])


def open_last_map(space: Workspace) -> Connection | None:
    """Open the map of the last build; return None if there is none."""
    from lindero.layers.disk import builds  # needed only for regions of the workspace

    try:
        return map_database.connect(builds.current_map(space.build_folder))
    except LayerError:
        return None


def _read_departments(con: Connection) -> gpd.GeoDataFrame:
    departments = map_database.read_layer(con, REGIONS, where={"level": DEPARTMENT})
    return departments.assign(
        code=departments["code"].fillna(departments["id"]), name=departments["name"].fillna(departments["id"])
    )


def _split_names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _find_region(name: str, regions: gpd.GeoDataFrame) -> Region | None:
    folded = name.casefold()
    return _find_country(folded) or _find_area(regions, folded) or _find_area(base_data.load_regions(), folded)


@lru_cache(maxsize=_MAX_COUNTRIES)
def _find_country(folded: str) -> Region | None:
    """Find a country in the base data. Results are cached, because most sources declare the same country."""
    return _find_area(base_data.load_countries(), folded)


def _find_area(areas: gpd.GeoDataFrame, folded: str) -> Region | None:
    """Find an area by its code or name in lower case."""
    matches = areas[(areas["code"].str.casefold() == folded) | (areas["name"].str.casefold() == folded)]
    if not len(matches):
        return None
    ground = shapely.union_all(matches.geometry.to_numpy())
    neighbours = areas.drop(index=matches.index).geometry.to_numpy()
    return Region(str(matches["code"].iloc[0]), str(matches["name"].iloc[0]), add_shore(ground, neighbours))


def _region_from_file(name: str, path: Path, land: Land) -> Region:
    if not path.is_file():
        raise SourceError(
            N_("'{name}' is not the ISO code of a country, the code or name of a region, or an existing file"),
            name=name,
        )
    return Region(name, path.stem, _read_polygons(path, land))


def _read_polygons(path: Path, land: Land) -> shapely.Geometry:
    received = read(path)
    stated = received.crs.to_string() if received.crs else CRS
    crs = "" if received.unknown_crs else stated  # stated: the area may be in the sea
    entry = SourceEntry(id=path.stem, layer=REGIONS.name, file=path.name, crs=crs)
    shapes = locate_rows(entry, match_columns(REGIONS, map(str, received.rows.columns)), received, land).geometry
    repaired = repair(
        gpd.GeoSeries(shapes),
        REGIONS.shape,
        repair_polygons=lambda polygons, positions: repair_polygons(polygons, shapes.index[positions], path.name),
    )
    polygons = np.asarray(repaired.geometry, dtype=object)
    if shapely.is_missing(polygons).all():
        raise SourceError(
            N_("{name} has no polygons, so it does not show where a source has data; use a file with polygons"),
            name=path.name,
        )
    return shapely.union_all(polygons)


def _group_by_source(
    places: pd.DataFrame, layer: str, of_layer: Mapping[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Yield the rows of each snapshot in `places`.

    A snapshot of the layer itself is yielded without rows if all of its rows were rejected.
    """
    yielded = set()
    if len(places):
        days = places["snapshot_on"].astype(str).str[:10]
        for (source_id, day), rows in places.groupby([places["source_id"], days]):
            yielded.add((source_id, day))
            yield (str(source_id), str(day)), rows
    for source, own_layer in of_layer.items():
        if own_layer == layer and source not in yielded:
            yield source, places.iloc[:0]


def _declared_rows(entry: SourceEntry, region: Region) -> list[dict[str, object]]:
    as_declared = {"basis": Basis.DECLARED.value, "extent": Extent.COVERED.value}
    return [{**as_declared, "place": entry.coverage, "name": region.name, "geometry": region.geometry}]


def _proposed_rows(layer: str, places: pd.DataFrame, regions: Regions) -> list[dict[str, object]]:
    """Return the regions that contain rows, as coverage. Between the rows of a register, an area counts as covered.

    Incidents, and rows that belong to them, never prove that a list is complete. For them, all regions that contain
    rows or are named by them are possible coverage.
    """
    regions_found = find_regions(places, regions)
    rows = [_coverage_row(Extent.POSSIBLE, region, region.region) for region in regions_found.itertuples()]
    if layer in INCIDENT_LAYERS:
        named = _named_regions(places)
        named = named[~named["code"].isin(regions_found["code"])]
        rows += [_coverage_row(Extent.POSSIBLE, region, region.geometry) for region in named.itertuples()]
    else:
        covered = regions_found[regions_found.geometry.notna()]
        rows = [_coverage_row(Extent.COVERED, region, region.geometry) for region in covered.itertuples()] + rows
    return rows or [{"basis": Basis.PROPOSED.value, "extent": Extent.POSSIBLE.value, "geometry": None}]


def _named_regions(places: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the built-in regions named by incidents."""
    regions = base_data.load_regions()
    pairs = pd.MultiIndex.from_frame(places[["country", "region"]].dropna())
    return regions[pd.MultiIndex.from_frame(regions[["country", "name"]]).isin(pairs)]


def _coverage_row(extent: Extent, region: object, geometry: object) -> dict[str, object]:
    return {
        "basis": Basis.PROPOSED.value,
        "extent": extent.value,
        "place": region.code,  # type: ignore[attr-defined]  # a row of regions
        "name": region.name,  # type: ignore[attr-defined]
        "geometry": geometry,
    }


INCIDENT_LAYERS = frozenset({"incidents", "acts", "victims", "case_steps", "protection_measures"})
