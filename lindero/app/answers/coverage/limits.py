"""What the map cannot say: what holds of every such map, and what this one lacks, counted."""

from collections.abc import Mapping

from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.errors import N_

OF_EVERY_MAP = (
    N_("Where no attack is on record, there may have been some: people are afraid, or nobody asked."),
    N_("Where no boundary is on record, there may be land of a community: many are not titled, or not drawn."),
    N_("Boundaries are as exact as they were drawn. An overlap is certain only if it remains when both are drawn in."),
    N_("Gross hectares add up the pairs; footprint hectares count ground once. Only the second is an area of land."),
    N_("A concession is a right on paper. It does not say that anybody digs, drills or fells there."),
    N_("The map is as old as its sources: see their dates above."),
)


def limits(unknown: Mapping[str, int]) -> list[str]:
    """Say what a map cannot say, from the counts of `map_queries.unknown`; the general first."""
    lacks = [*_of_layers(unknown), *_of_titles(unknown)]
    return [*map(_, OF_EVERY_MAP), *(text for text in lacks if text)]


def _of_layers(unknown: Mapping[str, int]) -> list[str]:
    return [
        _none(unknown, "incidents", _("No attack is on this map at all: it says nothing about violence.")),
        _none(unknown, "communities", _("No community is on this map at all: it says nothing about whose land it is.")),
        _some(
            unknown["communities_without_land"],
            ngettext(
                "{n} community is known by a point alone: what lies on its land cannot be told.",
                "{n} communities are known by a point alone: what lies on their land cannot be told.",
                unknown["communities_without_land"],
            ),
        ),
        _some(
            unknown["communities_without_place"],
            ngettext(
                "{n} community has no place on record: it is listed, and on no map; what lies on its land or near it "
                "cannot be told.",
                "{n} communities have no place on record: they are listed, and on no map; what lies on their land or "
                "near it cannot be told.",
                unknown["communities_without_place"],
            ),
        ),
        _some(
            unknown["communities_without_consultation"],
            ngettext(
                "Of {n} community no consultation is on record. That does not mean that none was held, or that one was "
                "asked for.",
                "Of {n} communities no consultation is on record. That does not mean that none was held, or that one "
                "was asked for.",
                unknown["communities_without_consultation"],
            ),
        ),
        _some(
            unknown["incidents_without_place"],
            ngettext(
                "{n} attack or conflict has no place on record: it is counted, and not on the map.",
                "{n} attacks and conflicts have no place on record: they are counted, and not on the map.",
                unknown["incidents_without_place"],
            ),
        ),
    ]


def _of_titles(unknown: Mapping[str, int]) -> list[str]:
    return [
        _some(
            unknown["titles_without_holder"],
            ngettext(
                "{n} concession names no holder.",
                "{n} concessions name no holder.",
                unknown["titles_without_holder"],
            ),
        ),
        _some(
            unknown["titles_without_date"],
            ngettext(
                "{n} concession has no date on record.",
                "{n} concessions have no date on record.",
                unknown["titles_without_date"],
            ),
        ),
        _some(
            unknown["titles_of_unknown_state"],
            ngettext(
                "Of {n} concession the state is not known: it may not be in force.",
                "Of {n} concessions the state is not known: they may not be in force.",
                unknown["titles_of_unknown_state"],
            ),
        ),
        _some(
            unknown["boundaries_of_unknown_accuracy"],
            ngettext(
                "Of {n} boundary nobody says how exact it is: 50 m are assumed.",
                "Of {n} boundaries nobody says how exact they are: 50 m are assumed.",
                unknown["boundaries_of_unknown_accuracy"],
            ),
        ),
    ]


def _none(unknown: Mapping[str, int], name: str, text: str) -> str:
    return "" if unknown[name] else text


def _some(count: int, text: str) -> str:
    return text.format(n=number(count)) if count else ""
