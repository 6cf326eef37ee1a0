"""Words, numbers and dates in the reader's language; every language complete, every code with a name."""

import ast
import datetime as dt
import re
import shutil
import string
import threading
from contextvars import Context
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import CommandLineInterface, parse_mapping_cfg
from babel.messages.pofile import read_po

from lindero.app.text import i18n
from tests.client import ask

ROOT = Path(__file__).parents[3]
PACKAGES = ("app", "data", "geo", "layers")
TRANSLATED = i18n.translated_languages()
COMPLETE = [code for code in TRANSLATED if i18n.partial_parts(code) is None]
TECHNICAL = re.compile(r"--[a-z][a-z-]+|lindero [a-z]+|lindero\.toml|EPSG:\d+|OGC:CRS84|`\w+`|Ctrl\+C")


@pytest.fixture
def locale_dir(tmp_path, monkeypatch):
    """Give a copy of the catalogues, to which a test may add."""
    copied = tmp_path / "locale"
    shutil.copytree(i18n.LOCALE_DIR, copied)
    monkeypatch.setattr(i18n, "LOCALE_DIR", copied)
    _forget()
    yield copied
    _forget()


def _forget():
    i18n.languages.cache_clear()
    i18n._load_catalogue.cache_clear()


@cache
def _in_code() -> frozenset[object]:
    """Collect what the code marks for translation, as `make locale` does."""
    with (i18n.LOCALE_DIR / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    return frozenset(
        message
        for package in PACKAGES
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / "lindero" / package, methods, options_map=options, keywords=keywords
        )
    )


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _catalogue(language: str) -> Catalog:
    return _read(i18n.LOCALE_DIR / language / "LC_MESSAGES" / "lindero.po")


def _forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(form) for form in text]


def _pairs(language: str) -> list[tuple[str, str]]:
    """Pair each form that is translated with its source; plurals beyond the first with the plural."""
    return [
        (_forms(message.id)[min(at, len(_forms(message.id)) - 1)], form)
        for message in _catalogue(language)
        if message.id
        for at, form in enumerate(_forms(message.string))
        if form
    ]


def _ids(catalogue: Catalog) -> set[object]:
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue if message.id}


def _placeholders(text: str) -> list[str]:
    return sorted(name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)


def test_spanish_and_portuguese_are_complete():
    assert {"es", "pt"} <= set(COMPLETE)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_what_the_code_says_and_nothing_else(language):
    assert _ids(_catalogue(language)) == _in_code(), "run `make locale`, then translate what is new"


def test_each_kind_of_source_that_is_searched_for_messages_exists():
    kinds = re.findall(r"^\[\w+: (.+)\]$", (i18n.LOCALE_DIR / "babel.cfg").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(kinds) > 2
    assert [kind for kind in kinds if not any(i18n.LOCALE_DIR.parent.glob(kind.replace("**.", "**/*.")))] == []


def test_no_message_stands_within_a_format_string():
    """Babel does not find it there on every version of Python, and the next catalogue loses it."""
    within = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in sorted(ROOT.joinpath(package).rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_", "N_", "ngettext"}
        if call.args and isinstance(call.args[0], ast.Constant)
    ]

    assert within == []


def test_the_template_for_translators_holds_what_the_code_says():
    assert _ids(_read(i18n.LOCALE_DIR / "lindero.pot")) == _in_code(), "run `make locale`"


@pytest.mark.release
@pytest.mark.parametrize("language", TRANSLATED)
def test_every_entry_is_translated_and_none_is_guessed(language):
    wanting = [
        " / ".join(_forms(message.id))
        for message in _catalogue(language)
        if message.id
        and (message.fuzzy or not all(_forms(message.string)))
        and (message.fuzzy or language in COMPLETE or any(_forms(message.string)))
    ]

    assert not wanting, f"{len(wanting)} messages to translate into {language}:\n" + "\n".join(wanting)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language):
    assert list(_catalogue(language).obsolete) == []


def test_a_reworded_message_keeps_its_translation_as_fuzzy_and_is_shown_in_english(locale_dir):
    """The options are those of `make locale`."""
    path, name, reworded = (
        locale_dir / "es" / "LC_MESSAGES" / "lindero.po",
        "Accept: add it and build the map",
        "Accept: add it and build this map",
    )
    assert _catalogue("es")[name].string
    template = locale_dir / "lindero.pot"
    template.write_text(template.read_text(encoding="utf-8").replace(f'"{name}"', f'"{reworded}"'), encoding="utf-8")
    update = re.search(r"pybabel --quiet (update[^\n]*\\\n[^\n]*)", (ROOT / "Makefile").read_text(encoding="utf-8"))[1]
    options = update.replace("\\\n", " ").replace("lindero/app/locale", locale_dir.as_posix()).split()
    translated = _catalogue("es")[name].string
    CommandLineInterface().run(["pybabel", "--quiet", *options])
    message = _read(path)[reworded]
    i18n.set_language("es")

    assert (message.string, message.fuzzy) == (translated, True)
    assert i18n._(reworded) == reworded


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_has_the_forms_of_the_language(language):
    catalogue = _catalogue(language)

    assert [m.id for m in catalogue if m.pluralizable and len(m.string) != catalogue.num_plurals] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_source(language):
    assert [pair for pair in _pairs(language) if _placeholders(pair[0]) != _placeholders(pair[1])] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_what_is_typed_as_it_is(language):
    def lost(source, translation):
        return [word for word in TECHNICAL.findall(source) if word not in translation]

    assert [pair for pair in _pairs(language) if lost(*pair)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_ends_as_its_source_does(language):
    def ending(text):
        return text[-1] if text[-1] in ".:?!…" else ""

    assert [pair for pair in _pairs(language) if ending(pair[0]) != ending(pair[1])] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_names_its_language_and_nobody_by_mistake(language):
    header = (i18n.LOCALE_DIR / language / "LC_MESSAGES" / "lindero.po").read_text(encoding="utf-8").split("\n\n")[0]

    assert f'"Language: {language}\\n"' in header
    assert not re.search(r"FIRST AUTHOR|FULL NAME|ORGANIZATION|EMAIL@|LL@li\.org|VERSION\\n", header)


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        (["es-PE"], "es"),
        (["en-US"], "en"),
        (["qu"], "es"),
        (["qu-PE", "en-US"], "en"),
        (["de-DE", "fr"], "es"),
        (["fr", "pt-BR"], "pt"),
        (["en_US.UTF-8"], "en"),
        (["en.UTF-8"], "en"),
        ([""], "es"),
        ([], "es"),
    ],
)
def test_the_first_preferred_language_that_is_spoken_is_chosen_else_spanish(preferred, language):
    assert i18n.choose_language(preferred) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "es_PE.UTF-8"}, "en"),
        ({"LANG": "es_PE.UTF-8"}, "es"),
        ({"LANG": "es_PE.UTF-8", "LINDERO_LANG": "en"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "es"),
        ({"LANG": "pt_BR.UTF-8"}, "pt"),
    ],
)
def test_a_terminal_is_answered_in_its_language_and_in_english_if_it_names_none(environment, language, monkeypatch):
    for name in ("LINDERO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert i18n.environment_language() == language


@pytest.mark.parametrize(
    ("reader", "number", "share", "date"),
    [
        (("es", "es-PE"), "37,458.8", "12.5%", "4 de noviembre de 2026"),
        (("es", "es-MX"), "37,458.8", "12.5%", "4 de noviembre de 2026"),
        (("es", "es-CO"), "37.458,8", "12,5%", "4 de noviembre de 2026"),
        (("es", "es-ES"), "37.458,8", "12,5\xa0%", "4 de noviembre de 2026"),
        (("en", "en-US"), "37,458.8", "12.5%", "November 4, 2026"),
        (("en", "en-GB"), "37,458.8", "12.5%", "4 November 2026"),
        (("es", "es"), "37.458,8", "12,5\xa0%", "4 de noviembre de 2026"),
        (
            ("es", "en-US"),
            "37,458.8",
            "12.5%",
            "4 de noviembre de 2026",
        ),  # numbers as the browser writes them in tables
        (("en", "es-ES"), "37.458,8", "12,5\xa0%", "November 4, 2026"),
        (("pt", ""), "37.458,8", "12,5%", "4 de novembro de 2026"),
        (("pt", "pt-BR"), "37.458,8", "12,5%", "4 de novembro de 2026"),
        (("fr", ""), "37\u202f458,8", "12,5\xa0%", "4 novembre 2026"),
    ],
)
def test_numbers_and_dates_are_written_as_in_the_readers_country(reader, number, share, date):
    i18n.set_language(*reader)

    assert i18n.format_number(37_458.84, decimals=1) == number
    assert i18n.format_share(0.125) == share
    assert i18n.format_long_date(dt.date(2026, 11, 4)) == date


@pytest.mark.parametrize("locale", ["", "es-XX", "?"])
def test_spanish_without_a_known_locale_writes_as_peru_does(locale):
    i18n.set_language("es", locale)

    assert i18n.format_number(1_234_567) == "1,234,567"
    assert i18n.format_share(0.5, decimals=0) == "50%"


SHARES = [
    *((0.0, 1, "0.0%"), (0.0001, 1, "< 0.1%"), (0.004, 1, "0.4%"), (0.9998, 1, "100%"), (1.0, 1, "100%")),
    *((0.0, 0, "0%"), (0.004, 0, "< 1%"), (0.006, 0, "1%"), (0.994, 0, "99%")),
]


@pytest.mark.parametrize(("share", "decimals", "text"), SHARES)
def test_a_share_above_zero_is_never_written_as_zero_and_all_has_no_decimals(share, decimals, text):
    i18n.set_language("en")

    assert i18n.format_share(share, decimals=decimals) == text


def test_the_pocket_map_writes_shares_alike():
    assert ask("percent", [[share, decimals] for share, decimals, _text in SHARES]) == [text for *_, text in SHARES]


def test_each_count_gets_its_form():
    i18n.set_language("es")

    said = [
        i18n.ngettext("{n} concession covers this place", "{n} concessions cover this place", n).format(n=n)
        for n in (1, 2)
    ]

    assert said == ["Aquí hay 1 concesión", "Aquí hay 2 concesiones"]


@pytest.mark.parametrize("code", ["qu", "cni"])  # Quechua, and Asháninka, whose customs Babel does not know
def test_a_third_language_works_by_adding_one_file(code, locale_dir):
    catalogue = locale_dir / code / "LC_MESSAGES" / "lindero.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        f'msgid ""\nmsgstr ""\n"Language: {code}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Name"\nmsgstr "Suti"\n',
        encoding="utf-8",
    )

    assert i18n.languages() == ("es", *sorted([code, "en", "pt"]))
    assert i18n.choose_language([f"{code}-PE", "es"]) == code

    i18n.set_language(code)

    assert i18n._("Name") == "Suti"
    assert i18n._("Layer") == "Layer"  # what is not translated yet is said in the source's language
    assert i18n.format_number(37_458.8, decimals=1) == "37,458.8"


def test_two_readers_are_answered_in_two_languages_at_once():
    ours = i18n.current_language()
    both_speak = threading.Barrier(2, timeout=10)
    heard = {}

    def read(language):
        i18n.set_language(language)
        both_speak.wait()
        heard[language] = i18n._("Name")

    readers = [threading.Thread(target=Context().run, args=(read, language)) for language in ("es", "en")]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert heard == {"es": "Nombre", "en": "Name"}
    assert i18n.current_language() == ours
