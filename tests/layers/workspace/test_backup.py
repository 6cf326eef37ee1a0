"""A workspace goes into one file and comes back the same: what was received, the vault, what was withdrawn."""

import datetime as dt
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from lindero.app.builder.build import build_map
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.disk import builds
from lindero.layers.errors import BackupError, BusyError, SourceError
from lindero.layers.vault import vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from lindero.layers.watch.outbox import (
    SENT,
    TO_SEND,
    OutboxMessage,
    add_seen,
    claim_message,
    list_messages,
    mark_sent,
    put_message,
    seen_events,
)
from lindero.layers.watch.watch_folder import WATCH_FOLDER
from lindero.layers.watch.watches_file import WATCHES, Watch, read_watches, save_watch
from lindero.layers.workspace import backup, manifest_file
from lindero.layers.workspace.backup import INDEX
from lindero.layers.workspace.manifest_file import MANIFEST, load_workspace
from tests.files import Files, concessions
from tests.once import made_once


@pytest.fixture
def folder(tmp_path_factory, tmp_path):
    """A workspace with its map, its vault and what was left of a moment, a copy of one that is made once."""
    return shutil.copytree(made_once(tmp_path_factory, "backed-up", made), tmp_path / "space")


def made(folder):
    files = Files(folder / "space")
    files.add("concessions", concessions(3), title="Catastro «Ñ»")
    build_map(files.space)
    held = Vault(vault_file.prepare_folder(files.folder), Key("0" * 64))
    vault_file.create_vault(held)
    tombstones.write_registers(
        files.folder, tombstones.insert_signs((tombstones.create_register(),), [("id", "a")], [])
    )
    files.folder.joinpath("files", "lindero-left").mkdir()
    files.folder.joinpath("files", "lindero-left", "casos.csv").write_text("who told")
    return files.folder


def contents(folder):
    """Every file but maps, locks and what was left of a moment."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and {"build", "lindero-left"}.isdisjoint(path.parts)
    }


def digest(folder):
    return map_writer.compute_digest(map_database.connect(builds.current_map(folder / "build")))


def withdrawn(folder, sign):
    return any(register.contains("id", sign) for register in tombstones.read_registers(folder))


def test_what_is_put_back_is_what_was_kept_and_gives_the_same_map(folder, tmp_path):
    told = backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    assert backup.restore_backup(tmp_path / "b.zip", tmp_path / "back") is None
    back = tmp_path / "back"

    assert contents(back) == contents(folder)
    assert set(told.files) == set(contents(folder))
    assert not [
        path for path in back.rglob("*") if "who told" in (path.read_text(errors="replace") if path.is_file() else "")
    ]
    assert build_map(load_workspace(back)).changed
    assert digest(back) == digest(folder)
    with vault_file.open_vault(Vault(vault_file.vault_folder(back), Key("0" * 64))):
        pass
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert stat.S_IMODE(vault_file.vault_folder(back).stat().st_mode) == 0o700
    assert withdrawn(back, "a")


def test_what_a_killed_backup_left_is_gone_after_the_next_whatever_it_is_called(folder, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(backup, "replace_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        patched.setattr(Path, "unlink", lambda *_, **__: None)  # as after a kill
        with pytest.raises(KeyboardInterrupt):
            backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    assert list(tmp_path.glob(".*"))

    backup.write_backup(load_workspace(folder), tmp_path / "c.zip")

    assert list(tmp_path.glob(".*")) == []


def test_what_was_withdrawn_since_stays_withdrawn(folder, tmp_path):
    backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    tombstones.write_registers(
        folder, tombstones.insert_signs(tombstones.read_registers(folder), [("id", "later")], [])
    )
    aside = backup.restore_backup(tmp_path / "b.zip", folder)

    assert withdrawn(folder, "a")
    assert withdrawn(folder, "later")
    assert aside.is_dir()
    assert load_workspace(aside).sources == load_workspace(folder).sources
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_watches_and_their_messages_come_back_for_their_owner_alone(folder, tmp_path):
    save_watch(folder, Watch("El Tingo", ("community/c/1",)))
    add_seen(folder, "El Tingo", ["e1"])
    put_message(folder, OutboxMessage("El Tingo", "2026-11-23", "folder", "es", parts={"sms.txt": "…"}))
    backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    backup.restore_backup(tmp_path / "b.zip", tmp_path / "back")

    assert read_watches(tmp_path / "back") == read_watches(folder)
    assert seen_events(tmp_path / "back", "El Tingo") == {"e1"}
    parts = [tmp_path / "back" / WATCHES, *(tmp_path / "back" / WATCH_FOLDER).rglob("*")]
    assert len([path for path in parts if path.is_file()]) >= 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in parts} == {0o600, 0o700}


def test_what_was_sent_since_is_not_sent_again(folder, tmp_path):
    put_message(folder, OutboxMessage("El Tingo", "2026-11-23", "folder", "es", parts={"sms.txt": "…"}))
    backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    now = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    mark_sent(folder, claim_message(folder, list_messages(folder)[0], now), now)
    put_message(folder, OutboxMessage("El Tingo", "2026-11-30", "folder", "es", events=("e2",)))
    backup.restore_backup(tmp_path / "b.zip", folder)

    assert [(one.digest, one.state) for one in list_messages(folder)] == [("2026-11-23", SENT), ("2026-11-30", TO_SEND)]
    assert seen_events(folder, "El Tingo") == {"e2"}


def test_a_vault_on_a_medium_of_its_own_is_in_the_backup(folder, tmp_path):
    vault_file.vault_folder(folder).rename(tmp_path / "usb")
    vault_file.vault_folder(folder).symlink_to(tmp_path / "usb")

    assert (
        f"{vault_file.FOLDER}/{vault_file.FILE}"
        in backup.write_backup(load_workspace(folder), tmp_path / "b.zip").files
    )


@pytest.mark.parametrize("at", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_damaged_backup_puts_nothing_back(folder, tmp_path, at):
    path = tmp_path / "b.zip"
    backup.write_backup(load_workspace(folder), path)
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0x40
    path.write_bytes(content)
    before = contents(folder)
    try:
        aside = backup.restore_backup(path, folder)
    except BackupError:
        assert contents(folder) == before
        assert not list(folder.parent.glob("*-before-*"))
    else:  # the bit fell on what nobody reads, such as a date
        assert contents(folder) == before
        assert aside.is_dir()


def test_a_backup_that_names_other_places_is_refused(tmp_path):
    for name in ("../x", "/etc/x", "a/../../x", "C:/x"):
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
            archive.writestr(name, "x")
            archive.writestr(INDEX, f'{{"format": 1, "made_on": "", "made_by": "", "files": {{"{name}": "x"}}}}')
        with pytest.raises(BackupError):
            backup.restore_backup(tmp_path / "b.zip", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_nothing_is_overwritten(folder, tmp_path):
    path = tmp_path / "b.zip"
    backup.write_backup(load_workspace(folder), path)
    with pytest.raises(BackupError, match="already exists"):
        backup.write_backup(load_workspace(folder), path)
    other = tmp_path / "other"
    other.mkdir()
    other.joinpath("carta.txt").write_text("x")
    with pytest.raises(BackupError, match="something that is not a workspace"):
        backup.restore_backup(path, other)
    assert other.joinpath("carta.txt").read_text() == "x"


def test_a_received_file_that_the_disk_damaged_is_found(folder, tmp_path):
    path = folder / load_workspace(folder).sources[0].file
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(SourceError, match="has changed since it was received"):
        backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    assert list(tmp_path.glob("*b.zip*")) == []


def test_no_backup_is_made_of_a_vault_that_is_being_changed(folder, tmp_path):
    with vault_file.change_vault(Vault(vault_file.vault_folder(folder), Key("0" * 64))), pytest.raises(BusyError):
        backup.write_backup(load_workspace(folder), tmp_path / "b.zip")


def test_the_commands_say_what_they_did(folder, tmp_path, typed):
    packed, _out, of_backup = typed("backup", tmp_path / "b.zip", "--workspace", folder)
    restored, _out, of_restore = typed("restore", tmp_path / "b.zip", folder)

    assert (packed, restored) == (0, 0)
    assert "but not the key" in of_backup
    assert "The previous workspace is now in" in of_restore
    assert manifest_file.load_workspace(folder).folder.joinpath(MANIFEST).is_file()
