"""What a pocket map is of: a community or a region of a published map, and the frame round it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.regions import country_at
from lindero.app.products.pocket.outlines import Frame
from lindero.geo.near.window import widen
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, REGIONS
from lindero.layers.reference import base_data

M_PER_KM = 1000


class Subject(StrEnum):
    """What a pocket map can be of; the whole map is a site."""

    COMMUNITY = "community"
    REGION = "region"
    MAP = "map"


ANDES = (-82.0, -19.0, -68.0, 0.0)  # of a map that shows nothing
BESIDE = 0.25  # degrees round all that is shown
FRAME_DECIMALS = 2
AROUND_KM = {Subject.COMMUNITY: 25, Subject.REGION: 10}
MOST_BYTES = {Subject.COMMUNITY: 1_000_000, Subject.REGION: 5_000_000}


@dataclass(frozen=True)
class About:
    """
    What a pocket map is of: `id` that of the published map.

    The `frame` holds all round it within `around_km`; `ground` is its own box.
    """

    subject: Subject
    id: str
    name: str
    frame: Frame
    ground: Frame
    country: str
    around_km: int


def about_all(title: str, shapes: Iterable[gpd.GeoSeries]) -> About:
    """Give what the site of a whole map is of; `shapes` are all that it shows."""
    boxes = [tuple(some.total_bounds.tolist()) for some in shapes if len(some) and not some.isna().all()]
    west, south, east, north = shapely.bounds(shapely.MultiPoint([*_corners(boxes)])).tolist() if boxes else ANDES
    frame = tuple(round(one, FRAME_DECIMALS) for one in (west - BESIDE, south - BESIDE, east + BESIDE, north + BESIDE))
    whole = (frame[0], frame[1], frame[2], frame[3])
    return About(Subject.MAP, "", title, whole, whole, "", 0)


def _corners(boxes: Iterable[tuple[float, ...]]) -> Iterator[tuple[float, float]]:
    for west, south, east, north in boxes:
        yield from ((west, south), (east, north))


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
    if not found:
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=layer.name, id=of)
    name, shape = found[0]
    if shape is None:
        raise AnswerError(N_("no place is on record of {name}: a pocket map is of what lies round a place"), name=name)
    km = AROUND_KM[subject]
    middle = shape.point_on_surface()
    frame, ground = (_bounds(one) for one in (widen(_box(shape), km * M_PER_KM), shape))
    return About(subject, of, str(name), frame, ground, country_at(middle.y, middle.x), km)


def _bounds(shape: shapely.Geometry) -> Frame:
    west, south, east, north = shapely.bounds(shape).tolist()
    return west, south, east, north


def _box(shape: BaseGeometry) -> BaseGeometry:
    return shapely.box(*shape.bounds) if shape.geom_type != "Point" else shape
