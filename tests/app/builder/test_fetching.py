"""From the name or the address of a service to a snapshot in the workspace: whole, or nothing changes."""

import json
from dataclasses import replace
from functools import partial

import pytest

from lindero.app.builder.services import DOWNLOAD_FOLDER, PAGES, fetch_layer
from lindero.app.commands.workspace import add_flow
from lindero.layers import sources
from lindero.layers.model.schema import LAYERS
from lindero.layers.services import catalogue as catalogue_module
from lindero.layers.services.catalogue import MANUAL_DOWNLOAD, load_catalogue
from lindero.layers.services.connection.download import unpack
from lindero.layers.services.protocols.detect import KINDS, file_name, guess_kind
from lindero.layers.workspace.manifest_file import load_workspace
from tests.files import Files, concessions, geojson
from tests.layers.services.protocols.test_arcgis import titles
from tests.web_stub import QUICK, Answered, Cadastre, serving


@pytest.fixture(scope="module")
def rows():
    found = titles(1_200)
    for one in found:
        one["properties"] |= {
            "D_ESTADO": "D.M. Titulado D.L. 708",
            "HECTAGIS": 100.5,
            "SUSTANCIA": "M",
            "FEC_DENU": 1_262_304_000_000,
        }
    return found


@pytest.fixture
def space(tmp_path):
    return Files(tmp_path / "space").space


@pytest.fixture
def run(typed, monkeypatch, space):
    """A command, asking without long pauses."""
    monkeypatch.setenv("LINDERO_WORKSPACE", str(space.folder))
    monkeypatch.setattr(
        add_flow, "fetch_layer", lambda *given, **named: fetch_layer(*given, **{**named, "manners": QUICK})
    )
    return partial(typed, key=None)


def offered(monkeypatch, name, address, **changed):
    """Let an entry of the catalogue stand at a stub's address."""
    moved = replace(load_catalogue()[name], url=address, **changed)
    everything = {**load_catalogue(), name: moved}
    monkeypatch.setattr(catalogue_module, "load_catalogue", lambda: everything)
    return moved


def test_a_service_of_the_catalogue_becomes_a_snapshot_kept_as_received(run, space, rows, monkeypatch):
    with serving(Cadastre(rows, drops={3})) as (address, asked):
        offered(monkeypatch, "ingemmet-catastro", address + Cadastre.PATH, referer="https://geocatmin.example/")
        code, out, err = run("fetch", "ingemmet-catastro", "--allow-private")
    entry = load_workspace(space.folder).sources[0]
    kept = space.folder / entry.file

    assert (code, out) == (0, ""), err
    assert "1,200 received = 1,200 kept + 0 rejected" in err
    assert (entry.id, entry.service, entry.mapping, entry.layer) == (
        "ingemmet-catastro",
        "arcgis",
        "ingemmet",
        "concessions",
    )
    assert entry.url == address + Cadastre.PATH
    assert len(json.loads(kept.read_text(encoding="utf-8"))["features"]) == 1_200
    assert len(list(unpack(kept.with_name(PAGES)))) == 2
    assert not (space.folder / DOWNLOAD_FOLDER).exists() or not list((space.folder / DOWNLOAD_FOLDER).iterdir())
    assert {headers["Referer"] for _, _, headers in asked} == {"https://geocatmin.example/"}
    assert run("build")[0] == 0


def test_the_same_again_adds_nothing_and_a_change_adds_a_snapshot(run, space, rows):
    stub = Cadastre(rows)
    with serving(stub) as (address, _):
        url = address + Cadastre.PATH
        assert run("add", url, "--id", "minas", "--allow-private", "--retrieved-on", "2026-01-01")[0] == 0
        code, _, err = run("fetch", "minas", "--allow-private")
        assert (code, len(load_workspace(space.folder).sources)) == (0, 1)
        assert "has not changed since 2026-01-01" in err

        stub.features = rows[:-1]
        assert run("fetch", "minas", "--allow-private")[0] == 0
    first, second = load_workspace(space.folder).sources

    assert (first.id, first.mapping, first.publisher, first.url) == (
        second.id,
        second.mapping,
        second.publisher,
        second.url,
    )
    assert first.snapshot_on < second.snapshot_on
    assert first.sha256 != second.sha256


def test_a_layer_that_does_not_come_whole_leaves_the_last_snapshot(run, space, rows):
    stub = Cadastre(rows)
    with serving(stub) as (address, _):
        assert (
            run("add", address + Cadastre.PATH, "--id", "minas", "--allow-private", "--retrieved-on", "2026-01-01")[0]
            == 0
        )
        before = space.folder.joinpath("lindero.toml").read_bytes()
        stub.spoil = lambda answer, _: (
            {**answer, "features": answer["features"][:-1]} if "features" in answer else answer
        )
        code, out, err = run("fetch", "minas", "--allow-private")

    assert (code, out) == (1, "")
    assert "the layer would be incomplete" in err
    assert "Traceback" not in err
    assert space.folder.joinpath("lindero.toml").read_bytes() == before


def test_a_field_that_is_gone_is_told_before_anything_is_fetched(run, space, rows, monkeypatch):
    fewer = [{**one, "properties": {k: v for k, v in one["properties"].items() if k != "D_ESTADO"}} for one in rows]
    with serving(Cadastre(fewer)) as (address, asked):
        offered(monkeypatch, "ingemmet-catastro", address + Cadastre.PATH)
        code, _, err = run("fetch", "ingemmet-catastro", "--allow-private")

    assert code == 1
    assert "no longer has the fields D_ESTADO" in err
    assert not [params for _, params, _ in asked if "outFields" in params]
    assert load_workspace(space.folder).sources == ()


def test_without_leave_nothing_private_is_asked(run, rows):
    with serving(Cadastre(rows)) as (address, asked):
        code, _, err = run("add", address + Cadastre.PATH, "--layer", "concessions", "--publisher", "P")

    assert code == 1
    assert "--allow-private" in err
    assert asked == []


def test_a_file_at_an_address_is_downloaded_and_added(run, space, tmp_path):
    content = geojson(tmp_path / "minas.geojson", concessions()).read_bytes()

    def answer(path, *_):
        return Answered(content) if path == "/datos/minas%20(1).geojson" else Answered(status=404)

    with serving(answer) as (address, _):
        code, _, err = run(
            "add",
            f"{address}/datos/minas%20(1).geojson",
            "--layer",
            "concessions",
            "--publisher",
            "P",
            "--allow-private",
        )
    entry = load_workspace(space.folder).sources[0]

    assert code == 0, err
    assert space.folder.joinpath(entry.file).read_bytes() == content
    assert (entry.service, entry.file.rpartition("/")[2]) == ("file", "minas-1-.geojson")


def test_a_page_instead_of_a_file_is_refused(run, space):
    with serving(lambda *_: Answered(b"<html>Mantenimiento</html>")) as (address, _):
        code, _, err = run(
            "add", f"{address}/minas.geojson", "--layer", "concessions", "--publisher", "P", "--allow-private"
        )

    assert code == 1
    assert "minas.geojson is a web page" in err
    assert load_workspace(space.folder).sources == ()


def test_the_catalogue_is_checked_without_failing_as_a_whole(run, rows, monkeypatch):
    changed = [
        {**one, "properties": {**{k: v for k, v in one["properties"].items() if k != "D_ESTADO"}, "NUEVO": 1}}
        for one in rows
    ]
    with serving(Cadastre(changed, pages=True)) as (address, asked):
        offered(monkeypatch, "ingemmet-catastro", address + Cadastre.PATH)
        names = ("ingemmet-catastro", "wdpa")
        code, out, _ = run("sources", "check", *names, "--allow-private", "--format", "json")
        refused = run("sources", "check", "ingemmet-catastro")
    first, second = json.loads(out)["services"]

    assert code == 0
    assert (first["state"], first["rows"]) == ("changed", 1_200)
    assert first["fields_missing"] == ["D_ESTADO"]
    assert "NUEVO" in first["fields_new"]
    assert first["paging"] == "offset"
    assert second["state"] == "by_hand"
    assert refused[0] == 0
    assert "not reached" in refused[1]
    assert not [params for _, params, _ in asked if "outFields" in params]


@pytest.mark.parametrize("name", load_catalogue())
def test_every_entry_of_the_catalogue_can_be_used(name):
    one = load_catalogue()[name]

    assert one.kind in {*KINDS, MANUAL_DOWNLOAD}
    assert one.layer in LAYERS
    assert one.url.startswith("https://" if one.is_service else ("https://", "http://"))
    assert one.seen_in
    assert one.verified_on == ""  # none could be reached; who reaches one writes the date here and in this test
    if one.mapping:
        mapping = sources.MAPPINGS_BY_NAME[one.mapping]
        read = {field for fields in mapping.fields.values() for field in fields} | {mapping.unit.get("field", "")}
        assert mapping.layer == one.layer
        assert set(one.expects) <= read | mapping.recognised_by | {"estado", "CATEGO"}
        assert set(one.expects) & read
    if one.is_service:
        assert guess_kind(one.url) == one.kind
    else:
        assert one.terms


def test_the_catalogue_is_listed_in_words_and_for_programs(run):
    code, out, _ = run("sources")
    told = json.loads(run("sources", "--format", "json")[1])
    listed = told["services"]

    assert code == 0
    assert "lindero fetch ingemmet-catastro" in out
    assert "never; it could not be reached" in out
    assert [one["name"] for one in listed] == list(load_catalogue())
    assert (told["method"], told["command"]) == ("sources", "lindero sources --format json")
    assert all({"publisher", "licence", "url"} <= set(one) for one in listed)


def test_the_catalogue_is_listed_for_one_country(run):
    listed = json.loads(run("sources", "--country", "co", "--format", "json")[1])["services"]

    assert {one["country"] for one in listed} == {"CO", ""}
    assert [one["name"] for one in listed if one["country"]] == [
        name for name, entry in load_catalogue().items() if entry.country == "CO"
    ]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a/arcgis/rest/services/X/MapServer/0", "arcgis"),
        ("https://a/arcgis/rest/services/X/FeatureServer", "arcgis"),
        ("https://a/collections/minas/items", "ogc_api"),
        ("https://a/geoserver/ows?service=WFS&request=GetCapabilities", "wfs"),
        ("https://a/cgi-bin/mapserv?map=x.map&SERVICE=wfs", "wfs"),
        ("https://a/datos/minas.zip", "file"),
        ("https://a/datos", ""),
    ],
)
def test_an_address_tells_its_kind(url, kind):
    assert guess_kind(url) == kind


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a/x/../../etc/passwd", "passwd"),
        ("https://a/%2e%2e%2f%2e%2e%2fetc%2fcron.d", "cron.d"),
        ("https://a/", "download"),
        ("https://a/..", "download"),
        ("https://a/peñas ñ\x00.csv", "peñas-ñ-.csv"),
        ("https://a/" + "x" * 500 + ".zip", "x" * 76 + ".zip"),
    ],
)
def test_a_download_s_name_leads_nowhere(url, name):
    assert file_name(url) == name
