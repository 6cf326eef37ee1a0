"""The map of a brief: drawn in lines and hatchings that a copier without colours keeps apart, with scale and north."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely.affinity import affine_transform

from lindero.app.products.brief.parts import Picture
from lindero.app.text.i18n import _, number
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database.map_database import Bounds

WIDTH, HEIGHT = 700.0, 460.0  # units of the drawing
M_PER_DEGREE = 111_320.0
_MARGIN = 0.12  # of the longer side, about what is shown
_FINE = 0.3  # units: what is smaller is not seen
_SCALE_BAR = 150.0  # units at most
_MIDDLE = np.array([WIDTH / 2, HEIGHT / 2])


ToPaper = Callable[[shapely.Geometry], shapely.Geometry]


@dataclass(frozen=True)
class Sign:
    """How features are drawn: their outline, and the lines inside by the angle in degrees and the distance between."""

    stroke: str
    width: float = 1.0
    dashes: str = ""
    fill: str = "none"
    hatching: tuple[float, float] | None = None


LAND = Sign("#0072B2", 3.0)
TITLE = Sign("#444444", 1.0)
ASKED = Sign("#444444", 1.0, dashes="6 4")
AREA = Sign("#00694D", 1.5, dashes="2 3", hatching=(-45.0, 14.0))
SHARED = Sign("#B34700", 1.6, fill="#F6DCC8", hatching=(45.0, 6.0))
REGION = Sign("#000000", 2.0, dashes="10 3 2 3")


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
    frame = fit_to_paper(bounds)
    to_paper, unit_m = projection(frame)
    body = "".join(_drawn(each, frame, to_paper) for each in features)
    labels = "".join(_labels(each, frame, to_paper) for each in features)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
    paper = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#ffffff"/>'
    return Picture(f"{head}{paper}{body}{labels}{scale(unit_m)}{north()}</svg>", alt)


def sample(sign: Sign) -> Picture:
    """Draw a sign by itself, for the legend."""
    shape = shapely.box(3, 3, 47, 27)
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 30">{_shape(sign, shape)}</svg>'
    return Picture(drawn, "")


def fit_to_paper(bounds: Bounds) -> Bounds:
    """Widen bounds to the form of the paper, with a margin."""
    west, south, east, north = bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    shrink = max(math.cos(math.radians(middle_y)), 0.05)
    wide, high = (east - west) * shrink, north - south
    longest = max(wide, high * WIDTH / HEIGHT, 0.02) * (1 + 2 * _MARGIN)
    half_x, half_y = longest / shrink / 2, longest * HEIGHT / WIDTH / 2
    return middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y


def projection(frame: Bounds) -> tuple[ToPaper, float]:
    """Give what lays degrees on the paper, true to scale in its middle, and how many metres a unit is."""
    west, south, east, north = frame
    x, y = WIDTH / (east - west), HEIGHT / (north - south)
    return lambda shape: affine_transform(shape, [x, 0, 0, -y, -west * x, north * y]), M_PER_DEGREE / y


def _seen(shape: shapely.Geometry | None, frame: Bounds) -> shapely.Geometry | None:
    if shape is None or not shapely.box(*frame).intersects(shape):
        return None
    return shapely.make_valid(shape)


def _drawn(each: Drawn, frame: Bounds, to_paper: ToPaper) -> str:
    seen = [_seen(shape, frame) for shape in each.shapes]
    return "".join(_shape(each.sign, to_paper(shape)) for shape in seen if shape is not None)


def _shape(sign: Sign, shape: shapely.Geometry) -> str:
    """Draw a shape on the paper: cut to it, a little beyond, so that no edge is drawn where it is cut."""
    cut = _cut(shape)
    dashes = f' stroke-dasharray="{sign.dashes}"' if sign.dashes else ""
    lines = _hatched(cut, *sign.hatching) if sign.hatching else ""
    edges = _edges(cut)
    inside = f'<path d="{edges}" fill="{sign.fill}" fill-rule="evenodd"/>' if sign.fill != "none" else ""
    hatching = f'<path d="{lines}" fill="none" stroke="{sign.stroke}" stroke-width="0.7"/>' if lines else ""
    edge = f'<path d="{edges}" fill="none" stroke="{sign.stroke}" stroke-width="{sign.width:g}"{dashes}/>'
    return inside + hatching + edge


def outline(shape: shapely.Geometry) -> str:
    """Give the path round a shape on the paper, cut to it; empty if nothing of it is seen."""
    return _edges(_cut(shapely.make_valid(shape)))


def _cut(shape: shapely.Geometry) -> shapely.Geometry:
    sheet = shapely.box(-20, -20, WIDTH + 20, HEIGHT + 20)
    return shapely.simplify(shapely.intersection(shape, sheet), _FINE)


def _edges(cut: shapely.Geometry) -> str:
    return "".join(_path(ring.coords, closed=True) for ring in _rings(cut))


def _rings(shape: shapely.Geometry) -> list[shapely.LinearRing]:
    if shapely.get_dimensions(shape) == 0:
        shape = shapely.buffer(shape, 4)
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    return [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]


def _hatched(shape: shapely.Geometry, angle: float, apart: float) -> str:
    """Rule a shape with lines at an angle."""
    across, offsets, ruled = _ruling(angle, apart)
    box = shapely.get_coordinates(shapely.envelope(shape))
    if not len(box):
        return ""
    reached = (box - _MIDDLE) @ across
    met = (offsets > reached.min() - apart) & (offsets < reached.max() + apart)
    parts = shapely.get_parts(shapely.intersection(ruled[met], shape))
    return "".join(_path(part.coords) for part in parts if part.geom_type == "LineString" and not part.is_empty)


@cache
def _ruling(angle: float, apart: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rule the paper at an angle: the direction across the lines, how far each lies from the middle, and the lines."""
    reach = WIDTH + HEIGHT
    turn = math.radians(angle)
    along, across = np.array([math.cos(turn), -math.sin(turn)]), np.array([math.sin(turn), math.cos(turn)])
    offsets = np.arange(-reach, reach, apart)
    ends = [[_MIDDLE + across * by - along * reach, _MIDDLE + across * by + along * reach] for by in offsets]
    return across, offsets, np.asarray(shapely.linestrings(ends))


def _path(corners: Iterable[tuple[float, ...]], *, closed: bool = False) -> str:
    points = "L".join(f"{x:.1f} {y:.1f}" for x, y, *_z in corners)
    return f"M{points}{'Z' if closed else ''}"


def _labels(each: Drawn, frame: Bounds, to_paper: ToPaper) -> str:
    labels = []
    sheet = shapely.box(8, 8, WIDTH - 8, HEIGHT - 8)
    for shape, text in zip(each.shapes, each.numbers, strict=False):
        seen = _seen(shape, frame)
        on_paper = None if seen is None else shapely.intersection(to_paper(seen), sheet)
        if on_paper is None or shapely.is_empty(on_paper):
            continue
        at = shapely.point_on_surface(on_paper)
        labels.append(_written(f"{int(text)}", float(shapely.get_x(at)), float(shapely.get_y(at)) + 4, halo=True))
    return "".join(labels)


def _written(text: str, x: float, y: float, *, halo: bool = False, size: int = 13) -> str:
    words = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-family="Libertinus Serif" text-anchor="middle"'
    around = f'<text {words} font-weight="bold" stroke="#ffffff" stroke-width="4">{text}</text>' if halo else ""
    return f'{around}<text {words} font-weight="bold" fill="#000000">{text}</text>'


def scale_bar_m(unit_m: float) -> float:
    """Give the length of the scale bar: 1, 2 or 5 and noughts, in metres."""
    most = unit_m * _SCALE_BAR
    tens: float = 10.0 ** math.floor(math.log10(most))
    return max(step * tens for step in (1.0, 2.0, 5.0) if step * tens <= most)


def scale(unit_m: float) -> str:
    """Draw the scale bar at the lower left."""
    length_m = scale_bar_m(unit_m)
    units = length_m / unit_m
    text = _("{m} m").format(m=number(length_m)) if length_m < M_PER_KM else f"{number(length_m / M_PER_KM)} km"
    left, top = 16.0, HEIGHT - 18.0
    paper = f'<rect x="8" y="{top - 22:g}" width="{units + 16:.1f}" height="34" fill="#ffffff" stroke="#000000"/>'
    halves = "".join(
        f'<rect x="{left + at * units / 2:.1f}" y="{top:g}" width="{units / 2:.1f}" height="6" fill="{fill}"'
        ' stroke="#000000"/>'
        for at, fill in enumerate(("#000000", "#ffffff"))
    )
    return f"{paper}{halves}{_written(text, left + units / 2, top - 5)}"


def north() -> str:
    """Draw the sign of north at the upper right."""
    x, y = WIDTH - 26.0, 16.0
    arrow = f'<path d="M{x} {y}L{x + 9} {y + 30}L{x} {y + 23}L{x - 9} {y + 30}Z" fill="#000000"/>'
    return f'<rect x="{x - 16}" y="6" width="34" height="60" fill="#ffffff" stroke="#000000"/>{arrow}' + _written(
        "N", x + 1, y + 45
    )
