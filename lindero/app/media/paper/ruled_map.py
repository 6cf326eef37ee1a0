"""The map of a brief, in lines and hatchings that stay distinct in a black-and-white copy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from lindero.app.media.design import PRINT
from lindero.app.media.paper.marks import BLACK, FONT, PAPER, Picture, draw_text
from lindero.app.media.paper.plane import Plane, to_svg_path
from lindero.app.text.i18n import _, format_number
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.database.map_database import Bounds

WIDTH, HEIGHT = 700.0, 460.0  # units of the drawing
_MARGIN = 0.12  # of the longer side: space around the features
_FINE = 0.3  # units: smaller details are not visible
_SCALE_BAR = 150.0  # units, at most
_MIDDLE = np.array([WIDTH / 2, HEIGHT / 2])


@dataclass(frozen=True)
class Sign:
    """A symbol of map features: outline, fill and hatching.

    `hatching` is the angle of its lines in degrees and the distance between them in drawing units.
    """

    stroke: str
    width: float = 1.0
    dashes: str = ""
    fill: str = "none"
    hatching: tuple[float, float] | None = None


LAND = Sign(PRINT["community"], 3.0)
TITLE = Sign(PRINT["concession"], 1.0)
APPLICATION_SIGN = Sign(PRINT["concession"], 1.0, dashes="6 4")
AREA = Sign(PRINT["protected"], 1.5, dashes="2 3", hatching=(-45.0, 14.0))
SHARED = Sign(PRINT["shared"], 1.6, fill=PRINT["shared-ground"], hatching=(45.0, 6.0))
REGION = Sign(BLACK, 2.0, dashes="10 3 2 3")


@dataclass(frozen=True)
class StyledFeatures:
    """Features in degrees that are drawn with one symbol.

    `numbers` label some of them, as in the table next to the map.
    """

    sign: Sign
    shapes: Sequence[shapely.Geometry | None]
    numbers: Sequence[str] = ()


def draw_map(bounds: Bounds, features: Sequence[StyledFeatures], alt: str) -> Picture:
    """Draw features within a bounding box (west, south, east, north in degrees), the first at the bottom.

    The drawing contains no text from the data: only numbers, the scale and the north arrow.
    """
    plane = fit_to_paper(bounds)
    body = "".join(_draw_features(group, plane) for group in features)
    labels = "".join(_draw_labels(group, plane) for group in features)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="{FONT}">'
    paper = f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{PAPER}"/>'
    return Picture(f"{head}{paper}{body}{labels}{draw_scale_bar(plane.unit_m)}{draw_north_arrow()}</svg>", alt)


def draw_sample(sign: Sign) -> Picture:
    """Draw one symbol for the legend."""
    shape = shapely.box(3, 3, 47, 27)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 30">{_draw_shape(sign, shape)}</svg>'
    return Picture(svg, "")


def fit_to_paper(bounds: Bounds) -> Plane:
    """Return the plane that shows a bounding box on the paper, with a margin."""
    return Plane.from_bounds(bounds, WIDTH, HEIGHT, margin=_MARGIN, least=0.02)


def _project_visible(shape: shapely.Geometry | None, plane: Plane) -> shapely.Geometry | None:
    """Project a shape to the paper; None if nothing of it is visible."""
    if shape is None or not shapely.box(*plane.bounds).intersects(shape):
        return None
    projected: shapely.Geometry = plane.project(shapely.make_valid(shape))
    return projected


def _draw_features(group: StyledFeatures, plane: Plane) -> str:
    projected = [_project_visible(shape, plane) for shape in group.shapes]
    return "".join(_draw_shape(group.sign, clip_to_paper(shape, plane)) for shape in projected if shape is not None)


def clip_to_paper(shape: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    """Clip a projected shape slightly outside the paper, so that no line is drawn where it is clipped."""
    clipped: shapely.Geometry = plane.clip(shape, 20, _FINE)
    return clipped


def _draw_shape(sign: Sign, clipped: shapely.Geometry) -> str:
    dashes = f' stroke-dasharray="{sign.dashes}"' if sign.dashes else ""
    lines = _hatch_path(clipped, *sign.hatching) if sign.hatching else ""
    edges = to_svg_path(shapely.buffer(clipped, 4) if shapely.get_dimensions(clipped) == 0 else clipped)
    inside = f'<path d="{edges}" fill="{sign.fill}" fill-rule="evenodd"/>' if sign.fill != "none" else ""
    hatching = f'<path d="{lines}" fill="none" stroke="{sign.stroke}" stroke-width="0.7"/>' if lines else ""
    edge = f'<path d="{edges}" fill="none" stroke="{sign.stroke}" stroke-width="{sign.width:g}"{dashes}/>'
    return inside + hatching + edge


def _hatch_path(shape: shapely.Geometry, angle: float, spacing: float) -> str:
    """Return the lines of a hatching within a shape as an SVG path."""
    across, offsets, hatch_lines = _hatch_lines(angle, spacing)
    box = shapely.get_coordinates(shapely.envelope(shape))
    if not len(box):
        return ""
    distances = (box - _MIDDLE) @ across
    is_crossing = (offsets > distances.min() - spacing) & (offsets < distances.max() + spacing)
    return "".join(to_svg_path(line, "LineString") for line in shapely.intersection(hatch_lines[is_crossing], shape))


@cache
def _hatch_lines(angle: float, spacing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lines of a hatching across the paper, the direction across them, and their offsets from the centre."""
    reach = WIDTH + HEIGHT
    turn = math.radians(angle)
    along, across = np.array([math.cos(turn), -math.sin(turn)]), np.array([math.sin(turn), math.cos(turn)])
    offsets = np.arange(-reach, reach, spacing)
    ends = [
        [_MIDDLE + across * offset - along * reach, _MIDDLE + across * offset + along * reach] for offset in offsets
    ]
    return across, offsets, np.asarray(shapely.linestrings(ends))


def _draw_labels(group: StyledFeatures, plane: Plane) -> str:
    labels = []
    sheet = shapely.box(8, 8, WIDTH - 8, HEIGHT - 8)
    for shape, number_ in zip(group.shapes, group.numbers, strict=False):
        projected = _project_visible(shape, plane)
        on_paper = None if projected is None else shapely.intersection(projected, sheet)
        if on_paper is None or shapely.is_empty(on_paper):
            continue
        point = shapely.point_on_surface(on_paper)
        labels.append(
            _draw_label(f"{int(number_)}", float(shapely.get_x(point)), float(shapely.get_y(point)) + 4, halo=True)
        )
    return "".join(labels)


def _draw_label(content: str, x: float, y: float, *, halo: bool = False) -> str:
    return draw_text(content, x, y, anchor="middle", color=BLACK, bold=True, halo=halo)


def scale_bar_m(unit_m: float) -> float:
    """Return the length of the scale bar in metres: 1, 2 or 5 times a power of ten."""
    most = unit_m * _SCALE_BAR
    tens: float = 10.0 ** math.floor(math.log10(most))
    return max(step * tens for step in (1.0, 2.0, 5.0) if step * tens <= most)


def draw_scale_bar(unit_m: float) -> str:
    """Draw the scale bar at the lower left."""
    length_m = scale_bar_m(unit_m)
    units = length_m / unit_m
    length = (
        _("{m} m").format(m=format_number(length_m))
        if length_m < M_PER_KM
        else f"{format_number(length_m / M_PER_KM)} km"
    )
    left, top = 16.0, HEIGHT - 18.0
    paper = f'<rect x="8" y="{top - 22:g}" width="{units + 16:.1f}" height="34" fill="{PAPER}" stroke="{BLACK}"/>'
    halves = "".join(
        f'<rect x="{left + index * units / 2:.1f}" y="{top:g}" width="{units / 2:.1f}" height="6" fill="{fill}"'
        f' stroke="{BLACK}"/>'
        for index, fill in enumerate((BLACK, PAPER))
    )
    return f"{paper}{halves}{_draw_label(length, left + units / 2, top - 5)}"


def draw_north_arrow() -> str:
    """Draw the north arrow at the upper right."""
    x, y = WIDTH - 26.0, 16.0
    arrow = f'<path d="M{x} {y}L{x + 9} {y + 30}L{x} {y + 23}L{x - 9} {y + 30}Z" fill="{BLACK}"/>'
    return f'<rect x="{x - 16}" y="6" width="34" height="60" fill="{PAPER}" stroke="{BLACK}"/>{arrow}' + _draw_label(
        "N", x + 1, y + 45
    )
