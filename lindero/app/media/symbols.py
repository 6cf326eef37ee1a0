"""The symbols of the map: the colour, hatching and label of each class of features."""

from dataclasses import dataclass


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
    Style("protected_areas", "protected_areas", "#009E73"),
    Style("communities", "communities", "#0072B2", "level"),
    Style("mining_scars", "mining_scars", "#7a1f5c", "dotted"),
    Style("hydrocarbons", "concessions", "#000000", "crossed", by="kind"),
    Style("forestry", "concessions", "#E69F00", "dotted", by="kind"),
    Style("agro_industry", "concessions", "#CC79A7", "falling", by="kind"),
    Style("hydropower", "concessions", "#56B4E9", "upright", by="kind"),
    Style("infrastructure", "concessions", "#4a4200", "falling", by="kind"),
    Style("other", "concessions", "#6b6b6b", "upright", by="kind"),
    Style("mining", "concessions", "#D55E00", "rising", by="kind"),
    Style("processing_plant", "concessions", "#5a0fff", "crossed", by="kind"),
    Style("tailings", "concessions", "#000087", "dotted", by="kind"),
    Style("incidents", "incidents", "#B00020", spot=True),
)
