"""A file held against what the map has of the same things: in another datum than it says, or on another base."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.app.builder.add.plan import plan_source, plan_text
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.errors import CRSError
from lindero.layers.workspace import manifest_file, manifest_tables
from lindero.layers.workspace.source_options import SourceOptions
from tests.built import build
from tests.files import TODAY, Files, geojson

PLACES = {"PE": (-78.5, -7.0), "MX": (-100.4, 24.2), "BR": (-52.3, -6.1), "CO": (-75.5, 6.2), "KE": (37.2, 0.4)}


def register(country, *, count=12, codes=True):
    """Triangles of many sizes, far enough from one another to be told apart."""
    west, south = PLACES[country]
    rng = np.random.default_rng(7)
    vertices = np.column_stack((west + 0.03 * np.arange(count), south + 0.02 * (np.arange(count) % 4)))
    shapes = [
        shapely.Polygon([(x, y), (x + 0.01 * a, y + 0.002), (x + 0.005, y + 0.01 * b)])
        for (x, y), (a, b) in zip(vertices, rng.uniform(0.5, 1.5, (count, 2)), strict=True)
    ]
    named = {"code": [f"C-{n}" if codes else None for n in range(count)], "name": [f"Área {n}" for n in range(count)]}
    return gpd.GeoDataFrame(named, geometry=shapes, crs="OGC:CRS84")


def mislabelled(frame, *, own, read_as):
    """Numbers in one system that the file says are in another; of CRS84 PROJ looks up for half a second how it lies to degrees."""
    return frame.set_crs(4326, allow_override=True).to_crs(own).set_crs(read_as, allow_override=True)


def sent(folder, frame):
    path = folder / "recibido" / "capa.gpkg"
    path.parent.mkdir()
    frame.to_file(path)
    return path


def asked(path, space, **wishes):
    known = {"layer": "concessions", "publisher": "P", "id": "otra", "snapshot_on": "2009-01-01"}
    return plan_source(str(path), SourceOptions(**(known | wishes)), space, today=TODAY)


@pytest.fixture(autouse=True)
def _english():
    i18n.set_language("en")


def on_the_map(tmp_path, frame, country="PE"):
    files = Files(tmp_path / "space", country=country)
    files.add("concessions", frame.to_crs("OGC:CRS84"), coverage="")
    build(files.space)
    return files


OLD = {  # country: the system that the numbers are in, the one that the file says, and how far that puts the rows
    "PE": ("EPSG:24877", "EPSG:32717", (430, 450), "north-east"),
    "MX": ("EPSG:26714", "EPSG:32614", (180, 220), "south"),
    "BR": ("EPSG:29192", "EPSG:32722", (55, 75), "north-east"),
    "CO": ("EPSG:4218", "EPSG:4326", (450, 550), "north-west"),
    "KE": ("EPSG:21097", "EPSG:32637", (200, 400), ""),
}


@pytest.mark.parametrize("codes", [True, False], ids=["by code", "by form"])
@pytest.mark.parametrize("country", OLD)
def test_an_old_datum_that_is_labelled_as_a_new_one_is_refused_and_named(tmp_path, country, codes):
    own, read_as, (least, most), direction = OLD[country]
    files = on_the_map(tmp_path, register(country, codes=codes or country != "PE"), country)
    path = sent(tmp_path, mislabelled(register(country, codes=codes), own=own, read_as=read_as))
    with pytest.raises(
        CRSError, match=rf"to the {direction}.*--crs [^;]*{own}\b[^;]*\. If .* as read, add --crs {read_as}$"
    ) as refused:
        asked(path, files.space)
    params = refused.value.params
    assert (params["rows"], params["of"], params["source"]) == ("12", "12", "concessions")
    assert least < float(params["metres"].replace(",", "")) < most

    assert "displaced_by_datum" not in set(asked(path, files.space, crs=own).findings["finding"])  # said, and gone
    told = asked(path, files.space, crs=read_as)  # said to be right as read: taken, with a finding
    row = told.findings[told.findings["finding"] == "displaced_by_datum"].iloc[0]
    assert (row["row_number"], row["source_id"]) == (0, "otra")
    assert "12/12 concessions 2026-01-01 · EPSG:" in row["detail"]
    assert f"{own} (" in row["detail"]
    assert f"{params['metres']} m, " in row["detail"]
    assert row["detail"] in plan_text(told)


@pytest.mark.parametrize("by_way_of", ["degrees of the old datum", "metres, made degrees since"])
def test_degrees_of_an_old_datum_are_told_as_they_came_to_be(tmp_path, by_way_of):
    files = on_the_map(tmp_path, register("PE"))
    if by_way_of.startswith("degrees"):
        frame, advice = mislabelled(register("PE"), own=4248, read_as=4326), "when coordinates in PSAD56 are read as"
    else:
        frame, advice = (
            mislabelled(register("PE"), own=24877, read_as=32717).to_crs(4326),
            "Ask for a file in EPSG:24877",
        )
    with pytest.raises(CRSError, match=advice):
        asked(geojson(tmp_path / "recibido" / "capa.geojson", frame), files.space)


def test_a_map_that_is_wrong_itself_does_not_refuse_what_is_right(tmp_path):
    files = on_the_map(tmp_path, mislabelled(register("PE"), own="EPSG:24877", read_as="EPSG:32717"))
    taken = asked(sent(tmp_path, register("PE")), files.space)
    detail = taken.findings.loc[taken.findings["finding"] == "displaced_by_datum", "detail"].item()
    assert "EPSG:24877 (PSAD56 / UTM zone 17S) → " in detail


def test_one_displacement_that_no_datum_explains_is_a_finding(tmp_path):
    files = on_the_map(tmp_path, register("PE"))
    metres = register("PE").to_crs(32717)
    taken = asked(sent(tmp_path, metres.set_geometry(metres.translate(300, 120))), files.space)
    detail = taken.findings.loc[taken.findings["finding"] == "displaced_by_no_datum", "detail"].item()
    assert detail.startswith("323 m, 6")
    assert detail.endswith("· 12/12 concessions 2026-01-01")


def test_what_moved_in_many_ways_or_hardly_at_all_is_no_displacement(tmp_path):
    files = on_the_map(tmp_path, register("PE"))
    metres = register("PE").to_crs(32717)
    by = np.random.default_rng(1).normal(0, 300, (12, 2))
    apart = [shapely.affinity.translate(shape, *step) for shape, step in zip(metres.geometry, by, strict=True)]
    near = metres.translate(6, -8)
    for number, shapes in enumerate((apart, near)):
        folder = tmp_path / str(number)
        folder.mkdir()
        taken = asked(sent(folder, metres.set_geometry(gpd.GeoSeries(list(shapes), crs=32717))), files.space)
        assert not {"displaced_by_no_datum", "displaced_by_datum"} & set(taken.findings["finding"])


def test_registers_of_other_things_with_the_same_numbers_are_not_compared(tmp_path):
    files = on_the_map(tmp_path, register("PE").assign(code=[str(n) for n in range(12)]))
    metres = register("PE").to_crs(32717).assign(code=[str(11 - n) for n in range(12)])
    taken = asked(sent(tmp_path, metres.set_geometry(metres.translate(40_000, 0))), files.space)
    assert not {"displaced_by_no_datum", "displaced_by_datum"} & set(taken.findings["finding"])


def test_a_build_tells_what_nothing_could_be_held_against_when_it_was_added(files, tmp_path):
    wrong = mislabelled(register("PE"), own="EPSG:24877", read_as="EPSG:32717")
    files.add("concessions", sent(tmp_path, wrong), id="vieja", coverage="")
    files.add("concessions", register("PE"), id="nueva", coverage="")
    told = findings(build(files.space).path)
    assert [(source, kind) for source, kind, _ in told] == [("vieja", "displaced_by_datum")]
    assert "12/12 nueva 2026-01-01 · EPSG:24877" in told[0][2]

    files.add("concessions", register("PE").assign(code=None).iloc[:2], id="otra-mas", coverage="")
    assert findings(build(files.space).path) == told  # nothing is told twice by a build that takes the rest over


def test_what_is_found_between_two_registers_goes_with_one_of_them(files, tmp_path):
    wrong = mislabelled(register("PE"), own="EPSG:24877", read_as="EPSG:32717")
    files.add("concessions", sent(tmp_path, wrong), id="vieja", coverage="")
    files.add("concessions", register("PE"), id="nueva", coverage="")
    told = findings(build(files.space).path)
    files.add("communities", register("PE"), coverage="")
    assert findings(build(files.space).path) == told

    manifest_tables.remove_source(files.space, "nueva")
    assert not findings(build(manifest_file.load_workspace(files.folder)).path)  # against what is gone


def findings(path):
    with map_database.connect(path) as con:
        rows = map_database.read_table(con, "findings")
    some = rows[rows["finding"].str.startswith("displaced")]
    return [*some[["source_id", "finding", "detail"]].itertuples(index=False, name=None)]
