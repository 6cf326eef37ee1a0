"""Ids that last: the same record has the same id in the next file, wherever its row stands."""

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from lindero.layers.model import identity
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, INCIDENTS, MINING_SCARS, VICTIMS


def land(**names_and_vertices):
    """Communities without a code: a good half degree square, by name."""
    shapes = [box(x, y, x + 0.53, y + 0.53) for x, y in names_and_vertices.values()]
    names = [name.strip("_") for name in names_and_vertices]
    return gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=CRS)


def event(**told):
    return pd.DataFrame([{"occurred_on": dt.date(2026, 3, 1), "place_text": "Río Tigre", "title": "Amenaza"} | told])


def by_name(rows, layer=COMMUNITIES):
    return dict(zip(rows["name"], identity.assign_ids(layer, rows, source_id="s"), strict=True))


def test_a_code_names_a_record_with_its_source_alone():
    rows = pd.DataFrame({"code": ["A-1", " A/2 ", 3], "id": ["x", "y", "z"]}, dtype=object)

    assert identity.assign_ids(CONCESSIONS, rows, source_id="s").tolist() == ["s/A-1", "s/A/2", "s/3"]


def test_the_id_in_the_file_serves_where_there_is_no_code_and_stays_as_received_for_incidents():
    rows = pd.DataFrame({"code": [None, "c"], "id": ["7", "8"]}, dtype=object)

    assert identity.assign_ids(CONCESSIONS, rows, source_id="s").tolist() == ["s/7", "s/c"]
    assert identity.assign_ids(INCIDENTS, rows, source_id="s").tolist() == ["7", "8"]


def test_a_moved_row_and_a_corrected_accent_leave_the_id_as_it_is():
    before = by_name(land(Sorochuco=(0, 0), Quinua=(2, 2)))
    after = by_name(land(Nueva=(5, 5), QUINUA=(2, 2.0002), Sórochuco=(0, 0)))

    assert (after["QUINUA"], after["Sórochuco"]) == (before["Quinua"], before["Sorochuco"])


def test_namesakes_far_apart_and_names_in_other_letters_have_ids_of_their_own():
    rows = land(San_Juan=(0, 0), _San_Juan=(4, 4), קהילה=(8, 8), الأرض=(8, 8))

    assert identity.assign_ids(COMMUNITIES, rows, source_id="s").is_unique


def test_an_incident_keeps_its_id_when_its_spelling_is_corrected_and_another_event_has_another():
    ids = [
        identity.assign_ids(INCIDENTS, event(**told), source_id="s").iloc[0]
        for told in ({}, {"place_text": "Rio  Tigre.", "title": "AMENAZA", "region": "Loreto"}, {"title": "Disparo"})
    ]

    assert ids[0] == ids[1]
    assert ids[0] != ids[2]


@pytest.mark.parametrize("layer", [CONCESSIONS, INCIDENTS])
def test_codes_that_repeat_are_told_apart_whatever_the_order_of_the_rows(layer):
    rows = land(A=(0, 0), B=(4, 4), C=(8, 8), D=(9, 9)).assign(
        title=list("wxyz"), code=["k", "k", "k", "once"], occurred_on=dt.date(2026, 1, 1)
    )
    turned = rows.iloc[::-1].reset_index(drop=True)

    assert by_name(rows, layer) == by_name(turned, layer)
    assert identity.assign_ids(layer, rows, source_id="s").is_unique


@given(
    codes=st.lists(st.one_of(st.none(), st.sampled_from("abc"), st.integers(1, 3)), max_size=8),
    key=st.sampled_from(["code", "id"]),
    layer=st.sampled_from([CONCESSIONS, INCIDENTS, VICTIMS, MINING_SCARS]),
)
def test_an_id_names_one_row(codes, key, layer):
    rows = pd.DataFrame({key: codes}, index=pd.RangeIndex(1, len(codes) + 1), dtype=object)

    assert identity.assign_ids(layer, rows, source_id="s").is_unique


def test_ids_of_the_old_form_are_taken_apart():
    old = identity.parse_old_id("c-campesina/2025-01-01/61")

    assert (old.source_id, old.snapshot_on, old.code, old.row_number) == ("c-campesina", dt.date(2025, 1, 1), "61", 61)
    assert identity.parse_old_id("s/2025-01-01/A/7#12").row_number == 12
    assert identity.parse_old_id("s/2025-13-01/7") is None
    assert identity.parse_old_id("s/A-1") is None
    assert [identity.remove_date(one) for one in ("s/2025-01-01/a/b", "s/a", "own-id")] == ["s/a/b", "s/a", "own-id"]


def test_what_an_incident_tells_is_compared_without_accents_and_case():
    assert identity.normalise_attributes(event(title="  AMENAZÓ, ").iloc[0]) == ("2026-03-01", "rio tigre", "amenazo")
    assert identity.normalise_attributes(pd.Series({"title": None})) == ("", "", "")
