"""Checks of the promises of a publication on its files."""

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
from lindero.app.media.phone import bundle
from lindero.app.media.phone.contents import DRAWN_LAYERS
from lindero.app.media.site import site
from lindero.app.media.site.coverage import load_coarse_areas
from lindero.app.media.site.findings import LEAST_DEGREES, NOT_FOUND, Findings, find_leaks
from lindero.app.media.site.pack_check import (
    Layers,
    collect_ids,
    find_external_access,
    find_fine_places,
    find_revealing_ids,
    find_unlisted_columns,
    format_column_faults,
    read_page,
)
from lindero.app.media.site.publication_files import (
    DATABASE,
    DESCRIPTION,
    GEOPACKAGE,
    OVERLAPS_FILE,
    PARQUET,
    TILES,
    build_tiles,
)
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.database import coverage, map_database
from lindero.layers.database.definitions import KNOWN_REGION, PERSON_LAYERS, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.schema import LAYERS, OVERLAP_TABLE, OVERLAPS
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
_NAMED_KEYS = {"name", "kind", "around", "at", "layer", "id", "code", "box", "part"}
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
    "names": _NAMED_KEYS,
    "holders": {"name", "titles"},
    "titles": _TITLE,
    _COUNTS: {"country", "department", "province", "year", "count"},
}


def check_publication(folder: Path, vault: Vault | None) -> Findings:
    """Check the promises of a publication on its files. With a vault, every byte is also searched for its secrets."""
    if not folder.joinpath(DESCRIPTION).is_file() or not folder.joinpath(DATABASE).is_file():
        raise PublishError(N_("{folder} does not contain a publication"), folder=folder)
    findings = Findings()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    findings.record(
        _check_hashes(folder, files), _("{n} files, each as in its description").format(n=format_number(len(files)))
    )
    with map_database.connect(folder / DATABASE, spatial=True, threads=1) as con:
        findings.record([*_check_columns(con, folder)], _("only columns on the list of what may be published"))
        findings.record([*_check_cells(con)], _("only counts of at least 5, rounded"))
        findings.record([*_check_places(con)], _("only public records, and no place more precise than its area"))
        findings.record([*_check_coverage(con)], _("coverage of data on people only by whole regions and countries"))
        ids = {name: published_database.read_ids_by_row(con, LAYERS[name]) for name in PUBLISHED}
        findings.record([*find_revealing_ids(ids)], _("random ids that reveal nothing, not even an order"))
        findings.record(_check_tiles(con, folder), _("tiles made only from what is published"))
    check_site(findings, folder)
    if vault is None:
        findings.proofs.append(_("the vault was not opened, so its contents were not searched for"))
    else:
        leaks, count, chance_count = find_leaks(files, vault)
        findings.record(
            leaks, _("no secret of the vault in any byte ({n} were searched for)").format(n=format_number(count))
        )
        if chance_count:
            findings.proofs.append(
                ngettext(
                    "{n} text of the vault is a public text plus one letter: it occurs only where two "
                    "texts meet, not in a value",
                    "{n} texts of the vault are public texts plus one letter: they occur only where two "
                    "texts meet, not in a value",
                    chance_count,
                ).format(n=format_number(chance_count))
            )
        findings.proofs.append(_(NOT_FOUND))
    return findings


def _check_hashes(folder: Path, files: list[Path]) -> list[str]:
    description = json.loads(folder.joinpath(DESCRIPTION).read_text(encoding="utf-8"))
    hashes = {resource["path"]: resource["hash"] for resource in description["resources"]}
    present = {path.relative_to(folder).as_posix(): path for path in files}
    present.pop(DESCRIPTION, None)
    unexpected = sorted(present.keys() ^ hashes.keys())
    changed = [
        name
        for name, path in present.items()
        if name in hashes and hashes[name] != f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    ]
    return [
        *(_("{file} is not in the description, or is missing").format(file=name) for name in unexpected),
        *(_("{file} differs from the published file").format(file=name) for name in changed),
    ]


def _check_columns(con: Connection, folder: Path) -> Iterator[str]:
    for table, columns in published_database.find_filled_columns(con).items():
        yield from _check_table_columns(DATABASE, table, columns)
    for path in sorted(folder.joinpath(PARQUET).glob("*.parquet")):
        yield from _check_table_columns(path.name, path.stem, set(pq.read_schema(path).names))
    if folder.joinpath(GEOPACKAGE).exists():
        for name, _kind in pyogrio.list_layers(folder / GEOPACKAGE):
            fields = pyogrio.read_info(folder / GEOPACKAGE, layer=name)["fields"]
            yield from _check_table_columns(GEOPACKAGE, str(name), {str(field) for field in fields})


def _check_table_columns(file: str, table: str, columns: set[str]) -> Iterator[str]:
    counts = {"rows_read", "rows_kept", "rows_repaired", "rows_rejected", "fingerprint"}  # counts of the published rows
    allowed: dict[str, set[str]] = {
        "sources": {*SOURCES_PUBLISHED, *counts},
        **{name: {column.name for column in OVERLAPS} for name in (OVERLAP_TABLE, OVERLAPS_FILE)},
        "vocabularies": {"vocabulary", "code", "position"},
        coverage.TABLE: set(COVERAGE_PUBLISHED),
        COUNTS_TABLE: {column.name for column in COUNTS},
        geopackage_style.STYLES: set(geopackage_style.COLUMNS),
        **{name: {*COMMON_PUBLISHED, *published} for name, published in PUBLISHED.items()},
    }
    yield from format_column_faults(file, table, columns - allowed.get(table, set()) - _MARGINS)


def _check_cells(con: Connection) -> Iterator[str]:
    counts = published_database.read_counts(con)
    yield from _check_counts(counts.to_dict("records"))
    if counts.duplicated(["country", "department", "province", "year"]).any():
        yield _("the counts contain the same cell twice")


def _check_places(con: Connection) -> Iterator[str]:
    incidents = map_database.read_layer(con, LAYERS["incidents"], every_snapshot=True)
    private = int((~is_public(incidents)).sum())
    if private:
        yield _("incidents that are not public record: {n}").format(n=private)
    shapes = gpd.GeoSeries(incidents.geometry.dropna())
    bounds = shapes.bounds
    small = (bounds["maxx"] - bounds["minx"] < LEAST_DEGREES) | (bounds["maxy"] - bounds["miny"] < LEAST_DEGREES)
    if small.any():
        yield _("incidents shown more precisely than an area: {n}").format(n=int(small.sum()))
    precision = incidents["location_precision"]
    is_too_fine = incidents["place_text"].notna() & ~precision.isin(TEXT_SHOWN)
    is_too_fine |= incidents["region"].notna() & ~precision.isin(KNOWN_REGION)
    if is_too_fine.any():
        yield _("incidents with a place name more precise than is known: {n}").format(n=int(is_too_fine.sum()))


def _check_coverage(con: Connection) -> Iterator[str]:
    """Yield a fault for coverage of data on people in other outlines than those of departments and countries."""
    rows = coverage.read_coverage(con)
    rows = rows[rows["layer"].isin(PERSON_LAYERS)]
    grounds = load_coarse_areas()
    allowed = set(zip(grounds["name"], shapely.to_wkb(grounds.geometry.to_numpy()), strict=True))
    outlines = zip(rows["name"], shapely.to_wkb(rows.geometry.to_numpy()), strict=True)
    if fine_count := sum(outline not in allowed for outline in outlines):
        yield _("coverage areas that reveal where records of people come from: {n}").format(n=fine_count)


def _check_tiles(con: Connection, folder: Path) -> list[str]:
    expected = {(z, x, y): tile for z, x, y, tile in build_tiles(con)}
    file_tiles = {}
    if folder.joinpath(TILES).exists():
        with folder.joinpath(TILES).open("rb") as file:
            file_tiles = {tuple(place): gzip.decompress(data) for place, data in all_tiles(MmapSource(file))}
    site_tiles = read_site_tiles(folder)
    expected_by_id = {zxy_to_tileid(*place): tile for place, tile in expected.items()}
    wrong = [place for place in expected.keys() | file_tiles.keys() if expected.get(place) != file_tiles.get(place)]
    wrong_ids = [
        number
        for number in expected_by_id.keys() | site_tiles.keys()
        if expected_by_id.get(number) != site_tiles.get(number)
    ]
    return (
        [_("tiles that do not belong to this publication: {n}").format(n=len(wrong) + len(wrong_ids))]
        if wrong or wrong_ids
        else []
    )


# The checks of a publication's site, on its first page and on each of its parts.


def check_site(findings: Findings, folder: Path) -> None:
    """Check that a site loads nothing from other servers, and contains only what may be published."""
    try:
        text, first = read_page(folder / site.PAGE)
        part_faults = {
            fault for name, part in site.iter_parts(folder) for fault in _check_part(name, part, first["step"])
        }
    except PublishError as error:
        findings.broken.append(str(error))
        return
    faults = [*find_external_access(text, is_site=True)]
    if f"<script>{bundle.build_script(bundle.SITE)}</script>" not in text:
        faults.append(_("{file} differs from the published file").format(file=site.PAGE))
    findings.record(faults, _("a site that loads nothing from other computers"))
    findings.record(
        sorted({*part_faults, *_check_first_page(first)}), _("a site that contains only what may be published")
    )


def read_site_tiles(folder: Path) -> dict[int, bytes]:
    """Read the tiles of a site by their number (of PMTiles); empty if a part cannot be read."""
    try:
        parts = (part for _name, part in site.iter_parts(folder, f"{site.TILES}-*"))
        return {int(number): base64.b64decode(tile) for part in parts for number, tile in part.items()}
    except (PublishError, ValueError, AttributeError):
        return {}


def _check_first_page(first: dict[str, Any]) -> Iterator[str]:
    if any(first[name] for name in ("layers", "overlaps", "lands", "coverage", "ground")):
        yield _("{file} differs from the published file").format(file=site.PAGE)


def _check_part(name: str, part: Any, step: float) -> Iterator[str]:
    kind = name.rpartition("-")[0]
    if kind == "leaf":
        yield from _check_leaf(name, part, step)
    elif kind in {"names", "holders"}:
        rows = {kind: [row for _key, row in part], "titles": _nested_rows([row for _key, row in part], "titles")}
        yield from _check_site_columns(name, {**rows, "lands": _nested_rows(rows["titles"], "lands")})
    elif kind == f"{_LIST}{_COUNTS}":
        rows = {_COUNTS: [row for _key, row in part]}
        yield from _check_site_columns(name, rows)
        yield from _check_counts(rows[_COUNTS])
    elif kind.startswith(_LIST):
        layers = {kind.removeprefix(_LIST): [row for _key, row in part]}
        yield from find_unlisted_columns(name, layers, more=frozenset({"part"}))
        yield from find_fine_places(layers, step)
    elif kind != site.TILES:
        yield _("{file} is not in the description, or is missing").format(file=f"{name}.js")


def _check_leaf(name: str, part: dict[str, list[dict[str, Any]]], step: float) -> Iterator[str]:
    layers: Layers = {kind: rows for kind, rows in part.items() if kind in DRAWN_LAYERS}
    yield from find_unlisted_columns(name, layers)
    yield from find_fine_places(layers, step)
    yield from find_revealing_ids(collect_ids(layers))
    pairs = [pair for rows in layers.values() for pair in _nested_rows(rows, "pairs")]
    yield from _check_site_columns(
        name, {**{kind: rows for kind, rows in part.items() if kind not in DRAWN_LAYERS}, "pairs": pairs}
    )
    yield from _check_site_coverage(part.get("coverage", []))


def _nested_rows(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [nested for row in rows for nested in row.get(name, ())]


def _check_site_columns(file: str, tables: Layers) -> Iterator[str]:
    for table, rows in tables.items():
        yield from format_column_faults(
            file, table, {name for row in rows for name in row} - _COLUMNS.get(table, set())
        )


def _check_counts(rows: Iterable[Mapping[Any, Any]]) -> Iterator[str]:
    for row in rows:
        if row["count"] < K or row["count"] % K:
            yield _("a count for {department} is {count}: below 5, or not rounded").format(
                department=row["department"], count=row["count"]
            )


def _check_site_coverage(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a fault for coverage of data on people with other names than those of departments and countries."""
    names = {row.get("name") for row in rows if row["layer"] in {*PERSON_LAYERS, *KINDS}}
    fine_count = len(names - set(load_coarse_areas()["name"])) if names else 0
    if fine_count:
        yield _("coverage areas that reveal where records of people come from: {n}").format(n=fine_count)
