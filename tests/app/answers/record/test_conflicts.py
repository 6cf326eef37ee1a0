"""What is on record of a conflict: with whom it is, how far it has come."""

import pandas as pd
import pytest

from lindero.app.answers.holder_spellings import find_conflicts
from lindero.app.answers.record import case_text
from lindero.app.answers.record.incidents import read_record
from lindero.layers.database import map_database
from lindero.layers.publish.rules import PUBLISHED
from tests.answered import at_page
from tests.built import build
from tests.files import concessions
from tests.shown_tables import tables

HEAD = "caso,pais,departamento,distrito,empresa,actividad,fase,vio_if,dial_if,lat,lon"
ROW = "Conflicto inventado,Peru,Cajamarca,San Miguel,Minera Inventada S.A.,Minería,{},{},{},-7,-78.5"


@pytest.mark.parametrize(
    ("phase", "violence", "dialogue", "known", "told"),
    [
        ("Escalamiento", "Sí", "No", ["escalating", True, False], ["escalating", "yes", "no"]),
        ("Otra", "", "", ["unknown", None, None], []),
    ],
)
def test_a_conflict_keeps_its_company_phase_violence_and_dialogue(files, phase, violence, dialogue, known, told):
    table = f"{HEAD}\n{ROW.format(phase, violence, dialogue)}\n"
    files.add("incidents", table, mapping="defensoria_conflicts")
    con = map_database.connect(build(files.space).path)
    row = read_record(con).incidents.to_dict("records")[0]
    con.close()

    assert row["company"] == "Minera Inventada S.A."
    assert [row[name] for name in ("conflict_phase", "violent", "in_dialogue")] == known
    said = case_text.incident_facts(row)
    assert [line.rpartition(": ")[2] for line in said if "conflict**" in line or "There" in line] == told
    assert any(line.startswith("**Company**: Minera Inventada") for line in said)


def test_none_of_it_is_published():
    assert not {"company", "conflict_phase", "violent", "in_dialogue"} & {*PUBLISHED["incidents"]}


@pytest.mark.parametrize(
    ("company", "is_one"),
    [
        ("Minera Inventada S.A.", True),
        ("Cía. Minera Inventada", True),
        ("Otra S.A. - Minera Inventada S.A.C.", True),
        ("Minera Inventada II", False),
        ("Otra S.A.", False),
        (None, False),
    ],
)
def test_the_company_of_a_conflict_is_matched_to_holders(company, is_one):
    told = pd.DataFrame({"id": ["a"], "company": [company]})

    assert len(find_conflicts(told, ["MINERA INVENTADA S.R.L."])) == is_one


def test_the_page_of_a_holder_lists_the_conflicts_with_a_company_of_its_name(files):
    text = f"{HEAD}\n{ROW.format('Escalamiento', 'Sí', 'No')}\n"
    files.add("incidents", text, mapping="defensoria_conflicts")
    files.add("concessions", concessions(2, holder="COMPAÑIA MINERA INVENTADA S.R.L."))
    build(files.space)
    page = at_page(files.space.build_folder, "holder")
    page.selectbox[0].select_index(1).run()
    listed = next(one for one in tables(page) if "company" in one)

    assert listed["company"].tolist() == ["Minera Inventada S.A."]
