"""What a GeoJSON text holds that GDAL passes over without a word, found in the text itself."""

import codecs
import json
import mmap
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import decode, without_mark

MAX_REREAD_BYTES = 256 * 1024**2  # of a text that is parsed again to tell what is wrong with some rows
_FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
_LIMITED = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_WRITTEN_NUL = rb"\u0000"
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # as JSON writes it; behind a backslash that is one itself it is text
_SAMPLE_BYTES = 65_536
_BLOCK = 16 * 1024**2
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


@dataclass
class Reread:
    """Rows whose geometry GDAL could not read: mended as GeoJSON by row, or the reason why it cannot be told."""

    mended: dict[int, str] = field(default_factory=dict)
    side_by_side: list[int] = field(default_factory=list)  # of these: rings without a word of which are holes
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)

    def blame(self, row: int, reason: str, detail: str) -> None:
        """Say why the geometry of a row cannot be read."""
        self.faults[row] = (reason, detail)


def in_utf8(path: Path, scratch: Path | None, name: str, encoding: str | None) -> tuple[Path, str]:
    """
    Give a path to the text in UTF-8 (that at `path` itself if it is), and the encoding that it came in.

    Raises
    ------
    SourceError
        If its letters cannot be told, or they are of another encoding and there is no folder to write them anew.
    """
    if encoding in {None, "repair"} and _is_utf8(path):
        return path, "utf-8"
    text, found = decode(path.read_bytes(), name, encoding)
    if scratch is None:
        raise SourceError(
            N_("{name} is in {encoding}: save it in UTF-8, for nothing of it is to be written on the disk here"),
            name=name,
            encoding=found,
        )
    written = scratch / "in_utf8.geojson"
    written.write_text(text, encoding="utf-8")
    return written, found


def without_nul(path: Path, scratch: Path | None, name: str) -> Path:
    """
    Give a path to the text with each NUL in its values, at which GDAL would cut them, as the mark of a lost letter.

    Raises
    ------
    SourceError
        If there is any, and no folder to write the text anew.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(_WRITTEN_NUL) < 0 or _NUL.search(content) is None:  # the first look takes a fiftieth
            return path
        if scratch is None:
            raise SourceError(N_("{name} holds letters that are none (NUL): mend it, and add it again"), name=name)
        written = scratch / "without_nul.geojson"
        written.write_bytes(_NUL.sub(rb"\1\\ufffd", content))
    return written


def without_mark_of_utf8(path: Path, scratch: Path | None, name: str) -> Path:
    """
    Give a path to the text without the mark that some programs put before UTF-8, which is no JSON.

    Raises
    ------
    SourceError
        If there is one, and no folder to write the text anew.
    """
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            return path
        if scratch is None:
            raise SourceError(
                N_("{name} begins with a mark that is no JSON (BOM): save it in UTF-8 without one"), name=name
            )
        written = scratch / "without_mark.geojson"
        with written.open("wb") as plain:
            shutil.copyfileobj(file, plain)
    return written


def is_limited(path: Path) -> bool:
    """Tell whether the text says that the server which made it left out what was beyond its limit."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _LIMITED.search(content) is not None


def features_named(path: Path) -> int:
    """Count the features that the text names."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return sum(1 for _ in _FEATURE.finditer(content))


def reread(path: Path, found: Format, rows: set[int], name: str, count: int) -> Reread:
    """
    Tell what is wrong with the geometry of `rows` (from 1, of `count`) by parsing the text anew.

    Coordinates nested a level too deep or too little are mended where only one reading is possible; rings listed side
    by side become a part each, and are named, for which of them are holes their ground has to tell.

    Raises
    ------
    SourceError
        If the text holds another number of features than GDAL read.
    """
    result = Reread()
    if path.stat().st_size > MAX_REREAD_BYTES:
        return result
    try:
        text = path.read_text(encoding="utf-8-sig")
        if found is Format.GEOJSON_LINES:
            whole = {"features": [json.loads(line) for line in text.replace("\x1e", "").splitlines() if line.strip()]}
        else:
            whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=name, format=found.value, why=error
        ) from error
    features = whole.get("features", [whole]) if isinstance(whole, dict) else []
    check_count(name, features, count)
    for row in sorted(rows):
        geometry = features[row - 1].get("geometry") if isinstance(features[row - 1], dict) else None
        if isinstance(geometry, dict):
            _tell(result, row, geometry)
    return result


def check_count(name: str, features: list[object], count: int) -> None:
    """
    Hold that all that stands among the features was read as one.

    Raises
    ------
    SourceError
        If not; the message says which entry is none.
    """
    if len(features) == count:
        return
    odd = next(
        (i for i, one in enumerate(features, start=1) if not isinstance(one, dict) or one.get("type") != "Feature"), 0
    )
    raise SourceError(
        N_("{name} lists {listed} features, but only {count} can be read as such; the first that is none: {row}"),
        name=name,
        listed=len(features),
        count=count,
        row=odd or "–",
    )


def _tell(result: Reread, row: int, geometry: dict[str, object]) -> None:
    kind, coordinates = str(geometry.get("type")), geometry.get("coordinates")
    if not coordinates and "geometries" not in geometry:
        return
    if kind not in _DEPTH:
        result.blame(row, "unreadable_geometry", kind[:40])
        return
    depth, unreadable = _nested(coordinates)
    if unreadable is not None:
        result.blame(row, "unreadable_geometry", str(unreadable)[:80])
        return
    wanted = _DEPTH[kind]
    if depth == wanted - 1 and kind == "MultiPolygon" and isinstance(coordinates, list) and len(coordinates) == 1:
        result.mended[row] = json.dumps({"type": "Polygon", "coordinates": coordinates})
    elif depth == wanted - 1 and kind == "MultiPolygon" and isinstance(coordinates, list):
        result.mended[row] = json.dumps({"type": kind, "coordinates": [[ring] for ring in coordinates]})
        result.side_by_side.append(row)
    elif depth == wanted - 1 and kind == "Polygon":
        result.mended[row] = json.dumps({"type": "Polygon", "coordinates": [coordinates]})
    elif depth == wanted + 1 and kind == "Polygon":
        result.mended[row] = json.dumps({"type": "MultiPolygon", "coordinates": coordinates})
    elif depth != wanted:
        result.blame(row, "nested_wrongly", f"{kind}: {depth + 1} / {wanted + 1}")
    else:
        result.blame(row, "unreadable_geometry", kind)


def _nested(coordinates: object) -> tuple[int, object]:
    """Give how deep positions lie in lists, and the first that is none (or lies at another depth)."""
    depths = set()
    todo = [(coordinates, 0)]
    while todo:
        one, depth = todo.pop()
        if not isinstance(one, list):
            return depth, one if one is not None else "null"
        if one and isinstance(one[0], list):
            todo += [(inner, depth + 1) for inner in one]
        else:
            odd = [n for n in one if isinstance(n, bool) or not isinstance(n, int | float)]
            if odd or len(one) < 2:  # noqa: PLR2004  longitude and latitude
                return depth, json.dumps(one)
            depths.add(depth)
    return (depths.pop(), None) if len(depths) == 1 else (0, "[]")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            first = file.read(_BLOCK)
            if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or without_mark(first[:_SAMPLE_BYTES]):
                return False
            decoder.decode(first)
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
