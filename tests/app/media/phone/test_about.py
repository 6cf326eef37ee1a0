"""What a site opens on, and how far its map reaches."""

import numpy as np
import pandas as pd
import pytest

from lindero.app.media.phone.about import ANDES, whole_map_scope

SIDES = ["xmin", "ymin", "xmax", "ymax"]
LAND = pd.DataFrame([(-79, -8, -78, -7), (-77, -6, -76, -5)], columns=SIDES)
CONTINENT = pd.DataFrame([(-79, -18, -78, -17), (-45, 8, -44, 9)], columns=SIDES)


def test_a_site_opens_on_communities_and_concessions_and_holds_all_else():
    about = whole_map_scope("Map", {"communities": LAND, "mining_scars": CONTINENT})
    west, south, east, north = about.frame

    assert about.ground == pytest.approx((-79, -8, -76, -5), abs=0.05)
    assert west < -79
    assert south < -18
    assert east > -44
    assert north > 9


def test_a_stray_concession_does_not_set_what_a_site_opens_on():
    rows = [(x, -8, x + 0.1, -7) for x in np.linspace(-79, -76, 199)] + [(-90, -20, -89, -19)]
    titles = pd.DataFrame(rows, columns=SIDES)

    assert whole_map_scope("Map", {"concessions": titles}).ground == pytest.approx((-79, -8, -75.9, -7), abs=0.05)


@pytest.mark.parametrize("wide_by_high", [0.75, 1, 3])
def test_a_screen_that_shows_the_opening_whole_shows_nothing_beyond_the_frame(wide_by_high):
    about = whole_map_scope("Map", {"communities": LAND})
    (west, south, east, north), frame = about.ground, about.frame
    squeeze = np.cos(np.radians((south + north) / 2))
    high = max(north - south, (east - west) * squeeze / wide_by_high)
    wide = high * wide_by_high / squeeze

    assert frame[2] - frame[0] >= wide
    assert frame[3] - frame[1] >= high


def test_a_site_without_land_opens_on_all_that_it_shows():
    assert whole_map_scope("Map", {"mining_scars": CONTINENT}).ground == (-79, -18, -44, 9)
    assert whole_map_scope("Map", {}).ground == ANDES
