import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lindero.app.text.error_advice import error_text
from lindero.layers.errors import (
    AnswerError,
    BusyError,
    EntryError,
    LayerError,
    OutsideError,
    SourceError,
    WorkspaceError,
)
from lindero.layers.workspace import manifest_file, manifest_tables
from lindero.layers.workspace.manifest_file import MANIFEST, SourceEntry, load_workspace, to_slug
from tests.files import Files, concessions, text

GOOD = 'id = "a"\nlayer = "concessions"\nfile = "files/a.csv"\nretrieved_on = 2026-01-01\n'


def manifest(folder, content):
    text(folder / MANIFEST, content)
    return folder


def test_what_is_added_is_what_is_loaded(files):
    entry = files.add(
        "concessions",
        concessions(),
        title="Catastro «Ñ»",
        licence="CC-BY-4.0",
        crs="EPSG:32717",
        boundary_accuracy_m=5.0,
        fields={"code": "CÓDIGO"},
        constants={"kind": "mining"},
        invented=True,
    )

    assert load_workspace(files.folder).sources == (entry,)
    assert entry.title == "Catastro «Ñ»"
    assert entry.fields == {"code": "CÓDIGO"}


def test_the_received_file_is_kept_by_hash_and_unchanged(files, tmp_path):
    path = text(tmp_path / "recibido.csv", "code,longitude,latitude\n1,-78.5,-7\n")
    before = path.read_bytes()
    entry = files.add("communities", path)

    assert path.read_bytes() == before == (files.folder / entry.file).read_bytes()
    assert entry.sha256 == hashlib.sha256(before).hexdigest()
    assert entry.sha256[:12] in entry.file


def test_the_same_snapshot_is_refused_and_the_manifest_stays(files):
    files.add("concessions", concessions())
    before = (files.folder / MANIFEST).read_bytes()

    with pytest.raises(WorkspaceError, match="already has a snapshot dated 2026-01-01"):
        files.add("concessions", concessions(2), name="b.geojson")
    assert (files.folder / MANIFEST).read_bytes() == before
    files.add("concessions", concessions(2), snapshot_on="2026-02-01")
    assert len(load_workspace(files.folder).sources) == 2


def test_what_a_person_wrote_into_the_manifest_stays(files):
    path = files.folder / MANIFEST
    path.write_text(path.read_text() + "# nota de la analista\n")
    files.add("concessions", concessions())

    assert "# nota de la analista" in path.read_text()


def test_a_workspace_is_made_once(tmp_path):
    manifest_file.create_workspace(tmp_path / "a", title="t", country="PE")

    with pytest.raises(WorkspaceError, match="is already a workspace"):
        manifest_file.create_workspace(tmp_path / "a", title="t", country="PE")


def test_a_folder_without_manifest_is_no_workspace(tmp_path):
    with pytest.raises(WorkspaceError, match=r"it has no lindero\.toml"):
        load_workspace(tmp_path)


def test_the_date_of_retrieval_stands_for_that_of_the_snapshot(tmp_path):
    entry = load_workspace(manifest(tmp_path, f"[[source]]\n{GOOD}")).sources[0]

    assert (entry.retrieved_on, entry.snapshot_on) == ("2026-01-01", "2026-01-01")


def test_all_faults_stand_in_one_message(tmp_path):
    first = GOOD.replace("2026-01-01", '"ayer"') + 'licencia = "x"\n'
    second = 'layer = "minas"\nfile = "../x.csv"\nretrieved_on = 2026-01-01\ninvented = "si"\n'

    with pytest.raises(WorkspaceError) as caught:
        load_workspace(manifest(tmp_path, f"[[source]]\n{first}[[source]]\n{second}"))
    for fault in (
        "1: ",
        "retrieved_on = 'ayer'",
        "licencia = 'x'",
        "2: ",
        "id = None",
        "layer = 'minas'",
        "../x.csv",
        "invented",
    ):
        assert fault in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "[[source]\n",
        f"[source]\n{GOOD}",
        'source = "a"\n',
        "source = [1]\n",
        'workspace = "x"\n',
        f"[[source]]\n{GOOD}".replace("2026-01-01", "2026-13-01"),
        f"[[source]]\n{GOOD}".replace("retrieved_on = 2026-01-01", ""),
        f"[[source]]\n{GOOD}boundary_accuracy_m = 'cinco'\n",
        f"[[source]]\n{GOOD}fields = {{ code = ['a'] }}\n",
        f"[[source]]\n{GOOD}".replace("files/a.csv", "..\\\\a.csv"),
        f"[[source]]\n{GOOD}".replace("files/a.csv", "/etc/hostname"),
        f"[[source]]\n{GOOD}[[source]]\n{GOOD}",
    ],
)
def test_a_manifest_that_cannot_be_understood_is_refused(tmp_path, content):
    with pytest.raises(WorkspaceError):
        load_workspace(manifest(tmp_path, content))


def test_a_manifest_that_is_no_text_is_refused(tmp_path):
    tmp_path.joinpath(MANIFEST).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(WorkspaceError, match="cannot be read"):
        load_workspace(tmp_path)


def test_a_shapefile_is_kept_and_hashed_with_all_its_parts(files, tmp_path):
    concessions().to_file(tmp_path / "capa.shp", driver="ESRI Shapefile")
    entry = files.add("concessions", tmp_path / "capa.shp")
    kept = files.folder / entry.file

    assert {".shp", ".shx", ".dbf", ".prj"} <= {part.suffix for part in kept.parent.iterdir()}
    kept.with_suffix(".dbf").write_bytes(b"x")
    assert manifest_file.file_sha256(kept) != entry.sha256


def test_a_kept_file_may_be_added_again_as_another_snapshot(files):
    entry = files.add("concessions", concessions())
    kept = files.folder / entry.file

    assert files.add("concessions", kept, snapshot_on="2027-01-01").file == entry.file


def test_the_fingerprint_changes_with_everything_that_decides_how_a_file_is_read():
    base = {"id": "a", "layer": "acts", "file": "f", "sha256": "1", "publisher": "p"}
    prints = {
        SourceEntry(**{**base, **change}).fingerprint(reader)
        for reader in ("1", "2")
        for change in ({}, {"sha256": "2"}, {"crs": "EPSG:4326"}, {"fields": {"type": "T"}}, {"encoding": "cp850"})
    }

    assert len(prints) == 10
    said = {"title": "T", "publisher": "q", "licence": "l", "url": "u", "retrieved_on": "2026-01-01"}
    assert SourceEntry(**(base | said)).fingerprint("1") in prints  # no row is another for it


@pytest.mark.parametrize(
    ("name", "expected"), [("Catastro 2026.v2", "catastro-2026-v2"), ("ÑÑ", "nn"), ("Área", "area"), ("¿?", "source")]
)
def test_a_name_becomes_an_id(name, expected):
    assert to_slug(name) == expected


def test_a_folder_may_have_any_name(tmp_path):
    assert Files(tmp_path / "Ñandú's 100 % «mapa»").space.title == "Prueba"


def test_of_many_who_add_at_once_all_have_added(files, tmp_path):
    """Each in a thread with the workspace as it was before: locks hold between threads as between processes."""
    entries = []
    for number in range(12):
        path = text(tmp_path / f"{number}.csv", f"code,longitude,latitude\n{number},-78.5,-7\n")
        digest = manifest_file.file_sha256(path)
        known = {
            "publisher": "P",
            "snapshot_on": "2026-01-01",
            "sha256": digest,
            "file": f"files/{digest[:12]}/{path.name}",
        }
        entries.append((SourceEntry(id=f"s{number}", layer="communities", **known), path))
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda one: manifest_file.add_source(files.space, *one), entries))
        names = [("i1", f"i{number}") for number in range(2, 8)]
        list(
            pool.map(
                lambda one: manifest_tables.mark_same_incidents(files.space, one, existing=frozenset(sum(names, ()))),
                names,
            )
        )

    found = load_workspace(files.folder)
    assert {entry.id for entry in found.sources} == {f"s{number}" for number in range(12)}
    assert set(found.same) == set(names)


@pytest.mark.parametrize("ids", [(), ("i1",), ("i1", "i1")])
def test_fewer_than_two_incidents_are_not_the_same(files, ids):
    with pytest.raises(AnswerError, match="two different ones"):
        manifest_tables.mark_same_incidents(files.space, ids, existing=frozenset(["i1"]))


def test_of_two_who_add_the_same_snapshot_at_once_one_is_told(files, tmp_path):
    paths = [text(tmp_path / name, f"code,longitude,latitude\n{name},-78.5,-7\n") for name in ("a.csv", "b.csv")]

    def add(path):
        digest = manifest_file.file_sha256(path)
        file = f"files/{digest[:12]}/{path.name}"
        entry = SourceEntry(
            id="s", layer="communities", file=file, sha256=digest, publisher="P", snapshot_on="2026-01-01"
        )
        try:
            manifest_file.add_source(files.space, entry, path)
        except WorkspaceError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(add, paths))

    assert sorted(map(bool, told)) == [False, True]
    assert "already" in "".join(filter(None, told))
    (entry,) = load_workspace(files.folder).sources
    assert [path.name for path in files.folder.glob("files/*/*")] == [entry.file.rpartition("/")[2]]


def test_a_file_that_changed_since_it_was_looked_at_is_not_kept(files, tmp_path):
    path = text(tmp_path / "a.csv", "code,longitude,latitude\n1,-78.5,-7\n")
    entry = SourceEntry(
        id="s",
        layer="communities",
        file="files/x/a.csv",
        sha256=manifest_file.file_sha256(path),
        publisher="P",
        snapshot_on="2026-01-01",
    )
    path.write_text("nombre\nMaría\n")

    with pytest.raises(SourceError, match="changed while it was being checked"):
        manifest_file.add_source(files.space, entry, path)
    assert load_workspace(files.folder).sources == ()
    assert not [path for path in files.folder.rglob("*") if path.is_file() and "María" in path.read_text()]


@pytest.mark.parametrize("linked", ["file", "folder", "files", "build", "lindero.toml", "circle"])
def test_a_workspace_whose_links_lead_outside_is_not_opened(files, tmp_path, linked):
    """As one that came from somebody else may be: what it names is read from its own folder or not at all."""
    entry = files.add("communities", concessions(1))
    place = {"file": entry.file, "folder": entry.file.rpartition("/")[0], "circle": entry.file}.get(linked, linked)
    inside, outside = files.folder / place, tmp_path / "elsewhere"
    inside.rename(outside) if inside.exists() else outside.mkdir()
    inside.symlink_to(inside if linked == "circle" else outside)

    with pytest.raises(OutsideError, match="lead outside") as refused:
        load_workspace(files.folder)
    assert place in str(refused.value)
    assert "Replace the link with the file itself" in error_text(refused.value)


def test_links_that_stay_inside_are_followed(files):
    entry = files.add("communities", concessions(1))
    path = files.folder / entry.file
    path.rename(path.with_name("b.geojson"))
    path.symlink_to("b.geojson")

    assert load_workspace(files.folder).sources == (entry,)
    shutil.copytree(files.folder, files.folder.with_name("copy"), symlinks=True)
    assert load_workspace(files.folder.with_name("copy")).sources == (entry,)


def test_who_is_busy_is_told_to_wait_and_not_to_report_it():
    told = error_text(BusyError("another build is running in {folder}", folder="a"))

    assert "Wait" in told
    assert "report" not in told
    assert isinstance(BusyError("x"), LayerError)


def test_a_source_is_taken_out_with_its_file_and_another_s_file_stays(files):
    files.add("concessions", concessions(), id="a")
    files.add("concessions", concessions(2), id="b", snapshot_on="2026-01-01")
    files.add("concessions", concessions(3), id="b", snapshot_on="2026-02-01")
    space = manifest_file.load_workspace(files.folder)
    first, gone, kept = (files.folder / entry.file for entry in space.sources)

    assert [one.snapshot_on for one in manifest_tables.remove_source(space, "b", snapshot_on="2026-01-01")] == [
        "2026-01-01"
    ]

    left = manifest_file.load_workspace(files.folder)
    assert [(one.id, one.snapshot_on) for one in left.sources] == [("a", "2026-01-01"), ("b", "2026-02-01")]
    assert (first.exists(), gone.exists(), kept.exists()) == (True, False, True)
    with pytest.raises(EntryError, match="there is no source 'c'; the workspace has a@2026-01-01, b@2026-02-01"):
        manifest_tables.remove_source(left, "c")
    with pytest.raises(EntryError, match="there is no source 'c'; the workspace has no sources yet"):
        manifest_tables.find_entries(replace(left, sources=()), "c")
