"""What CONTRIBUTING.md shows a contributor is true."""

import re
import tomllib
from pathlib import Path

import pytest

from lindero.app.builder.rows.ingest import ingest, read_source
from lindero.app.builder.rows.row_location import Land
from lindero.layers import sources
from lindero.layers.reference import base_data
from lindero.layers.workspace.manifest_file import load_workspace
from tests.files import Files, concessions, geojson, text

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def toml_block(number):
    return re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)[number]


@pytest.fixture(scope="module")
def land():
    return Land(base_data.load_countries(), "")


def test_a_source_of_a_known_kind_is_one_entry_and_no_code(tmp_path, land):
    folder = Files(tmp_path / "space").folder
    fields = {"EXPEDIENTE": ["T-1", "T-2", "T-3"], "TITULAR": "Minera", "ETAPA": ["Explotación", "SOLICITUD", "Otra"]}
    frame = concessions(3).drop(columns=["code", "name", "holder", "status"]).assign(**fields)
    geojson(folder / "files" / "titulos.geojson", frame)
    text(folder / "lindero.toml", '[workspace]\ntitle = "x"\n' + toml_block(0))
    (entry,) = load_workspace(folder).sources
    rows = ingest(entry, read_source(entry, folder / entry.file), land).tables["concessions"]

    assert rows["code"].tolist() == ["T-1", "T-2", "T-3"]
    assert rows["status"].tolist() == ["granted", "applied", "unknown"]
    assert rows["status_received"].tolist() == ["Explotación", "SOLICITUD", "Otra"]
    assert rows["kind"].unique().tolist() == ["mining"]


def test_a_new_kind_of_source_is_one_mapping(tmp_path, land, monkeypatch):
    ((name, content),) = tomllib.loads(toml_block(1)).items()  # the example, as it stands on the page
    mapping = sources.build_mapping(name, content, {})
    monkeypatch.setitem(sources.MAPPINGS_BY_NAME, mapping.name, mapping)
    fields = {"CODIGO_EXPEDIENTE": ["A", "B"], "TITULARES": "Minera", "ETAPA": ["Explotación", "?"]}
    frame = concessions(2).drop(columns=["code", "name", "holder", "status"]).assign(**fields)
    entry = Files(tmp_path / "space").add("concessions", frame, mapping=mapping.name)
    rows = ingest(entry, read_source(entry, tmp_path / "space" / entry.file), land).tables["concessions"]

    assert sources.find_mapping(frame.columns) is mapping
    assert rows["status"].tolist() == ["granted", "unknown"]
    assert rows["code"].tolist() == ["A", "B"]


def test_each_folder_of_code_has_tests_that_make_test_of_finds():
    """The rule is that of the Makefile: the folder of the same name, tests that import something of it, or the folder above."""
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    folders = {
        path.parent.relative_to(ROOT / "lindero")
        for part in ("app", "geo", "layers", "machine")
        for path in (ROOT / "lindero" / part).rglob("[a-z]*.py")
    }
    names = {folder: re.compile(rf"lindero\.{'.'.join(folder.parts)}\b") for folder in folders}

    assert [
        folder.as_posix()
        for folder in sorted(folders)
        if not any((ROOT / "tests" / path).is_dir() for path in (folder, folder.parent))
        and not any(map(names[folder].search, tests))
    ] == []
