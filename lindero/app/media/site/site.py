"""The published site: the client of the pocket map for the whole map, with its parts and its tiles as scripts."""

import base64
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from pmtiles.tile import zxy_to_tileid

from lindero.app.answers.engine import Progress
from lindero.app.media.files.files import to_records
from lindero.app.media.phone import grid_outlines, site_parts
from lindero.app.media.phone.about import whole_map_scope
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.phone.page import render_site_page
from lindero.app.media.phone.whole_map import collect_whole_map, read_boxes
from lindero.app.media.site import changes
from lindero.app.media.site.select import Publication
from lindero.app.text import i18n
from lindero.app.text.codes import class_label
from lindero.layers.database.map_database import Connection

SITE, PAGE = "site", "index.html"
TILES = "tiles"
_COUNTS = ("country", "department", "province", "year", "count")
TileAndContent = tuple[int, int, int, bytes]
"""Zoom, column, row, and the bytes of a vector tile."""
FILES = {
    "map.gpkg": "application/geopackage+sqlite3",
    "map.duckdb": "application/vnd.duckdb",
    "map.pmtiles": "application/vnd.pmtiles",
    "datapackage.json": "application/json",
}
"""The files of a publication that hold all of it, and what each is."""

_PLACED_LAYERS = frozenset({"concessions", "protected_areas", "communities", "mining_scars", "incidents"})


def write_site(
    pub: Publication,
    con: Connection,
    map_con: Connection,
    tiles: list[TileAndContent],
    folder: Path,
    *,
    progress: Progress = lambda *_: None,
) -> None:
    """Write the first page and all parts of a site into a folder."""
    scope = whole_map_scope(pub.title, read_boxes(con))
    step = grid_outlines.FINE_DEGREES
    news = changes.list_changes(map_con, pub, scope.frame, step=step, with_shapes=True)
    counts = [{name: row[name] for name in _COUNTS if row[name] is not None} for row in to_records(pub.counts)]
    data, blocks = collect_whole_map(con, scope, news, counts, step=step, today=pub.published_on, progress=progress)
    firsts, blocks[TILES] = _group_tiles(tiles)
    files = {path.name for path in folder.iterdir()} | {"datapackage.json"}  # written last
    data["parts"] |= {TILES: firsts, "deepest": max((z for z, *_ in tiles), default=-1)}
    data["files"] = sorted(name for name in FILES if name in files)
    folder.joinpath(SITE).mkdir()
    for name, block_values in blocks.items():
        for index, value in enumerate(block_values):
            text = site_parts.encode_part(f"{name}-{index}", value)
            folder.joinpath(SITE, f"{name}-{index}.js").write_text(text, encoding="utf-8")
    metadata = run_in_language(i18n.DEFAULT_LANGUAGE, lambda: describe_dataset(pub, files))
    folder.joinpath(PAGE).write_text(render_site_page(data, metadata), encoding="utf-8")


def _group_tiles(tiles: Iterable[TileAndContent]) -> tuple[list[int], list[dict[str, str]]]:
    """Group tiles that are near each other. Return the first tile number (of PMTiles) of each block, and the blocks."""
    encoded_tiles = sorted((zxy_to_tileid(z, x, y), base64.b64encode(tile).decode()) for z, x, y, tile in tiles)
    blocks: list[dict[str, str]] = []
    firsts: list[int] = []
    length = 0
    for number, text in encoded_tiles:
        if not blocks or length + len(text) > site_parts.BLOCK_BYTES:
            blocks.append({})
            firsts.append(number)
            length = 0
        blocks[-1][str(number)] = text
        length += len(text)
    return firsts, blocks


def iter_parts(folder: Path, pattern: str = "*") -> Iterator[tuple[str, Any]]:
    """Yield the name and contents of the parts of a site whose names match a pattern."""
    for path in sorted(folder.joinpath(SITE).glob(pattern)):
        yield path.stem, site_parts.decode_part(path.read_text(encoding="utf-8"), path.stem)


# The description of a publication in schema.org's vocabulary, inside its page, for search engines of data sets.


def describe_dataset(pub: Publication, files: Collection[str]) -> str:
    """Describe a publication and its `files` as a schema.org `Dataset`, in JSON that is safe to embed in a page."""
    counts = [f"{class_label(name)}: {len(rows)}" for name, rows in pub.layers.items() if name in _PLACED_LAYERS]
    publishers = sorted(set(pub.sources["publisher"].dropna()))
    values = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": pub.title,
        "description": ". ".join([pub.title, "; ".join(counts)]),
        "datePublished": pub.published_on.isoformat(),
        "license": sorted(set(pub.sources["licence"].dropna())),
        "creator": [{"@type": "Organization", "name": name} for name in publishers],
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "contentUrl": name, "encodingFormat": kind}
            for name, kind in FILES.items()
            if name in files
        ],
    }
    return json.dumps(values, ensure_ascii=False, default=str).replace("<", "\\u003c")
