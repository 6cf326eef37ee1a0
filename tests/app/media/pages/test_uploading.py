"""A file from the browser: the same reader and rules as on the command line, and no path of the reader's."""

import ast
import datetime as dt
import json
import shutil
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.add.preview import build_preview, preview_from_dict, preview_to_dict
from lindero.app.builder.build import build_map
from lindero.app.builder.consent import withdraw
from lindero.app.media.pages import upload
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.forms.upload_form import refusal_text
from lindero.app.media.pages.upload import ReceivedFile, accept_upload, plan_upload, rebuild_map, safe_name
from lindero.app.serving.asgi import OperatorError, serve
from lindero.app.text.column_names import COLUMNS
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import SourceError, WorkspaceError
from lindero.layers.model.schema import LAYERS
from lindero.layers.sources.mapping import fillable_columns
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import Files, concessions, geojson, incidents
from tests.layers.read.formats.test_hostile import dense
from tests.layers.sources.test_field_proposals import ministry

ROOT = Path(__file__).parents[4]
SAID = SourceOptions(layer="concessions", publisher="Ministerio")


@pytest.fixture
def space(tmp_path):
    return Files(tmp_path / "space").space


@pytest.fixture
def handed(tmp_path):
    return ReceivedFile("catastro.geojson", geojson(tmp_path / "a.geojson", ministry()).read_bytes())


def test_nothing_is_kept_until_it_is_accepted(space, handed):
    before = sorted(space.folder.rglob("*"))
    proposals = plan_upload(handed, SAID, space).proposals
    what = plan_upload(handed, SAID, space, proposals)

    assert what.refusal is None
    assert what.outline.counts["rows_kept"] == 12
    assert sorted(space.folder.rglob("*")) == before


def test_what_is_accepted_is_a_source_and_on_the_map(space, handed):
    what = plan_upload(handed, SAID, space, plan_upload(handed, SAID, space).proposals)
    accept_upload(handed, what.outline, space)
    said = rebuild_map(space)
    (entry,) = load_workspace(space.folder).sources

    assert said == ""
    assert space.folder.joinpath(entry.file).read_bytes() == handed.content
    con = map_database.connect(builds.current_map(space.build_folder))
    assert map_database.count_rows(con)["concessions"] == 12
    with pytest.raises(WorkspaceError, match="already"):
        accept_upload(handed, what.outline, space)


TOLD = "id,occurred_on,title,place_text,visibility"


@pytest.fixture(scope="module")
def withdrawn(tmp_path_factory):
    """Give the folder of a workspace that knows of a withdrawal."""
    files = Files(tmp_path_factory.mktemp("withdrawn") / "space")
    files.add("incidents", incidents("1,2020-01-01,Amenaza de muerte,Cajas,public_record", header=TOLD), id="prensa")
    build_map(files.space)
    withdraw(files.space, None, "1")
    return files.folder


def like(number, source):
    """Give a file of which one row of two is like the withdrawn record, and what is said of it."""
    rows = [f"{number},2021-05-{number},Amenaza de muerte,Cajas", f"{number + 1},2021-06-06,Otra {source},Lejos"]
    content = incidents(*(f"{row},public_record" for row in rows), header=TOLD).encode()
    return ReceivedFile(f"{source}.csv", content), SourceOptions(layer="incidents", publisher="P", id=source)


def test_what_is_said_of_a_row_like_a_withdrawn_record_is_kept_with_the_file(withdrawn, tmp_path):
    space = load_workspace(shutil.copytree(withdrawn, tmp_path / "space"))
    files = [(like(17, "otra"), {"same": (1,)}, 1), (like(27, "tercera"), {"another": (1,)}, 2)]
    for (handed, wishes), said, kept in files:
        assert upload.undecided_rows(plan_upload(handed, wishes, space, ())) == (1,)

        what = plan_upload(handed, replace(wishes, **said), space, ())
        assert what.outline.counts["rows_kept"] == kept
        assert upload.undecided_rows(plan_upload(handed, wishes, space, ())) == (
            1,
        )  # nothing is kept until it is accepted
        accept_upload(handed, what.outline, space)

    assert rebuild_map(space) == ""
    con = map_database.connect(builds.current_map(space.build_folder))
    assert map_database.count_rows(con)["incidents"] == 3
    sources = map_database.read_sources(con)
    assert {one.source_id: one.rows_kept for one in sources} == {"prensa": 0, "otra": 1, "tercera": 2}
    for (handed, wishes), _said, _kept in files:
        assert upload.undecided_rows(plan_upload(handed, replace(wishes, snapshot_on="2026-06-01"), space, ())) == ()


@pytest.mark.parametrize(
    ("content", "wishes"),
    [
        (b"", SAID),
        (b"<html>", SAID),
        (b"<OGRVRTDataSource/>", SAID),
        (b"code,longitude,latitude\n", SourceOptions()),
        (b"code,longitude,latitude\n1,-78,-7\n", SourceOptions(layer="concessions")),
        (incidents("1,2020-01-01,x,confidential,-78.5,-7").encode(), SourceOptions(layer="incidents", publisher="P")),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(space, content, wishes, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    what = plan_upload(ReceivedFile("a.geojson", content), wishes, space, ())

    assert isinstance(what.refusal, SourceError)
    assert what.outline is None
    assert list((tmp_path / "temporary").iterdir()) == []
    assert load_workspace(space.folder).sources == ()


def test_a_refusal_names_the_fields_of_the_page():
    refusal = SourceError("state the date with --snapshot-on, and use --crs EPSG:32717")

    assert "with “Date of its content”, and use “Coordinate reference system, if the file does" in refusal_text(refusal)
    assert "state it”: EPSG:32717" in refusal_text(refusal)


def test_what_the_page_shows_comes_back_as_it_was(tmp_path):
    """Through the other process and JSON: rows, kinds, dates, accents and outlines."""
    space = Files(tmp_path / "space").space
    rows = concessions(12)
    rows.loc[3, "geometry"] = None
    rows.loc[4, "name"] = None
    content = geojson(tmp_path / "a.geojson", rows).read_bytes()
    shown = plan_upload(ReceivedFile("Ñandú.geojson", content), SAID, space, ()).outline

    taken = plan_source(str(tmp_path / "a.geojson"), SAID, space, today=dt.date(2026, 1, 1))
    here = preview_from_dict(json.loads(json.dumps(preview_to_dict(build_preview(taken)))))
    assert shown.counts == here.counts == {"rows_read": 12, "rows_kept": 11, "rows_repaired": 0, "rows_rejected": 1}
    assert [(one.column, one.kind, one.count, one.first) for one in shown.noticed] == [
        ("reason", "no_geometry", 1, [4])
    ]
    assert shown.fields == here.fields == build_preview(taken).fields
    assert shown.rows == 11
    assert shown.drawn_rows.geom_equals(here.drawn_rows.geometry).all()
    assert shown.drawn_rows.geom_equals(
        gpd.GeoSeries(taken.tables["concessions"].geometry.to_numpy(), crs=shown.drawn_rows.crs)
    ).all()
    assert shown.drawn_rows["holder"].tolist() == ["Compañía Minera Sánchez"] * 11
    assert shown.entry.layer == "concessions"
    assert shown.entry.file.endswith("/ñandú.geojson")


def test_people_are_shown_without_what_their_fields_hold(tmp_path):
    space = Files(tmp_path / "space").space
    content = incidents("1,2020-01-01,público,public_record,-78.5,-7").encode()
    shown = plan_upload(
        ReceivedFile("casos.csv", content), SourceOptions(layer="incidents", publisher="P"), space, ()
    ).outline

    assert {one.field for one in shown.fields} >= {"code", "place_text"}
    assert all(not one.samples for one in shown.fields)


def test_a_file_that_kills_its_reader_is_refused_and_the_next_is_read(space, handed, monkeypatch):
    killed = upload.Worker([sys.executable, "-c", "import os, sys; sys.stdin.readline(); os.abort()"])
    monkeypatch.setattr(upload, "shared_worker", lambda: killed)
    assert "more than" in str(plan_upload(handed, SAID, space, ()).refusal)
    monkeypatch.undo()

    proposals = plan_upload(handed, SAID, space).proposals
    upload.shared_worker()._process.kill()
    upload.shared_worker()._process.wait()
    assert plan_upload(handed, SAID, space, proposals).outline.counts["rows_kept"] == 12


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by Linux")
def test_what_takes_too_much_memory_in_the_browser_is_refused_in_words(space, tmp_path, monkeypatch):
    """The reader behind walls lets it through; what has to be held of it is more than may be held."""
    monkeypatch.setenv("LINDERO_READER_MEMORY_MB", "700")
    monkeypatch.setattr(upload, "shared_worker", cache(lambda: upload.Worker(upload.COMMAND)))
    content = dense(tmp_path / "a.parquet", rows=40_000, letters=6_000).read_bytes()
    assert len(content) < 5_000_000

    assert "more than 700 MB of memory" in str(plan_upload(ReceivedFile("a.parquet", content), SAID, space, ()).refusal)
    upload.shared_worker()._stop()


def test_a_build_that_fails_is_told(space):
    files = Files(space.folder.parent / "broken")
    files.add("concessions", concessions())
    next(files.folder.glob("files/*/*")).unlink()

    assert "the file of source concessions is missing" in rebuild_map(files.space)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\datos\\Peñas del Río.GeoJSON", "peñas-del-río.geojson"),
        ("..", "source"),
        ("", "source"),
        ("a\x00b\n.zip", "a-b.zip"),
        ("=cmd.csv", "cmd.csv"),
        ("x" * 300 + ".shp.exe;", "x" * 60),
    ],
)
def test_a_name_from_the_browser_leads_nowhere(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize(("earlier", "id_"), [("reas", "reas"), ("concessions", "areas")])
def test_letters_with_accents_stay_letters_in_new_ids_and_earlier_ids_are_kept(files, earlier, id_):
    files.add("concessions", concessions(), id=earlier, snapshot_on="2025-01-01")
    content = geojson(files.folder.parent / "new.geojson", concessions(4)).read_bytes()
    options = SourceOptions(layer="concessions", publisher="P", snapshot_on="2026-01-01")
    what = plan_upload(ReceivedFile("Áreas.geojson", content), options, files.space, ())

    assert what.outline.entry.id == id_


def test_only_this_machine_may_add(tmp_path):
    with pytest.raises(OperatorError, match="is only for this computer"):
        serve(tmp_path, host="0.0.0.0", operated=tmp_path)


def test_nobody_may_add_unless_it_was_said():
    open_map.set_operated_workspace(None)
    assert open_map.operated_workspace() is None


def test_every_column_has_a_word():
    columns = {column.name for layer in LAYERS.values() for column in fillable_columns(layer)}

    assert columns | {"longitude", "latitude"} <= COLUMNS.keys() | {"id", "invented"}


def test_no_page_asks_a_service():
    asked = {
        (path.name, node.module)
        for path in [
            *(ROOT / "lindero/app/media/pages/views").glob("*.py"),
            ROOT / "lindero/app/media/pages/upload.py",
            ROOT / "lindero/app/media/pages/forms/upload_form.py",
        ]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(("lindero.layers.services", "lindero.app.builder.services"))
    }

    assert asked == set()
    assert upload.LARGEST_MB <= 200
