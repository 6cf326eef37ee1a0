"""The map of a brief: drawn in lines and hatchings that a copier without colours keeps apart, with scale and north."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from lindero.app.drawing.marks import BLACK, FONT, PAPER, Picture, text
from lindero.app.drawing.plane import Plane, path
from lindero.app.output.design import PRINT
from lindero.app.text.i18n import _, number
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database.map_database import Bounds

WIDTH, HEIGHT = 700.0, 460.0  # units of the drawing
_MARGIN = 0.12  # of the longer side, about what is shown
_FINE = 0.3  # units: what is smaller is not seen
_SCALE_BAR = 150.0  # units at most
_MIDDLE = np.array([WIDTH / 2, HEIGHT / 2])


@dataclass(frozen=True)
class Sign:
    """How features are drawn: their outline, and the lines inside by the angle in degrees and the distance between."""

    stroke: str
    width: float = 1.0
    dashes: str = ""
    fill: str = "none"
    hatching: tuple[float, float] | None = None


LAND = Sign(PRINT["community"], 3.0)
TITLE = Sign(PRINT["concession"], 1.0)
ASKED = Sign(PRINT["concession"], 1.0, dashes="6 4")
AREA = Sign(PRINT["protected"], 1.5, dashes="2 3", hatching=(-45.0, 14.0))
SHARED = Sign(PRINT["shared"], 1.6, fill=PRINT["shared-ground"], hatching=(45.0, 6.0))
REGION = Sign(BLACK, 2.0, dashes="10 3 2 3")


@dataclass(frozen=True)
class Drawn:
    """Features to be drawn alike, in degrees; `numbers` stand at some of them, as in the table beside the map."""

    sign: Sign
    shapes: Sequence[shapely.Geometry | None]
    numbers: Sequence[str] = ()


def map_of(bounds: Bounds, features: Sequence[Drawn], alt: str) -> Picture:
    """
    Draw features within bounds (west, south, east, north in degrees), the first at the bottom.

    Nothing that others wrote stands in the drawing: its only letters are numbers, the scale and the sign of north.
    """
    plane = fit_to_paper(bounds)
    body = "".join(_drawn(each, plane) for each in features)
    labels = "".join(_labels(each, plane) for each in features)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="{FONT}">'
    paper = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{PAPER}"/>'
    return Picture(f"{head}{paper}{body}{labels}{scale(plane.unit_m)}{north()}</svg>", alt)


def sample(sign: Sign) -> Picture:
    """Draw a sign by itself, for the legend."""
    shape = shapely.box(3, 3, 47, 27)
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 30">{_shape(sign, shape)}</svg>'
    return Picture(drawn, "")


def fit_to_paper(bounds: Bounds) -> Plane:
    """Return the paper that shows bounds, with a margin."""
    return Plane.fit(bounds, WIDTH, HEIGHT, margin=_MARGIN, least=0.02)


def _seen(shape: shapely.Geometry | None, plane: Plane) -> shapely.Geometry | None:
    """Return a shape on the paper; None if nothing of it is seen."""
    if shape is None or not shapely.box(*plane.bounds).intersects(shape):
        return None
    placed: shapely.Geometry = plane.place(shapely.make_valid(shape))
    return placed


def _drawn(each: Drawn, plane: Plane) -> str:
    seen = [_seen(shape, plane) for shape in each.shapes]
    return "".join(_shape(each.sign, cut_to_paper(shape, plane)) for shape in seen if shape is not None)


def cut_to_paper(shape: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    """Cut a shape on the paper a little beyond it, so that no edge is drawn where it is cut."""
    cut: shapely.Geometry = plane.cut(shape, 20, _FINE)
    return cut


def _shape(sign: Sign, cut: shapely.Geometry) -> str:
    dashes = f' stroke-dasharray="{sign.dashes}"' if sign.dashes else ""
    lines = _hatched(cut, *sign.hatching) if sign.hatching else ""
    edges = path(shapely.buffer(cut, 4) if shapely.get_dimensions(cut) == 0 else cut)
    inside = f'<path d="{edges}" fill="{sign.fill}" fill-rule="evenodd"/>' if sign.fill != "none" else ""
    hatching = f'<path d="{lines}" fill="none" stroke="{sign.stroke}" stroke-width="0.7"/>' if lines else ""
    edge = f'<path d="{edges}" fill="none" stroke="{sign.stroke}" stroke-width="{sign.width:g}"{dashes}/>'
    return inside + hatching + edge


def _hatched(shape: shapely.Geometry, angle: float, apart: float) -> str:
    """Rule a shape with lines at an angle."""
    across, offsets, ruled = _ruling(angle, apart)
    box = shapely.get_coordinates(shapely.envelope(shape))
    if not len(box):
        return ""
    reached = (box - _MIDDLE) @ across
    met = (offsets > reached.min() - apart) & (offsets < reached.max() + apart)
    return "".join(path(line, "LineString") for line in shapely.intersection(ruled[met], shape))


@cache
def _ruling(angle: float, apart: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rule the paper at an angle: the direction across the lines, how far each lies from the middle, and the lines."""
    reach = WIDTH + HEIGHT
    turn = math.radians(angle)
    along, across = np.array([math.cos(turn), -math.sin(turn)]), np.array([math.sin(turn), math.cos(turn)])
    offsets = np.arange(-reach, reach, apart)
    ends = [[_MIDDLE + across * by - along * reach, _MIDDLE + across * by + along * reach] for by in offsets]
    return across, offsets, np.asarray(shapely.linestrings(ends))


def _labels(each: Drawn, plane: Plane) -> str:
    labels = []
    sheet = shapely.box(8, 8, WIDTH - 8, HEIGHT - 8)
    for shape, number_ in zip(each.shapes, each.numbers, strict=False):
        seen = _seen(shape, plane)
        on_paper = None if seen is None else shapely.intersection(seen, sheet)
        if on_paper is None or shapely.is_empty(on_paper):
            continue
        at = shapely.point_on_surface(on_paper)
        labels.append(_written(f"{int(number_)}", float(shapely.get_x(at)), float(shapely.get_y(at)) + 4, halo=True))
    return "".join(labels)


def _written(content: str, x: float, y: float, *, halo: bool = False) -> str:
    return text(content, x, y, anchor="middle", color=BLACK, bold=True, halo=halo)


def scale_bar_m(unit_m: float) -> float:
    """Give the length of the scale bar: 1, 2 or 5 and noughts, in metres."""
    most = unit_m * _SCALE_BAR
    tens: float = 10.0 ** math.floor(math.log10(most))
    return max(step * tens for step in (1.0, 2.0, 5.0) if step * tens <= most)


def scale(unit_m: float) -> str:
    """Draw the scale bar at the lower left."""
    length_m = scale_bar_m(unit_m)
    units = length_m / unit_m
    length = _("{m} m").format(m=number(length_m)) if length_m < M_PER_KM else f"{number(length_m / M_PER_KM)} km"
    left, top = 16.0, HEIGHT - 18.0
    paper = f'<rect x="8" y="{top - 22:g}" width="{units + 16:.1f}" height="34" fill="{PAPER}" stroke="{BLACK}"/>'
    halves = "".join(
        f'<rect x="{left + at * units / 2:.1f}" y="{top:g}" width="{units / 2:.1f}" height="6" fill="{fill}"'
        f' stroke="{BLACK}"/>'
        for at, fill in enumerate((BLACK, PAPER))
    )
    return f"{paper}{halves}{_written(length, left + units / 2, top - 5)}"


def north() -> str:
    """Draw the sign of north at the upper right."""
    x, y = WIDTH - 26.0, 16.0
    arrow = f'<path d="M{x} {y}L{x + 9} {y + 30}L{x} {y + 23}L{x - 9} {y + 30}Z" fill="{BLACK}"/>'
    return f'<rect x="{x - 16}" y="6" width="34" height="60" fill="{PAPER}" stroke="{BLACK}"/>{arrow}' + _written(
        "N", x + 1, y + 45
    )
