"""The files as received, through the program as a reader would use it."""

import itertools
import json
from functools import partial

import geopandas as gpd
import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.app.text import i18n
from lindero.geo.registers.displacement import BOX, Records, displacement
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import CRSError
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions
from tests.browser import maps_served
from tests.files import TODAY, shared
from tests.real.plans import plan_of, received_files, space_of

CADASTRE_2009, CADASTRE_2026 = "peru-cajamarca/catastro_minero.geojson", "peru-cadastre-2026/17s_100326.geojson"
SOURCES = {  # id: file
    "titles-2009": CADASTRE_2009,
    "rights-2026": CADASTRE_2026,
    "peasant": "peru-cajamarca/c_campesina.geojson",
    "native": "peru-cajamarca/c_nativa.geojson",
    "areas": "peru-cajamarca/ANP.geojson",
    "buffers": "peru-cajamarca/ZA.geojson",
}
REFERENCE = [  # left, right, pairs, left and right features, gross ha, footprint ha
    ("titles-2009", "communities", "native", 55, 47, 3, 37_458.8, 37_458.7),
    ("titles-2009", "communities", "peasant", 977, 818, 82, 187_680.9, 170_704.6),
    ("titles-2009", "protected_areas", "areas", 73, 73, 7, 18_519.2, 17_771.6),
    ("titles-2009", "protected_areas", "buffers", 130, 130, 8, 19_114.3, 16_990.1),
    ("rights-2026", "communities", "native", 38, 32, 4, None, 13_342.7),
    ("rights-2026", "communities", "peasant", 748, 621, 75, None, 111_824.5),
]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """What adding each file would do, with what its publisher does not say in it."""
    return partial(plan_of, tmp_path_factory)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    i18n.set_language("en")
    return space_of(tmp_path_factory, SOURCES).folder


@pytest.mark.parametrize("name", [name for name in received_files() if name != CADASTRE_2026] or [CADASTRE_2009])
def test_every_file_is_kept_row_for_row(plan, name):
    taken = plan(name)
    account = taken.source.iloc[0]
    main = taken.tables[taken.entry.layer]

    assert (
        account["rows_read"]
        == account["rows_kept"] + account["rows_rejected"]
        == len(taken.received.rows) + len(taken.received.account.rejects)
    )
    assert account["rows_kept"] == len(main) > 0
    assert main["id"].is_unique
    assert not set(taken.findings["finding"]) & {"null_island", "swapped_axes", "out_of_range"}


@pytest.mark.parametrize("reference", REFERENCE, ids=lambda reference: f"{reference[0]} × {reference[2]}")
def test_the_reference_results_come_from_the_command_line(built, typed, reference):
    left, layer, right, pairs, lefts, rights, gross, footprint = reference
    options = ["--left-source", left, "--right-source", right, "--format", "json", "--workspace", str(built)]
    answer = json.loads(typed("overlaps", "concessions", layer, *options)[1])

    assert (answer["pairs"], answer["left_features"], answer["right_features"]) == (pairs, lefts, rights)
    assert len(answer["overlaps"]) == pairs
    assert answer["footprint_ha"] == pytest.approx(footprint, rel=1e-3)
    if gross is not None:
        assert answer["gross_ha"] == pytest.approx(gross, rel=1e-3)


def test_the_cadastre_in_metres_that_says_nothing_is_refused_and_its_zone_named(files):
    with pytest.raises(CRSError, match="EPSG:32717"):
        plan_source(str(shared(CADASTRE_2026)), SourceOptions(), files.space, today=TODAY)


@pytest.mark.parametrize(
    ("own", "read_as"),
    [
        pytest.param(24877, 32717, marks=pytest.mark.slow),
        pytest.param(4248, 4326, marks=pytest.mark.slow),
        pytest.param(29187, 32717, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_the_cadastre_of_2009_in_an_old_datum_that_says_it_is_a_new_one_is_told(built, tmp_path, own, read_as):
    old = gpd.read_file(shared(CADASTRE_2009)).to_crs(own).set_crs(read_as, allow_override=True)
    old.to_file(tmp_path / "catastro.gpkg")
    said = SourceOptions(id="old", snapshot_on="2009-11-30")
    with pytest.raises(CRSError, match=f"are .* m to the .* add --crs EPSG:{own}") as refused:
        plan_source(str(tmp_path / "catastro.gpkg"), said, manifest_file.load_workspace(built), today=TODAY)
    assert refused.value.params["of"] in {"497", "2,711"}  # of the register of 2026, or of 2009 itself


@pytest.mark.slow
def test_no_received_file_lies_beside_another_by_one_displacement(plan):
    registers = {}
    for name in received_files():
        taken = plan(name)
        rows = taken.tables[taken.entry.layer]
        if "area_ha" in rows:
            boxes = rows.geometry.bounds.set_axis(BOX, axis=1).assign(code=rows.get("code"), area_ha=rows["area_ha"])
            registers.setdefault(taken.entry.layer, []).append(Records(boxes))
    pairs = [pair for alike in registers.values() for pair in itertools.combinations(alike, 2)]
    assert len(pairs) >= 20
    assert not [found for pair in pairs if (found := displacement(*pair))]


def test_the_two_cadastres_are_snapshots_of_one_source(tmp_path_factory):
    con = map_database.connect(builds.current_map(maps_served.received(tmp_path_factory)))
    now = map_database.read_layer(con, LAYERS["concessions"])
    ever = map_database.read_layer(con, LAYERS["concessions"], every_snapshot=True)
    con.close()
    before = ever[ever["snapshot_on"] < ever["snapshot_on"].max()]

    assert (len(now), len(before)) == (9_025, 2_785)
    assert len(set(now["code"]) & set(before["code"])) == 497


def test_the_killings_name_nobody(plan):
    taken = plan("killings-global-witness/global_witness_led_22-09-22.csv")
    names = {value for value in taken.received.rows["name"].dropna() if len(value) > 12}
    told = "\n".join(frame.to_csv() for frame in (*taken.tables.values(), taken.rejects, taken.findings))

    assert len(taken.tables["incidents"]) == 1_733
    assert len(names) > 1_000
    assert not [person for person in names if person in told]
