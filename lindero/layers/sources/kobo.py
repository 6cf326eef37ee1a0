"""Exports of KoBoToolbox ("XML values and headers") as CSV or XLSX: one row per submission, one sheet per repeat group.

A form with questions named like Lindero's columns needs no mapping. Additions of the export are undone here: groups
before a question's name (`event/occurred_on`), the columns of a multiple choice (`acts/threat` with 1 and 0, or one
cell with spaces), and the columns of a place (`_gps_latitude`). A submission is identified by its `_uuid`. Rows of a
repeat group refer to it by `_submission__uuid`, and become acts, people attacked or steps of that incident.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE

SUBMISSION, OF_SUBMISSION = "_uuid", "_submission__uuid"
ACTS = "acts"  # a multiple-choice question on act types in the form of an incident
_MARKS = frozenset({"_submission_time", "_index"}), frozenset({"_parent_table_name", "_parent_index"})
_GROUP = "/"
_PLACE = re.compile(r"^_.+_(latitude|longitude)$")
_TRUE_TEXTS = frozenset({"1", "1.0", "true", "yes"})


def is_export(fields: Iterable[str]) -> bool:
    """Return whether the fields of a table are those of a sheet of an export."""
    present = set(fields)
    return any(marks <= present for marks in _MARKS) and bool({SUBMISSION, OF_SUBMISSION} & present)


def simplify_export(received: ReceivedLayer, layer: Layer) -> ReceivedLayer:
    """Rename the columns of an export sheet to its question names, as in a table made by hand. Other files stay.

    Metadata columns of KoBoToolbox are kept but not mapped, because Lindero does not record who submitted a form.

    Returns: the same rows and index. Codes of a multiple choice are joined by `;`. `_uuid` becomes `id`. In layers with
    `incident_id`, `_submission__uuid` becomes `incident_id` instead.
    """
    rows = received.rows
    if not is_export(map(str, rows.columns)):
        return received
    layer_columns = {column.name: column for column in layer.own_columns}
    columns_by_name: dict[str, pd.Series] = {}
    several = {name for name, column in layer_columns.items() if column.several} | {ACTS}
    for field in map(str, rows.columns):
        *_groups, last = field.split(_GROUP)
        question = _groups[-1] if _groups and _groups[-1] in several else last
        if question in several and question != last:
            continue  # one option of a multiple choice, which is handled below
        if place := _PLACE.match(last):
            columns_by_name.setdefault(LATITUDE if place[1] == "latitude" else LONGITUDE, rows[field])
        elif question in several:
            columns_by_name[question] = rows[field].map(_join_codes)
        else:
            columns_by_name.setdefault(question, rows[field])
    for question in several:
        if question not in columns_by_name and (choices := _choice_columns(rows, question)):
            columns_by_name[question] = pd.Series(
                [_join_choices(row, choices) for row in rows.to_dict("records")], index=rows.index
            )
    if layer.has_incident_id and OF_SUBMISSION in rows:
        columns_by_name["incident_id"] = rows[OF_SUBMISSION]
    elif SUBMISSION in rows:
        columns_by_name["id"] = rows[SUBMISSION]
    return replace(received, rows=pd.DataFrame(columns_by_name, index=rows.index, dtype=object))


def _choice_columns(rows: pd.DataFrame, question: str) -> dict[str, str]:
    """Return the columns of a multiple-choice question by the code of each choice."""
    parts = {str(field): str(field).split(_GROUP) for field in rows.columns}
    return {path[-1]: field for field, path in parts.items() if len(path) > 1 and path[-2] == question}


def _join_choices(row: dict[object, object], choices: dict[str, str]) -> str | None:
    codes = [code for code, field in choices.items() if str(row[field]).strip().casefold() in _TRUE_TEXTS]
    return ";".join(codes) or None


def _join_codes(value: object) -> object:
    return value if is_missing(value) else ";".join(str(value).replace(";", " ").split())
