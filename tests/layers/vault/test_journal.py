"""The journal: written without a key, read with it alone, and nothing of it is changed or taken out unseen."""

import json
import os
from pathlib import Path

import pytest

from lindero.app.media.pages.current import open_map, rights
from lindero.app.media.pages.current.rights import Person, Role, Roles
from lindero.app.serving.access import attendance
from lindero.layers.errors import JournalError, WrongKeyError
from lindero.layers.vault import journal, vault_file
from lindero.layers.vault.journal import ADDED, FAILED, LOGIN, STATE
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import backup
from lindero.layers.workspace.manifest_file import create_workspace, load_workspace

KEY = Key("0" * 64)


@pytest.fixture
def folder(tmp_path):
    create_workspace(tmp_path / "space", title="A", country="PE")
    vault_file.create_vault(Vault(vault_file.prepare_folder(tmp_path / "space"), KEY))
    return tmp_path / "space"


def read(folder, key=KEY):
    with vault_file.open_vault(Vault(folder / "vault", key)) as con:
        return journal.read_journal(con, folder / "vault")


def files(folder):
    return {path.name: path.read_bytes() for path in (folder / "vault").glob("journal*")}


def put(folder, state):
    for path in (folder / "vault").glob("journal*"):
        path.unlink()
    for name, content in state.items():
        (folder / "vault" / name).write_bytes(content)


def is_whole(told):
    return not told.broken and not told.is_cut


def test_what_is_noted_is_read_with_the_key(folder):
    journal.record_entry(folder, ADDED, who="ana", source="socio", rows=3, nothing="", date=None)

    (one,) = read(folder).entries
    assert (one.number, one.who, one.what, one.about) == (0, "ana", ADDED, {"source": "socio", "rows": 3})
    assert one.at.endswith("+00:00")
    with pytest.raises(WrongKeyError):
        read(folder, Key("1" * 64))


def test_whoever_has_the_disk_reads_nothing_of_it_and_sees_no_length(folder):
    sizes = []
    for text in ("a", "Comunidad Nativa Secreta"):
        journal.record_entry(folder, ADDED, who="quien-anota", source=text)
        sizes.append(sum(len(content) for name, content in files(folder).items() if name.endswith(".bin")))

    told = b"".join(files(folder).values())
    assert not any(word in told for word in (b"Secreta", b"quien", b"added", b"source"))
    assert sizes == [1024, 2048]


def test_an_entry_is_of_one_size_whatever_it_is_to_hold(folder):
    journal.record_entry(folder, ADDED, who="\u00f1" * 5_000, **{f"name{n}": "\U0001f333" * 5_000 for n in range(50)})

    assert len(files(folder)["journal-0.bin"]) == 1024
    (one,) = read(folder).entries
    assert one.who == "\u00f1" * 100


def test_variables_of_the_environment_make_nobody_somebody_else(folder, monkeypatch):
    before = journal.current_user()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")

    journal.record_entry(folder, ADDED)
    assert [one.who for one in read(folder).entries] == [before]


def test_without_a_vault_nothing_is_noted(tmp_path):
    create_workspace(tmp_path / "space", title="A", country="PE")

    assert journal.record_entry(tmp_path / "space", ADDED) == -1
    assert not (tmp_path / "space" / "vault").exists()


def test_what_fails_is_noted_before_and_after(folder):
    with pytest.raises(ZeroDivisionError), journal.record_action(folder, ADDED, source="a"):
        raise ZeroDivisionError

    assert [(one.what, one.about) for one in read(folder).entries] == [(ADDED, {"source": "a"}), (FAILED, {"entry": 0})]


def noted(folder, count):
    for number in range(count):
        journal.record_entry(folder, ADDED, source=str(number))
    return files(folder)


RECORD = 1024
CHANGES = {
    "the first is gone": lambda log: log[RECORD:],
    "one within is gone": lambda log: log[:RECORD] + log[2 * RECORD :],
    "the last is gone": lambda log: log[:-RECORD],
    "two are in another order": lambda log: log[RECORD : 2 * RECORD] + log[:RECORD] + log[2 * RECORD :],
    "one is there twice": lambda log: log[:RECORD] + log[:RECORD] + log[2 * RECORD :],
    "a bit is another": lambda log: log[: RECORD + 200] + bytes([log[RECORD + 200] ^ 1]) + log[RECORD + 201 :],
    "all are gone": lambda _log: b"",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_or_taken_out_is_noticed_and_the_rest_is_read(folder, change):
    state = noted(folder, 4)
    put(folder, state | {"journal-0.bin": change(state["journal-0.bin"])})

    told = read(folder)
    assert not is_whole(told)
    assert told.broken
    assert {one.about["source"] for one in told.entries} | {str(number) for number in told.broken} == set("0123")
    journal.record_entry(folder, ADDED, source="after")
    assert read(folder).entries[-1].about["source"] == "after"
    assert not is_whole(read(folder))


def test_an_end_cut_off_is_noticed_also_where_the_count_is_set_back(folder):
    state = noted(folder, 4)
    told = json.loads(state[STATE])
    put(
        folder,
        {STATE: json.dumps(told | {"number": 2}).encode(), "journal-0.bin": state["journal-0.bin"][: 2 * RECORD]},
    )

    assert read(folder).is_cut


def test_a_journal_put_back_from_before_the_vault_was_changed_is_noticed(folder):
    before = noted(folder, 2)
    noted(folder, 2)
    with vault_file.change_vault(Vault(folder / "vault", KEY)):
        pass
    assert is_whole(read(folder))
    put(folder, before)

    assert read(folder).is_cut


def test_a_journal_that_is_gone_is_noticed(folder):
    noted(folder, 1)
    with vault_file.change_vault(Vault(folder / "vault", KEY)):
        pass
    put(folder, {})
    with vault_file.open_vault(Vault(folder / "vault", KEY)) as con:
        journal.activate_keys(con, folder / "vault")

    with pytest.raises(JournalError, match="is missing or damaged; without it, missing entries"):
        read(folder)


def test_a_forged_entry_is_noticed(folder):
    state = noted(folder, 2)
    now = journal._read_state(folder / "vault")
    forged = journal._seal_entry(
        journal.JournalState(1, now.public, now.key), {"at": "", "who": "x", "what": ADDED, "about": {}}
    )
    put(folder, state | {"journal-0.bin": state["journal-0.bin"][:RECORD] + forged})

    assert read(folder).broken == (1,)


@pytest.mark.parametrize("kept", [0, 1, 512, RECORD - 1, RECORD])
def test_who_is_killed_while_noting_leaves_the_entry_whole_or_not_at_all(folder, kept):
    before = noted(folder, 1)
    after = noted(folder, 1)
    put(folder, {STATE: before[STATE], "journal-0.bin": after["journal-0.bin"][: RECORD + kept]})

    assert is_whole(read(folder))
    assert len(read(folder).entries) == (2 if kept == RECORD else 1)
    journal.record_entry(folder, ADDED, source="next")
    assert is_whole(read(folder))
    assert read(folder).entries[-1].about["source"] == "next"


def test_old_entries_are_let_go_and_no_others(folder, monkeypatch):
    monkeypatch.setattr(journal, "MAX_ENTRIES", 3)
    for number in range(11):
        journal.record_entry(folder, ADDED, source=str(number))
        told = read(folder)
        assert is_whole(told)
        assert len(told.entries) == min(number + 1, 3 + number % 3 + 1)
    assert read(folder).begins == 6
    assert set(files(folder)) == {STATE, "journal-2.bin", "journal-3.bin"}
    (folder / "vault" / "journal-2.bin").unlink()
    assert read(folder).broken == (6, 7, 8)


def test_a_new_key_of_the_vault_is_a_new_key_of_the_journal(folder):
    held = Vault(folder / "vault", KEY)
    noted(folder, 2)
    old = (folder / "vault" / "vault.duckdb").read_bytes()
    new = vault_file.rekey(held, "a new passphrase of many letters")
    noted(folder, 2)

    told = read(folder, new.key)
    assert is_whole(told)
    assert len(told.entries) == 4
    (folder / "vault" / "vault.duckdb").write_bytes(old)  # whoever kept the old vault and its key
    assert [one.number for one in read(folder).entries] == [0, 1]


def noted_with(folder):
    """The key that entries are sealed to."""
    return journal._read_state(folder / "vault").public


def test_a_change_of_the_key_cut_short_is_gone_on_with(folder, monkeypatch):
    held = Vault(folder / "vault", KEY)
    noted(folder, 2)
    monkeypatch.setattr(vault_file, "_activate_journal_keys", lambda _vault: None)  # killed before it
    new = vault_file.rekey(held, "a new passphrase of many letters")
    before = noted_with(folder)
    noted(folder, 1)
    assert noted_with(folder) == before
    assert not vault_file.migrate_vault(new)  # as every command does that opens the vault
    assert noted_with(folder) != before
    noted(folder, 1)

    told = read(folder, new.key)
    assert is_whole(told)
    assert len(told.entries) == 4


def test_many_at_once_are_all_there(folder):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.record_entry(folder, ADDED, source=str(number)), range(40)))

    told = read(folder)
    assert is_whole(told)
    assert {one.about["source"] for one in told.entries} == {str(number) for number in range(40)}


def test_it_is_on_the_disk_before_it_is_told_to_be(folder, monkeypatch):
    calls = []
    real = os.fsync
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: (calls.append(str(Path(f"/proc/self/fd/{descriptor}").readlink())), real(descriptor)),
    )
    journal.record_entry(folder, ADDED)

    order = [path.rpartition("/")[2] for path in calls]
    assert order.index("journal-0.bin") < order.index(f".{STATE}.new")


def test_a_backup_carries_it_and_a_restore_keeps_the_longer(folder, tmp_path):
    noted(folder, 2)
    backup.write_backup(load_workspace(folder), tmp_path / "b.zip")
    noted(folder, 2)
    backup.restore_backup(tmp_path / "b.zip", tmp_path / "elsewhere")
    backup.restore_backup(tmp_path / "b.zip", folder)

    assert (len(read(tmp_path / "elsewhere").entries), len(read(folder).entries)) == (2, 4)
    assert is_whole(read(tmp_path / "elsewhere"))
    assert is_whole(read(folder))
    journal.record_entry(folder, ADDED)
    assert is_whole(read(folder))


def test_logins_are_noted_with_their_rights_and_so_many_a_minute(folder):
    open_map.use_folder(folder / "build")
    rights.use_roles(Roles("sub", "groups", frozenset(), ()))
    now = [1_000.0]
    guests = attendance.LoginJournal(lambda: now[0])
    for _ in range(1_000):
        guests.note(LOGIN, Person("ana", frozenset({"see", "vault"})))
    now[0] += 61
    guests.note(LOGIN, Person("beto", frozenset()))
    rights.use_roles(None)

    told = read(folder).entries
    assert len(told) == attendance.MOST_A_MINUTE + 1
    assert (told[0].who, told[0].about) == ("ana", {"may": "see, vault"})
    assert told[-2].about["more"] == "not noted"
    assert told[-1].who == "beto"


def test_roles_are_noted_when_they_change(folder):
    open_map.use_folder(folder / "build")
    one = Roles("sub", "groups", frozenset(), (Role(frozenset({"see"}), frozenset({"ana"}), frozenset()),))
    other = Roles("sub", "groups", frozenset({"see"}), ())
    for roles in (one, one, other, None):
        attendance.record_start(has_vault=True, is_operated=False, roles=roles)

    told = [one.about for one in read(folder).entries if one.what == journal.ROLE]
    assert {"may": "see", "people": "ana"} in told
    assert len(told) == 4  # two of the first, one of the second, one that says that there are none


def test_every_role_and_every_person_of_a_role_is_noted(folder):
    open_map.use_folder(folder / "build")
    people = [f"persona-{n:02}@example.org" for n in range(20)]
    many = Role(frozenset({"see"}), frozenset(people), frozenset({"equipo"}))
    others = [Role(frozenset({"add"}), frozenset({f"p{n}"}), frozenset()) for n in range(60)]
    attendance.record_roles(Roles("sub", "groups", frozenset(), (many, *others)))

    told = [entry.about for entry in read(folder).entries if entry.what == journal.ROLE]
    noted = [name for about in told for name in about.get("people", "").split(", ") if name]
    assert sorted(noted) == sorted([*people, *(f"p{n}" for n in range(60))])
    assert [about["groups"] for about in told if "groups" in about] == ["equipo"]


def test_the_command_shows_it_and_fails_where_an_entry_is_missing(typed, tmp_path):
    space = create_workspace(tmp_path / "space", title="A", country="PE")
    typed("vault", "init", "--workspace", space.folder)
    typed("vault", "list", "--workspace", space.folder)
    code, out, _ = typed("vault", "journal", "--workspace", space.folder, "--format", "json")
    told = json.loads(out)

    assert not code
    assert [one["what"] for one in told] == ["opened", "opened"]
    assert {one["who"] for one in told} == {journal.current_user()}
    log = space.folder / "vault" / "journal-0.bin"
    log.write_bytes(log.read_bytes()[RECORD:])
    code, _, err = typed("vault", "journal", "--workspace", space.folder)
    assert code == 1
    assert "Missing or changed entries: " in err


def test_an_old_vault_gets_one_when_it_is_migrated(tmp_path):
    create_workspace(tmp_path / "space", title="A", country="PE")
    held = Vault(vault_file.prepare_folder(tmp_path / "space"), KEY)
    with pytest.MonkeyPatch.context() as before:
        before.setattr(vault_file.format_version, "VAULT", vault_file.format_version.VAULT - 1)
        before.setattr(vault_file.journal, "add_keys", lambda *_: None)
        vault_file.create_vault(held)
    assert journal.record_entry(tmp_path / "space", ADDED) == -1

    assert vault_file.migrate_vault(held)
    journal.record_entry(tmp_path / "space", ADDED)
    assert is_whole(read(tmp_path / "space"))
    assert len(read(tmp_path / "space").entries) == 1
