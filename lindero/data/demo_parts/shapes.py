"""
Shapes that look surveyed: rectilinear titles, borders like rivers and ridges, and honeycombs that share them.

Everything is arithmetic on a seeded generator, in metres: no geometry engine has a say, so the same seed gives the
same coordinates everywhere.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from shapely import Polygon

XY = tuple[float, float]
Cell = tuple[int, int]  # axial coordinates of a hexagon
Corner = tuple[Cell, Cell, Cell]  # the three hexagons that meet there

_AROUND: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))  # counter-clockwise


def roughness(rng: Random, levels: int) -> list[float]:
    """Midpoint displacement: 2**levels + 1 values that begin and end at 0 and wander, fractally, some 1 away."""
    values, reach = [0.0, 0.0], 0.7
    for _ in range(levels):
        middles = [(a + b) / 2 + rng.uniform(-reach, reach) for a, b in pairwise(values)]
        values = [value for pair in zip(values, middles, strict=False) for value in pair] + [0.0]
        reach *= 0.6
    return values


def border(rng: Random, start: XY, end: XY, *, levels: int = 4) -> list[XY]:
    """
    Draw an irregular line from `start` to just before `end`.

    It is a graph over its chord, so it never crosses itself, and stays within 25° of the chord at both ends, so lines
    that meet at more than 50° never cross each other.
    """
    (x0, y0), (x1, y1) = start, end
    wander = roughness(rng, levels)
    line = []
    for step, value in enumerate(wander[:-1]):
        t = step / (len(wander) - 1)
        most = 0.45 * min(t, 1 - t)
        off = max(-most, min(most, 0.25 * value))
        line.append((x0 + t * (x1 - x0) - off * (y1 - y0), y0 + t * (y1 - y0) + off * (x1 - x0)))
    return line


def blob(rng: Random, centre: XY, radius_m: float, *, levels: int = 6) -> Polygon:
    """Draw an irregular shape around `centre`: each direction has one distance, so the outline never crosses itself."""
    wander = roughness(rng, levels)[:-1]
    return _star(centre, [radius_m * math.exp(0.7 * value) for value in wander])


def ring_around(rng: Random, core: Polygon, centre: XY, width_m: float) -> Polygon:
    """Draw the zone around a blob with the same `centre`, `width_m` wide on the average, never touching its inside."""
    hole = list(core.exterior.coords)[:-1]
    wander = roughness(rng, len(hole).bit_length() - 1)
    distances = [
        math.dist(centre, corner) + width_m * math.exp(0.35 * value)
        for corner, value in zip(hole, wander, strict=False)
    ]
    return Polygon(_star(centre, distances).exterior, [hole])


def _star(centre: XY, distances: list[float]) -> Polygon:
    turns = [2 * math.pi * step / len(distances) for step in range(len(distances))]
    return Polygon(
        (centre[0] + far * math.cos(turn), centre[1] + far * math.sin(turn))
        for far, turn in zip(distances, turns, strict=True)
    )


@dataclass(frozen=True)
class Blocks:
    """Ground made of grid squares: one bottom and one top for each column from `x` eastwards, in steps of `step_m`."""

    x: int
    y: int
    step_m: int
    columns: tuple[tuple[int, int], ...]

    @property
    def area_ha(self) -> float:
        """Nominal area on the grid, which is what a register writes down."""
        return sum(top - bottom for bottom, top in self.columns) * self.step_m**2 / 10_000

    def squares(self) -> set[Cell]:
        """Return the grid squares covered, counted from the grid's origin."""
        east, north = self.x // self.step_m, self.y // self.step_m
        return {(east + i, north + j) for i, (bottom, top) in enumerate(self.columns) for j in range(bottom, top)}

    def polygon(self) -> Polygon:
        """Return the outline with a corner only where it turns."""
        south = [(i + end, bottom) for i, (bottom, _) in enumerate(self.columns) for end in (0, 1)]
        north = [(i + end, top) for i, (_, top) in enumerate(self.columns) for end in (0, 1)]
        ring = list(dict.fromkeys(south + north[::-1]))
        around = zip([ring[-1], *ring], ring, [*ring[1:], ring[0]], strict=False)
        turns = [here for before, here, after in around if not _straight(before, here, after)]
        return Polygon((self.x + i * self.step_m, self.y + j * self.step_m) for i, j in turns)


def _straight(before: Cell, here: Cell, after: Cell) -> bool:
    return before[0] == here[0] == after[0] or before[1] == here[1] == after[1]


def staircase(rng: Random, width: int, height: int, *, bites: int) -> tuple[tuple[int, int], ...]:
    """Take up to `bites` corners off a rectangle of `width` by `height` squares, leaving it in one piece."""
    columns = [(0, height)] * width
    for _ in range(bites if width > 1 else 0):
        at, low, high = rng.randrange(1, width), *rng.choice([(1, 0), (0, 1)])
        bitten = columns[:at] + [(bottom + low, top - high) for bottom, top in columns[at:]]
        if _connected(bitten):
            columns = bitten
    return tuple(rng.choice((columns, columns[::-1])))


def corridor(rng: Random, length: int, *, width: int = 3) -> tuple[tuple[int, int], ...]:
    """Draw a strip of squares that wanders north and south, as a canal, a road or a power line does."""
    bottoms = [0]
    for _ in range(length - 1):
        bottoms.append(bottoms[-1] + rng.choice((-1, 0, 0, 1)))
    return tuple((bottom, bottom + width) for bottom in bottoms)


def _connected(columns: list[tuple[int, int]]) -> bool:
    tall = all(top > bottom for bottom, top in columns)
    return tall and all(min(a[1], b[1]) > max(a[0], b[0]) for a, b in pairwise(columns))


@dataclass
class Honeycomb:
    """
    Irregular hexagons whose neighbours share their borders.

    A share of the borders was surveyed twice, by each side for itself: there the neighbours overlap and leave slivers.
    """

    rng: Random
    origin: XY
    spacing_m: float
    surveyed_twice: float = 1 / 6
    _corners: dict[Corner, XY] = field(default_factory=dict)
    _borders: dict[tuple[Corner, Corner], list[XY] | None] = field(default_factory=dict)

    def middle(self, cell: Cell) -> XY:
        """Return the centre of a hexagon."""
        i, j = cell
        return self.origin[0] + (i + j / 2) * self.spacing_m, self.origin[1] + j * math.sqrt(0.75) * self.spacing_m

    def within(self, distance_m: float) -> list[Cell]:
        """Return the hexagons whose centres lie within `distance_m` of the origin, in a fixed order."""
        most = math.ceil(distance_m / self.spacing_m * 1.2)
        cells = [(i, j) for j in range(-most, most + 1) for i in range(-most - j // 2, most + 1 - j // 2)]
        return [cell for cell in cells if math.dist(self.middle(cell), self.origin) <= distance_m]

    def outline(self, cells: Iterable[Cell]) -> Polygon:
        """Draw the border of neighbouring hexagons taken together."""
        sides = {side for cell in cells for side in self._sides(cell)}
        follow = {start: end for start, end in sorted(sides) if (end, start) not in sides}
        start = corner = min(follow)
        line: list[XY] = []
        while True:
            line += self._border(corner, follow[corner])
            corner = follow[corner]
            if corner == start:
                return Polygon(line)

    def _sides(self, cell: Cell) -> list[tuple[Corner, Corner]]:
        around = [(cell[0] + i, cell[1] + j) for i, j in _AROUND]
        corners: list[Corner] = []
        for a, b in zip(around, [*around[1:], around[0]], strict=True):
            first, second, third = sorted((cell, a, b))
            corners.append((first, second, third))
        return list(zip(corners, [*corners[1:], corners[0]], strict=True))

    def _border(self, start: Corner, end: Corner) -> list[XY]:
        """Draw the border once and give it to both sides, or (None) once for each."""
        key = (min(start, end), max(start, end))
        if key not in self._borders:
            drawn = border(self.rng, self._corner(key[0]), self._corner(key[1]))
            self._borders[key] = drawn if self.rng.random() > self.surveyed_twice else None
        line = self._borders[key]
        if line is None:
            return border(self.rng, self._corner(start), self._corner(end))
        return line if key[0] == start else [self._corner(start), *line[:0:-1]]

    def _corner(self, corner: Corner) -> XY:
        if corner not in self._corners:
            middles = [self.middle(cell) for cell in corner]
            reach = 0.17 * self.spacing_m
            self._corners[corner] = (
                sum(x for x, _ in middles) / 3 + self.rng.uniform(-reach, reach),
                sum(y for _, y in middles) / 3 + self.rng.uniform(-reach, reach),
            )
        return self._corners[corner]
