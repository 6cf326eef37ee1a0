import re
from pathlib import Path

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero import geo
from lindero.geo.geometry.crs import DEGREES, EQUAL_AREA, PSAD56, utm
from lindero.geo.geometry.projection import project, unproject
from tests.code_text import without_docstrings

PLANE = pyproj.Transformer.from_crs(DEGREES, EQUAL_AREA, always_xy=True)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_the_plane_is_proj_s_equal_area_plane_to_the_micrometre(longitude, latitude):
    assert project(np.array([[longitude, latitude]]))[0] == pytest.approx(
        PLANE.transform(longitude, latitude), abs=1e-6
    )


@given(st.floats(-540, 540), st.floats(-89.9, 89.9))
def test_what_is_projected_comes_back_even_past_the_antimeridian(longitude, latitude):
    there = project(np.array([[longitude, latitude]]))

    assert unproject(there)[0] == pytest.approx((longitude, latitude), abs=1e-10)


def test_zones_are_named_as_proj_knows_them():
    assert pyproj.CRS(utm(17, south=True)).name == "WGS 84 / UTM zone 17S"
    assert pyproj.CRS(utm(18, south=False)).name == "WGS 84 / UTM zone 18N"
    assert [pyproj.CRS(code).name for code in PSAD56.values()] == [f"PSAD56 / UTM zone {zone}S" for zone in PSAD56]


def test_only_one_module_names_epsg_codes():
    modules = Path(geo.__file__).parent.rglob("*.py")
    naming = {
        module.name
        for module in modules
        if re.search(r"EPSG:\d|\b(?:4326|6933|3857)\b", without_docstrings(module.read_text(encoding="utf-8")))
    }

    assert naming == {"crs.py"}
