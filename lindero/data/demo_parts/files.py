"""Writers of records as GeoJSON, CSV and the lindero.toml of a workspace.

The same records give the same bytes.
"""

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


def to_geojson(records: Sequence[Record], *, empty: bool = False) -> bytes:
    """Encode records as GeoJSON, one feature per line, so that a diff shows single features.

    `geometry` may be None. Fields without a value are left out, unless `empty`.
    """
    features = ",\n".join(_encode_feature(record, empty=empty) for record in records)
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'.encode()


def _encode_feature(record: Record, *, empty: bool) -> str:
    geometry = record["geometry"]
    properties = {name: _to_json_value(value) for name, value in record.items() if name != "geometry"}
    feature = {
        "type": "Feature",
        "properties": {name: value for name, value in properties.items() if empty or value is not None},
        "geometry": mapping(geometry) if isinstance(geometry, BaseGeometry) else None,
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def _to_json_value(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def to_csv(records: Sequence[Record]) -> bytes:
    """Encode records as CSV: booleans as true and false, several codes separated by semicolons, None as empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: _to_cell(value) for name, value in record.items()})
    return text.getvalue().encode()


def _to_cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, list) else _to_json_value(value)


def encode_manifest(workspace: Mapping[str, object], sources: Sequence[Record], files: dict[str, bytes]) -> bytes:
    """Encode lindero.toml: one [[source]] per file, with the SHA-256 of the file."""
    entries = [{**source, "sha256": hashlib.sha256(files[str(source["file"])]).hexdigest()} for source in sources]
    return tomlkit.dumps({"workspace": workspace, "source": entries}).encode()
