"""What a person is asked about a file before it is added, or is told where nobody can be asked."""

import geopandas as gpd
import pytest
import shapely
import typer

from lindero.layers.workspace.manifest_file import load_workspace
from tests.files import Files, concessions, geojson, incidents, text

SAID = ("--layer", "concessions", "--publisher", "P")


@pytest.fixture
def space(tmp_path):
    return Files(tmp_path / "space").space


@pytest.fixture
def run(typed, monkeypatch, space):
    monkeypatch.setenv("LINDERO_WORKSPACE", str(space.folder))
    return lambda *said: typed(*said, key=None)


@pytest.fixture
def answered(monkeypatch):
    """Let a person sit at the terminal who says yes, and list the questions."""
    asked = []
    monkeypatch.setattr("lindero.app.commands.workspace.add_flow.Consent.may_ask", True)
    monkeypatch.setattr(typer, "confirm", lambda question, **_: asked.append(question) or True)
    return asked


def broken():
    return concessions(3).assign(name=["LORETO NÂº 1", "Mara", "Mara"], holder=["PEÃ‘A", "Mara", "Mara"])


def test_broken_letters_are_told_and_left_where_nobody_can_be_asked(run, space, tmp_path):
    code, _, err = run("add", geojson(tmp_path / "a.geojson", broken()), *SAID)

    assert code == 0
    assert "1 row has broken letters" in err
    assert "broken letters (Ã‘ for Ñ): 1 (row 1)" in err  # of two columns
    assert "“LORETO NÂº 1” would become “LORETO Nº 1”" in err
    assert load_workspace(space.folder).sources[0].encoding == ""


def test_broken_letters_are_repaired_for_a_person_who_says_so(run, space, tmp_path, answered):
    assert run("add", geojson(tmp_path / "a.geojson", broken()), *SAID)[0] == 0
    assert "Repair the letters?" in answered
    assert load_workspace(space.folder).sources[0].encoding == "repair"


def far(count):
    """Concessions of which some are in another department."""
    rows = concessions(4)
    moved = [shapely.affinity.translate(shape, 5, -6) for shape in rows.geometry[:count]]
    return rows.set_geometry(gpd.GeoSeries([*moved, *rows.geometry[count:]], crs=rows.crs))


@pytest.mark.parametrize(("count", "coverage"), [(3, ""), (0, "PE-CAJ")])
def test_rows_outside_the_declared_coverage_are_asked_about(run, space, tmp_path, answered, count, coverage):
    code, _, err = run("add", geojson(tmp_path / "a.geojson", far(count)), *SAID, "--covers", "PE-CAJ")

    assert code == 0
    assert ("3 of 4 rows are outside the declared coverage (PE-CAJ)" in err) == bool(count)
    assert any("coverage" in question for question in answered) == bool(count)
    assert load_workspace(space.folder).sources[0].coverage == coverage


def test_rows_outside_the_declared_coverage_are_told_where_nobody_can_be_asked(run, space, tmp_path):
    code, _, err = run("add", geojson(tmp_path / "a.geojson", far(3)), *SAID, "--covers", "PE-CAJ")

    assert code == 0
    assert "3 of 4 rows are outside the declared coverage (PE-CAJ)" in err
    assert load_workspace(space.folder).sources[0].coverage == "PE-CAJ"


@pytest.mark.parametrize(
    ("ids", "code"),
    [(("ana-perez-quispe", "luis rojas"), 1), (("recUtOzGtsS32htcx", "C-2"), 0), (("caso-norte-1", "caso-norte-2"), 0)],
)
def test_ids_of_records_about_people_are_not_made_of_names(run, space, tmp_path, ids, code):
    rows = [f"{id_},2020-01-0{number},Mara,public_record,," for number, id_ in enumerate(ids, start=1)]
    header = "id,occurred_on,place_text,visibility,longitude,latitude"
    file = text(tmp_path / "a.csv", incidents(*rows, header=header))
    result = run("add", file, "--layer", "incidents", "--publisher", "P")

    assert result[0] == code, result
    assert ("made of words" in result[2]) == bool(code)
    assert len(load_workspace(space.folder).sources) == 1 - code


def test_many_rejections_are_asked_about_where_proposals_are_accepted_unseen(run, space, tmp_path):
    rows = concessions(4)
    file = geojson(tmp_path / "a.geojson", rows.set_geometry([None, None, *rows.geometry[2:]], crs=rows.crs))

    code, _, err = run("add", file, *SAID, "--accept")
    assert (code, "2 of 4 rows would be rejected" in err) == (1, True)
    assert load_workspace(space.folder).sources == ()
    assert run("add", file, *SAID, "--accept", "--yes")[0] == 0


def test_a_country_that_is_not_known_is_counted(run, tmp_path):
    rows = ["1,2020-01-01,DRC,public_record", "2,2020-01-02,Atlantis,public_record"]
    file = text(tmp_path / "a.csv", incidents(*rows, header="id,occurred_on,country,visibility"))
    _, _, err = run("add", file, "--layer", "incidents", "--publisher", "P")

    assert "a country that is not known; the row belongs to no country: 1 (row 2)" in err
    assert run("build")[0] == 0
    assert "Atlantis" in run("report")[1]
