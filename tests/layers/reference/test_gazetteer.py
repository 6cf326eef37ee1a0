"""Names to places: spelling forgiven, the best first, and no guess that does not say so."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.layers.reference import base_data
from lindero.layers.reference.country_names import find_country_code
from lindero.layers.reference.gazetteer import Gazetteer, country_gazetteer, find_region, split_name
from lindero.layers.reference.known_projects import projects_gazetteer
from lindero.layers.reference.name_index import name_key, normalise_name, phonetic_key
from tests.files import shared


def find(text, *, country=None, limit=8):
    name, *within = split_name(text)
    known = country_gazetteer(country)
    return known.find_similar(name, within, limit=limit) or known.find_similar(name_key(text), limit=limit)


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Cajamarca", "Cajamarca", "region"),
        ("caj", "Cajamarca", "region"),
        ("cuzco", "Cusco", "region"),
        ("Huancabelica", "Huancavelica", "region"),
        ("JUNIN", "Junín", "region"),
        ("Espinar", "Provincia de Espinar", "province"),
        ("yauri", "Yauri", "locality"),
        ("maldonado", "Puerto Maldonado", "locality"),
        ("Mara, Apurímac", "Mara", "locality"),
        ("san juan, cajamarca", "San Juan", "locality"),
        ("Sn Juan, Cajamarca", "San Juan", "locality"),
        ("Pto. Maldonado", "Puerto Maldonado", "locality"),
        ("Qosqo", "Cusco", "region"),
        ("Wankayu", "Huancayo", "locality"),
        ("La Encañada", "Encañada", "locality"),
        ("Perú", "Peru", "country"),
    ],
)
def test_what_is_typed_finds_first_what_is_meant(text, name, kind):
    first = find(text, country="PE")[0]

    assert (first.name, first.kind, first.country) == (name, kind, "PE")


def test_a_found_place_is_where_it_is():
    yauri = find("Yauri")[0]

    assert (yauri.region, yauri.province) == ("Cusco", "Provincia de Espinar")
    assert yauri.longitude == pytest.approx(-71.41, abs=0.01)
    assert yauri.latitude == pytest.approx(-14.79, abs=0.01)
    assert yauri.population > 10_000


def test_a_place_within_another_is_not_found_elsewhere():
    assert {place.region for place in find("San Juan, Cajamarca", country="PE")} == {"Cajamarca"}


def test_names_are_one_however_they_are_abbreviated_or_spelt():
    assert (
        name_key("Sta. Cruz")
        == name_key("SANTA CRUZ")
        == name_key("C.C. Santa Cruz")
        == name_key("Comunidad Campesina de Santa Cruz")
    )
    assert name_key("Q'ero") == name_key("Q’ero") == name_key("qero")
    assert phonetic_key(name_key("Q'eros")) == phonetic_key(name_key("Queros"))
    assert phonetic_key(name_key("Qosqo")) == phonetic_key(name_key("Cuzco")) == phonetic_key(name_key("Cusco"))
    assert phonetic_key(name_key("Celendín")) != phonetic_key(name_key("Calendín"))


def test_nothing_is_found_for_nothing():
    assert find("") == find(" ,") == find("qqqqqqqq") == []


def test_no_more_than_asked_for_and_best_first():
    found = find("san", country="PE", limit=5)

    assert len(found) == 5
    assert [place.score for place in found] == sorted((place.score for place in found), reverse=True)


@pytest.mark.parametrize(
    ("text", "name", "kind", "matched"),
    [
        ("Junín", "Junín", "region", "exact"),
        ("Apurimac", "Apurímac", "region", "exact"),
        ("Apurimak", "Apurímac", "region", "spelling"),
        ("Departamento de Cusco", "Cusco", "region", "exact"),
        ("Cotabambas", "Provincia de Cotabambas", "province", "exact"),
        ("Pataz", "Provincia de Pataz", "province", "exact"),
        ("Mara, Apurímac", "Mara", "locality", "exact"),
        ("Celendín (Cajamarca)", "Provincia de Celendín", "province", "exact"),
        ("Comunidad sin nombre, Loreto", "Loreto", "region", "part"),
        ("Perú", "Peru", "country", "exact"),
    ],
)
def test_a_record_gets_the_area_that_it_names(text, name, kind, matched):
    found = find_region(text, "PE")

    assert (found.place.name, found.place.kind, found.matched) == (name, kind, matched)


@pytest.mark.parametrize("text", ["", "sin dato", "San Juan", "Mara, Narnia", "Antioquia la Grande"])
def test_what_is_unknown_or_could_be_several_is_not_guessed(text):
    assert find_region(text, "PE") is None


def test_every_place_that_alone_has_its_name_is_found_by_it():
    known = country_gazetteer("GT")
    names = {place.name: known.find_exact(name_key(place.name)) for place in known.places}
    alone = {name: places[0].kind for name, places in names.items() if len(places) == 1}
    found = {name: find_region(f" {name.upper()} ", "GT") for name in alone if len(split_name(name)) == 1}

    assert len(found) > 150
    assert {name: (place.place.name, place.place.kind, place.matched) for name, place in found.items() if place} == {
        name: (name, alone[name], "exact") for name in found
    }


def test_every_province_lies_in_itself():
    assert {place.province == place.name for place in country_gazetteer("PE").places if place.kind == "province"} == {
        True
    }


def test_what_sounds_alike_in_a_box_is_what_sounds_alike_and_lies_in_it():
    every = country_gazetteer("PE").find_by_sound("san juan")
    inside = [place for place in every if -80 <= place.longitude <= -76 and -8 <= place.latitude <= -6]

    assert country_gazetteer("PE").find_by_sound_in_box("san juan", (-80.0, -8.0, -76.0, -6.0)) == inside
    assert 0 < len(inside) < len(every)


def test_what_is_known_of_places_is_looked_up_when_one_is_found():
    looked_up = []
    yauri = find("Yauri")[0]

    def completed(places):
        looked_up.append(len(places))
        return [place._replace(region="looked up") for place in places]

    own = Gazetteer([(yauri, frozenset({"yauri"}))], completed)

    assert own.find_exact("espinar") == []
    assert looked_up == []
    assert [place.region for place in own.find_exact("yauri") + own.find_by_sound("yauri")] == ["looked up"] * 2
    assert looked_up == [1]


def test_a_region_is_not_looked_for_in_another_country():
    assert find_region("Antioquia", "CO").place.kind == "region"
    assert find_region("Cundinamarca", "PE") is None


def test_a_part_of_the_text_that_is_only_like_a_name_is_not_taken():
    assert find_region("Pará - Amazon", "BR").place.name == "Pará"


def test_countries_are_known_by_both_names():
    assert find_country_code("Brazil") == find_country_code("Brasil") == "BR"
    assert find_country_code("Dominican Republic") == "DO"
    assert find_country_code("Narnia") is None


def test_every_region_finds_itself():
    for region in base_data.load_regions("PE").itertuples():
        assert find_region(region.name, "PE").place.code == region.code


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text):
    assert len(find(text, country="PE")) <= 8
    found = find_region(text, "PE")
    assert found is None or found.matched in {"exact", "spelling", "part"}


@given(st.text(max_size=30))
def test_a_normalised_name_stays_as_it_is_but_for_words_before_it(text):
    once = normalise_name(text)

    assert once == once.lower().strip()
    assert once.isascii()
    assert normalise_name(once.upper()) in once


@given(st.deferred(lambda: st.sampled_from(find("a", country="PE", limit=500))))
def test_a_name_finds_a_place_of_that_name(place):
    assert normalise_name(find(place.name, country="PE")[0].name) == normalise_name(place.name)


def test_all_regions_of_killings_in_peru_are_found():
    file = shared("killings-global-witness/global_witness_led_22-09-22.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    named = {row["local_region"] for row in rows if row["country"] == "Peru"} - {""}

    found = {text: find_region(text, "PE") for text in named}

    assert len(named) == 13
    assert {text for text, region in found.items() if region is None or region.matched != "exact"} == set()
    assert {text for text, region in found.items() if region.place.kind != "region"} == {
        "Cotabambas",
        "Pataz",
        "Mara, Apurímac",
    }


def test_what_was_looked_at_is_kept_nowhere():
    box = (-80.0, -8.0, -76.0, -6.0)
    near = base_data.read_columns("places", "name", bounds=box)
    read = base_data._kept_columns.cache_info().currsize

    assert base_data.read_columns("places", "name", bounds=box) == near != base_data.read_columns("places", "name")
    assert base_data.read_columns("places", "name", bounds=box) is not near
    assert base_data._kept_columns.cache_info().currsize <= read + 1  # all names, of no box


@pytest.mark.parametrize("country", [None, "", "PE"])
def test_a_known_project_is_found_where_no_country_is_chosen(country):
    assert [place.name for place in projects_gazetteer(country).find_exact("las bambas")] == ["Las Bambas"]
