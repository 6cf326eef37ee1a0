"""The symbology of answers on maps: Okabe and Ito's colors, each with its own hatching."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.changes.event_text import event_sentence, kind_text
from lindero.app.answers.changes.events import Event
from lindero.app.answers.changes.register_dates import ACTS
from lindero.app.answers.hotspots.hotspots_answer import RESULTS
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.media.design import BLUE, GREY, ORANGE, PURPLE, VERMILION
from lindero.app.media.pages.maps.areas import MAX_AREAS, Look
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _
from lindero.geo.stats.hotspots import COLD, HIGH, HOT, NONE, UNKNOWN
from lindero.layers.model.schema import COMMUNITIES, CRS

MAX_PLACES = 300  # places that can all be drawn
_SHARED_LOOKS = {"renumbered": "holder"}  # minor changes share a look


def change_looks() -> list[Look]:
    """Return the looks of changes."""
    return [
        Look("gone", kind_text("gone"), GREY, "crossed"),
        Look("holder", _("New holder or code"), "#8a7a00", "upright"),
        Look("status", kind_text("status"), BLUE, "level"),
        Look("boundary", kind_text("boundary"), PURPLE, "falling"),
        Look("new", kind_text("new"), VERMILION, "rising"),
    ]


def act_looks() -> list[Look]:
    """Return the looks of concessions that were applied for or granted."""
    return [
        Look("applied", translate_code("applied"), VERMILION, "rising"),
        Look("granted", translate_code("granted"), PURPLE, "crossed"),
    ]


def event_shapes(events: Sequence[Event]) -> gpd.GeoDataFrame:
    """Return the areas of events, the largest and at most `MAX_AREAS`: those on community land first.

    Columns: `name`, `said`, `look`, `geometry`.
    """
    shapes = np.array([event.geometry for event in events], dtype=object)
    extents = np.nan_to_num(shapely.area(shapes), nan=-1.0)  # areas without an outline come last
    largest = [events[position] for position in extents.argsort()[::-1][:MAX_AREAS]]
    largest.sort(key=is_on_community_land, reverse=True)
    attributes = {
        "name": [event.name or event.record_id for event in largest],
        "said": [event_sentence(event) for event in largest],
        "look": [_find_look(event) for event in largest],
    }
    return gpd.GeoDataFrame(attributes, geometry=[event.geometry for event in largest], crs=CRS)


def is_on_community_land(event: Event) -> bool:
    """Return whether an event is on the land of a community."""
    return any(place.layer == COMMUNITIES.name for place in event.places)


def _find_look(event: Event) -> str:
    return event.after if event.after in ACTS and event.kind == "new" else _SHARED_LOOKS.get(event.kind, event.kind)


def shared_ground_look() -> Look:
    """Return the look of areas shared by concessions and communities."""
    return Look("shared", _("Concession on a community's land"), "#9c1c00", "rising", 0.4, 1.2)


def exposure_looks() -> list[Look]:
    """Return the looks of communities by the share of their land under concession; darker means more."""
    steps = ((0, "plain"), (1, "dotted"), (25, "level"), (50, "rising"), (75, "crossed"))
    ends = [*(low for low, _hatching in steps[1:]), 100]
    looks = [
        Look(f"share-{low}", _step_label(low / 100, end / 100), "#5a2d82", hatching, 0.1 + low / 125)
        for (low, hatching), end in zip(steps, ends, strict=True)
    ]
    return [*looks, Look("unknown", _("land not drawn"), GREY, "plain", 0.6)]


def exposure_shapes(rows: pd.DataFrame, lands: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the areas of communities, the most exposed first: `name`, `said`, `look`, `geometry`."""
    steps = np.array([0, 1, 25, 50, 75])
    percent = rows["share"].fillna(0).to_numpy() * 100
    look = [f"share-{step}" for step in steps[np.searchsorted(steps, percent, side="right") - 1]]
    attributes = pd.DataFrame(
        {
            "name": rows["name"].fillna(rows["id"]),
            "said": [_("rank {rank}, {share} under concession").format(**texts) for texts in _rank_texts(rows)],
            "look": np.where(rows["share"].isna(), "unknown", look),
        }
    )
    return gpd.GeoDataFrame(attributes, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _rank_texts(rows: pd.DataFrame) -> list[dict[str, str]]:
    shares = (_("an unknown part") if pd.isna(share) else i18n.format_share(share) for share in rows["share"])
    return [
        {"rank": i18n.format_number(rank), "share": share} for rank, share in zip(rows["rank"], shares, strict=True)
    ]


def hotspot_looks() -> list[Look]:
    """Return the looks of places compared with chance."""
    return [
        Look(UNKNOWN, _(RESULTS[UNKNOWN]), GREY, "dotted", 0.05, 0.3),
        Look(NONE, _(RESULTS[NONE]), GREY, "plain", 0.08, 0.3),
        Look(COLD, _(RESULTS[COLD]), BLUE, "level"),
        Look(HIGH, _(RESULTS[HIGH]), ORANGE, "upright", 0.25),
        Look(HOT, _(RESULTS[HOT]), VERMILION, "rising", 0.35),
    ]


def hotspot_shapes(report: HotspotReport) -> gpd.GeoDataFrame:
    """Return the areas of places compared, hotspots first. If they are many, places without events are left out."""
    rows = report.rows
    if len(rows) > MAX_PLACES:
        rows = rows[rows["result"].isin([HOT, HIGH, COLD]) | (rows["count"] > 0)]
    attributes = {
        "name": rows["name"].fillna(rows["id"]),
        "said": [report.describe_row(row) for _id, row in rows.iterrows()],
    }
    return gpd.GeoDataFrame({**attributes, "look": rows["result"]}, geometry=rows.geometry, crs=rows.crs)


def _step_label(low: float, high: float) -> str:
    return f"{i18n.format_number(low * 100)}–{i18n.format_share(high, decimals=0)}"
