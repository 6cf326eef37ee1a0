"""
Twenty questions about overlaps, asked of every medium: each figure is the same.

What a medium cannot answer, and why, is in `NOT_ANSWERED`. Published media answer of the published copy, whose ids are
its own: there rows are compared by their names.
"""

import datetime as dt
import json
from itertools import chain, product

import geopandas as gpd
import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

import lindero
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.commands.index import program
from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.paper import typst_pdf
from lindero.app.media.paper.brief import community
from lindero.app.media.phone import grid_outlines
from lindero.app.media.phone.about import Subject, find_scope, whole_map_scope
from lindero.app.media.phone.contents import collect_contents
from lindero.app.media.phone.whole_map import collect_whole_map, read_boxes
from lindero.app.media.site.pack import open_published_map
from lindero.app.serving.ogc.contents import COLLECTIONS
from lindero.app.text import i18n
from lindero.app.text.i18n import format_number
from lindero.layers.database import map_database
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.workspace import manifest_file
from tests.built import build
from tests.files import Files

LANDS = "concessions", "communities"
SIDES = [
    LANDS,
    LANDS[::-1],
    ("concessions", "protected_areas"),
    ("communities", "protected_areas"),
    ("protected_areas", "communities"),
]
FILTERS = [PairFilter(), PairFilter(least_ha=900), PairFilter(least_share=0.3), PairFilter(contains="ñandu 1")]
QUESTIONS = list(product(SIDES, FILTERS))
NOT_ANSWERED = {
    "phone": "it holds pairs of concessions and communities alone, and no shares of them",
    "site": "it holds pairs of concessions and communities alone, and no shares of them",
    "brief": "it is of one community: the concessions and the protected areas on its land, without a filter",
    "ogc": "it gives the features of each layer, and pairs are of two",
}
OF_PHONE = [(sides, wanted) for sides, wanted in QUESTIONS if set(sides) == set(LANDS) and not wanted.least_share]
TOTALS = ("gross_ha", "footprint_ha", "certain_ha", "possible_ha")
COUNTS = ("pairs", "left_features", "right_features")
TODAY = dt.date(2026, 7, 26)


def squares(seed, count, side, kind):
    """Squares here and there, with names of which some are alike."""
    vertex = np.random.default_rng(seed).uniform((-78.5, -7.5), (-78.2, -7.2), (count, 2))
    shapes = shapely.box(*vertex.T, *(vertex + side).T)
    named = {"code": [f"{kind}{n}" for n in range(count)], "name": [f"{kind} Ñandú {n}" for n in range(count)]}
    return gpd.GeoDataFrame(named, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("twenty") / "space")
    files.add("concessions", squares(1, 40, 0.04, "T").assign(holder="Minera", status="Titulado"), id="titles")
    files.add("communities", squares(2, 12, 0.09, "C"), id="lands")
    files.add("protected_areas", squares(3, 6, 0.12, "P"), id="parks")
    build(files.space)
    open_map.use_folder(files.space.build_folder)
    return files


@pytest.fixture(scope="module")
def published(world):
    with open_published_map(manifest_file.load_workspace(world.folder), today=TODAY) as (_pub, con):
        yield con


def asked(world, sides, wanted=FILTERS[0], *options):
    """The answer of the command."""
    words = ["overlaps", *sides, *wanted.options(), *options, "--workspace", str(world.folder), "--format", "json"]
    return json.loads(CliRunner().invoke(program, words).stdout)


def by_name(rows):
    return {(row["left_name"], row["right_name"], round(row["area_ha"], 3)) for row in rows}


@pytest.mark.parametrize(("sides", "wanted"), QUESTIONS)
def test_command_library_and_page_give_the_same_figures(world, sides, wanted):
    told = asked(world, sides, wanted)

    page = wanted.apply(map_layers.find_overlaps(*sides).pairs)
    totals = map_layers.totals(*sides, tuple(zip(page["left_id"], page["right_id"], strict=True)))
    library = wanted.apply(lindero.open(world.folder).overlaps(*sides))

    assert told["pairs"] == len(page) == len(library) > 0
    for name in COUNTS[1:]:
        assert told[name] == getattr(totals, name)
    for name in TOTALS:
        assert told[name] == pytest.approx(getattr(totals, name), abs=1e-3), name
    assert told["gross_ha"] == pytest.approx(library["area_ha"].sum(), abs=1e-3)
    same = [
        {(row["left_id"], row["right_id"], round(row["area_ha"], 3)) for row in rows}
        for rows in (told["overlaps"], page.to_dict("records"), library.to_dict("records"))
    ]
    assert same[0] == same[1] == same[2]


@pytest.mark.parametrize(("sides", "wanted"), QUESTIONS)
def test_a_publication_gives_the_same_figures(world, published, sides, wanted):
    told = asked(world, sides, wanted)

    report = overlap_report(published, *(Side(LAYERS[name]) for name in sides), registers="refuse", pair_filter=wanted)

    for name in COUNTS:
        assert told[name] == getattr(report.totals, name)
    for name in TOTALS:
        assert told[name] == pytest.approx(getattr(report.totals, name), abs=1e-3), name
    assert by_name(told["overlaps"]) == by_name(report.pairs.to_dict("records"))


def test_a_site_gives_the_same_pairs(world, published):
    on = whole_map_scope("Twenty", read_boxes(published))
    _first, parts = collect_whole_map(published, on, [], [], step=grid_outlines.FINE_DEGREES, today=TODAY)
    rows = [(kind, row) for leaf in parts["leaf"] for kind in LANDS for row in leaf.get(kind, [])]

    for sides, wanted in OF_PHONE:
        pairs = {
            (row["name"], other["name"], round(other["area_ha"], 3))
            for kind, row in rows
            for other in row.get("pairs", [])
            if kind == sides[0] and is_wanted(wanted, other["area_ha"], row, other)
        }
        assert pairs == by_name(asked(world, sides, wanted)["overlaps"])


def test_a_phone_gives_the_same_pairs_and_figures_of_a_community(world, published):
    for land in map_database.read_layer(published, LAYERS["communities"]).to_dict("records")[:3]:
        held = collect_contents(
            published,
            find_scope(published, Subject.COMMUNITY, land["id"]),
            [],
            step=grid_outlines.FINE_DEGREES,
            today=TODAY,
        )
        of_id = {row["id"]: row for row in chain(*held["layers"].values())}
        pairs = [pair for pair in held["overlaps"] if pair["right_id"] == land["id"]]
        for sides, wanted in OF_PHONE:
            side = ("left", "right")[sides.index("communities")]
            told = asked(world, sides, wanted, f"--{side}-where", f"code={land['code']}")
            kept = {
                (round(pair["area_ha"], 3), of_id[pair["left_id"]]["name"])
                for pair in pairs
                if is_wanted(wanted, pair["area_ha"], of_id[pair["left_id"]], land)
            }
            other = {"left": "right", "right": "left"}[side]
            assert kept == {(round(row["area_ha"], 3), row[f"{other}_name"]) for row in told["overlaps"]}
            if wanted == FILTERS[0]:
                figures = held["lands"][land["id"]]
                assert figures["titles"] == told[f"{other}_features"]
                for name in TOTALS[:3]:
                    assert figures[name] == pytest.approx(told[name], abs=1e-3)


def test_a_brief_gives_the_same_figures_of_a_community(world):
    con = open_map.current_map().open_cursor()
    with_areas = 0
    for land in map_database.read_layer(con, LAYERS["communities"]).to_dict("records"):
        titles, parks = (
            asked(world, sides, FILTERS[0], f"--{side}-where", f"code={land['code']}")
            for side, sides in (("right", LANDS), ("left", ("communities", "protected_areas")))
        )
        i18n.set_language("en")
        parts = typst_pdf.build_sheet_data(community.build_brief(con, land["id"]))["parts"]
        areas, in_parks = (
            [format_number(row["area_ha"], decimals=1) for row in told["overlaps"]] for told in (titles, parks)
        )
        under = [format_number(titles[name], decimals=1) for name in ("footprint_ha", "certain_ha", "gross_ha")]
        tables = {tuple(part["head"][:2]): part["rows"] for part in parts if part["kind"] == "table"}
        figures = next(part["figures"] for part in parts if part["kind"] == "figures")

        assert [figure["figure"] for figure in figures[1:]] == (under if areas else [])
        assert [row[4] for row in tables.get(("#", "Concession"), [])] == areas
        assert [row[1] for row in tables.get(("Name", "Shared hectares"), [])] == in_parks
        with_areas += bool(in_parks)
    assert with_areas


def test_what_answers_no_question_holds_no_pairs():
    assert not [name for name in COLLECTIONS if "overlap" in name], NOT_ANSWERED["ogc"]


def is_wanted(wanted, area_ha, *sides):
    named = any("Ñandú 1" in row["name"] for row in sides) if wanted.contains else True
    return area_ha >= wanted.least_ha and named
