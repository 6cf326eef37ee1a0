"""Countries by their names, in the reader's language."""

from babel import Locale

from lindero.app.text import i18n
from lindero.layers.reference import base_data


def country_name(code: str) -> str:
    """Name a country by its ISO 3166-1 alpha-2 code; a code that nobody knows is its own name."""
    column = "name_es" if i18n.current() == "es" else "name"
    countries = base_data.columns("countries", "code", column)
    names = dict(zip(countries["code"], countries[column], strict=True))
    return str(names.get(code) or Locale(i18n.current()).territories.get(code, code))


def name_in_registers(code: str) -> str:
    """Name a country as registers of reference systems do, in English; empty for a code that nobody knows."""
    name = _IN_REGISTERS.get(code) or Locale("en").territories.get(code, "")
    return str(name).split(" (")[0].replace("&", "and")


_IN_REGISTERS = {
    "CD": "Democratic Republic of the Congo",
    "CG": "Congo",
    "CI": "Côte d'Ivoire",
    "ST": "Sao Tome and Principe",
}
