"""Names of countries in the reader's language."""

from babel import Locale

from lindero.app.text import i18n
from lindero.layers.reference import base_data


def country_name(code: str) -> str:
    """Return the name of a country by its ISO 3166-1 alpha-2 code; the code itself if it is unknown."""
    column = "name_es" if i18n.current_language() == "es" else "name"
    countries = base_data.read_columns("countries", "code", column)
    names = dict(zip(countries["code"], countries[column], strict=True))
    return str(names.get(code) or Locale(i18n.current_language()).territories.get(code, code))


def proj_country_name(code: str) -> str:
    """Return the English name of a country as in the PROJ database; empty for an unknown code."""
    name = _REGISTER_NAMES.get(code) or Locale("en").territories.get(code, "")
    return str(name).split(" (")[0].replace("&", "and")


_REGISTER_NAMES = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Congo",
    "CI": "Côte d'Ivoire",
    "ST": "Sao Tome and Principe",
}
