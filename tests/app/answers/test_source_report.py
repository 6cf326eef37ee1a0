"""What is said of each source after a build."""

from lindero.app.answers.coverage import source_report
from lindero.layers.database import map_database
from tests.built import build
from tests.files import incidents


def test_a_row_of_which_there_is_no_more_to_say_is_told_by_its_number_alone(files):
    kept, private = "1,2020-13-45,Cajamarca,public_record,-78.5,-7.1", "2,2020-01-02,Cajamarca,publicc,-78.5,-7.1"
    files.add("incidents", incidents(kept, private))
    with map_database.connect(build(files.space).path) as con:
        told = source_report.report_text(con).splitlines()

    assert "    row 2" in told  # what was received in a row that is not on the map is withheld
    assert "    row 1, 2020-13-45" in told
    assert not any("nan" in line for line in told)
