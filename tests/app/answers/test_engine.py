"""What stops a build while overlaps are computed."""

import pytest

from lindero.geo.kernels import numba_jit
from lindero.geo.overlay import cross_check
from lindero.layers.errors import BuildError
from tests.built import build
from tests.files import Files, concessions
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")


def test_areas_that_differ_from_those_of_geos_stop_a_build(tmp_path, monkeypatch):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(7))
    files.add("communities", concessions(5).drop(columns=["holder", "status"]))
    measured = cross_check.shared_area_m2
    monkeypatch.setattr(cross_check, "shared_area_m2", lambda *pairs: measured(*pairs) * 1.1)

    with pytest.raises(BuildError, match="GEOS"):
        build(files.space)
