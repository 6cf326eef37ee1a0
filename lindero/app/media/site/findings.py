"""The findings of checks on published files, and the search of the files for secrets of the vault."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lindero.app.media.phone import background, bundle
from lindero.app.media.phone.client_words import CLIENT, run_in_language
from lindero.app.media.site import publication_files
from lindero.app.media.site.select import PEOPLE_SOURCE
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
    "no program can find: text in other words, translated, abbreviated, misspelt or in a picture; part "
    "of a name, or a name with other words in between; names of one word outside the fields of persons, "
    "of fewer than 3 letters, or that also occur in the map; numbers in words, of fewer than 7 digits, "
    "or with a letter or more than 3 characters between digits; dates; places with fewer than 3 "
    "decimals, in minutes and seconds, or in metres. Read the titles yourself"
)
ID = re.compile(r"[0-9a-f]{16}")
LEAST_DEGREES = 0.0999  # least side of the area that stands for a place


@dataclass
class Findings:
    """The findings of a check in the reader's language: proofs and faults. They never contain a leaked value."""

    proofs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def record(self, faults: list[str], proved: str) -> None:
        """Record the result of a check: its faults, or that it passed."""
        self.broken.extend(faults)
        if not faults:
            self.proofs.append(proved)


def find_leaks(files: list[Path], vault: Vault) -> tuple[list[str], int, int]:
    """Search files for secrets of the vault.

    Return the leaks, the number of secrets searched for, and the number found by chance alone.
    """
    with vault_file.open_vault(vault) as con:
        secrets, words = leak_scan.collect_secrets(con), leak_words.collect_words(con)
    reference_files, public_text = [*REFERENCE.glob("*.csv")], _public_text()
    secrets = secrets.exclude(
        leak_scan.find_public_patterns(secrets, _find_public_map(vault), reference_files, page=public_text)
    )
    hits, word_keys = [], {}
    for path in files:
        file = leak_scan.ScannedFile(path)  # one file at a time: memory has no room for the files of a whole country
        hits += [
            (path, name, pattern)
            for name, data in leak_scan.iter_contents(path, file)
            for pattern in sorted(secrets.search(data))
        ]
        word_keys[path] = leak_words.search_texts(leak_words.iter_texts(file), words)
    chance_patterns = {
        path: leak_scan.find_chance_matches(path, {pattern for hit_path, _name, pattern in hits if hit_path == path})
        for path, *_rest in hits
    }
    leaks = [
        _("{file} contains {what}").format(file=name, what=secrets.patterns[pattern])
        for path, name, pattern in hits
        if pattern not in chance_patterns[path]
    ]
    public = leak_words.find_public_words(
        set().union(*word_keys.values()), words, _find_public_map(vault), page=public_text
    )
    leaks += [
        _("{file} contains {what}").format(file=path.name, what=leak_words.find_origin(words, key))
        for path, keys in word_keys.items()
        for key in sorted(keys - public)
    ]
    return (
        sorted(set(leaks)),
        len({*secrets.patterns.values(), *words.labels}),
        len(set().union(*chance_patterns.values())),
    )


def _find_public_map(vault: Vault) -> Path | None:
    try:
        return builds.current_map(vault.folder.parent / "build")
    except NotBuiltError:
        return None


@cache
def _public_text() -> str:
    """Return all text that every pocket map may contain.

    It is that of the program and its client, and the names of built-in places.
    """
    client = [bundle.build_script(entry) for entry in (bundle.PACK, bundle.SITE)]
    client += [CLIENT.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "style.css")]
    place_texts = {place["around"] for place in background.list_places(WORLD, max_places=None)}
    tables = [path.read_text(encoding="utf-8") for path in sorted(REFERENCE.glob("*.csv"))]
    packages = [run_in_language(language, publication_files.collect_style_text) for language in i18n.languages()]
    return "\n".join([*client, *place_texts, *tables, *packages, *i18n.list_texts(), PEOPLE_SOURCE])
