"""The client reads positions as Python does: the same texts, the same readings, doubts and refusals."""

import random

import pytest
from pyproj import Geod

from lindero.geo.positions.notation import PositionError, read_map_link, readings
from tests.client import ask
from tests.geo.positions import test_notation
from tests.positions import every_way

ZONES = (17, 18, 19)
PEOPLE_WRITE = [
    "17S 803000 9235000",
    "17S 500000 4000000",
    "17L 803000 9235000",
    "803000 9235000",
    "9235000 803000",
    "PSAD56 17S 803000 9235000",
    "EPSG:24878 377000 8666000",
    "8FVC9G8F+6X",
    "7FG49Q00+",
    "4QFJ1234567890",
    "-78.2551, -6.9117",
    "6.9117, 78.2551",
    "Estoy en -12.5, -75.25 ahora",
    "lunes 12 de mayo",
    "18M",
    "+-4 5",
    "1,5 2,5",
    "12°",
]


def _texts() -> list[str]:
    tests = (
        test_notation.test_a_place_is_the_same_however_it_is_written,
        test_notation.test_what_is_no_position_is_none,
        test_notation.test_what_can_be_nowhere_is_refused_and_why,
    )
    told = [case if isinstance(case, str) else case[0] for test in tests for case in test.pytestmark[0].args[1]]
    chance = random.Random(26)
    places = [(chance.uniform(-18, -0.5), chance.uniform(-81, -69)) for _ in range(30)]
    return [*told, *PEOPLE_WRITE, *(text for lat, lon in places for text in every_way(lat, lon))]


def _read(text: str):
    try:
        return [(one.latitude, one.longitude, list(one.doubts), one.zone) for one in readings(text, zones=ZONES)]
    except PositionError:
        return "refused"


def test_a_text_is_read_alike_in_all_its_ways():
    texts = _texts()

    for text, got in zip(texts, ask("readings", [[text, ZONES] for text in texts]), strict=True):
        want = _read(text)
        if want == "refused":
            assert "refused" in got, text
            continue
        found = [(one["latitude"], one["longitude"], one["doubts"], one["zone"]) for one in got]
        assert [one[2:] for one in found] == [one[2:] for one in want], text
        assert [one[:2] for one in found] == [pytest.approx(one[:2], abs=1e-7) for one in want], text


def test_links_say_the_same():
    links = [
        *test_notation.LINKS,
        "https://www.google.com/maps/place/Celend%C3%ADn/",
        "Celendín",
        "https://goo.gl/maps/a",
    ]

    def said(link):
        try:
            return read_map_link(link)
        except PositionError:
            return "refused"

    got = ["refused" if isinstance(one, dict) else one for one in ask("link", [[link] for link in links])]
    assert got == [said(link) for link in links]


def test_geodesics_are_those_of_pyproj():
    earth, chance = Geod(ellps="WGS84"), random.Random(26)
    pairs = []
    for _ in range(300):
        lon, lat = chance.uniform(-90, -35), chance.uniform(-55, 20)
        far = 10 ** chance.uniform(-5, 0.5)
        pairs.append([[lon, lat], [lon + chance.uniform(-far, far), lat + chance.uniform(-far, far)]])

    for (from_, to), got in zip(pairs, ask("inverse", pairs), strict=True):
        bearing, _, metres = earth.inv(*from_, *to)
        assert got["metres"] == pytest.approx(metres, abs=1e-3)
        if metres > 1:
            assert (got["bearing"] - bearing + 180) % 360 - 180 == pytest.approx(0, abs=1e-5)
