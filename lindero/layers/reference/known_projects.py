"""Mining projects that people know by a name that is in no register: `projects.csv` of the country packs.

A position serves to find the project. It is accurate to some kilometres and not checked against a survey. Each position
has its source. It is used only to list what is near.
"""

import csv
from functools import cache
from typing import NamedTuple

from lindero.layers.reference import packs
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


@cache
def load_projects() -> tuple[Project, ...]:
    """Load the projects of all packs."""
    projects = []
    for path in packs.find_files("projects.csv").values():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                longitude, latitude = float(row.pop("longitude")), float(row.pop("latitude"))
                names = tuple(filter(None, row.pop("other_names").split("; ")))
                projects.append(Project(**row, longitude=longitude, latitude=latitude, other_names=names))
    return tuple(projects)


@cache
def projects_gazetteer(country: str | None) -> Gazetteer:
    """Return a gazetteer of the projects of a country, or of all countries.

    `country`: ISO 3166-1 alpha-2 code; None or empty for all countries. Returns: places of the kind `mining_project`.
    It is empty for a country without projects.
    """
    return Gazetteer(
        [
            (
                Place(
                    *(project.name, KIND, "", project.province, project.region, project.country),
                    *(project.longitude, project.latitude, 0),
                ),
                name_keys([project.name, *project.other_names]),
            )
            for project in load_projects()
            if not country or country == project.country
        ]
    )
