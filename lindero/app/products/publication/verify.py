"""The promises of a publication, proved on its files."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import shapely
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import zxy_to_tileid

from lindero.app.answers.coverage.coverage import KINDS
from lindero.app.products.pocket import bundle
from lindero.app.products.pocket.contents import DRAWN
from lindero.app.products.publication import site
from lindero.app.products.publication.coverage import coarse_grounds
from lindero.app.products.publication.findings import LEAST_DEGREES, NOT_FOUND, Findings, leaking
from lindero.app.products.publication.pack_check import (
    Layers,
    beyond_the_list,
    contents_of,
    ids_of,
    not_listed,
    reaching_out,
    telling_ids,
    too_fine,
)
from lindero.app.products.publication.publication_files import DATABASE, DESCRIPTION, GEOPACKAGE, PARQUET, TILES, cut
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database import coverage, map_database
from lindero.layers.database.definitions import KNOWN_REGION, OF_PERSONS, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.schema import LAYERS, OVERLAP_TABLES, OVERLAPS
from lindero.layers.publish import geopackage_style, published_database
from lindero.layers.publish.rules import (
    COMMON_PUBLISHED,
    COUNTS,
    COUNTS_TABLE,
    COVERAGE_PUBLISHED,
    PUBLISHED,
    SOURCES_PUBLISHED,
    TEXT_SHOWN,
    K,
)
from lindero.layers.vault.vault_file import Vault

_MARGINS = {"xmin", "ymin", "xmax", "ymax", "geometry", "geom", "fid"}
_LIST = "list_"
_COUNTS = "restricted_counts"
_NAMED = {"name", "kind", "around", "at", "layer", "id", "code", "box", "part"}
_PAIR = {"id", "name", "holder", "status", "part", "area_ha", "certainty"}
_TITLE = {"id", "name", "status", "kind", "area_ha", "part", "lands"}
_COLUMNS: dict[str, set[str]] = {
    "places": {"name", "kind", "around", "at", "size"},
    "coverage": {"layer", "source_id", "basis", "extent", "name", "g"},
    "ground": {"layer", "g"},
    "unplaced": {"known_by", "name", "attacks", "killings", "conflicts", "g"},
    "changed": {"name", "line", "g", "report"},
    "changed_ground": {"report", "g"},
    "pairs": _PAIR,
    "lands": {"id", "name", "part"},
    "names": _NAMED,
    "holders": {"name", "titles"},
    "titles": _TITLE,
    _COUNTS: {"country", "department", "province", "year", "count"},
}


def check(folder: Path, vault: Vault | None) -> Findings:
    """
    Prove the promises on the files of a publication; with a vault also that nothing of it is in any byte of them.

    Raises
    ------
    PublishError
        If the folder holds no publication.
    VaultError
        If the vault cannot be opened.
    """
    if not folder.joinpath(DESCRIPTION).is_file() or not folder.joinpath(DATABASE).is_file():
        raise PublishError(N_("{folder} holds no publication"), folder=folder)
    findings = Findings()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    findings.note(_not_as_described(folder, files), _("{n} files, each as described").format(n=number(len(files))))
    with map_database.connect(folder / DATABASE, spatial=True, threads=1) as con:
        findings.note([*_beyond_the_list(con, folder)], _("no column that is not on the list"))
        findings.note([*_small_cells(con)], _("no count under 5, and none that is not rounded"))
        findings.note([*_too_fine(con)], _("public record alone, and no place finer than its area"))
        findings.note([*_finer_coverage(con)], _("coverage of people told by whole departments and countries alone"))
        ids = {name: published_database.ids_as_written(con, LAYERS[name]) for name in PUBLISHED}
        findings.note([*telling_ids(ids)], _("ids that say nothing, in no order"))
        findings.note(_other_tiles(con, folder), _("tiles cut from what is published and nothing else"))
    note(findings, folder)
    if vault is None:
        findings.proofs.append(_("the vault was not opened: what it holds was not looked for"))
    else:
        found, count, chance = leaking(files, vault)
        findings.note(found, _("none of {n} secrets of the vault in any byte").format(n=number(count)))
        if chance:
            findings.proofs.append(
                ngettext(
                    "{n} text of the vault is a public one and a letter more: found where two texts meet, in no value",
                    "{n} texts of the vault are public ones and a letter more: found where two texts meet, in no value",
                    chance,
                ).format(n=number(chance))
            )
        findings.proofs.append(_(NOT_FOUND))
    return findings


def _not_as_described(folder: Path, files: list[Path]) -> list[str]:
    described = json.loads(folder.joinpath(DESCRIPTION).read_text(encoding="utf-8"))
    hashes = {resource["path"]: resource["hash"] for resource in described["resources"]}
    present = {path.relative_to(folder).as_posix(): path for path in files}
    present.pop(DESCRIPTION, None)
    strange = sorted(present.keys() ^ hashes.keys())
    changed = [
        name
        for name, path in present.items()
        if name in hashes and hashes[name] != f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    ]
    return [
        *(_("{file} is not described, or missing").format(file=name) for name in strange),
        *(_("{file} is not as it was published").format(file=name) for name in changed),
    ]


def _beyond_the_list(con: Connection, folder: Path) -> Iterator[str]:
    for table, columns in published_database.filled_columns(con).items():
        yield from _not_listed(DATABASE, table, columns)
    for path in sorted(folder.joinpath(PARQUET).glob("*.parquet")):
        yield from _not_listed(path.name, path.stem, set(pq.read_schema(path).names))
    if folder.joinpath(GEOPACKAGE).exists():
        for name, _kind in pyogrio.list_layers(folder / GEOPACKAGE):
            fields = pyogrio.read_info(folder / GEOPACKAGE, layer=name)["fields"]
            yield from _not_listed(GEOPACKAGE, str(name), {str(field) for field in fields})


def _not_listed(file: str, table: str, columns: set[str]) -> Iterator[str]:
    counts = {"rows_read", "rows_kept", "rows_repaired", "rows_rejected", "fingerprint"}  # of what is published
    listed: dict[str, set[str]] = {
        "sources": {*SOURCES_PUBLISHED, *counts},
        **{name: {column.name for column in OVERLAPS} for name in OVERLAP_TABLES},
        "vocabularies": {"vocabulary", "code", "position"},
        coverage.TABLE: set(COVERAGE_PUBLISHED),
        COUNTS_TABLE: {column.name for column in COUNTS},
        geopackage_style.STYLES: set(geopackage_style.COLUMNS),
        **{name: {*COMMON_PUBLISHED, *own} for name, own in PUBLISHED.items()},
    }
    yield from not_listed(file, table, columns - listed.get(table, set()) - _MARGINS)


def _small_cells(con: Connection) -> Iterator[str]:
    counts = published_database.read_counts(con)
    yield from _small_counts(counts.to_dict("records"))
    if counts.duplicated(["country", "department", "province", "year"]).any():
        yield _("a cell is there twice")


def _too_fine(con: Connection) -> Iterator[str]:
    incidents = map_database.read_layer(con, LAYERS["incidents"], every_snapshot=True)
    private = int((~is_public(incidents)).sum())
    if private:
        yield _("{n} incidents are not public record").format(n=private)
    shapes = gpd.GeoSeries(incidents.geometry.dropna())
    bounds = shapes.bounds
    small = (bounds["maxx"] - bounds["minx"] < LEAST_DEGREES) | (bounds["maxy"] - bounds["miny"] < LEAST_DEGREES)
    if small.any():
        yield _("{n} incidents are shown finer than an area").format(n=int(small.sum()))
    precision = incidents["location_precision"]
    is_too_fine = incidents["place_text"].notna() & ~precision.isin(TEXT_SHOWN)
    is_too_fine |= incidents["region"].notna() & ~precision.isin(KNOWN_REGION)
    if is_too_fine.any():
        yield _("{n} incidents tell a place in words that is finer than is known").format(n=int(is_too_fine.sum()))


def _finer_coverage(con: Connection) -> Iterator[str]:
    """Name what tells where sources on people have data by another outline than a department's or a country's."""
    rows = coverage.read(con)
    rows = rows[rows["layer"].isin(OF_PERSONS)]
    grounds = coarse_grounds()
    allowed = set(zip(grounds["name"], shapely.to_wkb(grounds.geometry.to_numpy()), strict=True))
    own = zip(rows["name"], shapely.to_wkb(rows.geometry.to_numpy()), strict=True)
    if strange := sum(one not in allowed for one in own):
        yield _("{n} areas of coverage tell where records of people come from").format(n=strange)


def _other_tiles(con: Connection, folder: Path) -> list[str]:
    expected = {(z, x, y): tile for z, x, y, tile in cut(con)}
    found = {}
    if folder.joinpath(TILES).exists():
        with folder.joinpath(TILES).open("rb") as file:
            found = {tuple(place): gzip.decompress(data) for place, data in all_tiles(MmapSource(file))}
    beside = tiles(folder)
    numbered = {zxy_to_tileid(*place): tile for place, tile in expected.items()}
    wrong = [place for place in expected.keys() | found.keys() if expected.get(place) != found.get(place)]
    other = [number for number in numbered.keys() | beside.keys() if numbered.get(number) != beside.get(number)]
    return [_("{n} tiles are not of this publication").format(n=len(wrong) + len(other))] if wrong or other else []


# The promises of a publication's site, proved on its first page and on each of its parts.


def note(findings: Findings, folder: Path) -> None:
    """Prove that a site asks nothing of other machines, and holds nothing but what may be published."""
    try:
        text, first = contents_of(folder / site.PAGE)
        parts = list(site.parts_of(folder))
    except PublishError as error:
        findings.broken.append(str(error))
        return
    faults = [*reaching_out(text, is_site=True)]
    if f"<script>{bundle.script(bundle.SITE)}</script>" not in text:
        faults.append(_("{file} is not as it was published").format(file=site.PAGE))
    findings.note(faults, _("a site that asks nothing of any machine"))
    own = [fault for name, part in parts for fault in _of_part(name, part, first["step"])]
    findings.note(sorted({*own, *_of_first(first)}), _("a site that holds nothing but what may be published"))


def tiles(folder: Path) -> dict[int, bytes]:
    """Give the tiles of a site by their number (of PMTiles); none if it cannot be read."""
    try:
        parts = [part for name, part in site.parts_of(folder) if name.startswith(f"{site.TILES}-")]
        return {int(number): base64.b64decode(tile) for part in parts for number, tile in part.items()}
    except (PublishError, ValueError, AttributeError):
        return {}


def _of_first(first: dict[str, Any]) -> Iterator[str]:
    if any(first[name] for name in ("layers", "overlaps", "lands", "coverage", "ground")):
        yield _("{file} is not as it was published").format(file=site.PAGE)


def _of_part(name: str, part: Any, step: float) -> Iterator[str]:
    kind = name.rpartition("-")[0]
    if kind == "leaf":
        yield from _of_leaf(name, part, step)
    elif kind in {"names", "holders"}:
        rows = {kind: [row for _key, row in part], "titles": _inside([row for _key, row in part], "titles")}
        yield from _page_not_listed(name, {**rows, "lands": _inside(rows["titles"], "lands")})
    elif kind == f"{_LIST}{_COUNTS}":
        rows = {_COUNTS: [row for _key, row in part]}
        yield from _page_not_listed(name, rows)
        yield from _small_counts(rows[_COUNTS])
    elif kind.startswith(_LIST):
        layers = {kind.removeprefix(_LIST): [row for _key, row in part]}
        yield from beyond_the_list(name, layers, more=frozenset({"part"}))
        yield from too_fine(layers, step)
    elif kind != site.TILES:
        yield _("{file} is not described, or missing").format(file=f"{name}.js")


def _of_leaf(name: str, part: dict[str, list[dict[str, Any]]], step: float) -> Iterator[str]:
    layers: Layers = {kind: rows for kind, rows in part.items() if kind in DRAWN}
    yield from beyond_the_list(name, layers)
    yield from too_fine(layers, step)
    yield from telling_ids(ids_of(layers))
    pairs = [pair for rows in layers.values() for pair in _inside(rows, "pairs")]
    yield from _page_not_listed(
        name, {**{kind: rows for kind, rows in part.items() if kind not in DRAWN}, "pairs": pairs}
    )
    yield from _finer_coverage_of_page(part.get("coverage", []))


def _inside(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for row in rows for one in row.get(name, ())]


def _page_not_listed(file: str, tables: Layers) -> Iterator[str]:
    for table, rows in tables.items():
        yield from not_listed(file, table, {name for row in rows for name in row} - _COLUMNS.get(table, set()))


def _small_counts(rows: Iterable[Mapping[Any, Any]]) -> Iterator[str]:
    for row in rows:
        if row["count"] < K or row["count"] % K:
            yield _("a cell of {department} is {count}").format(department=row["department"], count=row["count"])


def _finer_coverage_of_page(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Name what tells where sources on people have data by another name than a department's or a country's."""
    names = {row.get("name") for row in rows if row["layer"] in {*OF_PERSONS, *KINDS}}
    strange = len(names - set(coarse_grounds()["name"])) if names else 0
    if strange:
        yield _("{n} areas of coverage tell where records of people come from").format(n=strange)
