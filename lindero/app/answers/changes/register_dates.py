"""Concessions that were applied for or granted within a period, by the dates that the register states."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.app.answers.claims import find_leading
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.reach import Reach, count_reach, label_shares
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.app.text.i18n import _, format_long_date, format_number, join_texts, ngettext
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

ACTS = {"applied": "applied_on", "granted": "granted_on"}  # the code of an act, and the column of its date
MONTHS = 12
_LAND_LAYERS = (COMMUNITIES.name, PROTECTED_AREAS.name)
_LAND_DATA = tuple(f"{layer}_data" for layer in _LAND_LAYERS)
COLUMNS = ("act", "dated_on", "id", "name", "holder", "kind", "status", "area_ha", *_LAND_LAYERS, *_LAND_DATA)
_LARGEST = 3  # number of holders named
_UNSEEN = ""  # a holder that no concession is known to be of
_NO_REGISTER = dt.date(1970, 1, 1)  # end date for a map without concessions


@dataclass(frozen=True)
class DatedReport:
    """Concessions with an act dated from `since` to `until`, both included.

    `rows` has one row per concession and act, the latest first, with the columns `COLUMNS`. There, `communities` and
    `protected_areas` are names of overlapping features, slivers left out; `communities_data` and `protected_areas_data`
    say whether the map has data on them there: `complete`, `partial` or `none`. `shapes` are the concessions in the
    order of `rows`. `undated` counts, by act, the concessions of the register without a date. `later` counts those with
    a date after `until`.
    """

    since: dt.date
    until: dt.date
    rows: pd.DataFrame
    shapes: gpd.GeoSeries
    concessions: int
    undated: Mapping[str, int]
    later: Mapping[str, int]
    verdicts: Mapping[str, pd.DataFrame]  # coverage of communities and protected areas, by layer, for each of `rows`
    sources: tuple[Source, ...]  # of concessions
    lands: pd.DataFrame  # the land that each row overlaps: `id` of the concession, `layer`, `land_id`
    land_sources: tuple[Source, ...] = ()  # of the layers in `verdicts`

    def select(self, is_selected: npt.NDArray[np.bool_]) -> "DatedReport":
        """Return the report limited to some rows. Counts of undated concessions stay those of the register."""
        rows = self.rows[is_selected].reset_index(drop=True)
        shapes = gpd.GeoSeries(self.shapes[is_selected].reset_index(drop=True))
        verdicts = {layer: verdict[is_selected] for layer, verdict in self.verdicts.items()}
        return replace(self, rows=rows, shapes=shapes, verdicts=verdicts)

    @property
    def reach(self) -> Reach:
        """The coverage of communities on the ground of `rows`."""
        sources = tuple(source for source in self.land_sources if source.layer == COMMUNITIES.name)
        return count_reach(
            self.verdicts[COMMUNITIES.name], COMMUNITIES.name, feature_layer=CONCESSIONS.name, sources=sources
        )

    def is_on_community_land(self) -> npt.NDArray[np.bool_]:
        """Return a mask of the rows on community land."""
        return np.asarray(self.rows[COMMUNITIES.name] != "", dtype=bool)

    def has_dates(self, act: str) -> bool:
        """Return whether the register states any date of an act."""
        return self.undated[act] < self.concessions

    @property
    def has_any_dates(self) -> bool:
        """Whether the register states any date."""
        return any(map(self.has_dates, ACTS))

    def count(self, act: str, *, on_land: bool = False) -> int | None:
        """Count the concessions with an act in the period; None if that is unknown."""
        if not self.has_dates(act):
            return None
        is_meant = self.rows["act"] == act
        total = int((is_meant & self.is_on_community_land()).sum() if on_land else is_meant.sum())
        return None if on_land and not total and not self.reach.is_whole and is_meant.any() else total

    def known_lands_text(self, act: str) -> str:
        """Return how many concessions with an act are where the map has data on communities; empty if all are."""
        rows = self.rows[self.rows["act"] == act]
        known = int(((rows["communities_data"] != "none") | (rows[COMMUNITIES.name] != "")).sum())
        text = _("of the {n} where this map has data on communities")
        return "" if known == len(rows) else text.format(n=format_number(known))

    def finding(self, *, on: Reach | None = None) -> str:
        """Return one sentence on the concessions applied for and granted, and how many of them are on community land.

        `on` is the coverage of the register on the land that the rows were filtered by.
        """
        if on is not None and not on.is_covered and self.rows.empty:
            return coverage_text.reach_text(on)
        act_texts = [text for act in ACTS if (text := self._act_text(act))]
        if not act_texts:
            return _("The register does not state dates, so one snapshot cannot show what is new.")
        span = _("From {since} to {until}, {acts}.")
        return span.format(
            since=format_long_date(self.since), until=format_long_date(self.until), acts=join_texts(act_texts)
        )

    def _act_text(self, act: str) -> str:
        count = self.count(act)
        if count is None:
            return ""
        texts = {
            "applied": ngettext(
                "{n} concession was applied for ({on_land})", "{n} concessions were applied for ({on_land})", count
            ),
            "granted": ngettext(
                "{n} concession was granted ({on_land})", "{n} concessions were granted ({on_land})", count
            ),
        }
        on_land = self.count(act, on_land=True)
        land_text = _("{n} on community land").format(n="" if on_land is None else format_number(on_land))
        land_text = ", ".join(filter(None, (land_text, self.known_lands_text(act))))
        return texts[act].format(
            n=format_number(count), on_land=_("not known how many on community land") if on_land is None else land_text
        )

    def largest_holders_text(self) -> str:
        """Return a sentence with the holders that have more rows than all others; empty if none can be told apart."""
        holders = self.rows.drop_duplicates("id")["holder"].replace("", None)
        counts, unknown = holders.value_counts(), int(holders.isna().sum())
        unseen = pd.Series({_UNSEEN: 0}) if unknown else pd.Series(dtype=int)  # all unknown may be of another holder
        least = pd.concat([counts, unseen])
        leading = [name for name in find_leading(least, least + unknown, _LARGEST) if name != _UNSEEN]
        if not leading:
            return ""
        return _("Holders and applicants with the most concessions: {holders}.").format(
            holders=join_texts([f"{name} ({format_number(counts[name])})" for name in leading])
        )

    def list_limits(self, on: Reach | None = None) -> list[str]:
        """Return sentences on the limits of the counts: missing or later dates, missing data, removed concessions.

        `on` is the coverage of the register on the land that the rows were filtered by.
        """
        return list(
            filter(
                None,
                (
                    *self.date_limits(),
                    coverage_text.reach_text(self.reach),
                    coverage_text.reach_text(on) if on else "",
                ),
            )
        )

    def date_limits(self) -> list[str]:
        """Return sentences on dates that are not stated or later than the period, and on removed concessions."""
        sentences = []
        words = {"applied": _("when concessions were applied for"), "granted": _("when concessions were granted")}
        if undated_acts := [words[act] for act in ACTS if not self.has_dates(act)]:
            sentences.append(_("The register does not state {acts}.").format(acts=join_texts(undated_acts)))
        for act in ACTS:
            if self.has_dates(act) and self.undated[act]:
                text = {
                    "applied": _("{n} of {all} concessions do not state when they were applied for."),
                    "granted": _("{n} of {all} concessions do not state when they were granted."),
                }[act]
                sentences.append(text.format(n=format_number(self.undated[act]), all=format_number(self.concessions)))
        if later := sum(self.later.values()):
            text = ngettext(
                "{n} date is after {until} and is not counted.",
                "{n} dates are after {until} and are not counted.",
                later,
            )
            sentences.append(text.format(n=format_number(later), until=format_long_date(self.until)))
        return [*sentences, _("Concessions that were later removed from the register are not in this list.")]

    def head(self) -> dict[str, object]:
        """Return the counts for JSON."""
        return {
            "since": self.since,
            "until": self.until,
            "concessions_in_register": self.concessions,
            **{act: self.count(act) for act in ACTS},
            **{f"{act}_on_community_land": self.count(act, on_land=True) for act in ACTS},
            **{f"{act}_without_date": self.undated[act] for act in ACTS},
            **{f"{act}_dated_later": self.later[act] for act in ACTS},
            "coverage": [self.reach.to_dict()],
        }


def dated_report(
    con: Connection,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    months: int = MONTHS,
    source: str = "",
) -> DatedReport:
    """Find the concessions of the current registers that were applied for or granted within a period.

    `since`: the first date; `months` before `until` if not given.
    """
    current_sources = [
        current_source
        for current_source in map_database.read_sources(con)
        if current_source.is_current and current_source.layer == CONCESSIONS.name
    ]
    if source and source not in {current_source.source_id for current_source in current_sources}:
        raise AnswerError(
            N_("'{wanted}' is not a source of {layer}; the sources are: {known}"),
            layer=CONCESSIONS.name,
            wanted=source,
            known=", ".join(current_source.source_id for current_source in current_sources) or "-",
        )
    on_land, counted = overlaps.find_pairs(con, CONCESSIONS.name, COMMUNITIES.name)
    in_areas, _counts = overlaps.find_pairs(con, CONCESSIONS.name, PROTECTED_AREAS.name)
    left_out = counted[0].ids
    sources = tuple(
        current_source
        for current_source in current_sources
        if current_source.source_id not in counted[0].left_out and (not source or current_source.source_id == source)
    )
    dates = map_queries.read_dates(con, CONCESSIONS, tuple(ACTS.values()))
    is_meant = dates["source_id"].isin([current_source.source_id for current_source in sources]) & ~dates["id"].isin(
        left_out
    )
    dates = dates[is_meant]
    until = until or max((current_source.snapshot_on for current_source in sources), default=_NO_REGISTER)
    since = since or (pd.Timestamp(until) - pd.DateOffset(months=months) + pd.Timedelta(days=1)).date()
    acts = _filter_acts(dates, since, until)
    rows = map_database.read_layer(con, CONCESSIONS, where={"id": acts["id"].unique().tolist()})
    touched = pd.concat(
        [_list_lands(pairs, name) for name, pairs in ((COMMUNITIES.name, on_land), (PROTECTED_AREAS.name, in_areas))]
    )
    table = acts.merge(rows.drop(columns=[name for name in ("snapshot_on", "source_id") if name in rows]), on="id")
    for name in _LAND_LAYERS:
        names = touched[touched["layer"] == name].groupby("id")["land_name"].agg("; ".join)
        table[name] = table["id"].map(names).astype(object).fillna("")
    table = table.sort_values(["dated_on", "id", "act"], ascending=[False, True, True], ignore_index=True)
    shapes = gpd.GeoSeries(table["geometry"], crs=rows.crs)
    covered = read_coverage(con)
    verdicts = {name: covered.measure_shapes(name, shapes) for name in _LAND_LAYERS}
    for name, verdict in verdicts.items():
        table[f"{name}_data"] = label_shares(verdict)
    return DatedReport(
        since,
        until,
        pd.DataFrame(table[list(COLUMNS)]),
        shapes,
        len(dates),
        {act: int(dates[column].isna().sum()) for act, column in ACTS.items()},
        {act: int((pd.to_datetime(dates[column]) > pd.Timestamp(until)).sum()) for act, column in ACTS.items()},
        verdicts,
        sources,
        touched[["id", "layer", "land_id"]],
        tuple(land_source for land_source in covered.sources if land_source.layer in _LAND_LAYERS),
    )


def _filter_acts(dates: pd.DataFrame, since: dt.date, until: dt.date) -> pd.DataFrame:
    """Return one row for each act dated within a period: `id`, `act`, `dated_on`."""
    acts = [
        pd.DataFrame({"id": dates["id"], "act": act, "dated_on": pd.to_datetime(dates[column])})
        for act, column in ACTS.items()
    ]
    all_acts = pd.concat(acts, ignore_index=True)
    return all_acts[all_acts["dated_on"].between(pd.Timestamp(since), pd.Timestamp(until))]


def _list_lands(pairs: pd.DataFrame, layer: str) -> pd.DataFrame:
    """List which concession is on which land, slivers left out: `id`, `layer`, `land_id`, `land_name`."""
    without_slivers = pairs[pairs["certainty"] != SLIVER]
    names = without_slivers["right_name"].fillna(without_slivers["right_id"])
    return pd.DataFrame(
        {"id": without_slivers["left_id"], "layer": layer, "land_id": without_slivers["right_id"], "land_name": names}
    )
