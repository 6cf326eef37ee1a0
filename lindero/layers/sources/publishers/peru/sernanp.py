"""Peru's protected areas and their buffer zones (SERNANP)."""

from lindero.layers.sources.mapping import FieldMapping

_IUCN = {code: code for code in ("Ia", "Ib", "II", "III", "IV", "V", "VI")}
_GOVERNORS = {
    "Privado": "private",
    "Asociación": "private",
    "Organización no Gubernamental": "private",
    "Universidad": "private",
    "Comunidad Campesina": "community",
    "Comunidad Nativa": "community",
    "Comunal": "community",
}

NATIONAL = FieldMapping(
    name="sernanp_national",
    layer="protected_areas",
    title="Áreas naturales protegidas de administración nacional",
    publisher="SERNANP",
    recognised_by=frozenset({"anp_codi", "anp_nomb", "anp_cate"}),
    fields={
        "code": ("anp_codi",),
        "name": ("anp_nomb",),
        "designation": ("anp_cate",),
        "iucn_category": ("anp_uicn",),
        "established_on": ("anp_felec",),
        "area_official_ha": ("anp_suleg",),
    },
    constants={"governance": "government", "status": "established", "zone": "core"},
    codes={"iucn_category": _IUCN},
)
REGIONAL = FieldMapping(
    name="sernanp_regional",
    layer="protected_areas",
    title="Áreas de conservación regional",
    publisher="SERNANP",
    recognised_by=frozenset({"acr_codi", "acr_nomb"}),
    fields={
        "code": ("acr_codi",),
        "name": ("acr_nomb",),
        "established_on": ("acr_felec",),
        "area_official_ha": ("acr_suleg",),
    },
    constants={
        "designation": "Área de conservación regional",
        "governance": "government",
        "status": "established",
        "zone": "core",
    },
)
PRIVATE = FieldMapping(
    name="sernanp_private",
    layer="protected_areas",
    title="Áreas de conservación privada",
    publisher="SERNANP",
    recognised_by=frozenset({"acp_codi", "acp_nomb"}),
    fields={  # the owners of the land stay in the file: names of persons do not belong on this map
        "code": ("acp_codi",),
        "name": ("acp_nomb",),
        "governance": ("acp_tipro",),
        "established_on": ("acp_felec",),
        "area_official_ha": ("acp_suleg",),
    },
    constants={"designation": "Área de conservación privada", "status": "established", "zone": "core"},
    codes={"governance": _GOVERNORS},
)
RESERVED = FieldMapping(
    name="sernanp_reserved",
    layer="protected_areas",
    title="Zonas reservadas",
    publisher="SERNANP",
    recognised_by=frozenset({"zr_codi", "zr_nomb"}),
    fields={
        "code": ("zr_codi",),
        "name": ("zr_nomb",),
        "established_on": ("zr_felec",),
        "area_official_ha": ("anp_suleg",),
    },
    constants={"designation": "Zona reservada", "governance": "government", "status": "designated", "zone": "core"},
)
BUFFER = FieldMapping(
    name="sernanp_buffer",
    layer="protected_areas",
    title="Zonas de amortiguamiento",
    publisher="SERNANP",
    recognised_by=frozenset({"anp_codi", "za_super", "d_anp_codi"}),
    fields={
        "code": ("anp_codi",),
        "name": ("d_anp_codi",),
        "established_on": ("za_felea",),
        "area_official_ha": ("za_super",),
    },
    constants={
        "designation": "Zona de amortiguamiento",
        "governance": "government",
        "status": "established",
        "zone": "buffer",
    },
)
ILLEGAL_MINING = FieldMapping(
    name="sernanp_illegal_mining",
    layer="incidents",  # without acts: a mine is not an attack
    title="Minería ilegal en áreas naturales protegidas",
    publisher="SERNANP",
    recognised_by=frozenset({"descrip", "idtipact", "ubiref"}),
    fields={"place_text": ("ubiref",)},  # the description is free text, and may name persons
    constants={
        "title": "Minería ilegal en un área protegida",
        "sector": "mining",
        "date_precision": "unknown",
        "location_precision": "exact",
        "visibility": "public_record",
        "sources": "SERNANP",
    },
)
