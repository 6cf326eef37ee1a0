import pytest

from lindero.app.text import i18n
from lindero.app.text.substances import substance_text


@pytest.mark.parametrize(
    ("received", "language", "told"),
    [
        ("oro, plata", "en", "gold, silver"),
        ("oro, plata", "es", "oro, plata"),
        ("CARBÓN", "en", "coal"),
        ("M", "es", "minerales metálicos"),
        ("tierras raras, oro", "en", "tierras raras, gold"),
        ("", "en", ""),
    ],
)
def test_substances_are_said_in_the_reader_s_language(received, language, told):
    i18n.set_language(language)

    assert substance_text(received) == told
    i18n.set_language("en")
