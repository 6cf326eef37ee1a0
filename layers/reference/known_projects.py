"""
Mining projects that people ask for by a name that no register has.

A place is in the district that the project is publicly described to be in, and good for finding it: to some
kilometres, not checked against a survey. No figure is computed from it but what is near.
"""

from functools import cache

from lindero.layers.reference.gazetteer import Gazetteer, Place, keys

KIND = "mining_project"
PROJECTS = (  # name, province, region, country, longitude, latitude, other names
    ("Conga", "Celendín", "Cajamarca", "PE", -78.38, -6.92, ("Minas Conga", "Proyecto Conga")),
    ("Las Bambas", "Cotabambas", "Apurímac", "PE", -72.32, -14.10, ("Mina Las Bambas", "Minera Las Bambas")),
    ("Tía María", "Islay", "Arequipa", "PE", -71.77, -17.00, ("Proyecto Tía María",)),
    ("Yanacocha", "Cajamarca", "Cajamarca", "PE", -78.53, -6.98, ("Mina Yanacocha",)),
)


@cache
def projects_in(country: str | None) -> Gazetteer:
    """Return the projects of a country (ISO 3166-1 alpha-2), or of all."""
    return Gazetteer(
        [
            (Place(name, KIND, "", province, region, code, lon, lat, 0), keys([name, *others]))
            for name, province, region, code, lon, lat, others in PROJECTS
            if country in {None, code}
        ]
    )
