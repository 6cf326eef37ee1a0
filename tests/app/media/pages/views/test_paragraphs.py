"""What a page says before its map and tables is short: no paragraph of more than three sentences that is not folded."""

import re

import pytest

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.frame import page as page_frame
from tests import app_page

MOST = 3
# Ends of sentences, but not of a company's legal form.
LEGAL_FORM = re.compile(r"\b(?:S\.A\.C\.|S\.A\.|S\.R\.L\.|E\.I\.R\.L\.|S\.M\.R\.L\.|Ltda\.)")
END = re.compile(r"(?<=[.!?])\s+(?=[\W_]*[A-ZÁÉÍÓÚÑ0-9])")
FOLDED = {"expander", "popover", "dialog"}


@pytest.fixture(scope="module", autouse=True)
def demonstration_map(demonstration):
    open_map.use_folder(demonstration[0] / "build")


def visible_paragraphs(block):
    """Yield the paragraphs of a page that are not folded; lists are left out."""
    if getattr(block, "type", "") in FOLDED:
        return
    if getattr(block, "type", "") == "markdown":
        yield from (text for text in re.split(r"\n\s*\n", block.value) if not text.lstrip().startswith("- "))
    for child in getattr(block, "children", {}).values():
        yield from visible_paragraphs(child)


def sentences(text: str) -> list[str]:
    return [part for part in END.split(LEGAL_FORM.sub("SA", text.replace("\\", ""))) if part.strip()]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", sorted(module for module, _title in page_frame.VIEWS.values()))
def test_a_paragraph_has_at_most_three_sentences(name, language):
    page = app_page.at_page(name, language)

    assert not page.exception
    paragraphs = list(visible_paragraphs(page.main))
    assert [text for text in paragraphs if len(sentences(text)) > MOST] == []


def test_sentences_are_counted():
    assert len(sentences("Minera Ejemplo S.A. Norte has 3 concessions. It is large. **It** is near! 4 more.")) == 4
