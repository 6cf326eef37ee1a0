"""Layers of ArcGIS servers arrive whole, or not at all."""

import json
import random

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.polygon import orient

from lindero.layers.errors import NotWholeError, ServiceError
from lindero.layers.services.connection.download import download_layer, unpack, write_layer
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.protocols.arcgis import to_geojson
from lindero.layers.services.protocols.detect import open_service
from lindero.layers.services.protocols.protocol import Feature
from tests.files import square
from tests.web_stub import QUICK, Cadastre, _rings, serving


def titles(count, *, seed=1):
    """Titles as INGEMMET's server gives them, in no order, ids with gaps, some with a hole, some of two parts."""
    chance = random.Random(seed)
    ids = chance.sample(range(1, 5 * count), count)
    found = []
    for place, number in enumerate(ids):
        column, row = place % 60, place // 60
        shape = square(column, row)
        if place % 7 == 0:
            shape = shape.difference(shape.buffer(-0.003))
        if place % 11 == 0:
            shape = shapely.MultiPolygon([square(column, row), square(column + 100, row)])
        geometry = json.loads(shapely.to_geojson(_oriented(shape)))
        properties = {
            "OBJECTID": number,
            "CODIGOU": f"{number:08}",
            "CONCESION": f"Peñón Ñandú {number}",
            "TIT_CONCES": "S.A.",
        }
        found.append({"type": "Feature", "id": number, "properties": properties, "geometry": geometry})
    return found


def _oriented(shape):
    if shape.geom_type == "MultiPolygon":
        return shapely.MultiPolygon([orient(part) for part in shape.geoms])
    return orient(shape)


def fetched(address, folder, *, paging="", url=None):
    """Read the stub's layer and make its file."""
    web = HostClient(address, allow_private=True, manners=QUICK)
    service = open_service(web, url or address + Cadastre.PATH, "arcgis", paging=paging)
    pages = download_layer(service, web, folder / "coming")
    write_layer(service, pages, folder / "layer.geojson")
    pages.pack(folder / "pages.zip")
    return service, pages, json.loads((folder / "layer.geojson").read_text(encoding="utf-8"))


def ids(collection):
    return sorted(one["properties"]["OBJECTID"] for one in collection["features"])


@pytest.fixture(scope="module")
def cadastre():
    return titles(2_345)


@pytest.mark.parametrize(
    ("server", "paging"),
    [
        ({}, "keyset"),
        ({"formats": "JSON"}, "keyset"),
        ({"pages": True}, "offset"),
        ({"orders": False}, "ranges"),
        ({"most": 117}, "keyset"),
        ({"most": 2_345}, "keyset"),
    ],
)
def test_the_layer_arrives_whole_whatever_the_server_can(tmp_path, cadastre, server, paging):
    with serving(Cadastre(cadastre, **server)) as (address, asked):
        service, _, layer = fetched(address, tmp_path)

    assert service.description.paging == paging
    assert service.description.rows == len(layer["features"]) == 2_345
    assert ids(layer) == ids({"features": cadastre})
    received = {one["properties"]["OBJECTID"]: one for one in layer["features"]}
    for one in cadastre[:100]:
        other = received[one["properties"]["OBJECTID"]]
        assert other["properties"] == one["properties"]
        assert shapely.from_geojson(json.dumps(other["geometry"])).equals(
            shapely.from_geojson(json.dumps(one["geometry"]))
        )
    assert not [params for _, params, _ in asked if "resultOffset" in params and paging != "offset"]


@pytest.mark.parametrize("formats", ["JSON, geoJSON", "JSON"])
def test_coded_values_arrive_as_the_words_of_the_register(tmp_path, formats):
    rows = titles(6)
    for number, row in enumerate(rows):
        row["properties"]["D_ESTADO"] = number % 3
    stub = Cadastre(rows, formats=formats)
    plain = stub.description()
    domain = {"type": "codedValue", "codedValues": [{"name": "Otorgado", "code": 0}, {"name": "En trámite", "code": 1}]}
    for field in plain["fields"]:
        field["domain"] = domain if field["name"] == "D_ESTADO" else None
    stub.description = lambda: plain
    with serving(stub) as (address, _):
        _service, _pages, layer = fetched(address, tmp_path)

    states = {one["properties"]["OBJECTID"]: one["properties"]["D_ESTADO"] for one in layer["features"]}
    sent = {one["properties"]["OBJECTID"]: one["properties"]["D_ESTADO"] for one in rows}
    assert states == {key: {0: "Otorgado", 1: "En trámite"}.get(code, code) for key, code in sent.items()}


def test_a_server_that_drops_the_connection_is_asked_again(tmp_path, cadastre):
    stub = Cadastre(cadastre, drops={1, 3, 4, 6})
    with serving(stub) as (address, _):
        layer = fetched(address, tmp_path)[2]

    assert ids(layer) == ids({"features": cadastre})
    assert stub.queries > 8


def test_after_a_break_what_came_is_not_asked_for_again(tmp_path, cadastre):
    stub = Cadastre(cadastre, drops=range(3, 100))  # count and first page come, then nothing
    with serving(stub) as (address, asked):
        with pytest.raises(ServiceError, match="did not send a complete answer in 4 tries"):
            fetched(address, tmp_path)
        stub.drops = set()
        asked.clear()
        layer = fetched(address, tmp_path)[2]
    wheres = [params["where"] for path, params, _ in asked if "outFields" in params]

    assert ids(layer) == ids({"features": cadastre})
    assert len(wheres) == 2
    assert "1=1" not in wheres


def test_a_page_that_was_damaged_on_the_disk_is_asked_for_again(tmp_path, cadastre):
    stub = Cadastre(cadastre, drops=range(4, 100))
    with serving(stub) as (address, _):
        with pytest.raises(ServiceError):
            fetched(address, tmp_path)
        kept = sorted((tmp_path / "coming").glob("0*.json"))
        assert len(kept) == 2
        kept[1].write_bytes(kept[1].read_bytes()[:-9])
        stub.drops = set()
        assert ids(fetched(address, tmp_path)[2]) == ids({"features": cadastre})


def test_a_layer_that_changed_after_a_break_is_begun_anew(tmp_path, cadastre):
    stub = Cadastre(cadastre, drops=range(3, 100))
    with serving(stub) as (address, _):
        with pytest.raises(ServiceError):
            fetched(address, tmp_path)
        stub.drops, stub.features = set(), cadastre[:-10]
        assert ids(fetched(address, tmp_path)[2]) == ids({"features": cadastre[:-10]})


def without_the_last(answer, params):
    if "features" in answer and "> " in params["where"]:
        return {**answer, "features": answer["features"][:-1], "properties": {}}
    return answer


def first_page_only(answer, params):
    return {**answer, "features": [], "properties": {}} if "features" in answer and "> " in params["where"] else answer


def no_end(answer, _params):
    return {**answer, "properties": {"exceededTransferLimit": True}} if "features" in answer else answer


def same_page_again(answer, params):
    return same_page_again.first_request if "features" in answer and "> " in params["where"] else _remembered(answer)


def _remembered(answer):
    if "features" in answer:
        same_page_again.first_request = answer
    return answer


def no_ids(answer, _params):
    if "features" not in answer:
        return answer
    bare = [{**one, "id": None, "properties": {"CODIGOU": "1"}} for one in answer["features"]]
    return {**answer, "features": bare}


SPOILT = {
    "a row is missing": (without_the_last, "but sent 2344|sent rows twice|layer would be incomplete"),
    "only the first page comes": (first_page_only, "announced 2345 rows but sent 1000"),
    "the same page comes again": (same_page_again, "sent rows twice"),
    "rows have no id": (no_ids, "without the field OBJECTID"),
    "a refusal in a good answer": (
        lambda *_: {"error": {"code": 500, "message": "Error performing query"}},
        "in 4 tries; last error: .*Error performing query",
    ),
    "an account is wanted": (lambda *_: {"error": {"code": 499, "message": "Token Required"}}, "requires an account"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_layer_that_is_not_whole_is_refused(tmp_path, cadastre, fault):
    spoil, expected = SPOILT[fault]
    stub = Cadastre(cadastre)
    stub.spoil = spoil
    with serving(stub) as (address, _), pytest.raises(ServiceError, match=expected):
        fetched(address, tmp_path)
    assert not (tmp_path / "layer.geojson").exists()


def test_a_server_that_is_busy_for_a_while_is_asked_again(tmp_path, cadastre):
    stub = Cadastre(cadastre)
    stub.spoil = lambda answer, _: answer if stub.queries % 2 == 0 else {"error": {"code": 503, "message": "busy"}}
    with serving(stub) as (address, _):
        assert len(fetched(address, tmp_path)[2]["features"]) == 2_345


def test_a_layer_that_grows_while_it_is_read_is_refused(tmp_path, cadastre):
    stub = Cadastre(cadastre)

    def grow(answer, _params):
        return {"count": 2_346} if "count" in answer and stub.queries > 1 else answer

    stub.spoil = grow
    with serving(stub) as (address, _), pytest.raises(NotWholeError, match="from 2345 rows to 2346; fetch it again"):
        fetched(address, tmp_path)
    assert not (tmp_path / "coming").exists()


def test_a_server_that_says_there_is_more_when_there_is_not_is_read_to_its_end(tmp_path, cadastre):
    stub = Cadastre(cadastre)
    stub.spoil = no_end
    with serving(stub) as (address, _):
        assert len(fetched(address, tmp_path)[2]["features"]) == 2_345


def test_a_layer_without_rows_is_one_without_rows(tmp_path, cadastre):
    stub = Cadastre(cadastre)
    stub.answer = lambda params: (
        {"count": 0} if "returnCountOnly" in params else {"type": "FeatureCollection", "features": []}
    )
    with serving(stub) as (address, _):
        assert fetched(address, tmp_path)[2]["features"] == []


def test_a_server_with_one_layer_needs_no_number(tmp_path, cadastre):
    with serving(Cadastre(cadastre)) as (address, _):
        url = address + Cadastre.PATH.removesuffix("/0")
        assert fetched(address, tmp_path, url=url)[0].description.url == address + Cadastre.PATH


def test_the_file_is_made_again_from_its_pages_byte_for_byte(tmp_path, cadastre):
    with serving(Cadastre(cadastre, drops={2, 5})) as (address, _):
        service, *_ = fetched(address, tmp_path)
    with serving(Cadastre(list(reversed(cadastre)))) as (address, _):  # the same rows, kept in another order
        (tmp_path / "again").mkdir()
        fetched(address, tmp_path / "again")
    write_layer(service, unpack(tmp_path / "pages.zip"), tmp_path / "remade.geojson")

    assert (tmp_path / "remade.geojson").read_bytes() == (tmp_path / "layer.geojson").read_bytes()
    assert (tmp_path / "again" / "layer.geojson").read_bytes() == (tmp_path / "layer.geojson").read_bytes()


def esri(rings):
    return Feature("", {"attributes": {"OBJECTID": 1}, "geometry": {"rings": rings}})


def shape_of(rings):
    geometry = to_geojson(esri(rings), "esriGeometryPolygon", "OBJECTID").value["geometry"]
    return shapely.from_geojson(json.dumps(geometry))


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()),
        min_size=1,
        max_size=12,
        unique_by=lambda one: one[:2],
    )
)
def test_esri_s_rings_cover_the_same_ground(cells):
    parts = [
        orient(square(3 * x, 3 * y).difference(square(3 * x, 3 * y).buffer(-0.002)) if hole else square(3 * x, 3 * y))
        for x, y, hole in cells
    ]
    shape = shapely.MultiPolygon(parts)

    assert shape_of(_rings(json.loads(shapely.to_geojson(shape)))).equals(shape)


def test_a_hole_in_the_island_of_a_lake_belongs_to_the_island():
    land, lake, island, pond = (square(side=side) for side in (1.0, 0.0, 0.0, 0.0))
    land = shapely.box(0, 0, 10, 10)
    lake, island, pond = shapely.box(2, 2, 8, 8), shapely.box(3, 3, 7, 7), shapely.box(4, 4, 6, 6)
    expected = land.difference(lake).union(island.difference(pond))
    clockwise = [list(orient(one, -1).exterior.coords) for one in (land, island)]
    holes = [list(orient(one, 1).exterior.coords) for one in (lake, pond)]

    assert shape_of([*holes, *clockwise]).equals(expected)


def test_a_hole_outside_every_shell_stays_wrong_so_that_it_is_found():
    shell = list(orient(shapely.box(0, 0, 1, 1), -1).exterior.coords)
    hole = list(orient(shapely.box(5, 5, 6, 6), 1).exterior.coords)

    assert not shape_of([shell, hole]).is_valid


@pytest.mark.parametrize(
    ("geometry", "kind", "expected"),
    [
        ({"x": -78.5, "y": -7}, "esriGeometryPoint", "POINT (-78.5 -7)"),
        ({"points": [[1, 2], [3, 4]]}, "esriGeometryMultipoint", "MULTIPOINT ((1 2), (3 4))"),
        ({"paths": [[[0, 0], [1, 1]]]}, "esriGeometryPolyline", "MULTILINESTRING ((0 0, 1 1))"),
    ],
)
def test_other_shapes_of_esri_s(geometry, kind, expected):
    feature = Feature("", {"attributes": {"OBJECTID": 1}, "geometry": geometry})
    found = to_geojson(feature, kind, "OBJECTID").value["geometry"]

    assert shapely.from_geojson(json.dumps(found)).equals(shapely.from_wkt(expected))


@pytest.mark.parametrize("geometry", [None, {"rings": []}, {"x": "NaN", "y": "NaN"}])
def test_a_row_without_a_place_has_none(geometry):
    feature = Feature("", {"attributes": {"OBJECTID": 1}, "geometry": geometry})

    assert (
        to_geojson(
            feature, "esriGeometryPoint" if geometry and "x" in geometry else "esriGeometryPolygon", "OBJECTID"
        ).value["geometry"]
        is None
    )
