"""Where each source of a workspace has data: as declared (`lindero add --covers`), else proposed from its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.pipeline.rows.coordinates import in_degrees
from lindero.app.pipeline.rows.row_location import Land
from lindero.geo import repair
from lindero.geo.registers.extent import Regions, regions_of_rows, with_its_shore
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Basis, Extent
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.model.schema import COVERAGE, CRS, REGIONS
from lindero.layers.read.reader import read
from lindero.layers.reference import base_data
from lindero.layers.sources.mapping import own_mapping
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, kept_as

DEPARTMENT = "department"
_KEPT = 4  # countries: outlines with their shores, of up to some megabytes each
NO_FILES: Mapping[str, Path] = {}
NOTHING: frozenset[tuple[str, str, str]] = frozenset()
_COLUMNS = [column.name for column in COVERAGE]


@dataclass(frozen=True)
class Region:
    """A country or region that can be declared: its code, its name, and its ground in degrees."""

    code: str
    name: str
    geometry: shapely.Geometry


def add_coverage(
    con: Connection, space: Workspace, land: Land, *, besides: frozenset[tuple[str, str, str]] = NOTHING
) -> None:
    """
    Write down for every snapshot of every source, and each table that its rows stand in, where it has data.

    `besides` are layer, source and day of what was taken over from the last map.
    """
    stated = {(entry.id, entry.snapshot_on): entry for entry in space.sources if entry.coverage}
    told = map_database.holding(con)
    regions = known_regions(con if REGIONS.name in told else None, space.country)
    drawn = {
        text: declared_ground(text, space, regions, land) for text in {entry.coverage for entry in stated.values()}
    }
    within = Regions(regions)
    of_layer = {(one.source_id, str(one.snapshot_on)): one.layer for one in map_database.read_sources(con)}
    rows: list[dict[str, object]] = []
    for layer, places in coverage.placed_rows(con, told | {*of_layer.values()}, excluded=besides):
        for source, own in _by_source(places, layer, of_layer):
            if (layer, *source) in besides:
                continue
            entry = stated.get(source)
            found = _declared(entry, drawn[entry.coverage]) if entry else _proposed(layer, own, within)
            rows += [{"layer": layer, "source_id": source[0], "snapshot_on": source[1], **each} for each in found]
    if rows:
        frame = pd.DataFrame(rows, columns=_COLUMNS)
        coverage.write(con, gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS))


def known_regions(con: Connection | None, country: str) -> gpd.GeoDataFrame:
    """
    Give the departments that rows are looked for in: the workspace's own, and the built-in ones elsewhere.

    Columns: `code`, `name`, polygons in OGC:CRS84.
    """
    built_in = base_data.regions().rename(columns={"country": "of"})
    own = _own_departments(con) if con is not None else None
    if own is None or own.empty:
        return built_in[["code", "name", "geometry"]]
    others = built_in[built_in["of"] != country]
    return gpd.GeoDataFrame(pd.concat([own, others], ignore_index=True), crs=CRS)[["code", "name", "geometry"]]


def declared_ground(
    text: str, space: Workspace, regions: gpd.GeoDataFrame, land: Land, files: Mapping[str, Path] = NO_FILES
) -> Region:
    """
    Return the ground that a manifest declares: countries, regions (by code or name) and files, with commas.

    `files` are those that the workspace does not hold yet, by the path under which it will.

    Raises
    ------
    SourceError
        If one of them is not known, or the file holds no polygons.
    """
    parts = []
    for name in _names(text):
        path = files.get(name, space.folder / name)
        parts.append(_region(name, regions) or _of_file(name, path, land))
    if not parts:
        raise SourceError(N_("--covers wants a country, a region or a file with polygons"))
    return Region(text, ", ".join(part.name for part in parts), shapely.union_all([part.geometry for part in parts]))


@dataclass(frozen=True)
class Filed:
    """What `--coverage` says as the manifest holds it, and the files that are to be kept for it."""

    text: str
    files: tuple[Path, ...] = ()


def manifest_coverage(text: str, space: Workspace, land: Land, *, takes_files: bool = True) -> Filed:
    """
    Return what `--covers` says as the manifest is to hold it; nothing if nothing is said.

    Without `takes_files` no file outside the workspace may be named, for whoever asks is not at this machine.

    Raises
    ------
    SourceError
        If what it names is not known.
    """
    if not text:
        return Filed("")
    inside = {name for name in _names(text) if not Path(name).is_absolute() and (space.folder / name).is_file()}
    new = {name: Path(name) for name in _names(text) if takes_files and name not in inside and Path(name).is_file()}
    kept = {kept_as(path): path for path in new.values()}
    manifest = ", ".join(kept_as(new[name]) if name in new else name for name in _names(text))
    declared_ground(manifest, space, known_regions(last_map(space), space.country), land, kept)
    return Filed(manifest, tuple(kept.values()))


def proposed_names(layer: str, rows: gpd.GeoDataFrame, *, country: str = "") -> list[str]:
    """Return the names of the built-in regions that rows lie in: those of one country, if it has any of them."""
    bounds = rows.geometry.bounds.set_axis(["xmin", "ymin", "xmax", "ymax"], axis=1)
    places = bounds.assign(region=rows.get("region"), country=rows.get("country"))
    found = _proposed(layer, places, _built_in())
    own = [each for each in found if str(each.get("place")).startswith(f"{country}-")]
    return sorted({str(each["name"]) for each in own or found if each.get("name")})  # beyond all that is known: none


@cache
def _built_in() -> Regions:
    """Give the built-in regions, which each file that is looked at asks."""
    return Regions(base_data.regions()[["code", "name", "geometry"]])


def last_map(space: Workspace) -> Connection | None:
    """Open the map of the last build; None where there is none."""
    from lindero.layers.disk import builds  # only where a region of the workspace may be meant

    try:
        return map_database.connect(builds.current_map(space.build_folder))
    except LayerError:
        return None


def _own_departments(con: Connection) -> gpd.GeoDataFrame:
    own = map_database.read_layer(con, REGIONS, where={"level": DEPARTMENT})
    return own.assign(code=own["code"].fillna(own["id"]), name=own["name"].fillna(own["id"]))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _region(name: str, regions: gpd.GeoDataFrame) -> Region | None:
    folded = name.casefold()
    return _country(folded) or _among(regions, folded) or _among(base_data.regions(), folded)


@lru_cache(maxsize=_KEPT)
def _country(folded: str) -> Region | None:
    """Give a country of the base data: most sources are declared to cover the same one, at each build anew."""
    return _among(base_data.countries(), folded)


def _among(areas: gpd.GeoDataFrame, folded: str) -> Region | None:
    """Give one of some areas by its code or name, its case folded."""
    met = areas[(areas["code"].str.casefold() == folded) | (areas["name"].str.casefold() == folded)]
    if not len(met):
        return None
    ground = shapely.union_all(met.geometry.to_numpy())
    others = areas.drop(index=met.index).geometry.to_numpy()
    return Region(str(met["code"].iloc[0]), str(met["name"].iloc[0]), with_its_shore(ground, others))


def _of_file(name: str, path: Path, land: Land) -> Region:
    if not path.is_file():
        raise SourceError(
            N_("{name} is no country (such as PE), no region (such as PE-CAJ or its name) and no file that is there"),
            name=name,
        )
    return Region(name, path.stem, _ground_of(path, land))


def _ground_of(path: Path, land: Land) -> shapely.Geometry:
    received = read(path)
    crs = received.crs.to_string() if received.crs else CRS  # stated: it may well lie in the sea
    entry = SourceEntry(id=path.stem, layer=REGIONS.name, file=path.name, crs=crs)
    shapes = in_degrees(entry, own_mapping(REGIONS, map(str, received.rows.columns)), received, land).geometry
    polygons = np.asarray(repair(gpd.GeoSeries(shapes), REGIONS.shape).geometry, dtype=object)
    if shapely.is_missing(polygons).all():
        raise SourceError(N_("{name} holds no polygons: it does not say where a source has data"), name=path.name)
    return shapely.union_all(polygons)


def _by_source(
    places: pd.DataFrame, layer: str, of_layer: Mapping[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Give the rows of each snapshot; of those of the layer itself also where they hold none, as all were refused."""
    seen = set()
    if len(places):
        days = places["snapshot_on"].astype(str).str[:10]
        for (source_id, day), own in places.groupby([places["source_id"], days]):
            seen.add((source_id, day))
            yield (str(source_id), str(day)), own
    for source, own_layer in of_layer.items():
        if own_layer == layer and source not in seen:
            yield source, places.iloc[:0]


def _declared(entry: SourceEntry, region: Region) -> list[dict[str, object]]:
    as_declared = {"basis": Basis.DECLARED.value, "extent": Extent.COVERED.value}
    return [{**as_declared, "place": entry.coverage, "name": region.name, "geometry": region.geometry}]


def _proposed(layer: str, places: pd.DataFrame, regions: Regions) -> list[dict[str, object]]:
    """
    Return the regions that hold any row; what lies between the rows of a drawn register is covered.

    Rows of incidents, and of what belongs to them, never prove that a list is complete where it has none: all regions
    that hold or name any are possible.
    """
    found = regions_of_rows(places, regions)
    rows = [_row(Extent.POSSIBLE, each, each.region) for each in found.itertuples()]
    if layer in OF_INCIDENTS:
        named = _named(places)
        named = named[~named["code"].isin(found["code"])]
        rows += [_row(Extent.POSSIBLE, each, each.geometry) for each in named.itertuples()]
    else:
        sure = found[found.geometry.notna()]
        rows = [_row(Extent.COVERED, each, each.geometry) for each in sure.itertuples()] + rows
    return rows or [{"basis": Basis.PROPOSED.value, "extent": Extent.POSSIBLE.value, "geometry": None}]


def _named(places: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the built-in regions that incidents name."""
    regions = base_data.regions()
    pairs = pd.MultiIndex.from_frame(places[["country", "region"]].dropna())
    return regions[pd.MultiIndex.from_frame(regions[["country", "name"]]).isin(pairs)]


def _row(extent: Extent, region: object, geometry: object) -> dict[str, object]:
    return {
        "basis": Basis.PROPOSED.value,
        "extent": extent.value,
        "place": region.code,  # type: ignore[attr-defined]  # a row of regions
        "name": region.name,  # type: ignore[attr-defined]
        "geometry": geometry,
    }


OF_INCIDENTS = frozenset({"incidents", "acts", "victims", "case_steps", "protection_measures"})
