"""Translation, and formatting of numbers and dates in the reader's language.

The source language is English. Every other language is one folder under `app/locale`. A language that is not translated
completely names the parts of the program that are in a file `parts.txt` of its folder, and is offered only there. The
current language and locales are context variables, because one server process answers readers of several languages at
the same time.
"""

import datetime as dt
import gettext
import io
import os
import re
import struct
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import babel
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import NumberPattern, format_percent, parse_pattern

from lindero.app.text.home_country import home_country
from lindero.machine import resources

LOCALE_DIR = Path(__file__).parents[1] / "locale"
SOURCE_LANGUAGE = "en"
DEFAULT_LANGUAGE = "es"  # the first readers are land defenders who speak it
DEFAULT_LOCALE = "es_PE"
DEFAULT_LOCALES = {DEFAULT_LANGUAGE: DEFAULT_LOCALE, "pt": "pt_BR", "fr": "fr_FR"}
"""Locales for a reader whose own is unknown. Of any other language, the locale without a country."""

PAGES, LIGHT, DIGEST, BRIEF = "pages", "light", "digest", "brief"
PARTS = (LIGHT, DIGEST, BRIEF)
"""Parts of the program that a language may be offered in, when it is not translated completely."""

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)
_dates: ContextVar[str] = ContextVar("dates", default=DEFAULT_LOCALE)
_numbers: ContextVar[str] = ContextVar("numbers", default=DEFAULT_LOCALE)
RETAINED = 4
"""Versions of each language: other copies of the program may be of another."""


@cache
def languages(part: str = PAGES) -> tuple[str, ...]:
    """Return the codes of the languages in which a part of the program is offered, the default first.

    `part` is one of `PARTS`. Anything else, such as the pages, is offered only in the complete languages.
    """
    offered = {code for code in translated_languages() if (parts := partial_parts(code)) is None or part in parts}
    return tuple(sorted({*offered, SOURCE_LANGUAGE}, key=lambda code: (code != DEFAULT_LANGUAGE, code)))


def translated_languages() -> list[str]:
    """Return the codes of the languages that have a catalogue, complete or not."""
    return sorted(path.parents[1].name for path in LOCALE_DIR.glob("*/LC_MESSAGES/lindero.po"))


def partial_parts(language: str) -> tuple[str, ...] | None:
    """Return the parts that a language is offered in, from its `parts.txt`; None for a complete language."""
    file = LOCALE_DIR / language / "parts.txt"
    return tuple(file.read_text(encoding="utf-8").split()) if file.is_file() else None


@cache
def own_name(language: str) -> str:
    """Return the name of a language in itself, such as Português; the code if CLDR does not have the language."""
    locale = _parse_locale(language)
    name = str(locale.get_language_name() or language) if locale else language
    return name[:1].upper() + name[1:]


def list_texts() -> list[str]:
    """List all texts of the program, in every language."""
    paths = sorted(LOCALE_DIR.glob("*/LC_MESSAGES/lindero.po"))
    return [text for path in paths for text in list_file_texts(path)]


def choose_language(preferred: Iterable[str], part: str = PAGES) -> str:
    """Return the first of the `preferred` languages (such as `es-PE`) that `part` is offered in, else the map's."""
    for candidate in preferred:
        code = re.split(r"[-_.@]", candidate)[0].lower()
        if code in languages(part):
            return code
    return next((code for code in home_country().languages if code in languages(part)), DEFAULT_LANGUAGE)


def choose_browser_language(accepted: str, chosen: str = "", part: str = PAGES) -> str:
    """Return the language for a reader, from an Accept-Language header and the language chosen on the page."""
    return choose_language([chosen, *(wanted.partition(";")[0].strip() for wanted in accepted.split(","))], part)


def environment_language() -> str:
    """Return the language that the environment of a terminal requests.

    The default is the source language, which is gettext's convention.
    """
    names = ("LINDERO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := os.environ.get(name))), "")
    return choose_language([locale]) if locale and not locale.startswith(("C", "POSIX")) else SOURCE_LANGUAGE


def set_language(language: str, locale: str = "") -> None:
    """Set the language of this context.

    `locale` is the reader's own, such as `es-MX`. Numbers are formatted in that locale whatever the language, because
    the browser formats the numbers in the same page's tables in it. Dates are formatted in it only if it is a locale of
    the language.
    """
    _language.set(language)
    reader_locale, default = _parse_locale(locale), default_locale(language)
    _dates.set(str(reader_locale) if reader_locale is not None and reader_locale.language == language else default)
    _numbers.set(str(reader_locale or default))


def current_language() -> str:
    """Return the code of this context's language."""
    return _language.get()


@cache
def _parse_locale(locale: str) -> Locale | None:
    """Parse a locale; return None if CLDR does not have it (as for Asháninka)."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return None


def default_locale(language: str) -> str:
    """Return the locale for numbers and dates of a language: that of the map's country, if it speaks the language."""
    own = home_country().locale
    if own.partition("_")[0] == language:
        return own
    return DEFAULT_LOCALES.get(language) or str(_parse_locale(language) or DEFAULT_LOCALE)


@cache
def _load_catalogue(language: str) -> gettext.NullTranslations:
    """Load the translations of a language from its .po file."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    return load_translations(LOCALE_DIR / language / "LC_MESSAGES" / "lindero.po")


def _(text: str) -> str:
    """Translate `text`."""
    return _load_catalogue(current_language()).gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate the plural form for `count`."""
    return _load_catalogue(current_language()).ngettext(singular, plural, count)


def format_number(value: float, *, decimals: int = 0) -> str:
    """Format a number in the reader's locale: 37.458,8 or 37,458.8."""
    text: str = _number_pattern(decimals).apply(round(value, decimals), _load_locale(_numbers.get()))
    return text


def format_share(share: float, *, decimals: int = 1) -> str:
    """Format a share between 0 and 1 as a percentage. A share above 0 is never written as 0: `< 0.1%`."""
    locale = _load_locale(_numbers.get())
    decimals = 0 if round(share, decimals + 2) == 1 else decimals
    pattern = locale.percent_formats[None].pattern.replace("#,##0", _digit_pattern(decimals))
    least = 10 ** -(decimals + 2)
    text: str = format_percent(max(share, least) if share > 0 else share, format=pattern, locale=locale)
    return f"< {text}" if 0 < share < least / 2 else text


def format_long_date(value: dt.date) -> str:
    """Format a date in the reader's locale."""
    return _format_date(value, _dates.get())


def format_short_date(value: dt.date) -> str:
    """Format a date in few characters that nobody misreads, in the reader's language: 30/11/2026 or Nov 30, 2026."""
    return format_date(value, format=_("MMM d, y"), locale=_load_locale(_dates.get()))


def format_duration(seconds: float) -> str:
    """Format a duration in its largest unit, in the reader's language: 40 seconds, 3 minutes."""
    return format_timedelta(
        dt.timedelta(seconds=max(round(seconds), 1)), threshold=1.5, locale=_load_locale(_dates.get())
    )


def join_texts(texts: Sequence[str], *, style: Literal["standard", "or"] = "standard") -> str:
    """Join texts in the reader's language: a, b y c (or: a, b o c)."""
    return format_list(list(texts), style=style, locale=_load_locale(_dates.get()))


def format_month(value: dt.date) -> str:
    """Format the month of a date in the reader's locale: mayo de 2012 or May 2012."""
    return format_skeleton("yMMMM", value, locale=_load_locale(_dates.get()))


# Babel parses a locale's name and a pattern again for each number, which takes longer than to format it.


@cache
def _load_locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=4096)  # a page formats the same dates at each run
def _format_date(value: dt.date, locale: str) -> str:
    return format_date(value, format="long", locale=_load_locale(locale))


@cache
def _number_pattern(decimals: int) -> NumberPattern:
    return parse_pattern(_digit_pattern(decimals))


def _digit_pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


# The translations of a .po file, as gettext uses them.
#
# Parsing some 3,000 messages takes longer than many commands, so the result is stored among the user's caches by the
# content of the file. A changed file is parsed again; without a writable cache it is parsed each time.


def load_translations(path: Path) -> gettext.GNUTranslations:
    """Load the translations of a .po file in UTF-8, or their cached form."""
    content = path.read_bytes()
    folder = resources.cache_folder()
    if folder is None:
        return _parse_catalogue(_compile_catalogue(content))
    language = path.parents[1].name
    cached = folder / f"words-{language}-{blake2b(content, digest_size=8).hexdigest()}-{babel.__version__}.mo"
    try:
        return _parse_catalogue(cached.read_bytes())
    except (OSError, ValueError, struct.error):  # there is no cached file yet, or it is damaged
        compiled = _compile_catalogue(content)
        _save_to_cache(cached, compiled, pattern=f"words-{language}-*.mo")
        return _parse_catalogue(compiled)


def list_file_texts(path: Path) -> list[str]:
    """List all messages of a .po file and their translations."""
    from babel.messages.pofile import read_po  # slow to load, and only needed without a cached file

    messages: list[str] = []
    with path.open("rb") as file:
        for message in read_po(file):
            for text in (message.id, message.string):
                messages += [text] if isinstance(text, str) else list(text or ())
    return messages


def _compile_catalogue(content: bytes) -> bytes:
    from babel.messages.mofile import write_mo  # as above
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(content)))
    return compiled.getvalue()


def _parse_catalogue(compiled: bytes) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compiled))


def _save_to_cache(cached: Path, compiled: bytes, *, pattern: str) -> None:
    """Write a file to the cache atomically, and delete the oldest of its kind.

    Errors of the disk are ignored, because the translations are still usable.
    """
    new = cached.with_suffix(f".{os.getpid()}")
    try:
        new.write_bytes(compiled)
        new.replace(cached)
        for old in sorted(cached.parent.glob(pattern), key=_modification_time, reverse=True)[RETAINED:]:
            old.unlink(missing_ok=True)
    except OSError:
        new.unlink(missing_ok=True)


def _modification_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile
