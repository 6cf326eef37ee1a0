"""A workspace of an invented country of many titles, for what is published of it."""

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.builder.build import build_map
from lindero.layers.workspace.manifest_file import Workspace
from tests.files import Files

TITLES_A_LAND = 50
WORDS = ("San", "Nueva", "Esperanza", "Rosa", "Cerro", "Blanco", "Pampa", "Quinua", "Inca", "Sol", "Lucero", "Mina")
WEST, SOUTH, EAST, NORTH = -79.0, -16.0, -70.5, -2.0


def built(folder, titles) -> Workspace:
    """Make the workspace and build it."""
    rng = np.random.default_rng(26)
    files = Files(folder)
    holders = [f"Minera {rng.choice(WORDS)} {n % 7000}" for n in range(titles)]
    files.add("concessions", _frame(rng, titles, 0.008, holder=holders, status="granted", kind="mining"))
    files.add("communities", _frame(rng, titles // TITLES_A_LAND, 0.04, people="Quechua"))
    build_map(files.space)
    return files.space


def _frame(rng, count, side, **columns):
    """Squares in clusters, with names of three words, all over a country."""
    middles = rng.uniform((WEST, SOUTH), (EAST, NORTH), (count // 100 + 1, 2))
    at = middles[rng.integers(len(middles), size=count)] + rng.normal(0, 0.15, (count, 2))
    half = rng.lognormal(np.log(side), 0.4, count)
    shapes = shapely.box(at[:, 0] - half, at[:, 1] - half, at[:, 0] + half, at[:, 1] + half)
    names = [f"{' '.join(rng.choice(WORDS, 3))} {n}" for n in range(count)]
    return gpd.GeoDataFrame(
        {"code": [f"C{n}" for n in range(count)], "name": names, **columns}, geometry=shapes, crs=4326
    )
