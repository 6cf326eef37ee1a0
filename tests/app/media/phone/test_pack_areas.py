"""What is asked for by name in a pocket map: an area is answered as the light page does, and what may be meant is asked."""

import datetime as dt
import re

import pytest

from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.holder_spellings import group_spellings, map_spellings
from lindero.app.answers.overlap.named_area import measure_area
from lindero.app.answers.place import area_text
from lindero.app.answers.place.nearby import find_nearby_incidents
from lindero.app.answers.place.place_report import AREA_LAYERS
from lindero.app.answers.place.spot import Spot, find_area_by_key
from lindero.app.answers.place.topic_search import find_topics
from lindero.app.media.phone.about import Subject, find_scope
from lindero.app.media.site.pack import build_pack, find_published_id, open_published_map
from lindero.app.text import i18n
from lindero.app.text.escape import remove_links
from lindero.layers.database.queries import derived_queries, map_queries
from lindero.layers.reference.name_index import name_key
from lindero.layers.workspace import manifest_file
from tests.amount import amount
from tests.client import ask

TODAY = dt.date(2026, 7, 26)
ASKED = amount(6, 60)  # of each layer
MARGIN = 0.25  # degrees: more than 25 km


@pytest.fixture(scope="module")
def pocket_map(demonstration, tmp_path_factory):
    """A published map, the pocket map of its busiest community as a file, and what that holds."""
    folder, own = demonstration
    busiest = derived_queries.read_overlap_pairs(own, "concessions", "communities")["right_id"].value_counts().index[0]
    with open_published_map(manifest_file.load_workspace(folder), today=TODAY) as (pub, con):
        on = find_scope(con, Subject.COMMUNITY, find_published_id(pub, Subject.COMMUNITY, str(busiest)))
        page = tmp_path_factory.mktemp("pack") / "pack.html"
        page.write_text(build_pack(con, own, pub, on, today=TODAY).html, encoding="utf-8")
        (pack,) = ask("pack", [[]], page=page)
        yield con, page, pack


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["communities", "protected_areas", "concessions"])
def test_an_area_is_answered_as_on_the_light_page(pocket_map, layer):
    con, page, pack = pocket_map
    i18n.set_language("es")
    covered, names = read_coverage(con), map_spellings(group_spellings(map_queries.read_holders(con, ())))
    every = [row for row in pack["layers"][layer] if row["shape"]["areas"]]
    rows = [row for row in every if layer != "concessions" or _is_inside(row, pack, 0)][:ASKED]
    assert rows
    answers = ask("area", [[layer, row["id"], "es"] for row in rows], page=page)

    for row, got in zip(rows, answers, strict=True):
        area = find_area_by_key(con, f"{layer}:{row['id']}")
        spot = Spot(area.name, row["at"][1], row["at"][0], area)
        report = measure_area(con, area, names)
        near = {row["id"] for row in find_nearby_incidents(con, spot, within_km=NEAR_KM)}
        want = area_text.summarize_area(report, {name: spot.coverage(covered, name) for name in AREA_LAYERS})

        assert got["verdict"] == remove_links(want.finding), row["id"]
        told = len([line for line in got["attacks"] if line.startswith("**")])
        assert told == len(near) or (layer == "concessions" and told < len(near) and not _is_inside(row, pack, MARGIN))
        if layer == "communities":
            more = int(re.sub(r"\D", "", got["more"]) or 0)
            assert len(got["titles"]) + more == len(report.ids["concessions"]), row["id"]


def _is_inside(row, pack, margin):
    """Return whether a row is that far inside the frame: of what lies beyond it the client knows nothing."""
    box, frame = row["shape"]["box"], pack["frame"]
    return all(box[at] - margin > frame[at] for at in (0, 1)) and all(box[at] + margin < frame[at] for at in (2, 3))


@pytest.mark.slow
def test_a_community_of_one_name_is_found_and_a_position_stays_a_position(pocket_map):
    _con, page, pack = pocket_map
    named = [row["name"] for row in pack["layers"]["communities"] if row["id"] == pack["id"]]
    (community, position) = ask(
        "asked", [[named[0], "en"], ["{1}, {0}".format(*pack["places"][0]["at"]), "en"]], page=page
    )

    assert [one["area"]["verdict"] for one in community["choices"] if one.get("area")]
    assert position["is"] == "found"
    assert [one.get("area") for one in position["choices"]] == [None]


@pytest.mark.slow
def test_a_region_is_answered_though_it_is_larger_than_the_pocket_map(pocket_map):
    _con, page, pack = pocket_map
    region = next(one for one in pack["places"] if one["kind"] == "region")

    (answer,) = ask("area", [[region["layer"], region["id"], "en"]], page=page)

    assert region["name"] in answer["verdict"]
    assert answer["attacks"]


@pytest.mark.slow
def test_holders_and_cases_are_found_as_by_the_light_page(pocket_map):
    con, page, pack = pocket_map
    holder = next(row["holder"] for row in pack["layers"]["concessions"] if row.get("holder"))
    case = next(row["title"] for row in pack["layers"]["incidents"] if row.get("title"))
    spellings = map_spellings(group_spellings(map_queries.read_holders(con, ())))  # either may show another spelling

    for text, kind in ((holder, "holder"), (case, "case")):
        (got,) = ask("asked", [[text, "en"]], page=page)
        want = {
            name_key(spellings.get(topic.name, topic.name)) for topic in find_topics(con, text) if topic.kind == kind
        }
        names = [one["name"] for one in got["topics"] if one["kind"] == kind]
        assert {name_key(spellings.get(name, name)) for name in names} & want, text
        assert got["is"] == "asked"


PLACE = {"name": "Yanacocha", "kind": "mining_project", "latitude": -6.98, "longitude": -78.53}


@pytest.mark.parametrize(
    ("text", "holders", "is_", "why", "offered"),
    [
        pytest.param("Yanacocha", ["MINERA YANACOCHA S.R.L."], "asked", "several", 2, id="a place and its company"),
        pytest.param("Yanacocha", ["OTHER YANACOCHA WORKS"], "found", "", 1, id="only in a company's name"),
        pytest.param("Mina Yanacocha", [], "found", "", 1, id="another name of a project"),
        pytest.param("Fields", ["GOLD FIELDS LA CIMA S.A."], "asked", "", 1, id="a company alone"),
        pytest.param("-6.98, -78.53", ["MINERA YANACOCHA S.R.L."], "found", "", 1, id="a position"),
    ],
)
def test_a_name_of_several_kinds_is_asked_about(text, holders, is_, why, offered):
    places = [{**PLACE, "also": ["Mina Yanacocha"]}]

    (got,) = ask("meant", [[text, places, [-79, -7.5, -78, -6.5], [[name, 3] for name in holders]]])

    assert (got["is"], got["why"], len(got["choices"]) + len(got["topics"])) == (is_, why, offered)
