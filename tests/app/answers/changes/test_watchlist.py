import pytest
import shapely

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.register_changes import change_reports
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import COMMUNITIES, PROTECTED_AREAS
from lindero.layers.reference import base_data
from tests.built import build
from tests.files import concessions


@pytest.fixture(scope="module")
def report(demonstration):
    return change_reports(demonstration[1], since="2025-01-01")[0]


def test_regions_come_first_and_every_area_has_a_key_of_its_own(demonstration):
    known = watchlist.list_watchable(demonstration[1])
    communities, areas = (
        len(map_database.read_layer(demonstration[1], layer)) for layer in (COMMUNITIES, PROTECTED_AREAS)
    )

    kinds = ["protected_area"] * areas + ["community"] * communities
    assert [each.kind for each in known.values()] == ["region"] * (len(known) - len(kinds)) + kinds
    assert known["region/PE-CAJ"].name == "Cajamarca"
    assert known["community/demo-communities/INV-COM-CUS-008"].id == "demo-communities/INV-COM-CUS-008"


def test_what_concerns_a_community_is_what_lies_on_its_land(demonstration, report):
    each = watchlist.list_watchable(demonstration[1])["community/demo-communities/INV-COM-CUS-008"]

    found = watchlist.is_watched_change(report, [each])

    pairs = map_database.read_overlaps(demonstration[1], "concessions", "communities", every_snapshot=True)
    on_land = pairs.loc[pairs["right_id"] == each.id, "left_id"]
    touching = report.rows["before_id"].isin(on_land) | report.rows["after_id"].isin(on_land)
    assert found.tolist() == touching.tolist()
    assert 0 < found.sum() < len(found)


def test_what_concerns_a_region_meets_it(demonstration, report):
    each = watchlist.list_watchable(demonstration[1])["region/PE-LOR"]
    ground = base_data.load_regions("PE").set_index("code").geometry["PE-LOR"]

    found = watchlist.is_watched_change(report, [each])

    assert found.tolist() == shapely.intersects(report.shapes.geometry.to_numpy(), ground).tolist()
    assert 0 < found.sum() < len(found)


def test_a_list_concerns_whatever_one_of_it_does(demonstration, report):
    known = watchlist.list_watchable(demonstration[1])
    both = [known["region/PE-CAJ"], known["community/demo-communities/INV-COM-CUS-008"]]

    apart = [watchlist.is_watched_change(report, [each]) for each in both]

    assert (watchlist.is_watched_change(report, both) == (apart[0] | apart[1])).all()
    assert not watchlist.is_watched_change(report, []).any()


def test_a_key_outlives_a_later_snapshot_of_the_communities(files):
    land = concessions(2).drop(columns=["holder", "status"])
    keys = []
    for day in ("2020-01-01", "2021-01-01"):
        files.add("communities", land, id="land", snapshot_on=day)
        keys.append(sorted(watchlist.list_watchable(map_database.connect(build(files.space).path))))

    assert keys[0] == keys[1]
    assert "community/land/C1" in keys[0]


def test_a_key_of_nothing_is_refused(demonstration):
    with pytest.raises(AnswerError, match="region/XX"):
        watchlist.find_watched_places(demonstration[1], ["region/XX"])


@pytest.mark.parametrize(
    ("key", "by"),
    [
        ("protected_area/demo-protected-areas/INV-ANP-08", lambda report: report.rows["protected_areas"] != ""),
        ("holder/MINERA EJEMPLO VERDE SAC", lambda report: report.rows["holder"] == "Minera Ejemplo Verde S.A.C."),
    ],
)
def test_what_concerns_a_protected_area_or_a_holder_is_on_its_ground_or_is_its(demonstration, report, key, by):
    (place,) = watchlist.find_watched_places(demonstration[1], [key])

    found = watchlist.is_watched_change(report, [place])

    assert 0 < found.sum() < len(found)
    if place.kind == "holder":
        assert found[by(report)].all()
    else:
        assert by(report)[found].all()
    assert watchlist.measure_reach(demonstration[1], report, [place]).is_covered


def test_an_own_polygon_is_watched_and_needs_no_name(demonstration, report):
    shape = report.shapes.geometry.iloc[0].buffer(0.001)

    (place,) = watchlist.find_watched_places(demonstration[1], ["polygon"], shape.wkt)

    found = watchlist.is_watched_change(report, [place])
    assert found[0]
    assert found.sum() < len(found)
    assert watchlist.measure_reach(demonstration[1], report, [place]).features == 1
