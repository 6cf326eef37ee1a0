"""The symbols of the map: the colour, hatching and label of each class of features."""

from dataclasses import dataclass

from lindero.app.media.design import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY_BLUE, VERMILION


@dataclass(frozen=True)
class Style:
    """The symbol of a class of features: a colour, and a hatching for print and for colour-blind readers."""

    code: str
    layer: str
    color: str
    hatching: str = "plain"  # rising, falling, crossed, level, upright, dotted, plain
    by: str = ""  # the attribute with the code; empty if the whole layer is one class
    spot: bool = False


# Okabe and Ito's colours, which nearly everybody can distinguish; drawn in this order.
STYLES = (
    Style("protected_areas", "protected_areas", GREEN),
    Style("communities", "communities", BLUE, "level"),
    Style("mining_scars", "mining_scars", "#7a1f5c", "dotted"),
    Style("hydrocarbons", "concessions", "#000000", "crossed", by="kind"),
    Style("forestry", "concessions", ORANGE, "dotted", by="kind"),
    Style("agro_industry", "concessions", PURPLE, "falling", by="kind"),
    Style("hydropower", "concessions", SKY_BLUE, "upright", by="kind"),
    Style("infrastructure", "concessions", "#4a4200", "falling", by="kind"),
    Style("other", "concessions", GREY, "upright", by="kind"),
    Style("mining", "concessions", VERMILION, "rising", by="kind"),
    Style("processing_plant", "concessions", "#5a0fff", "crossed", by="kind"),
    Style("tailings", "concessions", "#000087", "dotted", by="kind"),
    Style("incidents", "incidents", "#B00020", spot=True),
)
