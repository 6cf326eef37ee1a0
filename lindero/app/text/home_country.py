"""The country of the map that this process has opened, for words and formats that differ from country to country."""

from lindero.layers.countries import packs

_code = ""


def set_home_country(code: str) -> None:
    """Set the country (ISO 3166-1 alpha-2); empty if the map has none."""
    global _code  # noqa: PLW0603  # one process serves one map
    _code = code


def home_country() -> packs.Country:
    """Return the country of the map, as its pack describes it."""
    return packs.load_country(_code)


def example_place() -> str:
    """Return a place of the map's country and a position, to show in an empty field."""
    examples = home_country().examples
    return "  ·  ".join(
        [*filter(None, [examples.get("place")]), examples.get("position", "0.35 -78.12").replace(" ", ", ")]
    )
