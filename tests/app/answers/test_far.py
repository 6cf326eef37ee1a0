"""Communities far from concessions: the measure, the three states, and each way to ask."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import lindero
from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.declared_answers import DECLARED
from lindero.app.answers.far import measure_nearest
from lindero.app.commands.index import program
from lindero.app.media.pages.current import open_map
from lindero.app.text import i18n
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import CRS
from lindero.layers.model.vocabularies import VOCABULARIES
from tests import app_page


class Everywhere(Coverage):
    """Data on concessions up to a longitude."""

    def measure_shapes(self, _layer, shapes):
        return pd.DataFrame({"share": np.where(shapes.bounds["maxx"] < self.east, 1.0, 0.0)}, index=shapes.index)


def states(*east_m, km=10.0, accuracy_m=50.0, covered_to=180.0):
    """The state of communities whose land begins so many metres east of a concession, at the equator."""
    degrees = np.array(east_m) / 111_319.49
    lands = gpd.GeoDataFrame(
        {
            "id": [str(at) for at in range(len(east_m))],
            "name": "",
            "type": "native",
            "source_id": "s",
            "boundary_accuracy_m": accuracy_m,
        },
        geometry=shapely.box(degrees, -0.01, degrees + 0.01, 0.01),
        crs=CRS,
    )
    title = gpd.GeoDataFrame(
        {"id": ["t"], "boundary_accuracy_m": [accuracy_m]}, geometry=[shapely.box(-0.01, -0.01, 0, 0.01)], crs=CRS
    )
    covered = Everywhere((), (), frozenset())
    object.__setattr__(covered, "east", covered_to)
    return measure_nearest(lands, title, covered, km=km).set_index("id")["state"].loc[lands["id"]].tolist()


def test_what_is_near_and_what_is_far_is_told_and_what_the_accuracy_leaves_open_is_not_known():
    assert states(-500, 0, 9_700, 9_950, 10_150, 10_300) == ["near", "near", "near", "not_known", "not_known", "far"]


def test_boundaries_of_low_accuracy_leave_more_open():
    assert states(9_700, 10_300, 11_500, accuracy_m=500.0) == ["not_known", "not_known", "far"]


def test_without_data_all_around_none_is_far():
    assert states(5_000, 20_000, 20_000, covered_to=0.2) == ["near", "not_known", "not_known"]


@pytest.fixture(scope="module")
def rows(demonstration):
    i18n.set_language("en")
    with lindero.open(demonstration[0]) as opened:
        return opened.ask("far", km=2)


def test_the_rows_are_those_that_plain_geopandas_finds(demonstration, rows):
    with lindero.open(demonstration[0]) as opened:
        lands, titles = (
            opened.read(name).to_crs("+proj=aeqd +lat_0=-8 +lon_0=-75") for name in ("communities", "concessions")
        )
    nearest_m = lands.set_index("id").geometry.apply(titles.distance).min(axis=1)

    assert len(rows) > 0
    assert set(rows["id"]) <= set(nearest_m[nearest_m > 1_900].index)
    assert set(nearest_m[nearest_m < 1_900].index).isdisjoint(rows["id"])


def test_the_command_and_the_library_have_the_same_rows(demonstration, rows):
    result = CliRunner().invoke(program, ["far", "--km", "2", "--workspace", str(demonstration[0]), "--format", "json"])
    answer = json.loads(result.stdout)

    assert [row["id"] for row in answer["rows"]] == rows["id"].tolist()
    assert answer["finding"] == rows.attrs["finding"]
    assert {row["type"] for row in answer["rows"]} <= set(VOCABULARIES["community_type"])  # codes, in any language
    assert answer["parameters"] == {"km": 2.0}
    assert f": {len(rows)} of " in answer["finding"][0]


def test_the_page_has_the_rows_of_the_default(demonstration):
    i18n.set_language("en")
    open_map.use_folder(demonstration[0] / "build")
    page = app_page.at_page("far", "en")

    assert not page.exception
    found = DECLARED["far"].ask(demonstration[1], {})
    assert any(found["finding"].finding in text.value for text in page.markdown)


def test_a_choice_out_of_bounds_or_unknown_is_refused(demonstration):
    with lindero.open(demonstration[0]) as opened:
        with pytest.raises(AnswerError, match="between"):
            opened.ask("far", km=0)
        with pytest.raises(AnswerError, match="no choice miles"):
            opened.ask("far", miles=3)
        with pytest.raises(AnswerError, match="there are: far"):
            opened.ask("fra")
