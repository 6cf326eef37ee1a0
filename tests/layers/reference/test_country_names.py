import pytest
from babel import Locale

from lindero.layers.reference.country_names import find_country_code

COUNTRIES = [code for code in Locale("en").territories if len(code) == 2 and code.isalpha() and find_country_code(code)]


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr"])
def test_every_country_is_known_by_its_name_in_four_languages(language):
    names = Locale(language).territories

    assert len(COUNTRIES) > 240
    assert [code for code in COUNTRIES if code in names and find_country_code(names[code]) != code] == []


@pytest.mark.parametrize(
    ("code", "names"),
    {
        "CD": ["Democratic Republic of Congo", "DR Congo", "DRC", "COD", "cod", "République démocratique du Congo"],
        "CD ": ["Congo, Democratic Republic of the", "Congo (Democratic Republic of the)", "Congo - Kinshasa"],
        "CG": ["Congo", "COG", "Republic of the Congo", "Congo-Brazzaville"],
        "PE": ["PE", "PER", "Perú", "República del Perú", "Republic of Peru", "Pérou", "REPUBLICA DEL PERU"],
        "BO": [
            "Bolivia (Plurinational State of)",
            "Estado Plurinacional de Bolivia",
            "Bolivia, Plurinational State of",
        ],
        "TZ": ["Tanzania, United Republic of", "United Republic of Tanzania", "Tanzanie"],
        "BR": ["República Federativa do Brasil", "Federative Republic of Brazil", "Brésil"],
        "VE": ["Venezuela (Bolivarian Republic of)", "Venezuela, RB"],
        "KR": ["Republic of Korea", "Korea, Republic of", "KOR"],
        "KP": ["Korea (Democratic People's Republic of)", "DPRK"],
        "LA": ["Lao PDR", "Lao People's Democratic Republic"],
        "PH": ["The Philippines", "Philippines", "PHL", "Filipinas"],
        "CI": ["Côte d'Ivoire", "Cote d’Ivoire", "Ivory Coast"],
        "NP": ["Federal Democratic Republic of Nepal"],
        "DO": ["Dominican Republic", "República Dominicana"],
        "MM": ["Myanmar", "Burma", "Myanmar (Burma)"],
        "DM": ["Dominica", "Commonwealth of Dominica"],
        "TW": ["Republic of China", "Taiwan"],
        "GQ": ["Equatorial Guinea"],
        "SS": ["South Sudan", "Republic of South Sudan"],
    }.items(),
)
def test_a_country_has_usual_and_official_names(code, names):
    assert {name: find_country_code(name) for name in names} == dict.fromkeys(names, code.strip())


@pytest.mark.parametrize(
    "text", ["", "Narnia", "UN", "EU", "Republic", "Amazonía", "Congo, The Democratic Republic", "ZZ", "XYZ", "world"]
)
def test_what_is_not_a_country_has_no_code(text):
    assert find_country_code(text) is None
