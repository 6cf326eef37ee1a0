"""What rankings share: weights as they are written, what tells nothing, and who is not ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.app.text.i18n import _
from lindero.geo.stats.ranking import Dull, dull, ranking
from lindero.layers.errors import N_, AnswerError

NAMED = 5  # of those that are not ranked


def weights_in(texts: Sequence[str], usual: Mapping[str, float]) -> dict[str, float]:
    """
    Read weights written `COLUMN=NUMBER`; the usual ones if there are none.

    Raises
    ------
    AnswerError
        If a text is not of that form.
    """
    try:
        read = {name: float(value) for name, _sign, value in (text.partition("=") for text in texts)}
    except ValueError as error:
        raise AnswerError(N_("weights are written COLUMN=NUMBER: {texts}"), texts=", ".join(texts)) from error
    return read or dict(usual)


def typed_weights(weights: Mapping[str, float]) -> list[str]:
    """Give weights as a command takes them."""
    return [part for name, weight in weights.items() for part in ("--weight", f"{name}={weight:g}")]


def telling(
    table: pd.DataFrame, weights: Mapping[str, float], usual: Mapping[str, float]
) -> tuple[Mapping[str, float], Mapping[str, Dull]]:
    """Leave out of the usual weights what tells nothing of the rows; weights of the reader's own stay."""
    if dict(weights) != dict(usual):
        return weights, {}
    found = dull(table, list(weights))
    kept = {name: weight for name, weight in weights.items() if name not in found}
    if kept:
        return kept, found
    weighed = {name: weight for name, weight in weights.items() if found[name] is not Dull.UNKNOWN}
    return (weighed, {name: found[name] for name in weights if name not in weighed}) if weighed else (weights, {})


@dataclass(frozen=True)
class Ranked:
    """`ranks` as `geo.stats.ranking` gives them, by `id`; the `weights` that took part; `unmeasured` miss one."""

    ranks: pd.DataFrame
    weights: Mapping[str, float]
    left: Mapping[str, Dull]
    unmeasured: pd.Index


def rank(
    table: pd.DataFrame, weights: Mapping[str, float], usual: Mapping[str, float], *, draws: int, seed: int
) -> Ranked:
    """Rank the rows of a table of indicators by what tells something; what misses one of these is not ranked."""
    weights, left = telling(table, weights, usual)
    missing = table.reindex(columns=list(weights)).isna().any(axis=1).to_numpy()
    ranks = ranking(table[~missing], weights, draws=draws, seed=seed).set_index("id")
    return Ranked(ranks, weights, left, table.index[missing])


def left_out(left: Mapping[str, Dull], labels: Mapping[str, str]) -> str:
    """Say what was left out of the usual weights, and why; empty if nothing was. `labels` are not yet translated."""
    why = {
        Dull.CONSTANT: _("the same for all"),
        Dull.COPY: _("in the same order as another"),
        Dull.UNKNOWN: _("known of fewer than nine in ten"),
    }
    reasons = [f"{_(labels[name])} ({why[reason]})" for name, reason in left.items()]
    return (
        _("Left out of the weights, for it tells nothing here: {what}.").format(what=", ".join(reasons))
        if reasons
        else ""
    )


def names(rows: pd.DataFrame) -> str:
    """Name the first few rows by `name`, else `id`."""
    every = list(rows["name"].fillna(rows["id"]))
    return ", ".join([*every[:NAMED], *(["…"] if len(every) > NAMED else [])])
