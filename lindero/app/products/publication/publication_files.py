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

from lindero.app.answers.registers import Registers
from lindero.app.output.files import with_texts
from lindero.app.output.formats import qgis
from lindero.app.products.publication.coverage import coverage_rows
from lindero.app.products.publication.select import Publication
from lindero.app.products.publication.site import SITE, write_site
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.layers.database import coverage, map_database
from lindero.layers.disk import format_version
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.publish import geopackage_style, published_database
from lindero.layers.publish.rules import COMMON_PUBLISHED, COUNTS_TABLE, LEAST_CHANGED, PUBLISHED, K
from lindero.layers.tiles import pyramid, tile_query
from lindero.layers.tiles.tile_content import header_bounds

DESCRIPTION = "datapackage.json"
PROFILE = "lindero-publication"
DATABASE, GEOPACKAGE, TILES, PARQUET = "map.duckdb", "map.gpkg", "map.pmtiles", "layers"
MOST_TILES = 1_000  # of one zoom
LAST_ZOOM = 9
_MADE = re.compile(r"[a-z0-9_]{8}")  # by tempfile
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


def write(pub: Publication, own: map_database.Connection, folder: Path) -> None:
    """
    Write a publication into an empty folder.

    Parameters
    ----------
    own
        The map that it is of, for what changed in its registers.

    Raises
    ------
    PublishError
        If a file cannot be written.
    """
    published_database.write(
        folder / DATABASE,
        pub.layers,
        sources=pub.sources,
        overlaps=pub.overlaps,
        counts=pub.counts,
        covered=pub.coverage,
    )
    folder.joinpath(PARQUET).mkdir()
    for name, rows in resources(pub).items():
        rows.to_parquet(folder / PARQUET / f"{name}.parquet", index=False, compression="zstd")
        write_geopackage(rows, folder / GEOPACKAGE, name, terms_of(pub.sources, name))
    with map_database.connect(folder / DATABASE, spatial=True, threads=1) as con:
        tiles = cut(con)
        _tiles(tiles, folder / TILES, pub)
        write_site(pub, con, own, tiles, folder)
    _describe(pub, folder)


def check_target(folder: Path) -> None:
    """
    Hold that nothing but a publication is replaced.

    Raises
    ------
    PublishError
        If the folder holds anything else.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    described = _described(folder)
    if described.get("profile") != PROFILE:
        raise PublishError(N_("{folder} holds something else than a publication; name an empty folder"), folder=folder)
    try:
        format_version.hold_known(described.get("version"), format_version.PUBLICATION, file=folder / DESCRIPTION)
    except ValueError as error:
        raise PublishError(N_("{folder} holds no publication"), folder=folder) from error


def clear_old(folder: Path) -> None:
    """
    Clear away what publications of before November 2026 left beside the folder when they were killed.

    They were made in `.NAME-` with eight letters, for their owner alone; nothing is deleted that holds anything else.
    """
    own = {DATABASE, GEOPACKAGE, TILES, PARQUET, SITE, DESCRIPTION}
    for left in folder.absolute().parent.glob(f".{escape(folder.absolute().name)}-????????"):
        is_made = _MADE.fullmatch(left.name[-8:]) and left.is_dir() and not left.is_symlink()
        if is_made and stat.S_IMODE(left.stat().st_mode) == _PRIVATE and _begins(left, own):
            shutil.rmtree(left, ignore_errors=True)


def _begins(folder: Path, own: set[str]) -> bool:
    """Tell whether all that lies in a folder is of a publication, or of a file of one that was being written."""
    names = {path.name for path in folder.iterdir()}
    return all(name in own or name.startswith((f"{DATABASE}.", f"{GEOPACKAGE}-")) for name in names)


def has_numbers(folder: Path) -> bool:
    """Tell whether a folder holds a publication with counts, of a version of Lindero that notes them in the vault."""
    described = _described(folder)
    listed = described.get("resources", [])
    names = {resource.get("path") for resource in listed} if isinstance(listed, list) else set()
    return described.get("version") == str(format_version.PUBLICATION) and f"{PARQUET}/{COUNTS_TABLE}.parquet" in names


def _described(folder: Path) -> dict[str, object]:
    try:
        return dict(json.loads(folder.joinpath(DESCRIPTION).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def resources(pub: Publication) -> dict[str, pd.DataFrame]:
    """Give all tables that are published, by name."""
    tables = {**pub.layers, "sources": pub.sources.dropna(axis="columns", how="all"), "overlaps": pub.overlaps}
    tables[coverage.TABLE] = pub.coverage
    return {name: rows for name, rows in {**tables, COUNTS_TABLE: pub.counts}.items() if len(rows)}


def lacking(pub: Publication) -> list[str]:
    """Name the layers of which nothing is published."""
    return [name for name in PUBLISHED if name not in pub.layers]


def _tiles(tiles: list[tuple[int, int, int, bytes]], path: Path, pub: Publication) -> None:
    """Write tiles, cut from the published database alone; of none there is no file, for PMTiles knows no empty one."""
    if not tiles:
        return
    shapes = [rows.total_bounds for rows in pub.layers.values() if isinstance(rows, gpd.GeoDataFrame)]
    corners = pd.DataFrame(shapes, columns=["west", "south", "east", "north"])
    west, south, east, north = corners.agg({"west": "min", "south": "min", "east": "max", "north": "max"}).fillna(0)
    with path.open("wb") as file:
        writer = Writer(file)
        for z, x, y, tile in sorted(tiles, key=lambda one: zxy_to_tileid(*one[:3])):
            writer.write_tile(zxy_to_tileid(z, x, y), gzip.compress(tile, mtime=0))
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "center_zoom": 6,
            **header_bounds((west, south, east, north)),
        }
        described = [{"id": layer.name, "fields": {}} for layer in tile_query.TILE_LAYERS]
        writer.finalize(header, {"name": pub.title, "vector_layers": described})


def cut(con: map_database.Connection) -> list[tuple[int, int, int, bytes]]:
    """Cut the tiles of a map from zoom 0 to the last that needs no more than a thousand of them."""
    tiles: list[tuple[int, int, int, bytes]] = []
    left_out = Registers.of_map(con).left_out()
    layers = [tile_query.shown(con, layer, map_database.WORLD) for layer in tile_query.TILE_LAYERS]
    level = [(0, 0)]
    for z in range(LAST_ZOOM + 1):
        there = pyramid.one_zoom(con, layers, z, left_out)
        drawn = [(x, y, data) for x, y in level if (data := there.get(zxy_to_tileid(z, x, y)))]
        tiles += [(z, x, y, data) for x, y, data in drawn]
        level = [(2 * x + i, 2 * y + j) for x, y, _ in drawn for i in (0, 1) for j in (0, 1)]
        if not level or len(level) > MOST_TILES:
            break
    return tiles


def _describe(pub: Publication, folder: Path) -> None:
    """Write what each file is, with its hash, in the manner of a Data Package."""
    tables = resources(pub)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = [_resource(path, folder, tables) for path in files]
    licences = sorted({str(name) for name in pub.sources["licence"].dropna()})
    described = {
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
        "coverage": coverage_rows(pub.coverage),
        "lacks": lacking(pub),
        "resources": listed,
    }
    text = json.dumps(described, ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"
    folder.joinpath(DESCRIPTION).write_text(text, encoding="utf-8")


def _resource(path: Path, folder: Path, tables: dict[str, pd.DataFrame]) -> dict[str, object]:
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


# The published layers in a GeoPackage: rows, and how a GIS shows them, in the language of whoever publishes.


def write_geopackage(rows: pd.DataFrame, path: Path, name: str, terms: list[str]) -> None:
    """
    Write a table into the GeoPackage at `path`; a layer of ours opens drawn, with columns and codes in words.

    Parameters
    ----------
    terms
        Whose the layer is, a line for each source.

    Raises
    ------
    PublishError
        If it cannot be written.
    """
    flat = with_texts(rows)
    geometry = {} if isinstance(rows, gpd.GeoDataFrame) else {"geometry_type": None}
    try:
        pyogrio.write_dataframe(flat, path, layer=name, driver="GPKG", **geometry)
        if name in LAYERS and isinstance(flat, gpd.GeoDataFrame):
            geopackage_style.write(path, name, qgis.dress(flat, LAYERS[name], terms))
    except (DataSourceError, DataLayerError, FeatureError, sqlite3.Error) as error:
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=path.parent, why=error) from error


def terms_of(sources: pd.DataFrame, layer: str) -> list[str]:
    """Say of each published source of a layer whose it is, of what day and on what terms: a line each."""
    template = _("{title}. {publisher}, {date}. Licence: {licence}. {url}")
    return [
        template.format(
            title=one.title,
            publisher=one.publisher,
            date=one.snapshot_on if one.snapshot_stated else _("date not stated"),
            licence=word(one.licence),
            url="" if is_missing(one.url) else one.url,
        ).strip()
        for one in sources[sources["layer"] == layer].itertuples()
    ]


def style_text() -> str:
    """Give what a GeoPackage of no rows and no sources says in the language spoken: words that are nobody's secret."""
    texts = []
    for name, columns in PUBLISHED.items():
        empty = gpd.GeoDataFrame(columns=[*COMMON_PUBLISHED, *columns, "geometry"], geometry="geometry")
        dress = qgis.dress(empty, LAYERS[name])
        texts += [dress.title, dress.qml, dress.metadata, *dress.titles.values()]
    return "\n".join(texts)
