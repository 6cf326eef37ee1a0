"""Proposals of incidents that two sources may both report, by date, place, act and words.

Incidents are never merged automatically. Only pairs from different sources and one country are compared. Both must be
attacks, or both conflicts. They are dated within `WINDOW_DAYS` (or within the year that the coarser date allows), and
not in two different regions. The score is a weighted mean of the facts that both records state. A fact that one of them
lacks does not count.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from lindero.layers.check.least_likeness import MIN_LIKENESS
from lindero.layers.model.identity import remove_date
from lindero.layers.reference.name_index import normalise_name

WINDOW_DAYS = 15
MIN_TEXT_LIKENESS = 0.8  # word similarity that counts as a reason; without two dates no pair is proposed below it
WEIGHTS = {"date": 0.4, "place": 0.25, "act": 0.2, "words": 0.15}
COARSE_DATE = 0.4  # score of two dates in the same year, if one is less precise than a day
_FINE = frozenset({"day"})
COLUMNS = ("left_id", "right_id", "score", "reasons")
_INCIDENT_COLUMNS = ["id", "source_id", "country", "region_code", "date_precision", "title", "place_text", "types"]


def propose_pairs(incidents: pd.DataFrame, *, least: float = MIN_LIKENESS) -> pd.DataFrame:
    """Propose pairs of incidents that may be the same.

    `incidents`: `id`, `source_id`, `country`, `region_code`, `occurred_on`, `date_precision`, `title`, `place_text`,
    `types` (list of acts). `least`: lowest score (0 to 1) to propose. Returns: `left_id`, `right_id`, `score`,
    `reasons` (list: same_day, near_day, date_agrees, same_region, same_act, alike_words), the likeliest first.
    """
    if incidents["source_id"].nunique() < 2:  # noqa: PLR2004  a source is not compared with itself
        return pd.DataFrame(columns=list(COLUMNS)).astype({"score": float})
    pairs = _candidate_pairs(incidents)
    scores = {
        "date": _score_dates(pairs),
        "place": _score_places(pairs),
        "act": _score_acts(pairs),
        "words": _score_words(pairs),
    }
    likeness = pd.DataFrame(scores, index=pairs.index)
    weights = likeness.notna() * pd.Series(WEIGHTS)
    total = (likeness.fillna(0) * pd.Series(WEIGHTS)).sum(axis=1) / weights.sum(axis=1).clip(lower=1e-9)
    is_comparable = likeness["date"].gt(0) | (likeness["date"].isna() & likeness["words"].ge(MIN_TEXT_LIKENESS))
    accepted = likeness[is_comparable & total.ge(least)]
    proposals = pd.DataFrame(
        {
            "left_id": pairs.loc[accepted.index, "id_low"],
            "right_id": pairs.loc[accepted.index, "id_high"],
            "score": total[accepted.index].round(3),
            "reasons": pd.Series(
                [_reasons(row) for row in accepted.to_dict("records")], index=accepted.index, dtype=object
            ),
        },
        columns=list(COLUMNS),
    )
    return proposals.sort_values(["score", "left_id", "right_id"], ascending=[False, True, True], ignore_index=True)


def map_merged_ids(ids: Iterable[str], same: Iterable[Iterable[str]]) -> pd.DataFrame:
    """Map incidents to the id that represents them, by the accepted groups.

    Returns: `incident_id`, `same_as`: the first known id of its group. Groups that share an id are joined.
    """
    id_by_key = {remove_date(name): name for name in ids}
    parents: dict[str, str] = {}
    for group in same:
        known_ids = [id_by_key[remove_date(name)] for name in group if remove_date(name) in id_by_key]
        roots = [_find_root(parents, name) for name in known_ids]
        parents.update({root: roots[0] for root in roots[1:] if root != roots[0]})
    rows = [(name, _find_root(parents, name)) for name in parents]
    return pd.DataFrame(sorted(rows), columns=["incident_id", "same_as"])


def _find_root(parents: dict[str, str], name: str) -> str:
    while name in parents:
        name = parents[name]
    return name


def _candidate_pairs(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of incidents from different sources that share a country, a kind and a year.

    Undated incidents are paired with those of the same region.
    """
    rows = incidents.reset_index(drop=True)
    date = pd.to_datetime(rows["occurred_on"])
    rows = rows[_INCIDENT_COLUMNS].assign(day=date, is_attack=rows["types"].map(len).gt(0))
    margin = pd.Timedelta(days=WINDOW_DAYS)
    blocks = pd.concat([(date - margin).dt.year.rename("block"), (date + margin).dt.year.rename("block")])
    undated = rows.loc[date.isna() & rows["region_code"].notna(), "region_code"].rename("block")
    all_of_region = rows.loc[rows["region_code"].notna(), "region_code"].rename("block")
    dated = _join_blocks(rows, blocks.dropna().astype(int), blocks.dropna().astype(int))
    undated_pairs = _join_blocks(rows, undated, all_of_region)
    pairs = pd.concat([dated, undated_pairs], ignore_index=True)
    swapped = pairs["id_left"].gt(pairs["id_right"])
    low = pairs["id_left"].where(~swapped, pairs["id_right"])
    high = pairs["id_right"].where(~swapped, pairs["id_left"])
    return pairs.assign(id_low=low, id_high=high).drop_duplicates(["id_low", "id_high"], ignore_index=True)


def _join_blocks(rows: pd.DataFrame, left: "pd.Series[int]", right: "pd.Series[int]") -> pd.DataFrame:
    sides = [rows.join(block, how="inner").dropna(subset=["country"]) for block in (left, right)]
    pairs = sides[0].merge(sides[1], on=["country", "is_attack", "block"], suffixes=("_left", "_right"))
    places = pairs["region_code_left"], pairs["region_code_right"]
    apart = places[0].notna() & places[1].notna() & (places[0] != places[1])
    return pairs[(pairs["source_id_left"] != pairs["source_id_right"]) & ~apart]


def _score_dates(pairs: pd.DataFrame) -> "pd.Series[float]":
    """Score how well two dates agree: NaN if one is missing, 0 if they cannot be the same date."""
    left, right = pairs["day_left"], pairs["day_right"]
    days = (left - right).dt.days.abs()
    fine = pairs["date_precision_left"].isin(_FINE) & pairs["date_precision_right"].isin(_FINE)
    near = (1 - 0.5 * days / WINDOW_DAYS).where(days.le(WINDOW_DAYS), 0.0)
    coarse = pd.Series(np.where(left.dt.year == right.dt.year, COARSE_DATE, 0.0), index=pairs.index)
    return near.where(fine, coarse).where(left.notna() & right.notna())


def _score_places(pairs: pd.DataFrame) -> "pd.Series[float]":
    both = pairs["region_code_left"].notna() & pairs["region_code_right"].notna()
    return both.astype(float).where(both)


def _score_acts(pairs: pd.DataFrame) -> npt.NDArray[np.float64]:
    shared = [
        float(bool(set(left) & set(right))) if left and right else np.nan
        for left, right in zip(pairs["types_left"], pairs["types_right"], strict=True)
    ]
    return np.array(shared, dtype=float)


def _score_words(pairs: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Score the similarity of titles and places as sets of words, 0 to 1."""
    texts = [
        [normalise_name(f"{title or ''} {place or ''}") for title, place in _title_and_place(pairs, side)]
        for side in ("left", "right")
    ]
    if pairs.empty:
        return np.array([], dtype=float)
    scores: npt.NDArray[np.float64] = process.cpdist(*texts, scorer=fuzz.token_set_ratio) / 100
    return scores.astype(float)


def _title_and_place(pairs: pd.DataFrame, side: str) -> Iterable[tuple[object, object]]:
    title, place = pairs[f"title_{side}"], pairs[f"place_text_{side}"]
    return zip(title.where(title.notna(), None), place.where(place.notna(), None), strict=True)


def _reasons(row: dict[object, float]) -> list[str]:
    date, words = row["date"], row["words"]
    reasons = {
        "same_day": date == 1,
        "near_day": COARSE_DATE < date < 1,
        "date_agrees": date == COARSE_DATE,
        "same_region": row["place"] == 1,
        "same_act": row["act"] == 1,
        "alike_words": words >= MIN_TEXT_LIKENESS,
    }
    return [reason for reason, holds in reasons.items() if holds]
