"""The published site: the pocket map's client of the whole map, with its parts beside it and its tiles as scripts."""

import base64
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from pmtiles.tile import zxy_to_tileid

from lindero.app.output.files import records
from lindero.app.output.symbols import label
from lindero.app.products.pocket import grid_outlines, site_parts
from lindero.app.products.pocket.about import about_all
from lindero.app.products.pocket.client_words import in_language
from lindero.app.products.pocket.page import site_page
from lindero.app.products.pocket.whole_map import shapes_of, whole_map
from lindero.app.products.publication import changes
from lindero.app.products.publication.select import Publication
from lindero.app.text import i18n
from lindero.layers.database.map_database import Connection

SITE, PAGE = "site", "index.html"
TILES = "tiles"
_COUNTS = ("country", "department", "province", "year", "count")
Cut = tuple[int, int, int, bytes]
"""Zoom, column, row, and the bytes of a vector tile."""
FILES = {
    "map.gpkg": "application/geopackage+sqlite3",
    "map.duckdb": "application/vnd.duckdb",
    "map.pmtiles": "application/vnd.pmtiles",
    "datapackage.json": "application/json",
}
"""The files of a publication that hold all of it, and what each is."""

_PLACED = frozenset({"concessions", "protected_areas", "communities", "mining_scars", "incidents"})


def write_site(pub: Publication, con: Connection, own: Connection, tiles: list[Cut], folder: Path) -> None:
    """
    Write the first page and all parts of a site into a folder.

    Parameters
    ----------
    con
        The published map.
    own
        The map that the publication is of, for what changed in its registers.
    tiles
        Of the published map.
    """
    about = about_all(pub.title, shapes_of(con))
    step = grid_outlines.FINE
    news = changes.changes(own, pub, about.frame, step=step, with_shapes=True)
    counts = [{name: row[name] for name in _COUNTS if row[name] is not None} for row in records(pub.counts)]
    data, blocks = whole_map(con, about, news, counts, step=step, today=pub.published_on)
    firsts, blocks[TILES] = _blocks_of(tiles)
    files = {path.name for path in folder.iterdir()} | {"datapackage.json"}  # which is written when all else is
    data["parts"] |= {TILES: firsts, "deepest": max((z for z, *_ in tiles), default=-1)}
    data["files"] = sorted(name for name in FILES if name in files)
    folder.joinpath(SITE).mkdir()
    for name, some in blocks.items():
        for at, value in enumerate(some):
            text = site_parts.script(f"{name}-{at}", value)
            folder.joinpath(SITE, f"{name}-{at}.js").write_text(text, encoding="utf-8")
    described = in_language(i18n.DEFAULT_LANGUAGE, lambda: dataset(pub, files))
    folder.joinpath(PAGE).write_text(site_page(data, described), encoding="utf-8")


def _blocks_of(tiles: Iterable[Cut]) -> tuple[list[int], list[dict[str, str]]]:
    """Put tiles together that lie together: the first number (of PMTiles) of each block, and the blocks."""
    numbered = sorted((zxy_to_tileid(z, x, y), base64.b64encode(tile).decode()) for z, x, y, tile in tiles)
    found: list[dict[str, str]] = []
    firsts: list[int] = []
    length = 0
    for number, text in numbered:
        if not found or length + len(text) > site_parts.BLOCK_BYTES:
            found.append({})
            firsts.append(number)
            length = 0
        found[-1][str(number)] = text
        length += len(text)
    return firsts, found


def parts_of(folder: Path) -> Iterator[tuple[str, Any]]:
    """
    Read each part of a site: its name, and what it holds.

    Raises
    ------
    PublishError
        If one is a script that does anything else than hand it over.
    """
    for path in sorted(folder.joinpath(SITE).iterdir()):
        yield path.stem, site_parts.contents_of(path.read_text(encoding="utf-8"), path.stem)


# What a publication is, in schema.org's words: for machines that look for data sets, inside its page.


def dataset(pub: Publication, files: Collection[str]) -> str:
    """Describe a publication and the `files` that it has as a `Dataset`, as JSON that may stand in a page."""
    counts = [f"{label(name)}: {len(rows)}" for name, rows in pub.layers.items() if name in _PLACED]
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
