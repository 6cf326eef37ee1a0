"""What is told of a place: one sentence that can be read aloud, and one SMS."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.answers.coverage.coverage import LayerCoverage, Verdict
from lindero.app.answers.overlap.land import Land
from lindero.app.answers.place import place_report
from lindero.app.text import i18n, sms
from lindero.app.text.escape import remove_markup
from lindero.layers.database.map_database import Source

HOLDER, LAND = "Compañía Minera Ñandú S.A.C.", "Comunidad Nativa Río Áncash"
BY = "INGEMMET, as of March 10, 2026; COFOPRI, as of March 10, 2026; SERNANP, as of March 10, 2026"
HALF = {"c": Land(titles=2, gross_ha=60.0, footprint_ha=50.0, certain_ha=40.0, share=0.5)}


SOURCES = {
    layer: Source(
        layer, dt.date(2026, 3, 10), layer, "", publisher, "", None, None, 1, 1, 0, 0, is_current=True, invented=False
    )
    for layer, publisher in (("concessions", "INGEMMET"), ("communities", "COFOPRI"), ("protected_areas", "SERNANP"))
}
NO_DATA, NOT_KNOWN = Verdict.NO_DATA, Verdict.NOT_KNOWN


def answers(**verdicts):
    """Each layer is covered by its register, unless another verdict is given."""
    told = {layer: LayerCoverage(layer, Verdict.COVERED, (source,), 1.0) for layer, source in SOURCES.items()}
    told["incidents"] = LayerCoverage("incidents", Verdict.COVERED, (), 1.0)
    return told | {layer: LayerCoverage(layer, verdict) for layer, verdict in verdicts.items()}


def place(*layers, holder=HOLDER, name=LAND, distance_m=0.0):
    return [
        {"layer": layer, "id": layer[0], "name": name, "holder": holder, "distance_m": distance_m} for layer in layers
    ]


@pytest.mark.parametrize(
    ("found", "finding", "besides"),
    [
        (
            place(),
            "No concession is recorded here. This place is outside all recorded community land.",
            "This place is not in a recorded protected area.",
        ),
        (
            place("concessions", "communities"),
            (
                "1 concession covers this place, on the land of Comunidad Nativa Río Áncash "
                "(50% of that land is under concession)."
            ),
            "Holder: Compañía Minera Ñandú S\\.A\\.C\\. This place is not in a recorded protected area.",
        ),
        (
            place("protected_areas", name="Bosque"),
            "No concession is recorded here. This place is outside all recorded community land.",
            "This place is in the protected area Bosque.",
        ),
    ],
)
def test_whose_ground_a_place_is_stands_in_one_short_sentence_and_who_says_it_beside(found, finding, besides):
    assert place_report.describe_ground(found, HALF, answers()) == (finding, f"{besides} Sources: {BY}.")


def test_a_layer_without_data_is_a_sentence_and_never_a_zero():
    all_lacking = answers(concessions=NO_DATA, communities=NO_DATA, protected_areas=NO_DATA, incidents=NO_DATA)
    some = answers(concessions=NO_DATA, protected_areas=NOT_KNOWN)

    assert place_report.describe_ground(place(), {}, all_lacking) == (
        "This map has no data on concessions or community lands here.",
        "This map has no data on protected areas here.",
    )
    assert place_report.describe_ground(place("communities"), {}, some) == (
        "This place is on the land of Comunidad Nativa Río Áncash. This map has no data on concessions here.",
        (
            "Sources: COFOPRI, as of March 10, 2026. It is not known whether there are protected "
            "areas here: no source states that it covers this place."
        ),
    )
    assert "0" not in place_report.format_sms(place(), "Huancayo", {}, all_lacking, 25).partition(";")[2]
    assert "concessions: no data here" in place_report.format_sms(place(), "Huancayo", {}, all_lacking, 25)


def test_a_part_without_data_makes_no_zero_of_attacks():
    half = answers() | {"incidents": LayerCoverage("incidents", Verdict.COVERED, (), 0.5)}

    assert "attacks or conflicts: none recorded in 50%, no data on the rest" in place_report.format_sms(
        place(), "Huancayo", {}, half, 25
    )
    assert "0 attacks or conflicts within 25 km" in place_report.format_sms(place(), "Huancayo", {}, answers(), 25)


def test_a_land_without_concessions_is_told_only_as_far_as_the_map_has_data():
    bare = Land(titles=0, gross_ha=0.0, footprint_ha=0.0, certain_ha=0.0, share=0.0)
    said = {
        verdict: place_report.share_text(bare, answers(concessions=verdict)["concessions"])
        for verdict in (NO_DATA, NOT_KNOWN)
    }

    assert said[NO_DATA] == "This map has no data on concessions here."
    assert said[NOT_KNOWN].startswith("It is not known whether there are concessions here")
    assert (
        place_report.share_text(bare, answers()["concessions"])
        == "No concessions on record here (INGEMMET, as of March 10, 2026)."
    )


def test_what_is_only_near_is_not_said_to_be_here():
    assert place_report.describe_ground(
        place("concessions", distance_m=1.0), {}, answers()
    ) == place_report.describe_ground(place(), {}, answers())


def test_many_holders_are_counted_after_the_third():
    found = [row for n in range(5) for row in place("concessions", holder=f"Holder {n}")]

    told = place_report.describe_ground(found, {}, answers())
    assert told.finding.startswith("5 concessions cover this place. This place is outside all recorded community land")
    assert told.besides.startswith("Holders: Holder 0, Holder 1, Holder 2, and 2 more. This place")


def test_what_the_map_cannot_know_of_titles_and_lands_is_in_the_finding_and_several_lands_are_named_in_it():
    others = answers(concessions=NO_DATA, communities=NO_DATA)
    lands = [row for n in range(5) for row in place("communities", name=f"Land {n}")]

    assert place_report.describe_ground(place("protected_areas", name="Bosque"), {}, others) == (
        "This map has no data on concessions or community lands here.",
        "This place is in the protected area Bosque. Sources: SERNANP, as of March 10, 2026.",
    )
    told = place_report.describe_ground(lands, HALF, answers(protected_areas=NO_DATA))
    assert told.finding == (
        "No concession is recorded here. This place is on the lands of Land 0, Land 1, Land 2, and 2 more."
    )
    assert told.besides.endswith("This map has no data on protected areas here.")


@pytest.mark.parametrize(("precision", "said"), [("day", "March 5, 2021"), ("month", "March 2021"), ("year", "2021")])
def test_a_day_that_nobody_gave_is_not_told_of_an_attack(precision, said):
    row = {"title": "Threat", "occurred_on": "2021-03-05", "date_precision": precision, "distance_m": 2_000}

    assert (
        place_report.format_incident({**row, "location_precision": "exact"})
        == f"**Threat**, {said}, 2.0 km away (exact place)"
    )


def test_what_a_register_does_not_say_of_a_title_is_said_to_be_unknown():
    row = {"name": "T", "kind": "mining", "status": "unknown", "area_ha": 5.0}
    bare = place_report.format_concession({**row, **dict.fromkeys(("holder", "substance", "granted_on", "applied_on"))})

    assert bare == "**T** (mining; substance not recorded), holder: name not recorded; status not known, 5 ha."


@pytest.mark.parametrize("language", i18n.languages())
def test_an_sms_tells_place_counts_holder_and_land_in_its_own_alphabet(language):
    i18n.set_language(language)

    text = place_report.format_sms(place("concessions", "communities"), "Ñuñoa (Puno)", HALF, answers(), 25)

    assert text.startswith("Ñuñoa (Puno); 1 ")
    assert "Compañia Minera Ñandu S.A.C." in text
    assert "Comunidad Nativa Rio Ancash 50" in text
    assert set(text) <= sms.ALPHABET


@given(st.lists(st.text(min_size=1, max_size=90), max_size=6))
def test_whatever_the_names_one_sms_holds_the_text(names):
    found = [row for name in names for row in place("concessions", holder=name)]

    text = place_report.format_sms(found, "Huancayo", {}, answers(), 25)

    assert place_report.fits_sms(text)
    assert text.startswith("Huancayo")


def test_an_sms_holds_160_letters_of_its_alphabet_and_70_of_any_other():
    assert place_report.fits_sms("ñ" * 160)
    assert not place_report.fits_sms("ñ" * 161)
    assert not place_report.fits_sms("€" * 81)  # two each
    assert place_report.fits_sms("ã" * 70)
    assert not place_report.fits_sms("ã" * 71)


def test_letters_beyond_the_alphabet_lose_their_accents_alone():
    assert place_report.to_sms_alphabet("Río Ñawi “Áéíóú” – qʼero…") == 'Rio Ñawi "Aéiou" - q\'ero...'


@pytest.mark.parametrize(
    ("precision", "name", "near", "told"),
    [
        ("district", "Hualgayoc", 5_300.0, "in the district of Hualgayoc, between 5.3 km and 31.2 km away"),
        ("district", "Hualgayoc", 0.0, "in the district of Hualgayoc, which reaches here"),
        ("province", "Celendín", 0.0, "in the province of Celendín, which reaches here"),
        (
            "district",
            None,
            17_200.0,
            "the centre of its district is between 17.2 km and 31.2 km away; the extent of the district is not on this map",
        ),
        (
            "province",
            None,
            0.0,
            "the centre of its province is up to 31.2 km away; the extent of the province is not on this map",
        ),
        ("exact", None, 5_300.0, "between 5.3 km and 31.2 km away"),
    ],
)
def test_an_incident_known_by_an_area_is_told_by_both_ends_of_it(precision, name, near, told):
    row = {"title": "Threat", "occurred_on": "2021-03-05", "date_precision": "day", "distance_m": float("nan")}
    ends = {"area_m": near, "area_far_m": 31_200.0, "area_name": name, "location_precision": precision}

    assert remove_markup(place_report.format_incident({**row, **ends})) == f"Threat, March 5, 2021: {told}"


def test_a_publisher_stands_in_a_message_as_it_is_called():
    known = answers(communities=NO_DATA, incidents=NO_DATA, protected_areas=NO_DATA)
    by = dataclasses.replace(SOURCES["concessions"], publisher="Región / COFOPRI (2026)")
    known["concessions"] = dataclasses.replace(known["concessions"], sources=(by,))

    assert "Region / COFOPRI (2026) 2026-03-10" in place_report.format_sms(place(), "Celendín", {}, known, 25)
