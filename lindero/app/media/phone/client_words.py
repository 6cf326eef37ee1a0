"""Translations of the client's texts, its calls of `_` and `ngettext`, in every language."""

import contextvars
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from babel.messages.extract import extract_from_file

from lindero.app.media.symbols import STYLES
from lindero.app.text import i18n
from lindero.app.text.codes import class_label, translate_code
from lindero.app.text.i18n import _, ngettext
from lindero.app.text.substances import SUBSTANCES
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES

CLIENT = Path(__file__).parent / "client"
DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw", "here")
OTHER_CODES = (
    "certain",
    "possible",
    "sliver",
    "concession",
    "protected_area",
    "locality",
    "province",
    "department",
    "region",
    "mining_project",
)
PLURAL_COUNT = 2  # any count that takes the plural form
Text = TypeVar("Text")


def translate_client() -> dict[str, dict[str, object]]:
    """Return the texts of the client by language: `locale`, `name`, `text`, `plural`, and `codes` as words."""
    return {language: run_in_language(language, _client_texts) for language in i18n.languages()}


def run_in_language(language: str, function: Callable[[], Text]) -> Text:
    """Call a function with another language set, and return its result. The current language does not change."""

    def call() -> Text:
        i18n.set_language(language)
        return function()

    return contextvars.copy_context().run(call)


def _client_texts() -> dict[str, object]:
    codes = {code: translate_code(code) for vocabulary in VOCABULARIES.values() for code in vocabulary}
    codes |= {code: translate_code(code) for code in (*DIRECTIONS, *OTHER_CODES, *LAYERS)}
    codes |= {f"substance_{name}": _(substance) for name, substance in SUBSTANCES.items()}
    codes |= {f"class_{style.code}": class_label(style.code) for style in STYLES}
    texts, plurals = extract_messages()
    return {
        "name": i18n.own_name(i18n.current_language()),
        "locale": i18n.default_locale(i18n.current_language()).replace("_", "-"),
        "text": {text: translation for text in texts if (translation := _(text)) != text},
        "plural": {
            singular: [ngettext(singular, plural, 1), ngettext(singular, plural, PLURAL_COUNT)]
            for singular, plural in plurals
        },
        "codes": codes,
    }


@cache
def extract_messages() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the texts of the client, and its texts with a singular and a plural form."""
    extracted = [
        message
        for path in sorted(CLIENT.rglob("*.js"))
        for _line, message, _comments, _context in extract_from_file("javascript", path)
    ]
    single = sorted({text for text in extracted if isinstance(text, str)})
    return tuple(single), tuple(sorted({(text[0], text[1]) for text in extracted if not isinstance(text, str)}))
