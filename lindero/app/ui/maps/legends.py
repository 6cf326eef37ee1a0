"""How the areas of an answer look on its map: Okabe and Ito's colours, each with a hatching of its own."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.hotspots.hotspots_answer import RESULTS
from lindero.app.answers.hotspots.kde import Picture
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.text import change_text, i18n
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.app.ui.maps.areas import MOST, Look
from lindero.geo.stats.hotspots import COLD, HOT, NONE, UNKNOWN
from lindero.geo.stats.kde import LEVELS

FEW = 300  # places that can all be drawn
_LOOK_OF = {"holder_respelt": "holder", "renumbered": "holder"}  # small matters share a look


def changes() -> list[Look]:
    """Give the looks of what changed."""
    return [
        Look("gone", word("gone"), "#6b6b6b", "crossed"),
        Look("holder", word("holder"), "#8a7a00", "upright"),
        Look("status", word("status"), "#0072B2", "level"),
        Look("boundary", word("boundary"), "#CC79A7", "falling"),
        Look("new", word("new"), "#D55E00", "rising"),
    ]


def acts() -> list[Look]:
    """Return the looks of concessions that were applied for or granted."""
    return [
        Look("applied", word("applied"), "#D55E00", "rising"),
        Look("granted", word("granted"), "#CC79A7", "crossed"),
    ]


def change_areas(report: ChangeReport, seen: npt.NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Draw the changes that are seen, the largest first and as many as `MOST`: `name`, `said`, `look`, `geometry`."""
    shapes = report.shapes.loc[seen, "geometry"]
    extents = np.nan_to_num(shapely.area(shapes.to_numpy()), nan=-1.0)  # what has no outline comes last
    largest = extents.argsort()[::-1][:MOST]
    coded = report.rows[seen].iloc[largest]
    rows = change_text.table(coded)
    told = {
        "name": rows["name"].fillna(rows["after_id"]).fillna(rows["before_id"]).to_numpy(),
        "said": [change_text.line(row) for row in rows.to_dict("records")],
        "look": coded["change"].replace(_LOOK_OF).to_numpy(),
    }
    return gpd.GeoDataFrame(told, geometry=shapes.iloc[largest].reset_index(drop=True))


def shared_ground() -> Look:
    """Give the look of ground that concessions and communities share."""
    return Look("shared", _("Concession on a community's land"), "#9c1c00", "rising", 0.4, 1.2)


def exposures() -> list[Look]:
    """Give the looks of communities by the share of their land under title; darker is more."""
    steps = ((0, "plain"), (1, "dotted"), (25, "level"), (50, "rising"), (75, "crossed"))
    ends = [*(low for low, _hatching in steps[1:]), 100]
    looks = [
        Look(f"share-{low}", _step(low / 100, end / 100), "#5a2d82", hatching, 0.1 + low / 125)
        for (low, hatching), end in zip(steps, ends, strict=True)
    ]
    return [*looks, Look("unknown", _("land not drawn"), "#6b6b6b", "plain", 0.6)]


def exposure(rows: pd.DataFrame, lands: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw communities, the most exposed first: `name`, `said`, `look`, `geometry`."""
    steps = np.array([0, 1, 25, 50, 75])
    percent = rows["share"].fillna(0).to_numpy() * 100
    look = [f"share-{step}" for step in steps[np.searchsorted(steps, percent, side="right") - 1]]
    told = pd.DataFrame(
        {
            "name": rows["name"].fillna(rows["id"]),
            "said": [_("rank {rank}, {share} under title").format(**each) for each in _ranked(rows)],
            "look": np.where(rows["share"].isna(), "unknown", look),
        }
    )
    return gpd.GeoDataFrame(told, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _ranked(rows: pd.DataFrame) -> list[dict[str, str]]:
    shares = (_("an unknown part") if pd.isna(share) else i18n.percent(share) for share in rows["share"])
    return [{"rank": i18n.number(rank), "share": share} for rank, share in zip(rows["rank"], shares, strict=True)]


def heat() -> list[Look]:
    """Give the looks of places compared with chance."""
    return [
        Look(UNKNOWN, _(RESULTS[UNKNOWN]), "#6b6b6b", "dotted", 0.05, 0.3),
        Look(NONE, _(RESULTS[NONE]), "#6b6b6b", "plain", 0.08, 0.3),
        Look(COLD, _(RESULTS[COLD]), "#0072B2", "level"),
        Look(HOT, _(RESULTS[HOT]), "#D55E00", "rising", 0.35),
    ]


def hotspots(report: HotspotReport) -> gpd.GeoDataFrame:
    """Draw the places compared, hotspots first, without those where nothing was counted if they are many."""
    rows = report.rows
    if len(rows) > FEW:
        rows = rows[rows["result"].isin([HOT, COLD]) | (rows["count"] > 0)]
    told = {"name": rows["name"].fillna(rows["id"]), "said": [report.told(row) for _id, row in rows.iterrows()]}
    return gpd.GeoDataFrame({**told, "look": rows["result"]}, geometry=rows.geometry, crs=rows.crs)


def thickness() -> list[Look]:
    """Give the looks of the steps of a picture of density; darker is thicker."""
    hatchings = ("plain", "dotted", "level", "crossed")
    ends = (*LEVELS[1:], 1.0)
    return [
        Look(f"from-{low}", _step(low, high), "#5a2d82", hatching, 0.1 + low / 2, 0.3)
        for low, high, hatching in zip(LEVELS, ends, hatchings, strict=True)
    ]


def thick(picture: Picture) -> gpd.GeoDataFrame:
    """Draw the steps of a picture of density, the highest first: `name`, `said`, `look`, `geometry`."""
    rows = picture.levels.to_dict("records")
    said = _("of the highest density, with a bandwidth of {km} km")
    told = {
        "name": [_step(row["low"], row["high"]) for row in rows],
        "said": said.format(km=i18n.number(picture.bandwidth_km)),
        "look": [f"from-{row['low']}" for row in rows],
    }
    return gpd.GeoDataFrame(told, geometry=picture.levels.geometry, crs=picture.levels.crs)


def _step(low: float, high: float) -> str:
    return f"{i18n.number(low * 100)}–{i18n.percent(high, decimals=0)}"
