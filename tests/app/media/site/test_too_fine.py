"""What a pocket map shows of incidents is an area, islands and all, and never a place finer than that."""

from lindero.app.media.site.pack_check import find_fine_places

STEP = 1e-5  # degrees
DISTRICT = [0, 0, 20_000, 0, 0, 20_000]  # a triangle of 0.2 degrees
ISLET = [100, 100, 10, 0, 0, 10]


def told(*rings):
    return list(
        find_fine_places(
            {"incidents": [{"g": {"a": [[ring] for ring in rings]}, "location_precision": "region"}]}, STEP
        )
    )


def test_a_district_is_wide_enough_with_its_islet():
    assert told(DISTRICT) == told(DISTRICT, ISLET) == []


def test_an_islet_alone_or_nothing_is_finer_than_an_area():
    assert len(told(ISLET)) == len(told()) == 1
