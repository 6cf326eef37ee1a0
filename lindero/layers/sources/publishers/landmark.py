"""
LandMark: lands of Indigenous Peoples and communities, worldwide. The publisher requires consent to its terms.

Fields and values follow LandMark Data Quality and Attributes, August 2024 (`LandMark_Data_Quality_v202408.pdf`).
"""

from lindero.layers.sources.mapping import FieldMapping

_FIELDS = {
    "name": ("name",),
    "people": ("ethncty_1",),
    "type": ("identity",),
    "recognition": ("doc_status",),
    "population": ("populatn",),
    "area_official_ha": ("area_ofcl",),
}
_CODES = {
    "type": {
        "Indigenous": "indigenous_territory",
        "Indigenous Peoples": "indigenous_territory",
        "Afro-descendant": "afro_descendant",
        "Community": "other",
        "Non-indigenous": "other",
    },
    "recognition": {
        "Documented": "titled",
        "Not documented": "unknown",  # acknowledged or customary: stated by the field form_rec, not by this one
        "Held or used with formal land claim submitted": "claimed",
        "Held or used under customary tenure": "claimed",
        "Held or used under customary tenure (without formal land claim submitted)": "claimed",
    },
}

LANDS = FieldMapping(
    name="landmark",
    layer="communities",
    title="LandMark: Indigenous and community lands",
    publisher="LandMark",
    recognised_by=frozenset({"form_rec", "doc_status", "ethncty_1"}),
    fields=_FIELDS,
    codes=_CODES,
    licence="CC BY-SA 4.0, and LandMark's terms of service",
    url="https://www.landmarkmap.org/data-methods/access-data",
)
