"""Attacks drawn at their recorded precision: a point where the place is known, else the area with their number.

No point is ever drawn for an area. Attacks known by their country alone are reported beside the map.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.answers.record.tallies import sum_people
from lindero.app.media.pages.current import cached_record
from lindero.app.media.pages.maps.areas import Look
from lindero.app.text.codes import title_text, translate_code
from lindero.app.text.dates import format_partial_date
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.model.schema import CRS

COLOR = "#B00020"
FEW, SEVERAL = 5, 20  # numbers of attacks from which the next look is used
_DESCRIPTION_COLUMNS = ["types", "occurred_on", "date_precision", "location_precision"]


def attack_looks() -> list[Look]:
    """Return the looks of areas by the number of attacks known to be in them, and of known places."""
    return [
        Look("one", _("Area with 1 to 4 attacks"), COLOR, "dotted", 0.08),
        Look("few", _("Area with 5 to 19 attacks"), COLOR, "rising", 0.2),
        Look("many", _("Area with 20 attacks or more"), COLOR, "crossed", 0.4),
        Look("own", _("Area of one attack"), COLOR, "falling", 0.15),
        Look("place", _("Place of an attack"), COLOR, "plain", 0.9),
    ]


def build_shapes(attacks: pd.DataFrame) -> gpd.GeoDataFrame:
    """Build the shapes of attacks: areas first, points over them.

    `attacks`: incidents of `app.answers.record.incidents.Record`. Returns: `name`, `said`, `look` (code of one of
    `attack_looks`), geometry in OGC:CRS84. Attacks known by their country alone are left out; `count_unmapped` counts
    them.
    """
    places = cached_record.incident_places()
    placed = places.merge(attacks, on="id")
    is_point = placed.geometry.geom_type == "Point"
    located = placed.assign(
        name=placed["title"].map(title_text),
        said=[_incident_text(row) for row in placed[_DESCRIPTION_COLUMNS].to_dict("records")],
        look=is_point.map({True: "place", False: "own"}),
    )
    areas = count_by_area(attacks[~attacks["id"].isin(placed["id"])])
    region_areas = cached_record.region_shapes(tuple(areas["region_code"])).merge(
        areas, left_on="region", right_on="region_code"
    )
    region_areas = region_areas.assign(
        name=region_areas["region_y"],
        said=[_count_text(int(attacks)) for attacks in region_areas["attacks"]],
        look=pd.cut(
            region_areas["attacks"], [0, FEW - 1, SEVERAL - 1, float("inf")], labels=["one", "few", "many"]
        ).astype(str),
    )
    columns = ["name", "said", "look", "geometry"]
    combined = pd.concat(
        [region_areas[columns], located[~is_point][columns], located[is_point][columns]], ignore_index=True
    )
    return gpd.GeoDataFrame(combined, geometry="geometry", crs=CRS)


def count_by_area(attacks: pd.DataFrame) -> pd.DataFrame:
    """Count attacks by region.

    Columns: `region_code`, `region`, `attacks`, `by_area` (attacks with a known area but no known place), `people`.
    """
    places = cached_record.incident_places()["id"]
    regional = attacks.dropna(subset=["region_code"]).assign(by_area=lambda rows: ~rows["id"].isin(places))
    grouped = regional.groupby(["region_code", "region"], as_index=False)
    table = grouped.agg(attacks=("id", "size"), by_area=("by_area", "sum"), people=("people", sum_people))
    return table.sort_values(["attacks", "region"], ascending=[False, True], ignore_index=True)


def count_unmapped_attacks(attacks: pd.DataFrame) -> int:
    """Count the attacks that no map can show: known by their country alone."""
    return int((attacks["region_code"].isna() & ~attacks["id"].isin(cached_record.incident_places()["id"])).sum())


def _incident_text(row: Mapping[Hashable, Any]) -> str:
    acts = ", ".join(translate_code(code) for code in row["types"])
    date = format_partial_date(row["occurred_on"], row["date_precision"])
    return f"{date}: {acts} ({translate_code(row['location_precision'])})"


def _count_text(attacks: int) -> str:
    text = ngettext("{n} attack, somewhere in this area", "{n} attacks, somewhere in this area", attacks)
    return text.format(n=format_number(attacks))
