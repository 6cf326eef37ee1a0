"""OGC API Features as GDAL, OWSLib and a plain client read it."""

import doctest
import json
import warnings
from pathlib import Path
from urllib.parse import quote, urlencode

import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from owslib.ogcapi.features import Features
from shapely.geometry import shape

from lindero.app.serving.ogc.contents import COLLECTIONS
from lindero.app.serving.ogc.questions import PAGE_PARAMETERS
from lindero.geo.geometry.crs import LATITUDE_FIRST, WEB_MERCATOR
from lindero.layers.publish.rules import NOT_PUBLISHED
from tests import http_answer, small_map
from tests.amount import amount

DOCS = Path(__file__).parents[4] / "docs" / "ogc.md"
LAYERS = {"concessions", "communities", "protected_areas", "incidents"}
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
LATLON, MERCATOR = (f"{EPSG}{name.split(':')[1]}" for name in (LATITUDE_FIRST, WEB_MERCATOR))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace") / "build"
    small_map.publish(folder, text="Exact words")
    with small_map.serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace") / "build"
    small_map.publish_squares(folder, 7, side=0.01)
    with small_map.serving(folder) as found:
        yield found


def ask(address, path, **headers):
    answer = http_answer.ask(address.removeprefix("http://"), path, **{"Host": "localhost", **headers})
    return answer.status, answer.headers, json.loads(answer.body) if answer.body else None


def items(address, layer="concessions", **asked):
    named = {name.replace("_", "-"): value for name, value in asked.items()}
    status, headers, told = ask(address, f"/ogc/collections/{layer}/items?{urlencode(named)}")
    assert (status, headers["content-type"]) == (200, "application/geo+json"), told
    return told


def number(address, layer="concessions", **asked):
    return items(address, layer, **asked)["numberMatched"]


def refusal(address, **asked):
    named = {name.replace("_", "-"): value for name, value in asked.items()}
    status, _headers, told = ask(address, f"/ogc/collections/concessions/items?{urlencode(named)}")
    assert set(told) == {"code", "description"}
    return status


def read(address, **asked):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of GDAL, about what an empty field may have been
        return pyogrio.read_dataframe(f"OAPIF:{address}/ogc", **asked)


def test_gdal_reads_what_is_on_the_map(address):
    rows = read(address, layer="concessions")

    assert {name for name, _kind in pyogrio.list_layers(f"OAPIF:{address}/ogc")} == LAYERS
    assert rows[["id", "kind", "publisher"]].to_numpy().tolist() == [["concessions/1", "mining", "Exact words"]]
    assert rows.geometry.iloc[0].equals(small_map.SHAPES["concessions"])


def test_gdal_asks_by_column_and_by_place_page_by_page(squares):
    longitude, latitude = small_map.square_middle(3, side=0.01)
    around = (longitude - 0.001, latitude - 0.001, longitude + 0.001, latitude + 0.001)

    assert len(read(squares, layer="concessions", PAGE_SIZE="2")) == 7
    assert read(squares, layer="concessions", where="name = 'Square 5 of many'")["id"].tolist() == ["concessions/5"]
    assert read(squares, layer="concessions", bbox=around)["id"].tolist() == ["concessions/3"]


def test_owslib_reads_it(address):
    service = Features(f"{address}/ogc")

    assert set(service.feature_collections()) == LAYERS
    assert service.collection_items("communities", limit=1)["numberReturned"] == 1
    assert "kind" in service.collection_queryables("concessions")["properties"]


def test_the_example_of_the_docs_runs(address):
    told = doctest.DocTestParser().get_doctest(DOCS.read_text(encoding="utf-8"), {"address": address}, "ogc", None, 0)

    assert told.examples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not doctest.DocTestRunner().run(told).failed


@pytest.mark.parametrize("path", ["", "/", "/conformance", "/api", "/collections", "/collections/concessions"])
def test_every_document_is_there_and_points_to_what_is_there(address, path):
    status, headers, told = ask(address, f"/ogc{path}")

    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert {"host", "x-forwarded-proto"} <= {*headers["vary"].split(", ")}
    for link in told.get("links", []):
        assert ask(address, link["href"].replace("http://localhost", ""))[0] == 200


def test_the_description_refers_to_nothing_outside_itself(address):
    _status, headers, told = ask(address, "/ogc/api")
    text = json.dumps(told)

    assert headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert text.count('"$ref"') == text.count('"$ref": "#/')
    assert "/collections/incidents/items/{featureId}" in told["paths"]


def test_a_page_leads_to_the_next_and_the_one_before(squares):
    first = items(squares, limit=3)
    (following,) = [one["href"] for one in first["links"] if one["rel"] == "next"]
    second = ask(squares, following.removeprefix("http://localhost"))[2]
    last = items(squares, limit=3, offset=6)

    assert [one["id"] for one in first["features"] + second["features"]] == [f"concessions/{n}" for n in range(6)]
    assert {one["rel"] for one in second["links"]} >= {"next", "prev"}
    assert [one["id"] for one in last["features"]] == ["concessions/6"]
    assert "next" not in {one["rel"] for one in last["links"]}


def matched(address, asked):
    return ask(address, f"/ogc/collections/concessions/items?{urlencode(asked)}")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "mining"}, 1),
        ({"kind": "forestry"}, 0),
        ({"kind": "mining", "holder": "Exact words"}, 1),
        ({"granted_on": "2009-05-01"}, 1),
        ({"holder": "it's; DROP TABLE concessions; --"}, 0),
        ({"invented": "true"}, 0),
    ],
    ids=str,
)
def test_a_property_is_asked_for_by_its_value(address, asked, found):
    assert matched(address, asked)[2]["numberMatched"] == found


@pytest.mark.parametrize("asked", [{"area_ha": "much"}, {"granted_on": "yesterday"}, {"no_such": "1"}], ids=str)
def test_a_value_of_another_type_is_refused(address, asked):
    assert matched(address, asked)[0] == 400


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "kind = 'mining'"},
        {"bbox": "1,2,3"},
        {"bbox": "1,2,nan,4"},
        {"bbox": "1,2,inf,4", "bbox_crs": MERCATOR},
        {"crs": f"{EPSG}32718"},
        {"limit": "0"},
        {"limit": "many"},
        {"offset": "-1"},
        {"datetime": "soon"},
        {"datetime": ".."},
        {"datetime": "../.."},
        {"datetime": "2020-01-02/2020-01-01"},
        {"invented": "perhaps"},
        {"visibility": "confidential"},
        {"f": "html"},
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_with_why(address, asked):
    assert refusal(address, **asked) == 400


@pytest.mark.parametrize(
    ("crs", "west_south"), [(LATLON, (-10.0, -75.0)), (MERCATOR, (-8348961.8, -1118889.97))], ids=["latlon", "mercator"]
)
def test_positions_are_given_and_understood_in_the_system_asked_for(address, crs, west_south):
    _status, headers, _told = ask(address, f"/ogc/collections/concessions/items?crs={quote(crs)}")
    given_, around = items(address, crs=crs)["features"][0], ",".join(map(str, (*west_south, *west_south)))

    assert headers["content-crs"] == f"<{crs}>"
    assert shape(given_["geometry"]).bounds[:2] == pytest.approx(west_south, abs=0.01)
    assert number(address, bbox=around, bbox_crs=crs) == 1
    assert number(address, bbox="0,0,1,1", bbox_crs=crs) == 0


def test_a_box_may_go_over_the_edge_of_the_map(address):
    assert number(address, bbox="170,-20,-70,0") == 1
    assert number(address, bbox="170,-20,-100,0") == 0


@pytest.mark.parametrize(
    ("days", "found"),
    [("2009-05-01", 1), ("2009-05-01T10:00:00Z/..", 1), ("../2009-04-30", 0), ("2010-01-01/2011-01-01", 0)],
)
def test_what_is_dated_is_found_by_its_day(address, days, found):
    assert number(address, datetime=days) == found
    assert number(address, "protected_areas", datetime=days) == 1, "what has no date lies in no time or in any"


def test_an_incident_is_shown_as_the_area_that_is_known(address):
    (told,) = items(address, "incidents")["features"]
    area = shape(told["geometry"])

    assert area.geom_type == "Polygon"
    assert area.area == pytest.approx(0.01)
    assert area.covers(small_map.SHAPES["incidents"])
    assert "incidents/1" not in json.dumps(told)
    assert told["properties"]["place_text"] is None
    one = ask(address, f"/ogc/collections/incidents/items/{told['id']}")[2]
    assert one["properties"] == told["properties"]


def test_nothing_is_offered_that_is_not_published():
    for name, one in COLLECTIONS.items():
        assert not set(one.columns) & {*NOT_PUBLISHED.get(name, ()), "source_id", "row_number", "visibility"}
        assert not any(column.endswith("_received") for column in one.columns)
    assert not {"acts", "victims", "case_steps", "protection_measures"} & set(COLLECTIONS)


@pytest.mark.parametrize("path", ["/ogc/collections/victims/items", "/ogc/collections/concessions/items/none"])
def test_what_is_not_there_is_not_found(address, path):
    assert ask(address, path)[0] == 404


def test_other_names_and_pages_of_elsewhere_are_refused(address):
    path = "/ogc/collections/concessions/items"

    assert ask(address, path, Host="attacker.example")[0] == 400
    assert ask(address, path, Origin="https://attacker.example")[0] == 403


def test_links_are_of_tls_where_a_web_server_in_front_speaks_it(address):
    told = ask(address, "/ogc", **{"X-Forwarded-Proto": "https"})[2]

    assert all(link["href"].startswith("https://localhost/ogc") for link in told["links"])


def test_a_workspace_without_a_map_says_so(tmp_path):
    with small_map.serving(tmp_path) as found:
        assert ask(found, "/ogc/collections")[0] == 503


@settings(max_examples=amount(20, 80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.dictionaries(
        st.sampled_from([*PAGE_PARAMETERS, *COLLECTIONS["concessions"].columns]), st.text(max_size=40), max_size=4
    )
)
def test_no_question_makes_the_server_fail(address, asked):
    query = urlencode({name: value.encode("utf-8", "replace") for name, value in asked.items()})

    assert ask(address, f"/ogc/collections/concessions/items?{query}")[0] in {200, 400}
