import pytest

from lindero.app.text import home_country, i18n
from lindero.app.text.codes import translate_code


@pytest.fixture(autouse=True)
def _no_country_afterwards():
    yield
    home_country.set_home_country("")


@pytest.mark.parametrize(
    ("country", "language", "code", "text"),
    [
        ("PE", "es", "department", "departamento"),
        ("BR", "es", "department", "estado"),
        ("BR", "es", "departments", "Estados"),
        ("EC", "en", "province", "canton"),
        ("CO", "es", "provinces", "Municipios"),
        ("", "es", "province", "provincia"),
        ("XX", "en", "department", "department"),
    ],
)
def test_a_level_has_the_name_that_its_country_gives_it(country, language, code, text):
    i18n.set_language(language)
    home_country.set_home_country(country)

    assert translate_code(code) == text
