import geopandas as gpd
import pytest
import shapely
from shapely import affinity

from lindero.app.answers.changes.own_land import own_land_section
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.answers.profile.community import CommunityFacts
from lindero.app.text.escape import remove_markup
from lindero.layers.database import map_database
from tests.built import build
from tests.files import SIDE, SOUTH, WEST, Files, concessions

BOX = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
RIVALS = {"name": ["UNO", "DOS", "OLD", "FAR"], "applied_on": ["2026-01-05", "2026-01-05", "2020-05-01", "2026-01-05"]}


def told(space, report_of=dated_report):
    con = map_database.connect(build(space).path)
    row = map_database.read_layer(con, map_database.LAYERS["communities"]).iloc[0]
    facts = CommunityFacts.from_map(con, row["id"])
    section = own_land_section(con, report_of(con), row, facts.coverage("concessions"))
    return section, [*map(remove_markup, section.lines)]


def land(**columns):
    return gpd.GeoDataFrame({"name": ["Alta"], **columns}, geometry=[BOX], crs="OGC:CRS84")


@pytest.fixture
def rivals(tmp_path):
    files = Files(tmp_path / "space")
    shapes = [
        BOX,
        shapely.box(*BOX.bounds[:2], WEST + 2 * SIDE, SOUTH + SIDE),
        BOX,
        affinity.translate(BOX, 9 * SIDE),
    ]
    rows = concessions(4, **RIVALS).assign(holder=["A SAC", "B SAC", "C SAC", "D SAC"]).set_geometry(shapes)
    files.add("concessions", rows, snapshot_on="2026-03-10", id="cadastre")
    files.add("communities", land(), id="lands")
    return files


def test_only_what_is_dated_in_the_year_of_the_register_and_on_the_land_is_told(rivals):
    section, lines = told(rivals.space)

    assert section.finding.startswith(
        "In the 12 months to March 10, 2026, 2 concessions were applied for on the land of Alta:"
    )
    assert not [line for line in lines if "OLD" in line or "FAR" in line]


def test_applications_for_the_same_ground_of_the_land_on_one_day_are_one_fact_and_its_hectares_count_once(rivals):
    section, (line,) = told(rivals.space)

    assert line.startswith("January 5, 2026, 2 applications for the same land:")
    assert "UNO (applicant: A SAC)" in line
    assert "DOS (applicant: B SAC)" in line
    hectares = line.rpartition("; ")[2]
    assert hectares in section.finding


@pytest.mark.parametrize(
    ("dates", "finding"),
    [
        (["2025-12-01"] * 2, "This map has no data on concessions here"),
        ([None] * 2, "The register does not state dates"),
    ],
)
def test_without_dates_or_data_here_the_section_says_what_is_missing(files, dates, finding):
    files.add("communities", land(), id="lands")
    elsewhere = [] if dates[0] is None else [affinity.translate(BOX, 90 * SIDE)] * 2
    rows = concessions(2, applied_on=dates)
    files.add(
        "concessions",
        rows.set_geometry(elsewhere) if elsewhere else rows,
        snapshot_on="2026-03-10",
        coverage="PE-LIM" if elsewhere else "PE",
    )

    section, lines = told(files.space)

    assert not lines
    assert section.finding.startswith(finding)
