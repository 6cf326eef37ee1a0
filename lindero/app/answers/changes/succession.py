"""
What became of a record that an address names: it is on the map, under this id or another, or it left the map.

A record is followed from one snapshot of its source to the next: where its id is gone, by what `geo.registers.match`
knows it by. What was told apart from it while it was there is not taken for it afterwards.
"""

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.text.i18n import _, date
from lindero.geo.overlay.overlap import overlap
from lindero.geo.registers import name_matching
from lindero.geo.registers.match import same_records
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection
from lindero.layers.database.queries import redirects
from lindero.layers.database.queries.redirects import LastSeen
from lindero.layers.model import identity
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

_INSTEAD = 3  # records that took its place, the largest part first
_PART = 0.1  # of its ground that a record must lie on to have taken its place
_ALIKE = 2  # of when, where and what, for two incidents to be one
_MARGIN_DEG = 0.05  # about a point, of which another map may be a little off


@dataclass(frozen=True)
class Found:
    """
    Where an id leads.

    `id` is that of the record on the map; None if it is not there. Then, if it ever was, `gone_on` is the day of the
    first snapshot without it, `name` what it was called (never of an incident) and `instead` the ids of what lies on
    its ground now.
    """

    id: str | None
    gone_on: dt.date | None = None
    name: str = ""
    instead: tuple[str, ...] = ()


def find(con: Connection, layer: Layer, code: str) -> Found:
    """Follow an id, as it is or as it was, to the record that it named."""
    id_ = redirects.led(con, layer, [code]).get(code)
    while id_ is not None:
        last = redirects.last_seen(con, layer, id_)
        if last is None:
            return Found(id_)
        row = _rows(con, layer, last, last.snapshot_on, id=id_)
        id_ = _later(con, layer, last, row)
        if id_ is None:
            return _gone(con, layer, last, row)
    return Found(None)


def _later(con: Connection, layer: Layer, last: LastSeen, row: gpd.GeoDataFrame) -> str | None:
    """Find the record in the first snapshot without its id."""
    before, then = (redirects.codes(con, layer, last.source_id, day) for day in (last.snapshot_on, last.gone_on))
    after = _rows(con, layer, last, last.gone_on, bounds=_about(layer, row))
    after = after[~after["id"].isin(before.index)]
    if after.empty:
        return None
    if layer is INCIDENTS:
        return _only(after["id"][_like(after, row)])
    if row.geometry.iloc[0] is None or row.geometry.iloc[0].geom_type == "Point":
        return _only(after["id"][name_matching.keys(after["name"]).isin(name_matching.keys(row["name"]).dropna())])
    frames = (some.assign(code=some["id"].map(_once(codes))) for some, codes in ((row, before), (after, then)))
    return _only(same_records(*frames)["after_id"])


def _once(codes: "pd.Series[str]") -> "pd.Series[str]":
    """Keep the codes that stand once in their snapshot."""
    return codes[~codes.duplicated(keep=False)]


def _like(incidents: pd.DataFrame, row: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which incidents tell the same as one, but for one of when, where and what."""
    attributes = identity.attributes_of(row.iloc[0])
    alike = [
        sum(one == other != "" for one, other in zip(attributes, identity.attributes_of(some), strict=True))
        for _number, some in incidents.iterrows()
    ]
    return pd.Series(alike, index=incidents.index) >= _ALIKE


def _gone(con: Connection, layer: Layer, last: LastSeen, row: gpd.GeoDataFrame) -> Found:
    if layer is INCIDENTS:
        return Found(None, last.gone_on)
    shape = row.geometry.iloc[0]
    name = row["name"].iloc[0]
    instead: list[str] = []
    if shape is not None:
        pairs = overlap(row, map_database.read_layer(con, layer, bounds=_about(layer, row)))
        instead = list(pairs.loc[pairs["share_of_left"] >= _PART, "right_id"][:_INSTEAD])
    return Found(None, last.gone_on, str(name) if pd.notna(name) else "", tuple(instead))


def _rows(
    con: Connection, layer: Layer, last: LastSeen, day: dt.date, *, bounds: Bounds | None = None, **where: str
) -> gpd.GeoDataFrame:
    chosen = {"source_id": last.source_id, "snapshot_on": day.isoformat(), **where}
    return map_database.read_layer(con, layer, where=chosen, bounds=bounds, every_snapshot=True)


def _about(layer: Layer, row: gpd.GeoDataFrame) -> Bounds | None:
    """Give where the record may be by now; anywhere, if nobody knows where it was, or it is an incident."""
    if layer is INCIDENTS or row.geometry.iloc[0] is None:
        return None
    west, south, east, north = row.geometry.iloc[0].bounds
    return west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG


def _only(ids: "pd.Series[str]") -> str | None:
    """Give the id if there is one alone: of two that may be meant, none is taken."""
    return str(ids.iloc[0]) if len(ids) == 1 else None


def gone_text(id_: str, found: Found) -> str:
    """Say since when a record is no longer on the map, by its name, or by the id that was given where it has none."""
    text = _("{name} is no longer on the map since {date}: the file of that day does not hold it any more.")
    return text.format(name=found.name or id_, date=date(found.gone_on) if found.gone_on else "?")


def unknown_text(id_: str) -> str:
    """Say that an address names what the map never knew."""
    text = _(
        "Nothing on this map is called {id}. The page “What is new” gives the addresses of the feeds that there are."
    )
    return text.format(id=id_)


def replacement_lines(names: dict[str, str]) -> list[str]:
    """Say what lies on its ground now: of each its name and the address of its feed."""
    text = _("On its ground now: {name}")
    return [f"{text.format(name=name)} {address}" for address, name in names.items()]
