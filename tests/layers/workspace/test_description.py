"""What is said of a source after it was added: the manifest holds it, and nothing that cannot be."""

import tomllib

import pytest

from lindero.app.builder import description
from lindero.layers.database import map_database
from lindero.layers.errors import LayerError, SourceError, WorkspaceError
from lindero.layers.model.schema import CONCESSIONS
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_tables import update_source
from tests.built import build
from tests.files import concessions, geojson

COVERED = {"coverage": "PE", "covers_from": "2012-01-01", "covers_to": "2021-12-31", "published_on": "2022-09-29"}


def test_what_is_said_stands_in_the_manifest_and_the_rest_stays(files):
    files.add("concessions", concessions(), id="c", coverage="")
    before = manifest_file.load_workspace(files.folder).sources[0]
    (after,) = update_source(manifest_file.load_workspace(files.folder), "c", {**COVERED, "publisher": "Ministerio"})
    (entry,) = tomllib.loads(files.folder.joinpath("lindero.toml").read_text(encoding="utf-8"))["source"]

    assert {name: entry[name] for name in COVERED} == COVERED
    assert (after.publisher, after.file, after.snapshot_on) == ("Ministerio", before.file, before.snapshot_on)
    assert manifest_file.load_workspace(files.folder).sources == (after,)


def test_an_empty_text_takes_a_value_out(files):
    files.add("concessions", concessions(), id="c", coverage="PE")
    (after,) = update_source(manifest_file.load_workspace(files.folder), "c", {"coverage": ""})

    assert after.coverage == ""
    assert "coverage" not in files.folder.joinpath("lindero.toml").read_text(encoding="utf-8")


def test_one_snapshot_of_several_is_named_by_its_date(files):
    files.add("concessions", concessions(), id="c", snapshot_on="2009-01-01")
    files.add("concessions", concessions(2), id="c", snapshot_on="2026-01-01")
    space = manifest_file.load_workspace(files.folder)
    (after,) = update_source(space, "c", {"snapshot_on": "2010-05-05"}, snapshot_on="2009-01-01")
    both = update_source(manifest_file.load_workspace(files.folder), "c", {"publisher": "P"})

    assert after.snapshot_on == "2010-05-05"
    assert [one.publisher for one in both] == ["P", "P"]


@pytest.mark.parametrize(
    ("stated", "error"),
    [
        ({"covers_to": "31/12/2021"}, SourceError),
        ({"covers_from": "2022-01-01", "covers_to": "2021-12-31"}, SourceError),
        ({"snapshot_on": "2026-01-01"}, WorkspaceError),
    ],
)
def test_what_cannot_be_changes_nothing(files, stated, error):
    files.add("concessions", concessions(), id="c", snapshot_on="2009-01-01")
    files.add("concessions", concessions(2), id="c", snapshot_on="2026-01-01")
    before = files.folder.joinpath("lindero.toml").read_bytes()

    with pytest.raises(error):
        update_source(manifest_file.load_workspace(files.folder), "c", stated, snapshot_on="2009-01-01")
    with pytest.raises(WorkspaceError, match="there is no source"):
        update_source(manifest_file.load_workspace(files.folder), "nobody", {"publisher": "P"})
    assert files.folder.joinpath("lindero.toml").read_bytes() == before


def test_how_a_file_is_read_is_changed_if_it_can_be_read_so(files, tmp_path):
    twice = concessions(1, name="PeÃ±Ã³n")
    files.add("concessions", geojson(tmp_path / "17s.geojson", twice.to_crs("EPSG:32717")), id="c", crs="EPSG:32718")
    before = files.folder.joinpath("lindero.toml").read_bytes()

    with pytest.raises(LayerError, match="its coordinates are in metres"):
        description.describe_source(files.space, "c", {"crs": "OGC:CRS84"})
    with pytest.raises(SourceError, match="cannot be decoded as"):
        description.describe_source(files.space, "c", {"encoding": "ascii"})
    assert files.folder.joinpath("lindero.toml").read_bytes() == before

    (after,) = description.describe_source(files.space, "c", {"crs": "EPSG:32717", "encoding": "repair"})
    space = manifest_file.load_workspace(files.folder)
    assert (after.crs, after.encoding) == ("EPSG:32717", "repair")
    con = map_database.connect(build(space).path)
    rows = map_database.read_layer(con, CONCESSIONS)
    assert rows["name"].tolist() == ["Peñón"]
    assert rows.total_bounds[0] == pytest.approx(-78.5, abs=0.001)
    con.close()


@pytest.fixture
def undated(files):
    """Two snapshots without a stated date, so that the date of retrieval distinguishes them."""
    for count, date in enumerate(("2025-01-01", "2026-01-01"), start=1):
        files.add("concessions", concessions(count), id="c", snapshot_on=date, snapshot_stated=False)
    return files


@pytest.mark.parametrize(
    ("stated", "snapshot", "message"),
    [
        ({"retrieved_on": "2026-05-05"}, "", "choose one with --snapshot"),
        ({"snapshot_on": "2026-05-05"}, "", "choose one with --snapshot"),
        ({"retrieved_on": "2025-01-01"}, "2026-01-01", "already has a snapshot dated 2025-01-01"),
        ({"snapshot_on": "2025-01-01"}, "2026-01-01", "already has a snapshot dated 2025-01-01"),
    ],
)
def test_two_snapshots_cannot_get_the_same_date(undated, stated, snapshot, message):
    manifest = undated.folder / "lindero.toml"
    before = manifest.read_bytes()
    with pytest.raises(WorkspaceError, match=message):
        update_source(manifest_file.load_workspace(undated.folder), "c", stated, snapshot_on=snapshot)
    assert manifest.read_bytes() == before


def test_a_snapshot_that_shares_its_file_is_updated_alone(files):
    for date in ("2025-01-01", "2026-01-01"):
        files.add("concessions", concessions(), id="c", snapshot_on=date)
    space = manifest_file.load_workspace(files.folder)
    assert len({entry.file for entry in space.sources}) == 1
    (after,) = update_source(space, "c", {"publisher": "P"}, snapshot_on="2026-01-01")
    assert (after.snapshot_on, after.publisher) == ("2026-01-01", "P")
