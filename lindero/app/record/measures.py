"""Protection measures of the record by region: requested, granted, refused; gender-responsive, collective."""

import pandas as pd

from lindero.app.record.incidents import Record


def by_region(record: Record) -> pd.DataFrame:
    """
    Count protection measures by region, each beside what it is counted out of.

    Returns
    -------
    DataFrame
        One row per region (`region_code`, missing where the region is not known; `region`): `attacks` on record,
        `attacks_without` (with no measure on record), `requested` (all measures), `granted` (granted at any time, also
        those expired since), `refused`, `expired`, `unanswered` (neither granted nor refused on record),
        `gender_responsive` and `collective` (of those requested) and `gender_stated`, `collective_stated` (of how many
        it is said whether they are).
    """
    where = record.incidents.set_index("id")[["region_code", "region", "country"]]
    measures = record.protection_measures.join(where, on="incident_id").assign(granted=is_granted)
    keys = ["region_code", "region", "country"]
    counted = measures.assign(
        requested=1,
        refused=measures["status"] == "refused",
        expired=measures["status"] == "expired",
        unanswered=~measures["granted"] & (measures["status"] != "refused"),
        gender_stated=measures["gender_responsive"].notna(),
        collective_stated=measures["collective"].notna(),
        gender_responsive=measures["gender_responsive"].fillna(value=False).astype(bool),
        collective=measures["collective"].fillna(value=False).astype(bool),
    )
    sums = counted.groupby(keys, dropna=False)[[name for name in COUNTED if name != WITHOUT]].sum()
    attacks = record.attacks.assign(without=~record.attacks["id"].isin(measures["incident_id"]))
    of_attacks = attacks.groupby(keys, dropna=False).agg(attacks=("id", "size"), attacks_without=("without", "sum"))
    table = of_attacks.join(sums, how="outer").fillna(0).astype(int).reset_index()
    return table.sort_values(["attacks", "region"], ascending=[False, True], ignore_index=True)


WITHOUT = "attacks_without"  # of a count of attacks: without a measure on record
COUNTED = (
    WITHOUT,
    "requested",
    "granted",
    "refused",
    "expired",
    "unanswered",
    "gender_responsive",
    "gender_stated",
    "collective",
    "collective_stated",
)


def is_granted(measures: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which measures were ever granted: by their status, or by the day on which they were."""
    return measures["status"].isin(["granted", "expired"]) | measures["granted_on"].notna()
