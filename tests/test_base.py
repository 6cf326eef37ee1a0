"""The embedded base data: there, open, valid, and true where it can be checked by hand."""

import shapely

from layers import base


def test_peru_has_its_24_departments_and_callao():
    peru = base.regions("PE")

    assert len(peru) == 25
    assert {"Cajamarca", "Cusco", "Apurímac", "Loreto", "El Callao"} <= set(peru["name"])


def test_neighbours_share_their_edge():
    for areas in (base.countries(), base.regions()):
        assert shapely.coverage_is_valid(areas.geometry.array)


def test_geometry_is_valid_and_in_longitude_and_latitude():
    for areas in (base.countries(), base.regions()):
        assert areas.crs == "OGC:CRS84"
        assert areas.is_valid.all()


def test_a_frame_given_out_may_be_changed_without_harm():
    base.countries()["name"] = "changed"

    assert "changed" not in set(base.countries()["name"])
