"""The scope of a pocket map: a community or region of a published map, or the whole map, and the frame around it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.regions import find_country_at_point
from lindero.app.media.phone.grid_outlines import Frame
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import widen
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, REGIONS
from lindero.layers.reference import base_data


class Subject(StrEnum):
    """The kind of subject of a pocket map. The pocket map of the whole map is a site."""

    COMMUNITY = "community"
    REGION = "region"
    MAP = "map"


ANDES = (-82.0, -19.0, -68.0, 0.0)  # bounds of a map without features
STRAY_SHARE = 0.01  # of a layer's rows, cut off on each side of a site's first view: registers have some in the sea
MIN_SIDE = 0.1  # degrees: least side of a site's first view
MAX_LATITUDE = 85.0
MARGIN_DEGREES = 0.25  # degrees around all features
FRAME_DECIMALS = 2
WIDEST, NARROWEST = 3.5, 0.7  # limits of width to height of the map on a screen; the frame reaches to its edges
AROUND_KM = {Subject.COMMUNITY: 25, Subject.REGION: 10}
MOST_BYTES = {Subject.COMMUNITY: 1_000_000, Subject.REGION: 5_000_000}


@dataclass(frozen=True)
class MapScope:
    """The scope of a pocket map: its subject, with `id` as in the published map, and its frame.

    `frame` is the bounding box of the subject expanded by `around_km`. `ground` is the bounding box of the subject
    itself, which a site shows first.
    """

    subject: Subject
    id: str
    name: str
    frame: Frame
    ground: Frame
    country: str
    around_km: int


def whole_map_scope(title: str, boxes: Mapping[str, pd.DataFrame]) -> MapScope:
    """Return the scope of the site of a whole map.

    The site opens on the communities and concessions of the map, or on all its features if there are none.

    `boxes`: the bounding boxes of all geometries of the map, by layer, as from `queries.map_queries.read_boxes`.
    """
    all_bounds = _bounding_box(boxes.values()) or ANDES
    land = [boxes[layer.name] for layer in (COMMUNITIES, CONCESSIONS) if layer.name in boxes]
    ground = _bounding_box(land, strays=STRAY_SHARE) or all_bounds
    west, south, east, north = _union_boxes([all_bounds, _widen_to_screens(ground)])
    frame = (west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES)
    return MapScope(Subject.MAP, "", title, _round_frame(frame), _round_frame(ground), "", 0)


def _widen_to_screens(ground: Frame) -> Frame:
    """Expand a box so that a screen of any shape that shows it stays within the result."""
    west, south, east, north = ground
    squeeze = np.cos(np.radians((south + north) / 2))
    wide, high = max(east - west, MIN_SIDE) * squeeze, max(north - south, MIN_SIDE)
    half_wide, half_high = max(wide, high * WIDEST) / squeeze / 2, max(high, wide / NARROWEST) / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - half_wide, max(y - half_high, -MAX_LATITUDE), x + half_wide, min(y + half_high, MAX_LATITUDE)


def _bounding_box(layer_boxes: Iterable[pd.DataFrame], *, strays: float = 0) -> Frame | None:
    """Return the bounding box of the boxes of some layers.

    On each side, the share `strays` of the rows of each layer that are farthest out is ignored.
    """
    quantiles = {"xmin": strays, "ymin": strays, "xmax": 1 - strays, "ymax": 1 - strays}
    boxes = [rows[list(quantiles)].dropna() for rows in layer_boxes]
    frames = [
        _to_frame(float(box[side].quantile(share)) for side, share in quantiles.items()) for box in boxes if len(box)
    ]
    return _union_boxes(frames) if frames else None


def _union_boxes(boxes: list[Frame]) -> Frame:
    sides = np.array(boxes)
    return _to_frame([*sides[:, :2].min(axis=0), *sides[:, 2:].max(axis=0)])


def _to_frame(box: Iterable[float]) -> Frame:
    west, south, east, north = map(float, box)
    return west, south, east, north


def _round_frame(box: Frame) -> Frame:
    return _to_frame(round(side, FRAME_DECIMALS) for side in box)


def find_scope(con: Connection, subject: Subject, subject_id: str) -> MapScope:
    """Find the scope of a pocket map.

    `subject_id`: the published id of a community or a region, or a department's code (ISO 3166-2).
    """
    layer = COMMUNITIES if subject is Subject.COMMUNITY else REGIONS
    rows = map_database.read_layer(con, layer, where={"id": subject_id})
    matches = list(zip(rows["name"].fillna(subject_id), rows.geometry, strict=True))
    if subject is Subject.REGION and not matches:
        departments = base_data.load_regions()
        department = departments[departments["code"] == subject_id]
        matches = list(zip(department["name"], department.geometry, strict=True))
    if not matches:
        raise AnswerError(
            N_("the layer {layer} of this map has no row with id '{id}'; check the id"), layer=layer.name, id=subject_id
        )
    name, shape = matches[0]
    if shape is None:
        raise AnswerError(
            N_("the location of {name} is not recorded, so there cannot be a pocket map of it"), name=name
        )
    km = AROUND_KM[subject]
    middle = shape.point_on_surface()
    frame, ground = (_shape_bounds(extent) for extent in (widen(_shape_box(shape), km * M_PER_KM), shape))
    return MapScope(subject, subject_id, str(name), frame, ground, find_country_at_point(middle.y, middle.x), km)


def _shape_bounds(shape: shapely.Geometry) -> Frame:
    return _to_frame(shapely.bounds(shape))


def _shape_box(shape: BaseGeometry) -> BaseGeometry:
    return shapely.box(*shape.bounds) if shape.geom_type != "Point" else shape
