"""Rows that were refused stay on the map's conscience: by name, by hectares, near a place, and until somebody accepts."""

import pytest
from shapely import Polygon

from lindero.app.current import map_layers, open_map
from lindero.app.pipeline.build import build
from lindero.app.pipeline.source_report import written
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.workspace import manifest_file, refused_rows
from tests.app.answers.test_coverage import typed
from tests.files import collection, feature, square

BOW = Polygon([(-78.5, -7.0), (-78.4, -6.9), (-78.4, -7.0), (-78.5, -6.92)])  # crosses itself: two unequal halves
INSIDE = -6.98, -78.41


@pytest.fixture
def crossed(files, tmp_path):
    """A register of protected areas of which one boundary crosses itself."""
    rows = [
        feature({"anp_codi": "BP03", "anp_nomb": "de Pui Pui", "anp_cate": "BP", "anp_suleg": 60_000.0}, BOW),
        feature({"anp_codi": "BP04", "anp_nomb": "Otro", "anp_cate": "BP", "anp_suleg": 120.0}, square(30)),
    ]
    path = tmp_path / "anp.geojson"
    path.write_text(collection(rows), encoding="utf-8")
    files.add("protected_areas", path, mapping="sernanp_national", id="anp")
    return files


def test_the_report_names_what_was_refused_with_its_hectares(crossed):
    told = written(map_database.connect(build(crossed.space).path))

    assert "refused: de Pui Pui (BP03), 60,000 ha stated" in told
    assert "[lindero accept anp 1]" in told


def test_a_place_in_what_was_refused_is_told_so(crossed):
    build(crossed.space)
    open_map.use(crossed.space.build_folder)

    assert "de Pui Pui" in map_layers.refused_near(*INSIDE, within_km=1)[0]
    assert map_layers.refused_near(-12.0, -77.0, within_km=10) == []


def test_what_is_accepted_is_kept_and_said_to_be_accepted(crossed):
    build(crossed.space)
    typed(["accept", "anp", "1", "--workspace", str(crossed.folder)])
    con = map_database.connect(build(manifest_file.load(crossed.folder)).path)

    assert refused_rows.read(con).empty
    assert map_database.counts(con)["protected_areas"] == 2
    assert "reading_accepted" in set(map_database.read_table(con, "repairs")["repair"])


def test_only_what_was_refused_can_be_accepted(crossed):
    con = map_database.connect(build(crossed.space).path)

    with pytest.raises(AnswerError, match="no row 2 was refused"):
        refused_rows.accept(crossed.space, con, "anp", [2])


def test_of_persons_nothing_refused_is_kept_by_name(files):
    files.add("incidents", "code,title,visibility\n1,Secret,confidential\n2,Public,public_record\n")

    assert refused_rows.read(map_database.connect(build(files.space).path)).empty
