"""Killings of land and environmental defenders (Global Witness) as incidents, each with its act and its victims."""

from lindero.layers.sources.mapping import DerivedRows, FieldMapping

KILLINGS = FieldMapping(
    name="global_witness",
    layer="incidents",
    title="Killings of land and environmental defenders",
    publisher="Global Witness",
    recognised_by=frozenset({"industry_driver", "perpetrator_type", "number_of_victims", "local_region"}),
    persons="name",  # names of the dead, which stay in the received file (docs/safety.md)
    fields={
        "code": ("id",),
        "occurred_on": ("date",),
        "place_text": ("local_region",),
        "region": ("local_region",),
        "country": ("country",),
        "sector": ("industry_driver",),
        "perpetrator_kind": ("perpetrator_type",),
    },
    constants={
        "title": "Killing",
        "date_precision": "day",
        "location_precision": "region",
        "visibility": "public_record",
        "sources": "Global Witness, Land and Environmental Defenders: Annual Report Archive",
    },
    codes={
        "sector": {
            "Mining & Extractives": "mining",
            "Agribusiness": "agro_industry",
            "Logging": "forestry",
            "Hydropower": "hydropower",
            "Poaching": "poaching",
            "Fishing": "fishing",
            "Roads & Infrastructure": "infrastructure",
            "Conservation": "conservation",
            "Wind power": "infrastructure",
            "Other": "other",
            "Sector could not be confirmed*": "unknown",
        },
        "perpetrator_kind": {
            "Police": "police",
            "Armed forces": "armed_forces",
            "Government officials/entities": "state_official",
            "Private security guards": "private_security",
            "Corporations": "company",
            "Landowners": "landowner",
            "Organised crime / mafias": "organised_crime",
            "Hitmen": "hired_killer",
            "Private military actors": "paramilitary",
            "Poachers": "poacher",
            "Unspecified": "unknown",
        },
    },
    derived=(
        DerivedRows("acts", fields={}, constants={"type": "killing"}),
        DerivedRows(
            "victims",
            fields={"count": ("number_of_victims",), "gender": ("gender",), "identity": ("person_characteristics",)},
            codes={
                "gender": {"Male": "man", "Female": "woman", "Unknown": "unknown"},
                "identity": {
                    "Indigenous peoples": "indigenous",
                    "Afrodescendant": "afro_descendant",
                    "Small-scale farmer": "land_defender",
                    "Park ranger": "park_ranger",
                    "Journalist": "journalist",
                    "Lawyer": "lawyer",
                    "Relatives of persons targeted for repression": "relative",
                    "State official": "other",
                    "Demonstrators": "other",
                    "Children": "other",
                    "Police": "other",
                    "Fishery observer": "other",
                    "Other": "other",
                },
            },
            constants={"outcome": "killed"},  # the archive contains only killings, so its victims are the dead
        ),
    ),
    url="https://www.globalwitness.org/",
)
