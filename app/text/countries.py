"""Countries by their names, in the reader's language."""

from lindero.app.text import i18n
from lindero.layers.reference import base_data


def country_name(code: str) -> str:
    """Name a country by its ISO 3166-1 alpha-2 code; a code that nobody knows is its own name."""
    column = "name_es" if i18n.current() == "es" else "name"
    countries = base_data.columns("countries", "code", column)
    return str(dict(zip(countries["code"], countries[column], strict=True)).get(code, code))
