"""The messages are easy to read in both languages, and editors get a table of them."""

import re
import runpy
from pathlib import Path

import pyphen
import pytest
from babel.messages.pofile import read_po

from lindero.app.text import i18n

ROOT = Path(__file__).parents[2]
LEAST = 60  # "standard" on both scales
FEWEST_WORDS = 8  # in fewer, one long name decides
NOT_WORDS = re.compile(r"\{[^{}]*\}|`[^`]*`|--[a-z-]+|https?://\S+")
# Flesch (1948) and Fernández Huerta (1959): a constant, and the weights of words per sentence and syllables per word.
SCALES = {"en": (206.835, 1.015, 84.6), "es": (206.84, 1.02, 60.0)}


def messages(language: str) -> list[str]:
    with (i18n.LOCALE_DIR / "es" / "LC_MESSAGES" / "lindero.po").open("rb") as file:
        pairs = [(message.id, message.string) for message in read_po(file, locale="es") if message.id]
    forms = [pair[language == "es"] for pair in pairs]
    return [text for form in forms for text in ([form] if isinstance(form, str) else form)]


def words(text: str) -> list[str]:
    """Return the words of a message; a placeholder or a command counts as a word of one syllable."""
    return re.findall(r"[^\W\d_]+", NOT_WORDS.sub("X", text))


def reading_ease(texts: list[str], language: str) -> float:
    """Return the reading ease of texts taken together; each text ends a sentence."""
    hyphens = pyphen.Pyphen(lang=language, left=1, right=1)
    all_words = [word for text in texts for word in words(text)]
    sentences = sum(len([part for part in re.split(r"[.?!:;]+(?:\s|$)", text) if words(part)]) for text in texts)
    syllables = sum(len(hyphens.positions(word)) + 1 for word in all_words)
    constant, per_sentence, per_word = SCALES[language]
    return constant - per_sentence * len(all_words) / sentences - per_word * syllables / len(all_words)


@pytest.mark.parametrize("language", SCALES)
def test_messages_are_easy_to_read(language):
    texts = [text for text in messages(language) if len(words(text)) >= FEWEST_WORDS]

    assert len(texts) > 1000
    assert reading_ease(texts, language) >= LEAST


def test_a_sentence_that_is_hard_to_read_scores_less():
    hard = "Notwithstanding infrastructural considerations, interdepartmental coordination necessitates documentation."

    assert reading_ease([hard], "en") < 0 < LEAST < reading_ease(["The map has no data of this place."], "en")


def test_the_tables_for_editors_have_each_sentence_beside_its_translation():
    tables = runpy.run_path(str(ROOT / "docs" / "words.py"), run_name="words")["build_tables"]()

    assert "| media/pages/frame/page.py | Add data | Agregar datos |" in tables


if __name__ == "__main__":
    for code in SCALES:
        long = [text for text in messages(code) if len(words(text)) >= FEWEST_WORDS]
        print(f"{code}: {reading_ease(long, code):.1f} over {len(long)} messages")  # noqa: T201
        for text in sorted(long, key=lambda text: reading_ease([text], code))[:20]:
            print(f"  {reading_ease([text], code):.0f}  {text}")  # noqa: T201
