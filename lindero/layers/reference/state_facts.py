"""Facts about states in the country packs, a row each with its source: population, protections, rules of consultation.

They are read when they are needed, like commitments, so a corrected fact appears in every map without a new build.
"""

from functools import cache
from typing import Any

import pandas as pd

from lindero.layers.reference import packs

ASKED, NOT_ASKED, CONTESTED = "asked", "not_asked", "contested"


def load_population() -> pd.DataFrame:
    """Load the census population of regions by code (ISO 3166-2). Regions without data are missing.

    Returns: by `region`: `population`, `counted_on` (date of the census), `publisher`, `title`, `source_url`,
    `verified` (`yes`: read at the address; `sum`: checked against the country's total, which the address states).
    """
    return _read_population().copy()


def load_protections(jurisdiction: str) -> pd.DataFrame:
    """Load the protections of land defenders by binding instruments, with whom to call, in the order of the file.

    `jurisdiction`: ISO 3166-1 alpha-2 code of a state. There are no rows if nothing is known about it. Returns:
    `instrument`, `article`, `gives` (the protection, in English), `office` and `telephone` (whom to call),
    `telephone_source` (the page with the telephone number if it is not `source_url`; it has no date), `source_url`,
    `stated_on` and `date_precision` (date of the source; it has not been checked since), `verified` (`yes`: read at the
    address; `copy`: read in a copy of the publication, the address is its publisher's). Unknown values are missing.
    """
    return _filter_state(_read_facts("protections.csv"), jurisdiction)


def load_consultation_rules(jurisdiction: str | None = None) -> pd.DataFrame:
    """Load a state's rules on which acts need consultation, in the order of the file; no rows if nothing is known.

    A rule states what must be consulted, never that a consultation was held, owed or breached.

    Returns: `kind` (of concession) and `stage` (of the act), both empty for rules on any act; `says` (asked,
    not_asked), `instrument`, `authority` (who consults), `note` (in English), `source_url`, `stated_on` and
    `date_precision` (date of the source), `verified`. Unknown values are missing. Without a state, the rules of all
    states are returned, with their `jurisdiction`.
    """
    rules = _read_facts("consultation_rules.csv")
    return rules if jurisdiction is None else _filter_state(rules, jurisdiction)


def load_information_laws(jurisdiction: str) -> pd.DataFrame:
    """Load the laws by which people ask a state for information, and the authority to ask; no rows if nothing is known.

    `jurisdiction`: ISO 3166-1 alpha-2 code of a state. Returns: `law`, `authority`, `days` (to answer, text), `note`
    (in English), `source_url`, `stated_on` and `date_precision` (date of the source), `verified`. Unknown values are
    missing.
    """
    return _filter_state(_read_facts("information.csv"), jurisdiction)


def combine_rules(rules: pd.DataFrame) -> pd.DataFrame:
    """Combine the rules on each kind and stage: `asked`, `not_asked`, or `contested` if they differ.

    Returns: `kind`, `stage`, `rule`, in the order of the file.
    """
    act_rules = rules[rules["kind"].notna() & rules["stage"].notna()]
    answers_by_act: dict[tuple[str, str], set[str]] = {}
    for kind, stage, answer in zip(act_rules["kind"], act_rules["stage"], act_rules["says"], strict=True):
        answers_by_act.setdefault((kind, stage), set()).add(answer)
    rows = [(*act, *(answer if len(answer) == 1 else (CONTESTED,))) for act, answer in answers_by_act.items()]
    return pd.DataFrame(rows, columns=["kind", "stage", "rule"], dtype="str")


def _filter_state(rows: pd.DataFrame, jurisdiction: str) -> pd.DataFrame:
    return rows[rows["jurisdiction"] == jurisdiction].drop(columns="jurisdiction").reset_index(drop=True)


@cache
def _read_population() -> pd.DataFrame:
    rows = _read_files("population.csv", parse_dates=["counted_on"], keep_default_na=False)
    return rows.set_index("region")


@cache
def _read_facts(file: str) -> pd.DataFrame:
    rows = _read_files(file, dtype=str, na_values=[""], keep_default_na=False)
    return rows.assign(stated_on=pd.to_datetime(rows["stated_on"]))


def _read_files(name: str, **options: Any) -> pd.DataFrame:
    """Read the files of one name of all packs as one table."""
    tables: list[pd.DataFrame] = [pd.read_csv(path, **options) for path in packs.find_files(name).values()]
    return pd.concat(tables, ignore_index=True)
