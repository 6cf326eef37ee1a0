"""A publication as files: a database, GeoParquet, GeoPackage, vector tiles, a description, and a site."""

import gzip
import hashlib
import json
import re
import shutil
import sqlite3
import stat
from glob import escape
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from lindero.app.answers.engine import Progress
from lindero.app.answers.registers import Registers
from lindero.app.media.files.files import mixed_columns_to_text
from lindero.app.media.files.formats import qgis
from lindero.app.media.site.coverage import describe_coverage
from lindero.app.media.site.select import Publication
from lindero.app.media.site.site import SITE, write_site
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _
from lindero.layers.database import coverage, map_database
from lindero.layers.disk import format_version
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import CRS, LAYERS, OVERLAPS
from lindero.layers.publish import geopackage_style, published_database
from lindero.layers.publish.rules import COMMON_PUBLISHED, COUNTS_TABLE, LEAST_CHANGED, PUBLISHED, K
from lindero.layers.tiles import pyramid, tile_query
from lindero.layers.tiles.tile_content import header_bounds

DESCRIPTION = "datapackage.json"
PROFILE = "lindero-publication"
DATABASE, GEOPACKAGE, TILES, PARQUET = "map.duckdb", "map.gpkg", "map.pmtiles", "layers"
OVERLAPS_FILE = "overlaps"  # name of the Parquet file, and of the layer in the GeoPackage
MOST_TILES = 1_000  # of one zoom
LAST_ZOOM = 9
_TEMPORARY_NAME = re.compile(r"[a-z0-9_]{8}")  # random part of a name made by tempfile
_PRIVATE = 0o700
LIMITS = (
    "Restricted records are counted by province and year in cells of at least 5, rounded down to a multiple of 5; what "
    "may be one case or one person is counted once. Nothing is counted anew before at least 5 cases have changed, and "
    "a shown number moves only when its count has moved by at least 5. Cells that are too small are counted "
    "with the department's others, or not at all. Confidential records are not in any number here. Public records are "
    "shown as the area that is known, never as a point. Where nothing of a layer is shown, none is on record only if "
    "`coverage` says that the layer is covered there, and of what day; elsewhere this publication has no data, or "
    "nobody knows. That none is on record is not to say that nothing happened."
)


def write_publication(
    pub: Publication, map_con: map_database.Connection, folder: Path, *, progress: Progress = lambda *_: None
) -> None:
    """Write a publication into an empty folder."""
    write_database(pub, map_con, folder / DATABASE)
    folder.joinpath(PARQUET).mkdir()
    with map_database.connect(folder / DATABASE, spatial=True, threads=1) as con:
        for name, table in list_tables(pub).items():
            _write_table(_add_geometry(con, name, table), name, folder, format_terms(pub.sources, name))
        tiles = build_tiles(con)
        _write_tiles(tiles, folder / TILES, pub.title, published_database.read_bounds(con))
        write_site(pub, con, map_con, tiles, folder, progress=progress)
    _write_description(pub, folder)


def write_database(pub: Publication, map_con: map_database.Connection, path: Path) -> None:
    """Write the database of a publication, with the geometry of land from the map that it is made from."""
    published_database.write_database(
        path,
        pub.layers,
        sources=pub.sources,
        overlaps=pub.overlaps,
        counts=pub.counts,
        covered=pub.coverage,
        map_con=map_con,
        new_ids=pub.new_ids,
    )


def _write_table(rows: pd.DataFrame, name: str, folder: Path, terms: list[str]) -> None:
    rows.to_parquet(folder / PARQUET / f"{name}.parquet", index=False, compression="zstd")
    write_geopackage(rows, folder / GEOPACKAGE, name, terms)


def _add_geometry(con: map_database.Connection, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a published table with their geometry in the published map, if they have any."""
    if name not in LAYERS or not LAYERS[name].has_geometry or "geometry" in rows:
        return rows
    shapes = map_database.read_layer(con, LAYERS[name], columns=["geometry"])  # by id, as the rows are
    return gpd.GeoDataFrame(rows, geometry=shapes.geometry, crs=CRS)


def check_target(folder: Path) -> None:
    """Check that a folder is empty or contains a publication, so that nothing else is replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    description = _read_description(folder)
    if description.get("profile") != PROFILE:
        raise PublishError(
            N_("{folder} contains something other than a publication; choose an empty folder"), folder=folder
        )
    try:
        format_version.check_version(description.get("version"), format_version.PUBLICATION, file=folder / DESCRIPTION)
    except ValueError as error:
        raise PublishError(N_("{folder} does not contain a publication"), folder=folder) from error


def delete_old_folders(folder: Path) -> None:
    """Delete folders next to `folder` that publications before November 2026 left behind when they were killed.

    They are named `.NAME-` with eight letters and accessible only to their owner. A folder with any other content is
    kept.
    """
    known_names = {DATABASE, GEOPACKAGE, TILES, PARQUET, SITE, DESCRIPTION}
    for leftover in folder.absolute().parent.glob(f".{escape(folder.absolute().name)}-????????"):
        is_temporary = _TEMPORARY_NAME.fullmatch(leftover.name[-8:]) and leftover.is_dir() and not leftover.is_symlink()
        if (
            is_temporary
            and stat.S_IMODE(leftover.stat().st_mode) == _PRIVATE
            and _has_only_publication_files(leftover, known_names)
        ):
            shutil.rmtree(leftover, ignore_errors=True)


def _has_only_publication_files(folder: Path, known_names: set[str]) -> bool:
    """Return whether a folder contains only files of a publication, finished or being written."""
    names = {path.name for path in folder.iterdir()}
    return all(name in known_names or name.startswith((f"{DATABASE}.", f"{GEOPACKAGE}-")) for name in names)


def has_counts(folder: Path) -> bool:
    """Return whether a folder contains a publication with counts that are recorded in the vault."""
    description = _read_description(folder)
    resource_list = description.get("resources", [])
    names = {resource.get("path") for resource in resource_list} if isinstance(resource_list, list) else set()
    return (
        description.get("version") == str(format_version.PUBLICATION) and f"{PARQUET}/{COUNTS_TABLE}.parquet" in names
    )


def _read_description(folder: Path) -> dict[str, object]:
    try:
        return dict(json.loads(folder.joinpath(DESCRIPTION).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def list_tables(pub: Publication) -> dict[str, pd.DataFrame]:
    """Return all published tables by name."""
    texts = {name for column in OVERLAPS if column.type == "VARCHAR" and (name := column.name) in pub.overlaps}
    overlaps = pub.overlaps.astype(dict.fromkeys(texts, object))  # stored as `string`, not as `large_string`
    tables = {**pub.layers, "sources": pub.sources.dropna(axis="columns", how="all"), OVERLAPS_FILE: overlaps}
    tables[coverage.TABLE] = pub.coverage
    return {name: rows for name, rows in {**tables, COUNTS_TABLE: pub.counts}.items() if len(rows)}


def list_missing_layers(pub: Publication) -> list[str]:
    """List the layers without any published row."""
    return [name for name in PUBLISHED if name not in pub.layers]


def _write_tiles(tiles: list[tuple[int, int, int, bytes]], path: Path, title: str, bounds: map_database.Bounds) -> None:
    """Write the tiles of the published database. Without tiles no file is written, because PMTiles cannot be empty."""
    if not tiles:
        return
    with path.open("wb") as file:
        writer = Writer(file)
        for z, x, y, tile in sorted(tiles, key=lambda entry: zxy_to_tileid(*entry[:3])):
            writer.write_tile(zxy_to_tileid(z, x, y), gzip.compress(tile, mtime=0))
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "center_zoom": 6,
            **header_bounds(bounds),
        }
        vector_layers = [{"id": layer.name, "fields": {}} for layer in tile_query.TILE_LAYERS]
        writer.finalize(header, {"name": title, "vector_layers": vector_layers})


def build_tiles(con: map_database.Connection) -> list[tuple[int, int, int, bytes]]:
    """Build the tiles of a map from zoom 0 to the last zoom that needs at most `MOST_TILES` tiles."""
    tiles: list[tuple[int, int, int, bytes]] = []
    left_out = Registers.from_map(con).list_left_out()
    layers = [tile_query.read_features(con, layer, map_database.WORLD) for layer in tile_query.TILE_LAYERS]
    level = [(0, 0)]
    for z in range(LAST_ZOOM + 1):
        tiles_by_id = pyramid.build_zoom(con, layers, z, left_out)
        level_tiles = [(x, y, data) for x, y in level if (data := tiles_by_id.get(zxy_to_tileid(z, x, y)))]
        tiles += [(z, x, y, data) for x, y, data in level_tiles]
        level = [(2 * x + i, 2 * y + j) for x, y, _ in level_tiles for i in (0, 1) for j in (0, 1)]
        if not level or len(level) > MOST_TILES:
            break
    return tiles


def _write_description(pub: Publication, folder: Path) -> None:
    """Write the description of all files with their hashes, as a Data Package."""
    tables = list_tables(pub)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    file_entries = [_describe_file(path, folder, tables) for path in files]
    licences = sorted({str(name) for name in pub.sources["licence"].dropna()})
    description = {
        "profile": PROFILE,
        "version": str(format_version.PUBLICATION),
        "name": "lindero-publication",
        "title": pub.title,
        "created": pub.published_on.isoformat(),
        "description": LIMITS,
        "rules": {"least": K, "rounded_to": K, "moves_by_at_least": K, "least_changed": LEAST_CHANGED, "crs": CRS},
        "licenses": [{"name": name} for name in licences],
        "sources": [
            {("path" if name == "url" else name): value for name, value in source.items() if not is_missing(value)}
            for source in pub.sources[["title", "publisher", "url"]].astype(object).to_dict("records")
        ],
        "coverage": describe_coverage(pub.coverage),
        "lacks": list_missing_layers(pub),
        "resources": file_entries,
    }
    text = json.dumps(description, ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"
    folder.joinpath(DESCRIPTION).write_text(text, encoding="utf-8")


def _describe_file(path: Path, folder: Path, tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    content = path.read_bytes()
    resource: dict[str, object] = {
        "name": path.relative_to(folder).as_posix().replace("/", "-").lower(),
        "path": path.relative_to(folder).as_posix(),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if path.suffix == ".parquet":
        resource["schema"] = {"fields": [{"name": str(name)} for name in tables[path.stem].columns]}
    return resource


# The published layers in a GeoPackage: rows, and styles for a GIS in the publisher's language.


def write_geopackage(rows: pd.DataFrame, path: Path, name: str, terms: list[str]) -> None:
    """Write a table into the GeoPackage at `path`.

    A known layer gets QGIS styles and translated field aliases and codes.
    """
    flat = mixed_columns_to_text(rows)
    geometry = {} if isinstance(rows, gpd.GeoDataFrame) else {"geometry_type": None}
    try:
        pyogrio.write_dataframe(flat, path, layer=name, driver="GPKG", **geometry)
        if name in LAYERS and isinstance(flat, gpd.GeoDataFrame):
            geopackage_style.write_layer_style(path, name, qgis.build_layer_style(flat, LAYERS[name], terms))
    except (DataSourceError, DataLayerError, FeatureError, sqlite3.Error) as error:
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=path.parent, why=error) from error


def format_terms(sources: pd.DataFrame, layer: str) -> list[str]:
    """Return a line for each published source of a layer: title, publisher, date, licence and URL."""
    template = _("{title}. {publisher}, {date}. Licence: {licence}. {url}")
    return [
        template.format(
            title=source.title,
            publisher=source.publisher,
            date=source.snapshot_on if source.snapshot_stated else _("date not stated"),
            licence=translate_code(source.licence),
            url="" if is_missing(source.url) else source.url,
        ).strip()
        for source in sources[sources["layer"] == layer].itertuples()
    ]


def collect_style_text() -> str:
    """Return the style texts of an empty GeoPackage in the current language. None of them can be a secret."""
    texts = []
    for name, columns in PUBLISHED.items():
        empty = gpd.GeoDataFrame(columns=[*COMMON_PUBLISHED, *columns, "geometry"], geometry="geometry")
        style = qgis.build_layer_style(empty, LAYERS[name])
        texts += [style.title, style.qml, style.metadata, *style.titles.values()]
    return "\n".join(texts)
