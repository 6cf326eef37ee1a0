"""Polygons that look surveyed: rectilinear concessions, irregular boundaries, and honeycombs of communities.

All coordinates are computed in metres from a seeded generator. No geometry library is involved, so the same seed gives
the same coordinates on every machine.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from shapely import Polygon

XY = tuple[float, float]
Cell = tuple[int, int]  # axial coordinates of a hexagon
Vertex = tuple[Cell, Cell, Cell]  # the three hexagons that meet there

_AROUND: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))  # counter-clockwise


def fractal_noise(rng: Random, levels: int) -> list[float]:
    """Generate fractal noise by midpoint displacement: 2**levels + 1 values that start and end at 0.

    The values deviate from 0 by about 1.
    """
    values, reach = [0.0, 0.0], 0.7
    for _ in range(levels):
        midpoints = [(a + b) / 2 + rng.uniform(-reach, reach) for a, b in pairwise(values)]
        values = [value for pair in zip(values, midpoints, strict=False) for value in pair] + [0.0]
        reach *= 0.6
    return values


def draw_border(rng: Random, start: XY, end: XY, *, levels: int = 4) -> list[XY]:
    """Draw an irregular line from `start` to just before `end`.

    The line is a graph over its chord, so it never crosses itself. It stays within 25° of the chord at both ends, so
    lines that meet at more than 50° never cross each other.
    """
    (x0, y0), (x1, y1) = start, end
    noise = fractal_noise(rng, levels)
    line = []
    for step, value in enumerate(noise[:-1]):
        t = step / (len(noise) - 1)
        max_offset = 0.45 * min(t, 1 - t)
        offset = max(-max_offset, min(max_offset, 0.25 * value))
        line.append((x0 + t * (x1 - x0) - offset * (y1 - y0), y0 + t * (y1 - y0) + offset * (x1 - x0)))
    return line


def draw_blob(rng: Random, centre: XY, radius_m: float, *, levels: int = 6) -> Polygon:
    """Draw an irregular polygon around `centre`.

    Each direction has one distance, so the outline never crosses itself.
    """
    noise = fractal_noise(rng, levels)[:-1]
    return _polar_polygon(centre, [radius_m * math.exp(0.7 * value) for value in noise])


def draw_buffer_zone(rng: Random, core: Polygon, centre: XY, width_m: float) -> Polygon:
    """Draw the zone around a blob with the same `centre`, `width_m` wide on average.

    It never touches the inside.
    """
    hole = list(core.exterior.coords)[:-1]
    noise = fractal_noise(rng, len(hole).bit_length() - 1)
    distances = [
        math.dist(centre, vertex) + width_m * math.exp(0.35 * value) for vertex, value in zip(hole, noise, strict=False)
    ]
    return Polygon(_polar_polygon(centre, distances).exterior, [hole])


def _polar_polygon(centre: XY, distances: list[float]) -> Polygon:
    angles = [2 * math.pi * step / len(distances) for step in range(len(distances))]
    return Polygon(
        (centre[0] + distance * math.cos(angle), centre[1] + distance * math.sin(angle))
        for distance, angle in zip(distances, angles, strict=True)
    )


@dataclass(frozen=True)
class Blocks:
    """A polygon of grid squares: a bottom and a top for each column from `x` eastwards, in steps of `step_m`."""

    x: int
    y: int
    step_m: int
    columns: tuple[tuple[int, int], ...]

    @property
    def area_ha(self) -> float:
        """The nominal area on the grid in hectares, as a register states it."""
        return sum(top - bottom for bottom, top in self.columns) * self.step_m**2 / 10_000

    def squares(self) -> set[Cell]:
        """Return the covered grid squares, counted from the origin of the grid."""
        east, north = self.x // self.step_m, self.y // self.step_m
        return {(east + i, north + j) for i, (bottom, top) in enumerate(self.columns) for j in range(bottom, top)}

    def to_polygon(self) -> Polygon:
        """Return the outline with vertices only where it turns."""
        south = [(i + end, bottom) for i, (bottom, _) in enumerate(self.columns) for end in (0, 1)]
        north = [(i + end, top) for i, (_, top) in enumerate(self.columns) for end in (0, 1)]
        ring = list(dict.fromkeys(south + north[::-1]))
        triples = zip([ring[-1], *ring], ring, [*ring[1:], ring[0]], strict=False)
        vertices = [vertex for previous, vertex, following in triples if not _is_straight(previous, vertex, following)]
        return Polygon((self.x + i * self.step_m, self.y + j * self.step_m) for i, j in vertices)


def _is_straight(previous: Cell, vertex: Cell, following: Cell) -> bool:
    return previous[0] == vertex[0] == following[0] or previous[1] == vertex[1] == following[1]


def draw_staircase(rng: Random, width: int, height: int, *, bites: int) -> tuple[tuple[int, int], ...]:
    """Remove up to `bites` steps from a rectangle of `width` by `height` squares, and keep it connected."""
    columns = [(0, height)] * width
    for _ in range(bites if width > 1 else 0):
        position, low, high = rng.randrange(1, width), *rng.choice([(1, 0), (0, 1)])
        reduced = columns[:position] + [(bottom + low, top - high) for bottom, top in columns[position:]]
        if _is_connected(reduced):
            columns = reduced
    return tuple(rng.choice((columns, columns[::-1])))


def draw_corridor(rng: Random, length: int, *, width: int = 3) -> tuple[tuple[int, int], ...]:
    """Draw a strip of squares that shifts north and south, like a canal, a road or a power line."""
    bottoms = [0]
    for _ in range(length - 1):
        bottoms.append(bottoms[-1] + rng.choice((-1, 0, 0, 1)))
    return tuple((bottom, bottom + width) for bottom in bottoms)


def _is_connected(columns: list[tuple[int, int]]) -> bool:
    has_height = all(top > bottom for bottom, top in columns)
    return has_height and all(min(a[1], b[1]) > max(a[0], b[0]) for a, b in pairwise(columns))


@dataclass
class Honeycomb:
    """Irregular hexagons with shared boundaries.

    A share of the boundaries was surveyed twice, once by each side. There the neighbours overlap or leave slivers.
    """

    rng: Random
    origin: XY
    spacing_m: float
    surveyed_twice: float = 1 / 6
    _vertices: dict[Vertex, XY] = field(default_factory=dict)
    _borders: dict[tuple[Vertex, Vertex], list[XY] | None] = field(default_factory=dict)

    def cell_centre(self, cell: Cell) -> XY:
        """Return the centre of a hexagon."""
        i, j = cell
        return self.origin[0] + (i + j / 2) * self.spacing_m, self.origin[1] + j * math.sqrt(0.75) * self.spacing_m

    def cells_in_radius(self, distance_m: float) -> list[Cell]:
        """Return the hexagons with centres within `distance_m` of the origin, in a fixed order."""
        max_steps = math.ceil(distance_m / self.spacing_m * 1.2)
        cells = [
            (i, j) for j in range(-max_steps, max_steps + 1) for i in range(-max_steps - j // 2, max_steps + 1 - j // 2)
        ]
        return [cell for cell in cells if math.dist(self.cell_centre(cell), self.origin) <= distance_m]

    def outline(self, cells: Iterable[Cell]) -> Polygon:
        """Draw the outline of the union of neighbouring hexagons."""
        sides = {side for cell in cells for side in self._cell_sides(cell)}
        next_vertex = {start: end for start, end in sorted(sides) if (end, start) not in sides}
        start = vertex = min(next_vertex)
        line: list[XY] = []
        while True:
            line += self._border_line(vertex, next_vertex[vertex])
            vertex = next_vertex[vertex]
            if vertex == start:
                return Polygon(line)

    def _cell_sides(self, cell: Cell) -> list[tuple[Vertex, Vertex]]:
        neighbours = [(cell[0] + i, cell[1] + j) for i, j in _AROUND]
        vertices: list[Vertex] = []
        for a, b in zip(neighbours, [*neighbours[1:], neighbours[0]], strict=True):
            first, second, third = sorted((cell, a, b))
            vertices.append((first, second, third))
        return list(zip(vertices, [*vertices[1:], vertices[0]], strict=True))

    def _border_line(self, start: Vertex, end: Vertex) -> list[XY]:
        """Return the line of a border. It is drawn once for both sides, or (None) separately for each side."""
        key = (min(start, end), max(start, end))
        if key not in self._borders:
            new_line = draw_border(self.rng, self._vertex_position(key[0]), self._vertex_position(key[1]))
            self._borders[key] = new_line if self.rng.random() > self.surveyed_twice else None
        line = self._borders[key]
        if line is None:
            return draw_border(self.rng, self._vertex_position(start), self._vertex_position(end))
        return line if key[0] == start else [self._vertex_position(start), *line[:0:-1]]

    def _vertex_position(self, vertex: Vertex) -> XY:
        if vertex not in self._vertices:
            centres = [self.cell_centre(cell) for cell in vertex]
            reach = 0.17 * self.spacing_m
            self._vertices[vertex] = (
                sum(x for x, _ in centres) / 3 + self.rng.uniform(-reach, reach),
                sum(y for _, y in centres) / 3 + self.rng.uniform(-reach, reach),
            )
        return self._vertices[vertex]
