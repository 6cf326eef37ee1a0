"""What is on record about the law of a state is said with its source; what is not, is said to be not on record."""

import pytest

from lindero.app.answers.commitments import law_sections
from lindero.app.answers.record.commitments import load_bundled_steps, summarize_commitments
from lindero.app.text import i18n
from lindero.app.text.countries import country_name
from lindero.layers.reference import packs


def sections(country, language="en"):
    i18n.set_language(language)
    standing = summarize_commitments(load_bundled_steps(), country)
    return {section.key: section for section in law_sections(country, country_name(country), standing)}


def test_treaties_rules_protection_and_information_are_said_with_their_sources():
    told = sections("PE")
    protection, information = (
        [line.replace("\\", "") for line in told[key].lines] for key in ("protection", "information")
    )

    assert told["treaties"].finding == ("Peru is bound by: ILO Convention 169. Not binding for Peru: Escazú Agreement.")
    assert any("Asacasi" in line and "`https://lpderecho.pe/" in line for line in told["consultation"].lines)
    assert any("**DS 004-2021-JUS, 1, 2**" in line and "+51-1-204-8020" in line for line in protection)
    assert "It has 10 days to answer. Working days." in information[0]


def test_of_a_state_of_which_nothing_is_on_record_each_section_says_so():
    told = sections("AQ")

    assert told["treaties"].finding == (
        "No treaty of this kind is on record for Antarctica: it was not recorded here whether it joined "
        "ILO Convention 169."
    )
    for key in ("consultation", "protection", "information"):
        assert told[key].lines == ()
        assert "on record for Antarctica" in told[key].finding
        assert "That does not mean that there is none" in told[key].finding


@pytest.mark.parametrize("country", packs.list_codes())
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_section_of_any_country_is_empty(country, language):
    for section in sections(country, language).values():
        assert section.title
        assert section.finding or section.lines
        assert all("`http" in line for line in section.lines)
