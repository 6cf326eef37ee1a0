"""Peru's departments, provinces, districts and their capitals (INEI) as regions and places."""

from collections.abc import Mapping

from lindero.layers.sources.mapping import FieldMapping


def _region_mapping(
    name: str, title: str, level: str, identifying_fields: set[str], fields: Mapping[str, tuple[str, ...]]
) -> FieldMapping:
    constants = {"level": level, "country": "PE"}
    return FieldMapping(name, "regions", title, "INEI", frozenset(identifying_fields), fields, constants)


DISTRICTS = _region_mapping(
    "inei_districts",
    "Distritos",
    "district",
    {"IDDIST", "NOMBDIST"},
    {"code": ("IDDIST",), "name": ("NOMBDIST",), "parent_name": ("NOMBPROV",), "area_official_ha": ("AREA_MINAM",)},
)
PROVINCES = _region_mapping(
    "inei_provinces",
    "Provincias",
    "province",
    {"FIRST_IDPR", "NOMBPROV"},
    {"code": ("FIRST_IDPR",), "name": ("NOMBPROV",), "parent_name": ("FIRST_NOMB",)},
)
DEPARTMENTS = _region_mapping(
    "inei_departments",
    "Departamentos",
    "department",
    {"FIRST_IDDP", "NOMBDEP"},
    {"code": ("FIRST_IDDP",), "name": ("NOMBDEP",), "area_official_ha": ("HECTARES",)},
)
ZEE_DISTRICTS = _region_mapping(
    "zee_districts",
    "Distritos",
    "district",
    {"CODIGO_DIS", "NOMB_DIST", "CODIGO_PRO", "NOMB_PROV"},
    {"code": ("CODIGO_DIS",), "name": ("NOMB_DIST",), "parent_name": ("NOMB_PROV",), "area_official_ha": ("AREA_ha",)},
)
ZEE_PROVINCES = _region_mapping(
    "zee_provinces",
    "Provincias",
    "province",
    {"CODIGO_PRO", "CODIGO_DEP", "NOMB_PROV"},
    {"code": ("CODIGO_PRO",), "name": ("NOMB_PROV",), "parent_name": ("NOMB_DEP",)},
)
CAPITALS = FieldMapping(
    name="inei_capitals",
    layer="places",
    title="Capitales de provincia",
    publisher="INEI",
    recognised_by=frozenset({"CAPITAL", "DEPARTAM", "PROVINCIA"}),
    fields={"name": ("CAPITAL",), "region": ("DEPARTAM",)},
    constants={"country": "PE"},
)
