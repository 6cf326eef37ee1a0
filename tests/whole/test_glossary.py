"""The glossary decides the words of both languages."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from lindero.app.text import i18n

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def rows() -> list[list[str]]:
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def spanish() -> str:
    with (i18n.LOCALE_DIR / "es" / "LC_MESSAGES" / "lindero.po").open("rb") as file:
        strings = [message.string for message in read_po(file, locale="es") if message.id]
    return "\n".join(text for each in strings for text in ([each] if isinstance(each, str) else each)).lower()


def test_every_entry_has_both_languages_and_says_what_it_is():
    assert all(len(row) == 4 and all(row[:3]) and " · " in row[2] for row in rows())
    assert len({row[0] for row in rows()}) == len(rows()) > 20


def test_no_spanish_sentence_uses_a_word_that_the_glossary_rules_out():
    text = spanish()
    never = [word.strip() for row in rows() for word in row[3].split(",") if word.strip()]

    assert never
    assert [word for word in never if re.search(rf"\b{re.escape(word)}\b", text)] == []
