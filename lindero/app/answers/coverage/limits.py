"""The limits of the map: those of every such map, and those of this map, with counts."""

from collections.abc import Callable, Mapping

from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.errors import N_

GENERAL_LIMITS = (
    N_("Where no attack is on record, there may still have been attacks: people are afraid, or nobody asked."),
    N_("Where no boundary is on record, there may be community land: many lands are not titled or not mapped."),
    N_(
        "Boundaries are only as accurate as they were drawn. An overlap is certain only if it remains after "
        "both areas are shrunk by their accuracy."
    ),
    N_(
        "Gross hectares add up all overlaps. Footprint hectares count each piece of ground once, so only "
        "they measure an area of land."
    ),
    N_("A concession is a right on paper. It does not mean that anybody is digging, drilling or felling trees there."),
    N_("The map is as old as its sources: see their dates above."),
)


LIMITS_BY_COUNT: Mapping[str, Callable[[int], str]] = {  # key: the quantity counted
    "communities_without_land": lambda n: ngettext(
        "{n} community is known only as a point: the map cannot show what is on its land.",
        "{n} communities are known only as points: the map cannot show what is on their land.",
        n,
    ),
    "communities_without_place": lambda n: ngettext(
        "{n} community has no recorded location. It is listed but not mapped: it is not known what is on "
        "or near its land.",
        "{n} communities have no recorded location. They are listed but not mapped: it is not known what "
        "is on or near their land.",
        n,
    ),
    "communities_without_consultation": lambda n: ngettext(
        "{n} community has no consultation on record. This does not mean that no consultation was held. "
        "Nor does it mean that the rules ask for one.",
        "{n} communities have no consultation on record. This does not mean that no consultation was "
        "held. Nor does it mean that the rules ask for one.",
        n,
    ),
    "incidents_without_place": lambda n: ngettext(
        "{n} attack or conflict has no recorded location. It is counted but not on the map.",
        "{n} attacks and conflicts have no recorded location. They are counted but not on the map.",
        n,
    ),
    "titles_without_holder": lambda n: ngettext(
        "{n} concession does not state its holder.", "{n} concessions do not state their holder.", n
    ),
    "titles_without_date": lambda n: ngettext(
        "{n} concession has no date on record.", "{n} concessions have no date on record.", n
    ),
    "titles_of_unknown_state": lambda n: ngettext(
        "The status of {n} concession is not known: it may not be in force.",
        "The status of {n} concessions is not known: they may not be in force.",
        n,
    ),
    "boundaries_of_unknown_accuracy": lambda n: ngettext(
        "The accuracy of {n} boundary is not stated: 50 m is assumed.",
        "The accuracy of {n} boundaries is not stated: 50 m is assumed.",
        n,
    ),
}


def list_limits(unknown: Mapping[str, int]) -> list[str]:
    """Return the limits of the map as sentences, the general ones first.

    The counts come from `map_queries.count_unknown`.
    """
    absent = {
        "incidents": _("This map has no attacks on record, so it says nothing about violence."),
        "communities": _("This map has no communities on record, so it says nothing about whose land it is."),
    }
    return [
        *map(_, GENERAL_LIMITS),
        *(text for name, text in absent.items() if not unknown[name]),
        *(
            text(count).format(n=format_number(count))
            for name, text in LIMITS_BY_COUNT.items()
            if (count := unknown[name])
        ),
    ]
