"""
The World Database on Protected Areas (UNEP-WCMC and IUCN).

It requires registration and forbids redistribution.
"""

from lindero.layers.sources.mapping import FieldMapping

WDPA = FieldMapping(
    name="wdpa",
    layer="protected_areas",
    title="World Database on Protected Areas",
    publisher="UNEP-WCMC and IUCN",
    recognised_by=frozenset({"NAME", "DESIG", "IUCN_CAT", "STATUS_YR"}),
    fields={
        "code": ("SITE_PID", "WDPA_PID", "WDPAID"),
        "name": ("NAME",),
        "designation": ("DESIG",),
        "iucn_category": ("IUCN_CAT",),
        "governance": ("GOV_TYPE",),
        "status": ("STATUS",),
        "established_on": ("STATUS_YR",),
        "area_official_ha": ("REP_AREA_HA",),
    },
    constants={"zone": "core"},
    codes={
        "iucn_category": {
            **{code: code for code in ("Ia", "Ib", "II", "III", "IV", "V", "VI")},
            "Not Reported": "not_reported",
            "Not Applicable": "not_reported",
            "Not Assigned": "not_reported",
        },
        "governance": {
            "Federal or national ministry or agency": "government",
            "Sub-national ministry or agency": "government",
            "Government-delegated management": "government",
            "Transboundary governance": "shared",
            "Collaborative governance": "shared",
            "Joint governance": "shared",
            "Individual landowners": "private",
            "Non-profit organisations": "private",
            "For-profit organisations": "private",
            "Indigenous peoples": "community",
            "Local communities": "community",
            "Not Reported": "not_reported",
        },
        "status": {
            "Proposed": "proposed",
            "Inscribed": "designated",
            "Adopted": "designated",
            "Designated": "designated",
            "Established": "established",
            "Not Reported": "unknown",
        },
    },
    licence="WDPA terms: no redistribution, no commercial use",
    url="https://www.protectedplanet.net/",
)
