"""Detection of the format of a received file by its content. The file extension is not trusted."""

import codecs
import json
import mmap
import re
import zipfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from xml.parsers import expat

from lindero.layers.errors import N_, DamagedError, RefusalError, SourceError
from lindero.layers.read.formats.encodings import detect_utf16

HEAD_BYTES = 65_536


class Format(StrEnum):
    """The supported file formats."""

    GEOJSON = "GeoJSON"
    GEOJSON_LINES = "GeoJSON, one feature a line"
    ESRIJSON = "Esri JSON"
    TOPOJSON = "TopoJSON"
    SHAPEFILE = "Shapefile"
    GEOPACKAGE = "GeoPackage"
    FILEGDB = "File Geodatabase"
    KML = "KML"
    GML = "GML"
    TAB = "MapInfo TAB"
    MIF = "MapInfo MIF"
    DXF = "DXF"
    GPX = "GPX"
    FLATGEOBUF = "FlatGeobuf"
    GEOPARQUET = "GeoParquet"
    CSV = "CSV"
    XLSX = "XLSX"
    XLS = "XLS"
    XLSB = "XLSB"
    ODS = "ODS"
    XML_BOOK = "XML Spreadsheet 2003"
    HTML = "HTML"  # tables of a page with the file extension of a workbook
    ZIP = "ZIP"  # a Shapefile, KMZ or other file inside
    GZIP = "GZIP"  # one file inside


JSON_FORMATS = frozenset({Format.GEOJSON, Format.GEOJSON_LINES, Format.ESRIJSON, Format.TOPOJSON})
READABLE_FORMATS = (
    "GeoJSON, Esri JSON, TopoJSON, Shapefile (.shp, .zip), GeoPackage, File Geodatabase (.gdb, .zip), KML, KMZ, GML, "
    "GPX, MapInfo TAB and MIF, DXF, FlatGeobuf, GeoParquet, CSV, XLSX, XLS (also where it is XML or HTML), XLSB, ODS"
)

_COMMANDS = b"gdal_streamed_alg"  # GDAL would run the commands in such a file
_CRS = re.compile(rb'"crs"\s*:\s*\{')
_TITLE = re.compile(rb"<title[^>]*>\s*(.{0,80}?)\s*</title", re.IGNORECASE | re.DOTALL)
_SEVERAL_LINES = re.compile(rb"\}\s*[\n\x1e]\s*\{")
_MAGIC = (
    (b"SQLite format 3\x00", Format.GEOPACKAGE),
    (b"fgb\x03", Format.FLATGEOBUF),
    (b"PAR1", Format.GEOPARQUET),
    (b"\x00\x00\x27\x0a", Format.SHAPEFILE),
    (b"\x1f\x8b", Format.GZIP),
    (b"\xd0\xcf\x11\xe0", Format.XLS),  # or another old Office file, which has no sheets
    (b"!table", Format.TAB),
)
TABLES = frozenset({Format.CSV, Format.XLSX, Format.XLS, Format.XLSB, Format.ODS, Format.XML_BOOK, Format.HTML})
_OFFICE = b"urn:schemas-microsoft-com:office:"
_BOOKS = frozenset({".xls", ".xlsx"})  # file extensions of workbooks that pages with a table may have
_PAGE = re.compile(rb"(?i)\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|meta|style|body|div|table)\b", re.DOTALL)
_SAVE_AS_GEODATA = N_("save it as GeoPackage, GeoJSON or Shapefile in the program that made it")
_SAVE_AS_TABLE = N_("open it in a spreadsheet program and save it as .xlsx or .csv")
_EXPORT_FROM_ACCESS = N_(
    "open it in Access and export the table as .xlsx; if it is an Esri geodatabase, export the layer as GeoPackage, "
    "GeoJSON or Shapefile"
)
_UNPACK = N_("unpack it and add the file inside")
ASK_AGAIN = N_("download it again, or ask the sender for the original file")
_FOREIGN = (  # first bytes of other files that people send as layers, what they are, and what to do
    (b"version https://git-lfs", N_("a Git LFS pointer to a file that is stored elsewhere"), ASK_AGAIN),
    (b"\x00\x01\x00\x00Standard Jet DB", N_("an Access database"), _EXPORT_FROM_ACCESS),
    (b"\x00\x01\x00\x00Standard ACE DB", N_("an Access database"), _EXPORT_FROM_ACCESS),
    (b"%PDF-", "PDF", N_("ask for the data that it was made from")),
    (b"AC10", N_("a DWG drawing"), _SAVE_AS_GEODATA),
    (b"AutoCAD Binary DXF", N_("a DXF drawing"), _SAVE_AS_GEODATA),
    (b"7z\xbc\xaf", N_("a 7-Zip archive"), _UNPACK),
    (b"Rar!", N_("a RAR archive"), _UNPACK),
    (b"PGDMP", N_("a database dump"), _SAVE_AS_GEODATA),
    (b"--\n-- PostgreSQL database dump", N_("a database dump"), _SAVE_AS_GEODATA),
    (b"CREATE TABLE", N_("a database dump"), _SAVE_AS_GEODATA),
    (b"INSERT INTO", N_("a database dump"), _SAVE_AS_GEODATA),
    (b"BZh", N_("a bzip2 archive"), _UNPACK),
    (b"\xfd7zXZ", N_("an XZ archive"), _UNPACK),
    (b"(\xb5/\xfd", N_("a Zstandard archive"), _UNPACK),
    (b"\x89PNG", N_("a picture"), N_("ask for the data that it was drawn from")),
    (b"\xff\xd8\xff", N_("a picture"), N_("ask for the data that it was drawn from")),
    (b"GIF8", N_("a picture"), N_("ask for the data that it was drawn from")),
    (b"II*\x00", N_("a raster image (TIFF)"), N_("ask for the outlines as polygons")),
    (b"MM\x00*", N_("a raster image (TIFF)"), N_("ask for the outlines as polygons")),
    (b"ARROW1", N_("a Feather file"), _SAVE_AS_GEODATA),
    (b"\x80\x02", N_("a Python pickle (it could run any program)"), _SAVE_AS_GEODATA),
    (b"\x80\x03", N_("a Python pickle (it could run any program)"), _SAVE_AS_GEODATA),
    (b"\x80\x04", N_("a Python pickle (it could run any program)"), _SAVE_AS_GEODATA),
    (b"\x80\x05", N_("a Python pickle (it could run any program)"), _SAVE_AS_GEODATA),
    (b"\x89HDF", "HDF5", _SAVE_AS_GEODATA),
    (b"MZ", N_("a program"), N_("do not open it")),
    (b"\x7fELF", N_("a program"), N_("do not open it")),
    (b"{\\rtf", N_("a text document (RTF)"), _SAVE_AS_TABLE),
)
_DXF = re.compile(rb"(999\r?\n.*\r?\n\s*)*0\r?\nSECTION\r?\n")
_GML = re.compile(rb"xmlns:\w+\s*=\s*[\"']http://www\.opengis\.net/(gml|wfs)\b")
_PARTS_OF_SHAPEFILES = frozenset({".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj"})


def detect_format(path: Path) -> Format:
    """Detect the format of the file at `path`."""
    if path.is_dir():
        raise SourceError(N_("{name} is a folder; give a file in it, or pack the folder as .zip"), name=path.name)
    if not path.is_file():
        raise SourceError(N_("the file {name} does not exist"), name=path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise SourceError(N_("{name} cannot be opened: {why}"), name=path.name, why=error.strerror or error) from error
    if not head.strip():
        raise SourceError(N_("{name} is empty"), name=path.name)
    if not head.strip(b"\x00"):
        raise SourceError(
            N_("{name} contains only zeros, because copying it was interrupted; {todo}"), name=path.name, todo=ASK_AGAIN
        )
    _refuse_unsupported_format(head, path)
    for magic, file_format in _MAGIC:
        if head.startswith(magic):
            return file_format
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(path)
    return _text_format(_convert_head(head), path)


def _refuse_unsupported_format(head: bytes, path: Path) -> None:
    for magic, description, todo in _FOREIGN:
        if head.startswith(magic):
            raise SourceError(
                N_("{name} is {what}, which Lindero does not read; {todo}"), name=path.name, what=description, todo=todo
            )
    if head[257:262] == b"ustar":
        raise SourceError(
            N_("{name} is {what}, which Lindero does not read; {todo}"),
            name=path.name,
            what=N_("a TAR archive"),
            todo=_UNPACK,
        )
    if path.suffix.lower() in _PARTS_OF_SHAPEFILES and (b"\x00" in head or path.suffix.lower() in {".prj", ".cpg"}):
        raise SourceError(
            N_("{name} is one part of a Shapefile; put all its parts in one folder and add the .shp"), name=path.name
        )


def _zip_format(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, ValueError) as error:
        raise DamagedError(N_("{name} is a broken or truncated ZIP archive"), name=path.name) from error
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return Format.ODS
    if kind.startswith(b"application/vnd.oasis.opendocument") or {"word/document.xml", "ppt/presentation.xml"} & {
        *names
    }:
        raise SourceError(
            N_("{name} is {what}, which Lindero does not read; {todo}"),
            name=path.name,
            what=N_("an office document (.odt, .docx, .pptx)"),
            todo=_SAVE_AS_TABLE,
        )
    if "xl/workbook.bin" in names:
        return Format.XLSB
    return Format.XLSX if "xl/workbook.xml" in names else Format.ZIP


def _convert_head(head: bytes) -> bytes:
    """Return the head of a text as UTF-8, if a mark or its zero bytes show that it is in UTF-16 or UTF-32."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return head[: len(head) // 4 * 4].decode(encoding, errors="ignore").encode("utf-8", errors="ignore")
    even = head[: len(head) // 2 * 2]
    if (utf16 := detect_utf16(even)) is not None:
        return even.decode(utf16, errors="ignore").encode("utf-8", errors="ignore")
    return head


def _text_format(head: bytes, path: Path) -> Format:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if text.startswith((b"{", b"[")):
        return _json_format(text, path)
    if text.startswith(b"<"):
        return _xml_format(text, path)
    if b"\x00" in text:
        raise SourceError(
            N_("Lindero does not read the format of {name}; it reads {formats}"),
            name=path.name,
            formats=READABLE_FORMATS,
        )
    if text.startswith((b"Version ", b"VERSION ")) and b"Delimiter" in text and b"Columns" in text:
        return Format.MIF
    return Format.DXF if _DXF.match(text) else Format.CSV


def _json_format(text: bytes, path: Path) -> Format:
    if _COMMANDS in text:
        raise SourceError(
            N_("{name} contains commands for a program instead of map features; ask for the layer as GeoJSON"),
            name=path.name,
        )
    squeezed = re.sub(rb"\s+", b"", text)
    if text.startswith(b"["):
        raise SourceError(
            N_("{name} is a plain list of JSON objects, not a GeoJSON FeatureCollection; ask for GeoJSON or CSV"),
            name=path.name,
        )
    if b'"type":"Topology"' in squeezed:
        return Format.TOPOJSON
    if b'"FeatureCollection"' in squeezed or b'"Feature"' in squeezed or b'"coordinates"' in squeezed:
        lines = b'"FeatureCollection"' not in squeezed and _SEVERAL_LINES.search(text)
        return Format.GEOJSON_LINES if lines else Format.GEOJSON
    if b'"features":[' in squeezed and (b'"attributes"' in squeezed or b'"geometryType"' in squeezed):
        return Format.ESRIJSON
    if re.search(rb'"(error|exception|code|message)":', squeezed[:400]):
        raise RefusalError(
            N_("{name} is an error message from a server, not data; {todo}"), name=path.name, todo=ASK_AGAIN
        )
    raise SourceError(
        N_("{name} looks like JSON, but contains no GeoJSON features; ask for GeoJSON or CSV"), name=path.name
    )


def _xml_format(text: bytes, path: Path) -> Format:
    root = _root_element(text)
    if root in {"kml", "gpx"} or (root == "FeatureCollection" and _GML.search(text)):
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise SourceError(
                N_(
                    "{name} declares a document type or XML entities. Layers do not need them and "
                    "attacks use them, so the file is not read; ask for the layer as GeoPackage or "
                    "GeoJSON"
                ),
                name=path.name,
            )
        return {"kml": Format.KML, "gpx": Format.GPX}.get(root, Format.GML)
    if root == "Workbook" and _OFFICE + b"spreadsheet" in text:
        return Format.XML_BOOK
    if _PAGE.match(text) and (_OFFICE in text or path.suffix.lower() in _BOOKS):
        return Format.HTML
    if root.lower() in {"html", "head", "body"} or _PAGE.match(text):
        title = _TITLE.search(text)
        raise RefusalError(
            N_("{name} is a web page ({title}), not a layer. Servers send these pages for errors and logins; {todo}"),
            name=path.name,
            title=title[1].decode("utf-8", errors="replace") if title else "–",
            todo=ASK_AGAIN,
        )
    raise SourceError(
        N_("{name} is XML or HTML, but not KML: its root element is {root}. Lindero reads {formats}"),
        name=path.name,
        root=root or "–",
        formats=READABLE_FORMATS,
    )


def read_crs_name(path: Path, *, name: str = "") -> str | None:
    """Return the CRS named in a GeoJSON file, or None. RFC 7946 removed this member, but files still contain it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        stated = [
            _parse_object(content[match.end() - 1 : match.end() + HEAD_BYTES]) for match in _CRS.finditer(content)
        ]
    if any(crs.get("type") == "link" for crs in stated):
        raise SourceError(
            N_(
                "{name} refers to a coordinate reference system at a web address, which is not fetched; save it "
                "with the code of the system"
            ),
            name=name or path.name,
        )
    for crs in stated:
        properties = crs.get("properties")
        members = properties if isinstance(properties, dict) else {}
        if "name" in members:
            return str(members["name"])
        if crs.get("type") == "EPSG" and "code" in members:  # as in the first drafts of GeoJSON
            return f"EPSG:{members['code']}"
    return None


def _parse_object(text: bytes) -> dict[str, object]:
    """Parse the JSON object at the start of `text`; return an empty dict if there is none."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return dict(value)


def _root_element(text: bytes) -> str:
    """Return the name of the root element of an XML text, without its namespace. Comments are ignored."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name.rpartition(" ")[2])
    with suppress(expat.ExpatError):  # invalid farther down, or cut off at the end of the head
        parser.Parse(text)
    return names[0] if names else ""
