"""On Peru's own record *Where is protection missing?* names no first region, and every region with attacks is ranked."""

import pandas as pd
import pytest

from lindero.app.answers import regions
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.need_answer import need_answer
from lindero.app.answers.protection.needs import NeedsQuestion, compare_needs
from lindero.app.media.text import plain_text
from lindero.app.text import i18n
from lindero.layers.database import map_database
from tests.built import build
from tests.files import shared
from tests.real.plans import space_of

NAMES = {
    "killings": "killings-global-witness/global_witness_led_22-09-22.csv",
    "conflicts": "peru-conflicts/conflictos.xlsx",
    "departments": "peru-admin/peru_departamental_simple.geojson",
}


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    with map_database.connect(build(space_of(tmp_path_factory, NAMES)).path) as con:
        yield con


@pytest.fixture(scope="module")
def found(con):
    i18n.set_language("en")
    return compare_needs(con, NeedsQuestion(), country="PE")


@pytest.fixture(scope="module")
def killings():
    """Attacks of the received file in Peru by region, empty where it names none; read without Lindero."""
    rows = pd.read_csv(shared(NAMES["killings"]))
    return rows.loc[rows["country"] == "Peru", "local_region"].fillna("")


def test_every_region_with_attacks_is_ranked_with_a_range(found, killings):
    named = sorted(set(killings) & set(found.rows["name"]))
    ranked = found.ranked_rows.set_index("name")

    assert len(found.rows) == 25
    assert len(named) >= 9
    assert set(named) <= set(ranked.index)
    assert (ranked["rank_low"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_high"]).all()
    assert ranked["attacks"].sum() + found.uncounted_attacks == len(killings)
    assert {"Junín", "Pasco", "Apurímac", "Ucayali", "Arequipa", "Madre de Dios"} <= set(ranked.index)


def test_the_answer_names_known_killings_their_range_and_what_is_not_known(found):
    told = plain_text.format_sentences(need_answer(found).select_sections("finding", "doubts"))

    assert told.startswith(
        "Known killings per 100,000 people, 2012–2021: 2.1 (3 killings, 0.4 – 6.2) in Madre de Dios, 1.6 (4 killings, 0.4 – "
        "4.0) in Pasco, and 1.5 (6 killings, 0.5 – 3.2) in Apurímac. Which is highest cannot be told: 11 are too close to "
        "tell apart and 14 are not known. Not placed in any of them: 21 of 51 killings. What protection was given is not "
        "known."
    )
    assert f"one of these may be first of {len(found.ranked_rows)}, by nine of ten trials" in told
    assert "Only one indicator decides the order: attacks." in told
    assert "Not used, because they are not known for most: " in told


def test_people_killed_are_told_where_killings_are_on_record(found):
    told = [needs_text.killed_text(row) for row in found.ranked_rows.to_dict("records")]

    assert told == [str(count) for count in found.ranked_rows["people_killed"]]
    assert needs_text.killed_text(
        found.rows[["killings", "killings_unstated", "people_killed"]].sum(min_count=1).to_dict()
    )


def test_no_measure_that_nobody_counted_is_a_zero(found):
    assert found.rows[["asked", "granted", "refused", "without_outcome", "without_measure"]].isna().all(axis=None)


def test_regions_that_attacks_alone_name_are_compared(con, killings):
    compared = regions.compare_regions(con, country="PE").set_index("name")["attacks"]

    assert all(compared[name] >= count for name, count in killings.value_counts().items() if name in compared)
