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


@pytest.mark.parametrize(("country", "language"), [("BR", "pt"), ("KE", "en"), ("PE", "es"), ("CD", "es"), ("", "es")])
def test_a_reader_of_another_language_gets_the_first_one_of_the_country(country, language):
    home_country.set_home_country(country)

    assert i18n.choose_language(["xx"]) == language


def test_numbers_are_written_as_in_the_country_of_the_map():
    home_country.set_home_country("MX")
    i18n.set_language("es")
    mexican = i18n.format_number(1234)
    home_country.set_home_country("CO")
    i18n.set_language("es")

    assert (mexican, i18n.format_number(1234)) == ("1,234", "1.234")


def test_an_empty_field_shows_a_place_of_the_country_of_the_map():
    home_country.set_home_country("KE")
    kenya = home_country.example_place()
    home_country.set_home_country("")

    assert (kenya, home_country.example_place()) == ("Kwale  ·  -4.17, 39.45", "0.35, -78.12")
    assert home_country.format_example("El Tingo", -6.70512, -78.6) == "El Tingo  ·  -6.705, -78.6"
