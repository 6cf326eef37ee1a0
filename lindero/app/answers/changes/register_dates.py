"""Concessions that were applied for or granted within a span of time, by the dates that the register itself states."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import coverage_of
from lindero.app.answers.coverage.reach import Reach, reach_of
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.app.text.i18n import _, date, listed, ngettext, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

ACTS = {"applied": "applied_on", "granted": "granted_on"}  # the code of an act, and the column of its date
MONTHS = 12
COLUMNS = ("act", "dated_on", "id", "name", "holder", "kind", "status", "area_ha", "communities", "protected_areas")
_LARGEST = 3  # holders that are named
_NO_REGISTER = dt.date(1970, 1, 1)  # of a map without concessions, which dates nothing


@dataclass(frozen=True)
class DatedReport:
    """
    Concessions with an act dated from `since` to `until`, both included.

    `rows` has one row for each concession and act, the latest first: `COLUMNS`, where `communities` and
    `protected_areas` name the land it is on, slivers left out. `shapes` are theirs, row for row. `undated` and `later`
    count, by act, the concessions of the register that state no date of it, and those that state one after `until`.
    """

    since: dt.date
    until: dt.date
    rows: pd.DataFrame
    shapes: gpd.GeoSeries
    concessions: int
    undated: Mapping[str, int]
    later: Mapping[str, int]
    covered: Reach  # how far communities are known on the ground of `rows`
    sources: tuple[Source, ...]  # of concessions
    lands: pd.DataFrame  # which of `rows` is on whose land: `id` of the concession, `layer`, `land_id`

    def select(self, kept: npt.NDArray[np.bool_]) -> "DatedReport":
        """Return the report of some of its rows; counts of undated concessions stay those of the register."""
        rows = self.rows[kept].reset_index(drop=True)
        shapes = gpd.GeoSeries(self.shapes[kept].reset_index(drop=True))
        return replace(self, rows=rows, shapes=shapes)

    def on_land(self) -> npt.NDArray[np.bool_]:
        """Return which rows are on the land of a community."""
        return np.asarray(self.rows[COMMUNITIES.name] != "", dtype=bool)

    def states(self, act: str) -> bool:
        """Return whether the register states any date of an act."""
        return self.undated[act] < self.concessions

    @property
    def states_any(self) -> bool:
        """Whether the register states any date at all."""
        return any(map(self.states, ACTS))

    def count(self, act: str, *, on_land: bool = False) -> int | None:
        """Return how many concessions had an act in the span; None if that is not known."""
        if not self.states(act):
            return None
        is_meant = self.rows["act"] == act
        found = int((is_meant & self.on_land()).sum() if on_land else is_meant.sum())
        return None if on_land and not found and not self.covered.is_whole and is_meant.any() else found

    def finding(self, *, on: Reach | None = None) -> str:
        """
        Return in one sentence how many concessions were applied for and granted, and how many on community land.

        `on` is how far the register has data on the ground that the rows were chosen by.
        """
        if on is not None and not on.is_covered and self.rows.empty:
            return coverage_text.reach(on)
        told = [text for act in ACTS if (text := self._act_text(act))]
        if not told:
            return _("The register states no dates: what is new in it cannot be told from one snapshot.")
        span = _("From {since} to {until}, {acts}.")
        return span.format(since=date(self.since), until=date(self.until), acts=listed(told))

    def _act_text(self, act: str) -> str:
        count = self.count(act)
        if count is None:
            return ""
        texts = {
            "applied": ngettext(
                "{n} concession was applied for ({on_land})", "{n} concessions were applied for ({on_land})", count
            ),
            "granted": ngettext("{n} was granted ({on_land})", "{n} were granted ({on_land})", count),
        }
        on_land = self.count(act, on_land=True)
        known = _("{n} on community land").format(n="" if on_land is None else number(on_land))
        return texts[act].format(n=number(count), on_land=_("on whose land is not known") if on_land is None else known)

    def largest(self) -> str:
        """Return a sentence that names the holders with most of the rows; empty if no holder is stated."""
        most = self.rows.drop_duplicates("id")["holder"].value_counts().head(_LARGEST)
        if most.empty:
            return ""
        return _("Most by: {holders}.").format(holders=listed([f"{name} ({number(n)})" for name, n in most.items()]))

    def limits(self) -> str:
        """Return what the count leaves open: missing and later dates, land without data, what left the register."""
        sentences = []
        words = {"applied": _("when concessions were applied for"), "granted": _("when concessions were granted")}
        if silent := [words[act] for act in ACTS if not self.states(act)]:
            sentences.append(_("The register does not state {acts}.").format(acts=listed(silent)))
        for act in ACTS:
            if self.states(act) and self.undated[act]:
                text = {
                    "applied": _("{n} of {all} concessions do not state when they were applied for."),
                    "granted": _("{n} of {all} concessions do not state when they were granted."),
                }[act]
                sentences.append(text.format(n=number(self.undated[act]), all=number(self.concessions)))
        if later := sum(self.later.values()):
            text = ngettext(
                "{n} date is after {until} and is not counted.",
                "{n} dates are after {until} and are not counted.",
                later,
            )
            sentences.append(text.format(n=number(later), until=date(self.until)))
        sentences.append(coverage_text.reach(self.covered))
        sentences.append(_("Concessions that have left the register since are not in this list."))
        return " ".join(filter(None, sentences))

    def head(self) -> dict[str, object]:
        """Return the counts as JSON holds them."""
        return {
            "since": self.since,
            "until": self.until,
            "concessions_in_register": self.concessions,
            **{act: self.count(act) for act in ACTS},
            **{f"{act}_on_community_land": self.count(act, on_land=True) for act in ACTS},
            **{f"{act}_without_date": self.undated[act] for act in ACTS},
            **{f"{act}_dated_later": self.later[act] for act in ACTS},
            "coverage": [self.covered.as_dict()],
        }


def dated_report(
    con: Connection,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    months: int = MONTHS,
    source: str = "",
) -> DatedReport:
    """
    Find the concessions of the current registers that were applied for or granted within a span of time.

    Parameters
    ----------
    since
        The first date; `months` before `until` if not given.
    until
        The last date; the latest date of the registers if not given. What happened after it they cannot know.
    source
        Only the source of this id.

    Raises
    ------
    AnswerError
        If the map has no such source of concessions.
    """
    every = [each for each in map_database.read_sources(con) if each.is_current and each.layer == CONCESSIONS.name]
    if source and source not in {each.source_id for each in every}:
        raise AnswerError(
            N_("{layer} has no source {wanted}; it has {known}"),
            layer=CONCESSIONS.name,
            wanted=source,
            known=", ".join(each.source_id for each in every) or "-",
        )
    on_land, counted = overlaps.find_pairs(con, CONCESSIONS.name, COMMUNITIES.name)
    in_areas, _counts = overlaps.find_pairs(con, CONCESSIONS.name, PROTECTED_AREAS.name)
    left_out = counted[0].ids
    sources = tuple(
        each for each in every if each.source_id not in counted[0].left_out and (not source or each.source_id == source)
    )
    dates = map_queries.read_dates(con, CONCESSIONS, tuple(ACTS.values()))
    is_meant = dates["source_id"].isin([each.source_id for each in sources]) & ~dates["id"].isin(left_out)
    dates = dates[is_meant]
    until = until or max((each.snapshot_on for each in sources), default=_NO_REGISTER)
    since = since or (pd.Timestamp(until) - pd.DateOffset(months=months) + pd.Timedelta(days=1)).date()
    acts = _acts_within(dates, since, until)
    rows = map_database.read_layer(con, CONCESSIONS, where={"id": acts["id"].unique().tolist()})
    touched = pd.concat(
        [_lands(pairs, name) for name, pairs in ((COMMUNITIES.name, on_land), (PROTECTED_AREAS.name, in_areas))]
    )
    table = acts.merge(rows.drop(columns=[name for name in ("snapshot_on", "source_id") if name in rows]), on="id")
    for name in (COMMUNITIES.name, PROTECTED_AREAS.name):
        names = touched[touched["layer"] == name].groupby("id")["land_name"].agg("; ".join)
        table[name] = table["id"].map(names).astype(object).fillna("")
    table = table.sort_values(["dated_on", "id", "act"], ascending=[False, True, True], ignore_index=True)
    shapes = gpd.GeoSeries(table["geometry"], crs=rows.crs)
    return DatedReport(
        since,
        until,
        pd.DataFrame(table[list(COLUMNS)]),
        shapes,
        len(dates),
        {act: int(dates[column].isna().sum()) for act, column in ACTS.items()},
        {act: int((pd.to_datetime(dates[column]) > pd.Timestamp(until)).sum()) for act, column in ACTS.items()},
        reach_of(coverage_of(con), COMMUNITIES.name, shapes, of=CONCESSIONS.name),
        sources,
        touched[["id", "layer", "land_id"]],
    )


def _acts_within(dates: pd.DataFrame, since: dt.date, until: dt.date) -> pd.DataFrame:
    """Return one row for each act dated within a span: `id`, `act`, `dated_on`."""
    acts = [
        pd.DataFrame({"id": dates["id"], "act": act, "dated_on": pd.to_datetime(dates[column])})
        for act, column in ACTS.items()
    ]
    every = pd.concat(acts, ignore_index=True)
    return every[every["dated_on"].between(pd.Timestamp(since), pd.Timestamp(until))]


def _lands(pairs: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Return which concession is on whose land, slivers left out: `id`, `layer`, `land_id`, `land_name`."""
    kept = pairs[pairs["certainty"] != SLIVER]
    names = kept["right_name"].fillna(kept["right_id"])
    return pd.DataFrame({"id": kept["left_id"], "layer": layer, "land_id": kept["right_id"], "land_name": names})
