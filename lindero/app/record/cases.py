"""
What became of cases: their last step, how long ago, how they ended; and impunity, never without what it is counted of.

Where an act is criminalisation the case is one against those who were attacked, and a conviction there is no justice
done: such cases are counted apart.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lindero.app.record.incidents import Record
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, ngettext, number

OUTCOMES = {"conviction": "conviction", "acquittal": "acquittal", "archived": "archived"}
OPEN, NOTHING_KNOWN = "open", "nothing_known"
ENDINGS = ("conviction", "acquittal", "archived", OPEN, NOTHING_KNOWN)
ENDED = ("known", "conviction", "acquittal", "archived", OPEN)
AGAINST_DEFENDERS = "criminalisation"


def cases(record: Record, *, today: dt.date) -> pd.DataFrame:
    """
    Say how the case of each attack stands.

    Returns
    -------
    DataFrame
        One row per attack: `id`, `steps` (how many), `last_step`, `last_on`, `days_since` (missing without a date),
        `outcome` (conviction, acquittal, archived, open, nothing_known: by its last step; an appeal reopens a case) and
        `against_defenders` (whether those attacked are the accused).
    """
    steps = record.case_steps.assign(at=range(len(record.case_steps)))
    last = steps.sort_values(["dated_on", "at"], na_position="first").groupby("incident_id").last()
    rows = record.attacks[["id", "types"]].reset_index(drop=True)
    counts = steps.groupby("incident_id").size()
    dated = steps.groupby("incident_id")["dated_on"].max().reindex(rows["id"])
    last_on = pd.Series(pd.to_datetime(dated.to_numpy()), index=rows.index)
    last_step = last["step"].reindex(rows["id"]).set_axis(rows.index)
    outcome = (
        last_step.map(OUTCOMES).where(last_step.isin(list(OUTCOMES)), OPEN).where(last_step.notna(), NOTHING_KNOWN)
    )
    return pd.DataFrame(
        {
            "id": rows["id"],
            "steps": rows["id"].map(counts).fillna(0).astype(int),
            "last_step": last_step,
            "last_on": last_on,
            "days_since": (pd.Timestamp(today) - last_on).dt.days.astype("Int64"),
            "outcome": outcome,
            "against_defenders": rows["types"].map(lambda types: AGAINST_DEFENDERS in types).astype(bool),
        }
    )


def impunity(record: Record, of_cases: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """
    Count how the cases of attacks ended, by region or by act; cases against defenders are left out.

    Parameters
    ----------
    of_cases
        As `cases` gives them.
    by
        `region` or `act`. An attack with two acts counts under both: rows by act do not add up to the attacks.

    Returns
    -------
    DataFrame
        `group` (a region's name, missing where it is not known, or the code of an act), by region `region_code` and
        `country`,
        `attacks`, `known` (with a step on record), and of these `conviction`, `acquittal`, `archived`, `open`; and
        `nothing_known`. Most attacks first.
    """
    kept = of_cases[~of_cases["against_defenders"]]
    rows = kept.merge(record.incidents[["id", "region", "region_code", "country", "types"]], on="id")
    if by == "act":
        rows = rows.explode("types").rename(columns={"types": "group"}).assign(region_code=None, country=None)
    else:
        rows = rows.assign(group=rows["region"].where(rows["region_code"].notna(), None))
    return _endings(rows, ["group", "region_code", "country"])


def against_defenders(of_cases: pd.DataFrame) -> Mapping[str, int]:
    """Count how the cases against defenders stand: by outcome, and `attacks` for all of them."""
    kept = of_cases[of_cases["against_defenders"]]
    return {"attacks": len(kept), **{ending: int((kept["outcome"] == ending).sum()) for ending in ENDINGS}}


def impunity_text(counts: Mapping[Any, Any], act: str) -> str:
    """Say a row of `impunity` by act as a sentence that names what each number is counted of."""
    on_record, unknown, convicted = (int(counts[name]) for name in ("known", NOTHING_KNOWN, "conviction"))
    if not on_record:
        text = ngettext(
            "Of {n} attack ({act}) nothing is known of a case.",
            "Of {n} attacks ({act}) nothing is known of a case.",
            unknown,
        )
        return text.format(n=number(unknown), act=word(act))
    of = ngettext(
        "Of {n} attack ({act}) with a case on record",
        "Of {n} attacks ({act}) with a case on record",
        on_record,
    ).format(n=number(on_record), act=word(act))
    ended = ngettext("{n} ended in a conviction", "{n} ended in convictions", convicted).format(n=number(convicted))
    rest = ngettext("of {n} nothing is known", "of {n} nothing is known", unknown).format(n=number(unknown))
    return _("{cases} {ended}; {unknown}.").format(cases=of, ended=ended, unknown=rest)


def _endings(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    flags = {ending: rows["outcome"] == ending for ending in ENDINGS}
    counted = (
        rows.assign(**flags)
        .groupby(keys, dropna=False)
        .agg(attacks=("id", "size"), **{ending: (ending, "sum") for ending in ENDINGS})
    )
    table = counted.reset_index()
    table["known"] = table["attacks"] - table[NOTHING_KNOWN]
    order = [*keys, "attacks", "known", *ENDINGS]
    return table.sort_values(["attacks", "group"], ascending=[False, True], ignore_index=True)[order]
