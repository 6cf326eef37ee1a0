"""Checks of the text of a GeoJSON file for content that GDAL skips without a warning."""

import codecs
import json
import mmap
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import decode, detect_utf16

MAX_REREAD_BYTES = 256 * 1024**2  # maximum size of a text that is parsed again to explain unreadable rows
_FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
_LIMITED = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
_WRITTEN_NUL = rb"\u0000"
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # as written in JSON, unless its backslash is itself escaped
_SAMPLE_BYTES = 65_536
_BLOCK = 16 * 1024**2
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


@dataclass
class GeometryDiagnosis:
    """Diagnoses of geometry that GDAL could not read: repaired GeoJSON by row, or the reason for the failure."""

    mended: dict[int, str] = field(default_factory=dict)
    side_by_side: list[int] = field(default_factory=list)  # rows of `mended` whose rings are not marked as holes
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add_fault(self, row: int, reason: str, detail: str) -> None:
        """Record why the geometry of a row cannot be read."""
        self.faults[row] = (reason, detail)


def ensure_utf8(path: Path, scratch: Path | None, name: str, encoding: str | None) -> tuple[Path, str]:
    """Return a path to the text in UTF-8 (`path` itself if it already is), and the original encoding."""
    if encoding in {None, "repair"} and _is_utf8(path):
        return path, "utf-8"
    text, detected = decode(path.read_bytes(), name, encoding)
    if scratch is None:
        raise SourceError(
            N_(
                "{name} is in {encoding}. Save it as UTF-8 and add it again: converting it here would write "
                "a copy to the disk"
            ),
            name=name,
            encoding=detected,
        )
    written = scratch / "in_utf8.geojson"
    written.write_text(text, encoding="utf-8")
    return written, detected


def replace_nul(path: Path, scratch: Path | None, name: str) -> Path:
    """Return a path to the text with each NUL in its values replaced by U+FFFD. GDAL would cut the values at a NUL."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(_WRITTEN_NUL) < 0 or _NUL.search(content) is None:  # the first test takes 1/50 of the time
            return path
        if scratch is None:
            raise SourceError(N_("{name} contains NUL characters; remove them and add the file again"), name=name)
        written = scratch / "without_nul.geojson"
        written.write_bytes(_NUL.sub(rb"\1\\ufffd", content))
    return written


def remove_bom(path: Path, scratch: Path | None, name: str) -> Path:
    """Return a path to the text without a UTF-8 byte order mark, which some programs write and JSON does not allow."""
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            return path
        if scratch is None:
            raise SourceError(
                N_(
                    "{name} begins with a byte order mark (BOM), which is not JSON; save it as UTF-8 without "
                    "BOM and add it again"
                ),
                name=name,
            )
        written = scratch / "without_mark.geojson"
        with written.open("wb") as target:
            shutil.copyfileobj(file, target)
    return written


def is_truncated(path: Path) -> bool:
    """Return whether the text states that the server left out features beyond its limit (`exceededTransferLimit`)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _LIMITED.search(content) is not None


def count_features(path: Path) -> int:
    """Count the features in the text."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return sum(1 for _ in _FEATURE.finditer(content))


def diagnose_geometries(path: Path, file_format: Format, rows: set[int], name: str, count: int) -> GeometryDiagnosis:
    """Diagnose the geometry of `rows` (from 1, of `count`) by parsing the text again.

    Coordinates nested one level too deep or too shallow are repaired where only one reading is possible. Rings listed
    side by side each become a part and are recorded, because only their geometry shows which of them are holes.
    """
    result = GeometryDiagnosis()
    if path.stat().st_size > MAX_REREAD_BYTES:
        return result
    try:
        text = path.read_text(encoding="utf-8-sig")
        if file_format is Format.GEOJSON_LINES:
            document = {
                "features": [json.loads(line) for line in text.replace("\x1e", "").splitlines() if line.strip()]
            }
        else:
            document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=name, format=file_format.value, why=error
        ) from error
    features = document.get("features", [document]) if isinstance(document, dict) else []
    check_count(name, features, count)
    for row in sorted(rows):
        geometry = features[row - 1].get("geometry") if isinstance(features[row - 1], dict) else None
        if isinstance(geometry, dict):
            _diagnose(result, row, geometry)
    return result


def check_count(name: str, features: list[object], count: int) -> None:
    """Check that every entry of the feature list was read as a feature."""
    if len(features) == count:
        return
    invalid_row = next(
        (
            i
            for i, feature in enumerate(features, start=1)
            if not isinstance(feature, dict) or feature.get("type") != "Feature"
        ),
        0,
    )
    raise SourceError(
        N_(
            "{name} lists {listed} features, but only {count} can be read (first invalid feature: {row}); "
            "ask the sender for a corrected file"
        ),
        name=name,
        listed=len(features),
        count=count,
        row=invalid_row or "–",
    )


def _diagnose(result: GeometryDiagnosis, row: int, geometry: dict[str, object]) -> None:
    kind, coordinates = str(geometry.get("type")), geometry.get("coordinates")
    if not coordinates and "geometries" not in geometry:
        return
    if kind not in _DEPTH:
        result.add_fault(row, "unreadable_geometry", kind[:40])
        return
    depth, unreadable = _nesting_depth(coordinates)
    if unreadable is not None:
        result.add_fault(row, "unreadable_geometry", str(unreadable)[:80])
        return
    expected_depth = _DEPTH[kind]
    if (
        depth == expected_depth - 1
        and kind == "MultiPolygon"
        and isinstance(coordinates, list)
        and len(coordinates) == 1
    ):
        result.mended[row] = json.dumps({"type": "Polygon", "coordinates": coordinates})
    elif depth == expected_depth - 1 and kind == "MultiPolygon" and isinstance(coordinates, list):
        result.mended[row] = json.dumps({"type": kind, "coordinates": [[ring] for ring in coordinates]})
        result.side_by_side.append(row)
    elif depth == expected_depth - 1 and kind == "Polygon":
        result.mended[row] = json.dumps({"type": "Polygon", "coordinates": [coordinates]})
    elif depth == expected_depth + 1 and kind == "Polygon":
        result.mended[row] = json.dumps({"type": "MultiPolygon", "coordinates": coordinates})
    elif depth != expected_depth:
        result.add_fault(row, "nested_wrongly", f"{kind}: {depth + 1} / {expected_depth + 1}")
    else:
        result.add_fault(row, "unreadable_geometry", kind)


def _nesting_depth(coordinates: object) -> tuple[int, object]:
    """Return the nesting depth of positions, and the first value that is not a position or is at another depth."""
    depths = set()
    pending = [(coordinates, 0)]
    while pending:
        value, depth = pending.pop()
        if not isinstance(value, list):
            return depth, value if value is not None else "null"
        if value and isinstance(value[0], list):
            pending += [(inner, depth + 1) for inner in value]
        else:
            non_numbers = [n for n in value if isinstance(n, bool) or not isinstance(n, int | float)]
            if non_numbers or len(value) < 2:  # noqa: PLR2004  longitude and latitude
                return depth, json.dumps(value)
            depths.add(depth)
    return (depths.pop(), None) if len(depths) == 1 else (0, "[]")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            first = file.read(_BLOCK)
            if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or detect_utf16(first[:_SAMPLE_BYTES]):
                return False
            decoder.decode(first)
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
