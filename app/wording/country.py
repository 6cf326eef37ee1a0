"""Countries by their names, in the reader's language."""

from app.wording import i18n
from layers import base


def country_name(code: str) -> str:
    """Name a country by its ISO 3166-1 alpha-2 code; a code that nobody knows is its own name."""
    countries = base.countries().set_index("code")
    column = "name_es" if i18n.current() == "es" else "name"
    return str(countries[column].to_dict().get(code, code))
