"""The vault: what goes in comes out with the key, and with nothing else."""

import os
import stat

import duckdb
import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.consent import withdraw
from lindero.app.builder.vault import plan_for_vault
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.errors import BuildError, ConsentError, SourceError, VaultError, WrongKeyError
from lindero.layers.model.schema import ACTS, INCIDENTS
from lindero.layers.vault import joined_map, key_derivation, vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.source_options import SourceOptions
from tests.built import build
from tests.files import concessions, text, zipped
from tests.secret_files import KEY, OTHER_KEY, SECRETS, TODAY, csv_of, made, put

ACTS_CSV = "incident_id,type\n" + "".join(f"caso-secreto-{n:03},threat\n" for n in range(50))


@pytest.fixture
def received(tmp_path):
    return text(tmp_path / "received" / "casos.csv", csv_of(secret.row() for secret in SECRETS))


@pytest.fixture
def held(files):
    return made(files.folder)


@pytest.fixture
def full(files, held, received):
    """The vault, which holds all secrets."""
    put(held, files.space, received)
    return held


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def incidents(held):
    with vault_file.open_vault(held) as con:
        return map_database.read_layer(con, INCIDENTS)


def test_what_goes_in_comes_out(full):
    found = incidents(full)
    assert len(found) == len(SECRETS)
    assert found["place_text"].tolist() == [secret.row()["place_text"] for secret in SECRETS]
    assert found.geometry.x.tolist() == [secret.longitude for secret in SECRETS]
    assert set(found["visibility"]) == {"restricted", "confidential"}


def test_the_file_is_kept_to_the_byte_and_every_field_of_it(full, received):
    with vault_file.open_vault(full) as con:
        content = con.execute("SELECT content FROM received").fetchone()[0]
        fields = [row[0] for row in con.execute("SELECT fields FROM received_rows ORDER BY row_number").fetchall()]
    assert content == received.read_bytes()
    assert all(secret.row()["telefono"] in told for secret, told in zip(SECRETS, fields, strict=True))


def test_a_wrong_key_says_so_and_changes_nothing(full):
    before = all_bytes(full.folder)
    wrong = Vault(full.folder, OTHER_KEY)

    for attempt in (
        vault_file.open_vault(wrong),
        vault_file.change_vault(wrong),
        vault_file.change_vault(wrong, new_key=KEY),
    ):
        with pytest.raises(WrongKeyError, match="nothing was changed"), attempt:
            pass
    assert all_bytes(full.folder) == before


def everything(held):
    with vault_file.open_vault(held) as con:
        return [row for name in vault_file.COPIED_TABLES for row in con.execute(f'FROM "{name}"').fetchall()]


def test_a_changed_byte_is_found_wherever_it_has_a_meaning(full):
    whole, content = full.file.read_bytes(), everything(full)

    refused = 0
    for at in range(20, len(whole), len(whole) // 29):
        full.file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            assert everything(full) == content  # a byte of an empty block
        except VaultError:
            refused += 1

    assert refused >= 10


def test_a_new_key_opens_it_and_the_old_one_no_more(full):
    with vault_file.change_vault(full, new_key=OTHER_KEY):
        pass

    assert len(incidents(Vault(full.folder, OTHER_KEY))) == len(SECRETS)
    with pytest.raises(WrongKeyError):
        incidents(full)


def test_a_change_that_fails_leaves_the_vault_as_it_was(files, held, received):
    put(held, files.space, received)
    before = all_bytes(held.folder)

    def emptied():
        with vault_file.change_vault(held) as con:
            con.execute("DELETE FROM incidents")
            raise BuildError("no room")

    with pytest.raises(BuildError, match="no room"):
        emptied()
    with pytest.raises(SourceError, match="has a snapshot"):
        put(held, files.space, received)

    assert all_bytes(held.folder) == before


def test_only_one_process_changes_it(held):
    with (
        vault_file.change_vault(held),
        pytest.raises(BuildError, match="another command is using the vault"),
        vault_file.change_vault(held),
    ):
        pass


def test_it_is_for_its_owner_alone(held):
    assert stat.S_IMODE(held.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(held.file.stat().st_mode) == 0o600


def test_there_is_one_vault(held):
    with pytest.raises(VaultError, match="already"):
        vault_file.prepare_folder(held.folder.parent)


def test_the_key_is_shown_nowhere(held):
    assert KEY.secret not in repr(held)


def test_a_passphrase_costs_time_and_gives_one_key_for_each_salt(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        key_derivation.create_salt(folder)

    first = key_derivation.derive_key("cinco palabras de dados", folders[0])
    assert first == key_derivation.derive_key("cinco palabras de dados", folders[0])
    assert first != key_derivation.derive_key("cinco palabras de dados", folders[1])
    assert key_derivation.COST["n"] >= 2**16


def test_the_environment_forgets_the_key(monkeypatch):
    monkeypatch.setenv(key_derivation.ENVIRONMENT, "una clave")

    assert key_derivation.read_secret(None) == "una clave"
    assert key_derivation.ENVIRONMENT not in os.environ


def test_an_archive_is_refused_for_it_would_be_unpacked_onto_the_disk(files, held, received, tmp_path):
    packed = zipped(tmp_path / "casos.zip", **{"casos.csv": received})

    with pytest.raises(SourceError, match="archive"):
        plan_for_vault(held, str(packed), SourceOptions(layer="incidents", publisher="P"), files.space, today=TODAY)


def test_a_file_that_is_not_public_record_is_not_kept_in_the_clear(files, received):
    with pytest.raises(SourceError, match=r"incidents that are not marked as public_record \(50\)"):
        plan_source(str(received), SourceOptions(layer="incidents", publisher="P"), files.space, today=TODAY)


@pytest.mark.parametrize(
    ("earlier", "id_"), [("denuncias-2-edici-n", "denuncias-2-edici-n"), ("casos", "denuncias-2-edicion")]
)
def test_a_file_keeps_the_id_by_which_the_vault_knows_it(files, held, received, tmp_path, earlier, id_):
    put(held, files.space, received, id=earlier)
    later = text(tmp_path / "Denuncias 2 edición.csv", received.read_text(encoding="utf-8"))
    options = SourceOptions(layer="incidents", publisher="P", snapshot_on="2026-06-30")

    assert plan_for_vault(held, str(later), options, files.space, today=TODAY).entry.id == id_


def test_acts_follow_their_incidents(files, held, received, tmp_path):
    put(held, files.space, received)
    put(held, files.space, text(tmp_path / "actos.csv", ACTS_CSV + "nadie,threat\n"), layer="acts")

    with vault_file.open_vault(held) as con:
        assert len(map_database.read_layer(con, ACTS)) == len(SECRETS)
        assert map_database.read_sources(con)[0].rows_rejected == 1


def test_the_working_map_joins_both_and_the_map_alone_has_neither(files, held, received):
    files.add("concessions", concessions(3))
    files.add("incidents", csv_of([SECRETS[0].row(id="publico", visibility="public_record")]))
    path = build(files.space).path
    put(held, files.space, received)

    working = joined_map.connect_joined_map(path, held)
    assert map_database.count_rows(map_database.open_cursor(working)) | {
        "concessions": 3,
        "incidents": 51,
    } == map_database.count_rows(working)
    assert len(map_database.read_layer(working, INCIDENTS)) == 51
    with pytest.raises(duckdb.PermissionException, match="disabled"):
        working.execute(f"FROM read_text('{received}')")
    vault_file.close_database(working)
    alone = map_database.connect(path)
    assert len(map_database.read_layer(alone, INCIDENTS)) == 1
    alone.close()


def test_a_withdrawn_incident_is_in_no_byte_and_does_not_come_back(files, held, received, tmp_path):
    put(held, files.space, received)
    put(held, files.space, text(tmp_path / "actos.csv", ACTS_CSV), layer="acts")

    done = withdraw(files.space, held, "caso-secreto-007")

    assert (done.files_given_up, done.remaining_files) == (2, ())
    with vault_file.open_vault(held) as con:
        told = str([con.execute(f'FROM "{name}"').fetchall() for name in vault_file.COPIED_TABLES])
        assert len(map_database.read_layer(con, INCIDENTS)) == len(map_database.read_layer(con, ACTS)) == 49
        assert map_writer.find_count_mismatches(con).empty
    assert not [one for one in SECRETS[7].texts() if one in told]
    beside = files.folder.joinpath(tombstones.FILE).read_text(encoding="utf-8")
    assert not [one for one in SECRETS[7].texts() if one in beside]
    file = text(tmp_path / "otra.csv", csv_of([SECRETS[7].row(id="otro", nombre="")]))
    with pytest.raises(SourceError, match=r"consent was withdrawn \(1\)"):
        put(held, files.space, file)
    file = text(tmp_path / "mas.csv", csv_of([SECRETS[7].row(title="x", place_text="y", occurred_on="")]))
    with pytest.raises(ConsentError, match=r"resemble withdrawn records: 1\. They may be about other people"):
        put(held, files.space, file)


def test_a_withdrawn_public_record_leaves_the_next_map(files):
    files.add("incidents", csv_of(s.row(visibility="public_record") for s in SECRETS[:3]))
    build(files.space)

    done = withdraw(files.space, None, "caso-secreto-001")

    assert (done.files_given_up, done.remaining_files) == (0, (files.space.sources[0].file,))
    con = map_database.connect(build(files.space).path)
    assert map_database.read_ids(con, INCIDENTS) == {"caso-secreto-000", "caso-secreto-002"}
    assert map_database.read_table(con, "rejects")["reason"].tolist() == ["consent_withdrawn"]
    con.close()


def test_what_nobody_holds_cannot_be_withdrawn(files, held):
    with pytest.raises(VaultError, match="neither"):
        withdraw(files.space, held, "x")
