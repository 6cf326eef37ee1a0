"""What `lindero doctor` looks at, each thing as it is when it is well and when it is broken."""

import json
import os
import shutil
from dataclasses import replace
from importlib import metadata

import pytest

from lindero.app.builder.doctor import installation, workspace_checks
from lindero.app.builder.doctor.finding import State
from lindero.geo.kernels import numba_jit
from lindero.layers.database import extensions
from lindero.layers.disk import builds
from lindero.layers.errors import SourceError
from lindero.layers.read.sandbox import client
from lindero.layers.vault import vault_file
from lindero.layers.workspace import manifest_file
from tests import small_map, web_stub
from tests.built import build
from tests.files import Files, concessions

WELL, NOTE, MEND = State.WELL, State.NOTE, State.MEND


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    held = Files(tmp_path_factory.mktemp("whole") / "space")
    held.add("concessions", concessions(2))
    build(held.space)
    return held.folder


@pytest.fixture
def space(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "space")


def found(findings, state):
    return {one.check: one.text for one in findings if one.state is state}


def test_an_installation_that_runs_the_tests_is_well():
    states = {one.check: one.state for one in installation.check_installation()}

    assert states.keys() == {"python", "packages", "program", "languages", "database", "numba", "reader"}
    assert MEND not in states.values()


def test_a_python_that_is_too_old_is_said(monkeypatch):
    monkeypatch.setattr(installation, "OLDEST", (4, 0))

    assert "newer" in found(installation.check_installation(), MEND)["python"]


def test_a_package_of_another_version_or_none_is_named_with_what_to_type(monkeypatch, tmp_path):
    lock = tmp_path / "constraints-run.txt"
    lock.write_text(f"rich==0.0.1 \\\n    --hash=x\nshapely=={metadata.version('shapely')} ; python_version > '3'\n")
    monkeypatch.setattr(installation, "LOCK", lock)
    assert found(installation.check_installation(), MEND) == {
        "packages": f"rich is version {metadata.version('rich')}, but Lindero was tested with 0.0.1. Run `make setup`."
    }

    monkeypatch.setattr(metadata, "requires", lambda _name: ["duckdb==0.0.1", "nowhere", "never; extra == 'base'"])
    said = [one.text for one in installation.check_installation() if one.state is MEND]
    assert len(said) == 3
    assert "duckdb==0.0.1" in said[0]
    assert "pip install --constraint constraints.txt nowhere" in said[1]


def test_a_language_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(installation.i18n, "languages", lambda: ("en",))

    assert "incomplete (locale/es)" in found(installation.check_installation(), MEND)["program"]


def test_without_a_lock_beside_the_code_that_is_said_and_no_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(installation, "LOCK", tmp_path / "none")

    assert "wheel" in found(installation.check_installation(), NOTE)["packages"]
    assert not found(installation.check_installation(), MEND)


def test_an_extension_that_does_not_load_is_named_with_its_version(monkeypatch):
    def refuse(_con, name):
        raise ImportError(name)

    monkeypatch.setattr(extensions, "load_extension", refuse)

    assert found(installation.check_installation(), MEND)["database"].endswith(
        f"pip install duckdb-extension-httpfs=={metadata.version('duckdb')}"
    )


def test_a_cache_that_cannot_be_written_is_said_and_numba_that_is_not_there_is_a_note(monkeypatch):
    if numba_jit.HAS_NUMBA:
        from lindero.machine import code_cache

        def refuse():
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(code_cache, "code_folder", refuse)
        assert "Permission denied" in found(installation.check_installation(), MEND)["numba"]

    monkeypatch.setattr(numba_jit, "HAS_NUMBA", False)
    assert "pip install numba" in found(installation.check_installation(), NOTE)["numba"]


def test_walls_that_do_not_stand_are_named_and_a_reader_that_breaks_is_to_mend(monkeypatch):
    real = client.read_response

    def fewer(*args, **options):
        answer = real(*args, **options)
        return replace(answer, tail=replace(answer.tail, walls=["memory", "python"]))

    monkeypatch.setattr(client, "read_response", fewer)
    assert (
        "not restricted: processor time, size of written files, other files, the network, other programs)"
        in found(installation.check_installation(), NOTE)["reader"]
    )

    def broken(*_args, **_options):
        raise SourceError("{name} broke the reader", name="one.geojson")

    monkeypatch.setattr(client, "read_response", broken)
    assert "broke the reader" in found(installation.check_installation(), MEND)["reader"]


def test_a_workspace_that_is_well_has_nothing_to_mend_and_is_not_changed(space):
    before = {path: path.stat().st_mtime_ns for path in space.rglob("*")}

    findings = list(workspace_checks.check_workspace(space))

    assert {one.check: one.state for one in findings} == {"manifest": WELL, "files": WELL, "map": WELL}
    assert {path: path.stat().st_mtime_ns for path in space.rglob("*")} == before


def damaged_file(space):
    next(space.glob("files/*/*.geojson")).write_text("{}")


def file_gone(space):
    next(space.glob("files/*/*.geojson")).unlink()


def map_damaged(space):
    path = builds.current_map(space / "build")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def map_gone(space):
    shutil.rmtree(space / "build")


def map_old(space):
    with manifest_file.edit_manifest(space) as document:
        document["workspace"]["country"] = "BO"


def manifest_broken(space):
    (space / "lindero.toml").write_text("[workspace")


def manifest_newer(space):
    with manifest_file.edit_manifest(space) as document:
        document["workspace"]["format"] = 99


def link_outside(space):
    shutil.rmtree(space / "build")
    (space / "build").symlink_to("/")


def withdrawn_broken(space):
    (space / "withdrawn.json").write_text("{")


@pytest.mark.parametrize(
    ("breaks", "check", "words"),
    [
        (damaged_file, "files", "has changed since it was received"),
        (file_gone, "files", "is missing"),
        (file_gone, "files", "Restore it from a backup (`lindero restore`)"),
        (map_damaged, "map", "`lindero build`"),
        (map_gone, "map", "`lindero build`"),
        (map_old, "map", "lindero build"),
        (manifest_broken, "manifest", "cannot be read"),
        (manifest_newer, "manifest", "newer version"),
        (link_outside, "manifest", "lead outside"),
        (withdrawn_broken, "withdrawn", "cannot be read"),
    ],
)
def test_what_is_broken_in_a_workspace_is_said_with_what_to_do(space, breaks, check, words):
    breaks(space)

    assert words in found(workspace_checks.check_workspace(space), MEND)[check]


@pytest.mark.skipif(os.name == "nt", reason="rights of Windows are other ones")
def test_a_vault_that_others_can_read_or_that_lacks_its_salt_is_to_mend(space):
    folder = vault_file.prepare_folder(space)
    (folder / "vault.duckdb").write_bytes(b"")
    (folder / "vault.duckdb").chmod(0o600)
    assert "vault" in found(workspace_checks.check_workspace(space), WELL)

    (folder / "vault.duckdb").chmod(0o640)
    assert found(workspace_checks.check_workspace(space), MEND)["vault"].endswith(
        f"chmod 600 {folder / 'vault.duckdb'}"
    )

    (folder / "salt.json").unlink()
    assert "no key opens the vault" in found(workspace_checks.check_workspace(space), MEND)["vault"]


def test_a_map_by_itself_and_a_file_that_is_none_are_told_apart(space, tmp_path):
    path = builds.current_map(space / "build")
    assert found(workspace_checks.check_map_file(path), WELL) == {"map": f"{path.name} is undamaged."}

    (tmp_path / "none.duckdb").write_bytes(b"none")
    assert "damaged" in found(workspace_checks.check_map_file(tmp_path / "none.duckdb"), MEND)["map"]


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        (web_stub.said({"status": "ok", "map": "map-1-abc"}), WELL, "serves map-1-abc"),
        (replace(web_stub.said({"status": "failed", "why": "is damaged"}), status=503), MEND, "reports: is damaged"),
        (web_stub.said({"status": "ok"}), MEND, "does not come from a map of Lindero"),
        (web_stub.Answered(b"<html>", status=200), MEND, "does not come from a map of Lindero"),
        (web_stub.Answered(b"[1]", status=404), MEND, "(404) does not come from a map"),
        (
            web_stub.Answered(status=302, headers={"Location": "http://127.0.0.1:9/health"}),
            MEND,
            "(302) does not come from a map",
        ),
    ],
    ids=["whole", "damaged", "other", "page", "none", "elsewhere"],
)
def test_a_served_map_is_asked_once_at_its_address_and_nowhere_else(given, state, words):
    with web_stub.serving(lambda *_: given) as (address, asked):
        told = found(installation.check_server(address), state)

    assert words in told["served"]
    assert [path for path, *_ in asked] == ["/health"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "ftp://example.org", "no address"])
def test_an_address_where_nobody_answers_is_said(address):
    assert found(installation.check_server(address), MEND)["served"]


def test_a_map_that_lindero_serves_is_well(tmp_path):
    small_map.publish(tmp_path / "build")
    with small_map.serving(tmp_path / "build") as address:
        told = found(installation.check_server(f"{address}/health"), WELL)

    assert builds.current_map(tmp_path / "build").stem in told["served"]


def test_the_command_ends_with_1_if_something_is_to_mend_and_gives_json(typed, space, tmp_path):
    code, out, _ = typed("doctor", space)
    assert (code, out.splitlines()[-1]) == (0, "No problems found.")

    map_gone(space)
    code, out, _ = typed("doctor", space, "--format", "json")
    told = json.loads(out)
    assert (code, told["well"], told["command"]) == (1, False, "lindero doctor --format json")
    assert {one["check"] for one in told["findings"] if one["state"] == "mend"} == {"map"}
    assert typed("doctor", tmp_path / "nowhere")[0] == 1
    assert typed("doctor", "--format", "yaml")[0] == 2


@pytest.mark.skipif(os.name == "nt", reason="rights of Windows are other ones")
def test_the_file_of_a_key_is_to_be_its_owners_alone(typed, tmp_path):
    key = tmp_path / "key"
    key.write_text("cinco palabras de dados")
    key.chmod(0o644)
    code, out, _ = typed("doctor", "--key-file", key, key=None)
    assert (code, "chmod 600" in out) == (1, True)

    key.chmod(0o600)
    code, out, _ = typed("doctor", "--key-file", key, key=None)
    assert (code, "cinco" in out) == (0, False)
