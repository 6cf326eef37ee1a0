"""A map of areas opens on what its answer is about."""

import json
import re

import geopandas as gpd
import pytest
from shapely import box

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.maps import areas

VERTICES = [(-78.0, -7.0), (-77.5, -7.2), (-70.0, -12.0)]  # the second is near the first, the third in another region
LOOK = areas.Look("here", "Here", "#5a2d82")


@pytest.fixture
def shapes():
    squares = [box(lon, lat, lon + 0.1, lat + 0.1) for lon, lat in VERTICES]
    return gpd.GeoDataFrame(
        {"name": "", "said": "", "look": LOOK.code}, geometry=squares, crs="OGC:CRS84", index=[0, 1, 2]
    )


def opened_on(canvas) -> list[float]:
    tiles = next(child for child in canvas._children.values() if child._name == "Tiles")
    return json.loads(re.search(r'"bounds": (\[.*?\])', tiles.settings)[1])


@pytest.mark.parametrize(("about", "east"), [(0, -69.9), (3, -77.4), (1, -77.9)])
def test_a_map_opens_on_the_first_of_what_it_is_about_and_what_is_near(shapes, tmp_path, about, east):
    open_map.use_folder(tmp_path)  # of which nothing is built
    canvas = areas.build_areas_map(shapes, [LOOK], title="Areas", underneath=(), about=about)

    assert opened_on(canvas)[2] == pytest.approx(east + areas.POINT_MARGIN_DEGREES)
    assert opened_on(canvas)[0] == pytest.approx(VERTICES[0][0] - areas.POINT_MARGIN_DEGREES)
