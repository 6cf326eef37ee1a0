"""What was proved of what is given away, and what the vault tells that must be in none of it."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lindero.app.products.pocket import background, bundle
from lindero.app.products.pocket.client_words import CLIENT, in_language
from lindero.app.products.publication import publication_files
from lindero.app.products.publication.select import OF_PEOPLE
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import WORLD
from lindero.layers.disk import builds
from lindero.layers.errors import N_, NotBuiltError
from lindero.layers.publish import leak_scan, leak_words
from lindero.layers.reference.base_data import BASE
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import Vault

REFERENCE = BASE.parent
NOT_FOUND = N_(
    "no program can find what is told in other words, translated, abbreviated, misspelt or in a picture; a part of a"
    " name, or a name with other words in between; names of one word outside the fields of persons, of fewer than 3"
    " letters, or that the map says; numbers in words, of fewer than 7 digits, or with a letter or more than 3"
    " characters between digits; dates; places rounder than 3 decimals, in minutes and seconds, or in metres. Read the"
    " titles yourself"
)
ID = re.compile(r"[0-9a-f]{16}")
LEAST_DEGREES = 0.0999  # of an area that a place is shown as


@dataclass
class Findings:
    """What was proved, and what is broken; in the reader's language, and never with the values of what leaks."""

    proofs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def note(self, faults: list[str], proved: str) -> None:
        """Note a promise: its faults, or that it holds."""
        self.broken.extend(faults)
        if not faults:
            self.proofs.append(proved)


def leaking(files: list[Path], vault: Vault) -> tuple[list[str], int, int]:
    """Say what of the vault the files hold; count what was looked for, and what was found by chance alone."""
    with vault_file.opened(vault) as con:
        secrets, words = leak_scan.secrets_of(con), leak_words.words_of(con)
    own, page = [*REFERENCE.glob("*.csv")], _said_anyhow()
    secrets = secrets.without(leak_scan.public_bytes(secrets, _public_map(vault), own, page=page))
    hits, in_words = [], {}
    for path in files:
        file = leak_scan.File(path)  # of one file after the other, for all of a country would not be held at once
        hits += [
            (path, name, pattern)
            for name, data in leak_scan.unpack(path, file)
            for pattern in sorted(secrets.found_in(data))
        ]
        in_words[path] = leak_words.found_in(leak_words.cells(file), words)
    chance = {
        path: leak_scan.by_chance(path, {pattern for one, _name, pattern in hits if one == path})
        for path, *_rest in hits
    }
    found = [
        _("{file} holds {what}").format(file=name, what=secrets.patterns[pattern])
        for path, name, pattern in hits
        if pattern not in chance[path]
    ]
    public = leak_words.public_words(set().union(*in_words.values()), words, _public_map(vault), page=page)
    found += [
        _("{file} holds {what}").format(file=path.name, what=leak_words.label(words, key))
        for path, keys in in_words.items()
        for key in sorted(keys - public)
    ]
    return sorted(set(found)), len({*secrets.patterns.values(), *words.labels}), len(set().union(*chance.values()))


def _public_map(vault: Vault) -> Path | None:
    try:
        return builds.current_map(vault.folder.parent / "build")
    except NotBuiltError:
        return None


@cache
def _said_anyhow() -> str:
    """Give all that every pocket map may say: what the program says, its client, and what it knows of places."""
    client = [bundle.script(entry) for entry in (bundle.PACK, bundle.SITE)]
    client += [CLIENT.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "style.css")]
    around = {place["around"] for place in background.places(WORLD, most=None)}
    tables = [path.read_text(encoding="utf-8") for path in sorted(REFERENCE.glob("*.csv"))]
    packages = [in_language(language, publication_files.style_text) for language in i18n.languages()]
    return "\n".join([*client, *around, *tables, *packages, *i18n.texts(), OF_PEOPLE])
