"""
An invented country of concessions and territories, seeded, with the sizes and shapes of Peru's registers.

Concessions are small rectangles and L shapes in clusters along a mountain range, many of them on one grid and on top of
each other. Some are rotated legacy claims. Territories are irregular: communities of some hundred vertices, parks of up
to 60,000. `L` has ten times as many features as `S` on ten times the area, and `XS` a tenth. `2S` and `4S` are in
between. `PE` has as many as Peru.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.near.window import WORLD

M_PER_DEGREE = 111_000.0
RANGE = np.array([(-79.6, -4.8), (-78.2, -7.8), (-76.6, -10.4), (-75.2, -13.0), (-72.8, -14.6), (-70.9, -16.0)])
WIDTH = 0.9  # degrees to either side


@dataclass(frozen=True)
class Size:
    """The number of features of each kind, and the number of copies of the country side by side."""

    titles: int
    communities: int
    parks: int
    countries: int
    seed: int


SIZES = {
    "XS": Size(4_500, 950, 30, 1, 5),
    "S": Size(45_000, 9_500, 300, 1, 7),
    "PE": Size(61_000, 9_500, 300, 1, 10),
    "2S": Size(90_000, 19_000, 600, 2, 8),
    "4S": Size(180_000, 38_000, 1_200, 4, 9),
    "L": Size(450_000, 95_000, 3_000, 10, 11),
}


def layers(name: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """
    Return concessions and territories in degrees, each with an `id`, in the row order of a map.

    The result is always the same. `R` has 9,000 rectangles and 1,900 polygons with 1.5 million vertices instead.
    """
    if name == "R":
        return _rectangles(np.random.default_rng(3), 9_000), _coasts(np.random.default_rng(4), 1_900, 1_500_000)
    size = SIZES[name]
    rng = np.random.default_rng(size.seed)
    titles = _titles(rng, size)
    lands = [_land(rng, size, *rng.lognormal((8.0, 5.4), (1.1, 0.7))) for _ in range(size.communities)]
    lands += [_land(rng, size, *rng.lognormal((10.5, 8.5), (1.3, 0.9))) for _ in range(size.parks)]
    return _frame("t", titles), _frame("l", np.array(lands, dtype=object))


def _rectangles(rng: np.random.Generator, count: int) -> gpd.GeoDataFrame:
    low = rng.uniform((-77, -14), (-71, -6), (count, 2))
    high = low + rng.integers(1, 5, (count, 2)) * 1_000 / M_PER_DEGREE
    return _frame("t", np.asarray(shapely.box(*low.T, *high.T)))


def _coasts(rng: np.random.Generator, count: int, vertices: int) -> gpd.GeoDataFrame:
    counts = rng.lognormal(6.2, 0.95, count)
    counts = np.clip(counts * vertices / counts.sum(), 40, 60_000).astype(int)
    radii = 0.04 * rng.lognormal(0, 0.6, count)
    places = rng.uniform((-77, -14), (-71, -6), (count, 2))
    coasts = [
        shapely.Polygon(place + _coast(rng, int(size), radius))
        for place, size, radius in zip(places, counts, radii, strict=True)
    ]
    return _frame("l", np.array(coasts, dtype=object))


def _frame(letter: str, shapes: np.ndarray) -> gpd.GeoDataFrame:
    repaired = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes, method="structure"))
    frame = gpd.GeoDataFrame({"id": [f"{letter}{i}" for i in range(len(shapes))]}, geometry=repaired, crs=DEGREES)
    order = np.argsort(frame.hilbert_distance(total_bounds=WORLD), kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _places(rng: np.random.Generator, size: Size, count: int, spread: float) -> np.ndarray:
    """Draw points near the range, each in one of the copies of the country."""
    way = rng.uniform(0, len(RANGE) - 1, count)
    leg = way.astype(int)
    along = RANGE[leg] + (way - leg)[:, None] * (RANGE[leg + 1] - RANGE[leg])
    country = rng.integers(0, size.countries, count) * 12.0  # offset to the east in degrees
    return along + rng.normal(0, spread, (count, 2)) + np.column_stack((country, np.zeros(count)))


def _titles(rng: np.random.Generator, size: Size) -> np.ndarray:
    count = size.titles
    camps = _places(rng, size, count // 110, WIDTH / 2)
    weight = rng.lognormal(0, 1, len(camps))
    vertex = camps[rng.choice(len(camps), count, p=weight / weight.sum())] * M_PER_DEGREE + rng.normal(
        0, 12_000, (count, 2)
    )
    wide, high = rng.integers(1, 5, count) * 1_000.0, rng.integers(1, 4, count) * 1_000.0
    on_grid = rng.random(count) < 0.85
    vertex[on_grid] = np.round(vertex[on_grid] / 1_000) * 1_000
    notch = np.where(rng.random(count) < 0.25, 0.5, 1.0)  # a whole rectangle has no notch
    outline = np.zeros((count, 7, 2))
    outline[:, [1, 2], 0] = wide[:, None]
    outline[:, [3, 4], 0] = (wide * notch)[:, None]
    outline[:, [2, 3], 1] = (high * notch)[:, None]
    outline[:, [4, 5], 1] = high[:, None]
    angle = np.where(on_grid, 0, rng.uniform(0, np.pi, count))
    sine, cosine = np.sin(angle)[:, None], np.cos(angle)[:, None]
    x, y = outline[..., 0], outline[..., 1]
    turned = np.stack((x * cosine - y * sine, x * sine + y * cosine), axis=-1)
    return np.asarray(shapely.remove_repeated_points(shapely.polygons((vertex[:, None] + turned) / M_PER_DEGREE)))


def _land(rng: np.random.Generator, size: Size, hectares: float, vertices: float) -> shapely.Geometry:
    """Draw one territory; one in twenty has a hole, one in twenty a second part."""
    place = _places(rng, size, 1, WIDTH)[0]
    radius = np.sqrt(np.clip(hectares, 300, 2_500_000) * 10_000 / np.pi) / M_PER_DEGREE
    count = int(np.clip(vertices, 40, 60_000))
    shape = shapely.Polygon(place + _coast(rng, count, radius))
    if rng.random() < 0.05:
        shape = shape.difference(shapely.Polygon(place + _coast(rng, max(count // 8, 12), radius * 0.2)))
    if rng.random() < 0.05:
        islet = shapely.Polygon(place + np.array([radius * 3, 0]) + _coast(rng, max(count // 6, 12), radius * 0.3))
        shape = shapely.union(shape, islet)
    return shape


def _coast(rng: np.random.Generator, count: int, radius: float) -> np.ndarray:
    """Draw an irregular closed curve around 0, 0. Its radius is noise that halves with each octave."""
    frequency = np.arange(1, count // 2 + 1)
    spectrum = np.zeros(count // 2 + 1, dtype=complex)
    spectrum[1:] = frequency**-1.25 * np.exp(2j * np.pi * rng.random(len(frequency)))
    noise = np.fft.irfft(spectrum, count)
    angle = np.arange(count) * 2 * np.pi / count
    reach = radius * np.exp(0.35 * noise / noise.std())
    return np.column_stack((reach * np.cos(angle), reach * np.sin(angle)))
