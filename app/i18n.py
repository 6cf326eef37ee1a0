"""
Words, numbers and dates in the reader's language.

English is the language of the source; every other language is one folder under `app/locale`. The language is kept in a
context variable, because one server process answers readers of several languages at once.
"""

import datetime as dt
import gettext
import io
import os
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LOCALE_DIR = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"
DEFAULT_LANGUAGE = "es"  # the first readers are land defenders in Peru

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that the program speaks, the default first."""
    translated = sorted(path.parents[1].name for path in LOCALE_DIR.glob("*/LC_MESSAGES/lindero.po"))
    return tuple(sorted({*translated, SOURCE_LANGUAGE}, key=lambda code: (code != DEFAULT_LANGUAGE, code)))


def choose(preferred: Iterable[str]) -> str:
    """Give the first of the `preferred` languages (such as `es-PE`) that the program speaks, else the default."""
    for wanted in preferred:
        code = wanted.replace("_", "-").split("-")[0].lower()
        if code in languages():
            return code
    return DEFAULT_LANGUAGE


def from_environment() -> str:
    """Give the language that a terminal asks for; one that asks for none gets the source's, as gettext's custom is."""
    names = ("LINDERO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    asked = next((value for name in names if (value := os.environ.get(name))), "")
    return choose([asked]) if asked and not asked.startswith(("C", "POSIX")) else SOURCE_LANGUAGE


def use(language: str) -> None:
    """Speak `language` from here on in this context."""
    _language.set(language)


def current() -> str:
    """Code of the language spoken in this context."""
    return _language.get()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Read a language's .po file; compiled in memory, so that a translator's file is all that a language needs."""
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with LOCALE_DIR.joinpath(language, "LC_MESSAGES", "lindero.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(text: str) -> str:
    """Translate `text`."""
    return _catalogue(current()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate the form that fits `count`."""
    return _catalogue(current()).ngettext(one, many, count)


def number(value: float, *, decimals: int = 0) -> str:
    """Write a number as the reader does: 37.458,8 or 37,458.8."""
    pattern = "#,##0" if decimals == 0 else "#,##0." + "0" * decimals
    return format_decimal(round(value, decimals), format=pattern, locale=current())


def percent(share: float, *, decimals: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage."""
    return format_percent(share, format="#,##0." + "0" * decimals + " %", locale=current())


def date(day: dt.date) -> str:
    """Write a date as the reader does."""
    return format_date(day, format="long", locale=current())
