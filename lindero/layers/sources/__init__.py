"""The known kinds of files, which are recognised by their fields. The country packs describe them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lindero.layers.reference import packs
from lindero.layers.sources.mapping import DerivedRows, FieldMapping


def _load_mappings() -> dict[str, FieldMapping]:
    """Load the mappings of all packs.

    Kinds with more recognised fields are tried first: a district's file also has a province's fields.
    """
    countries, tables = {}, {}
    for country, name, content in packs.iter_tables("mappings.toml"):
        countries[name], tables[name] = country, content
    mappings = [
        replace(build_mapping(name, content, tables), country=countries[name])
        for name, content in tables.items()
        if {"layer", "extends"} & content.keys()
    ]
    return {mapping.name: mapping for mapping in sorted(mappings, key=lambda known: -len(known.recognised_by))}


def build_mapping(name: str, content: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> FieldMapping:
    """Build a mapping from its table. What it does not state is taken from the family that it `extends`."""
    family = tables[content["extends"]] if "extends" in content else {}
    plain = {**family, **content}
    for table in ("fields", "constants", "removes"):
        plain[table] = {**family.get(table, {}), **content.get(table, {})}
    codes = {**family.get("codes", {}), **content.get("codes", {})}
    plain["codes"] = {
        column: {**family.get("codes", {}).get(column, {}), **content.get("codes", {}).get(column, {})}
        for column in codes
    }
    plain["fields"] = _read_fields(plain["fields"])
    plain["recognised_by"] = frozenset(plain["recognised_by"])
    plain["derived"] = tuple(_build_derived_rows(rows) for rows in plain.get("derived", ()))
    plain["quarters"] = tuple(plain.get("quarters", ()))
    plain.pop("extends", None)
    return FieldMapping(name, **plain)


def _build_derived_rows(content: Mapping[str, Any]) -> DerivedRows:
    only = content.get("only")
    accepted = (only["field"], frozenset(only["values"])) if only else None
    return DerivedRows(**{**content, "fields": _read_fields(content.get("fields", {})), "only": accepted})


def _read_fields(fields: Mapping[str, str | list[str]]) -> dict[str, tuple[str, ...]]:
    return {column: (names,) if isinstance(names, str) else tuple(names) for column, names in fields.items()}


MAPPINGS_BY_NAME: dict[str, FieldMapping] = _load_mappings()


def find_mapping(fields: Iterable[str], *, layer: str | None = None, country: str = "") -> FieldMapping | None:
    """Return the known mapping with all its identifying fields in the file."""
    present = set(fields)
    matching = (m for m in MAPPINGS_BY_NAME.values() if m.recognised_by <= present and layer in {None, m.layer})
    preference = {country: 0, "": 1}
    return min(matching, key=lambda m: (-len(m.recognised_by), preference.get(m.country, 2)), default=None)
