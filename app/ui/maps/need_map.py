"""The map of missing protection: regions by one of the things that weigh, communities by their rank."""

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, LAYERS, Needs
from lindero.app.answers.ranking.exposure import IN_FORCE
from lindero.app.current import cached_answers, map_layers
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import page
from lindero.app.ui.maps import choropleth, map_picture
from lindero.app.ui.maps.areas import Look
from lindero.geo.stats.ranking import TOP

SOME = 50  # ranks
SHARE = "share"


def show(found: Needs) -> None:
    """Draw what was compared, and offer a picture of it."""
    if found.asked.level == COMMUNITY:
        title, drawn = _("Need of protection"), (_communities(found), _ranks(len(found.ranked)))
    else:
        title, drawn = _regions(found)
    map_picture.show(
        *drawn,
        title=title,
        finding=needs_text.first(found),
        layers=LAYERS,
        key=f"protection-{found.asked.level}",
        underneath=(),
    )


def _regions(found: Needs) -> tuple[str, choropleth.Drawn]:
    labels = {name: _label(name, found) for name in LABELS}
    measure = page.chosen(_("On the map"), list(labels), labels.__getitem__, param="map")
    rows = found.rows.rename(columns={"id": "region"}).set_index("region")
    values = rows[measure if measure == SHARE else f"{measure}_rate"].astype(float)
    said = _said(measure)
    with explained():
        shapes = map_layers.shapes_of_regions(found.asked.level, tuple(rows.index))
    return labels[measure], choropleth.drawn(shapes, rows.assign(said=values.map(said)), values, said=said)


def _label(name: str, found: Needs) -> str:
    if name == SHARE:
        return _(LABELS[name])
    return _("{what} {per}").format(what=_(LABELS[name]), per=needs_text.per(found))


def _said(measure: str) -> Callable[[float], str]:
    def said(value: float) -> str:
        if pd.isna(value):
            return _("no data here")
        return percent(value) if measure == SHARE else number(value, decimals=1)

    return said


def _communities(found: Needs) -> gpd.GeoDataFrame:
    with explained():
        lands = cached_answers.lands(IN_FORCE)
    rows = found.rows
    look = [f"from-{sum(rank > end for end in (TOP, SOME))}" if pd.notna(rank) else "unranked" for rank in rows["rank"]]
    told = {
        "name": rows["name"].fillna(rows["id"]),
        "said": [needs_text.attacks(row, found) for row in rows.to_dict("records")],
        "look": look,
    }
    return gpd.GeoDataFrame(told, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _ranks(count: int) -> list[Look]:
    spans = ((1, TOP), (TOP + 1, SOME), (SOME + 1, count))
    kinds = (("crossed", 0.6), ("rising", 0.35), ("dotted", 0.12))
    text = _("Ranks {first} to {last}")
    return [
        *(
            Look(f"from-{at}", text.format(first=number(first), last=number(min(last, count))), choropleth.COLOR, *kind)
            for at, ((first, last), kind) in enumerate(zip(spans, kinds, strict=True))
        ),
        Look("unranked", _("not ranked"), "#6b6b6b", "plain", 0.05),
    ]
