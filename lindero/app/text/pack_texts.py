"""Texts of the country packs in the reader's language."""

from lindero.app.text import i18n
from lindero.layers.reference import packs


def translate_pack_text(text: str) -> str:
    """Translate a text of a country pack. Other texts, such as a note of a workspace's own data, are not changed."""
    return packs.load_texts(i18n.current_language()).get(text, text)
