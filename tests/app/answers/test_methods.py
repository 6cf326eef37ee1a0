"""The methods' page has each section whole, as the docs have it, under a name in the reader's language."""

from pathlib import Path

import pytest

from lindero.app.answers import provenance
from lindero.app.text import i18n

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("method", provenance.DOCS)
def test_each_figure_leads_to_the_section_that_its_record_names(method):
    file, heading = provenance.DOCS[method]
    section = provenance.load_method_sections()[provenance.find_section_code(method)]

    assert section.file == file
    assert section.heading.startswith(heading)
    assert len(section.text) > 200


def test_each_section_is_named_in_each_language_and_no_two_alike():
    for language in i18n.languages():
        i18n.set_language(language)
        names = [i18n._(title) for title in provenance.METHOD_TITLES.values()]
        assert len(set(names)) == len(names)


def test_a_section_is_whole_and_leads_nowhere_outside():
    whole = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    text = provenance.load_method_sections()["overlaps"].text

    last = whole.partition("\n## Overlaps")[2].partition("\n## ")[0].strip().splitlines()[-1]
    assert text.splitlines()[-1] == last
    assert all("](" not in section.text for section in provenance.load_method_sections().values())
    assert all("\n    area(" not in section.text for section in provenance.load_method_sections().values())


def test_the_docs_methods_all_have_a_name():
    headings = [
        line.removeprefix("## ").partition(":")[0]
        for line in (ROOT / "docs" / "methods.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    ]

    shown = {section.heading.partition(":")[0] for section in provenance.load_method_sections().values()}
    assert set(headings) <= shown
