"""The promises of a publication, proved on its files."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import shapely
from pmtiles.reader import MmapSource, all_tiles

from lindero.app.publication import published_geopackage
from lindero.app.publication.coverage import coarse_grounds
from lindero.app.publication.publication_files import DATABASE, DESCRIPTION, GEOPACKAGE, PARQUET, TILES, cut
from lindero.app.publication.site import SITE, STATIC, spoken, words
from lindero.app.text import i18n
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database import coverage, map_database
from lindero.layers.database.definitions import KNOWN_REGION, OF_PERSONS, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds
from lindero.layers.errors import N_, NotBuiltError, PublishError
from lindero.layers.formats import geopackage_style
from lindero.layers.model.schema import LAYERS, OVERLAPS
from lindero.layers.publish import leak_scan, leak_words, published_database
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
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import Vault

NOT_FOUND = N_(
    "not to be found by any program: what is told in other words, translated, abbreviated, misspelt or in a picture; a"
    " part of a name; names of one word outside the fields of persons, of fewer than 3 letters, or that the map says;"
    " numbers of fewer than 7 digits; dates; places rounder than 3 decimals, or in metres. Read the titles yourself"
)
ID = re.compile(r"[0-9a-f]{16}")
LEAST_DEGREES = 0.0999  # of an area that a place is shown as
_MARGINS = {"xmin", "ymin", "xmax", "ymax", "geometry", "geom", "fid"}
_ADDRESS = re.compile(r"""(?:src|href)\s*=\s*["'](?!data:)([^"']+)""")


@dataclass
class Findings:
    """What was proved, and what is broken; in the reader's language, and never with the values of what leaks."""

    told: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def note(self, faults: list[str], proved: str) -> None:
        """Note a promise: its faults, or that it holds."""
        self.broken.extend(faults)
        if not faults:
            self.told.append(proved)


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
    findings.note([*_reaching_out(folder)], _("a site that asks nothing of any machine"))
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
        "overlaps": {column.name for column in OVERLAPS},
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
    wrong = [place for place in expected.keys() | found.keys() if expected.get(place) != found.get(place)]
    return [_("{n} tiles are not of this publication").format(n=len(wrong))] if wrong else []


def _reaching_out(folder: Path) -> Iterator[str]:
    page = folder.joinpath("index.html").read_text(encoding="utf-8")
    if "default-src 'none'" not in page:
        yield _("index.html has no policy that keeps it from asking other machines")
    for address in _ADDRESS.findall(page):
        if "//" in address or not folder.joinpath(address).is_file():
            yield _("index.html refers to {address}").format(address=address)
    for name in ("site.js", "site.css", "leaflet.js", "leaflet.css"):
        own = next(STATIC.rglob(name))
        if folder.joinpath(SITE, name).read_bytes() != own.read_bytes():
            yield _("{file} is not as it was published").format(file=name)


def leaking(files: list[Path], held: Vault) -> tuple[list[str], int, int]:
    """Say what of the vault the files hold; count what was looked for, and what was found by chance alone."""
    with vault_file.opened(held) as con:
        secrets, told = leak_scan.secrets_of(con), leak_words.words_of(con)
    own = [path for path in STATIC.rglob("*") if path.is_file()]
    page = "\n".join(text for language in i18n.languages() for text in words(language).values())
    page += "".join(spoken(language, published_geopackage.said) for language in i18n.languages())
    secrets = secrets.without(leak_scan.known_anyhow(secrets, _public_map(held), own, page=page))
    hits = [
        (path, name, pattern)
        for path in files
        for name, data in leak_scan.unpacked(path)
        for pattern in sorted(secrets.found_in(data))
    ]
    chance = {
        path: leak_scan.by_chance(path, {pattern for one, _name, pattern in hits if one == path})
        for path, *_rest in hits
    }
    found = [
        _("{file} holds {what}").format(file=name, what=secrets.patterns[pattern])
        for path, name, pattern in hits
        if pattern not in chance[path]
    ]
    ours = {path.read_bytes() for path in own}
    in_words = {
        path: leak_words.found_in(leak_words.cells(path), told) for path in files if path.read_bytes() not in ours
    }
    known = leak_words.known_anyhow(set().union(*in_words.values()), told, _public_map(held), page=page)
    found += [
        _("{file} holds {what}").format(file=path.name, what=leak_words.label(told, key))
        for path, keys in in_words.items()
        for key in sorted(keys - known)
    ]
    return sorted(set(found)), len({*secrets.patterns.values(), *told.labels}), len(set().union(*chance.values()))


def _public_map(held: Vault) -> Path | None:
    try:
        return builds.current_map(held.folder.parent / "build")
    except NotBuiltError:
        return None
