"""Rows that were refused stay on the map's conscience: by name, by hectares, near a place, and until somebody accepts."""

import pytest
from shapely import Polygon

from lindero.app.answers.coverage.source_report import report_text
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import map_layers, open_map
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import AnswerError
from lindero.layers.workspace import manifest_file, refused_rows
from tests.answered import at_page
from tests.app.answers.test_coverage import typed
from tests.built import build
from tests.files import collection, concessions, feature, square

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
    told = report_text(map_database.connect(build(crossed.space).path))

    assert "rejected: de Pui Pui (BP03), Cajamarca, 60,000 ha stated" in told
    assert "[lindero accept anp 1]" in told


def test_a_place_in_what_was_refused_is_told_so(crossed):
    build(crossed.space)
    open_map.use_folder(crossed.space.build_folder)

    assert "de Pui Pui" in map_layers.list_refused_nearby(Spot("", *INSIDE), within_km=1)[0]
    assert map_layers.list_refused_nearby(Spot("", -12.0, -77.0), within_km=10) == []


def test_what_is_accepted_is_kept_and_said_to_be_accepted(crossed):
    build(crossed.space)
    typed(["accept", "anp", "1", "--workspace", str(crossed.folder)])
    con = map_database.connect(build(manifest_file.load_workspace(crossed.folder)).path)

    assert refused_rows.read_refused_rows(con).empty
    assert map_database.count_rows(con)["protected_areas"] == 2
    assert "reading_accepted" in set(map_database.read_table(con, "repairs")["repair"])


def test_only_what_was_refused_can_be_accepted(crossed):
    con = map_database.connect(build(crossed.space).path)

    with pytest.raises(AnswerError, match="row 2 of source anp cannot be accepted: it was not rejected"):
        refused_rows.accept_rows(crossed.space, con, "anp", [2])


def test_of_persons_nothing_refused_is_kept_by_name(files):
    files.add("incidents", "code,title,visibility\n1,Secret,confidential\n2,Public,public_record\n")

    assert refused_rows.read_refused_rows(map_database.connect(build(files.space).path)).empty


@pytest.fixture
def operated(crossed, monkeypatch):
    """The map of that register, served to whom operates the workspace."""
    crossed.add("communities", concessions(1).drop(columns=["holder", "status"]).set_geometry([BOW.convex_hull]))
    crossed.add("concessions", concessions(1, granted_on="2020-01-01"))
    build(crossed.space)
    monkeypatch.setattr(open_map, "_operated_workspaces", [crossed.folder])
    return crossed


@pytest.mark.parametrize("view", ["near_me", "over_time", "community", "exposure"])
def test_what_was_refused_is_drawn_with_its_name_hectares_and_reason(operated, view):
    page = at_page(operated.space.build_folder, view)
    script = "".join(part.proto.json_args for part in page.get("component_instance"))

    assert "Rejected: press to see why" in script
    assert "de Pui Pui (BP03)" in script
    assert "60,000 ha stated" in script


def test_a_land_that_meets_what_was_refused_says_so(operated):
    page = at_page(operated.space.build_folder, "community")

    assert any("de Pui Pui" in box.value for box in page.warning)


@pytest.mark.parametrize("view", ["sources", "add_data"])
def test_an_operator_accepts_a_reading_by_a_press(operated, view):
    page = at_page(operated.space.build_folder, view)
    box = next(box for box in page.multiselect if "likely reading" in box.label)
    box.set_value(["anp/1"]).run()
    next(button for button in page.button if button.label.startswith("Accept: keep")).click().run()

    assert manifest_file.load_workspace(operated.folder).sources[0].accepted == [1]
    con = map_database.connect(builds.current_map(operated.space.build_folder))
    assert map_database.count_rows(con)["protected_areas"] == 2
    assert any("They are now on the map" in box.value for box in page.success)


def test_a_reader_who_does_not_operate_is_told_the_command_alone(crossed):
    build(crossed.space)
    page = at_page(crossed.space.build_folder, "sources")

    assert not page.multiselect
    assert any("lindero accept" in part.value for part in page.markdown)
