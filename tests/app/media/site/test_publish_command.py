"""The commands vault, publish and withdraw, as they are typed."""

import pytest

from lindero.app.media.site import verify
from lindero.app.media.site.verify import Findings
from lindero.layers.vault import key_derivation
from tests.files import text
from tests.secret_files import SECRETS, csv_of
from tests.typed import KEY


@pytest.fixture
def run(typed):
    return typed


@pytest.mark.slow
def test_from_a_file_of_secrets_to_a_publication_and_back(run, tmp_path):
    # a word that stands on every page is no secret, whoever writes it
    rows = [secret.row(visibility="restricted", sources="partner") for secret in SECRETS[:12]]
    rows += [SECRETS[20].row(visibility="public_record", title="En la prensa"), SECRETS[22].row()]
    file = text(tmp_path / "casos.csv", csv_of(rows))
    assert run("init", "mapa", "--country", "pe")[0] == 0
    at = ("--workspace", "mapa")

    assert run("vault", "init", *at, key="corta")[0] == 1
    assert "you lose everything in it" in run("vault", "init", *at)[2]
    assert run("vault", "list", *at, key="otra clave bien larga")[0] == 1
    refused = run("add", file, "--layer", "incidents", "--publisher", "P", *at, "--yes")
    assert (refused[0], "vault add" in refused[2]) == (1, True)
    code, out, err = run("vault", "add", file, "--layer", "incidents", "--publisher", "P", *at, "--yes")
    assert (code, out) == (0, "")
    assert not [one for one in SECRETS[0].texts() if one in err]
    assert "not compared with the map" in err
    assert "from the map" not in err
    assert "or on the map" not in err
    assert "caso-secreto-003" in run("vault", "list", "--incidents", *at)[1]
    assert run("build", "mapa", key=None)[0] == 0

    assert run("vault", "duplicates", "--apart", "caso-secreto-000", "caso-secreto-001", *at)[0] == 0
    assert run("vault", "duplicates", "--accept", "caso-secreto-000", "nobody", *at)[0] == 1
    assert "pairs may be one case" in run("vault", "duplicates", *at)[2]
    told = run("publish", "publicado", *at, "--dry-run")[2]
    assert "confidential: 1" in told
    assert not (tmp_path / "publicado").exists()
    code, _, told = run("publish", "publicado", *at)
    assert (code, "You can share publicado" in told) == (0, True)
    assert run("publish", "publicado", *at, "--check")[0] == 0
    (tmp_path / "publicado" / "nota.txt").write_text(SECRETS[1].row()["telefono"], encoding="utf-8")
    code, _, told = run("publish", "publicado", *at, "--check")
    assert (code, "✗ nota.txt contains" in told, "do not share it" in told) == (1, True, True)
    assert run("publish", "mapa", *at)[0] == 1  # a folder that holds something else

    code, _, told = run("withdraw", "caso-secreto-003", *at)
    assert (code, "Withdrawn" in told) == (0, True)
    assert "caso-secreto-003" not in run("vault", "list", "--incidents", *at)[1]
    assert len(list((tmp_path / "mapa" / "build").glob("map-*.duckdb"))) == 1
    (tmp_path / "nueva").write_text("otra clave bien larga", encoding="utf-8")
    assert "chmod 600" in run("vault", "rekey", "--new-key-file", "nueva", *at)[2]
    (tmp_path / "nueva").chmod(0o600)
    text(tmp_path / "vieja", KEY).chmod(0o600)
    code, _, told = run("vault", "rekey", "--key-file", "vieja", *at, key="una clave del entorno")
    assert (code, "give a file with --new-key-file" in told) == (1, True)  # the variable never becomes the new key
    assert run("vault", "rekey", "--new-key-file", "nueva", *at)[0] == 0
    assert run("vault", "list", *at)[0] == 1
    assert run("vault", "list", *at, "--key-file", "nueva", key=None)[0] == 0


def test_files_that_break_a_promise_are_never_where_they_were_to_be(run, monkeypatch, tmp_path):
    run("init", "mapa", "--country", "pe")
    run("build", "mapa")
    looked_at = []

    def broken(folder, _held):
        looked_at.append(folder)
        return Findings(broken=["map.duckdb holds a secret"])

    with monkeypatch.context() as patched:
        patched.setattr(verify, "check_publication", broken)
        code, _, told = run("publish", "publicado", "--workspace", "mapa")

    assert (code, "Nothing was published" in told) == (1, True)
    assert [folder.exists() for folder in looked_at] == [False]
    assert [path.name for path in tmp_path.iterdir()] == ["mapa"]
    assert (
        run("publish", "publicado", "--workspace", "mapa")[0] == 0
    )  # of a map that holds nothing, as after withdrawals
    assert run("publish", "publicado", "--workspace", "mapa", "--check")[0] == 0


def test_a_vault_is_destroyed_without_its_key_once_that_is_confirmed(run, tmp_path):
    assert run("init", "mapa", "--country", "pe")[0] == 0
    at = ("--workspace", "mapa")
    assert run("vault", "destroy", *at, "--yes", key=None)[0] == 1  # there is none
    assert run("vault", "init", *at)[0] == 0

    code, _, told = run("vault", "destroy", *at, key=None)
    assert (code, "--yes" in told, (tmp_path / "mapa" / "vault" / "salt.json").exists()) == (1, True, True)
    code, _, told = run("vault", "destroy", *at, "--yes", key=None)

    assert (code, "is destroyed" in told, "copies of the vault" in told) == (0, True, True)
    assert not [path for path in (tmp_path / "mapa" / "vault").rglob("*") if path.is_file()]
    assert run("vault", "init", *at)[0] == 0  # another may be made


def test_without_a_key_nothing_is_asked_of_a_terminal_that_is_none(run, monkeypatch):
    run("init", "mapa")
    run("vault", "init", "--workspace", "mapa")
    monkeypatch.delenv(key_derivation.ENVIRONMENT, raising=False)

    code, _, told = run("vault", "list", "--workspace", "mapa", key=None)

    assert (code, "no key was given" in told) == (1, True)


def test_a_vault_is_not_served_to_other_machines(run):
    run("init", "mapa")
    run("vault", "init", "--workspace", "mapa")

    code, _, told = run("serve", "mapa", "--vault", "--host", "0.0.0.0")

    assert (code, "only for this computer" in told) == (1, True)
