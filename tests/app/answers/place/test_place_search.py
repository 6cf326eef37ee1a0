"""The place that is meant: the map's own first, what is alike asked, and positions judged by where they lie."""

import pytest
import shapely
from shapely import Point, box

from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import Candidates, FoundPlace, UnknownPlace, country_utm_zones
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_names
from lindero.layers.reference import base_data, known_projects
from tests import small_map
from tests.built import build
from tests.files import concessions, incidents
from tests.positions import ways

HEADER = "code,occurred_on,place_text,visibility,longitude,latitude"

AT_SOROCHUCO = -6.9117, -78.2551
FOUND_AS_WRITTEN = [
    "-6.9117,-78.2551",
    "17S 803309 9235180",
    "6.9117 S, 78.2551 W",
    "S6 54.702 W78 15.306",
    "UTM 17 Sur E 803309 N 9235180",
    "https://maps.google.com/maps?q=-6.9117%2C-78.2551&z=17&hl=es",
]


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    shapes = {
        "communities": box(-78.30, -6.93, -78.28, -6.90),
        "concessions": box(-78.26, -6.92, -78.25, -6.91),
        "protected_areas": box(-79.00, -7.00, -78.90, -6.90),
        "regions": box(-78.40, -7.00, -78.20, -6.80),
        "places": Point(-77.00, -8.00),
    }
    names = {
        "communities": "Sorochuco",
        "concessions": "SOROCHUCO",
        "protected_areas": "Bosque El Tingo",
        "regions": "LLUCHU",
        "places": "Wamanripa",
    }
    folder = tmp_path_factory.mktemp("map") / "build"
    map_file = small_map.publish(folder, names=names, shapes=shapes)
    with map_database.connect(map_file) as con:
        yield con


@pytest.fixture(scope="module")
def ask(con):
    known = map_names.build_gazetteer(con)

    def asked(text, country="PE", **options):
        return find_place(text, con, country, gazetteer=known, **options)

    return asked


def choices(answer):
    return [(choice.place.name, choice.place.kind) for choice in answer.choices]


def test_the_map_s_own_places_come_first_and_several_of_one_name_are_asked(ask):
    answer = ask("sorochuco")

    assert isinstance(answer, Candidates)
    assert answer.why == "several"
    assert choices(answer)[0] == ("Sorochuco", "community")
    assert ("Sorochuco", "locality") in choices(answer)
    assert "Provincia de Celendín, Cajamarca, Peru" in place_text.format_choice(answer.choices[1])


def test_a_town_s_answer_mentions_the_community_of_its_name_near_by(ask):
    town = ask("Sorochuco").choices[1]

    assert {other.kind for other in town.namesakes} == {"community", "concession"}
    assert "Sorochuco (community), " in " ".join(place_text.position_notes(town))


@pytest.mark.parametrize(
    "text", ["Sorochuco, comunidad", "comunidad Sorochuco", "Sorochuco (comunidad campesina)", "C.C. Sorochuco"]
)
def test_a_kind_that_is_written_beside_a_name_is_understood_and_not_asked_again(ask, text):
    answer = ask(text)

    assert isinstance(answer, FoundPlace)
    assert answer.place.kind == "community"


def test_a_town_and_the_region_of_its_name_are_both_asked_for(ask):
    assert {"locality", "region"} <= {kind for _name, kind in choices(ask("Cajamarca"))}


def test_what_registers_write_in_capitals_is_shown_in_ordinary_case(ask):
    assert ask("lluchu").place.name == "Lluchu"


def test_a_concession_is_not_taken_where_another_country_has_a_town_of_its_name(tmp_path):
    shapes = {"concessions": box(-78.26, -6.92, -78.25, -6.91)}
    con = map_database.connect(small_map.publish(tmp_path / "build", names={"concessions": "BOGOTA"}, shapes=shapes))

    answer = find_place("Bogotá", con, "PE")

    assert isinstance(answer, Candidates)
    assert answer.abroad
    con.close()


def test_a_company_is_offered_beside_what_else_its_name_may_mean(files):
    files.add("concessions", concessions(3, holder=["MINERA YANACOCHA SRL", "MINERA YANACOCHA SRL", "Otra S.A."]))
    incident = incidents("a,2020-01-01,,public_record,-78.4,-7.0,Paro en Yanacocha", header=f"{HEADER},title")
    files.add("incidents", incident)
    con = map_database.connect(build(files.space).path)

    answer = find_place("Yanacocha", con, "PE")
    alone = find_place("otra", con, "PE")

    assert ("Yanacocha", "mining_project") in choices(answer)
    assert [place_text.topic_name(topic) for topic in answer.topics] == [
        "MINERA YANACOCHA SRL (holder of 2 concessions)",
        "Paro en Yanacocha (recorded case)",
    ]
    assert (alone.choices, alone.topics[0].name) == ((), "Otra S.A.")
    assert "but this map has" in place_text.choice_question(alone, "otra")
    con.close()


def test_well_known_projects_are_found_by_name(ask):
    assert [ask(name).place.kind for name in ("Las Bambas", "Tía María")] == ["mining_project"] * 2
    assert "mining project, approximate location" in place_text.place_name(ask("Las Bambas"))


def test_each_well_known_project_has_a_source_and_lies_in_its_region():
    regions = base_data.load_regions()
    for project in known_projects.load_projects():
        at = regions[regions.contains(shapely.Point(project.longitude, project.latitude))]
        assert at["name"].tolist() == [project.region]
        assert "https://" in project.source or "http://" in project.source


@pytest.mark.parametrize("text", ["Sorochuco Celendín", "Celendín Sorochuco", "Sorochuco, Celendín"])
def test_a_name_in_two_parts_is_looked_for_where_it_says(ask, text):
    assert ("Sorochuco", "locality") in choices(ask(text))


def test_the_only_one_of_its_name_is_found(ask):
    answer = ask("wamanripa")

    assert isinstance(answer, FoundPlace)
    assert (answer.latitude, answer.longitude) == (-8.0, -77.0)
    assert place_text.place_name(answer).startswith("Wamanripa (locality; ")


def test_what_is_alike_is_asked_and_never_taken(ask):
    for text in ("Bosque el Tinco", "Huamanripa", "wamanrip"):
        answer = ask(text)
        assert isinstance(answer, Candidates)
        assert answer.why == "alike"
        assert place_text.choice_question(answer, text) == f"No place called {text} was found. Did you mean …?"


def test_an_area_is_never_taken_for_its_middle(ask):
    for text in ("Pasco", "Cuzco"):
        assert isinstance(ask(text), Candidates)
    assert ask("Lluchu").place.area is not None  # all of it is meant
    assert any("its centre" in place_text.format_choice(choice) for choice in ask("Pasco").choices)
    assert ("Cusco", "locality") in choices(ask("Cuzco"))


def test_a_point_of_the_map_lies_on_its_own_ground(tmp_path):
    vertex = box(-78.0, -7.0, -77.9, -6.0).union(box(-78.0, -7.0, -77.0, -6.9))
    con = map_database.connect(
        small_map.publish(tmp_path / "build", names={"communities": "Ele"}, shapes={"communities": vertex})
    )

    found = find_place("Ele", con, "PE")

    assert vertex.contains(Point(found.longitude, found.latitude))
    con.close()


def test_other_countries_are_looked_through_only_on_request(ask):
    answer = ask("Tegucigalpa")

    assert answer == UnknownPlace(abroad=True)
    assert "Another country has a place with this name" in place_text.unknown_place_text(answer, "Tegucigalpa")
    assert ask("Tegucigalpa", abroad=True).place.country == "HN"
    assert {choice.place.country for choice in ask("Santiago, Chile").choices} == {"CL"}
    assert ask("xqzwvk") == UnknownPlace()


@pytest.mark.parametrize("text", FOUND_AS_WRITTEN)
def test_a_position_is_found_as_it_is_written(ask, text):
    found = ask(text)

    assert isinstance(found, FoundPlace)
    assert (found.latitude, found.longitude) == pytest.approx(AT_SOROCHUCO, abs=2e-3)
    assert place_text.place_name(found).endswith("Sorochuco, Cajamarca, Peru")


def test_a_zone_that_one_place_alone_can_mean_is_supposed_and_said(ask):
    found = ask("803000 9235000")

    assert (found.zone, found.latitude) == ("17S", pytest.approx(-6.913, abs=0.001))
    assert place_text.position_notes(found) == ["How the position was read: in UTM zone 17S (the zone was not stated)."]


def test_a_zone_that_may_be_two_is_asked(ask):
    answer = ask("500000 8600000")

    assert isinstance(answer, Candidates)
    assert {choice.zone for choice in answer.choices} == {"18S", "19S"}


@pytest.mark.parametrize("text", ["-78.2551,-6.9117", "6.9117, 78.2551", "6.9117, -78.2551", "6°54'42\" 78°15'18\""])
def test_swapped_axes_and_forgotten_signs_are_asked_with_the_place_that_they_would_mean(ask, text):
    answer = ask(text)

    assert isinstance(answer, Candidates)
    assert (answer.choices[0].latitude, answer.choices[0].longitude) == pytest.approx(AT_SOROCHUCO, abs=1e-3)
    assert "Sorochuco" in place_text.format_choice(answer.choices[0])


@pytest.mark.parametrize("text", ["-10, -85", "-33.45, -70.66", "47.36, 8.52", "18N 500000 4000000"])
def test_the_sea_and_other_countries_are_asked_not_answered(ask, text):
    answer = ask(text)

    assert isinstance(answer, Candidates)
    assert answer.why == "elsewhere"
    assert "is outside this map's country" in place_text.choice_question(answer, text)


def test_the_sea_is_called_the_sea(ask):
    assert "at sea, " in place_text.format_choice(ask("-10, -85").choices[0])
    assert "far from any land" in place_text.format_choice(ask("47.36, 8.52").choices[0])


@pytest.mark.parametrize("text", ["6°91'S 78°15'W", "-17,-200", "https://maps.app.goo.gl/abc", "3QQV+8X"])
def test_what_is_no_place_is_refused_with_the_reason(ask, text):
    answer = ask(text)

    assert isinstance(answer, UnknownPlace)
    assert "was found" not in place_text.unknown_place_text(answer, text)


def test_a_short_plus_code_is_completed_by_the_town_beside_it(ask):
    found = ask("3QQV+8X Celendín")

    assert abs(found.latitude + 6.9) < 0.5
    assert place_text.position_notes(found) == ["How the position was read: with the short code completed."]


def test_a_country_s_own_zones_are_tried():
    assert country_utm_zones("PE") == (17, 18, 19)
    assert country_utm_zones("") == country_utm_zones("XX") == ()


def test_without_a_country_what_lies_in_or_near_any_is_at_home(con):
    taken = [find_place(f"{lat}, {lon}", con, "") for lat, lon in ((-12.0, -77.2), (4.6, -74.1), (-4.2, -69.95))]
    far = find_place("-12.0, -80.0", con, "")

    assert [type(found) for found in taken] == [FoundPlace] * 3  # off Lima, in Bogotá, where three countries meet
    assert isinstance(far, Candidates)
    assert far.why == "elsewhere"


@pytest.mark.parametrize("size", [pytest.param(200, id="200 ways")])
def test_positions_of_peru_are_right_or_asked_never_elsewhere(ask, size):
    from hypothesis import given, settings

    @settings(max_examples=size)
    @given(ways())
    def holds(way):
        text, (latitude, longitude), degrees = way
        answer = ask(text)
        places = answer.choices if isinstance(answer, Candidates) else [answer]
        at = [(place.latitude, place.longitude) for place in places]
        assert any(place == pytest.approx((latitude, longitude), abs=degrees) for place in at), text

    holds()
