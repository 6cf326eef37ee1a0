"""
Armed Conflict Location & Event Data (ACLED) as incidents. The publisher requires an account and forbids redistribution.

Fields and codes follow the ACLED Codebook (2023 and later). A protest is not an attack, so only some event types become
acts. Perpetrators are not mapped, because actor 1 and actor 2 imply no direction. Notes name persons, and stay in the
file.
"""

from lindero.layers.sources.mapping import DerivedRows, FieldMapping

_ACTS = {
    "Attack": "physical_violence",
    "Sexual violence": "sexual_violence",
    "Abduction/forced disappearance": "abduction",
    "Looting/property destruction": "property_damage",
    "Excessive force against protesters": "police_violence",
}

EVENTS = FieldMapping(
    name="acled",
    layer="incidents",
    title="Armed Conflict Location & Event Data",
    publisher="ACLED",
    recognised_by=frozenset({"event_id_cnty", "sub_event_type", "geo_precision"}),
    fields={
        "code": ("event_id_cnty",),
        "title": ("sub_event_type",),
        "occurred_on": ("event_date",),
        "date_precision": ("time_precision",),
        "place_text": ("location",),
        "region": ("admin1",),
        "country": ("country",),
        "location_precision": ("geo_precision",),
        "sources": ("source",),
        "longitude": ("longitude",),
        "latitude": ("latitude",),
    },
    constants={"visibility": "public_record"},
    codes={
        "date_precision": {"1": "day", "2": "period", "3": "month"},
        "location_precision": {"1": "locality", "2": "district", "3": "region"},
    },
    derived=(
        DerivedRows(
            "acts",
            fields={"type": ("sub_event_type",)},
            codes={"type": _ACTS},
            only=("sub_event_type", frozenset(kind.casefold() for kind in _ACTS)),
        ),
    ),
    licence="ACLED's terms of use: no redistribution",
    url="https://acleddata.com/",
)
