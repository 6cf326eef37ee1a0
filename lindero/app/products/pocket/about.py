"""What a pocket map is of: a community or a region of a published map, and the frame round it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.regions import country_at
from lindero.app.products.pocket.grid_outlines import Frame
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import widen
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, REGIONS
from lindero.layers.reference import base_data


class Subject(StrEnum):
    """What a pocket map can be of; the whole map is a site."""

    COMMUNITY = "community"
    REGION = "region"
    MAP = "map"


ANDES = (-82.0, -19.0, -68.0, 0.0)  # of a map that shows nothing
STRAYS = 0.01  # of a layer's rows on each side, which the site does not open on: a register has some in the sea
MIN_SIDE = 0.1  # degrees of the box that a site opens on
MAX_LATITUDE = 85.0
BESIDE = 0.25  # degrees round all that is shown
FRAME_DECIMALS = 2
WIDEST, NARROWEST = 3.5, 0.7  # width of a screen's map by its height: the frame reaches to its edges
AROUND_KM = {Subject.COMMUNITY: 25, Subject.REGION: 10}
MOST_BYTES = {Subject.COMMUNITY: 1_000_000, Subject.REGION: 5_000_000}


@dataclass(frozen=True)
class About:
    """
    What a pocket map is of: `id` that of the published map.

    The `frame` holds all round it within `around_km`; `ground` is its own box, on which a site opens.
    """

    subject: Subject
    id: str
    name: str
    frame: Frame
    ground: Frame
    country: str
    around_km: int


def about_all(title: str, shapes: Mapping[str, gpd.GeoSeries]) -> About:
    """
    Return what the site of a whole map is of.

    It opens on its communities and concessions, or on all that it shows if it has neither.

    Parameters
    ----------
    shapes
        All that it shows, by layer.
    """
    every = _bounding_box(shapes.values()) or ANDES
    land = [shapes[layer.name] for layer in (COMMUNITIES, CONCESSIONS) if layer.name in shapes]
    ground = _bounding_box(land, strays=STRAYS) or every
    west, south, east, north = _union([every, _widen_to_screens(ground)])
    frame = (west - BESIDE, south - BESIDE, east + BESIDE, north + BESIDE)
    return About(Subject.MAP, "", title, _rounded(frame), _rounded(ground), "", 0)


def _widen_to_screens(ground: Frame) -> Frame:
    """Widen a box so that any screen that shows it whole shows nothing beyond."""
    west, south, east, north = ground
    squeeze = np.cos(np.radians((south + north) / 2))
    wide, high = max(east - west, MIN_SIDE) * squeeze, max(north - south, MIN_SIDE)
    half_wide, half_high = max(wide, high * WIDEST) / squeeze / 2, max(high, wide / NARROWEST) / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - half_wide, max(y - half_high, -MAX_LATITUDE), x + half_wide, min(y + half_high, MAX_LATITUDE)


def _bounding_box(shapes: Iterable[gpd.GeoSeries], *, strays: float = 0) -> Frame | None:
    """Return the box of some layers, without the share of each layer's rows that lies farthest out on each side."""
    boxes = [rows.bounds.dropna() for rows in shapes]
    ends = {"minx": strays, "miny": strays, "maxx": 1 - strays, "maxy": 1 - strays}
    found = [_frame(float(box[side].quantile(share)) for side, share in ends.items()) for box in boxes if len(box)]
    return _union(found) if found else None


def _union(boxes: list[Frame]) -> Frame:
    sides = np.array(boxes)
    return _frame([*sides[:, :2].min(axis=0), *sides[:, 2:].max(axis=0)])


def _frame(box: Iterable[float]) -> Frame:
    west, south, east, north = map(float, box)
    return west, south, east, north


def _rounded(box: Frame) -> Frame:
    return _frame(round(side, FRAME_DECIMALS) for side in box)


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
    return _frame(shapely.bounds(shape))


def _box(shape: BaseGeometry) -> BaseGeometry:
    return shapely.box(*shape.bounds) if shape.geom_type != "Point" else shape
