"""The promises of a publication, proved on its files."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import shapely
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import zxy_to_tileid

from lindero.app.publication import site_check
from lindero.app.publication.coverage import coarse_grounds
from lindero.app.publication.findings import ID, LEAST_DEGREES, NOT_FOUND, Findings, leaking
from lindero.app.publication.publication_files import DATABASE, DESCRIPTION, GEOPACKAGE, PARQUET, TILES, cut
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database import coverage, map_database
from lindero.layers.database.definitions import KNOWN_REGION, OF_PERSONS, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, PublishError
from lindero.layers.formats import geopackage_style
from lindero.layers.model.schema import LAYERS, OVERLAP_TABLES, OVERLAPS
from lindero.layers.publish import published_database
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


def check(folder: Path, held: Vault | None) -> Findings:
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
        findings.note([*_telling_ids(con)], _("ids that say nothing, in no order"))
        findings.note(_other_tiles(con, folder), _("tiles cut from what is published and nothing else"))
    site_check.note(findings, folder)
    if held is None:
        findings.told.append(_("the vault was not opened: what it holds was not looked for"))
    else:
        found, count, chance = leaking(files, held)
        findings.note(found, _("none of {n} secrets of the vault in any byte").format(n=number(count)))
        if chance:
            findings.told.append(
                ngettext(
                    "{n} text of the vault is a public one and a letter more: found where two texts meet, in no value",
                    "{n} texts of the vault are public ones and a letter more: found where two texts meet, in no value",
                    chance,
                ).format(n=number(chance))
            )
        findings.told.append(_(NOT_FOUND))
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
    for name in sorted(columns - listed.get(table, set()) - _MARGINS):
        yield _("{file}: {table}.{column} is not to be published").format(file=file, table=table, column=name)


def _small_cells(con: Connection) -> Iterator[str]:
    counts = published_database.read_counts(con)
    for row in counts[(counts["count"] < K) | (counts["count"] % K != 0)].itertuples():
        yield _("a cell of {department} is {count}").format(department=row.department, count=row.count)
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
    told = incidents["place_text"].notna() & ~precision.isin(TEXT_SHOWN)
    told |= incidents["region"].notna() & ~precision.isin(KNOWN_REGION)
    if told.any():
        yield _("{n} incidents tell a place in words that is finer than is known").format(n=int(told.sum()))


def _finer_coverage(con: Connection) -> Iterator[str]:
    """Name what tells where sources on people have data by another outline than a department's or a country's."""
    rows = coverage.read(con)
    rows = rows[rows["layer"].isin(OF_PERSONS)]
    grounds = coarse_grounds()
    known = set(zip(grounds["name"], shapely.to_wkb(grounds.geometry.to_numpy()), strict=True))
    own = zip(rows["name"], shapely.to_wkb(rows.geometry.to_numpy()), strict=True)
    if strange := sum(one not in known for one in own):
        yield _("{n} areas of coverage tell where records of people come from").format(n=strange)


def _telling_ids(con: Connection) -> Iterator[str]:
    for name in PUBLISHED:
        ids = published_database.ids_as_written(con, LAYERS[name])
        if not all(ID.fullmatch(one) for one in ids) or [*ids] != sorted(ids):
            yield _("the ids of {layer} are not new and random").format(layer=name)


def _other_tiles(con: Connection, folder: Path) -> list[str]:
    expected = {(z, x, y): tile for z, x, y, tile in cut(con)}
    found = {}
    if folder.joinpath(TILES).exists():
        with folder.joinpath(TILES).open("rb") as file:
            found = {tuple(place): gzip.decompress(data) for place, data in all_tiles(MmapSource(file))}
    beside = site_check.tiles(folder)
    numbered = {zxy_to_tileid(*place): tile for place, tile in expected.items()}
    wrong = [place for place in expected.keys() | found.keys() if expected.get(place) != found.get(place)]
    other = [number for number in numbered.keys() | beside.keys() if numbered.get(number) != beside.get(number)]
    return [_("{n} tiles are not of this publication").format(n=len(wrong) + len(other))] if wrong or other else []
