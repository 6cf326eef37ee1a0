"""The key of the vault: in one normal form, wiped where others could read it, changed whole or not at all."""

import json
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from lindero.app.commands.vault import key as vault_key
from lindero.layers.errors import KeyNotGivenError, VaultError, WrongKeyError
from lindero.layers.vault import key_derivation, vault_file
from lindero.layers.vault.vault_file import Vault
from tests.files import text

PASSPHRASE = "contraseña de cinco árboles"
LOOK = """
import sys
from lindero.layers.vault import key_derivation as keys
print(keys.read_secret(None))
keys.iter_candidate_keys and keys._protect_memory()
print(open("/proc/self/environ", "rb").read().count(b"secreta"))
"""


@pytest.fixture
def folder(files, monkeypatch):
    monkeypatch.setattr(key_derivation, "COST", {"n": 2**4, "r": 8, "p": 1})
    return vault_file.prepare_folder(files.folder)


def opens(folder, passphrase):
    return that_opens(folder, passphrase).file.is_file()


def that_opens(folder, passphrase):
    return vault_key._find_key(folder, passphrase, _opened)[0]


def _opened(vault):
    with vault_file.open_vault(vault):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_key_stands_in_no_environment_that_the_system_shows():
    looked = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={key_derivation.ENVIRONMENT: "clave secreta"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert looked.stdout.split("\n")[:2] == ["clave secreta", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_process_that_holds_the_key_leaves_no_image_of_itself():
    asked = "import ctypes, resource; from lindero.layers.vault import key_derivation as keys; keys._protect_memory(); print(ctypes.CDLL(None).prctl(3), *resource.getrlimit(resource.RLIMIT_CORE))"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["0", "0", "0"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604, 0o666])
def test_a_key_file_of_others_eyes_is_refused(tmp_path, mode):
    file = text(tmp_path / "clave", PASSPHRASE)
    file.chmod(mode)

    with pytest.raises(KeyNotGivenError, match="chmod 600"):
        key_derivation.read_secret(file)
    file.chmod(0o600)
    assert key_derivation.read_secret(file) == PASSPHRASE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_passphrase_opens_in_whichever_form_it_is_typed(folder, form):
    vault_file.create_vault(Vault(folder, key_derivation.derive_key(unicodedata.normalize(form, PASSPHRASE), folder)))

    assert all(opens(folder, unicodedata.normalize(typed, PASSPHRASE)) for typed in ("NFC", "NFD"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_vault_that_was_made_with_letters_as_they_were_typed_still_opens(folder, form):
    salt = key_derivation._read_salts(folder)[0]
    vault_file.create_vault(
        Vault(folder, key_derivation._compute_key(unicodedata.normalize(form, PASSPHRASE), salt, folder))
    )

    assert all(opens(folder, unicodedata.normalize(typed, PASSPHRASE)) for typed in ("NFC", "NFD"))
    with pytest.raises(WrongKeyError):
        opens(folder, "otra cosa")


@pytest.mark.parametrize(
    "told",
    [
        {"n": 0}, {"n": 3}, {"n": -1}, {"n": 2**62}, {"n": 10**30}, {"r": 0}, {"p": 2**40}, {"n": "x"}, {"n": None},
        {"salt": "zz"}, {"salt": None}, {"others": 7}, {"others": [{"salt": "00"}]}, {"others": [7]},
    ],
)  # fmt: skip
def test_an_odd_salt_is_said_in_a_sentence(folder, told):
    path = folder / key_derivation.SALT_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | told), encoding="utf-8")

    with pytest.raises(VaultError, match="is missing or damaged"):
        list(key_derivation.iter_candidate_keys(PASSPHRASE, folder))


def test_a_new_key_has_a_new_salt_and_a_change_cut_short_leaves_one_that_opens(folder, monkeypatch):
    held = Vault(folder, key_derivation.derive_key(PASSPHRASE, folder))
    vault_file.create_vault(held)
    before = key_derivation._read_salts(folder)

    with monkeypatch.context() as patched:
        patched.setattr(key_derivation, "finish_key_change", killed)
        with pytest.raises(KeyboardInterrupt):
            vault_file.rekey(held, "otra clave bien larga")
    assert len(key_derivation._read_salts(folder)) == 2
    assert opens(folder, "otra clave bien larga")
    with monkeypatch.context() as patched:
        patched.setattr(vault_file, "replace_file", killed)
        with pytest.raises(KeyboardInterrupt):
            vault_file.rekey(that_opens(folder, "otra clave bien larga"), "una tercera bien larga")
    assert opens(folder, "otra clave bien larga")

    again = vault_file.rekey(that_opens(folder, "otra clave bien larga"), "y otra bien larga más")
    assert opens(folder, "y otra bien larga más")
    after = key_derivation._read_salts(folder)
    assert len(after) == 1
    assert after[0]["salt"] != before[0]["salt"]
    assert again.key == key_derivation.derive_key("y otra bien larga más", folder)


def test_a_change_that_dies_before_the_vault_is_written_leaves_the_old_key(folder, monkeypatch):
    held = Vault(folder, key_derivation.derive_key(PASSPHRASE, folder))
    vault_file.create_vault(held)

    with monkeypatch.context() as patched:
        patched.setattr(vault_file, "replace_file", killed)
        with pytest.raises(KeyboardInterrupt):
            vault_file.rekey(held, "otra clave bien larga")

    assert opens(folder, PASSPHRASE)


def killed(*_args, **_named):
    raise KeyboardInterrupt


def test_too_little_memory_is_not_taken_for_a_broken_salt(folder, monkeypatch):
    def refuses(*_, **__):
        raise ValueError("[digital envelope routines] malloc failure")

    monkeypatch.setattr(key_derivation.hashlib, "scrypt", refuses)

    with pytest.raises(MemoryError):
        key_derivation.derive_key(PASSPHRASE, folder)


def test_a_destroyed_vault_opens_with_nothing_even_where_its_other_files_are_put_back(folder, monkeypatch):
    vault_file.create_vault(Vault(folder, key_derivation.derive_key(PASSPHRASE, folder)))
    kept = (folder / vault_file.FILE).read_bytes()
    written = []
    real = Path.unlink
    monkeypatch.setattr(
        Path, "unlink", lambda path, **how: (written.append((path.name, path.read_bytes())), real(path, **how))
    )
    salt = (folder / key_derivation.SALT_FILE).read_bytes()

    key_derivation.destroy_vault(folder)

    name, content = written[0]
    assert (name, len(content)) == (key_derivation.SALT_FILE, len(salt))
    assert json.loads(salt)["salt"].encode() not in content
    assert not [path for path in folder.rglob("*") if path.is_file()]
    (folder / vault_file.FILE).write_bytes(kept)
    with pytest.raises(VaultError, match="is missing or damaged"):
        key_derivation.derive_key(PASSPHRASE, folder)
