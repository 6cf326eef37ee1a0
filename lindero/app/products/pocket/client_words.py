"""What each language says for the texts of the client: its calls of `_` and `ngettext`, looked up for each pack."""

import contextvars
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from babel.messages.extract import extract_from_file

from lindero.app.output.symbols import STYLES, label
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, ngettext
from lindero.app.text.substances import SUBSTANCES
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES

CLIENT = Path(__file__).parent / "client"
DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw", "here")
OTHERS = (
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
SEVERAL = 2  # any count of which the second form is said
Said = TypeVar("Said")


def words() -> dict[str, dict[str, object]]:
    """Give by language its `locale`, `name`, `text`, `plural`, and `codes` in words."""
    return {language: in_language(language, _words) for language in i18n.languages()}


def in_language(language: str, say: Callable[[], Said]) -> Said:
    """Let something be said in a language, whatever is spoken otherwise."""

    def speak() -> Said:
        i18n.use(language)
        return say()

    return contextvars.copy_context().run(speak)


def _words() -> dict[str, object]:
    codes = {code: word(code) for several in VOCABULARIES.values() for code in several}
    codes |= {code: word(code) for code in (*DIRECTIONS, *OTHERS, *LAYERS)}
    codes |= {f"substance_{name}": _(substance) for name, substance in SUBSTANCES.items()}
    codes |= {f"class_{style.code}": label(style.code) for style in STYLES}
    texts, plurals = messages()
    return {
        "name": {"es": "Español", "en": "English"}.get(i18n.current(), i18n.current()),
        "locale": i18n.DEFAULT_LOCALE.replace("_", "-") if i18n.current() == i18n.DEFAULT_LANGUAGE else i18n.current(),
        "text": {text: translation for text in texts if (translation := _(text)) != text},
        "plural": {one: [ngettext(one, many, 1), ngettext(one, many, SEVERAL)] for one, many in plurals},
        "codes": codes,
    }


@cache
def messages() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Give the texts of the client, and its texts with a form for one and a form for many."""
    found = [
        message
        for path in sorted(CLIENT.rglob("*.js"))
        for _line, message, _comments, _context in extract_from_file("javascript", path)
    ]
    single = sorted({text for text in found if isinstance(text, str)})
    return tuple(single), tuple(sorted({(text[0], text[1]) for text in found if not isinstance(text, str)}))
