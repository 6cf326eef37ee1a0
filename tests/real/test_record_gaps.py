"""
Of the received lists no place, region or year is told 0 attacks where nobody counted them.

The list of killings ends in December 2021 and says nowhere that it is complete; most of its rows name a region alone. The
list of conflicts covers Peru and holds no attack. The counts here are of the file as received.
"""

import pandas as pd
import pytest

from lindero.app.answers import before_after, regions
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Verdict, read_coverage
from lindero.layers.database import map_database
from lindero.layers.reference import base_data
from tests.built import build
from tests.files import shared
from tests.real.plans import space_of

LISTS = {
    "killings": ("killings-global-witness/global_witness_led_22-09-22.csv", "2022-09-22", ""),
    "conflicts": ("peru-conflicts/conflictos.xlsx", "2024-03-31", "PE"),
    "titles": ("peru-cadastre-2026/17s_100326.geojson", "2026-03-10", "PE-CAJ"),
}
PUERTO_MALDONADO = (-12.5974, -69.1876)
PLACES = 20
YEARS = (*range(2007, 2012), *range(2022, 2027))  # before the list of killings begins, and after it ends


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    said = {id_: {"snapshot_on": day, "coverage": covers} for id_, (_name, day, covers) in LISTS.items()}
    names = {id_: name for id_, (name, *_said) in LISTS.items()}
    with map_database.connect(build(space_of(tmp_path_factory, names, said)).path) as con:
        yield con


@pytest.fixture(scope="module")
def received():
    rows = pd.read_csv(shared(LISTS["killings"][0]))
    column = next(name for name in rows if rows[name].astype(str).eq("Peru").any())
    return rows[rows[column] == "Peru"]


def test_no_town_of_peru_is_told_that_no_attack_is_on_record(con):
    covered = read_coverage(con)
    towns = base_data.load_places("PE").sort_values("population", ascending=False)
    for town in towns.drop_duplicates("region_code").head(PLACES).geometry:
        answer = covered.disc_coverage("incidents", town.y, town.x, within_km=10)
        told = coverage_text.none_found_text(answer)

        assert answer.verdict is Verdict.NOT_KNOWN
        assert "No attacks" not in told
        assert "21 killings in Peru, region not known" in told


def test_puerto_maldonado_is_told_of_those_of_its_department(con, received):
    answer = read_coverage(con).disc_coverage("incidents", *PUERTO_MALDONADO, within_km=10)
    in_department = received.astype(str).apply(lambda row: row.str.contains("Madre de Dios")).any(axis=1).sum()

    assert in_department == answer.unplaced.in_region.killings == 3
    assert (
        "3 killings somewhere in Madre de Dios; 21 killings in Peru, region not known"
        in coverage_text.none_found_text(answer)
    )


def test_no_year_without_the_record_is_zero(con):
    counts = before_after.count_by_year(con).set_index("year")["attacks"].reindex(YEARS)

    assert counts.isna().all()


def test_no_region_is_told_0_attacks_because_of_a_list_of_conflicts(con):
    attacks = regions.compare_regions(con, country="PE")["attacks"]

    assert not (attacks == 0).any()
