"""The limits of the map: those of every such map, and those of this map, with counts."""

from collections.abc import Callable, Mapping

from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.errors import N_

GENERAL_LIMITS = (
    N_("Where no attack is on record, there may have been some: people are afraid, or nobody asked."),
    N_("Where no boundary is on record, there may be land of a community: many are not titled, or not drawn."),
    N_("Boundaries are as exact as they were drawn. An overlap is certain only if it remains when both are drawn in."),
    N_("Gross hectares add up the pairs; footprint hectares count ground once. Only the second is an area of land."),
    N_("A concession is a right on paper. It does not say that anybody digs, drills or fells there."),
    N_("The map is as old as its sources: see their dates above."),
)


LIMITS_BY_COUNT: Mapping[str, Callable[[int], str]] = {  # by what is counted
    "communities_without_land": lambda n: ngettext(
        "{n} community is known by a point alone: what lies on its land cannot be told.",
        "{n} communities are known by a point alone: what lies on their land cannot be told.",
        n,
    ),
    "communities_without_place": lambda n: ngettext(
        "{n} community has no place on record: it is listed, and on no map; what lies on its land or near it cannot be "
        "told.",
        "{n} communities have no place on record: they are listed, and on no map; what lies on their land or near it "
        "cannot be told.",
        n,
    ),
    "communities_without_consultation": lambda n: ngettext(
        "Of {n} community no consultation is on record. That does not mean that none was held, or that one was asked "
        "for.",
        "Of {n} communities no consultation is on record. That does not mean that none was held, or that one was asked "
        "for.",
        n,
    ),
    "incidents_without_place": lambda n: ngettext(
        "{n} attack or conflict has no place on record: it is counted, and not on the map.",
        "{n} attacks and conflicts have no place on record: they are counted, and not on the map.",
        n,
    ),
    "titles_without_holder": lambda n: ngettext(
        "{n} concession names no holder.", "{n} concessions name no holder.", n
    ),
    "titles_without_date": lambda n: ngettext(
        "{n} concession has no date on record.", "{n} concessions have no date on record.", n
    ),
    "titles_of_unknown_state": lambda n: ngettext(
        "Of {n} concession the state is not known: it may not be in force.",
        "Of {n} concessions the state is not known: they may not be in force.",
        n,
    ),
    "boundaries_of_unknown_accuracy": lambda n: ngettext(
        "Of {n} boundary nobody says how exact it is: 50 m are assumed.",
        "Of {n} boundaries nobody says how exact they are: 50 m are assumed.",
        n,
    ),
}


def list_limits(unknown: Mapping[str, int]) -> list[str]:
    """
    Return the limits of the map as sentences, the general ones first.

    The counts come from `map_queries.count_unknown`.
    """
    absent = {
        "incidents": _("No attack is on this map at all: it says nothing about violence."),
        "communities": _("No community is on this map at all: it says nothing about whose land it is."),
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
