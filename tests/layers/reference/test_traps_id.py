"""What could go wrong with Indonesia's tenements."""

import datetime as dt
import json

from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference import packs
from lindero.layers.services.catalogue import IN_FORCE, load_catalogue
from lindero.layers.services.connection.download import download_layer, write_layer
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.protocols.detect import open_service
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions
from tests.web_stub import QUICK, Cadastre, serving

SAMPLE = packs.find_files("samples/wiup.geojson")["ID"]


def taken(folder, path):
    space = manifest_file.create_workspace(folder / "space", title="x", country="ID")
    return plan_source(str(path), SourceOptions(snapshot_on="2026-11-01"), space, today=dt.date(2026, 11, 30))


def test_the_service_arrives_whole_in_pages_of_a_hundred(tmp_path):
    known = load_catalogue()["esdm-wiup"]
    rows = json.loads(SAMPLE.read_text(encoding="utf-8"))["features"]
    many = [
        one | {"id": number, "properties": {"OBJECTID": number, **one["properties"], "kode_wiup": f"99{number:014}"}}
        for number, one in enumerate(rows * 11, 1)
    ]
    for one in many:
        del one["properties"]["objectid"]
    with serving(Cadastre(many, pages=True, most=100)) as (address, asked):
        web = HostClient(address, allow_private=True, manners=QUICK)
        service = open_service(web, address + Cadastre.PATH, known.kind, paging=known.paging)
        write_layer(service, download_layer(service, web, tmp_path / "coming"), tmp_path / "layer.geojson")
    arrived = json.loads((tmp_path / "layer.geojson").read_text(encoding="utf-8"))["features"]

    assert len({one["properties"]["kode_wiup"] for one in arrived}) == len(arrived) == len(many) == 264
    assert {params["resultOffset"] for _, params, _ in asked if "resultOffset" in params} == {"0", "100", "200"}


def test_milliseconds_become_days_and_both_sanctions_are_suspensions(tmp_path):
    plan = taken(tmp_path, SAMPLE)
    kept = plan.tables["concessions"]
    words = {
        one["properties"]["kode_wiup"]: one["properties"]["kegiatan"]
        for one in json.loads(SAMPLE.read_text(encoding="utf-8"))["features"]
    }

    assert kept["granted_on"].iloc[0] == dt.date(2010, 1, 15)
    assert {words[code] for code in kept.loc[kept["status"] == "suspended", "code"]} == {
        "SANKSI (PEMBEKUAN)",
        "SANKSI (PENGHENTIAN SEMENTARA)",
    }
    areas = {words[code] for code in kept.loc[kept["status"] == "unknown", "code"]}
    assert areas == {"PENCADANGAN", "LELANG", "WIL. PENUNJANG", "NILAI CONTOH"}


def test_a_permit_that_is_missing_is_not_said_to_be_revoked():
    assert load_catalogue()["esdm-wiup"].lists == IN_FORCE
