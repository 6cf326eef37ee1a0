"""What a received file is, by its content: an extension says nothing."""

import json
import mmap
import re
import zipfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from xml.parsers import expat

from layers.errors import N_, SourceError

HEAD_BYTES = 65_536


class Format(StrEnum):
    """Formats that are read."""

    GEOJSON = "GeoJSON"
    SHAPEFILE = "Shapefile"
    GEOPACKAGE = "GeoPackage"
    KML = "KML"
    FLATGEOBUF = "FlatGeobuf"
    GEOPARQUET = "GeoParquet"
    CSV = "CSV"
    XLSX = "XLSX"
    ZIP = "ZIP"  # a Shapefile, KMZ or other file inside


_COMMANDS = b"gdal_streamed_alg"  # GDAL would run them
_CRS = re.compile(rb'"crs"\s*:\s*\{')
_MAGIC = (
    (b"SQLite format 3\x00", Format.GEOPACKAGE),
    (b"fgb\x03", Format.FLATGEOBUF),
    (b"PAR1", Format.GEOPARQUET),
    (b"\x00\x00\x27\x0a", Format.SHAPEFILE),
)


def recognise(path: Path) -> Format:
    """
    Tell the format of the file at `path`.

    Raises
    ------
    SourceError
        If it is missing, empty, or none of the formats that are read.
    """
    if not path.is_file():
        raise SourceError(N_("there is no file {name}"), name=path)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip():
        raise SourceError(N_("{name} is empty"), name=path.name)
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    return _text_format(head, path)


def _in_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise SourceError(N_("{name} is a broken or truncated ZIP archive"), name=path.name) from error
    return Format.XLSX if "xl/workbook.xml" in names else Format.ZIP


def _text_format(head: bytes, path: Path) -> Format:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        if _COMMANDS in text:
            raise SourceError(N_("{name} holds commands for a program instead of features"), name=path.name)
        if b'"coordinates"' in text or b'"FeatureCollection"' in text or b'"Feature"' in text:
            return Format.GEOJSON
        raise SourceError(N_("{name} begins like JSON, but holds no GeoJSON features"), name=path.name)
    if text.startswith(b"<"):
        if _root_element(text) == "kml":
            return Format.KML
        raise SourceError(N_("{name} is XML or HTML, but no KML"), name=path.name)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(
            N_("{name} is in no format that Lindero reads; it reads {formats}"), name=path.name, formats=READABLE
        )
    return Format.CSV


READABLE = "GeoJSON, Shapefile (.shp, .zip), GeoPackage, KML, KMZ, FlatGeobuf, GeoParquet, CSV, XLSX"


def stated_crs(path: Path) -> str | None:
    """
    Give the coordinate reference system that a GeoJSON file names (an old custom that RFC 7946 dropped), if it does.

    Raises
    ------
    SourceError
        If it says that one is to be fetched from an address, which reading it would do.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        stated = [_object_at(content[found.end() - 1 : found.end() + HEAD_BYTES]) for found in _CRS.finditer(content)]
    if any(crs.get("type") == "link" for crs in stated):
        raise SourceError(N_("{name} refers to a coordinate reference system at an address"), name=path.name)
    named = (crs.get("properties") for crs in stated)
    return next((str(value["name"]) for value in named if isinstance(value, dict) and "name" in value), None)


def _object_at(text: bytes) -> dict[str, object]:
    """Read the JSON object that `text` begins with; empty if it is none."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", errors="replace"))
    except ValueError:
        return {}
    return dict(value)


def _root_element(text: bytes) -> str:
    """Name the first element of an XML text, without its namespace: what a comment says does not count."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name.rpartition(" ")[2])
    with suppress(expat.ExpatError):  # broken farther down, or cut off where the head ends
        parser.Parse(text)
    return names[0] if names else ""
