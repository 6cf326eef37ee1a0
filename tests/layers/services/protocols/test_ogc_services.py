"""OGC API and WFS servers that are not as they should be: refused in a sentence, never a smaller layer."""

import datetime as dt
import json

import pytest

from lindero.layers.errors import AddressError, NotWholeError, ServiceError
from lindero.layers.services.connection.download import MAX_AGE, STATE, Pages, download_layer, write_layer
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.protocols.detect import detect_kind, open_service
from tests.web_stub import QUICK, Answered, said, serving

POINTS = [
    {
        "type": "Feature",
        "id": n,
        "properties": {"code": f"C{n}"},
        "geometry": {"type": "Point", "coordinates": [-78.5, -7]},
    }
    for n in range(9)
]


class Api:
    """An OGC API with one collection of nine points, three a page; `spoil` changes an answer of items."""

    def __init__(self, spoil=lambda answer, _offset: answer):
        self.spoil = spoil
        self.address = ""

    def __call__(self, path, params, _headers):
        if path in {"/", ""}:
            return said(
                {
                    "title": "x",
                    "links": [{"rel": "data", "href": "/collections"}, {"rel": "conformance", "href": "/conformance"}],
                }
            )
        if path == "/collections":
            return said({"collections": [{"id": "minas"}, {"id": "otra"}]})
        if path == "/collections/minas":
            return said(
                {
                    "id": "minas",
                    "title": "Minas",
                    "links": [
                        {"rel": "license", "href": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"}
                    ],
                }
            )
        if path != "/collections/minas/items":
            return said({"code": "NotFound", "description": "no such collection"})
        offset = int(params.get("offset", 0))
        given = POINTS[offset : offset + min(3, int(params["limit"]))]
        answer = {
            "type": "FeatureCollection",
            "features": given,
            "numberMatched": 9,
            "numberReturned": len(given),
            "links": [],
        }
        if offset + len(given) < 9:
            answer["links"] = [
                {"rel": "next", "href": f"{self.address}/collections/minas/items?limit=3&offset={offset + len(given)}"}
            ]
        return said(self.spoil(answer, offset))


def fetched(api, folder, url="/collections/minas", **options):
    with serving(api) as (address, asked):
        api.address = getattr(api, "named", "") or address
        web = HostClient(address, allow_private=True, manners=QUICK)
        service = open_service(web, address + url, "ogc_api", **options)
        write_layer(service, download_layer(service, web, folder / "coming"), folder / "layer.geojson")
    return service, json.loads((folder / "layer.geojson").read_text()), asked


@pytest.mark.parametrize(
    "url", ["/collections/minas", "/collections/minas/items", "/collections/minas/items?limit=1", "/"]
)
def test_a_collection_is_found_from_any_of_its_addresses(tmp_path, url):
    service, layer, _ = fetched(Api(), tmp_path, url, **({"sublayer": "minas"} if url == "/" else {}))

    assert [one["id"] for one in layer["features"]] == list(range(9))
    assert service.description.licence == "CC BY 4.0"


def test_several_collections_are_listed(tmp_path):
    with pytest.raises(ServiceError, match=r"2 layers: minas.*otra"):
        fetched(Api(), tmp_path, "/")


SPOILT = {
    "a count that is higher": (lambda answer, _: {**answer, "numberMatched": 10}, "announced 10 rows but sent 9"),
    "a page that lacks a row": (
        lambda answer, at: {**answer, "features": answer["features"][:-1]} if at == 3 else answer,
        "announced 3 rows but sent 2",
    ),
    "a link that ends too soon": (
        lambda answer, at: {**answer, "links": []} if at == 3 else answer,
        "announced 9 rows but sent 6",
    ),
    "a link in a circle": (
        lambda answer, at: (
            {**answer, "links": [{"rel": "next", "href": "items?limit=3&offset=3"}]} if at == 6 else answer
        ),
        "sent rows twice",
    ),
    "no features": (lambda answer, at: {"type": "Thing"} if at == 3 else answer, "does not contain features"),
    "a refusal": (
        lambda answer, at: {"code": "ServerError", "description": "kaputt"} if at == 3 else answer,
        "refused the request: ServerError kaputt",
    ),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_collection_that_is_not_whole_is_refused(tmp_path, fault):
    spoil, expected = SPOILT[fault]
    with pytest.raises(ServiceError, match=expected):
        fetched(Api(spoil), tmp_path)
    assert not (tmp_path / "layer.geojson").exists()


def test_a_link_to_another_host_is_not_followed(tmp_path):
    api = Api()
    api.named = "http://192.0.2.7"
    with pytest.raises(AddressError, match=r"redirects to 192\.0\.2\.7"):
        fetched(api, tmp_path)


def test_a_number_is_kept_as_it_was_written(tmp_path):
    text = '{"type": "Feature", "id": 1, "properties": {"area": 1.10, "big": 12345678901234567890.123}, "geometry": {"type": "Point", "coordinates": [-78.50000000000000001, -7.0]}}'

    def answer(path, _params, _headers):
        if path.endswith("/items"):
            return Answered(f'{{"type":"FeatureCollection","features":[{text}],"links":[]}}'.encode())
        return said({"id": "minas"})

    fetched(answer, tmp_path)

    assert text in (tmp_path / "layer.geojson").read_text()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (Api(), "ogc_api"),
        (lambda *_: Answered(b"<WFS_Capabilities/>"), "wfs"),
        (lambda *_: said({"type": "FeatureCollection"}), "file"),
        (lambda *_: Answered(b"PK"), "file"),
    ],
)
def test_an_address_that_does_not_tell_is_looked_at(content, kind):
    with serving(content) as (address, _):
        assert detect_kind(HostClient(address, allow_private=True, manners=QUICK), address) == kind


CAPABILITIES = """<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1" version="2.0.0">
<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:DCP/><ows:Parameter name="outputFormat"><ows:AllowedValues>{forms}</ows:AllowedValues></ows:Parameter></ows:Operation></ows:OperationsMetadata>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>a:minas</wfs:Name><wfs:Title>Minas</wfs:Title><wfs:DefaultCRS>urn:ogc:def:crs:EPSG::32717</wfs:DefaultCRS></wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>"""


def wfs(answer):
    with serving(answer) as (address, _):
        return open_service(HostClient(address, allow_private=True, manners=QUICK), f"{address}/wfs", "wfs")


def test_a_service_that_gives_only_gml_says_so():
    form = "<ows:Value>application/gml+xml; version=3.2</ows:Value>"

    with pytest.raises(ServiceError, match=r"does not offer GeoJSON, only application/gml\+xml"):
        wfs(lambda *_: Answered(CAPABILITIES.format(forms=form).encode()))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>Mantenimiento</html>",
        b'{"a": 1}',
        b"<a",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><WFS_Capabilities version="2.0.0">&x;</WFS_Capabilities>',
    ],
)
def test_what_is_no_service_is_said_to_be_none(answer):
    with pytest.raises(ServiceError, match="is not a Web Feature Service") as refused:
        wfs(lambda *_: Answered(answer))
    assert "root:" not in str(refused.value)


def test_pages_that_state_different_reference_systems_are_not_put_together(tmp_path):
    def answer(_path, params, _headers):
        if params.get("request") == "GetCapabilities":
            return Answered(CAPABILITIES.format(forms="<ows:Value>application/json</ows:Value>").encode())
        if params.get("resultType") == "hits":
            return Answered(b'<FeatureCollection numberMatched="2"/>')
        at = int(params["startIndex"])
        crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{32717 + at}"}}
        return said({"type": "FeatureCollection", "crs": crs, "features": POINTS[at : min(at + 1, 2)]})

    with serving(answer) as (address, _):
        web = HostClient(address, allow_private=True, manners=QUICK)
        service = open_service(web, f"{address}/wfs", "wfs")
        pages = download_layer(service, web, tmp_path / "coming")
        with pytest.raises(ServiceError, match="different coordinate reference systems"):
            write_layer(service, pages, tmp_path / "layer.geojson")


def test_what_an_earlier_attempt_left_is_only_used_if_it_is_of_the_same_layer(tmp_path):
    Pages(tmp_path / "p", {"rows": 9}).append("http://a/", b"{}")

    assert len(Pages(tmp_path / "p", {"rows": 9})) == 1
    assert len(Pages(tmp_path / "p", {"rows": 8})) == 0
    assert issubclass(NotWholeError, ServiceError)


def test_responses_are_as_old_as_the_first_of_them(tmp_path):
    folder, state = tmp_path / "p", tmp_path / "p" / STATE
    Pages(folder, {}).append("http://a/", b"{}")
    begun = dt.datetime.now(dt.UTC) - MAX_AGE + dt.timedelta(hours=1)
    state.write_text(json.dumps(json.loads(state.read_text()) | {"begun": begun.isoformat()}))
    Pages(folder, {}).append("http://b/", b"{}")

    assert json.loads(state.read_text())["begun"] == begun.isoformat()
    state.write_text(json.dumps(json.loads(state.read_text()) | {"begun": (begun - MAX_AGE).isoformat()}))
    assert len(Pages(folder, {})) == 0
