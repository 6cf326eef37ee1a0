"""
Attacks drawn as exactly as they are known: a point where the place is known, else the area, with the number in it.

No point is ever drawn for an area, and what is known by its country alone is told beside the map.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.current import cached_record
from lindero.app.record.tallies import total
from lindero.app.text.codes import title_text, word
from lindero.app.text.dates import when
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.maps.areas import Look
from lindero.layers.model.schema import CRS

COLOR = "#B00020"
FEW, SEVERAL = 5, 20  # from here on the next look
_DESCRIBED = ["types", "occurred_on", "date_precision", "location_precision"]


def looks() -> list[Look]:
    """Give the looks of areas by the number of attacks known to lie somewhere in them, and of known places."""
    return [
        Look("one", _("Area with 1 to 4 attacks"), COLOR, "dotted", 0.08),
        Look("few", _("Area with 5 to 19 attacks"), COLOR, "rising", 0.2),
        Look("many", _("Area with 20 attacks or more"), COLOR, "crossed", 0.4),
        Look("own", _("Area of one attack"), COLOR, "falling", 0.15),
        Look("place", _("Place of an attack"), COLOR, "plain", 0.9),
    ]


def shapes(attacks: pd.DataFrame) -> gpd.GeoDataFrame:
    """
    Draw attacks: areas first, the points over them.

    Parameters
    ----------
    attacks
        Incidents as `app.record.incidents.Record` has them.

    Returns
    -------
    GeoDataFrame
        `name`, `said`, `look` (code of one of `looks`), geometry in OGC:CRS84. Attacks that are known by their country
        alone are not in it: `beyond` counts them.
    """
    places = cached_record.places()
    placed = places.merge(attacks, on="id")
    is_point = placed.geometry.geom_type == "Point"
    own = placed.assign(
        name=placed["title"].map(title_text),
        said=[_description(row) for row in placed[_DESCRIBED].to_dict("records")],
        look=is_point.map({True: "place", False: "own"}),
    )
    areas = by_area(attacks[~attacks["id"].isin(placed["id"])])
    drawn = cached_record.regions(tuple(areas["region_code"])).merge(areas, left_on="region", right_on="region_code")
    drawn = drawn.assign(
        name=drawn["region_y"],
        said=[_counted(int(attacks)) for attacks in drawn["attacks"]],
        look=pd.cut(drawn["attacks"], [0, FEW - 1, SEVERAL - 1, float("inf")], labels=["one", "few", "many"]).astype(
            str
        ),
    )
    columns = ["name", "said", "look", "geometry"]
    both = pd.concat([drawn[columns], own[~is_point][columns], own[is_point][columns]], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS)


def by_area(attacks: pd.DataFrame) -> pd.DataFrame:
    """
    Count attacks by the region that they are known to lie in.

    Columns: `region_code`, `region`, `attacks`, `by_area` (those of which only the area is known), `people`.
    """
    places = cached_record.places()["id"]
    regional = attacks.dropna(subset=["region_code"]).assign(by_area=lambda rows: ~rows["id"].isin(places))
    grouped = regional.groupby(["region_code", "region"], as_index=False)
    table = grouped.agg(attacks=("id", "size"), by_area=("by_area", "sum"), people=("people", total))
    return table.sort_values(["attacks", "region"], ascending=[False, True], ignore_index=True)


def beyond(attacks: pd.DataFrame) -> int:
    """Count the attacks that no map can show: known by their country alone."""
    return int((attacks["region_code"].isna() & ~attacks["id"].isin(cached_record.places()["id"])).sum())


def _description(row: Mapping[Hashable, Any]) -> str:
    acts = ", ".join(word(code) for code in row["types"])
    return f"{when(row['occurred_on'], row['date_precision'])}: {acts} ({word(row['location_precision'])})"


def _counted(attacks: int) -> str:
    text = ngettext("{n} attack, somewhere in this area", "{n} attacks, somewhere in this area", attacks)
    return text.format(n=number(attacks))
