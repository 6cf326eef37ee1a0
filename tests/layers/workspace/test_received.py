"""What is shown of a received file is what is kept of it, whoever saves it anew meanwhile."""

import os
import sqlite3
from pathlib import Path

import pytest

from lindero.app.commands.workspace import add_flow
from lindero.app.commands.workspace.add_flow import Consent, add_file
from lindero.layers.errors import SourceError
from lindero.layers.workspace import file_copy, manifest_file
from lindero.layers.workspace.file_copy import copy_to_memory
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import concessions, incidents, text

PUBLIC = incidents("1,2020-01-01,público,public_record,-78.5,-7")
PRIVATE = incidents("1,2020-01-01,María,confidential,-78.5,-7")


@pytest.fixture
def asked(monkeypatch):
    """Somebody at a terminal who says yes to all, after what they are told to do meanwhile."""
    meanwhile = []
    monkeypatch.setattr(Consent, "may_ask", property(lambda self: not self.yes))
    monkeypatch.setattr(add_flow, "_ask_missing_options", lambda wishes: wishes)

    def confirm(question, **_):
        if question == "Add it?":
            meanwhile[0]()
        return True

    monkeypatch.setattr(add_flow.typer, "confirm", confirm)
    return meanwhile


@pytest.fixture(params=["memory", "no room"])
def room(request, monkeypatch):
    if request.param == "no room":
        monkeypatch.setattr(file_copy, "memory_folder", lambda _: None)
    elif file_copy.memory_folder(1) is None:
        pytest.skip("this system keeps no files in memory")
    return request.param


def test_a_file_saved_anew_while_it_is_asked_about_is_kept_as_shown_or_not_at_all(files, tmp_path, asked, room):
    path = text(tmp_path / "casos.csv", PUBLIC)
    asked.append(lambda: path.write_text(PRIVATE))
    wishes = SourceOptions(layer="incidents", publisher="P")
    try:
        assert add_file(files.space, str(path), wishes, Consent())
    except SourceError as error:
        assert room == "no room"
        assert "changed while it was being checked" in str(error)  # noqa: PT017  one of two outcomes
        assert load_workspace(files.folder).sources == ()
    else:
        (entry,) = load_workspace(files.folder).sources
        assert files.folder.joinpath(entry.file).read_text() == PUBLIC
        assert entry.sha256 == manifest_file.file_sha256(files.folder / entry.file)
    assert not [kept for kept in files.folder.rglob("*") if kept.is_file() and "María" in kept.read_text()]


def test_a_copy_is_gone_when_it_was_looked_at(tmp_path):
    path = text(tmp_path / "a.csv", "x")
    with copy_to_memory(path) as copy:
        assert copy.read_text() == "x"
        assert copy.name == path.name
    assert path.exists()
    assert copy == path or not copy.parent.exists()


@pytest.mark.usefixtures("room")
def test_all_files_of_a_shapefile_are_copied_and_links_stay_links(tmp_path):
    concessions(2).to_file(tmp_path / "a.shp")
    (tmp_path / "a.dbf").rename(tmp_path / "ajeno.dbf")
    (tmp_path / "a.dbf").symlink_to(tmp_path / "ajeno.dbf")
    with copy_to_memory(tmp_path / "a.shp") as copy:
        assert {part.suffix for part in manifest_file.list_parts(copy)} >= {".shp", ".shx", ".dbf", ".prj"}
        assert copy.with_suffix(".dbf").is_symlink()


@pytest.mark.usefixtures("room")
def test_a_geopackage_that_is_open_elsewhere_is_told_from_one_that_is_not(files, tmp_path):
    path = tmp_path / "a.gpkg"
    concessions(2).to_file(path, driver="GPKG")
    con = sqlite3.connect(path)
    con.execute("PRAGMA journal_mode = WAL")
    con.execute("CREATE TABLE more (a)")
    con.commit()

    with pytest.raises(SourceError, match="open in another program"):
        add_file(files.space, str(path), SourceOptions(layer="concessions", publisher="P"), Consent(yes=True))
    con.close()


@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe", "device"])
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / kind
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")

    said = "nothing does not exist" if kind == "nothing" else "cannot be stored: it is a folder or a device, not a file"
    with pytest.raises(SourceError, match=said), copy_to_memory(path):
        pass


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no such file system")
def test_what_the_system_makes_up_is_no_more_than_it_says_that_it_is():
    with copy_to_memory(Path("/proc/self/status")) as copy:
        assert copy.read_bytes() == b""  # others of its kind never end
