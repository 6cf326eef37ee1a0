"""Counts are of cases and people: what two sources tell, or one person lived through, is counted once."""

import datetime as dt
import json

import pandas as pd
import pytest

from lindero.app.media.site.cases import (
    PossibleDuplicates,
    count_possible_duplicates,
    find_suspected_pairs,
    join_incidents,
    select_distinct_cases,
)
from lindero.layers.database import map_writer
from lindero.layers.publish import published_database
from lindero.layers.vault import vault_file
from tests.built import build
from tests.counted_files import fill
from tests.files import text
from tests.secret_files import SECRETS, chosen, csv_of, made, put


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    return made(folder)


@pytest.fixture
def only(held):
    """Let the vault hold what a test says, by source, and nothing else."""

    def filled(**sources):
        with vault_file.change_vault(held) as con:
            for name in ("incidents", "sources", "received_rows", "apart", "same_incidents"):
                con.execute(f"DELETE FROM {name}")
            for source, (count, told) in sources.items():
                fill(con, count, source=source, **told)
        return held

    return filled


def found(held):
    with vault_file.open_vault(held) as con:
        return select_distinct_cases(con, None)


def test_three_cases_that_two_partners_send_are_three(only):
    told = found(only(enero=(3, {}), copia=(3, {})))

    assert (len(told.distinct), told.copies) == (3, 3)


def test_a_copy_in_other_words_of_the_same_day_and_region_is_none_more(only):
    words = ["la amenazaron en su casa", "disparos de noche", "un mensaje por teléfono"]

    assert len(found(only(enero=(3, {}), copia=(3, {"title": words}))).distinct) == 3


def test_what_one_source_tells_twice_in_the_same_words_is_one(only):
    told = {"title": "Amenaza", "place_text": "Caserío X", "occurred_on": dt.date(2024, 2, 3)}

    assert len(found(only(socio=(4, told))).distinct) == 1


def test_cases_of_one_source_on_other_days_or_in_other_words_are_all_counted(only):
    assert len(found(only(socio=(9, {}))).distinct) == 9
    assert len(found(only(socio=(4, {"occurred_on": dt.date(2024, 2, 3)}))).distinct) == 4


def received(held, source, rows):
    with vault_file.change_vault(held) as con:
        told = {"source_id": source, "snapshot_on": dt.date(2026, 6, 30)}
        fields = [json.dumps(row) for row in rows]
        made_of = pd.DataFrame({"row_number": range(1, len(rows) + 1), "fields": fields}).assign(**told)
        map_writer.write_table(con, "received_rows", made_of)


@pytest.mark.parametrize(
    ("field", "values", "people"),
    [
        ("telefono", ["+51 961 234 567", "961234567", "961-234-567", "962 000 001"], 2),
        ("documento", ["50996545", "50996545", 50996545, "40000000"], 2),
        ("nombre", ["Ñusta Quilla", "NUSTA QUILLA", "ñusta  quilla", "Otra Persona"], 2),
        ("nota", ["llamar al 961234567", "ella: 961 234 567", "sin teléfono", "nada"], 3),
        ("lugar", ["San Juan", "San Juan", "San Juan", "San Juan"], 4),
        ("longitude", ["-74.5123456789"] * 4, 4),
    ],
)
def test_records_that_share_a_number_or_a_name_are_of_one_person(only, field, values, people):
    held = only(socio=(4, {}))
    received(held, "socio", [{field: value} for value in values])

    assert len(found(held).distinct) == people


def test_a_case_that_is_confidential_or_public_elsewhere_is_not_counted(only):
    told = found(
        only(enero=(6, {}), otra=(2, {"visibility": "confidential"}), prensa=(1, {"visibility": "public_record"}))
    )

    assert len(told.distinct) == 4
    assert told.known_otherwise == 2


def test_what_is_decided_counts(only):
    held = only(enero=(3, {}), copia=(3, {}))
    with vault_file.change_vault(held) as con:
        for n in range(3):
            published_database.store_decision(con, (f"enero-{n}", f"copia-{n}"), is_same=False)
    assert len(found(held).distinct) == 6

    with vault_file.change_vault(held) as con:
        published_database.store_decision(con, ("copia-1", "enero-1"), is_same=True)
    assert len(found(held).distinct) == 5


def test_what_is_told_already_is_told_by_where_it_is(only):
    told = {"title": "Amenaza", "place_text": "Caserío X", "occurred_on": dt.date(2022, 2, 3)}
    held = only(enero=(3, {}), copia=(2, {}), doble=(2, told))
    with vault_file.open_vault(held) as con:
        assert count_possible_duplicates(con, None, "copia") == PossibleDuplicates(in_vault=2, on_map=0, in_source=0)
        assert count_possible_duplicates(con, None, "enero") == PossibleDuplicates(in_vault=2, on_map=0, in_source=0)
        assert count_possible_duplicates(con, None, "doble") == PossibleDuplicates(in_vault=0, on_map=0, in_source=2)


def test_confidential_records_are_none_of_the_restricted_ones(only):
    held = only(enero=(3, {}), otra=(2, {"visibility": "confidential"}))
    with vault_file.open_vault(held) as con:
        assert count_possible_duplicates(con, None, "otra") == PossibleDuplicates(in_vault=0, on_map=0, in_source=0)


def test_what_is_added_to_the_vault_and_told_already_is_said_with_counts(files, tmp_path, typed):
    on_map = SECRETS[1].row(visibility="public_record", id="prensa-1", sources="La República", title="Amenaza")
    files.add("incidents", csv_of([on_map]), id="prensa")
    build(files.space)
    rows = [SECRETS[n].row(visibility="restricted", occurred_on=f"2024-0{n}-10") for n in (3, 5, 7)]
    rows += [SECRETS[1].row(visibility="restricted", id="r-1", title="Otra cosa")]
    assert typed("vault", "init", "--workspace", files.folder)[0] == 0
    said = []
    for name in ("enero", "copia"):
        sent = text(tmp_path / f"{name}.csv", csv_of(row | {"id": f"{name}-{row['id']}"} for row in rows))
        add = ("vault", "add", sent, "--layer", "incidents", "--publisher", name, "--yes")
        code, _, told = typed(*add, "--workspace", files.folder)
        assert code == 0, told
        said.append(" ".join(told.split()))

    assert "may repeat a case or a person: 0 from the vault, 1 from the map" in said[0]
    assert "may repeat a case or a person: 4 from the vault, 1 from the map, 0 within the file" in said[1]


def test_why_a_pair_is_suspected_is_told(only):
    held = only(enero=(1, {}), copia=(1, {}))
    with vault_file.open_vault(held) as con:
        (reasons,) = find_suspected_pairs(con, join_incidents(con, None)).values()

    assert {"same_day", "same_region", "alike_words"} <= set(reasons)


def test_a_case_on_the_map_is_looked_for_and_three_people_sent_twice_are_no_five(files, tmp_path):
    on_map = SECRETS[1].row(
        visibility="public_record", id="prensa-1", sources="La República", title="Amenaza en Ucayali"
    )
    files.add("incidents", csv_of([on_map]), id="prensa")
    build(files.space)
    held = made(files.folder)
    rows = [SECRETS[n].row(visibility="restricted", occurred_on=f"2024-0{n}-10") for n in (3, 5, 7)]
    for name in ("enero", "copia"):
        put(
            held,
            files.space,
            text(tmp_path / f"{name}.csv", csv_of(row | {"id": f"{name}-{row['id']}"} for row in rows)),
        )

    pub = chosen(files.space, held)

    assert pub.counts.empty
    assert pub.withheld["copies"] == 3
    same_day = SECRETS[1].row(visibility="restricted", id="r-1", title="Otra cosa")
    put(held, files.space, text(tmp_path / "mas.csv", csv_of([same_day])))
    assert chosen(files.space, held).withheld["known_otherwise"] == 1
