"""The wheel holds all that the program needs, under one name, and runs from outside the clone."""

import json
import os
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests import patience, small_map

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
TABLE = "code,name,longitude,latitude\nC-1,Caserío Uno,-78.5,-7.1\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "clone"  # what is built here must not be left in the clone
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(copy)], check=True)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(copy)], check=True, capture_output=True, text=True)
    return next(folder.glob("lindero-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment of its own that holds the wheel, and of the clone's environment the libraries alone."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    packages = next(folder.glob("lib/python3*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # named in a file, a folder is searched, but what its own files name (the clone, say) is not
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    packages.joinpath("libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(installed, tmp_path):
    def run(*words, **environment):
        command = [installed / "bin" / "python", "-c", "from lindero.app.cli import main; main()", *map(str, words)]
        clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        home = {"XDG_DATA_HOME": str(tmp_path / "data"), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": "en"}
        return subprocess.run(
            command, cwd=tmp_path, env={**clean, **home, **environment}, capture_output=True, text=True, check=False
        )

    return run


def test_it_claims_one_name(wheel):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"lindero"}


def test_it_is_run_from_where_it_is_installed(installed, tmp_path):
    script = "import lindero.app.cli, lindero.layers; print(lindero.app.cli.__file__, lindero.layers.__file__)"
    told = subprocess.run(
        [installed / "bin" / "python", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout

    assert all(path.startswith(str(installed)) for path in told.split())


def test_it_says_its_version_and_helps_in_spanish(run):
    assert run("--version").stdout.startswith("lindero ")
    assert "Un mapa de territorio" in run("--help", LC_ALL="es_PE.UTF-8", LANG="es_PE.UTF-8", LANGUAGE="es").stdout


def test_a_file_is_added_and_built(run, tmp_path):
    table = tmp_path / "lugares.csv"
    table.write_text(TABLE, encoding="utf-8")

    made = run("init", "valley", "--title", "Valley", "--country", "PE")
    added = run("add", table, "--layer", "places", "--publisher", "A", "--yes", "--workspace", "valley")
    built = run("build", "valley")

    assert (made.returncode, added.returncode, built.returncode) == (0, 0, 0), made.stderr + added.stderr + built.stderr
    assert list((tmp_path / "valley" / "build").glob("map-*.duckdb"))


@pytest.mark.slow
def test_it_serves_the_demonstration(installed, tmp_path):
    port = small_map.free_port()
    command = [installed / "bin" / "python", "-c", "from lindero.app.cli import main; main()", "serve"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "BROWSER": "true"}
    server = subprocess.Popen(
        [*command, "--port", str(port)], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        answered = _answer(f"http://127.0.0.1:{port}/health", server)
    finally:
        patience.end(server)
        server.stdout.close()

    assert answered["status"] == "ok"
    assert list((tmp_path / "data" / "lindero").glob("demonstration-*/build/map-*.duckdb"))


def _answer(address, server):
    while server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address) as answer:
            return json.load(answer)
        time.sleep(0.2)
    pytest.fail(server.communicate()[0].decode())
