"""The names that examples of docstrings use without defining them."""

from collections.abc import Iterator
from contextlib import contextmanager
from doctest import DocTest
from pathlib import Path
from tempfile import TemporaryDirectory

from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.vault import key_derivation, vault_file
from lindero.layers.workspace import manifest_file

PASSPHRASE = "abierto loma quena risco tupu"


@contextmanager
def example_names(test: DocTest, demonstration: Path) -> Iterator[dict[str, object]]:
    """
    Give an example the names it uses: `con`, `workspace`, `vault` and `folder`.

    `con` is an open connection to the map of the demonstration, read only, `workspace` its workspace, `vault` an empty
    vault and `folder` an empty folder, which no other example uses.
    """
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "folder"
        folder.mkdir()
        names = {"folder": folder, "workspace": manifest_file.load_workspace(demonstration)}
        if any("vault" in example.source for example in test.examples):
            names["vault"] = _create_vault(Path(temporary) / "secret")
        with map_database.connect(builds.current_map(demonstration / "build")) as con:
            yield {**names, "con": con}


def _create_vault(workspace: Path) -> vault_file.Vault:
    workspace.mkdir()
    folder = vault_file.prepare_folder(workspace)
    vault = vault_file.Vault(folder, key_derivation.derive_key(PASSPHRASE, folder))
    vault_file.create_vault(vault)
    return vault
