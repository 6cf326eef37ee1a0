"""
Words, numbers and dates in the reader's language.

English is the language of the source; every other language is one folder under `app/locale`. The language, and the ways
to write numbers and dates, are kept in context variables, because one server process answers readers of several
languages at once.
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
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import NumberPattern, format_percent, parse_pattern

from lindero.machine import resources

LOCALE_DIR = Path(__file__).parents[1] / "locale"
SOURCE_LANGUAGE = "en"
DEFAULT_LANGUAGE = "es"  # the first readers are land defenders in Peru
DEFAULT_LOCALE = "es_PE"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)
_dates: ContextVar[str] = ContextVar("dates", default=DEFAULT_LOCALE)
_numbers: ContextVar[str] = ContextVar("numbers", default=DEFAULT_LOCALE)
RETAINED = 4
"""Versions of each language: other copies of the program may be of another."""


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that the program speaks, the default first."""
    translated = sorted(path.parents[1].name for path in LOCALE_DIR.glob("*/LC_MESSAGES/lindero.po"))
    return tuple(sorted({*translated, SOURCE_LANGUAGE}, key=lambda code: (code != DEFAULT_LANGUAGE, code)))


def texts() -> list[str]:
    """Give all that the program says, in every language."""
    paths = sorted(LOCALE_DIR.glob("*/LC_MESSAGES/lindero.po"))
    return [text for path in paths for text in texts_of(path)]


def choose(preferred: Iterable[str]) -> str:
    """Give the first of the `preferred` languages (such as `es-PE`) that the program speaks, else the default."""
    for wanted in preferred:
        code = re.split(r"[-_.@]", wanted)[0].lower()
        if code in languages():
            return code
    return DEFAULT_LANGUAGE


def of_browser(accepted: str, chosen: str = "") -> str:
    """Give the language for a reader whose browser sends `accepted` as Accept-Language, or who has `chosen` one."""
    return choose([chosen, *(part.partition(";")[0].strip() for part in accepted.split(","))])


def from_environment() -> str:
    """Give the language that a terminal asks for; one that asks for none gets the source's, as gettext's custom is."""
    names = ("LINDERO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := os.environ.get(name))), "")
    return choose([locale]) if locale and not locale.startswith(("C", "POSIX")) else SOURCE_LANGUAGE


def use(language: str, locale: str = "") -> None:
    """
    Speak `language` from here on in this context.

    `locale` is the reader's own, such as `es-MX`. Numbers are written as there, whatever the language: so the browser
    writes them in the tables of the same page. Dates are sentences, and written as there if it is one of the language.
    """
    _language.set(language)
    own, usual = _known(locale), _way_of_writing(language)
    _dates.set(str(own) if own is not None and own.language == language else usual)
    _numbers.set(str(own or usual))


def current() -> str:
    """Code of the language spoken in this context."""
    return _language.get()


@cache
def _known(locale: str) -> Locale | None:
    """Give what CLDR knows of a locale, if it does: it knows nothing of Asháninka."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return None


@cache
def _way_of_writing(language: str) -> str:
    """Give the locale to write numbers and dates of a language in, where the reader's own does not tell."""
    return DEFAULT_LOCALE if language == DEFAULT_LANGUAGE else str(_known(language) or DEFAULT_LOCALE)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Read a language's .po file: it is all that a language needs."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    return translations(LOCALE_DIR / language / "LC_MESSAGES" / "lindero.po")


def _(text: str) -> str:
    """Translate `text`."""
    return _catalogue(current()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate the form that fits `count`."""
    return _catalogue(current()).ngettext(one, many, count)


def number(value: float, *, decimals: int = 0) -> str:
    """Write a number as the reader does: 37.458,8 or 37,458.8."""
    written: str = _pattern(decimals).apply(round(value, decimals), _locale(_numbers.get()))
    return written


def percent(share: float, *, decimals: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage."""
    locale = _locale(_numbers.get())
    pattern = locale.percent_formats[None].pattern.replace("#,##0", _digits(decimals))
    return format_percent(share, format=pattern, locale=locale)


def date(day: dt.date) -> str:
    """Write a date as the reader does."""
    return _date(day, _dates.get())


def listed(texts: Sequence[str], *, style: Literal["standard", "or"] = "standard") -> str:
    """Join texts as the reader does: a, b y c (or: a, b o c)."""
    return format_list(list(texts), style=style, locale=_locale(_dates.get()))


def month(day: dt.date) -> str:
    """Write the month of a day as the reader does: mayo de 2012 or May 2012."""
    return format_skeleton("yMMMM", day, locale=_locale(_dates.get()))


# Babel reads a locale's name and a pattern anew for each number, which takes longer than to write it.


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=4096)  # a page writes the same days each time that it runs
def _date(day: dt.date, locale: str) -> str:
    return format_date(day, format="long", locale=_locale(locale))


@cache
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern(_digits(decimals))


def _digits(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


# What a translator's file (.po) says, as gettext looks it up.
#
# To read some 3,000 messages takes longer than many a command, and so what was read is cached among the user's caches,
# by the content of the file: a change to it is read anew, and where nothing can be cached it is read each time.


def translations(path: Path) -> gettext.GNUTranslations:
    """Read a .po file of UTF-8, or what is cached of it."""
    content = path.read_bytes()
    folder = resources.cache_folder()
    if folder is None:
        return _translations(_compiled(content))
    language = path.parents[1].name
    cached = folder / f"words-{language}-{blake2b(content, digest_size=8).hexdigest()}-{babel.__version__}.mo"
    try:
        return _translations(cached.read_bytes())
    except (OSError, ValueError, struct.error):  # there is none yet, or it is damaged
        compiled = _compiled(content)
        _put(cached, compiled, others=f"words-{language}-*.mo")
        return _translations(compiled)


def texts_of(path: Path) -> list[str]:
    """Give all messages of a .po file and their translations."""
    from babel.messages.pofile import read_po  # which starting waits for only where nothing is cached

    found: list[str] = []
    with path.open("rb") as file:
        for message in read_po(file):
            for text in (message.id, message.string):
                found += [text] if isinstance(text, str) else list(text or ())
    return found


def _compiled(content: bytes) -> bytes:
    from babel.messages.mofile import write_mo  # as above
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(content)))
    return compiled.getvalue()


def _translations(compiled: bytes) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compiled))


def _put(cached: Path, compiled: bytes, *, others: str) -> None:
    """Cache a file, whole or not at all, and let go of the oldest; a full disk is no reason to say nothing."""
    new = cached.with_suffix(f".{os.getpid()}")
    try:
        new.write_bytes(compiled)
        new.replace(cached)
        for old in sorted(cached.parent.glob(others), key=_written_at, reverse=True)[RETAINED:]:
            old.unlink(missing_ok=True)
    except OSError:
        new.unlink(missing_ok=True)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile
