"""What binds the State is told in whole sentences: what it gives, whom to call, and where that is from."""

from lindero.app.media.phone import sentences
from lindero.app.text import i18n

ROW = {
    "article": "2, 3",
    "gives": "A right",
    "office": "An office",
    "telephone": "+51 1 234",
    "source_url": "https://example.org/law",
    "stated_on": "2011-08-31",
    "date_precision": "day",
}


def told(**other):
    """What is said of an instrument, without the marks that keep it from being read as markup."""
    return sentences._benefit_text(ROW | other).replace("\\", "").replace("\u2060", "")


def test_the_office_and_the_source_are_sentences_of_their_own():
    i18n.set_language("en")

    assert told() == "(2, 3) A right. An office: +51 1 234. Source: https://example.org/law (August 31, 2011)."
    assert "A right. Source:" in told(office="")


def test_a_telephone_that_is_not_on_record_is_said_to_be_so():
    i18n.set_language("es")

    assert "An office: aquí no está registrado su teléfono." in told(telephone="")
