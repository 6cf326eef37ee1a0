"""
Where protection is missing, in a small country of two departments, counted by hand.

In Cajamarca, which every source covers, three attacks: one killed two people and ended in a conviction, one is a threat
against a woman with a measure granted, of one killing nobody tells a number. In Lima one attack is on record, no source
covers steps in court or measures there, nor all of its concessions. Of one attack in Peru nobody tells the region, and
one was in Colombia.
"""

import json
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box
from typer.testing import CliRunner

from lindero.app.answers.defaults import RateBase
from lindero.app.answers.protection import counts, needs_text
from lindero.app.answers.protection.need_answer import need_answer
from lindero.app.answers.protection.needs import COMMUNITY, NeedsQuestion, compare_needs
from lindero.app.commands.index import program
from lindero.app.media.text import plain_text
from lindero.app.text import i18n
from lindero.geo.stats.poisson import poisson_interval
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import CRS
from lindero.layers.reference.state_facts import load_population
from tests.answered import at_page, typed
from tests.built import build
from tests.files import Files, incidents
from tests.shown_tables import sent, tables

CAJ, LIM = "PE-CAJ", "PE-LIM"
HEADER = "code,title,occurred_on,date_precision,region,country,location_precision,visibility,longitude,latitude"
AT = {CAJ: (-78.5, -7.0), LIM: (-76.6, -11.9)}
NAMES = {CAJ: "Cajamarca", LIM: "Lima"}


def told(code, region, year):
    lon, lat = AT[region]
    return f"{code},Hecho {code},{year}-05-01,day,{NAMES[region]},PE,exact,public_record,{lon},{lat}"


def squares(codes, regions, side=0.05, **columns):
    vertices = [AT[region] for region in regions]
    shapes = [box(lon - side, lat - side, lon + side, lat + side) for lon, lat in vertices]
    return gpd.GeoDataFrame({"code": codes, "name": codes, **columns}, geometry=shapes, crs=CRS)


def filled(files):
    both = "PE-CAJ, PE-LIM"
    rows = [told("two", CAJ, 2015), told("threat", CAJ, 2020), told("silent", CAJ, 2021), told("lima", LIM, 2020)]
    abroad = "abroad,Hecho abroad,2020-05-01,day,,CO,country,public_record,,"
    lost = "lost,Hecho lost,2019-05-01,day,,PE,country,public_record,,"
    files.add("incidents", incidents(*rows, abroad, lost, header=HEADER), id="i", coverage=both)
    acts = ["two,killing", "threat,threat", "silent,killing", "lima,threat", "abroad,killing", "lost,threat"]
    files.add("acts", "\n".join(["incident_id,type", *(f"i/{act}" for act in acts)]), coverage=both)
    people = ["i/two,2,killed,man,", "i/threat,1,survived,woman,indigenous", "i/silent,,,,"]
    head = "incident_id,count,outcome,gender,identity"
    files.add("victims", "\n".join([head, *people]), coverage=both)
    files.add("case_steps", "incident_id,step,dated_on\ni/two,conviction,2019-01-01\n", coverage="PE-CAJ")
    measures = "incident_id,status,gender_responsive,collective\ni/threat,granted,true,false\ni/threat,refused,,true\n"
    files.add("protection_measures", measures, coverage="PE-CAJ")
    files.add("concessions", squares(["T1", "T2"], [CAJ, LIM]), coverage="PE-CAJ")
    files.add("communities", squares(["K1", "K2"], [CAJ, LIM], side=0.1), coverage=both)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    i18n.set_language("en")
    files = Files(tmp_path_factory.mktemp("needs") / "space")
    filled(files)
    with map_database.connect(build(files.space).path, spatial=True) as con:
        yield files, con


@pytest.fixture(scope="module")
def regions(world):
    return compare_needs(world[1], NeedsQuestion(), country="PE")


def said(found):
    return plain_text.format_sentences(need_answer(found).select_sections("finding", "doubts"))


def row(found, id_):
    return found.rows.set_index("id").loc[id_]


def test_a_region_is_counted_by_hand(regions):
    found = row(regions, CAJ)

    assert found[["attacks", "killings", "people_killed", "killings_unstated"]].tolist() == [3, 2, 2, 1]
    assert found[["without_outcome", "without_measure"]].tolist() == [2, 2]
    assert found[["asked", "granted", "refused", "for_women", "for_groups"]].tolist() == [2, 1, 1, 1, 0]
    assert found[["on_women", "on_indigenous", "communities"]].tolist() == [1, 1, 1]
    assert 0 < found["share_low"] < found["share"] < found["share_high"] < 1


def test_a_rate_is_of_the_people_that_the_census_counted(regions):
    found = row(regions, CAJ)

    assert (regions.per, regions.unit) == (RateBase.PEOPLE, 100_000)
    assert found["attacks_rate"] == pytest.approx(3 / load_population().loc[CAJ, "population"] * 100_000)
    assert (found["population_source"], found["counted_on"].year) == ("INEI", 2017)


def test_what_the_map_has_no_data_of_is_missing_and_no_zero(regions):
    found = row(regions, LIM)

    assert found[["attacks", "killings", "people_killed"]].tolist() == [1, 0, 0]
    assert found[["without_outcome", "without_measure", "asked", "granted", "refused"]].isna().all()


def test_what_is_not_known_of_a_region_is_no_zero_and_widens_the_range_of_its_rank(world):
    asked = NeedsQuestion(weights=(("attacks", 1.0), ("without_outcome", 3.0)))
    found = compare_needs(world[1], asked, country="PE")

    assert list(found.ranked_rows["id"]) == [CAJ, LIM]
    assert row(found, LIM)[["rank_low", "rank_high"]].tolist() == [1, 2]
    assert "one of these may be first of 2, by nine of ten trials with other weights" in said(found)
    assert "any possible value of the missing data" in said(found)
    assert [row(found, place)["rank_by"] for place in (CAJ, LIM)] == ["attacks without_outcome", "attacks"]
    assert found.unranked_rows["rank_by"].isna().all()


def test_every_region_that_holds_people_is_listed_and_what_is_not_known_of_it_is_no_zero(regions):
    others = regions.rows[~regions.rows["id"].isin([CAJ, LIM])]

    assert set(regions.rows["id"]) == set(load_population().index)
    assert others[["rank", "attacks", "killings", "without_outcome", "asked", "share"]].isna().all(axis=None)
    assert "23 are not ranked, because their data is missing" in said(regions)


def test_one_indicator_that_decides_alone_is_named(world):
    found = compare_needs(world[1], NeedsQuestion(weights=(("attacks", 1.0),)), country="PE")

    assert "Only one indicator decides the order: attacks" in said(found)
    assert set(found.ranked_rows["rank_by"]) == {"attacks"}
    assert found.ranked_rows["rank_low"].notna().all()  # attacks of unknown region are dealt by chance


def test_a_rank_by_one_indicator_has_no_range(world):
    found = compare_needs(world[1], NeedsQuestion(COMMUNITY, weights=(("attacks", 1.0),)), country="PE")

    assert len(found.ranked_rows)
    assert found.rows[["rank_low", "rank_high"]].isna().all(axis=None)


def test_land_alone_is_not_called_need_of_protection(world):
    asked = NeedsQuestion(COMMUNITY, weights=(("share", 1.0),))
    found = compare_needs(world[1], asked, country="PE")

    assert [needs_text.indicator_names(found), found.is_by_attacks] == ["land under concession", False]
    assert "In the ranking" not in said(found)


def test_a_share_of_a_region_that_is_covered_in_part_is_at_least_so_much_and_does_not_rank(world):
    found = compare_needs(world[1], NeedsQuestion(weights=(("share", 1.0),)), country="PE")

    assert row(found, LIM)[["share", "share_low", "share_high"]].isna().tolist() == [False, False, True]
    assert list(found.ranked_rows["id"]) == [CAJ]


def test_attacks_of_unknown_region_are_told_and_may_have_been_anywhere(regions):
    assert (regions.uncounted_attacks, regions.distributed_attacks) == (1, 1)
    assert "1 attack without a known region placed at random" in said(regions)


def test_known_killings_come_first_with_their_years_their_interval_and_what_is_not_known(regions):
    inhabitants = load_population().loc[CAJ, "population"] / 100_000
    rate, low, high = (f"{count / inhabitants:.1f}" for count in (2, *poisson_interval(2)))

    assert said(regions).startswith(
        f"Known killings per 100,000 people, 2015–2021: {rate} (2 killings, {low} – {high}) in Cajamarca and 0.0 (0 "
        "killings, 0.0 – 0.0) in Lima. Which is highest cannot be told: 2 are too close to tell apart and 23 are not "
        "known. No protection measure is on record for 2 of 3 attacks. Measures for the other 2 are not known."
    )


def test_one_place_has_the_most_killings_only_if_chance_and_lost_killings_leave_no_doubt(regions):
    def claim(counts, lost):
        rows = regions.rows.head(2).assign(killings=counts, population=1_000_000)
        is_placed = [False] * lost + [True]
        attacks = pd.DataFrame({"is_killing": True, "year": 2020, "is_placed": is_placed, "is_counted": is_placed})
        return needs_text.summarize_needs(replace(regions, rows=rows, attacks=attacks))

    assert "highest in" in claim([20, 2], 0)
    assert "too close to tell apart" in claim([5, 2], 0)
    assert "too close to tell apart" in claim([20, 2], 10)
    assert "Not placed in any of them: 10 of 11 killings." in claim([20, 2], 10)


def test_no_protection_is_called_missing_where_nobody_counted_measures(regions):
    unknown = replace(regions, rows=regions.rows.assign(without_measure=pd.NA))

    assert "What protection was given is not known." in said(unknown)
    assert "missing" not in plain_text.format_sentences([need_answer(unknown)["finding"]])


def test_the_killings_are_all_those_of_the_record(regions):
    figures = need_answer(regions)["finding"].figures

    assert figures["Of these, killings"].value == "2"
    lost = regions.attacks.assign(is_killing=True)
    assert need_answer(replace(regions, attacks=lost))["finding"].figures["Of these, killings"].value == "5"


def test_attacks_of_unknown_region_are_dealt_as_those_of_known_region_lie():
    flags = pd.DataFrame({"attacks": 1, "killings": [0, 1, 1]})
    dealt = counts.distribute_unlocated_attacks(flags, pd.Series([8, 0, None]), draws=2000, seed=1)

    assert {name: set(table.sum(axis=0)) for name, table in dealt.items()} == {"attacks": {3.0}, "killings": {2.0}}
    assert dealt["attacks"].mean(axis=1) / 3 == pytest.approx([8.5 / 9.5, 0.5 / 9.5, 0.5 / 9.5], abs=0.02)


def test_a_region_is_counted_against_its_communities_when_asked(world):
    found = compare_needs(world[1], NeedsQuestion(per=RateBase.COMMUNITIES), country="PE")

    assert row(found, CAJ)["attacks_rate"] == 300


def test_only_years_that_are_asked_for_count(world):
    found = compare_needs(world[1], NeedsQuestion(since=2020, until=2020), country="PE")

    assert row(found, CAJ)[["attacks", "killings", "people_killed"]].tolist() == [1, 0, 0]


def test_communities_count_what_is_near_their_land(world):
    found = compare_needs(world[1], NeedsQuestion(COMMUNITY), country="PE")
    near = row(found, "communities/K1")

    assert near[["attacks", "killings", "people_killed", "without_measure"]].tolist() == [3, 2, 2, 2]
    assert near["share"] == pytest.approx(0.25, rel=0.01)
    assert found.uncounted_attacks == 1


def test_people_killed_are_never_guessed(regions):
    told_of = [needs_text.killed_text(row(regions, code)) for code in (CAJ, LIM)]

    assert told_of == ["at least 2", "0"]
    assert needs_text.killed_text({"killings": 1, "people_killed": None, "killings_unstated": 1}) == "not stated"
    assert needs_text.killed_text({"killings": None, "people_killed": None, "killings_unstated": None}) == "not known"


def test_a_workspace_s_own_departments_go_before_those_brought_along(files):
    filled(files)
    own = gpd.GeoDataFrame(
        {"code": ["06"], "name": ["CAJAMARCA"], "level": ["department"], "country": ["PE"], "population": [1000]},
        geometry=[box(-79, -8, -78, -6)],
        crs=CRS,
    )
    files.add("regions", own, publisher="Censo local")
    with map_database.connect(build(files.space).path, spatial=True) as con:
        found = compare_needs(con, NeedsQuestion(), country="PE")

    assert list(found.rows["id"]) == [CAJ]  # Lima is of a country whose departments the workspace knows itself
    assert row(found, CAJ)[["name", "population", "population_source"]].tolist() == ["Cajamarca", 1000, "Censo local"]
    assert row(found, CAJ)["attacks_rate"] == 300_000 / 1000
    assert found.uncounted_attacks == 2


def test_a_country_s_neighbours_are_not_ranked_beside_it(world):
    assert set(compare_needs(world[1], NeedsQuestion(), country="PE").rows["id"].str[:2]) == {"PE"}
    assert compare_needs(world[1], NeedsQuestion(), country="EC").rows.empty


def test_weights_that_are_no_numbers_are_refused(world):
    result = CliRunner().invoke(program, ["protection", "--weight", "x", "--workspace", str(world[0].folder)])

    assert result.exit_code != 0
    assert isinstance(result.exception, AnswerError | SystemExit)


@pytest.mark.parametrize("by", ["department", COMMUNITY])
def test_the_page_and_the_command_under_it_tell_the_same(world, monkeypatch, by):
    page = at_page(world[0].space.build_folder, "protection", by=by)
    answer = typed(page, world[0].folder, monkeypatch)
    listed = tables(page)[0].set_index("name>")

    assert {one["id"] for one in answer["rows"]} == set(listed.index)
    for one in answer["rows"]:
        for name in ("rank", "attacks", "killings", "without_outcome", "without_measure"):
            assert one[name] == listed.loc[one["id"], name] or (one[name] is None and listed[name].isna()[one["id"]])
    event = "Known killings per" if by == "department" else "Known killings within 25 km"
    assert page.markdown[0].value.replace("\\", "").startswith(f"**{event}")
    assert not {told["caption"] for told in sent(page)} & {head.value for head in page.header}  # nothing said twice


def test_the_json_says_how_it_was_made(world):
    words = ["protection", "--per", "communities", "--format", "json", "--workspace", str(world[0].folder)]
    answer = json.loads(CliRunner().invoke(program, words).stdout)

    assert answer["described_in"] == "docs/methods-analysis.md, Protection"
    assert (answer["per"], answer["rates_of"], answer["attacks_elsewhere"]) == ("communities", 100, 1)
    assert {"incidents", "case_steps", "protection_measures"} <= {one["layer"] for one in answer["sources"]}
