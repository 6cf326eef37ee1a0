"""
Exports of KoBoToolbox ("XML values and headers"), CSV or XLSX: a row per submission, a sheet per repeat group.

A form whose questions are named as Lindero's columns needs no mapping. What an export adds is undone here: the groups
before a question's name (`event/occurred_on`), the columns of a multiple choice (`acts/threat` with 1 and 0, or one
cell with spaces), the columns of a place (`_gps_latitude`). A submission is known by its `_uuid`; rows of a repeat
group refer to it by `_submission__uuid`, and so become acts, people attacked or steps of that incident.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing
from lindero.layers.read.reader import Received
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE

SUBMISSION, OF_SUBMISSION = "_uuid", "_submission__uuid"
ACTS = "acts"  # a multiple choice of act types in the form of an incident
_MARKS = frozenset({"_submission_time", "_index"}), frozenset({"_parent_table_name", "_parent_index"})
_GROUP = "/"
_PLACE = re.compile(r"^_.+_(latitude|longitude)$")
_CHOSEN = frozenset({"1", "1.0", "true", "yes"})


def is_export(fields: Iterable[str]) -> bool:
    """Tell by its fields whether a table is a sheet of an export."""
    present = set(fields)
    return any(marks <= present for marks in _MARKS) and bool({SUBMISSION, OF_SUBMISSION} & present)


def plain(received: Received, layer: Layer) -> Received:
    """
    Give a sheet of an export the names of its questions, as a table made by hand has them; other files stay as is.

    The columns that KoBoToolbox itself adds stay too, unmapped: who submitted is nobody's business here.
    """
    rows = received.rows
    if not is_export(map(str, rows.columns)):
        return received
    columns = {column.name: column for column in layer.own}
    taken: dict[str, pd.Series] = {}
    several = {name for name, column in columns.items() if column.several} | {ACTS}
    for field in map(str, rows.columns):
        *_groups, last = field.split(_GROUP)
        question = _groups[-1] if _groups and _groups[-1] in several else last
        if question in several and question != last:
            continue  # one choice of a multiple choice: below
        if place := _PLACE.match(last):
            taken.setdefault(LATITUDE if place[1] == "latitude" else LONGITUDE, rows[field])
        elif question in several:
            taken[question] = rows[field].map(_listed)
        else:
            taken.setdefault(question, rows[field])
    for question in several:
        if question not in taken and (choices := _choices(rows, question)):
            taken[question] = pd.Series([_chosen(row, choices) for row in rows.to_dict("records")], index=rows.index)
    if layer.of_incidents and OF_SUBMISSION in rows:
        taken["incident_id"] = rows[OF_SUBMISSION]
    elif SUBMISSION in rows:
        taken["id"] = rows[SUBMISSION]
    return replace(received, rows=pd.DataFrame(taken, index=rows.index, dtype=object))


def _choices(rows: pd.DataFrame, question: str) -> dict[str, str]:
    """Give the columns of a multiple choice, by the code of each choice."""
    parts = {str(field): str(field).split(_GROUP) for field in rows.columns}
    return {split[-1]: field for field, split in parts.items() if len(split) > 1 and split[-2] == question}


def _chosen(row: dict[object, object], choices: dict[str, str]) -> str | None:
    codes = [code for code, field in choices.items() if str(row[field]).strip().casefold() in _CHOSEN]
    return ";".join(codes) or None


def _listed(value: object) -> object:
    return value if is_missing(value) else ";".join(str(value).replace(";", " ").split())
