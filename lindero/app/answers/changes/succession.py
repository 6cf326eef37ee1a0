"""The current state of a record that an address refers to: on the map, on it under another id, or gone.

A record is followed from one snapshot of its source to the next. Where its id is gone, it is looked up by the rules of
`geo.registers.match`. Records that existed beside it while it was there are never taken for it later.
"""

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.text.i18n import _, format_long_date
from lindero.geo.overlay.overlap import overlap
from lindero.geo.registers import name_matching
from lindero.geo.registers.diff import UNKNOWN
from lindero.geo.registers.match import match_records
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection, Source
from lindero.layers.database.queries import redirects
from lindero.layers.database.queries.redirects import LastAppearance
from lindero.layers.model import identity
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

_MAX_SUCCESSORS = 3  # successors returned, the one with the largest shared area first
_PART = 0.1  # share of its area that a successor must cover
_MIN_MATCHES = 2  # matches among date, place and content that make two incidents the same
_MARGIN_DEG = 0.05  # around a point, because another map may place it slightly elsewhere


@dataclass(frozen=True)
class SuccessionResult:
    """The current state of an id.

    `id` is that of the record on the map; None if it is not there. In that case, if the record was ever on the map,
    `gone_on` is the date of the first snapshot without it. `name` is its former name (never for an incident), and
    `instead` lists the ids of records that now overlap its area.
    """

    id: str | None
    gone_on: dt.date | None = None
    name: str = ""
    instead: tuple[str, ...] = ()


def find_successor(con: Connection, layer: Layer, code: str) -> SuccessionResult:
    """Find the current record for an id, current or former."""
    id_ = redirects.resolve_ids(con, layer, [code]).get(code)
    while id_ is not None:
        last = redirects.find_last_appearance(con, layer, id_)
        if last is None:
            return SuccessionResult(id_)
        row = _read_rows(con, layer, last, last.snapshot_on, id=id_)
        id_ = _find_in_next_snapshot(con, layer, last, row)
        if id_ is None:
            return _gone_result(con, layer, last, row)
    return SuccessionResult(None)


def fill_gaps(con: Connection, layer: Layer, rows: gpd.GeoDataFrame, snapshot: Source) -> gpd.GeoDataFrame:
    """Return the rows of a snapshot, with missing holders and statuses from the latest snapshot that states them.

    Otherwise a change would be lost if the register leaves the value out when it happens: neither the comparison with
    the snapshot before nor that with the one after would have both values.
    """
    for column in ("holder", "status"):
        is_unknown = rows[column].isna() | (rows[column] == UNKNOWN) if column in rows else pd.Series(dtype=bool)
        if f"{column}_received" in rows:  # a word that is not known is told as received
            word = rows[f"{column}_received"]
            is_unknown &= word.isna() | (word == UNKNOWN)
        if not is_unknown.any():
            continue
        where = {"source_id": snapshot.source_id, "id": rows.loc[is_unknown, "id"].tolist()}
        columns = ["id", "snapshot_on", column]
        earlier = map_database.read_layer(con, layer, where=where, columns=columns, every_snapshot=True)
        is_known = earlier[column].notna() & (earlier[column] != UNKNOWN)
        earlier = earlier[is_known & (pd.to_datetime(earlier["snapshot_on"]) < pd.Timestamp(snapshot.snapshot_on))]
        last = earlier.sort_values("snapshot_on").groupby("id")[column].last()
        known = rows["id"].map(last)
        rows = rows.assign(**{column: rows[column].where(~is_unknown | known.isna(), known)})
    return rows


def _find_in_next_snapshot(con: Connection, layer: Layer, last: LastAppearance, row: gpd.GeoDataFrame) -> str | None:
    """Find the record in the first snapshot without its id; None unless exactly one record matches."""
    before, then = (redirects.read_codes(con, layer, last.source_id, day) for day in (last.snapshot_on, last.gone_on))
    after = _read_rows(con, layer, last, last.gone_on, bounds=_search_bounds(layer, row))
    after = after[~after["id"].isin(before.index)]
    if after.empty:
        return None
    if layer is INCIDENTS:
        return _single_id(after["id"][_is_similar_incident(after, row)])
    if row.geometry.iloc[0] is None or row.geometry.iloc[0].geom_type == "Point":
        return _single_id(after["id"][name_matching.keys(after["name"]).isin(name_matching.keys(row["name"]).dropna())])
    frames = (
        frame.assign(code=frame["id"].map(_unique_codes(codes))) for frame, codes in ((row, before), (after, then))
    )
    return _single_id(match_records(*frames)["after_id"])


def _unique_codes(codes: "pd.Series[str]") -> "pd.Series[str]":
    """Return the codes that occur once in their snapshot."""
    return codes[~codes.duplicated(keep=False)]


def _is_similar_incident(incidents: pd.DataFrame, row: pd.DataFrame) -> "pd.Series[bool]":
    """Return a mask of the incidents that agree with one in at least two of date, place and kind."""
    attributes = identity.normalise_attributes(row.iloc[0])
    scores = [
        sum(
            expected == actual != ""
            for expected, actual in zip(attributes, identity.normalise_attributes(incident), strict=True)
        )
        for _number, incident in incidents.iterrows()
    ]
    return pd.Series(scores, index=incidents.index) >= _MIN_MATCHES


def _gone_result(con: Connection, layer: Layer, last: LastAppearance, row: gpd.GeoDataFrame) -> SuccessionResult:
    if layer is INCIDENTS:
        return SuccessionResult(None, last.gone_on)
    shape = row.geometry.iloc[0]
    name = row["name"].iloc[0]
    instead: list[str] = []
    if shape is not None:
        pairs = overlap(row, map_database.read_layer(con, layer, bounds=_search_bounds(layer, row)))
        instead = list(pairs.loc[pairs["share_of_left"] >= _PART, "right_id"][:_MAX_SUCCESSORS])
    return SuccessionResult(None, last.gone_on, str(name) if pd.notna(name) else "", tuple(instead))


def _read_rows(
    con: Connection,
    layer: Layer,
    last: LastAppearance,
    snapshot_on: dt.date,
    *,
    bounds: Bounds | None = None,
    **where: str,
) -> gpd.GeoDataFrame:
    chosen = {"source_id": last.source_id, "snapshot_on": snapshot_on.isoformat(), **where}
    return map_database.read_layer(con, layer, where=chosen, bounds=bounds, every_snapshot=True)


def _search_bounds(layer: Layer, row: gpd.GeoDataFrame) -> Bounds | None:
    """Return the bounds in which to search for the record, in degrees.

    The result is None, for anywhere, if its place was unknown or it is an incident.
    """
    if layer is INCIDENTS or row.geometry.iloc[0] is None:
        return None
    west, south, east, north = row.geometry.iloc[0].bounds
    return west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG


def _single_id(ids: "pd.Series[str]") -> str | None:
    """Return the id if there is exactly one; None otherwise."""
    return str(ids.iloc[0]) if len(ids) == 1 else None


def gone_text(id_: str, result: SuccessionResult) -> str:
    """Return a sentence with the date since which a record is gone.

    It has the record's name, or the id if it has none.
    """
    text = _("{name} has not been on the map since {date}: the file of that date no longer contains it.")
    return text.format(name=result.name or id_, date=format_long_date(result.gone_on) if result.gone_on else "?")


def unknown_text(id_: str) -> str:
    """Return a sentence saying that an id was never on the map."""
    text = _(
        "Nothing on this map has the identifier {id}. To get feed addresses, open the page “Latest changes” "
        "and choose places for your list."
    )
    return text.format(id=id_)


def replacement_lines(names: dict[str, str]) -> list[str]:
    """Return lines with the name and feed address of each record that now overlaps the area."""
    text = _("Now in the same place: {name}")
    return [f"{text.format(name=name)} {address}" for address, name in names.items()]
