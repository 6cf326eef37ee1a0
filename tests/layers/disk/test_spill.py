"""Where the vault spills: a folder for each connection, and nothing left of those that died."""

from lindero.layers.disk import scratch
from lindero.layers.vault import vault_file
from tests.secret_files import made


def spill_of(con):
    return con.execute("SELECT current_setting('temp_directory')").fetchone()[0]


def test_each_connection_has_a_folder_of_its_own_until_it_is_closed(files):
    held = made(files.folder)
    one, two = vault_file.open_encrypting_database(held.folder), vault_file.open_encrypting_database(held.folder)
    folders = [held.folder.joinpath(spill_of(con)) for con in (one, two)]

    assert folders[0] != folders[1]
    assert all(folder.is_dir() for folder in folders)
    vault_file.close_database(one)
    assert [folder.is_dir() for folder in folders] == [False, True]
    vault_file.close_database(two)


def test_what_nobody_holds_is_cleared_away_and_what_is_held_is_not(tmp_path):
    in_use = scratch.create_spill_folder(tmp_path)
    in_use.joinpath("spilled.tmp").write_text("in use")
    dead = tmp_path / scratch.FOLDER / "dead"
    dead.mkdir()
    for name in ("lock", "spilled.tmp"):
        dead.joinpath(name).write_text("left by kill -9")
    dead.parent.joinpath("duckdb_temp_storage.tmp").write_text("left by an older Lindero")

    own = scratch.create_spill_folder(tmp_path)

    assert {path.name for path in own.parent.iterdir()} == {".lock", own.name, in_use.name}
    assert in_use.joinpath("spilled.tmp").exists()


def test_where_nothing_can_be_written_nothing_is_spilled(tmp_path):
    tmp_path.joinpath(scratch.FOLDER).write_text("no folder")

    con = vault_file.open_encrypting_database(tmp_path)

    assert spill_of(con) == ""
    vault_file.close_database(con)


def test_only_a_folder_of_ours_is_given_back(tmp_path):
    scratch.delete_spill_folder(tmp_path)

    assert tmp_path.is_dir()
