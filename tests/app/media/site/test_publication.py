"""A publication as it is written: of a map and a vault together, in one step, in files that other programs can read."""

import errno
import json
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest

from lindero.app.media.site import publication_files, site
from lindero.app.media.site.publication_files import DESCRIPTION
from lindero.app.media.site.release import publish_release
from lindero.app.media.site.verify import check_publication, find_leaks
from lindero.layers.database import map_database
from lindero.layers.disk import builds, folder_swap
from lindero.layers.errors import PublishError, VaultError
from lindero.layers.model.schema import LAYERS
from lindero.layers.publish import leak_scan, published_database, releases
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import to_slug
from tests.built import build
from tests.counted_files import hold, is_whole, shown_in
from tests.files import Files, concessions, text
from tests.secret_files import KEY, TODAY, Secret, chosen, csv_of, made, put


def public(number, **other):
    told = {"title": f"En la prensa {number}", "sources": f"La República {number}", "location_precision": "district"}
    return Secret(number, "public_record").row(**told | {"place_text": ""} | other)


def published(space, held, folder, **asked):
    return publish_release(space, held, folder, today=TODAY, prove=lambda _new: None, **asked)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A workspace whose vault holds nine records, and its publication, to be copied."""
    root = tmp_path_factory.mktemp("first")
    files = Files(root / "space")
    build(files.space)
    held = made(files.folder)
    hold(held, 9)
    with without_words():
        published(files.space, held, root / "public" / "map")
    return root


@pytest.fixture
def counted(first, tmp_path):
    """A workspace whose vault holds nine records; its vault; the folder where they are published as five."""
    root = shutil.copytree(first, tmp_path / "copy")
    folder = root / "public" / "map"
    assert shown_in(folder) == [5]
    with without_words():
        yield manifest_file.load_workspace(root / "space"), Vault(root / "space" / "vault", KEY), folder


@contextmanager
def without_words():
    """Publish a site that is a page without any word: to write one takes half of a release, in one of its steps."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publication_files, "write_site", blank_page)
        yield


def blank_page(_pub, _con, _own, _tiles, folder, **_told):
    folder.joinpath(site.SITE).mkdir()
    for path in (folder / site.PAGE, folder / site.SITE / "words-0.js"):
        path.write_text("", encoding="utf-8")


RECEIVED = "Denuncias recibidas de Maria Quispe 987654321.csv"


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """A publication of a map and its vault, of files whose names tell who sent them; with the workspace and the vault."""
    root = tmp_path_factory.mktemp("together")
    files = Files(root / "space")
    name, stem = RECEIVED.replace("Quispe", "Huaman"), Path(RECEIVED).stem
    files.add("incidents", csv_of([public(200), public(201)]), name=RECEIVED, id=to_slug(stem), title=stem)
    files.add("concessions", concessions(1), name="de Juana Condori.geojson", id="de-juana", title="de Juana Condori")
    build(files.space)
    held = made(files.folder)
    put(held, files.space, text(root / name, csv_of([public(300), Secret(1, "restricted").row()])))
    published(files.space, held, root / "public")
    return root / "public", held


@pytest.mark.slow
def test_public_record_of_the_map_and_of_the_vault_is_published_together_as_json(together):
    folder, held = together

    def refused(constant):
        pytest.fail(f"{constant} is no JSON")

    shown = gpd.read_parquet(folder / "layers" / "incidents.parquet")
    assert set(shown["title"]) == {"En la prensa 200", "En la prensa 201", "En la prensa 300"}
    assert check_publication(folder, held).broken == []
    described = json.loads((folder / DESCRIPTION).read_text("utf-8"), parse_constant=refused)
    assert {"title", "publisher"} <= described["sources"][-1].keys()


def test_its_page_says_in_schema_org_s_words_what_it_is_and_closes_no_script(together):
    folder, _held = together
    page = (folder / "index.html").read_text("utf-8")
    told = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])

    assert (told["@context"], told["@type"]) == ("https://schema.org/", "Dataset")
    assert told["name"] == json.loads((folder / DESCRIPTION).read_text("utf-8"))["title"]
    assert all((folder / one["contentUrl"]).is_file() for one in told["distribution"])
    assert page.count("</script>") == page.count("<script")


def test_no_name_of_a_received_file_leaves_and_none_tells_what_came_out_of_the_vault(together):
    folder, _ = together
    plain = [data.lower() for path in folder.rglob("*") if path.is_file() for _, data in leak_scan.iter_contents(path)]

    for word in (b"quispe", b"huaman", b"987654321", b"denuncias", b"juana", b"condori"):
        assert not any(word in data for data in plain), word
    rows = pd.DataFrame(gpd.read_parquet(folder / "layers" / "incidents.parquet"))
    of_the_source = rows[["source_id", "snapshot_on", "invented", "visibility"]].drop_duplicates()
    assert len(of_the_source) == 1
    sources = pd.read_parquet(folder / "layers" / "sources.parquet").set_index("source_id")
    assert sources["title"].to_dict() == {"public-record": "Public record", "concessions-1": "Concessions, Editora"}
    assert sources.loc["public-record", "publisher"] == "Editora; as cited by each record"


def styles(folder):
    with closing(sqlite3.connect(folder / "map.gpkg")) as con:
        return dict(con.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall())


@pytest.mark.slow
def test_its_geopackage_opens_drawn_with_its_columns_in_words_and_says_whose_it_is(together):
    folder, held = together
    drawn = styles(folder)
    alias = {one.get("field"): one.get("name") for one in ET.fromstring(drawn["concessions"]).iter("alias")}

    assert set(drawn) == {"concessions", "incidents"}
    assert alias["holder"] in {"Titular", "Holder"}
    assert 'value="mining"' in drawn["concessions"]
    assert "Editora" in drawn["concessions"]
    assert not check_publication(folder, held).broken


def test_what_a_style_says_is_nobody_s_secret_and_what_is_slipped_into_one_is_found(together, tmp_path):
    public, held = together
    folder = shutil.copytree(public, tmp_path / "public")
    assert "SimpleFill" in publication_files.collect_style_text()
    with closing(sqlite3.connect(folder / "map.gpkg")) as con, con:
        con.execute("UPDATE layer_styles SET description = ?", [Secret(1, "restricted").row()["nota"]])

    assert any("map.gpkg" in fault for fault in find_leaks(sorted(folder.glob("*.gpkg")), held)[0])


def test_ids_are_new_in_every_publication_and_none_is_the_map_s(files, tmp_path):
    files.add("incidents", csv_of([public(200), public(201)]))
    files.add("concessions", concessions(2))
    files.add("communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"]))
    con = map_database.connect(build(files.space).path)
    mine = {
        name
        for layer in ("incidents", "concessions", "communities")
        for name in map_database.read_ids(con, LAYERS[layer])
    }
    published(files.space, None, tmp_path / "one")
    with without_words():  # its layers alone are read
        published(files.space, None, tmp_path / "other")

    given = [
        {one for path in (tmp_path / name / "layers").glob("*.parquet") for one in _column(path, "id")}
        for name in ("one", "other")
    ]
    assert len(mine) == len(given[0]) == len(given[1]) == 6
    assert mine.isdisjoint(given[0] | given[1])
    assert given[0].isdisjoint(given[1])
    data = [
        data
        for path in tmp_path.joinpath("one").rglob("*")
        if path.is_file()
        for _, data in leak_scan.iter_contents(path)
    ]
    assert not [one for one in mine if any(one.encode() in bytes_ for bytes_ in data)]


def _column(path, name):
    rows = pd.read_parquet(path)
    return set(rows[name]) if name in rows else set()


class Died(BaseException):
    """The process ends here: nothing that it meant to do afterwards is done."""


def dies_in(monkeypatch, place, name, *, after=False):
    """Let the process die as it calls a function; its own clearing away must not run either."""
    real = getattr(place, name)

    def last(*given, **named):
        if after:
            real(*given, **named)
        monkeypatch.setattr(folder_swap.shutil, "rmtree", lambda *_, **__: None)
        raise Died

    monkeypatch.setattr(place, name, last)


@pytest.mark.parametrize(
    ("place", "name", "after", "came"),
    [
        (releases, "record_release", True, False),
        (folder_swap, "replace_folder", False, False),
        (folder_swap, "replace_folder", True, True),
        (releases, "settle_release", False, True),
    ],
)
def test_who_dies_in_a_release_leaves_the_one_before_or_the_new_one_and_the_next_knows_which(
    counted, monkeypatch, place, name, after, came
):
    space, held, folder = counted
    hold(held, 14)
    with monkeypatch.context() as patched:
        dies_in(patched, place, name, after=after)
        with pytest.raises(Died):
            published(space, held, folder)
    assert is_whole(folder)
    assert shown_in(folder) == ([10] if came else [5])

    hold(held, 13)  # one person withdrew: no number may move
    published(space, held, folder)

    assert shown_in(folder) == ([10] if came else [5])
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_with_no_room_for_the_vault_nothing_is_published(counted, monkeypatch):
    space, held, folder = counted
    hold(held, 14)

    def full(_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(builds, "sync", full)
        with pytest.raises((PublishError, VaultError)):
            published(space, held, folder)

    assert (is_whole(folder), shown_in(folder)) == (True, [5])
    published(space, held, folder)
    assert shown_in(folder) == [10]


@pytest.mark.skipif("sys.platform == 'win32'", reason="no limits of files there")
def test_a_vault_that_finds_no_room_says_so_and_leaves_nothing(counted):
    import resource

    _, held, _ = counted
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (held.file.stat().st_size // 2, hard))
    try:
        with pytest.raises(VaultError, match="full"), vault_file.change_vault(held):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not list(held.folder.glob(".map*"))
    with vault_file.open_vault(held) as con:
        assert len(published_database.read_visibilities(con)) == 9


def test_the_same_public_record_on_the_map_and_in_the_vault_is_published_once(files, tmp_path):
    listed = text(tmp_path / "prensa.csv", csv_of([public(200), public(201)]))
    files.add("incidents", listed, id="prensa")
    build(files.space)
    held = made(files.folder)
    put(held, files.space, listed, id="prensa", snapshot_on="2026-02-01")

    assert sorted(chosen(files.space, held).layers["incidents"]["title"]) == ["En la prensa 200", "En la prensa 201"]


def test_with_no_room_to_settle_the_next_release_does(counted, monkeypatch):
    space, held, folder = counted
    hold(held, 14)
    with monkeypatch.context() as patched:
        patched.setattr(releases, "settle_release", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        assert published(space, held, folder) is False
    assert shown_in(folder) == [10]

    hold(held, 13)

    assert published(space, held, folder) is True
    assert shown_in(folder) == [10]


def test_where_the_folder_is_gone_after_a_cut_it_is_asked_whether_anybody_has_it(counted, monkeypatch):
    space, held, folder = counted
    hold(held, 14)
    with monkeypatch.context() as patched:
        dies_in(patched, releases, "settle_release")
        with pytest.raises(Died):
            published(space, held, folder)
    folder.rename(folder.with_name("given away"))
    folder_swap.shutil.rmtree(folder_swap.replacement_path(folder))
    hold(held, 13)

    with pytest.raises(PublishError, match="--last-published"):
        published(space, held, folder)
    published(space, held, folder, was_published=True)

    assert shown_in(folder) == [10]


def test_a_vault_from_a_copy_of_before_replaces_no_numbers_and_publishes_nothing_elsewhere(counted, tmp_path):
    space, held, folder = counted
    elsewhere = tmp_path / "elsewhere" / "map"
    copy = held.file.read_bytes()
    hold(held, 14)
    published(space, held, folder)
    held.file.write_bytes(copy)

    with pytest.raises(PublishError, match="an older copy"):
        published(space, held, folder)
    assert shown_in(folder) == [10]

    with pytest.raises(PublishError, match="does not know the last publication"):
        published(space, held, elsewhere)
    assert not elsewhere.exists()
    published(space, held, elsewhere, was_published=False)

    assert is_whole(elsewhere)


@pytest.mark.parametrize("content", [None, "", "{}", '{"mark": ""}', "[]"])
def test_without_the_mark_of_the_last_publication_it_is_asked_whether_the_vault_is_the_newest(counted, content):
    space, held, folder = counted
    mark = space.folder / releases.FILE
    mark.unlink() if content is None else mark.write_text(content, encoding="utf-8")
    hold(held, 14)

    with pytest.raises(PublishError, match=r"missing or damaged.*--last-published"):
        published(space, held, folder)
    assert shown_in(folder) == [5]
    published(space, held, folder, was_published=True)

    assert shown_in(folder) == [10]
    assert json.loads(mark.read_text(encoding="utf-8"))["mark"]


def test_every_file_is_on_the_disk_before_the_vault_notes_it_and_the_note_before_the_folder_moves(counted, monkeypatch):
    space, held, folder = counted
    told = []
    real_sync, real_put, real_vault = folder_swap.sync, folder_swap.replace_folder, vault_file.replace_file
    monkeypatch.setattr(folder_swap, "sync", lambda path: (told.append(path), real_sync(path)))
    monkeypatch.setattr(folder_swap, "replace_folder", lambda *paths: (told.append("folder"), real_put(*paths)))
    monkeypatch.setattr(vault_file, "replace_file", lambda *paths: (told.append("vault"), real_vault(*paths)))

    published(space, held, folder)

    first = told.index("vault")
    new = folder_swap.replacement_path(folder)
    files = {path.relative_to(folder) for path in folder.rglob("*")} | {folder.relative_to(folder)}
    assert {path.relative_to(new) for path in told[:first]} == files
    assert told[first:] == ["vault", "folder", folder.parent, "vault"]


def test_a_system_that_cannot_swap_names_moves_the_old_folder_aside_and_back(counted, monkeypatch):
    space, held, folder = counted
    monkeypatch.setattr(folder_swap, "_swap_names", lambda *_: False)
    hold(held, 14)
    with monkeypatch.context() as patched:
        patched.setattr(folder_swap.Path, "rename", _dies_on_the_second(folder_swap.Path.rename, patched))
        with pytest.raises(Died):
            published(space, held, folder)
    assert not folder.exists()

    published(space, held, folder)

    assert shown_in(folder) == [10]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def _dies_on_the_second(real, monkeypatch):
    moved = []

    def rename(path, target):
        moved.append(path)
        if len(moved) == 2:
            monkeypatch.setattr(folder_swap.shutil, "rmtree", lambda *_, **__: None)
            raise Died
        return real(path, target)

    return rename


def test_a_second_publication_into_one_folder_waits_for_nobody(counted):
    space, _, folder = counted
    with folder_swap.prepare_replacement(folder), pytest.raises(PublishError, match="another command is writing"):
        published(space, None, folder)


def test_what_kills_of_before_left_beside_a_publication_is_cleared_away(tmp_path):
    left = {name: tmp_path / f".site-{name}" for name in ("abcd_123", "zzzzzzzz", "notes123", "mine-123")}
    for path in left.values():
        path.mkdir(mode=0o700)
    left["abcd_123"].joinpath("map.duckdb").write_bytes(b"half")
    left["abcd_123"].joinpath("layers").mkdir()
    left["notes123"].joinpath("notes.txt").write_text("somebody's own")
    tmp_path.joinpath(".site-public12").mkdir(mode=0o755)

    publication_files.delete_old_folders(tmp_path / "site")

    there = {path.name for path in tmp_path.iterdir()}
    assert there == {".site-notes123", ".site-mine-123", ".site-public12"}
