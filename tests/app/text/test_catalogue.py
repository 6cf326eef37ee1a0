"""What a translator's file says is cached by its content, and is the same read anew."""

import os
import shutil

import pytest

from lindero.app.text import i18n
from lindero.machine import resources

PO = i18n.LOCALE_DIR / "es" / "LC_MESSAGES" / "lindero.po"
SAID = "a few words"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Give a folder for what is cached."""
    monkeypatch.setattr(resources, "cache_folder", lambda: tmp_path)
    return tmp_path


def refuse(_said):
    raise AssertionError("read anew")


def test_what_is_cached_is_what_the_file_says(cache, monkeypatch):
    first = i18n.load_translations(PO)
    monkeypatch.setattr(i18n, "_compile_catalogue", refuse)
    again = i18n.load_translations(PO)
    monkeypatch.undo()
    monkeypatch.setattr(resources, "cache_folder", lambda: None)
    uncached = i18n.load_translations(PO)

    assert first._catalog == again._catalog == uncached._catalog
    assert again.ngettext("{n} day", "{n} days", 2) == uncached.ngettext("{n} day", "{n} days", 2)
    assert [path.suffix for path in cache.iterdir()] == [".mo"]


def test_a_file_that_has_changed_is_read_anew(cache):
    changed = cache / "es" / "LC_MESSAGES" / "lindero.po"
    changed.parent.mkdir(parents=True)
    shutil.copy(PO, changed)
    assert i18n.load_translations(changed).gettext(SAID) == SAID
    with changed.open("a", encoding="utf-8") as file:
        file.write(f'\nmsgid "{SAID}"\nmsgstr "unas palabras"\n')

    assert i18n.load_translations(changed).gettext(SAID) == "unas palabras"


@pytest.mark.parametrize("damage", [b"", b"no catalogue", bytes.fromhex("de120495") + b"\0" * 9])
def test_what_is_damaged_is_read_anew(cache, damage):
    whole = i18n.load_translations(PO)._catalog
    (cached,) = cache.iterdir()
    cached.write_bytes(damage)

    assert i18n.load_translations(PO)._catalog == whole
    assert cached.stat().st_size > len(damage)


def test_a_few_versions_are_retained_and_a_full_folder_is_no_fault(cache, monkeypatch):
    for at in range(8):
        old = cache / f"words-es-{at}.mo"
        old.write_bytes(b"")
        os.utime(old, (at, at))
    i18n.load_translations(PO)

    assert len(list(cache.iterdir())) == i18n.RETAINED

    monkeypatch.setattr(resources, "cache_folder", lambda: cache / "none")
    assert len(i18n.load_translations(PO)._catalog) > 1000
