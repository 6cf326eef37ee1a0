"""Field mappings from received files to the columns of a layer. A mapping is data, applied row by row."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from lindero.layers.errors import N_, MappingError
from lindero.layers.model.accents import fold
from lindero.layers.model.layer import Column, Layer
from lindero.layers.model.parse_values import parse_text
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.read.reader import ReceivedLayer

LONGITUDE, LATITUDE = "longitude", "latitude"
POSITION = "position"  # longitude and latitude in one cell
ACTS = "acts"  # acts of an incident, from a field of its row or a constant for the whole file
_AREA = "area_official_ha"
_NEVER_ALL_ZERO = frozenset({"id", _AREA})
_ZERO = re.compile(r"0+([.,]0*)?")
_SPELLINGS = {
    LONGITUDE: (
        "longitude",
        "longitud",
        "lon",
        "lng",
        "long",
        "x",
        "este",
        "easting",
        "utm_x",
        "utm_este",
        "coord_x",
        "coordx",
        "coord_este",
    ),
    LATITUDE: (
        "latitude",
        "latitud",
        "lat",
        "y",
        "norte",
        "northing",
        "utm_y",
        "utm_norte",
        "coord_y",
        "coordy",
        "coord_norte",
    ),
    POSITION: (
        *(
            "position",
            "posicion",
            "posicao",
            "coordenadas",
            "coordenada",
            "coordinates",
            "coords",
            "mgrs",
            "utm",
            "gps",
        ),
        *("lat/lon", "lat,lon", "lat lon", "latlon", "latlong", "lat_lon", "latitud/longitud", "latitude/longitude"),
        *(
            "latitud, longitud",
            "latitude, longitude",
            "geolocalizacion",
            "georreferencia",
            "coordonnees",
            "localisation gps",
        ),
    ),
}
_CUT = 10  # letters of a field name that a Shapefile keeps
ANY = "*"  # in `codes`: any received value, or after some letters, any that begins with them
Constant = str | int | float | bool


@dataclass(frozen=True)
class DerivedRows:
    """Rows of another layer derived from each received row, such as the act and the victims of an incident."""

    layer: str
    fields: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Constant] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: tuple[str, frozenset[str]] | None = None  # a received field and its accepted values, normalised like codes
    split_column: str = ""  # a column with several codes per cell, separated by semicolons; each code becomes a row


@dataclass(frozen=True)
class FieldMapping:
    """The known field mapping of one kind of file.

    `recognised_by`: field names that together identify the kind. `fields`: for each column, the received fields that
    may contain it, best first. `constants`: columns with one value for all rows. `codes`: for each coded column, the
    meanings of received values. They are compared without case and accents, as a whole or before " - ". `persons`: a
    field with names of persons, which is never mapped; cells of other fields that repeat the name in their row are
    emptied. `accuracy_m`: the accuracy of the boundaries in metres, if the publisher's method states it. `quarters`:
    columns in which 202502 is the second quarter of 2025, not a month. `removes`: for each column, a regular expression
    whose matches are removed from received texts, such as a percentage after the name of a holder. `unit`: the field
    with the unit of the official area, and the hectares of each unit, or those of the one unit of the file. `systems`:
    the field with the UTM zone of a table's coordinates, and the CRS of each zone. `country`: the code of the country
    whose pack has the mapping; empty if several countries use it.
    """

    name: str
    layer: str
    title: str
    publisher: str
    recognised_by: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Constant] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: tuple[DerivedRows, ...] = ()
    persons: str | None = None
    accuracy_m: float | None = None
    quarters: tuple[str, ...] = ()
    removes: Mapping[str, str] = field(default_factory=dict)
    unit: Mapping[str, Any] = field(default_factory=dict)
    systems: Mapping[str, Any] = field(default_factory=dict)
    licence: str = "not stated"
    url: str | None = None
    country: str = ""


def normalise_text(value: object) -> str:
    """Normalise a value for comparison: without case, accents and repeated spaces."""
    return " ".join(fold(str(value)).split())


def match_columns(layer: Layer, fields: Iterable[str]) -> FieldMapping:
    """Build the mapping of a file with fields that are named like the columns of the layer.

    Case and accents are ignored, and a name may be cut to 10 letters as in a Shapefile. Coordinates may have other
    usual names, such as `lon` or `este`.

    Returns: A mapping named `lindero`; its `fields` are empty if no name matches.
    """
    field_by_name = {normalise_text(name): name for name in fields}
    columns = [column.name for column in fillable_columns(layer)]
    places = (LONGITUDE, LATITUDE, POSITION) if layer.has_geometry else ()
    field_by_column = {name: (field_by_name[name],) for name in columns if name in field_by_name}
    for name in columns:  # Shapefiles truncate names
        if (
            name not in field_by_column
            and len(name) > _CUT
            and name[:_CUT] in field_by_name
            and name[:_CUT] not in columns
        ):
            field_by_column.setdefault(name, (field_by_name[name[:_CUT]],))
    for place in places:
        if matching_fields := [field_by_name[name] for name in _SPELLINGS[place] if name in field_by_name]:
            field_by_column[place] = (matching_fields[0],)
    acts = () if layer is not INCIDENTS or ACTS not in field_by_name else (_derive_acts(field_by_name[ACTS]),)
    return FieldMapping("lindero", layer.name, layer.name, "", frozenset(), field_by_column, derived=acts)


def is_all_zero(column: str, values: pd.Series) -> bool:
    """Return whether an `id` or official area column has no information: 0 in each of several rows.

    `column`: the name of the layer's column. Only `id` and `area_official_ha` are checked.
    """
    texts = [parse_text(value) for value in values] if column in _NEVER_ALL_ZERO else []
    return len(texts) > 1 and all(value_text and _ZERO.fullmatch(value_text) for value_text in texts)


def _derive_acts(field: str) -> DerivedRows:
    """Return the derived acts of incidents that store them in a field of their own row."""
    return DerivedRows(ACTS, fields={"type": (field,)}, split_column="type")


def override_mapping(
    base: FieldMapping,
    layer: Layer,
    chosen: Mapping[str, str],
    constants: Mapping[str, Constant],
    codes: Mapping[str, Mapping[str, str]] | None = None,
) -> FieldMapping:
    """Return `base` with the fields, constants and value meanings that the user chose.

    `codes`: by column, the code of each received value; added to those of `base`. None adds none.
    """
    columns = {column.name for column in fillable_columns(layer)} | {LONGITUDE, LATITUDE, POSITION}
    columns |= {ACTS} if layer is INCIDENTS else set()
    if unknown := sorted((chosen.keys() | constants.keys() | (codes or {}).keys()) - columns):
        raise MappingError(
            N_("{layer} has no column {columns}; choose from: {known}"),
            layer=layer.name,
            columns=", ".join(unknown),
            known=", ".join(sorted(columns)),
        )
    meanings = {
        **base.codes,
        **{name: {**base.codes.get(name, {}), **codes_of_column} for name, codes_of_column in (codes or {}).items()},
    }
    fields = {**base.fields, **{column: (name,) for column, name in chosen.items()}}
    values = {**base.constants, **constants}
    acts = _derive_chosen_acts(chosen.get(ACTS, ""), str(constants.get(ACTS, "")), meanings.get(ACTS, {}))
    return replace(
        base,
        layer=layer.name,
        fields={column: names for column, names in fields.items() if names != ("",) and column != ACTS},
        constants={column: value for column, value in values.items() if value != "" and column != ACTS},
        codes={column: codes_of_column for column, codes_of_column in meanings.items() if column != ACTS},
        derived=tuple(derived_rows for derived_rows in base.derived if not acts or derived_rows.layer != ACTS) + acts,
    )


def _derive_chosen_acts(field: str, value: str, meanings: Mapping[str, str]) -> tuple[DerivedRows, ...]:
    """Return the acts that a field names for each incident, or that apply to the file; semicolons separate several."""
    if field:
        return (replace(_derive_acts(field), codes={"type": meanings}),)
    codes = [code.strip() for code in value.split(";") if code.strip()]
    return tuple(DerivedRows(ACTS, fields={}, constants={"type": code}) for code in codes)


def check_mapping(mapping: FieldMapping, received: ReceivedLayer) -> None:
    """Check that the mapping fits the file.

    A file with geometry and without fields, such as a sketch or a GPS track, is accepted.
    """
    layer = LAYERS[mapping.layer]
    file_fields = [str(name) for name in received.rows.columns]
    missing = [names[0] for names in mapping.fields.values() if not set(names) & set(file_fields)]
    chosen_missing = [name for name in missing if mapping.name == "lindero"]
    if chosen_missing:
        raise MappingError(
            N_("the file does not have the field {missing}; it has {found}"),
            missing=", ".join(chosen_missing),
            found=", ".join(file_fields) or "–",
        )
    filled = {column for column, names in mapping.fields.items() if set(names) & set(file_fields)}
    filled -= {LONGITUDE, LATITUDE, POSITION}
    is_bare_outline = received.geometry is not None and (not file_fields or mapping.constants)
    if not filled and not is_bare_outline:
        raise MappingError(
            N_(
                "the fields of this file are not recognised as {layer}; state them with --field "
                "COLUMN=FIELD. The file has {found}"
            ),
            layer=layer.name,
            found=", ".join(file_fields) or "–",
        )
    has_position = received.geometry is not None or POSITION in used_fields(mapping, received)
    if not has_position and layer.has_geometry and layer is not INCIDENTS and coordinates(mapping, received) is None:
        raise MappingError(
            N_(
                "a table needs coordinates to be read as {layer}. Give --field longitude=… --field "
                "latitude=…, or --field position=… if one cell contains both. The table has {found}"
            ),
            layer=layer.name,
            found=", ".join(file_fields) or "–",
        )


def used_fields(mapping: FieldMapping, received: ReceivedLayer) -> dict[str, str]:
    """Return the field that fills each column, for the columns that the file can fill."""
    present = set(received.rows.columns)
    choices = {column: next((n for n in names if n in present), None) for column, names in mapping.fields.items()}
    return {column: name for column, name in choices.items() if name is not None}


def coordinates(mapping: FieldMapping, received: ReceivedLayer) -> tuple[pd.Series, pd.Series] | None:
    """Return a table's columns of longitude and latitude (or easting and northing) as received."""
    fields = used_fields(mapping, received)
    if LONGITUDE not in fields or LATITUDE not in fields:
        return None
    return received.rows[fields[LONGITUDE]], received.rows[fields[LATITUDE]]


def position(mapping: FieldMapping, received: ReceivedLayer) -> pd.Series | None:
    """Return the column of a table that contains whole positions, as received.

    Returns: longitude and latitude, a UTM position or another reference in one cell, not parsed. None if there is no
    such column.
    """
    name = used_fields(mapping, received).get(POSITION)
    return None if name is None else received.rows[name]


def fillable_columns(layer: Layer) -> list[Column]:
    """Return the columns that a file may fill, without those that Lindero fills itself."""
    received = {f"{column.name}_received" for column in layer.own_columns if column.vocabulary}
    skipped = {"source_id", "snapshot_on", "row_number", "area_ha"} | received
    return [column for column in layer.columns if column.name not in skipped]
