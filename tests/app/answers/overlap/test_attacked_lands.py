import json

import pytest
from typer.testing import CliRunner

from lindero.app.answers.overlap.attacked_lands import attacked_lands
from lindero.app.commands.index import program
from lindero.layers.database import map_database
from tests.answered import at_page, typed
from tests.built import build
from tests.files import Files, concessions, incidents
from tests.shown_tables import tables

HEADER = "code,occurred_on,visibility,location_precision,region,country,longitude,latitude"
ON_LAND = "-78.495,-6.995"
ATTACK = f"a,2025-01-01,public_record,exact,Cajamarca,PE,{ON_LAND}"
OF_DISTRICT = f"b,2025-02-01,public_record,district,Cajamarca,PE,{ON_LAND}"
CONFLICT = f"c,2025-03-01,public_record,exact,Cajamarca,PE,{ON_LAND}"
OF_REGION = "d,2025-04-01,public_record,region,Cajamarca,PE,,"
HOLDERS = ["Minera Alta S.A.", "MINERA ALTA SA", "Otra S.A.C."]


def found(folder, *rows, lands=(0, 1, 2)):
    files = Files(folder / "space")
    files.add("concessions", concessions(3, holder=HOLDERS), id="cadastre")
    land = concessions(3).drop(columns=["holder", "status"]).iloc[list(lands)]
    files.add("communities", land.dissolve().assign(code="K1", name="Alta"), id="lands")
    files.add("incidents", incidents(*rows, header=HEADER), id="record")
    attacks = [row[0] for row in rows if row is not CONFLICT]
    files.add("acts", "\n".join(["incident_id,type", *(f"record/{code},threat" for code in attacks)]))
    path = build(files.space).path
    return files.folder, attacked_lands(map_database.connect(path))


def test_each_holder_has_one_row_for_each_community_across_its_spellings(tmp_path):
    _folder, report = found(tmp_path, ATTACK)

    assert report.rows[["holder", "concessions"]].to_numpy().tolist() == [["MINERA ALTA SA", 2], ["Otra S.A.C.", 1]]
    assert report.rows["community"].tolist() == ["Alta", "Alta"]
    assert report.rows.loc[0, "footprint_ha"] == pytest.approx(2 * report.rows.loc[1, "footprint_ha"], rel=1e-3)
    assert report.rows["attacks"].tolist() == [1, 1]


def test_what_is_known_to_its_district_counts_at_most_and_never_at_least(tmp_path):
    _folder, report = found(tmp_path, OF_DISTRICT, CONFLICT)

    assert report.rows.loc[0, ["attacks", "attacks_most", "conflicts", "conflicts_most"]].tolist() == [0, 1, 1, 1]
    assert "No attack at a known place is recorded near them" in " ".join(report.list_limits())
    assert "Conflicts are recorded there" in " ".join(report.list_limits())
    assert "the table gives a minimum and a maximum" in " ".join(report.list_limits())


def test_conflicts_are_said_to_be_near_only_if_there_are_any(tmp_path):
    _folder, report = found(tmp_path, OF_DISTRICT)

    assert "No attack at a known place is recorded near them." in report.list_limits()
    assert "Conflicts" not in " ".join(report.list_limits())


def test_attacks_known_to_the_region_alone_are_in_the_sentence_and_in_no_row(tmp_path):
    _folder, report = found(tmp_path, OF_REGION)

    assert report.rows.empty
    assert report.attacks_by_region == {"Cajamarca": 1}
    assert "Cajamarca 1" in " ".join(report.list_limits())
    assert "0" not in report.finding()


def test_without_a_record_the_answer_says_that_there_are_no_data(files):
    files.add("concessions", concessions(2))
    files.add("communities", concessions(2).drop(columns=["holder", "status"]))
    report = attacked_lands(map_database.connect(build(files.space).path))

    assert "attacks" in report.finding()
    assert not " ".join(report.list_limits())


def test_command_and_answer_agree(tmp_path):
    folder, report = found(tmp_path, ATTACK)

    result = CliRunner().invoke(program, ["holders", "--workspace", str(folder), "--format", "json"])
    answer = json.loads(result.stdout)

    assert [row["holder"] for row in answer["holders"]] == report.rows["holder"].tolist()
    assert answer["communities_with_attacks"] == 1


def test_the_page_of_holders_opens_with_the_table_of_all(demonstration, monkeypatch):
    page = at_page(demonstration[0] / "build", "holder")
    answer = typed(page, demonstration[0], monkeypatch)
    listed = tables(page)[0]

    assert len(listed) == len(answer["holders"]) > 0
    assert listed["holder"].tolist() == [row["holder"] for row in answer["holders"]]
