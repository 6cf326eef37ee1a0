"""Records as GeoJSON, CSV and a workspace's lindero.toml: the same records give the same bytes."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date

import tomlkit
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

Record = dict[str, object]


def geojson(records: Sequence[Record]) -> bytes:
    """Write one feature a line, so that a change to one shows as one; `geometry` may be None."""
    features = ",\n".join(_feature(record) for record in records)
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'.encode()


def _feature(record: Record) -> str:
    geometry = record["geometry"]
    properties = {name: _plain(value) for name, value in record.items() if name != "geometry"}
    feature = {
        "type": "Feature",
        "properties": {name: value for name, value in properties.items() if value is not None},
        "geometry": mapping(geometry) if isinstance(geometry, BaseGeometry) else None,
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def table(records: Sequence[Record]) -> bytes:
    """Write a CSV: booleans as true and false, several codes with semicolons between them, nothing for None."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: _cell(value) for name, value in record.items()})
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, list) else _plain(value)


def manifest(workspace: Mapping[str, object], sources: Sequence[Record], files: dict[str, bytes]) -> bytes:
    """Write lindero.toml: one [[source]] per file, with the file's SHA-256."""
    described = [{**source, "sha256": hashlib.sha256(files[str(source["file"])]).hexdigest()} for source in sources]
    return tomlkit.dumps({"workspace": workspace, "source": described}).encode()
