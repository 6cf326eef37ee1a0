"""A KoBoToolbox export ("XML values and headers") of one form, as CSV and as XLSX with a sheet for its repeat group."""

import datetime as dt

import openpyxl
import pytest

from lindero.app.answers.record.incidents import read_record
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.sources import kobo
from tests.built import build
from tests.files import Files, text

OWN = ["_id", "_uuid", "_submission_time", "_submitted_by", "_index"]
EVENT = [
    "start", "event/title", "event/occurred_on", "event/region", "event/country", "event/location_precision",
    "event/visibility", "event/place", "_place_latitude", "_place_longitude", "_place_altitude", "_place_precision",
]  # fmt: skip
CHOICES = ["acts", "acts/killing", "acts/threat", "acts/stigmatisation"]
PEOPLE = ["people_attacked/count", "people_attacked/gender", "people_attacked/identity", "people_attacked/identity/indigenous",
          "people_attacked/identity/community_leader", "_index", "_parent_table_name", "_parent_index", "_submission__id", "_submission__uuid"]  # fmt: skip
ONE = [
    "2024-05-02",
    "Ataque en Mara",
    "2024-05-01",
    "Apurímac",
    "PE",
    "exact",
    "public_record",
    "-14.1 -72.1 0 0",
    "-14.1",
    "-72.1",
    "0",
    "0",
]
TWO = ["2024-06-02", "Amenaza", "2024-06-01", "Junín", "PE", "region", "public_record", "", "", "", "", ""]


def submissions(*, choices):
    """Rows of the first sheet; a multiple choice as one cell, as columns, or as both."""
    cells = {"one": ("killing threat", "1", "1", "0"), "two": ("stigmatisation", "0", "0", "1")}
    kept = {"summary": slice(0, 1), "details": slice(1, None), "both": slice(0, None)}[choices]
    own = {name: [str(i), f"uuid-{name}", "2024-07-01T00:00:00", "somebody", str(i)] for i, name in enumerate(cells, 1)}
    rows = [[*values, *cells[name][kept], *own[name]] for name, values in (("one", ONE), ("two", TWO))]
    return [[*EVENT, *CHOICES[kept], *OWN], *rows]


def people():
    rows = [["2", "woman", "indigenous community_leader", "1", "1", "1", "form", "1", "1", "uuid-one"],
            ["1", "man", "indigenous", "1", "0", "2", "form", "1", "1", "uuid-one"],
            ["3", "unknown", "", "", "", "3", "form", "2", "2", "uuid-two"]]  # fmt: skip
    return [PEOPLE, *rows]


def csv(rows):
    return "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows) + "\n"


def workbook(path):
    book = openpyxl.Workbook()
    book.active.title = "form"
    for sheet, rows in ((book.active, submissions(choices="both")), (book.create_sheet("people_attacked"), people())):
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def told_of(files):
    con = map_database.connect(build(files.space).path)
    told = read_record(con)
    con.close()
    return told


@pytest.mark.parametrize("choices", ["summary", "details", "both"])
def test_a_csv_gives_incidents_with_their_acts_however_multiple_choices_are_written(files, tmp_path, choices):
    files.add("incidents", text(tmp_path / "export.csv", csv(submissions(choices=choices))), id="kobo")
    told = told_of(files)

    assert told.attacks[["id", "title", "region_code", "location_precision"]].to_numpy().tolist() == [
        ["uuid-one", "Ataque en Mara", "PE-APU", "exact"],
        ["uuid-two", "Amenaza", "PE-JUN", "region"],
    ]
    assert told.attacks["types"].tolist() == [["killing", "threat"], ["stigmatisation"]]
    assert told.attacks["is_placed"].tolist() == [True, False]
    assert told.attacks[["xmin", "ymin"]].iloc[0].tolist() == [-72.1, -14.1]


def test_the_sheet_of_a_repeat_group_gives_several_groups_of_people_to_one_incident(files, tmp_path):
    path = workbook(tmp_path / "received" / "export.xlsx")
    files.add("incidents", path, id="kobo", sublayer="form")
    files.add("victims", path, id="kobo-people", sublayer="people_attacked")
    told = told_of(files)

    assert told.attacks["people"].tolist() == [3, 3]
    assert told.victims[["incident_id", "count", "gender"]].to_numpy().tolist() == [
        ["uuid-one", 2, "woman"], ["uuid-one", 1, "man"], ["uuid-two", 3, "unknown"]
    ]  # fmt: skip
    assert [sorted(codes) for codes in told.victims["identity"]][:2] == [
        ["community_leader", "indigenous"],
        ["indigenous"],
    ]


def test_who_submitted_is_nowhere_on_the_map(files, tmp_path):
    files.add("incidents", text(tmp_path / "export.csv", csv(submissions(choices="both"))), id="kobo")
    path = build(files.space).path

    assert b"somebody" not in path.read_bytes()


def test_a_table_that_is_no_export_stays_as_it_is():
    import pandas as pd

    rows = pd.DataFrame({"a/b": [1], "_uuid": ["x"]}, index=[1])
    received = ReceivedLayer("CSV", rows, None, None)

    assert kobo.simplify_export(received, LAYERS["incidents"]) is received


def test_adding_says_that_a_multiple_choice_gives_the_acts(tmp_path):
    from lindero.app.builder.add.plan import plan_source, plan_text
    from lindero.layers.workspace.source_options import SourceOptions

    files = Files(tmp_path / "space")
    path = text(tmp_path / "export.csv", csv(submissions(choices="both")))
    told = plan_text(
        plan_source(str(path), SourceOptions(layer="incidents", publisher="P"), files.space, today=dt.date(2026, 1, 1))
    )
    unused = next(line for line in told.splitlines() if "_submitted_by" in line)

    assert "_uuid" in unused
    assert "acts" not in unused
