import hashlib

import pytest

from layers import workspace
from layers.errors import WorkspaceError
from layers.workspace import MANIFEST, SourceEntry, load, slug
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

    assert load(files.folder).sources == (entry,)
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

    with pytest.raises(WorkspaceError, match="has a snapshot of 2026-01-01 already"):
        files.add("concessions", concessions(2), name="b.geojson")
    assert (files.folder / MANIFEST).read_bytes() == before
    files.add("concessions", concessions(2), snapshot_on="2026-02-01")
    assert len(load(files.folder).sources) == 2


def test_what_a_person_wrote_into_the_manifest_stays(files):
    path = files.folder / MANIFEST
    path.write_text(path.read_text() + "# nota de la analista\n")
    files.add("concessions", concessions())

    assert "# nota de la analista" in path.read_text()


def test_a_workspace_is_made_once(tmp_path):
    workspace.create(tmp_path / "a", title="t", country="PE")

    with pytest.raises(WorkspaceError, match="is a workspace already"):
        workspace.create(tmp_path / "a", title="t", country="PE")


def test_a_folder_without_manifest_is_no_workspace(tmp_path):
    with pytest.raises(WorkspaceError, match=r"holds no lindero\.toml"):
        load(tmp_path)


def test_the_date_of_retrieval_stands_for_that_of_the_snapshot(tmp_path):
    entry = load(manifest(tmp_path, f"[[source]]\n{GOOD}")).sources[0]

    assert (entry.retrieved_on, entry.snapshot_on) == ("2026-01-01", "2026-01-01")


def test_all_faults_stand_in_one_message(tmp_path):
    first = GOOD.replace("2026-01-01", '"ayer"') + 'licencia = "x"\n'
    second = 'layer = "minas"\nfile = "../x.csv"\nretrieved_on = 2026-01-01\ninvented = "si"\n'

    with pytest.raises(WorkspaceError) as caught:
        load(manifest(tmp_path, f"[[source]]\n{first}[[source]]\n{second}"))
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
        load(manifest(tmp_path, content))


def test_a_manifest_that_is_no_text_is_refused(tmp_path):
    tmp_path.joinpath(MANIFEST).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(WorkspaceError, match="cannot be read"):
        load(tmp_path)


def test_a_shapefile_is_kept_and_hashed_with_all_its_parts(files, tmp_path):
    concessions().to_file(tmp_path / "capa.shp", driver="ESRI Shapefile")
    entry = files.add("concessions", tmp_path / "capa.shp")
    kept = files.folder / entry.file

    assert {".shp", ".shx", ".dbf", ".prj"} <= {part.suffix for part in kept.parent.iterdir()}
    kept.with_suffix(".dbf").write_bytes(b"x")
    assert workspace.sha256(kept) != entry.sha256


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


@pytest.mark.parametrize(("name", "expected"), [("Catastro 2026.v2", "catastro-2026-v2"), ("ÑÑ", "source")])
def test_a_name_becomes_an_id(name, expected):
    assert slug(name) == expected


def test_a_folder_may_have_any_name(tmp_path):
    assert Files(tmp_path / "Ñandú's 100 % «mapa»").space.title == "Prueba"
