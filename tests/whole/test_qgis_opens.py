"""QGIS itself, without a screen: what it finds in a project, in a GeoPackage and at /ogc, and how it draws them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from lindero.app.media.files.files import write_file
from lindero.app.media.files.formats import qgis_project
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from tests import small_map
from tests.built import build
from tests.files import Files, concessions
from tests.real_servers import needed

pytestmark = pytest.mark.servers

PYTHON = "/usr/bin/python3"  # Debian's, for which QGIS is packaged
SCRIPT = Path(__file__).parents[1] / "qgis_reads.py"
OWNED = {"communities": ("Comunidades. Editora.",), "concessions": ("Catastro «A & B» <1>. Ministerio.",)}
MINING, HYDROCARBONS, COMMUNITY, SEA, LAND = "#d55e00", "#000000", "#0072b2", "#cfe3ec", "#f7f5f0"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """All that QGIS tells of an export in Spanish, and of the same map as it is served."""
    there = subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False)
    needed(there.returncode == 0, "Debian's python3-qgis")
    folder = tmp_path_factory.mktemp("qgis")
    files = Files(folder / "space")
    files.add("concessions", concessions(4).assign(kind=["mining", "hydrocarbons", "mining", "mining"]))
    files.add("communities", concessions(2, row=1).drop(columns=["holder", "status"]).assign(name=["Ñandú", "Peñón"]))
    with map_database.connect(build(files.space).path) as con:
        rows = {name: map_database.read_layer(con, LAYERS[name]) for name in OWNED}
    i18n.set_language("es")
    project, package, picture = folder / "mapa.qgz", folder / "solo.gpkg", folder / "map.png"
    qgis_project.write_project(rows, project, title="Nuestro mapa", terms=OWNED)
    write_file(rows["concessions"], "gpkg", package, layer=LAYERS["concessions"], terms=OWNED["concessions"])
    alone = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    with small_map.serving(files.folder / "build") as address:
        asked = [PYTHON, str(SCRIPT), str(project), str(package), address, str(picture)]
        done = subprocess.run(asked, env=alone, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow  # a program of others starts, and reads all that the tests below ask of
def test_a_project_opens_with_its_groups_and_layers_and_none_is_lost(found):
    assert (found["is_read"], found["title"]) == (True, "Nuestro mapa")
    assert found["groups"]["Nuestro mapa"] == ["Concesiones", "Comunidades"]
    assert {"Regiones", "Ríos"} <= set(found["groups"]["Mapa de fondo"])
    assert [name for name, layer in found["layers"].items() if not layer["is_valid"]] == []
    assert (found["layers"]["Concesiones"]["rows"], found["layers"]["Comunidades"]["rows"]) == (4, 2)


@pytest.mark.parametrize("where", ["project", "package"])
def test_a_layer_is_drawn_by_its_classes_and_its_columns_and_codes_are_in_words(found, where):
    layer = found["layers"]["Concesiones"] if where == "project" else found["package"]

    assert (layer["is_valid"], layer["rows"], layer["crs"]) == (True, 4, "OGC:CRS84")
    assert layer["drawn_by"] == "categorizedSymbol"
    assert {"mining": "Minería", "hydrocarbons": "Petróleo y gas"}.items() <= layer["classes"].items()
    assert {"holder": "Titular", "status": "Estado", "area_ha": "Hectáreas"}.items() <= layer["aliases"].items()
    assert layer["codes"]["status"]["granted"] == "otorgada"
    assert layer["rights"] == ["Catastro «A & B» <1>. Ministerio."]


def test_the_picture_has_the_sea_the_land_and_each_class_in_its_colour(found):
    shown = set(found["colours"])

    assert {LAND, MINING, HYDROCARBONS, COMMUNITY} <= shown


def test_the_live_layer_is_read_with_all_its_rows(found):
    live = found["live"]

    assert (live["is_valid"], live["rows"], live["crs"]) == (True, 4, "OGC:CRS84")
    assert live["names"] == [f"Peñón Ñandú {number}" for number in range(1, 5)]
