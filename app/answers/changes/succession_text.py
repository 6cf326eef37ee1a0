"""What became of a record that an address names, in a sentence."""

from lindero.app.answers.changes.succession import Found
from lindero.app.text.i18n import _, date


def gone(given: str, found: Found) -> str:
    """Say since when a record is no longer on the map, by its name, or by the id that was given where it has none."""
    text = _("{name} is no longer on the map since {date}: the file of that day does not hold it any more.")
    return text.format(name=found.name or given, date=date(found.gone_on) if found.gone_on else "?")


def unknown(given: str) -> str:
    """Say that an address names what the map never knew."""
    text = _(
        "Nothing on this map is called {id}. The page “What is new” gives the addresses of the feeds that there are."
    )
    return text.format(id=given)


def instead(names: dict[str, str]) -> list[str]:
    """Say what lies on its ground now: of each its name and the address of its feed."""
    text = _("On its ground now: {name}")
    return [f"{text.format(name=name)} {address}" for address, name in names.items()]
