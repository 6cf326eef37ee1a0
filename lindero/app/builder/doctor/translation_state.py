"""How complete each translation of the program is, counted in its catalogue."""

from collections.abc import Iterable
from functools import cache

from babel import Locale

from lindero.app.text import i18n
from lindero.app.text.i18n import _, format_share
from lindero.layers.errors import N_

PART_NAMES = {i18n.LIGHT: N_("the light page"), i18n.DIGEST: N_("notices of changes"), i18n.BRIEF: N_("briefs")}
_PERCENT = 100


def translation_text() -> str:
    """Return a sentence with the share of texts that each language has, and the parts that a partial one is for."""
    return _("Lindero is written in English. Translated texts: {languages}.").format(
        languages="; ".join(map(_language_text, i18n.translated_languages()))
    )


def _language_text(code: str) -> str:
    names = Locale.parse(i18n.default_locale(i18n.current_language())).languages
    share = format_share(translated_share(code), decimals=0)
    parts = i18n.partial_parts(code)
    if parts is None:
        return _("{language} {share}").format(language=names.get(code, code), share=share)
    return _("{language} {share}, for {parts}").format(
        language=names.get(code, code), share=share, parts=i18n.join_texts([_(PART_NAMES[part]) for part in parts])
    )


@cache
def translated_share(language: str) -> float:
    """Return the share of texts that a catalogue translates, rounded down to a whole percentage."""
    from babel.messages.pofile import read_po  # slow to load

    with (i18n.LOCALE_DIR / language / "LC_MESSAGES" / "lindero.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    done = sum(not message.fuzzy and all(_forms(message.string)) for message in messages)
    return done * _PERCENT // max(len(messages), 1) / _PERCENT


def _forms(texts: str | Iterable[str] | None) -> Iterable[str]:
    return [texts] if isinstance(texts, str) else texts or [""]
