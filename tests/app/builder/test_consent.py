"""Consent withdrawn holds: for the person who withdrew it, wherever she stands, and for nobody else."""

import json
import re
import shutil

import pytest

from lindero.app.builder import freshness
from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.consent import (
    check_no_withdrawn,
    mark_as_other_person,
    store_decisions,
    sync_withdrawals,
    withdraw,
)
from lindero.app.builder.vault import plan_for_vault, store_in_vault
from lindero.layers.check.visibility import CONSENT_WITHDRAWN, LIKE_WITHDRAWN
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database
from lindero.layers.errors import ConsentError, NewerError, PublishError, SourceError, VaultError, WorkspaceError
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.vault import contents, vault_file
from lindero.layers.workspace.source_options import SourceOptions
from tests.built import build
from tests.files import text
from tests.secret_files import TODAY, made, put

HEADER = "title,occurred_on,place_text,nombre,visibility,sources,longitude,latitude\n"


def row(n, *, title=None, place=None, day=None, name=None, visibility="public_record"):
    title = title or f"Amenaza al comité número {n}"
    return (
        f"{title},{day or f'2026-03-0{n}'},{place or f'Quebrada Ñahuin {n}'},{name or f'Persona {n}'},{visibility},"
        f"Diario {n},-7{n}.5,-7\n"
    )


def listed(*rows, header=HEADER):
    return header + "".join(rows)


def numbered(*rows):
    """The same rows with an id column that numbers them."""
    return "id," + HEADER + "".join(f"{number},{told}" for number, told in enumerate(rows, start=1))


def on_the_map(files):
    con = map_database.connect(build(files.space).path)
    rows, rejects = map_database.read_layer(con, INCIDENTS), map_database.read_table(con, "rejects")
    con.close()
    titles = dict(zip(rows["title"], rows["id"], strict=True))
    return titles, list(zip(rejects["row_number"], rejects["reason"], strict=True))


def in_vault(held):
    with vault_file.open_vault(held) as con:
        rows = map_database.read_layer(con, INCIDENTS, every_snapshot=True)
    return dict(zip(rows["title"] + " " + rows["source_id"], rows["id"], strict=True))


def file_of(tmp_path, content, name="lista.csv"):
    return text(tmp_path / "recibido" / name, content)


@pytest.fixture
def held(files):
    return made(files.folder)


def secret(n, **other):
    return row(n, visibility="restricted", **other)


def test_the_next_list_with_a_row_less_drops_who_withdrew_and_nobody_else(files):
    files.add("incidents", listed(*map(row, range(1, 7))), id="prensa")
    before, _ = on_the_map(files)
    withdraw(files.space, None, before["Amenaza al comité número 2"])

    files.add("incidents", listed(*map(row, range(2, 7))), id="prensa", snapshot_on="2026-06-01")

    titles, rejects = on_the_map(files)
    assert sorted(titles) == [f"Amenaza al comité número {n}" for n in (3, 4, 5, 6)]
    assert rejects == [(2, CONSENT_WITHDRAWN), (1, CONSENT_WITHDRAWN)] or sorted(rejects) == [
        (1, CONSENT_WITHDRAWN),
        (2, CONSENT_WITHDRAWN),
    ]


def test_an_id_that_only_numbers_rows_drops_nobody_unasked(files, tmp_path):
    files.add("incidents", numbered(*map(row, (1, 2, 3))), id="prensa")
    on_the_map(files)
    withdraw(files.space, None, "2")
    later = file_of(tmp_path, numbered(row(1), row(3), row(4)))
    wishes = SourceOptions(layer="incidents", publisher="P", id="prensa", snapshot_on="2026-06-01")

    with pytest.raises(
        ConsentError,
        match=r"resemble withdrawn records: 2\. They may be about other people\. For each row, give --same ROW",
    ):
        plan_source(str(later), wishes, files.space, today=TODAY)


@pytest.mark.parametrize(
    "changed",
    [
        row(2, title="AMENAZA al comite numero 2"),
        row(2, place="Quebrada  Nahuin - 2."),
        row(2, name="Otra"),
    ],
)
def test_a_corrected_accent_a_new_file_and_another_source_bring_nobody_back(files, tmp_path, changed):
    files.add("incidents", listed(*map(row, (1, 2, 3))), id="prensa")
    titles, _ = on_the_map(files)
    withdraw(files.space, None, titles["Amenaza al comité número 2"])
    other = file_of(tmp_path, listed(row(5), changed))

    taken = plan_source(
        str(other), SourceOptions(layer="incidents", publisher="P", id="otra"), files.space, today=TODAY
    )

    assert taken.rejects["reason"].tolist() == [CONSENT_WITHDRAWN]
    assert taken.tables["incidents"]["title"].tolist() == ["Amenaza al comité número 5"]


def test_what_is_like_it_is_asked_about_and_the_answer_is_kept(files, tmp_path):
    files.add("incidents", listed(*map(row, (1, 2, 3))), id="prensa")
    titles, _ = on_the_map(files)
    withdraw(files.space, None, titles["Amenaza al comité número 2"])
    like = [
        row(2, title="Disparos contra la casa comunal"),
        row(7, title="Amenaza al comité número 2", day="2026-03-02"),
    ]
    other = file_of(tmp_path, listed(row(5), *like))
    wishes = SourceOptions(layer="incidents", publisher="P", id="otra")

    with pytest.raises(ConsentError, match="2, 3"):
        plan_source(str(other), wishes, files.space, today=TODAY)
    told = SourceOptions(**{**wishes.__dict__, "same": (3,), "another": (2,)})
    taken = plan_source(str(other), told, files.space, today=TODAY)
    assert taken.rejects[["row_number", "reason"]].to_numpy().tolist() == [[3, CONSENT_WITHDRAWN]]

    store_decisions(files.space, None, taken.answers)
    again = plan_source(str(other), wishes, files.space, today=TODAY)
    assert again.rejects[["row_number", "reason"]].to_numpy().tolist() == [[3, CONSENT_WITHDRAWN]]


def test_a_row_that_says_the_same_of_another_person_is_hers(files):
    twin = {"title": "Amenaza de muerte en asamblea", "place": "Quebrada Ñahuin", "day": "2026-03-01"}
    files.add("incidents", listed(row(1, name="Ana", **twin), row(2, name="Luz", **twin)), id="prensa")
    con = map_database.connect(build(files.space).path)
    first, second = map_database.read_layer(con, INCIDENTS).sort_values("row_number")["id"]
    con.close()

    with pytest.raises(ConsentError, match="these records resemble it"):
        withdraw(files.space, None, first)
    withdraw(files.space, None, first, another=[second])

    con = map_database.connect(build(files.space).path)
    assert map_database.read_layer(con, INCIDENTS)["row_number"].tolist() == [2]
    con.close()


def test_every_snapshot_source_and_file_of_the_vault_is_searched(files, held, tmp_path):
    for name, day, rows in (
        ("socio", "2026-01-01", (secret(1), secret(5))),
        ("socio", "2026-06-01", (secret(5), secret(6))),
        ("otra", "2026-06-01", (secret(5), secret(7))),
    ):
        put(held, files.space, file_of(tmp_path, listed(*rows), f"{name}-{day}.csv"), id=name, snapshot_on=day)
    before = in_vault(held)

    done = withdraw(files.space, held, before["Amenaza al comité número 5 otra"])

    assert [name.split(" ")[0] for name in done.records] == [
        "otra/2026-06-01/1",
        "socio/2026-01-01/2",
        "socio/2026-06-01/1",
    ]
    assert done.files_given_up == 3
    assert len(in_vault(held)) == 3
    with vault_file.open_vault(held) as con:
        told = str(
            [con.execute(f'FROM "{name}"').fetchall() for name in vault_file.COPIED_TABLES if name != "registers"]
        )
    assert "Persona 5" not in told


def test_a_vault_put_back_from_a_copy_forgets_anew_before_it_answers(files, held, tmp_path):
    files.add("incidents", listed(*map(row, (1, 2, 3))), id="prensa")
    titles, _ = on_the_map(files)
    put(held, files.space, file_of(tmp_path, listed(secret(5), secret(6, title="Robo"), secret(7))))
    sync_withdrawals(files.space, held)
    shutil.copytree(held.folder, tmp_path / "copia")
    ids = in_vault(held)
    withdraw(files.space, held, ids["Amenaza al comité número 5 lista"])
    withdraw(files.space, held, ids["Robo lista"])
    withdraw(files.space, held, titles["Amenaza al comité número 2"])

    shutil.rmtree(held.folder)
    shutil.copytree(tmp_path / "copia", held.folder)

    assert sync_withdrawals(files.space, held).removed == 2
    assert list(in_vault(held)) == ["Amenaza al comité número 7 lista"]
    assert sync_withdrawals(files.space, held).removed == 0


def test_a_copy_of_the_vault_knows_in_another_workspace_what_was_withdrawn(files, held, tmp_path):
    put(held, files.space, file_of(tmp_path, listed(secret(5), secret(6))))
    withdraw(files.space, held, in_vault(held)["Amenaza al comité número 5 lista"])
    other = type(files)(tmp_path / "otra")
    copied = vault_file.Vault(other.folder / "vault", held.key)
    shutil.copytree(held.folder, copied.folder)

    sync_withdrawals(other.space, copied)

    with pytest.raises(SourceError, match=r"consent was withdrawn \(1\)"):
        put(copied, other.space, file_of(tmp_path, listed(secret(5)), "otra.csv"))
    with pytest.raises(SourceError, match=r"consent was withdrawn \(1\)"):  # also without the key
        plan_source(
            str(file_of(tmp_path, listed(row(5)), "publica.csv")),
            SourceOptions(layer="incidents", publisher="P"),
            other.space,
            today=TODAY,
        )


def test_withdrawing_twice_says_so_and_a_mistyped_id_is_one(files, held, tmp_path):
    put(held, files.space, file_of(tmp_path, listed(secret(5), secret(6))))
    name = in_vault(held)["Amenaza al comité número 5 lista"]

    assert withdraw(files.space, held, name).is_new
    assert not withdraw(files.space, held, name).is_new
    with pytest.raises(VaultError, match="neither"):
        withdraw(files.space, held, name + "x")


def test_a_kill_between_workspace_and_vault_is_made_good_when_the_vault_opens(files, held, tmp_path, monkeypatch):
    put(held, files.space, file_of(tmp_path, listed(secret(5), secret(6))))
    sync_withdrawals(files.space, held)
    name = in_vault(held)["Amenaza al comité número 5 lista"]

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(contents, "delete_incident", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw(files.space, held, name)

    assert sync_withdrawals(files.space, held).removed == 1
    assert not withdraw(files.space, held, name).is_new


def test_the_file_in_a_workspace_tells_neither_how_many_were_withdrawn_nor_when(files):
    files.add("incidents", listed(*map(row, (1, 2, 3))), id="prensa")
    titles, _ = on_the_map(files)
    path = files.folder / tombstones.FILE
    sizes = []
    for n in (1, 2):
        withdraw(files.space, None, titles[f"Amenaza al comité número {n}"])
        sizes.append((path.stat().st_size, path.stat().st_mtime))
    assert sizes[0] == sizes[1] == (sizes[0][0], 0)
    told = re.sub(r"[A-Za-z0-9+/=]{32,}", "", path.read_text(encoding="utf-8"))  # random bytes may spell any word
    assert not any(word in told for word in ("2026", "date", "withdrawn_on"))
    shares = [tombstones.create_filter().fill_ratio for _ in range(5)]
    one = tombstones.create_filter()
    assert max(shares) - min(shares) > 20 * (one.add_texts(map(str, range(8))).fill_ratio - one.fill_ratio)


def test_signs_that_are_soon_found_by_trying_stand_in_the_vault_alone(files, held, tmp_path):
    put(held, files.space, file_of(tmp_path, listed(secret(5, title="Robo"), secret(6))))
    sync_withdrawals(files.space, held)
    withdraw(files.space, held, in_vault(held)["Robo lista"])

    beside = tombstones.read_registers(files.folder)
    guess = ("when and where", "2026-03-05\x1fquebrada nahuin 5")
    assert not any(register.contains(*guess) for register in beside)
    with vault_file.open_vault(held) as con:
        assert any(register.contains(*guess) for register in contents.read_registers(con))
    assert not any(register.salt for register in beside if register.secret)


def test_a_filter_answers_for_what_was_put_in_and_nothing_else():
    held = tombstones.create_filter().add_texts(f"in {n}" for n in range(500))

    assert all(f"in {n}" in held for n in range(500))
    assert not [n for n in range(20_000) if f"out {n}" in held]
    assert "in 3" in (tombstones.create_filter() | held)


def test_tombstones_of_the_first_form_hold_and_row_numbers_are_asked_about(files):
    files.add("incidents", listed(*map(row, (1, 2, 3))), id="prensa")
    files.add("incidents", "id," + HEADER + "z-1," + row(5) + "z-2," + row(6), id="otra")
    salt = "ab" * 32
    hashes = [tombstones.hash_sign(salt, "id", told) for told in ("prensa/3", "z-1")]
    old = {"salt": salt, "withdrawn": [{"hash": one, "on": "2026-02-01"} for one in hashes]}
    files.folder.joinpath(tombstones.FILE).write_text(str(old).replace("'", '"'), encoding="utf-8")

    titles, rejects = on_the_map(files)

    assert sorted(rejects) == [(1, CONSENT_WITHDRAWN), (3, LIKE_WITHDRAWN)]
    mark_as_other_person(files.space, None, ["prensa/2026-01-01/3"])
    assert len(on_the_map(files)[0]) == len(titles) + 1


@pytest.mark.parametrize("content", ["{", '{"format": 2}', '{"format": 2, "registers": [{"name": "x"}]}', "[]"])
def test_tombstones_that_cannot_be_read_stop_everything(files, content):
    files.folder.joinpath(tombstones.FILE).write_text(content, encoding="utf-8")

    with pytest.raises(WorkspaceError, match="would come back"):
        build(files.space)


def test_tombstones_of_a_newer_version_are_left_alone(files):
    files.folder.joinpath(tombstones.FILE).write_text('{"format": 99}', encoding="utf-8")

    with pytest.raises(NewerError, match="newer version"):
        build(files.space)


def test_an_answer_about_the_vault_is_kept_in_it(files, held, tmp_path):
    put(held, files.space, file_of(tmp_path, listed(secret(5), secret(6))))
    withdraw(files.space, held, in_vault(held)["Amenaza al comité número 5 lista"])
    like = file_of(tmp_path, listed(secret(5, title="Otra persona fue golpeada")), "otra.csv")
    wishes = SourceOptions(layer="incidents", publisher="P", another=(1,))

    taken = plan_for_vault(held, str(like), wishes, files.space, today=TODAY)
    store_decisions(files.space, held, taken.answers)
    store_in_vault(held, taken, like)

    assert sync_withdrawals(files.space, held) == type(sync_withdrawals(files.space, held))()
    assert len(in_vault(held)) == 2


def test_a_map_that_is_older_than_a_withdrawal_is_not_published(files):
    files.add("incidents", listed(*map(row, (1, 2, 3))), id="prensa")
    titles, _ = on_the_map(files)
    check_no_withdrawn(files.space)

    withdraw(files.space, None, titles["Amenaza al comité número 2"])

    with pytest.raises(PublishError, match=r"withdrawn records are still on the map \(1\)"):
        check_no_withdrawn(files.space)
    on_the_map(files)
    check_no_withdrawn(files.space)


def test_a_newer_list_of_one_source_takes_the_place_of_the_one_before(files, held, tmp_path):
    lists = {"2026-01-01": (5, 6), "2026-06-01": (5, 6, 7)}
    for day, numbers in lists.items():
        rows = "".join(f"C-{n},{secret(n)}" for n in numbers)
        put(held, files.space, file_of(tmp_path, "id," + HEADER + rows), id="socia", snapshot_on=day)

    with vault_file.open_vault(held) as con:
        assert map_database.read_layer(con, INCIDENTS)["id"].tolist() == ["C-5", "C-6", "C-7"]
        assert len(map_database.read_layer(con, INCIDENTS, every_snapshot=True)) == 5
    with pytest.raises(SourceError, match="the vault already contains C-5"):  # of another source it may be another's
        put(held, files.space, file_of(tmp_path, "id," + HEADER + f"C-5,{secret(8)}", "otra.csv"), id="otra")


def test_a_changed_register_is_noticed_and_one_of_before_checksums_is_read(files):
    tombstones.write_registers(
        files.folder, tombstones.insert_signs((tombstones.create_register(),), [("id", "a")], [])
    )
    path = files.folder / tombstones.FILE
    whole = path.read_text(encoding="utf-8")
    content = json.loads(whole)
    hashes = content["registers"][0]["hashes"]
    content["registers"][0]["hashes"] = hashes[:100] + ("B" if hashes[100] == "A" else "A") + hashes[101:]

    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="damaged"):
        tombstones.read_registers(files.folder)
    content = json.loads(whole)
    del content["sha256"]
    path.write_text(json.dumps(content), encoding="utf-8")

    assert any(register.contains("id", "a") for register in tombstones.read_registers(files.folder))


def test_a_vault_that_is_made_leaves_the_map_as_it_is_and_a_withdrawal_does_not(files):
    files.add("incidents", listed(row(1)), id="prensa")
    build(files.space)

    sync_withdrawals(files.space, made(files.folder))
    assert freshness.is_up_to_date(files.space)
    tombstones.write_registers(
        files.folder, tombstones.insert_signs(tombstones.read_registers(files.folder), [("id", "a")], [])
    )
    assert not freshness.is_up_to_date(files.space)
