import json
import os
import shlex
import socket
import subprocess
import sys
import zipfile
from functools import partial
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import typer

from lindero.app.commands.index import program
from lindero.app.text import i18n
from lindero.geo.kernels import numba_jit
from lindero.layers.database.definitions import KNOWN_PLACE
from lindero.layers.workspace.manifest_file import MANIFEST
from tests.built import build
from tests.files import Files, collection, concessions, feature, geojson, incidents, text, zipped

ROOT = Path(__file__).parents[2]
UTM_17S = "EPSG:32717"


@pytest.fixture
def run(typed):
    """A command as it is typed without a key."""
    return partial(typed, key=None)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    i18n.set_language("en")
    files = Files(tmp_path_factory.mktemp("cli") / "space")
    files.add("concessions", concessions(4), coverage="PE-CAJ")
    files.add("communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"]))
    files.add("incidents", incidents("1,2020-01-01,x,public_record,-78.5,-7"))
    files.add("acts", "incident_id,type\nincidents/2026-01-01/1,threat\n")
    build(files.space)
    return files.folder


def test_from_a_file_to_an_answer(run, tmp_path, monkeypatch):
    geojson(tmp_path / "minas.geojson", concessions(4))
    geojson(tmp_path / "tierras.geojson", concessions(2).assign(code=["K1", "K2"]))

    assert run("init", "mapa", "--country", "pe")[0] == 0
    for name, layer in (("minas", "concessions"), ("tierras", "communities")):
        code, out, err = run(
            "add", f"{name}.geojson", "--layer", layer, "--publisher", "P", "--workspace", "mapa", "--yes"
        )
        assert (code, out) == (0, "")
        assert "received" in err
    code, out, err = run("build", "mapa")
    assert (code, out) == (0, "")
    assert "4 received = 4 kept + 0 rejected" in err
    code, out, _ = run("overlaps", "concessions", "communities", "--format", "json", "--workspace", "mapa")
    assert code == 0
    assert json.loads(out)["pairs"] == 2
    monkeypatch.setattr("lindero.layers.read.sandbox.client.start_worker", lambda: pytest.fail("a reader is started"))
    assert "Nothing changed" in run("build", "mapa")[2]


def test_a_dry_run_keeps_nothing(run, tmp_path):
    geojson(tmp_path / "minas.geojson", concessions())
    run("init", "mapa")
    before = (tmp_path / "mapa" / MANIFEST).read_text()

    assert (
        run("add", "minas.geojson", "--layer", "concessions", "--publisher", "P", "--workspace", "mapa", "--dry-run")[0]
        == 0
    )
    assert (tmp_path / "mapa" / MANIFEST).read_text() == before


def test_json_stands_alone_on_standard_output(run, built):
    for command in (
        ("overlaps", "concessions", "communities", "--format", "json"),
        ("near", "-7.0", "-78.5", "--format", "json"),
        ("report", built, "--format", "json"),
    ):
        code, out, _ = run(*command, *([] if command[0] == "report" else ["--workspace", built]))
        assert code == 0
        assert json.loads(out)


ASKED = {  # what each question needs to be asked of this map
    "overlaps": ["concessions", "communities"],
    "near": ["-7.0", "-78.5"],
    "hotspots": ["--of", "titles"],
}
OF_NO_ANSWER = {
    "doctor",
    "export",
    "sources",
    "changes",
}  # no answer of this map, which has one snapshot of each source


def questions():
    """Every command of the program that answers in a form that is asked for."""
    commands = typer.main.get_command(program).commands
    return sorted(
        name
        for name, command in commands.items()
        if any("--format" in getattr(option, "opts", ()) for option in command.params) and name not in OF_NO_ANSWER
    )


@pytest.mark.parametrize("command", questions())
def test_json_says_how_it_was_made_and_the_command_gives_it_again(run, built, command):
    place = ["--format", "json", *([built] if command == "report" else ["--workspace", built])]
    code, out, err = run(command, *place, *ASKED.get(command, []))
    told = json.loads(out)

    assert code == 0, err
    assert {"method", "described_in", "parameters", "sources", "command"} <= told.keys()
    assert all({"publisher", "licence", "snapshot_on", "retrieved_on"} <= source.keys() for source in told["sources"])
    assert told["sources"] or command == "duplicates"  # of this map no incident is told
    again = shlex.split(told["command"])[1:]
    assert (
        json.loads(run(again[0], *place, *[word for word in again[1:] if word not in {"--format", "json"}])[1]) == told
    )


def test_questions_of_every_kind_are_among_them():
    assert {"overlaps", "near", "exposure", "timing", "hotspots", "regions", "protection"} <= {*questions()}


@pytest.mark.parametrize("form", ["table", "csv", "geojson"])
def test_answers_are_written_in_every_form(run, built, form):
    code, out, err = run("overlaps", "concessions", "communities", "--format", form, "--workspace", built)

    assert code == 0
    assert "Peñón Ñandú 1" in out
    assert "in 2 overlaps" in err


def test_parquet_has_the_table_and_geoparquet_the_shapes(run, built, tmp_path):
    question = ("overlaps", "concessions", "communities", "--workspace", built)
    rows = json.loads(run(*question, "--format", "json")[1])["overlaps"]
    for form in ("parquet", "geoparquet"):
        assert run(*question, "--format", form, "--output", tmp_path / form)[0] == 0
    table, shapes = pd.read_parquet(tmp_path / "parquet"), gpd.read_parquet(tmp_path / "geoparquet")

    assert table.drop(columns="invented", errors="ignore").to_dict("records") == rows
    assert [*shapes.drop(columns="geometry")] == [*table]
    assert set(shapes.geometry.geom_type) == {"Polygon"}


@pytest.mark.parametrize("layer", ["concessions", "communities", "incidents", "acts"])
def test_every_layer_is_exported(run, built, tmp_path, layer):
    code, out, err = run("export", layer, "-o", tmp_path / "a.csv", "--workspace", built)

    assert (code, out) == (0, "")
    assert "Rows written to" in err
    assert len((tmp_path / "a.csv").read_text().splitlines()) > 1


def test_several_layers_go_into_one_map_package(run, built, tmp_path):
    file = tmp_path / "mapa.smp"
    code, _, err = run("export", "concessions", "communities", "-o", file, "--workspace", built)

    assert code == 0
    assert f"Rows written to {file}: 6" in err
    assert {row["layer"] for row in feature_rows(tmp_path / "mapa.coverage.geojson")} == {"concessions", "communities"}
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("style.json"))["name"] == "mapa"


@pytest.mark.parametrize(
    ("kind", "name"), [("", "a.kmz"), ("kml-phone", "a.kml"), ("", "a.gpx")], ids=["kmz", "kml", "gpx"]
)
def test_several_layers_go_into_one_file_for_phones(run, built, tmp_path, kind, name):
    options = ["--format", kind] if kind else []
    code, _, err = run("export", "concessions", "communities", "-o", tmp_path / name, "--workspace", built, *options)
    box = "-78.5,-7,-78.495,-6.99"
    few = run(
        "export", "concessions", "communities", "-o", tmp_path / name, "--workspace", built, "--bbox", box, *options
    )

    assert (code, few[0]) == (0, 0)
    assert f"Rows written to {tmp_path / name}: 6" in err
    assert f"Rows written to {tmp_path / name}: 2" in few[2]


def test_a_project_of_qgis_stands_beside_its_layers(run, built, tmp_path):
    code, _, err = run("export", "concessions", "communities", "-o", tmp_path / "mapa.qgz", "--workspace", built)
    held = {name for name, _kind in pyogrio.list_layers(tmp_path / "mapa.gpkg")}

    assert code == 0
    assert "mapa.gpkg" in err
    assert f"Rows written to {tmp_path / 'mapa.qgz'}: 6" in err
    assert {"concessions", "communities", "ground_regions"} <= held
    assert len(pyogrio.read_dataframe(tmp_path / "mapa.gpkg", layer="concessions")) == 4
    with zipfile.ZipFile(tmp_path / "mapa.qgz") as archive:
        assert archive.namelist() == ["mapa.qgs"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["concessions", "acts", "-o", "a.qgz"], "a QGIS project cannot contain acts"),
        (["concessions", "incidents", "-o", "a.smp"], "a map package cannot contain incidents"),
        (["concessions", "communities", "-o", "a.csv"], "takes only one layer"),
    ],
)
def test_what_a_file_cannot_hold_is_refused(run, built, words, told):
    code, _, err = run("export", *words, "--workspace", built)

    assert code == 2
    assert told in " ".join(err.replace("│", " ").split())


def feature_rows(path):
    return [each["properties"] for each in json.loads(path.read_text())["features"]]


def test_what_is_near_stands_in_order(run, built):
    _, out, _ = run("near", "-7.0", "-78.5", "--km", "50", "--format", "json", "--workspace", built)
    told = json.loads(out)
    distances = [row["distance_m"] for row in told["near"] if row["distance_m"] is not None]
    coarse = [row["location_precision"] for row in told["near"][len(distances) :]]
    covered = {each["layer"]: each["verdict"] for each in told["coverage"]}

    assert len(told["near"]) == 6  # an attack of no stated precision is in no list
    assert told["coverage"][3]["known_without_exact_place"]["without_any_place"]["attacks"] == 1
    assert set(coarse).isdisjoint(KNOWN_PLACE)
    assert distances == sorted(distances)
    assert covered["protected_areas"] == "no_data"
    assert covered["incidents"] == "not_known"  # rows of an undeclared list prove no coverage where it has none
    assert "Cajamarca, Peru" in told["place"]


def test_a_place_is_found_by_its_name_and_what_is_alike_is_asked(run, built):
    code, out, err = run("near", "Sorochuco,", "Cajamarca", "--format", "json", "--workspace", built)
    assert code == 0
    assert json.loads(out)["place"].startswith("Sorochuco")
    assert "of this place: Sorochuco" in err

    code, out, err = run("near", "Selendin", "--workspace", built)
    assert (code, out) == (1, "")
    assert "Did you mean" in err
    assert "lindero near -6.8" in err


def test_nothing_near_is_said(run, built):
    code, _, err = run("near", "-12", "-77", "--km", "1", "--workspace", built)

    assert code == 0
    assert "Independencia, Lima, Peru. This map has no data on concessions here." in err
    assert "This map has no data on protected areas here." in err


def test_the_workspace_may_be_the_current_folder_or_told_by_the_environment(run, built, monkeypatch):
    monkeypatch.setenv("LINDERO_WORKSPACE", str(built))
    assert run("report")[0] == 0
    monkeypatch.delenv("LINDERO_WORKSPACE")
    monkeypatch.chdir(built)
    assert run("report")[0] == 0


FILES = {  # what a person may hold in her hand; each of many more is refused by name in tests/layers/read/formats/test_bad.py
    "buena.geojson": lambda p: geojson(p, concessions()),
    "metros.geojson": lambda p: geojson(p, concessions().to_crs(UTM_17S)),
    "vacio.csv": lambda p: text(p, ""),
    "bom.csv": lambda p: p.write_bytes(b"\xff\xfe"),
    "cabecera.csv": lambda p: text(p, "code,longitude,latitude\n"),
    "raro.csv": lambda p: text(p, "a,b\n1,2\n"),
    "sin_datos.csv": lambda p: text(p, "code,longitude,latitude\n1,s/d,s/d\n"),
    "fuera.zip": lambda p: zipped(p, **{"../x.csv": "a,b\n"}),
    "sin_forma.geojson": lambda p: text(p, collection([feature({"code": "1"}, None)])),
    "foto.shp": lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00"),
    "corto.gpkg": lambda p: p.write_bytes(b"SQLite format 3\x00" + b"\x00" * 50),
    "corto.parquet": lambda p: p.write_bytes(b"PAR1" + b"\x00" * 50),
    "vrt.kml": lambda p: text(p, "<OGRVRTDataSource><!-- <kml> --></OGRVRTDataSource>"),
}
ADD = ("--publisher", "P", "--workspace", "{space}", "--yes")
CONCESSIONS = (*ADD, "--layer", "concessions")
MISTAKES = [  # arguments, exit code, what is said
    *[
        (("add", name, *CONCESSIONS), 1, name.split(".")[0] if name not in {"raro.csv", "sin_datos.csv"} else "")
        for name in FILES
        if name not in {"buena.geojson", "cabecera.csv", "foto.shp"}
    ],
    (("add", "foto.shp", *CONCESSIONS), 1, "is a picture, which Lindero does not read"),
    (("add", "nada.geojson", *CONCESSIONS), 1, "nada.geojson does not exist"),
    (("add", "http://127.0.0.1:9/a.geojson", *CONCESSIONS), 1, "is not a public address"),
    (("add", "ftp://example.org/a.geojson", *CONCESSIONS), 1, "is not a web address"),
    (("fetch", "nada", "--workspace", "{space}"), 1, "there is no source 'nada'"),
    (("fetch", "wdpa", "--workspace", "{space}"), 1, "protectedplanet.net"),
    (("fetch",), 2, "name"),
    (("sources", "nada"), 2, "'nada' is not a valid choice"),
    (("sources", "check", "nada"), 1, "there is no source 'nada'"),
    (("sources", "--format", "xml"), 2, "'xml' is not a valid choice"),
    (("add", "buena.geojson", *CONCESSIONS, "--code", "status=x"), 2, "has no colon"),
    (("add", "buena.geojson", *CONCESSIONS, "--code", "estado:x=granted"), 1, "no column estado"),
    (("add", "buena.geojson", *ADD), 1, "the likeliest first: concessions"),
    (("add", "buena.geojson", *ADD, "--layer", "minas"), 1, "state it with --layer"),
    (("add", "buena.geojson", "--layer", "concessions", "--workspace", "{space}"), 1, "--publisher"),
    (("add", "buena.geojson", *CONCESSIONS, "--crs", "UTM 17"), 1, "not a known coordinate reference system"),
    (("add", "buena.geojson", *CONCESSIONS, "--crs", UTM_17S), 1, "is in metres"),
    (("add", "buena.geojson", *CONCESSIONS, "--retrieved-on", "ayer"), 1, "is not a date in the form"),
    (("add", "buena.geojson", *CONCESSIONS, "--snapshot-on", "31/12/2020"), 1, "is not a date in the form"),
    (("add", "buena.geojson", *CONCESSIONS, "--field", "code=CODIGO"), 1, "does not have the field CODIGO"),
    (("add", "buena.geojson", *CONCESSIONS, "--field", "codigo=code"), 1, "no column codigo"),
    (("add", "buena.geojson", *CONCESSIONS, "--value", "clase=mining"), 1, "no column clase"),
    (("add", "buena.geojson", *CONCESSIONS, "--field", "code"), 2, "has no equals sign"),
    (("add", "raro.csv", *CONCESSIONS, "--encoding", "klingon"), 1, "klingon"),
    (("add", "buena.geojson", *CONCESSIONS, "--sublayer", "capa"), 1, "does not have the layer 'capa'"),
    (("add", "buena.geojson", *CONCESSIONS, "--accuracy-m", "cinco"), 2, "accuracy-m"),
    (("add", "buena.geojson", "--publisher", "P", "--workspace", "nada"), 1, "is not a workspace"),
    (("add",), 2, "file"),
    (("init", "{space}"), 1, "is already a workspace"),
    (("init",), 2, "folder"),
    (("build",), 1, "current folder is not a workspace"),
    (("build", "nada"), 1, "is not a workspace"),
    (("report", "{space}"), 1, "has no map yet"),
    (("report", "{built}", "--format", "xml"), 2, "'xml' is not a valid choice"),
    (("overlaps", "concessions", "communities", "--workspace", "{space}"), 1, "Run `lindero build` first"),
    (("overlaps", "concesiones", "communities", "--workspace", "{built}"), 1, "there is no layer 'concesiones'"),
    (("overlaps", "concessions", "acts", "--workspace", "{built}"), 1, "acts has no polygons"),
    (("overlaps", "concessions", "communities", "--left-where", "holder", "--workspace", "{built}"), 1, "COLUMN=VALUE"),
    (
        ("overlaps", "concessions", "communities", "--left-where", "dueño=x", "--workspace", "{built}"),
        1,
        "no column dueño",
    ),
    (
        ("overlaps", "concessions", "communities", "--left-source", "a@ayer", "--workspace", "{built}"),
        1,
        "is not a date; write it as YYYY-MM-DD",
    ),
    (
        ("overlaps", "concessions", "communities", "--format", "gpkg", "--workspace", "{built}"),
        1,
        "is written to a file",
    ),
    (("overlaps", "concessions", "communities", "--format", "pdf", "--workspace", "{built}"), 2, "pdf"),
    (("overlaps", "concessions", "--workspace", "{built}"), 2, "right"),
    (("near", "norte", "-78", "--workspace", "{built}"), 1, "No place called norte -78"),
    (("near", "95", "-178", "--workspace", "{built}"), 1, "not on Earth"),
    (("near", "6.9", "S", "91.5", "S", "--workspace", "{built}"), 1, "two latitudes"),
    (("near", "Sorochuco", "--limit", "1", "--workspace", "{built}"), 2, "No such option: --limit"),
    (("near", "Sorochuco", "-x", "--workspace", "{built}"), 2, "No such option: -x"),
    (("near", "-7", "-78", "--km", "-5", "--workspace", "{built}"), 2, "km"),
    (("near", "-7", "-78", "--layer", "minas", "--workspace", "{built}"), 1, "there is no layer 'minas'"),
    (("near", "-7", "-78", "--layer", "acts", "--workspace", "{built}"), 1, "acts"),
    (("near", "-7", "-78", "--format", "geojson", "--workspace", "{built}"), 1, "no geometry"),
    (("export", "minas", "-o", "a.csv", "--workspace", "{built}"), 1, "there is no layer 'minas'"),
    (("export", "concessions", "-o", "a.pdf", "--workspace", "{built}"), 2, "'pdf' is not a valid choice"),
    (("export", "concessions", "-o", "nada/a.csv", "--workspace", "{built}"), 1, "cannot be written"),
    (("export", "acts", "-o", "a.gpkg", "--workspace", "{built}"), 1, "no geometry"),
    (("export", "concessions", "--workspace", "{built}"), 2, "output"),
    (("exporta",), 2, "exporta"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: " ".join(mistake[0])[:60])
def test_a_mistake_is_answered_with_a_sentence_and_its_exit_code(run, built, tmp_path, mistake):
    arguments, expected, said = mistake
    for name in set(FILES) & set(arguments):
        FILES[name](tmp_path / name)
    Files(tmp_path / "space")
    code, out, err = run(*(part.format(space=tmp_path / "space", built=built) for part in arguments))

    assert (code, out) == (expected, "")
    assert said in err
    assert "Traceback" not in err


def test_the_same_snapshot_twice_is_refused(run, tmp_path):
    geojson(tmp_path / "a.geojson", concessions())
    Files(tmp_path / "space")
    command = [part.format(space=tmp_path / "space") for part in ("add", "a.geojson", *CONCESSIONS)]

    assert run(*command)[0] == 0
    code, _, err = run(*command)
    assert code == 1
    assert "already" in err


@pytest.mark.parametrize(("language", "said"), [("en", "is not a workspace"), ("es", "")])
def test_the_program_speaks_the_language_that_is_asked_for(tmp_path, language, said):
    environment = {**os.environ, "LINDERO_LANG": language, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "lindero.app.cli", "build", "nada"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert not done.stdout
    assert said in done.stderr
    assert ("is not a workspace" in done.stderr) == (language not in i18n.languages() or language == "en")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [(), ("init",), ("add",), ("build",), ("report",), ("overlaps",), ("near",), ("export",), ("fetch",), ("sources",)],
)
def test_every_command_explains_itself(run, command):
    code, out, err = run(*command, "--help")

    assert code == 0
    assert "Usage" in out + err


def test_without_numba_overlaps_are_the_same_and_the_reader_is_told_why_they_take_longer(run, built, monkeypatch):
    question = "overlaps", "concessions", "communities", "--format", "json", "--min-ha", "0.001", "--workspace", built
    code, fast, fast_told = run(*question)
    monkeypatch.setattr(numba_jit, "HAS_NUMBA", False)
    slow_code, slow, slow_told = run(*question)

    assert code == slow_code == 0
    fast, slow = json.loads(fast), json.loads(slow)
    assert fast["pairs"] == slow["pairs"] > 0
    for one, other in zip(fast["overlaps"], slow["overlaps"], strict=True):
        assert one["area_ha"] == pytest.approx(other["area_ha"], rel=1e-9)
        assert one["certainty"] == other["certainty"]
    assert fast["footprint_ha"] == pytest.approx(slow["footprint_ha"], rel=1e-9)
    assert "numba" in slow_told
    assert "numba" not in fast_told


def test_the_version_is_said(run):
    assert run("--version") == (0, f"lindero {version('lindero')}\n", "")


def test_a_taken_port_is_said_before_a_map_is_built_or_an_address_named(run, files):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = run("serve", files.folder, "--port", taken.getsockname()[1])

    assert code == 1
    assert "cannot be used" in err
    assert "http://" not in out + err
    assert not files.space.build_folder.exists()


def test_make_run_takes_a_port():
    told = subprocess.run(  # under another make, as in CI, it would tell of folders entered and left, too
        ["make", "--dry-run", "--no-print-directory", "run", "PORT=8600"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told.rstrip().endswith("lindero serve --port 8600")


def test_a_source_is_removed_by_its_name(run, files):
    files.add("concessions", concessions(), id="catastro")

    code, _, err = run("remove", "catastro@2026-01-01", "--yes", "--workspace", files.folder)
    assert code == 0
    assert "Removed: catastro of 2026-01-01, concessions.geojson." in err

    code, _, err = run("remove", "catastro", "--yes", "--workspace", files.folder)
    assert code == 1
    assert "there is no source 'catastro'" in err
