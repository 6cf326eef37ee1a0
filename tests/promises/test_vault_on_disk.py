"""Promise 9. The vault: 0 plaintext bytes on disk during use and after kill -9."""

import multiprocessing
import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from lindero.app.builder.build import build_map
from lindero.layers.database import map_database
from lindero.layers.vault import joined_map, vault_file
from lindero.layers.vault.vault_file import Vault
from tests.files import Files, concessions, text
from tests.secret_files import KEY, SECRETS, csv_of, made, put

NEEDLES = ("Ñusta Quilla", "Jirón Escondido", "casa verde", "testimonio reservado")  # what the secrets share
PATTERNS = [needle.encode(code) for needle in NEEDLES for code in ("utf-8", "utf-16-le")]
SPILLING = "100MB"
COPIES = 3_000


def found_in(folder):
    """Which planted secrets stand in any byte of any file under a folder; what a process takes away meanwhile holds none."""
    held = []
    for home, _folders, names in os.walk(folder):  # which goes on where a folder has gone
        for name in names:
            with suppress(FileNotFoundError):
                held.append(Path(home, name).read_bytes())
    assert held, "there was nothing to look at"
    return [pattern for pattern in PATTERNS if any(pattern in data for data in held)]


def spill(con, table):
    """Sort far more than fits into memory, so that it goes to the disk."""
    con.execute("SET threads=1")
    con.execute(f"SET memory_limit='{SPILLING}'")
    con.execute(f"CREATE TEMP TABLE big AS SELECT i.*, md5(r::VARCHAR) AS k FROM {table} i, range({COPIES}) t(r)")
    con.execute("CREATE TEMP TABLE sorted AS FROM big ORDER BY k DESC")


@pytest.fixture
def space(tmp_path, monkeypatch):
    """A workspace with a full vault; whatever a library calls temporary falls into the watched folder, too."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "watched" / "tmp"))
    (tmp_path / "watched" / "tmp").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "watched" / "tmp")
    files = Files(tmp_path / "watched" / "space")
    files.add("concessions", concessions(3))
    build_map(files.space)
    held = made(files.folder)
    put(held, files.space, text(tmp_path / "elsewhere" / "casos.csv", csv_of(s.row() for s in SECRETS)))
    return files


def watched(space):
    return space.folder.parent


def use(folder, ready):
    """What a process does that holds the key: the working map with a spill, then change after change."""
    held = Vault(folder / "vault", KEY)
    con = vault_file.open_encrypting_database(held.folder)
    vault_file.attach_vault(con, held, "held")
    spill(con, "held.incidents")
    ready.send(sorted(path.name for path in held.folder.rglob("*.tmp")))
    while True:
        with vault_file.change_vault(held) as changing:
            changing.execute("UPDATE incidents SET title = title || ' ' || place_text")
            changing.execute("CHECKPOINT vault")


@pytest.fixture(scope="module")
def context():
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload(["tests.promises.test_vault_on_disk"])
    return forked


def test_nothing_is_in_the_clear_during_use_nor_after_kill_9(space, context):
    moments = random.Random(20_261_124)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=use, args=(space.folder, sender))
    process.start()
    sender.close()  # a child that fails is then heard of
    try:
        spilled = receiver.recv()
        assert spilled, "it was to spill"
        for _ in range(2):
            assert found_in(watched(space)) == []
            process.join(moments.uniform(0.05, 0.3))
        assert process.is_alive()
    finally:
        process.kill()
        process.join()
    assert process.exitcode == -signal.SIGKILL
    assert found_in(watched(space)) == []
    spills = space.folder / "vault" / ".spill"
    assert list(spills.rglob("*.tmp")), "it was killed while it spilled"
    with vault_file.open_vault(Vault(space.folder / "vault", KEY)) as con:  # the old vault or the new one, whole
        assert con.execute("SELECT count(*), count(DISTINCT title LIKE '%casa verde') FROM incidents").fetchone() == (
            50,
            1,
        )
        assert list(spills.rglob("*.tmp")) == [], "the next that opens it clears away what was spilled"
    assert [path.name for path in spills.iterdir()] == [".lock"]


def test_the_working_map_leaves_nothing(space):
    path = next((space.folder / "build").glob("map-*.duckdb"))
    con = joined_map.connect_joined_map(path, Vault(space.folder / "vault", KEY))
    assert len(map_database.open_cursor(con).execute("FROM incidents").fetchall()) == len(SECRETS)
    assert found_in(watched(space)) == []
    con.close()
    assert found_in(watched(space)) == []


def test_the_attack_finds_them_where_a_file_is_not_encrypted(space, tmp_path):
    naive, spilled = tmp_path / "naive", tmp_path / "spilled"
    naive.mkdir()
    spilled.mkdir()
    with vault_file.open_vault(Vault(space.folder / "vault", KEY)) as con:
        rows = con.execute("SELECT * EXCLUDE geometry FROM incidents").df()
    plain = map_database.open_in_memory()
    plain.execute("SET force_compression='uncompressed'")
    plain.execute(f"ATTACH '{naive / 'plain.duckdb'}' AS plain")
    plain.register("rows", rows)
    plain.execute("CREATE TABLE plain.incidents AS FROM rows")
    plain.execute("CHECKPOINT plain")
    assert len(found_in(naive)) == len(NEEDLES)
    plain.execute(f"SET temp_directory='{spilled}'")
    spill(plain, "plain.incidents")
    assert found_in(spilled), "an unencrypted spill holds what it sorts"
    plain.close()
