"""Names to places: spelling forgiven, the best first, and no guess that does not say so."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Gazetteer, country_code, of_country, parts_of, region_of
from lindero.layers.reference.name_index import key, normalise, sound
from tests.files import shared


def find(text, *, country=None, limit=8):
    name, *within = parts_of(text)
    known = of_country(country)
    return known.like(name, within, limit=limit) or known.like(key(text), limit=limit)


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
    assert key("Sta. Cruz") == key("SANTA CRUZ") == key("C.C. Santa Cruz") == key("Comunidad Campesina de Santa Cruz")
    assert key("Q'ero") == key("Q’ero") == key("qero")
    assert sound(key("Q'eros")) == sound(key("Queros"))
    assert sound(key("Qosqo")) == sound(key("Cuzco")) == sound(key("Cusco"))
    assert sound(key("Celendín")) != sound(key("Calendín"))


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
    found = region_of(text, "PE")

    assert (found.place.name, found.place.kind, found.matched) == (name, kind, matched)


@pytest.mark.parametrize("text", ["", "sin dato", "San Juan", "Mara, Narnia", "Antioquia la Grande"])
def test_what_is_unknown_or_could_be_several_is_not_guessed(text):
    assert region_of(text, "PE") is None


def test_every_place_that_alone_has_its_name_is_found_by_it():
    known = of_country("GT")
    names = {place.name: known.named(key(place.name)) for place in known.places}
    alone = {name: places[0].kind for name, places in names.items() if len(places) == 1}
    found = {name: region_of(f" {name.upper()} ", "GT") for name in alone if len(parts_of(name)) == 1}

    assert len(found) > 150
    assert {name: (place.place.name, place.place.kind, place.matched) for name, place in found.items() if place} == {
        name: (name, alone[name], "exact") for name in found
    }


def test_every_province_lies_in_itself():
    assert {place.province == place.name for place in of_country("PE").places if place.kind == "province"} == {True}


def test_what_sounds_alike_in_a_box_is_what_sounds_alike_and_lies_in_it():
    every = of_country("PE").sounding("san juan")
    inside = [place for place in every if -80 <= place.longitude <= -76 and -8 <= place.latitude <= -6]

    assert of_country("PE").sounding_in("san juan", (-80.0, -8.0, -76.0, -6.0)) == inside
    assert 0 < len(inside) < len(every)


def test_what_is_known_of_places_is_looked_up_when_one_is_found():
    looked_up = []
    yauri = find("Yauri")[0]

    def completed(places):
        looked_up.append(len(places))
        return [place._replace(region="looked up") for place in places]

    own = Gazetteer([(yauri, frozenset({"yauri"}))], completed)

    assert own.named("espinar") == []
    assert looked_up == []
    assert [place.region for place in own.named("yauri") + own.sounding("yauri")] == ["looked up"] * 2
    assert looked_up == [1]


def test_a_region_is_not_looked_for_in_another_country():
    assert region_of("Antioquia", "CO").place.kind == "region"
    assert region_of("Cundinamarca", "PE") is None


def test_a_part_of_the_text_that_is_only_like_a_name_is_not_taken():
    assert region_of("Pará - Amazon", "BR").place.name == "Pará"


def test_countries_are_known_by_both_names():
    assert country_code("Brazil") == country_code("Brasil") == "BR"
    assert country_code("Dominican Republic") == "DO"
    assert country_code("Narnia") is None


def test_every_region_finds_itself():
    for region in base_data.regions("PE").itertuples():
        assert region_of(region.name, "PE").place.code == region.code


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text):
    assert len(find(text, country="PE")) <= 8
    found = region_of(text, "PE")
    assert found is None or found.matched in {"exact", "spelling", "part"}


@given(st.text(max_size=30))
def test_a_normalised_name_stays_as_it_is_but_for_words_before_it(text):
    once = normalise(text)

    assert once == once.lower().strip()
    assert once.isascii()
    assert normalise(once.upper()) in once


@given(st.deferred(lambda: st.sampled_from(find("a", country="PE", limit=500))))
def test_a_name_finds_a_place_of_that_name(place):
    assert normalise(find(place.name, country="PE")[0].name) == normalise(place.name)


def test_all_regions_of_killings_in_peru_are_found():
    file = shared("killings-global-witness/global_witness_led_22-09-22.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    named = {row["local_region"] for row in rows if row["country"] == "Peru"} - {""}

    found = {text: region_of(text, "PE") for text in named}

    assert len(named) == 13
    assert {text for text, region in found.items() if region is None or region.matched != "exact"} == set()
    assert {text for text, region in found.items() if region.place.kind != "region"} == {
        "Cotabambas",
        "Pataz",
        "Mara, Apurímac",
    }


def test_what_was_looked_at_is_kept_nowhere():
    box = (-80.0, -8.0, -76.0, -6.0)
    near = base_data.columns("places", "name", bounds=box)
    read = base_data._kept_columns.cache_info().currsize

    assert base_data.columns("places", "name", bounds=box) == near != base_data.columns("places", "name")
    assert base_data.columns("places", "name", bounds=box) is not near
    assert base_data._kept_columns.cache_info().currsize <= read + 1  # all names, of no box
