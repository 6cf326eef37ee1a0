"""Outcomes of court cases: last step, time since then, and rates of impunity with their denominators.

If the act is criminalisation, the case is against the people who were attacked, and a conviction is not justice. Such
cases are counted separately.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.record.incidents import Record
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number, ngettext

OUTCOMES = {"conviction": "conviction", "acquittal": "acquittal", "archived": "archived"}
OPEN, NOTHING_KNOWN = "open", "nothing_known"
ENDINGS = ("conviction", "acquittal", "archived", OPEN, NOTHING_KNOWN)
OUTCOME_COLUMNS = ("known", "conviction", "acquittal", "archived", OPEN)
AGAINST_DEFENDERS = "criminalisation"


def summarize_cases(record: Record, *, today: dt.date) -> pd.DataFrame:
    """Summarize the case of each attack.

    Returns: one row per attack: `id`, `steps` (their number), `last_step`, `last_on`, `days_since` (missing without a
    date), `outcome` (conviction, acquittal, archived, open or nothing_known, by the last step; an appeal reopens a
    case) and `against_defenders` (whether the people attacked are the accused).
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


def count_case_outcomes(record: Record, case_table: pd.DataFrame, *, group_by: str) -> pd.DataFrame:
    """Count the outcomes of the cases of attacks, by region or by act. Cases against defenders are left out.

    `case_table`: the result of `summarize_cases`. `group_by`: `region` or `act`. An attack with two acts is counted
    under both, so the rows by act do not add up to the attacks. Returns: `group` (the name of a region, missing if
    unknown, or the code of an act), by region also `region_code` and `country`, `attacks`, `known` (attacks with a
    recorded step), of these `conviction`, `acquittal`, `archived` and `open`, and `nothing_known`. Most attacks first.
    """
    included = case_table[~case_table["against_defenders"]]
    rows = included.merge(record.incidents[["id", "region", "region_code", "country", "types"]], on="id")
    if group_by == "act":
        rows = rows.explode("types").rename(columns={"types": "group"}).assign(region_code=None, country=None)
    else:
        rows = rows.assign(group=rows["region"].where(rows["region_code"].notna(), None))
    return _count_endings(rows, ["group", "region_code", "country"])


def count_cases_against_defenders(case_table: pd.DataFrame) -> Mapping[str, int]:
    """Count the cases against defenders by outcome; `attacks` is their total."""
    selected = case_table[case_table["against_defenders"]]
    return {"attacks": len(selected), **{ending: int((selected["outcome"] == ending).sum()) for ending in ENDINGS}}


def impunity_text(counts: Mapping[Any, Any], act: str) -> str:
    """Format a row of `count_case_outcomes` by act as a sentence that states the denominator of each number."""
    on_record, unknown, convicted = (int(counts[name]) for name in ("known", NOTHING_KNOWN, "conviction"))
    if not on_record:
        text = ngettext(
            "{n} attack ({act}) has no recorded court case.",
            "{n} attacks ({act}) have no recorded court case.",
            unknown,
        )
        return text.format(n=format_number(unknown), act=translate_code(act))
    case_text = ngettext(
        "Of {n} attack ({act}) with a recorded court case",
        "Of {n} attacks ({act}) with a recorded court case",
        on_record,
    ).format(n=format_number(on_record), act=translate_code(act))
    ended = ngettext("{n} ended in a conviction", "{n} ended in a conviction", convicted).format(
        n=format_number(convicted)
    )
    rest = ngettext("{n} more has no recorded case", "{n} more have no recorded case", unknown).format(
        n=format_number(unknown)
    )
    return _("{cases}, {ended}; {unknown}.").format(cases=case_text, ended=ended, unknown=rest)


def _count_endings(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    flags = {ending: rows["outcome"] == ending for ending in ENDINGS}
    counts = (
        rows.assign(**flags)
        .groupby(keys, dropna=False)
        .agg(attacks=("id", "size"), **{ending: (ending, "sum") for ending in ENDINGS})
    )
    table = counts.reset_index()
    table["known"] = table["attacks"] - table[NOTHING_KNOWN]
    order = [*keys, "attacks", "known", *ENDINGS]
    return table.sort_values(["attacks", "group"], ascending=[False, True], ignore_index=True)[order]
