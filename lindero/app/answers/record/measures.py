"""Protection measures by region: requested, granted, refused, gender-responsive, collective."""

import pandas as pd

from lindero.app.answers.record.incidents import Record


def count_by_region(record: Record) -> pd.DataFrame:
    """Count protection measures by region, each with its denominator.

    Returns: one row per region (`region_code`, missing if the region is unknown; `region`): `attacks` on record,
    `attacks_without` (without a recorded measure), `requested` (all measures), `granted` (granted at any time,
    including those that have expired), `refused`, `expired`, `unanswered` (neither granted nor refused on record),
    `gender_responsive` and `collective` (of those requested), and `gender_stated` and `collective_stated` (measures for
    which it is stated).
    """
    regions = record.incidents.set_index("id")[["region_code", "region", "country"]]
    measures = record.protection_measures.join(regions, on="incident_id").assign(granted=is_granted)
    keys = ["region_code", "region", "country"]
    flags = measures.assign(
        requested=1,
        refused=measures["status"] == "refused",
        expired=measures["status"] == "expired",
        unanswered=~measures["granted"] & (measures["status"] != "refused"),
        gender_stated=measures["gender_responsive"].notna(),
        collective_stated=measures["collective"].notna(),
        gender_responsive=measures["gender_responsive"].fillna(value=False).astype(bool),
        collective=measures["collective"].fillna(value=False).astype(bool),
    )
    sums = flags.groupby(keys, dropna=False)[[name for name in COUNT_COLUMNS if name != ATTACKS_WITHOUT_MEASURE]].sum()
    attacks = record.attacks.assign(without=~record.attacks["id"].isin(measures["incident_id"]))
    attack_counts = attacks.groupby(keys, dropna=False).agg(attacks=("id", "size"), attacks_without=("without", "sum"))
    table = attack_counts.join(sums, how="outer").fillna(0).astype(int).reset_index()
    return table.sort_values(["attacks", "region"], ascending=[False, True], ignore_index=True)


ATTACKS_WITHOUT_MEASURE = "attacks_without"  # attacks without a measure on record
COUNT_COLUMNS = (
    ATTACKS_WITHOUT_MEASURE,
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
    """Return a mask of the measures that were ever granted, by their status or the date of granting."""
    return measures["status"].isin(["granted", "expired"]) | measures["granted_on"].notna()
