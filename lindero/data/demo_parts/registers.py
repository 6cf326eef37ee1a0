"""Invented records as the files of a workspace, in the form of a country's registers: their fields and their words."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd
import tomlkit
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from lindero.data.demo_parts.territories import Setting
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import packs
from lindero.layers.services.catalogue import load_catalogue
from lindero.layers.sources import MAPPINGS_BY_NAME
from lindero.layers.sources.mapped_rows import translate_codes
from lindero.layers.sources.mapping import ANY, FieldMapping

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


LAYERS_OF_REGISTERS = ("concessions", "communities", "protected_areas")
SHARES = (" (100%)", " 100%")  # of a holder, as some registers write them


@dataclass(frozen=True)
class SourceFile:
    """A file of the demonstration: the id and title of its source, and its rows. `options`: more of its entry."""

    id: str
    title: str
    rows: Sequence[Record]
    options: Mapping[str, Any] = field(default_factory=dict)
    empty: bool = False  # whether fields without a value are written, too


def to_register_form(
    setting: Setting, layer: str, day: date, plain: SourceFile, new_ids: dict[str, str]
) -> list[SourceFile]:
    """Split the rows of a layer among the registers of the country, each in its own form.

    Rows that no register of the country has stay as they are, in `plain`. The ids of the others are added to
    `new_ids`, by the ids that they had in `plain`.
    """
    registers = list_registers(setting.country, layer) if layer in LAYERS_OF_REGISTERS else {}
    rows_by_register: dict[str, list[Record]] = {}
    for row in plain.rows:
        missing = {name: _count_missing(mapping, row) for name, mapping in registers.items()}
        fitting = {name: count for name, count in missing.items() if count is not None}
        rows_by_register.setdefault(min(fitting, key=lambda name: fitting[name], default=""), []).append(row)
    sources = []
    for name, rows in rows_by_register.items():
        if not name:
            sources.append(replace(plain, rows=rows))
            continue
        mapping = registers[name]
        id_ = f"demo-{name}"
        title = setting.words["register"].format(mapping.title)
        written = [_write_row(mapping, row, setting.words["example"]) for row in rows]
        own = MAPPINGS_BY_NAME[mapping.name].constants
        constants = {column: value for column, value in mapping.constants.items() if own.get(column) != value}
        options = {"mapping": mapping.name, **({"constants": constants} if constants else {})}
        sources.append(SourceFile(id_, title, written, options, empty=True))
        for number, row in enumerate(rows, start=1):
            key = row["code"] if "code" in mapping.fields else number
            new_ids[f"{plain.id}/{day}/{row['code']}"] = f"{id_}/{day}/{key}"
    return sources


def list_registers(country: str, layer: str) -> dict[str, FieldMapping]:
    """Return the mappings of the registers of a country for a layer by source, with what their sources add to them.

    Several sources that are read alike, such as the parts of a cadastre, are one register.
    """
    registers: dict[str, FieldMapping] = {}
    for entry in load_catalogue().values():
        if entry.country == country and entry.layer == layer and entry.mapping:
            mapping = MAPPINGS_BY_NAME[entry.mapping]
            mapping = replace(mapping, constants={**mapping.constants, **entry.constants})
            alike = [name for name, other in registers.items() if replace(other, title=mapping.title) == mapping]
            if alike:
                del registers[alike[0]]
            name = mapping.name if alike and mapping.name not in registers else entry.name
            registers[name] = mapping if alike else replace(mapping, title=entry.title)
    read = {mapping.name for mapping in registers.values()}
    own = {name for code, name, _content in packs.iter_tables("mappings.toml") if code == country} - read
    registers |= {name: MAPPINGS_BY_NAME[name] for name in sorted(own) if name in MAPPINGS_BY_NAME}
    return {name: mapping for name, mapping in registers.items() if mapping.layer == layer}


def replace_ids(rows: Iterable[Record], new_ids: Mapping[str, str]) -> list[Record]:
    """Return the rows with the present ids of the records that they name."""
    ids = ("community_id", "concession_id")
    return [row | {name: new_ids.get(str(row[name]), row[name]) for name in ids if name in row} for row in rows]


def _count_missing(mapping: FieldMapping, row: Record) -> int | None:
    """Count the codes of a row that a register has no word for. None if it has other records, such as other kinds."""
    coded = {column.name for column in LAYERS[mapping.layer].own_columns if column.vocabulary}
    for column, value in mapping.constants.items():
        if column in coded and column not in mapping.fields and row.get(column) != value:
            return None
    for column in _list_read_from_code(mapping):
        if translate_codes(pd.Series([row["code"]]), mapping.codes[column])[0] != row.get(column):
            return None
    columns = [column for column in coded & mapping.fields.keys() if row.get(column) not in (None, "unknown")]
    return sum(not _words(mapping, column, row[column]) for column in columns)


def _list_read_from_code(mapping: FieldMapping) -> list[str]:
    """List the coded columns that a register states in the code of a record, such as the kind by its first letters."""
    fields = mapping.fields.get("code")
    return [column for column in mapping.codes if column != "code" and fields and mapping.fields.get(column) == fields]


def _words(mapping: FieldMapping, column: str, code: object) -> list[str]:
    return [str(word) for word, meaning in mapping.codes.get(column, {}).items() if meaning == code]


def _write_row(mapping: FieldMapping, row: Record, example: str) -> Record:
    """Write a row as the register does. Where several columns are read from one field, it has the word of a code."""
    written: Record = dict.fromkeys(sorted(mapping.recognised_by), example)
    coded = [column for column in mapping.fields if column in mapping.codes]
    in_code = _list_read_from_code(mapping)
    for column in [*(column for column in mapping.fields if column not in coded), *coded]:
        if column not in LAYERS[mapping.layer].names or column in in_code:
            continue
        value = row.get(column)
        if column in coded:
            value = next(iter(_words(mapping, column, value)), None)
            value = example if value == ANY else value
        elif isinstance(value, str) and column in mapping.removes:
            shares = (share for share in SHARES if re.sub(mapping.removes[column], "", value + share).strip() == value)
            value += next(shares, "")
        written[mapping.fields[column][0]] = value
    area, hectares = mapping.fields.get("area_official_ha", ("",))[0], mapping.unit.get("hectares", 1)
    if isinstance(hectares, dict):  # by the unit that the row states
        unit, hectares = next(iter(hectares.items()))
        written[mapping.unit["field"]] = unit
    if isinstance(stated := written.get(area), float):
        written[area] = round(stated / hectares, 4)
    return {**written, "geometry": row["geometry"]}
