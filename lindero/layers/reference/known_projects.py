"""
Mining projects that people know by a name that is in no register.

A position serves to find the project. It is accurate to some kilometres and not checked against a survey. Each position
has its source, as read on 29 November 2026 in stored copies of the pages. It is used only to list what is near.
"""

from functools import cache
from typing import NamedTuple

from lindero.layers.reference.gazetteer import Gazetteer, Place, name_keys

KIND = "mining_project"


class Project(NamedTuple):
    """A mining project. `source` states where its position or its districts are published."""

    name: str
    province: str
    region: str
    country: str
    longitude: float
    latitude: float
    other_names: tuple[str, ...]
    source: str


PROJECTS = (
    # Wikipedia's position of the "Conga Project" (6.0842 S, 78.3616 W) is 90 km north of these districts.
    Project(
        *("Conga", "Celendín", "Cajamarca", "PE", -78.38, -6.92, ("Minas Conga", "Proyecto Conga")),
        "Districts Huasmín, Sorochuco and La Encañada: summary of the EIA of February 2010, in a copy at "
        "https://pt.scribd.com/doc/29504006. Position: approximate, from general knowledge, to be checked.",
    ),
    Project(
        *("Las Bambas", "Cotabambas", "Apurímac", "PE", -72.3456, -14.06, ("Mina Las Bambas", "Minera Las Bambas")),
        "https://portergeo.com.au/database/mineinfo.asp?mineid=mn1271",
    ),
    Project(
        *("Tía María", "Islay", "Arequipa", "PE", -71.7683, -17.0133, ("Proyecto Tía María",)),
        "http://portergeo.com.au/database/mineinfo.asp?mineid=mn317",
    ),
    Project(
        *("Yanacocha", "Cajamarca", "Cajamarca", "PE", -78.5122, -6.98, ("Mina Yanacocha",)),
        "https://portergeo.com.au/database/mineinfo.asp?mineid=mn006",
    ),
)


@cache
def projects_gazetteer(country: str | None) -> Gazetteer:
    """
    Return a gazetteer of the projects of a country, or of all countries.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2 code; None or empty for all countries.

    Returns
    -------
    Gazetteer
        Places of the kind `mining_project`. It is empty for a country without projects.

    Examples
    --------
    >>> [place.region for place in projects_gazetteer("PE").find_exact("las bambas")]
    ['Apurímac']
    """
    return Gazetteer(
        [
            (
                Place(
                    project.name,
                    KIND,
                    "",
                    project.province,
                    project.region,
                    project.country,
                    project.longitude,
                    project.latitude,
                    0,
                ),
                name_keys([project.name, *project.other_names]),
            )
            for project in PROJECTS
            if not country or country == project.country
        ]
    )
