"""What a pocket map is of: a community or a region of a published map, and the frame round it."""

from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.regions import country_at
from lindero.app.pocket.outlines import Frame
from lindero.geo.geometry.circle import widened
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, REGIONS
from lindero.layers.reference import base_data

M_PER_KM = 1000


class Subject(StrEnum):
    """What a pocket map can be of."""

    COMMUNITY = "community"
    REGION = "region"


AROUND_KM = {Subject.COMMUNITY: 25, Subject.REGION: 10}
MOST_BYTES = {Subject.COMMUNITY: 1_000_000, Subject.REGION: 5_000_000}


@dataclass(frozen=True)
class About:
    """What a pocket map is of: `id` that of the published map; the `frame` holds all round it within `around_km`."""

    subject: Subject
    id: str
    name: str
    frame: Frame
    country: str
    around_km: int


def about(con: Connection, subject: Subject, of: str) -> About:
    """
    Find what a pocket map is to be of.

    Parameters
    ----------
    con
        A published map.
    of
        The published id of a community or a region, or a department's code (ISO 3166-2).

    Raises
    ------
    AnswerError
        If the map holds no such thing, or nobody knows where it is.
    """
    layer = COMMUNITIES if subject is Subject.COMMUNITY else REGIONS
    rows = map_database.read_layer(con, layer, where={"id": of})
    found = list(zip(rows["name"].fillna(of), rows.geometry, strict=True))
    if subject is Subject.REGION and not found:
        departments = base_data.regions()
        some = departments[departments["code"] == of]
        found = list(zip(some["name"], some.geometry, strict=True))
    if not found or found[0][1] is None:
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=layer.name, id=of)
    name, shape = found[0]
    km = AROUND_KM[subject]
    middle = shape.point_on_surface()
    west, south, east, north = shapely.bounds(widened(_box(shape), km * M_PER_KM)).tolist()
    return About(subject, of, str(name), (west, south, east, north), country_at(middle.y, middle.x), km)


def _box(shape: BaseGeometry) -> BaseGeometry:
    return shapely.box(*shape.bounds) if shape.geom_type != "Point" else shape
