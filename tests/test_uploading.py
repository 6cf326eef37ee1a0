"""A file from the browser: the same reader and rules as on the command line, and no path of the reader's."""

import ast
from pathlib import Path

import pytest

from app.current import served
from app.intake.adding import Wishes
from app.screen import uploading
from app.screen.uploading import Handed, accept, plan, proposed, rebuild, safe_name
from app.serving.server import OperatorError, serve
from app.wording.column_words import COLUMNS
from layers import artefact, store
from layers.errors import SourceError, WorkspaceError
from layers.schema import LAYERS
from layers.sources.mapping import wanted_columns
from layers.workspace import load
from tests.files import Files, concessions, geojson, incidents
from tests.test_proposals import ministry

ROOT = Path(__file__).parents[1]
SAID = Wishes(layer="concessions", publisher="Ministerio")


@pytest.fixture
def space(tmp_path):
    return Files(tmp_path / "space").space


@pytest.fixture
def handed(tmp_path):
    return Handed("catastro.geojson", geojson(tmp_path / "a.geojson", ministry()).read_bytes())


def test_nothing_is_kept_until_it_is_accepted(space, handed):
    before = sorted(space.folder.rglob("*"))
    proposals = proposed(handed, SAID, space).proposals
    what = plan(handed, SAID, space, proposals)

    assert what.refusal is None
    assert int(what.taken.source["rows_kept"].iloc[0]) == 12
    assert sorted(space.folder.rglob("*")) == before


def test_what_is_accepted_is_a_source_and_on_the_map(space, handed):
    what = plan(handed, SAID, space, proposed(handed, SAID, space).proposals)
    accept(handed, what.taken, space)
    said = rebuild(space)
    (entry,) = load(space.folder).sources

    assert said == ""
    assert space.folder.joinpath(entry.file).read_bytes() == handed.content
    con = store.connect(artefact.current_map(space.build_folder))
    assert store.counts(con)["concessions"] == 12
    with pytest.raises(WorkspaceError, match="already"):
        accept(handed, what.taken, space)


@pytest.mark.parametrize(
    ("content", "wishes"),
    [
        (b"", SAID),
        (b"<html>", SAID),
        (b"<OGRVRTDataSource/>", SAID),
        (b"code,longitude,latitude\n", Wishes()),
        (b"code,longitude,latitude\n1,-78,-7\n", Wishes(layer="concessions")),
        (incidents("1,2020-01-01,x,confidential,-78.5,-7").encode(), Wishes(layer="incidents", publisher="P")),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(space, content, wishes, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    what = plan(Handed("a.geojson", content), wishes, space, ())

    assert isinstance(what.refusal, SourceError)
    assert what.taken is None
    assert list((tmp_path / "temporary").iterdir()) == []
    assert load(space.folder).sources == ()


def test_a_build_that_fails_is_told(space):
    files = Files(space.folder.parent / "broken")
    files.add("concessions", concessions())
    next(files.folder.glob("files/*/*")).unlink()

    assert "is gone" in rebuild(files.space)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\datos\\Peñas del Río.GeoJSON", "pe-as-del-r-o.geojson"),
        ("..", "source"),
        ("", "source"),
        ("a\x00b\n.zip", "a-b.zip"),
        ("=cmd.csv", "cmd.csv"),
        ("x" * 300 + ".shp.exe;", "x" * 60),
    ],
)
def test_a_name_from_the_browser_leads_nowhere(name, safe):
    assert safe_name(name) == safe


def test_only_this_machine_may_add(tmp_path):
    with pytest.raises(OperatorError, match="for this machine alone"):
        serve(tmp_path, host="0.0.0.0", operated=tmp_path)


def test_nobody_may_add_unless_it_was_said():
    served.operate(None)
    assert served.operated() is None


def test_every_column_has_a_word():
    columns = {column.name for layer in LAYERS.values() for column in wanted_columns(layer)}

    assert columns | {"longitude", "latitude"} <= COLUMNS.keys() | {"id", "invented"}


def test_no_page_asks_a_service():
    asked = {
        (path.name, node.module)
        for path in [
            *(ROOT / "app" / "views").glob("*.py"),
            ROOT / "app" / "screen" / "uploading.py",
            ROOT / "app" / "screen" / "upload_shown.py",
        ]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(("layers.services", "app.intake.fetching"))
    }

    assert asked == set()
    assert uploading.LARGEST_MB <= 200
