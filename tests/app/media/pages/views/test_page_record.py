"""The pages of the record, on a small record: a killing at a known place, two attacks known by a region, a conflict."""

import json

import pytest

from lindero.app.builder.build import build_map
from lindero.layers.disk import builds
from tests.answered import at_page
from tests.files import Files, concessions, incidents
from tests.shown_tables import sent, tables, texts

HEADER = "code,title,occurred_on,date_precision,place_text,region,country,location_precision,sector,visibility,sources,longitude,latitude"
ID = "incidents/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("pages") / "space")
    rows = [
        "a,Muerte en Santa,2020-05-01,day,Santa,Junín,PE,exact,mining,public_record,Informe A; Informe B,-75.3,-11.5",
        "b,Amenaza,2021-01-01,year,,Junín,PE,region,forestry,public_record,Informe A,,",
        "c,Acusación,,unknown,,Cusco,PE,district,mining,public_record,Informe A,-71.9,-13.5",
        "d,Lejos,2021-02-01,day,,,PE,region,mining,public_record,Informe A,,",
        "conflict,Conflicto minero,2020-01-01,day,,Junín,PE,region,mining,public_record,Informe A,,",
    ]
    files.add("incidents", incidents(*rows, header=HEADER))
    acts = ["a,killing", "b,threat", "c,criminalisation", "d,threat"]
    files.add("acts", "\n".join(["incident_id,type", *(ID + act for act in acts)]))
    files.add(
        "victims",
        f"incident_id,count,outcome,gender,identity\n{ID}a,1,,man,indigenous\n{ID}a,2,killed,woman,community_leader\n",
    )
    files.add("case_steps", f"incident_id,dated_on,step,court\n{ID}a,2020-06-01,complaint,Fiscalía\n")
    files.add(
        "protection_measures",
        f"incident_id,measure,collective,requested_on,status\n{ID}a,Rondas,true,2020-05-02,refused\n",
    )
    twin = "z,Muerte en Santa,2020-05-01,day,Santa,Junín,PE,region,mining,public_record,Informe Z,,"
    files.add("incidents", incidents(twin, header=HEADER), id="other")
    files.add("acts", "incident_id,type\nother/2026-01-01/z,killing\n", id="other-acts")
    build_map(files.space)
    return files.space.build_folder


def text_of(page) -> str:
    return texts(page, "header")


def drawn(page) -> list[tuple[str, str]]:
    """What the map draws: kind of geometry and its look."""
    script = next(json.loads(part.proto.json_args)["script"] for part in page.get("component_instance"))
    start = script.index("linderoAreas.show(")
    settings, _end = json.JSONDecoder().raw_decode(script[script.index("{", start) :])
    return [
        (next(kind for kind in one if kind != "properties"), one["properties"]["look"])
        for one in settings["areas"]["areas"]
    ]


def test_attacks_are_counted_apart_from_conflicts_and_from_people(folder):
    page = at_page(folder, "attacks")

    assert [metric.value for metric in page.metric] == ["5", "2", "3", "2"]
    assert "There is also 1 conflict without an attack." in text_of(page)
    assert "Only the country of 1 attack is known" in text_of(page)


def test_only_a_known_place_is_a_point_and_a_district_s_point_is_its_region(folder):
    shapes = drawn(at_page(folder, "attacks"))

    assert [kind for kind, look in shapes if look == "place"] == ["points"]
    assert sorted(look for kind, look in shapes if kind == "rings") == ["one", "one"]
    assert len(shapes) == 3


def test_filters_leave_what_was_asked_for_and_an_empty_answer_says_so(folder):
    page = at_page(folder, "attacks")
    page.multiselect(key="acts").set_value(["killing"]).run()
    assert page.metric[0].value == "2"

    page.multiselect(key="sectors").set_value(["forestry"]).run()

    assert not page.exception
    assert "No recorded attack matches" in page.info[0].value


def test_what_may_be_the_same_is_shown_and_still_counted_twice(folder):
    page = at_page(folder, "attacks")

    assert "Possible duplicates" in text_of(page)
    assert tables(page)[-1][["left", "right"]].to_numpy().tolist() == [["Muerte en Santa", "Muerte en Santa"]]


def test_impunity_is_never_said_without_what_it_is_counted_of(folder):
    text = text_of(at_page(folder, "attacks"))

    assert (
        "Of 1 attack (killing) with a recorded court case, 0 ended in a conviction; 1 more has no recorded case."
        in text
    )
    assert "Cases against the defenders themselves (counted separately): 1 (no court steps recorded: 1)." in text


def test_a_region_that_is_not_known_is_told_with_its_country(folder):
    page = at_page(folder, "attacks")
    told = [name for frame in tables(page) for column in ("group", "region") for name in frame.get(column, ())]

    assert told.count("Peru, region not known") == 2  # how cases ended, and who was protected


def test_cases_are_offered_the_latest_first_and_those_without_a_date_last(folder):
    offered = at_page(folder, "case").selectbox[0].options

    assert [name.split(" · ")[0] for name in offered] == [
        "Lejos", "Amenaza", "Muerte en Santa", "Muerte en Santa", "Conflicto minero", "Acusación"
    ]  # fmt: skip


def test_a_case_is_told_with_its_sources_steps_and_measures(folder):
    page = at_page(folder, "case", id=f"{ID}a")
    text = text_of(page)

    assert page.selectbox[0].value == f"{ID}a"
    assert "Muerte en Santa" in text
    finding, besides = (part.value.replace("\\", "") for part in page.markdown[:2])
    assert finding == "**Muerte en Santa, May 1, 2020.**"
    assert besides.startswith("People attacked: 3. Outcome: case open.")
    assert "- Informe A\n- Informe B" in text
    assert "Outcome: case open." in text
    assert "Last recorded step: " in text
    assert [frame.columns.tolist().count("step") for frame in tables(page)].count(1) == 1
    assert drawn(page) == [("points", "place")]


def test_a_case_known_by_its_region_says_that_the_place_is_not_known(folder):
    page = at_page(folder, "case", id=f"{ID}b")
    text = text_of(page)

    assert "**Date**: 2021\n" in text  # no day that nobody gave
    assert "It is somewhere in the area drawn" in text
    assert "No court case is recorded." in text


def test_commitments_stand_beside_what_happened_since(folder):
    page = at_page(folder, "commitments")
    table = tables(page)[0].set_index("instrument")

    assert page.selectbox[0].value == "PE"
    assert table.loc["RM 0159-2019-JUS", ["state", "superseded_by", "verified"]].tolist() == [
        "replaced",
        "DS 004-2021-JUS",
        "disputed",
    ]
    assert table.loc["RM 0159-2019-JUS", "attacks_since"] == 4
    assert table.loc["Escazú Agreement", "state"] == "rejected"
    assert "1 attack without a date is not counted." in text_of(page)
    assert len(tables(page)[1]) == 38
    assert not {told["caption"] for told in sent(page)} & {head.value for head in page.header}  # nothing said twice


def test_a_country_without_attacks_on_the_map_says_what_that_means(folder):
    page = at_page(folder, "commitments")
    page.selectbox[0].set_value("CU").run()

    assert not page.exception
    assert "Attacks or conflicts may have happened without being recorded" in text_of(page)
    assert "It was not checked whether there is one" in text_of(page)


def test_a_map_without_data_of_attacks_says_that_it_says_nothing_of_them(files):
    files.add("concessions", concessions())
    build_map(files.space)
    for name in ("attacks", "case"):
        page = at_page(files.space.build_folder, name)
        assert page.info[0].value.startswith("This map has no data at all on attacks or conflicts")
        assert page.info[0].value.endswith("so it says nothing about them.")
    assert builds.current_map(files.space.build_folder)


def test_a_map_with_data_in_which_no_attack_stands_does_not_say_that_there_was_none(files):
    files.add("concessions", concessions())
    files.add("incidents", incidents(header=HEADER))
    files.add("acts", "incident_id,type\n")
    build_map(files.space)
    for name in ("attacks", "case"):
        page = at_page(files.space.build_folder, name)
        assert "does not mean that there were none" in page.info[0].value


def test_two_sides_have_the_range_of_their_table(demonstration):
    needs, _measures, sides = tables(at_page(demonstration[0] / "build", "protection"))
    rate = sides[sides["what"].str.startswith("Known killings per 100,000")].iloc[0]

    for position, row in enumerate(needs.head(2).to_dict("records")):
        assert rate[f"side {position}"] == f"{row['value']:.1f} ({row['value~']})"
