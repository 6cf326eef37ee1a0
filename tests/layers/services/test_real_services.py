"""Layers arrive whole from servers that others wrote: Koop, pygeoapi, MapServer."""

import json

import pytest
import shapely

from lindero.layers.errors import NotWholeError, ServiceError
from lindero.layers.services.connection.download import download_layer, write_layer
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.protocols.detect import detect_kind, guess_kind, open_service
from lindero.layers.workspace.manifest_file import load_workspace
from tests import real_servers
from tests.layers.services.protocols.test_arcgis import titles
from tests.web_stub import QUICK

pytestmark = pytest.mark.servers

ROWS = 1_300


@pytest.fixture(scope="module")
def rows():
    found = titles(ROWS)
    return [{**one, "id": str(one["id"])} for one in found]


@pytest.fixture(scope="module")
def layer(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "catastro.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def koop(layer, tmp_path_factory):
    with real_servers.koop(layer, tmp_path_factory.mktemp("koop")) as address:
        yield address


@pytest.fixture(scope="module")
def pygeoapi(layer, tmp_path_factory):
    with real_servers.pygeoapi(layer, tmp_path_factory.mktemp("pygeoapi")) as address:
        yield address


@pytest.fixture(scope="module")
def mapserver(layer, tmp_path_factory):
    with real_servers.mapserver(layer, tmp_path_factory.mktemp("mapserver")) as (address, _):
        yield address


@pytest.fixture(params=["koop", "pygeoapi", "mapserver"])
def address(request):
    return request.getfixturevalue(request.param)


def fetched(address, folder, **options):
    web = HostClient(address, allow_private=True, manners=QUICK)
    service = open_service(web, address, guess_kind(address) or detect_kind(web, address), **options)
    write_layer(service, download_layer(service, web, folder / "coming"), folder / "layer.geojson")
    return service, json.loads((folder / "layer.geojson").read_text(encoding="utf-8"))


def test_every_row_comes_once_with_its_values_and_its_ground_and_to_the_same_byte_again(address, rows, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    _, got = fetched(address, tmp_path / "one")
    received = {int(one["properties"]["OBJECTID"]): one for one in got["features"]}

    assert len(got["features"]) == len(received) == ROWS
    there = [received[one["properties"]["OBJECTID"]] for one in rows]
    for one, other in zip(rows, there, strict=True):
        assert other["properties"]["CONCESION"] == one["properties"]["CONCESION"]
    sides = [shapely.from_geojson([json.dumps(one["geometry"]) for one in side]) for side in (rows, there)]
    assert shapely.area(shapely.symmetric_difference(*sides)).max() < 1e-12

    fetched(address, tmp_path / "two")
    assert (tmp_path / "one" / "layer.geojson").read_bytes() == (tmp_path / "two" / "layer.geojson").read_bytes()


def test_what_a_service_says_of_itself_is_told(koop, pygeoapi, mapserver):
    kinds = {"arcgis": koop, "ogc_api": f"{pygeoapi}/collections/catastro", "wfs": mapserver}
    said = {
        kind: open_service(HostClient(url, allow_private=True, manners=QUICK), url, kind).description
        for kind, url in kinds.items()
    }

    assert {kind: one.paging for kind, one in said.items()} == {"arcgis": "offset", "ogc_api": "links", "wfs": "offset"}
    assert said["arcgis"].rows == said["ogc_api"].rows == ROWS
    assert said["wfs"].rows is None  # it counts no more than it gives at once, 700, and is not believed
    assert {"OBJECTID", "CODIGOU", "CONCESION", "TIT_CONCES"} <= set(said["arcgis"].fields) & set(
        said["ogc_api"].fields
    )


def test_a_collection_that_is_not_there_is_refused_with_those_that_are(pygeoapi, mapserver, tmp_path):
    with pytest.raises(ServiceError, match=r"catastro.*--sublayer"):
        fetched(mapserver, tmp_path, sublayer="nada")
    with pytest.raises(ServiceError, match="refused the request"):
        fetched(f"{pygeoapi}/collections/nada", tmp_path)


def test_an_old_service_that_cannot_page_is_read_whole(layer, tmp_path_factory, tmp_path):
    with real_servers.mapserver(layer, tmp_path_factory.mktemp("whole"), most=5_000) as (address, _):
        service, got = fetched(f"{address}?version=1.1.0", tmp_path)

    assert (service.description.rows, service.description.paging) == (ROWS, "whole")
    assert len(got["features"]) == ROWS


def test_an_old_service_that_cannot_page_and_gives_too_few_is_refused(mapserver, tmp_path):
    with pytest.raises(NotWholeError, match="sends at most 700 rows at once"):
        fetched(f"{mapserver}?version=1.1.0", tmp_path)


@pytest.mark.parametrize("name", ["koop", "pygeoapi", "mapserver"])
def test_a_command_makes_a_map_of_it(name, request, files, typed, monkeypatch):
    address = request.getfixturevalue(name)
    monkeypatch.setenv("LINDERO_WORKSPACE", str(files.folder))
    said = ""
    for arguments in (
        ("add", address, "--layer", "concessions", "--publisher", "P", "--id", "minas", "--allow-private"),
        ("build",),
        ("fetch", "minas", "--allow-private"),
    ):
        code, _out, err = typed(*arguments)
        assert code == 0
        said += err
    (entry,) = load_workspace(files.folder).sources

    assert "1,300 received = 1,300 kept + 0 rejected" in said
    assert "nothing to add" in said
    assert entry.mapping == "ingemmet"
    assert entry.service == guess_kind(entry.url)
