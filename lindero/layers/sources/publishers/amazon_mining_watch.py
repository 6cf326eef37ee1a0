"""
Mining scars detected from satellite images (Amazon Mining Watch).

The area of a detection patch is not the mined area.
"""

from lindero.layers.sources.mapping import FieldMapping

SCARS = FieldMapping(
    name="amazon_mining_watch",
    layer="mining_scars",
    title="Amazon Mining Watch",
    publisher="Earthrise Media, Pulitzer Center, Amazon Conservation",
    recognised_by=frozenset({"Mined area (ha)", "year"}),
    fields={"observed_on": ("year",), "mined_ha": ("Mined area (ha)",)},
    quarters=("observed_on",),
    url="https://amazonminingwatch.org/",
)
