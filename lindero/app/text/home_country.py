"""The country of the map that this process has opened, for words and formats that differ from country to country."""

from lindero.layers.reference import packs

_code = ""


def set_home_country(code: str) -> None:
    """Set the country (ISO 3166-1 alpha-2); empty if the map has none."""
    global _code  # noqa: PLW0603  # one process serves one map
    _code = code


def home_country() -> packs.Country:
    """Return the country of the map, as its pack describes it."""
    return packs.load_country(_code)


def level_name(code: str, language: str) -> str | None:
    """Return the own name that the map's country has for a level (`province`, or `provinces` for a heading)."""
    names = home_country().levels.get(language, {})
    if code in names:
        return names[code][0]
    return names[code.removesuffix("s")][1].capitalize() if code.removesuffix("s") in names else None


def example_place() -> str:
    """Return a place of the map's country and a position, to show in an empty field."""
    examples = home_country().examples
    latitude, longitude = map(float, examples.get("position", "0.35 -78.12").split())
    return format_example(examples.get("place", ""), latitude, longitude)


def format_example(place: str, latitude: float, longitude: float) -> str:
    """Format a place and a position to show in an empty field."""
    return "  ·  ".join(filter(None, [place, f"{round(latitude, 3)}, {round(longitude, 3)}"]))
