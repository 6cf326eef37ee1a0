"""What earlier versions of Lindero left behind is read, changed and served by this one; what a later one left is refused."""

import hashlib
import json
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest

from lindero.app.answers.record.incidents import read_record
from lindero.app.answers.record.tallies import count_killed_people
from lindero.app.builder.build import build_map
from lindero.app.media.court import verify
from lindero.app.media.pages.current import cached_answers, open_map
from lindero.app.media.site import publication_files
from lindero.layers.database import map_database
from lindero.layers.disk import builds, format_version
from lindero.layers.errors import NewerError, NotBuiltError, VaultError
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.vault import contents, joined_map, key_derivation, vault_file
from lindero.layers.workspace import manifest_file
from tests.files import concessions, text
from tests.secret_files import KEY, made

RELEASES = sorted(path.parent for path in Path(__file__).parents[1].glob("releases/*/mapa.zip"))
PASSPHRASE = "cinco palabras de dados"
DOSSIERS = sorted(Path(__file__).parents[1].glob("releases/*/dossier.zip"))
HEADER = "id,title,occurred_on,date_precision,place_text,region,country,location_precision,visibility,sources\n"
NEW = "rest-0100,Amenaza inventada nueva,2025-02-01,day,Otro caserío,Cajamarca,PE,region,restricted,fuente\n"
PUBLIC = "diario-7,Desalojo en la quebrada,2023-05-04,day,Otra quebrada,Cajamarca,PE,region,public_record,El Diario\n"
GONE = (
    "rest-0011,Amenaza inventada numero 11,2024-03-12,day,Caserío inventado 11,Cajamarca,PE,exact,restricted,fuente\n"
)


derived = lru_cache(hashlib.scrypt)  # 0.16 seconds each: these vaults say themselves what a guess shall cost


@pytest.fixture(autouse=True)
def _same_key_derived_once(monkeypatch):
    monkeypatch.setattr(hashlib, "scrypt", derived)


@pytest.fixture(params=RELEASES, ids=lambda path: path.name)
def left(request, tmp_path):
    """A workspace as an earlier version left it."""
    with zipfile.ZipFile(request.param / "mapa.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "mapa"
    folder.joinpath("vault").chmod(0o700)
    return folder


@pytest.mark.parametrize("packed", DOSSIERS, ids=lambda path: path.parent.name)
def test_a_dossier_of_an_earlier_version_agrees_with_itself(packed, tmp_path):
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    found = verify.verify_dossier(
        tmp_path / "dossier", signer="29e211b89016b81543c745a5ffd44bd171173db5062165bd9309683e8d55beea"
    )

    assert not found.broken
    assert len(found.proofs) == 3  # the files, the signature, the areas


def held_by(folder):
    return vault_file.Vault(folder / "vault", key_derivation.derive_key(PASSPHRASE, folder / "vault"))


def rows(held):
    with vault_file.open_vault(held) as con:
        return map_database.count_rows(con) | {"files": contents.count_files(con)}


def test_a_vault_of_an_earlier_version_is_migrated_with_all_that_it_holds(left):
    held = held_by(left)
    before = rows(held)

    assert vault_file.migrate_vault(held)
    assert not vault_file.migrate_vault(held)
    assert rows(held) == before
    assert before["incidents"] == 15


def test_a_migration_that_loses_a_row_is_noticed_and_changes_nothing(left, monkeypatch):
    held = held_by(left)
    before = held.file.read_bytes()
    copied = vault_file._check_same_content

    def losing(con, table):
        if table == "acts":
            con.execute("DELETE FROM acts WHERE rowid = 0")
        copied(con, table)

    monkeypatch.setattr(vault_file, "_check_same_content", losing)
    with pytest.raises(VaultError, match="acts of the vault could not be copied completely"):
        vault_file.migrate_vault(held)
    assert held.file.read_bytes() == before


@pytest.mark.slow
def test_every_command_works_on_what_an_earlier_version_left(left, typed, tmp_path):
    run = typed
    at = ("--workspace", left)
    code, out, err = run("vault", "list", "--incidents", *at)
    assert (code, "rest-0012" in out, "rest-0011" in out, "earlier version" in err) == (0, True, False, True)
    assert "earlier version" not in run("vault", "list", *at)[2]

    file = text(tmp_path / "nuevos.csv", HEADER + NEW + GONE)
    code, _, err = run("vault", "add", file, "--layer", "incidents", "--publisher", "P", *at, "--yes")
    assert (code, "2 received = 1 kept + 1 rejected" in err, "consent was withdrawn: 1 (row 2)" in err) == (
        0,
        True,
        True,
    )

    code, _, err = run("build", left)
    assert (code, "because they resemble withdrawn records" in err, "prensa/2026-01-01/3" in err) == (0, True, True)

    assert run("withdraw", "rest-0012", *at)[0] == 0
    assert "already withdrawn" in run("withdraw", "rest-0011", *at)[2]
    # Its public titles are the beginnings of private ones: packed side by side they may be found by chance.
    assert run("remove", "prensa", *at, "--yes")[0] == 0
    diary = text(tmp_path / "diario.csv", HEADER + PUBLIC)
    assert run("add", diary, "--layer", "incidents", "--publisher", "P", *at, "--yes")[0] == 0
    assert run("build", left)[0] == 0
    code, _, err = run("publish", "publicado", *at)
    assert (code, "Attacks and conflicts: 1" in err, err) == (0, True, err)
    assert run("publish", "publicado", *at, "--check")[0] == 0

    text(tmp_path / "nueva", "otra clave bien larga").chmod(0o600)
    assert run("vault", "rekey", "--new-key-file", "nueva", *at)[0] == 0
    code, out, _ = run("vault", "list", "--incidents", *at, "--key-file", "nueva", key=None)
    assert (code, "rest-0012" in out, "rest-0100" in out) == (0, False, True)


def test_what_an_earlier_version_left_is_served(left):
    held = held_by(left)
    vault_file.migrate_vault(held)
    path = build_map(manifest_file.load_workspace(left)).path

    con = joined_map.connect_joined_map(path, held)
    found = map_database.read_layer(con, INCIDENTS)
    vault_file.close_database(con)
    assert len(found) == 15 + 5  # of prensa's six, one is asked about


def test_a_map_of_an_earlier_version_is_explained_to_who_opens_a_page(left):
    open_map.use_folder(left / "build")

    with pytest.raises(NotBuiltError, match="earlier version"):
        cached_answers.first_sight()


def test_victims_of_an_earlier_vault_are_kept_and_not_taken_for_killed(left):
    held = held_by(left)
    con = vault_file.open_encrypting_database(held.folder)
    con.execute(f"ATTACH '{held.file}' AS old (ENCRYPTION_KEY '{held.key.secret}', ENCRYPTION_CIPHER 'GCM')")
    told = "'v' AS id, source_id, snapshot_on, row_number, invented, id AS incident_id, 2 AS count"
    con.execute(f"INSERT INTO old.victims BY NAME SELECT {told} FROM old.incidents LIMIT 1")
    con.execute("DETACH old")
    vault_file.close_database(con)

    assert vault_file.migrate_vault(held)
    with vault_file.change_vault(held) as con:
        con.execute(
            "INSERT INTO victims BY NAME SELECT * REPLACE ('w' AS id, 3 AS count, 'killed' AS outcome) FROM victims"
        )
    with vault_file.open_vault(held) as con:
        kept = con.execute("SELECT id, count, outcome FROM victims ORDER BY id").fetchall()
        killed = count_killed_people(read_record(con).incidents)
    assert kept == [("v", 2, None), ("w", 3, "killed")]
    assert killed.people == 3


def test_a_vault_of_a_later_version_is_left_alone(files, monkeypatch):
    held = made(files.folder)
    with monkeypatch.context() as later:
        later.setattr(format_version, "VAULT", format_version.VAULT + 1)
        with vault_file.change_vault(held):
            pass
    before = held.file.read_bytes()

    for attempt in (
        vault_file.open_vault(held),
        vault_file.change_vault(held),
        vault_file.change_vault(held, new_key=KEY),
    ):
        with pytest.raises(NewerError, match="newer version of Lindero"), attempt:
            pass
    assert held.file.read_bytes() == before


def test_a_manifest_and_a_map_of_a_later_version_are_left_alone(files):
    files.add("concessions", concessions(2))
    build_map(files.space)
    pointer = files.folder / "build" / builds.POINTER
    told = {name: value for name, value in json.loads(pointer.read_text()).items() if name != "check"}
    pointer.write_text(json.dumps(told | {"format": 99}), encoding="utf-8")

    with pytest.raises(NewerError, match="newer version"):
        builds.current_map(files.folder / "build")
    manifest = files.folder / manifest_file.MANIFEST
    told = manifest.read_text(encoding="utf-8")
    manifest.write_text(told.replace("format = 1", "format = 99"), encoding="utf-8")
    with pytest.raises(NewerError, match="newer version"):
        manifest_file.load_workspace(files.folder)
    manifest.write_text(told.replace("format = 1", 'format = "x"'), encoding="utf-8")
    with pytest.raises(manifest_file.WorkspaceError, match="cannot be read"):
        manifest_file.load_workspace(files.folder)


def test_a_publication_of_a_later_version_is_not_replaced(tmp_path):
    told = {"profile": publication_files.PROFILE, "version": "99"}
    text(tmp_path / "publicado" / publication_files.DESCRIPTION, json.dumps(told))

    with pytest.raises(NewerError, match="newer version"):
        publication_files.check_target(tmp_path / "publicado")
