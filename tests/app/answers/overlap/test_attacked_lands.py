import json

import pandas as pd
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
OF_COUNTRY = "f,2025-04-01,public_record,country,,PE,,"
OF_REGION = "d,2025-04-01,public_record,region,Cajamarca,PE,,"
HOLDERS = ["Minera Alta S.A.", "MINERA ALTA SA", "Otra S.A.C."]


def found(folder, *rows, lands=(0, 1, 2), coverage=""):
    files = Files(folder / "space")
    files.add("concessions", concessions(3, holder=HOLDERS), id="cadastre")
    land = concessions(3).drop(columns=["holder", "status"]).iloc[list(lands)]
    files.add("communities", land.dissolve().assign(code="K1", name="Alta"), id="lands")
    files.add("incidents", incidents(*rows, header=HEADER), id="record", **({"coverage": coverage} if coverage else {}))
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
    assert report.finding().startswith(
        "2 holders have concessions on the land of 1 community with attacks within 25 km."
    )


def test_a_hectare_of_two_lands_counts_once_for_a_holder(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(3, holder=HOLDERS), id="cadastre")
    land = concessions(3).drop(columns=["holder", "status"]).dissolve()
    lands = pd.concat([land.assign(code=code, name=code) for code in ("K1", "K2")], ignore_index=True)
    files.add("communities", lands, id="lands")
    files.add("incidents", incidents(ATTACK, header=HEADER), id="record")
    files.add("acts", "incident_id,type\nrecord/a,threat\n")
    report = attacked_lands(map_database.connect(build(files.space).path))
    ha = report.rows.groupby("holder")["footprint_ha"].agg(["size", "max"])

    assert ha["size"].tolist() == [2, 2]
    assert report.footprints[ha.index].tolist() == pytest.approx(ha["max"].tolist())


def test_what_is_known_to_its_district_counts_at_most_and_never_at_least(tmp_path):
    _folder, report = found(tmp_path, OF_DISTRICT, CONFLICT)

    assert report.rows.loc[0, ["attacks", "attacks_most", "conflicts", "conflicts_most"]].tolist() == [0, 1, 1, 1]
    assert "the table gives a minimum and a maximum" in " ".join(report.list_limits())


def test_nobody_is_named_beside_attacks_of_which_none_is_known(tmp_path):
    _folder, report = found(tmp_path, CONFLICT, OF_REGION, OF_COUNTRY)

    assert report.finding() == (
        "No attack is known within 25 km of a community; without an exact place: 1 in Peru (region not known) and 1 in Cajamarca. A conflict is recorded within 25 km of 1 "
        "community. 2 holders have concessions on the land of 1 community."
    )
    assert report.rows[["attacks", "attacks_most"]].isna().all(axis=None)
    assert set(report.rows["attacks_unknown"]) == {"without_place"}
    assert "people were attacked" not in " ".join(report.list_limits())


def test_an_attack_known_by_its_area_is_only_possible(tmp_path):
    _folder, report = found(tmp_path, OF_DISTRICT)

    assert report.finding().startswith(
        "No attack is certainly within 25 km of a community; by their area, some may be."
    )
    assert "onflict" not in report.finding()


@pytest.mark.parametrize(("rows", "attacks", "reason"), [([], 0, ""), ([OF_REGION], None, "without_place")])
def test_no_attack_is_said_where_a_source_covers_and_nothing_is_without_a_place(tmp_path, rows, attacks, reason):
    elsewhere = "e,2025-01-01,public_record,exact,Madre de Dios,PE,-70.2,-12.6"
    _folder, report = found(tmp_path, CONFLICT, elsewhere, *rows, coverage="PE, CO, EC, BR")

    assert [None if pd.isna(count) else count for count in report.rows["attacks"]] == [attacks] * 2
    assert set(report.rows["attacks_unknown"]) == {reason}


def test_attacks_known_to_the_region_alone_are_in_the_sentence_and_in_no_row(tmp_path):
    _folder, report = found(tmp_path, OF_REGION)

    assert report.rows.empty
    assert report.attacks_without_place == {"Cajamarca": 1}
    assert "1 in Cajamarca" in report.finding()
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
