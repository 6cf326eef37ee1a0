"""Countries are named in the reader's language."""

import pytest

from lindero.app.text import i18n
from lindero.app.text.countries import country_name


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("en", "CD", "Democratic Republic of the Congo"),
        ("es", "CD", "República Democrática del Congo"),
        ("fr", "CD", "Congo-Kinshasa"),
        ("cni", "CD", "República Democrática del Congo"),  # CLDR does not have Asháninka
        ("es", "NO", "Noruega"),  # not in the base data
        ("es", "XX", "XX"),
    ],
)
def test_a_country_is_named_in_the_language_of_the_reader(language, code, name):
    i18n.set_language(language)

    assert country_name(code) == name
