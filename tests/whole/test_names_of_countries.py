"""Program code names no country and no institution of one: what is particular to a country is in its pack."""

import ast
import re
from pathlib import Path

import pytest
from babel import Locale

from lindero.layers.reference import packs
from lindero.layers.services.catalogue import load_catalogue
from tests.code_text import without_docstrings

PROGRAM = Path(__file__).parents[2] / "lindero"
# What has a country's name and is not about it.
ALLOWED = {"Brazil nuts"}
CODES = {*packs.list_codes()} - {"ID", "ZM"}  # also an identifier, and the height and measure of a point
LANGUAGES = ("en", "es", "pt", "fr")
NOT_PROGRAM = {
    "countries",
    "vendor",
    "locale",
    "base",
    "demo",
    "public_record",
    "countries.py",  # the names of all countries
    "country_names.toml",  # and their official names
}


def country_words():
    """Names of the countries with a pack in four languages, their codes, and the short names of their institutions."""
    names = {Locale(language).territories[code] for code in packs.list_codes() for language in LANGUAGES}
    names |= {name.split(" (")[0] for name in names} | {name.split(" - ")[0] for name in names}
    words = [(entry, re.findall(r"\b[A-Z]{4,}\b", entry.publisher)) for entry in load_catalogue().values()]
    of_the_world = {word for entry, found in words if not entry.country for word in found}
    names |= {word for _, found in words for word in found} - of_the_world
    return sorted(names | {f"{code}-[A-Z0-9]{{1,3}}" for code in packs.list_codes()}, key=len, reverse=True)


WORDS = re.compile(rf"(?<![\w-])(?:{'|'.join(country_words())})(?![\w-])")
FILES = sorted(
    path
    for pattern in ("*.py", "*.js", "*.html", "*.typ", "*.css", "*.toml", "*.txt")
    for path in PROGRAM.rglob(pattern)
    if NOT_PROGRAM.isdisjoint(path.relative_to(PROGRAM).parts)
)


def code_of(path):
    """Return the code of a file without docstrings and comments of its documentation."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return without_docstrings(source)
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL) if path.suffix == ".js" else source


def codes_in(path):
    """Yield the ISO codes of countries that stand in a file as a text of their own."""
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in CODES:
                yield node.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PROGRAM).as_posix())
def test_program_code_names_no_country(path):
    code = code_of(path)
    for allowed in ALLOWED:
        code = code.replace(allowed, "")

    assert {*WORDS.findall(code), *codes_in(path)} == set()


def test_the_search_finds_a_country_an_institution_and_a_region():
    text = 'title = "Catastro del Perú"; publisher = "INGEMMET"; region = "PE-CAJ"; other = "perusal"'

    assert WORDS.findall(text) == ["Perú", "INGEMMET", "PE-CAJ"]
