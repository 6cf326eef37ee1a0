"""Incidents of two sources that may be one: proposed with reasons, merged only when somebody says so."""

import json

import pandas as pd
import pytest

from lindero.app.answers.record.incidents import read_record
from lindero.layers.check.same_incidents import COLUMNS, map_merged_ids, propose_pairs
from lindero.layers.database import map_database
from lindero.layers.errors import WorkspaceError
from lindero.layers.workspace import manifest_file
from tests.built import build
from tests.files import Files, incidents

HEADER = "code,title,occurred_on,date_precision,place_text,region,country,location_precision,visibility,sources,longitude,latitude"


def row(
    name,
    source,
    *,
    day="2015-09-28",
    precision="day",
    region="PE-APU",
    title="",
    place="",
    types=("killing",),
    country="PE",
):
    known = {"id": name, "source_id": source, "country": country, "region_code": region, "types": list(types)}
    return known | {"occurred_on": day, "date_precision": precision, "title": title, "place_text": place}


def found(*rows, **options):
    return propose_pairs(pd.DataFrame(rows), **options)


def test_the_same_day_region_and_act_are_proposed_with_their_reasons():
    pair = found(row("a", "one", place="Challhuahuacho"), row("b", "two", place="Challhuahuacho, Apurímac")).iloc[0]

    assert pair[["left_id", "right_id"]].tolist() == ["a", "b"]
    assert pair["score"] == pytest.approx(1, abs=0.05)
    assert pair["reasons"] == ["same_day", "same_region", "same_act", "alike_words"]


@pytest.mark.parametrize(
    "other",
    [
        row("b", "one"),  # of the same source
        row("b", "two", day="2015-11-28"),
        row("b", "two", region="PE-CUS"),
        row("b", "two", country="CO"),
        row("b", "two", types=()),  # a conflict is not an attack
        row("b", "two", day=None, title="Otra cosa"),
    ],
    ids=["source", "date", "region", "country", "kind", "undated"],
)
def test_what_cannot_be_the_same_is_not_proposed(other):
    assert found(row("a", "one", title="Una cosa"), other).empty


def test_a_few_days_apart_scores_less_and_the_turn_of_the_year_is_no_wall():
    near = found(row("a", "one", day="2015-12-28"), row("b", "two", day="2016-01-02")).iloc[0]
    same = found(row("a", "one"), row("b", "two")).iloc[0]

    assert near["reasons"] == ["near_day", "same_region", "same_act"]
    assert near["score"] < same["score"]


def test_a_year_agrees_with_a_day_as_far_as_it_tells():
    pair = found(
        row("a", "one", place="Mara", title="Mara"), row("b", "two", day="2015-01-01", precision="year", place="Mara")
    )

    assert pair["reasons"].tolist() == [["date_agrees", "same_region", "same_act", "alike_words"]]


def test_without_a_date_only_words_can_tell():
    told = {"title": "Conflicto minero Las Bambas", "types": (), "day": None}

    assert found(row("a", "one", **told), row("b", "two", **told))["reasons"].tolist() == [
        ["same_region", "alike_words"]
    ]


def test_no_incidents_give_no_proposals():
    assert found(*[row("a", "one")]).columns.tolist() == list(COLUMNS)
    assert found(row("a", "one")).empty


def test_accepted_groups_that_share_an_incident_are_one_and_hold_for_the_next_snapshot():
    ids = ["s/2026-01-01/a", "t/2026-01-01/b", "own-id", "u/2026-01-01/d"]
    told = map_merged_ids(
        ids, [["s/2020-01-01/a", "t/2020-01-01/b"], ["t/2026-01-01/b", "own-id"], ["gone", "u/2026-01-01/d"]]
    )

    assert dict(told.to_numpy()) == {"t/2026-01-01/b": "s/2026-01-01/a", "own-id": "s/2026-01-01/a"}


@pytest.fixture
def two_sources(tmp_path):
    files = Files(tmp_path / "space")
    one = "a,Muerte en Mara,2015-09-28,day,Mara,Apurímac,PE,region,public_record,Informe A,,"
    two = "b,Muerte en Mara,2015-09-28,day,Mara,Apurímac,PE,region,public_record,Informe B,,"
    files.add("incidents", incidents(one, header=HEADER), id="one")
    files.add("incidents", incidents(two, header=HEADER), id="two")
    left, right = "one/a", "two/b"  # and as ids were until November 2026, which the files still say
    old = "two/2026-01-01/b"
    files.add("acts", f"incident_id,type\n{left},killing\n{old},killing\n{old},threat\n")
    files.add("victims", f"incident_id,count,gender\n{left},1,man\n{right},2,man\n{right},1,woman\n")
    build(files.space)
    return files, left, right


def test_an_accepted_pair_is_counted_once_with_both_sources_cited(two_sources, typed):
    files, left, right = two_sources
    place = ["--workspace", str(files.folder)]
    answer = json.loads(typed("duplicates", "--format", "json", *place)[1])
    before = record_at(files)
    typed("duplicates", "--accept", left, "two/2026-01-01/b", *place)
    after = record_at(files)

    assert [(one["left_id"], one["right_id"]) for one in answer["pairs"]] == [(left, right)]
    assert len(before.attacks) == 2
    assert before.attacks["people"].sum() == 4
    assert after.attacks["id"].tolist() == [left]
    assert after.attacks["people"].tolist() == [3]  # of the source that counts most, never both
    assert after.attacks["types"].tolist() == [["killing", "threat"]]
    assert after.attacks["sources"].tolist() == ["Informe A; Informe B"]
    assert after.attacks["told_by"].tolist() == [[right]]
    assert propose_pairs(after.incidents).empty


def test_an_incident_that_is_not_there_cannot_be_accepted(two_sources, typed):
    files, left, _right = two_sources
    told = typed("duplicates", "--accept", left, "nobody", "--workspace", str(files.folder))[2]

    assert "no incident nobody" in told
    assert manifest_file.load_workspace(files.folder).same == ()


def test_a_manifest_with_an_odd_group_is_refused(two_sources):
    files, *_ids = two_sources
    path = files.folder / "lindero.toml"
    path.write_text(path.read_text() + '\n[[same]]\nincidents = "one"\n')

    with pytest.raises(WorkspaceError, match=r"each \[\[same\]\] needs"):
        manifest_file.load_workspace(files.folder)


def record_at(files):
    con = map_database.connect(build(manifest_file.load_workspace(files.folder)).path)
    told = read_record(con)
    con.close()
    return told
