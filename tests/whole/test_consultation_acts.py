"""Consultations by the act of the State that was consulted: what is kept of a file, and of files of before."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
from babel.messages.pofile import read_po

from lindero import app
from lindero.app.answers.ranking.exposure import WEIGHTS
from lindero.app.answers.ranking.exposure_report import LABELS
from lindero.app.answers.record import consultation_text
from lindero.app.answers.record import consultations as record
from lindero.app.answers.regions import find_country_at_point
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.model.schema import CONSULTATIONS, CRS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.reference import packs, state_facts
from lindero.layers.sources.template import build_template
from tests.built import build
from tests.files import SIDE, Files, concessions, square

HASH = "ab" * 32
BEFORE = "community_id,concession_id,consent_status,dated_on\nc-1,t-1,given,2019-05-04\n"


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "space")


def kept(files):
    with map_database.connect(build(files.space).path) as con:
        return map_database.read_layer(con, CONSULTATIONS).iloc[0], map_database.read_table(con, "findings")


def written(**values):
    header = build_template(CONSULTATIONS).header.split(",")
    return ",".join(header) + "\n" + ",".join(f'"{values.get(name, "")}"' for name in header) + "\n"


def test_an_act_comes_back_as_it_was_filled_in(files):
    told = {
        "community_id": "c-1", "concession_id": "t-1", "measure": "Autorización de inicio de exploración",
        "stage": "exploration", "authority": "MINEM", "resolution": "RD 012-2019", "phase": "dialogue",
        "consent_status": "in_process", "dated_on": "2019-05-04", "sources": "Acta", "document_sha256": HASH,
    }  # fmt: skip
    files.add("consultations", written(**told, contested="true"))
    row, findings = kept(files)

    day = str(row["dated_on"])[:10]
    assert {name: row[name] for name in told} | {"dated_on": day} == told
    assert row["contested"]
    assert findings.empty


def test_a_file_of_before_says_nothing_of_the_act(files):
    files.add("consultations", BEFORE)
    row, _ = kept(files)

    assert (row["consent_status"], row["stage"], row["phase"]) == ("given", "unknown", "unknown")
    assert row[["measure", "authority", "resolution", "contested", "sources", "document_sha256"]].isna().all()


def test_a_hash_that_is_none_is_left_empty_and_found(files):
    files.add("consultations", written(community_id="c-1", stage="concession", document_sha256="acta.pdf"))
    row, findings = kept(files)

    assert row["document_sha256"] is None
    assert findings[["column_name", "detail"]].to_numpy().tolist() == [["document_sha256", "acta.pdf"]]


def test_the_template_asks_for_the_act():
    assert {"measure", "stage", "authority", "resolution", "phase", "contested", "sources", "document_sha256"} <= set(
        build_template(CONSULTATIONS).header.split(",")
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A community under two concessions; of one, the start of exploration is on record; another's was not sought."""
    files = Files(tmp_path_factory.mktemp("acts") / "space")
    land = gpd.GeoDataFrame({"code": ["K1"], "name": ["Comunidad"]}, geometry=[square(side=2 * SIDE)], crs=CRS)
    files.add("communities", land)
    files.add("concessions", concessions(2, kind="mining"))
    lines = ("concessions/C1,exploration,dialogue,in_process,true", "concessions/C2,concession,unknown,not_sought,")
    rows = "".join(f"communities/K1,{line}\n" for line in lines)
    files.add("consultations", f"community_id,concession_id,stage,phase,consent_status,contested\n{rows}")
    build(files.space)
    return files


@pytest.fixture
def acts(built):
    with map_database.connect(build(built.space).path) as con:
        return record.list_acts(con, find_country_at_point, community="communities/K1")


def test_each_act_that_the_rules_name_is_listed_with_what_is_on_record(acts):
    told = acts.set_index(["concession_id", "stage"])
    named = {"concession", "exploration", "exploitation", "beneficiation", "mineral_transport"}

    assert {stage for _, stage in told.index} == named
    assert len(told) == 2 * len(named)
    assert told.loc[("concessions/C1", "exploration"), ["rule", "on_record"]].tolist() == ["asked", True]
    assert told.loc[("concessions/C2", "exploration"), ["rule", "on_record"]].tolist() == ["asked", False]
    assert told.loc[("concessions/C1", "concession"), "rule"] == "contested"


def test_what_is_not_on_record_is_said_to_be_so_and_nothing_more(acts):
    i18n.set_language("en")
    counted = consultation_text.count_in_words(acts).set_index("stage")
    said = consultation_text.consultations_text(acts)

    assert said == "1 consultation is recorded: start of exploration: in process (1). 1 of them is contested."
    assert counted.loc["start of exploitation", "on_record"] == "not on record"
    assert counted.loc["start of exploitation", "not_on_record"] == 2
    assert counted.loc["concession", ["on_record", "not_sought"]].tolist() == ["not on record", 1]


def test_rules_and_courts_that_differ_are_contested():
    i18n.set_language("en")
    told = consultation_text.rule_text(state_facts.load_consultation_rules("PE"), "mining")

    assert (
        "before: start of exploration, start of exploitation, beneficiation concession, and mining transport." in told
    )
    assert told.endswith("Rules and courts differ on whether consultation is asked for at: concession.")
    assert consultation_text.rule_text(state_facts.load_consultation_rules("PE"), "forestry") == ""
    assert state_facts.load_consultation_rules("AQ").empty


def test_a_rule_for_mines_that_names_no_stage_is_not_one_for_any_act():
    i18n.set_language("en")
    [mines] = consultation_text.cite_rules(state_facts.load_consultation_rules("ID"))
    said = consultation_text.cite_rules(state_facts.load_consultation_rules("PH"))

    assert mines.startswith("- **mining**: consultation asked for")
    assert [line.split("**")[1].replace("\\", "") for line in said] == ["mining, concession", "any act", "any act"]


def test_every_rule_has_a_source_and_its_note_is_translated():
    rules = state_facts.load_consultation_rules()

    assert rules["source_url"].str.match(r"https?://\S+$").all()
    assert set(rules["says"]) <= {"asked", "not_asked"}
    assert set(rules["stage"].dropna()) <= set(VOCABULARIES["consultation_stage"])
    assert set(rules["kind"].dropna()) <= set(VOCABULARIES["concession_kind"])
    assert set(rules["note"].dropna()) <= set(packs.load_texts("es"))
    assert set(rules["verified"]) <= {"yes", "copy", "no", "disputed"}


def test_the_command_gives_the_acts_of_one_concession_with_the_rules(built, typed):
    code, out, err = typed(
        "consultations", "--concession", "concessions/C1", "--format", "json", "--workspace", built.folder
    )
    answer = json.loads(out)

    assert (code, {row["concession"] for row in answer["acts"]}) == (0, {"Peñón Ñandú 1"})
    assert sum(row["on_record"] for row in answer["acts"]) == 1
    assert {rule["source_url"] for rule in answer["rules"]} == set(
        state_facts.load_consultation_rules("PE")["source_url"]
    )
    assert "1 consultation is recorded" in err
    code, _, err = typed("consultations", "--community", "communities/K9", "--workspace", built.folder)
    assert (code, "the layer communities of this map has no row with id 'communities/K9'; check the id" in err) == (
        1,
        True,
    )


WRONG = re.compile(r"without consent|sin consentimiento|breach|incumpl|\bowed to|\bse debía", re.IGNORECASE)


def test_no_word_of_the_screen_calls_what_is_not_on_record_owed_or_breached():
    with (Path(app.__file__).parent / "locale/es/LC_MESSAGES/lindero.po").open("rb") as file:
        catalog = read_po(file, locale="es")
    texts = [text for message in catalog for part in (message.id, message.string) for text in listed(part)]

    assert not [text for text in texts if WRONG.search(text)]


def test_no_indicator_counts_consent():
    assert not [name for name in (*WEIGHTS, *LABELS) if re.search("consent|consult", name)]


def listed(part):
    return [part] if isinstance(part, str) else list(part)


@pytest.mark.parametrize("column", [0, 9], ids=["in a title", "in none"])
def test_of_a_community_known_by_a_point_it_is_said_what_the_rules_ask_for(tmp_path, typed, column):
    files = Files(tmp_path / "space")
    point = square(column).centroid
    files.add("communities", gpd.GeoDataFrame({"code": ["K1"], "name": ["Comunidad"]}, geometry=[point], crs=CRS))
    files.add("concessions", concessions(2, kind="mining"))
    build(files.space)
    code, out, err = typed(
        "consultations", "--community", "communities/K1", "--format", "json", "--workspace", files.folder
    )
    acts = json.loads(out)["acts"]

    assert code == 0
    assert {row["concession_id"] for row in acts} == ({"concessions/C1"} if column == 0 else set())
    assert {row["stage"] for row in acts if row["rule"] == "asked"} == (
        {"exploration", "exploitation", "beneficiation", "mineral_transport"} if column == 0 else set()
    )
    assert "For mining, the State's rules ask for consultation before: start of exploration" in " ".join(err.split())
    assert "This map has only a point for this community" in " ".join(err.split())
