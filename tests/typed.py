"""Commands as they are typed, in a folder of their own, with the key of a vault in the environment."""

import sys

import pytest

from lindero.app import cli
from lindero.layers.vault import key_derivation

KEY = "cinco palabras de dados"


@pytest.fixture
def typed(monkeypatch, capsys, tmp_path):
    """Run a command as it is typed: gives its code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINDERO_LANG", "en")
    monkeypatch.delenv("LINDERO_WORKSPACE", raising=False)
    monkeypatch.setattr(
        key_derivation, "COST", {"n": 2**4, "r": 8, "p": 1}
    )  # the cost is held by tests/layers/vault/test_vault_file.py

    def called(*arguments, key=KEY):
        if key is not None:
            monkeypatch.setenv(key_derivation.ENVIRONMENT, key)
        monkeypatch.setattr(sys, "argv", ["lindero", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        given = capsys.readouterr()
        return code, given.out, given.err

    return called
