"""Names of countries in the reader's language."""

from babel import Locale

from lindero.app.text import i18n
from lindero.layers.reference import base_data


def country_name(code: str) -> str:
    """Return the name of a country by its ISO 3166-1 alpha-2 code; the code itself if it is unknown."""
    language = i18n.current_language()
    return _base_names(language).get(code) or str(
        Locale.parse(i18n.default_locale(language)).territories.get(code, code)
    )


def _base_names(language: str) -> dict[str, str]:
    """Return the names of the base data by code; empty for a language in which it has none."""
    if language not in _NAME_COLUMNS:
        return {}
    countries = base_data.read_columns("countries", "code", _NAME_COLUMNS[language])
    return dict(zip(countries["code"], countries[_NAME_COLUMNS[language]], strict=True))


def proj_country_name(code: str) -> str:
    """Return the English name of a country as in the PROJ database; empty for an unknown code."""
    name = _REGISTER_NAMES.get(code) or Locale("en").territories.get(code, "")
    return str(name).split(" (")[0].replace("&", "and")


_NAME_COLUMNS = {"en": "name", "es": "name_es"}  # in other languages, CLDR has the names
_REGISTER_NAMES = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Congo",
    "CI": "Côte d'Ivoire",
    "ST": "Sao Tome and Principe",
}
