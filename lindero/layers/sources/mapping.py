"""How the fields of a received file become the columns of a layer: as data, applied row for row."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from lindero.layers.errors import N_, MappingError
from lindero.layers.model.accents import fold
from lindero.layers.model.layer import Column, Layer
from lindero.layers.model.parse_values import is_missing, text
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.read.reader import Received

LONGITUDE, LATITUDE = "longitude", "latitude"
POSITION = "position"  # both in one cell
ACTS = "acts"  # of incidents: what was done, in a field of their own row or for the whole file
_NEVER_ALL_ZERO = frozenset({"id", "area_official_ha"})
_QUARTER = re.compile(r"(\d{4})0([1-4])")
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
_CUT = 10  # letters of a field's name that a Shapefile keeps
ANY = "*"  # in `codes`: whatever was received
Constant = str | int | float | bool
_NEVER_FILLED = frozenset({"invented", "area_ha"})


@dataclass(frozen=True)
class Derived:
    """
    Rows of another layer that each received row also gives, such as the act and the victims of an incident.

    `only` keeps the rows in which a received field holds one of the values (compared as codes are). `each`: a column
    whose cells hold several codes with ; between them, each of which is a row.
    """

    layer: str
    fields: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Constant] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: tuple[str, frozenset[str]] | None = None
    each: str = ""


@dataclass(frozen=True)
class FieldMapping:
    """
    What is known of one kind of file.

    `recognised_by`: field names that together tell the kind. `fields`: for each column the received fields that may
    hold it, the best first. `constants`: columns with one value for all rows. `codes`: for each coded column what
    received values mean, in any case, with or without accents, in whole or before " - ". `persons`: a field with names
    of persons, which is never mapped; cells of other fields that repeat the name of their row are taken for empty.
    `accuracy_m`: of its boundaries, where the publisher's method tells it. `quarters`: columns in which 202502 is the
    second quarter of 2025, and no month.
    """

    name: str
    layer: str
    title: str
    publisher: str
    recognised_by: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Constant] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: tuple[Derived, ...] = ()
    persons: str | None = None
    accuracy_m: float | None = None
    quarters: tuple[str, ...] = ()
    licence: str = "not stated"
    url: str | None = None


def plain(value: object) -> str:
    """Give a value as it is compared: without case, accents and doubled spaces."""
    return " ".join(fold(str(value)).split())


def own_mapping(layer: Layer, fields: Iterable[str]) -> FieldMapping:
    """Give the mapping of a file whose fields are named as the layer's columns are."""
    named = {plain(name): name for name in fields}
    columns = [column.name for column in wanted_columns(layer)]
    places = (LONGITUDE, LATITUDE, POSITION) if layer.has_geometry else ()
    found = {name: (named[name],) for name in columns if name in named}
    for name in columns:  # a Shapefile cuts names
        if name not in found and len(name) > _CUT and name[:_CUT] in named and name[:_CUT] not in columns:
            found.setdefault(name, (named[name[:_CUT]],))
    for place in places:
        if spelt := [named[name] for name in _SPELLINGS[place] if name in named]:
            found[place] = (spelt[0],)
    acts = () if layer is not INCIDENTS or ACTS not in named else (_acts(named[ACTS]),)
    return FieldMapping("lindero", layer.name, layer.name, "", frozenset(), found, derived=acts)


def tells_nothing(column: str, values: pd.Series) -> bool:
    """Whether a file fills an `id` or official hectares without knowing them: 0 in each of several rows."""
    texts = [text(value) for value in values] if column in _NEVER_ALL_ZERO else []
    return len(texts) > 1 and all(one and _ZERO.fullmatch(one) for one in texts)


def _acts(field: str) -> Derived:
    """Give the acts that an incident's own row names, for those who keep everything in one table."""
    return Derived(ACTS, fields={"type": (field,)}, each="type")


def with_fields(
    base: FieldMapping,
    layer: Layer,
    chosen: Mapping[str, str],
    constants: Mapping[str, Constant],
    codes: Mapping[str, Mapping[str, str]] | None = None,
) -> FieldMapping:
    """
    Give `base` with the fields, constants and meanings of received values that the user chose; an empty one unsets it.

    Raises
    ------
    MappingError
        If a chosen column is none of the layer's.
    """
    columns = {column.name for column in wanted_columns(layer)} | {LONGITUDE, LATITUDE, POSITION}
    columns |= {ACTS} if layer is INCIDENTS else set()
    if unknown := sorted((chosen.keys() | constants.keys() | (codes or {}).keys()) - columns):
        raise MappingError(
            N_("{layer} has no column {columns}; it has {known}"),
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
    acts = _chosen_acts(chosen.get(ACTS, ""), str(constants.get(ACTS, "")), meanings.get(ACTS, {}))
    return replace(
        base,
        layer=layer.name,
        fields={column: names for column, names in fields.items() if names != ("",) and column != ACTS},
        constants={column: value for column, value in values.items() if value != "" and column != ACTS},
        codes={column: codes_of_column for column, codes_of_column in meanings.items() if column != ACTS},
        derived=tuple(one for one in base.derived if not acts or one.layer != ACTS) + acts,
    )


def _chosen_acts(field: str, value: str, meanings: Mapping[str, str]) -> tuple[Derived, ...]:
    """Give the acts that a field of each incident names, or that all of a file are (with ; between several)."""
    if field:
        return (replace(_acts(field), codes={"type": meanings}),)
    codes = [code.strip() for code in value.split(";") if code.strip()]
    return tuple(Derived(ACTS, fields={}, constants={"type": code}) for code in codes)


def check(mapping: FieldMapping, received: Received) -> None:
    """
    Hold that the mapping fits the file.

    Raises
    ------
    MappingError
        If a chosen field is not in the file, if no column of the layer would be filled (but outlines without any field,
        such as a sketch or a walk with a receiver, are taken), or if a table has no coordinates and the layer needs a
        place; the message lists the fields found.
    """
    layer = LAYERS[mapping.layer]
    found = [str(name) for name in received.rows.columns]
    missing = [names[0] for names in mapping.fields.values() if not set(names) & set(found)]
    chosen_missing = [name for name in missing if mapping.name == "lindero"]
    if chosen_missing:
        raise MappingError(
            N_("there is no field {missing}; the file has {found}"),
            missing=", ".join(chosen_missing),
            found=", ".join(found) or "–",
        )
    filled = {column for column, names in mapping.fields.items() if set(names) & set(found)}
    filled -= {LONGITUDE, LATITUDE, POSITION}
    is_bare_outline = received.geometry is not None and (not found or mapping.constants)
    if not filled and not is_bare_outline:
        raise MappingError(
            N_(
                "no field mapping is known for this file as {layer}; name one with --field COLUMN=FIELD. It has {found}"
            ),
            layer=layer.name,
            found=", ".join(found) or "–",
        )
    placed = received.geometry is not None or POSITION in used_fields(mapping, received)
    if not placed and layer.has_geometry and layer is not INCIDENTS and coordinates(mapping, received) is None:
        raise MappingError(
            N_(
                "a table needs coordinates to become {layer}: --field longitude=… --field latitude=…, or "
                "--field position=… where one cell holds both. It has {found}"
            ),
            layer=layer.name,
            found=", ".join(found) or "–",
        )


def used_fields(mapping: FieldMapping, received: Received) -> dict[str, str]:
    """Give for each column that the file can fill the field that fills it."""
    present = set(received.rows.columns)
    choices = {column: next((n for n in names if n in present), None) for column, names in mapping.fields.items()}
    return {column: name for column, name in choices.items() if name is not None}


def apply(mapping: FieldMapping, received: Received) -> dict[str, pd.DataFrame]:
    """
    Give the rows their layers' columns, row for row, indexed by row number; values are as received, not yet checked.

    A coded column holds the code, or its vocabulary's fallback where the value cannot be translated, beside
    `…_received` with the value as it came. Nothing is dropped.
    """
    fields = used_fields(mapping, received)
    received_rows = _without_names(received.rows, mapping.persons)
    tables = {mapping.layer: _mapped(LAYERS[mapping.layer], fields, mapping.constants, mapping.codes, received_rows)}
    for column in mapping.quarters:
        tables[mapping.layer][column] = tables[mapping.layer][column].map(_first_of_quarter)
    for derived in mapping.derived:
        rows = received_rows
        if derived.only is not None:
            name, wanted = derived.only
            rows = rows[rows[name].map(plain).isin(wanted)] if name in rows else rows.iloc[:0]
        chosen = {c: next((n for n in names if n in rows), "") for c, names in derived.fields.items()}
        chosen = {column: name for column, name in chosen.items() if name}
        if derived.each in chosen:
            rows = _each(rows, chosen[derived.each])
        more = _mapped(LAYERS[derived.layer], chosen, derived.constants, derived.codes, rows)
        tables[derived.layer] = pd.concat([tables[derived.layer], more]) if derived.layer in tables else more
    if mapping.accuracy_m is not None and "boundary_accuracy_m" not in fields:
        tables[mapping.layer]["boundary_accuracy_m"] = mapping.accuracy_m
    return tables


def coordinates(mapping: FieldMapping, received: Received) -> tuple[pd.Series, pd.Series] | None:
    """Give the longitude and latitude (or easting and northing) columns of a table, as received."""
    fields = used_fields(mapping, received)
    if LONGITUDE not in fields or LATITUDE not in fields:
        return None
    return received.rows[fields[LONGITUDE]], received.rows[fields[LATITUDE]]


def position(mapping: FieldMapping, received: Received) -> pd.Series | None:
    """Give the column of a table that holds whole positions, as received; None if it has no such column."""
    name = used_fields(mapping, received).get(POSITION)
    return None if name is None else received.rows[name]


def wanted_columns(layer: Layer) -> list[Column]:
    """Give the columns that a file may fill: not those that the map fills by itself."""
    received = {f"{column.name}_received" for column in layer.own if column.vocabulary}
    skipped = {"source_id", "snapshot_on", "row_number", "area_ha"} | received
    return [column for column in layer.columns if column.name not in skipped]


def _mapped(
    layer: Layer,
    fields: Mapping[str, str],
    constants: Mapping[str, Constant],
    codes: Mapping[str, Mapping[str, str]],
    rows: pd.DataFrame,
) -> pd.DataFrame:
    mapped = pd.DataFrame(index=rows.index)
    for column in wanted_columns(layer):
        if column.name in fields:
            mapped[column.name] = rows[fields[column.name]]
        elif column.name in constants:
            mapped[column.name] = constants[column.name]
    for column in layer.own:
        if column.vocabulary and column.name in mapped:
            received = mapped[column.name] if column.name in fields else None
            mapped[f"{column.name}_received"] = received if received is None else received.map(_text)
            mapped[column.name] = _coded(mapped[column.name], codes.get(column.name, {}))
    return mapped


def _first_of_quarter(value: object) -> object:
    quarter = _QUARTER.fullmatch(text(value) or "")
    return f"{quarter[1]}-{3 * int(quarter[2]) - 2:02}-01" if quarter else value


def _each(rows: pd.DataFrame, field: str) -> pd.DataFrame:
    """Give a row for each code in the cells of a field; where there is none there is no row."""
    codes = rows[field].map(lambda cell: [] if is_missing(cell) else [part.strip() for part in str(cell).split(";")])
    return rows.assign(**{field: codes}).explode(field).dropna(subset=[field])


def _without_names(rows: pd.DataFrame, persons: str | None) -> pd.DataFrame:
    """Empty the cells that repeat the name of the person of their row, as a place described by who died there does."""
    if persons not in rows:
        return rows
    names = [plain(name) if not is_missing(name) else None for name in rows[persons]]
    emptied = {
        field: [
            None if name and isinstance(value, str) and name in plain(value) else value
            for name, value in zip(names, rows[field], strict=True)
        ]
        for field in rows
    }
    return pd.DataFrame(emptied, index=rows.index, dtype=object)


def _text(value: object) -> str | None:
    return None if is_missing(value) else str(value)


def _coded(values: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    """Translate values, each distinct one once; those without a meaning stay as they came."""
    meanings = {plain(key): code for key, code in codes.items()}
    places, distinct = pd.factorize(values, use_na_sentinel=False)
    meant = np.array([_meaning(value, meanings) for value in distinct], dtype=object)
    return pd.Series(meant[places], index=values.index, dtype=object)


def _meaning(value: object, meanings: Mapping[str, str]) -> str | None:
    text = _text(value)
    if text is None:
        return None
    whole = plain(text)
    found = (meanings.get(key) for key in (whole, whole.partition(" - ")[0], ANY))
    return next((code for code in found if code), text.strip())


# An empty table of a layer's columns, to be filled in by hand and read back without a mapping.


@dataclass(frozen=True)
class Template:
    """A header line, and the codes that each coded column takes."""

    header: str
    codes: Mapping[str, tuple[str, ...]]


def template(layer: Layer) -> Template:
    """
    Give the header of a layer's table: `id` where other tables refer to it, its own columns, then coordinates.

    Columns that a build computes are left out.
    """
    named = ["id"] if layer.name in {"incidents", "communities", "concessions"} else []
    own = [column for column in layer.own if column.name not in _NEVER_FILLED]
    places = [LATITUDE, LONGITUDE] if layer.has_geometry else []
    header = ",".join([*named, *(column.name for column in own), *places])
    codes = {column.name: VOCABULARIES[column.vocabulary] for column in own if column.vocabulary}
    return Template(header, codes)
