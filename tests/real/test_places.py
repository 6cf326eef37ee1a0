"""Every community, district and capital of the files as received is found by its own name, or asked, never elsewhere."""

import pytest
import shapely

from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import Candidates, FoundPlace
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_names
from lindero.layers.model.schema import LAYERS
from tests.amount import amount
from tests.built import build
from tests.real.plans import space_of

FILES = {
    "peasant": "peru-cajamarca/c_campesina.geojson",
    "native": "peru-cajamarca/c_nativa.geojson",
    "districts": "peru-cajamarca/distrito.geojson",
    "capitals": "peru-admin/peru_capital_provincia.geojson",
}
EVERY = {"communities": 107, "regions": 127, "places": 194}
NEAR_DEGREES = {"communities": 0.002, "regions": 0.01, "places": 0.05}  # of an outline, of a town's middle
POSITIONS = [  # those of the trial, all of one place
    "-6.9117,-78.2551",
    "-6.9117 -78.2551",
    "-6,9117; -78,2551",
    "-6,9117 -78,2551",
    "6°54'42\"S 78°15'18\"W",
    "6°54'42\"S 78°15'18\"O",
    "17M 803300 9235170",
    "17S 803300 9235170",
    "6.9117 S, 78.2551 W",
    "S6 54.702 W78 15.306",
    "6.9117S 78.2551O",
    "-6.9117°, -78.2551°",
    "(-6.9117, -78.2551)",
    "lat -6.9117 lon -78.2551",
    "803300 9235170",
    "E 803300 N 9235170",
    "UTM 17 Sur 803300 9235170",
    "geo:-6.9117,-78.2551",
    "https://maps.google.com/?q=-6.9117,-78.2551",
    "https://www.google.com/maps/@-6.9117,-78.2551,15z",
    "-78.2551,-6.9117",
    "6.9117,78.2551",
    "6.9117,-78.2551",
]


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    with map_database.connect(build(space_of(tmp_path_factory, FILES)).path) as con:
        yield con


@pytest.fixture(scope="module")
def known(con):
    return map_names.build_gazetteer(con)


@pytest.mark.parametrize("layer", EVERY)
def test_each_is_found_by_its_own_name_or_asked(con, known, layer):
    rows = map_database.read_layer(con, LAYERS[layer])
    assert len(rows) == EVERY[layer]

    elsewhere = {}
    for name, shape in list(zip(rows["name"], rows.geometry, strict=True))[:: amount(6, 1)]:
        answer = find_place(name, con, "PE", gazetteer=known)
        places = answer.choices if isinstance(answer, Candidates) else [answer]
        if not any(isinstance(at, FoundPlace) and _distance(at, shape) <= NEAR_DEGREES[layer] for at in places):
            elsewhere[name] = answer

    assert elsewhere == {}


@pytest.mark.parametrize("text", POSITIONS)
def test_the_positions_of_the_trial_are_right_or_asked(con, known, text):
    answer = find_place(text, con, "PE", gazetteer=known)
    at = answer.choices[0] if isinstance(answer, Candidates) else answer

    assert (at.latitude, at.longitude) == pytest.approx((-6.9117, -78.2551), abs=5e-4)


@pytest.mark.parametrize("text", ["6°91'S 78°15'W", "-17,-200", "-10,-85", "-80,-60"])
def test_no_position_of_the_trial_is_answered_where_it_cannot_lie(con, known, text):
    assert not isinstance(find_place(text, con, "PE", gazetteer=known), FoundPlace)


def _distance(at, shape):
    return shapely.distance(shape, shapely.Point(at.longitude, at.latitude))
