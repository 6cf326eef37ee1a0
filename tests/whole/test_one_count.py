"""
One small world, asked in every way there is: each page, command, export, tile and publication tells the same numbers.

Of three events two are attacks. One is told by two sources, hit three people, and killed two of them. Of the other
nobody says how many people it hit, nor where in Cajamarca. The third is a conflict without an act. A record was
withdrawn, another is private, and one stands only in an older snapshot.
"""

import datetime as dt
import json
import re

import pytest
from typer.testing import CliRunner

from lindero.app.commands.index import program
from lindero.app.media.site.select import select_publication
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database
from lindero.layers.tiles.tile_query import build_tile
from lindero.layers.workspace import manifest_file
from tests.answered import at_page
from tests.built import build
from tests.files import Files, concessions, incidents
from tests.layers.tiles.test_tile_query import address, read
from tests.shown_tables import tables

EVENTS, ATTACKS, CONFLICTS, PLACED = 3, 2, 1, 2
PEOPLE, KILLED = 3, 2
LAT, LON = -6.995, -78.495
HEADER = "code,title,occurred_on,date_precision,place_text,region,country,location_precision,visibility,sources,longitude,latitude"
ONE, OTHER = "one/", "other/"
DAY = dt.date(2026, 2, 1)


def told(code, *, day="2024-05-01", known="exact", visibility="public_record", place=True):
    at = (LON, LAT) if place else ("", "")
    return f"{code},Hecho {code},{day},day,,Cajamarca,PE,{known},{visibility},Informe {code},{at[0]},{at[1]}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The workspace, and a connection to its map."""
    files = Files(tmp_path_factory.mktemp("world") / "space")
    rows = [told("attack"), told("conflict"), told("unknown", known="region", place=False)]
    rows += [told("withdrawn"), told("private", visibility="confidential")]
    files.add("incidents", incidents(told("old"), *rows, header=HEADER), id="one", snapshot_on="2025-01-01")
    files.add("incidents", incidents(*rows, header=HEADER), id="one")
    files.add("incidents", incidents(told("twin"), header=HEADER), id="other")
    acts = ["attack,killing", "attack,threat", "unknown,criminalisation", "withdrawn,killing", "private,killing"]
    files.add("acts", "\n".join(["incident_id,type", *(ONE + act for act in acts), f"{OTHER}twin,killing"]))
    people = [f"{ONE}attack,2,killed", f"{ONE}attack,1,survived", f"{ONE}unknown,,", f"{OTHER}twin,2,killed"]
    people += [f"{ONE}withdrawn,5,killed", f"{ONE}private,7,killed"]
    files.add("victims", "\n".join(["incident_id,count,outcome", *people]))
    files.add("concessions", concessions(2), snapshot_on="2025-01-01")
    files.add("concessions", concessions(3))
    files.add("communities", concessions(2)[["code", "name", "geometry"]])
    manifest = files.folder / "lindero.toml"
    same = f'\n[[same]]\nincidents = ["{ONE}attack", "{OTHER}twin"]\n'
    manifest.write_text(manifest.read_text(encoding="utf-8") + same, encoding="utf-8")
    tombstones.write_registers(files.folder, tombstones.insert_signs((), [("id", f"{ONE}withdrawn")], []))
    files.space = manifest_file.load_workspace(files.folder)
    with map_database.connect(build(files.space).path, spatial=True) as con:
        yield files, con


def typed(world, *words):
    result = CliRunner().invoke(program, [*words, "--workspace", str(world[0].folder), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def open_at(world, name, **query):
    return at_page(world[0].space.build_folder, name, **query)


def texts(page):
    return "\n".join(part.value for part in (*page.markdown, *page.header, *page.text))


def test_attacks(world):
    page = open_at(world, "attacks")
    figures = {metric.label: metric.value for metric in page.metric}

    assert figures["Attacks on record in Peru"] == str(ATTACKS)
    assert figures["People attacked, where stated"] == str(PEOPLE)
    assert figures["People killed, where stated"] == str(KILLED)
    assert re.search(rf"There (is|are) also {CONFLICTS} conflicts? without an attack", texts(page))


def test_case(world):
    page = open_at(world, "case")

    assert len(page.selectbox[0].options) == EVENTS


def test_near_me(world):
    page = open_at(world, "near_me")
    page.text_input[0].set_value(f"{LAT}, {LON}").run()

    assert texts(page).count("**Hecho ") == PLACED


def test_near(world):
    found = typed(world, "near", str(LAT), str(LON), "--layer", "incidents")["near"]

    assert len(found) == PLACED


def test_community(world):
    assert texts(open_at(world, "community")).count("**Hecho ") == PLACED


def test_browse(world):
    page = open_at(world, "browse")
    listed = tables(page)[0].set_index("name")

    assert listed["attacks"]["Cajamarca"] == listed["attacks"].sum() == ATTACKS


def test_commitments(world):
    listed = tables(open_at(world, "commitments"))[0].set_index("instrument")
    ilo = next(listed.loc[name] for name in listed.index if "169" in name)

    assert ilo["attacks_since"] == ATTACKS
    assert ilo["people_killed_since"] == KILLED


def test_over_time(world):
    listed = tables(open_at(world, "over_time"))[0]

    assert listed["attacks"].sum() == ATTACKS


def test_sources_and_limits(world):
    assert f"{EVENTS - PLACED} attack or conflict has no recorded location" in texts(open_at(world, "sources"))


@pytest.mark.parametrize(
    ("of", "counted", "unstated"), [("incidents", EVENTS, 0), ("attacks", ATTACKS, 0), ("victims", PEOPLE, 1)]
)
def test_hotspots(world, of, counted, unstated):
    asked = ("--over", "regions", "--within", "PE", "--draws", "2")
    found = typed(world, "hotspots", "--of", of, *asked)

    assert found["counted"] == counted
    assert found["without_number_of_people"] == unstated


def test_exposure(world):
    found = typed(world, "exposure", "--draws", "1")["communities"]

    assert [row["attacks_within_25_km"] for row in found] == [1, 1]  # the other attack has no known place


def test_tiles(world, tmp_path):
    far_out, close = (0, 0, 0), address(10, LON, LAT)

    assert read(build_tile(world[1], *far_out), far_out, "counts", tmp_path)["incidents"].tolist() == [PLACED]
    assert len(read(build_tile(world[1], *close), close, "incidents", tmp_path)) == PLACED


@pytest.mark.parametrize(("layer", "count"), [("incidents", EVENTS), ("acts", 3), ("victims", 3)])
def test_export(world, tmp_path, layer, count):
    file = tmp_path / f"{layer}.csv"
    result = CliRunner().invoke(program, ["export", layer, "-o", str(file), "--workspace", str(world[0].folder)])

    assert result.exit_code == 0, result.stderr
    assert len(file.read_text(encoding="utf-8").splitlines()) - 1 == count


def test_publication(world):
    pub = select_publication(world[0].space, None, today=DAY)
    killed = pub.layers["victims"].query("outcome == 'killed'")

    assert len(pub.layers["incidents"]) == EVENTS
    assert pub.layers["acts"]["incident_id"].nunique() == ATTACKS
    assert pub.layers["victims"]["count"].sum() == PEOPLE
    assert killed["count"].sum() == KILLED
