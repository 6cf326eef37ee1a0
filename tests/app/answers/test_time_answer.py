import datetime as dt

from lindero.app.answers.before_after import count_by_year, timing_report
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.time_answer import time_answer
from lindero.layers.database import map_database
from tests.built import build
from tests.files import concessions


def told(files, snapshot_on):
    rows = concessions(3, applied_on=["2024-05-01", "2025-05-01", "2026-02-01"])
    files.add("concessions", rows, snapshot_on=snapshot_on)
    con = map_database.connect(build(files.space).path)
    report = timing_report(con, draws=2)
    return time_answer(count_by_year(con), (2024, 2026), report, country="PE", covered=read_coverage(con), periods=())


def test_applications_by_year_are_called_those_still_in_the_register_and_not_all_on_record(files):
    answer = told(files, "2026-03-10")

    years = answer["years"]
    assert years.table.columns["applied"].label == "Applied for and still in the register"
    assert "do not show a rise" in years.finding
    assert answer["finding"].figures["Concessions applied for"].note == "still in the register"


def test_the_last_year_says_up_to_which_date_the_register_goes(files):
    assert told(files, "2026-03-10")["years"].table.rows["year"].tolist() == [
        "2026 (concessions to March 10, 2026)",
        "2025",
        "2024",
    ]


def test_a_year_that_the_register_covers_to_its_end_is_only_a_year(files):
    rows = concessions(1, applied_on="2026-02-01")
    files.add("concessions", rows, snapshot_on=dt.date(2026, 12, 31).isoformat())
    con = map_database.connect(build(files.space).path)
    counts = count_by_year(con)
    answer = time_answer(
        counts, (2026, 2026), timing_report(con, draws=2), country="PE", covered=read_coverage(con), periods=()
    )

    assert answer["years"].table.rows["year"].tolist() == ["2026"]
