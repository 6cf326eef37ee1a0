"""
Programs that others wrote: servers on loopback, each serving one layer from a GeoJSON file for as long as a test needs it,
and a reader of map packages.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from tests import fast_cgi, patience
from tests.needed import missing
from tests.web_stub import Answered, serving

SERVERS = Path(__file__).parent / "servers"
INSTALLED = Path(os.environ.get("LINDERO_TEST_SERVERS") or Path(__file__).parents[1] / ".servers")
PYGEOAPI = INSTALLED / "pygeoapi" / "bin" / "pygeoapi"
KOOP = INSTALLED / "koop"
# What its two commands do, `openapi generate` and `serve`, in one process: to load it takes longer than either.
_DESCRIBED_AND_SERVED = """\
import sys
from pygeoapi import cli
cli(["openapi", "generate", sys.argv[1], "--output-file", sys.argv[2]], standalone_mode=False)
cli(["serve"])
"""


def needed(there, name):
    """Without a server its tests are skipped; under CI, which installs it, they fail."""
    if not there:
        missing(f"{name} is not here: tests/servers/install.sh installs it")


def read_map_package(file):
    """What npm's reader of styled map packages finds in one; it fails if that is not all that its style refers to."""
    folder = INSTALLED / "styled-map-package"
    needed((folder / ".installed").exists() and shutil.which("node"), "npm's styled-map-package")
    command = ["node", "check.mjs", str(file)]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@contextmanager
def koop(layer, folder):
    """An ArcGIS FeatureServer; gives the address of its one layer."""
    needed((KOOP / ".installed").exists() and shutil.which("node"), "Koop")
    port = _free_port()
    command = ["node", str(KOOP / "server.js"), str(layer), str(port)]
    with _running(command, f"http://127.0.0.1:{port}/FeatureServer?f=json", folder / "koop.log"):
        yield f"http://127.0.0.1:{port}/FeatureServer/0"


@contextmanager
def pygeoapi(layer, folder):
    """An OGC API – Features server; gives its address."""
    needed(PYGEOAPI.exists(), "pygeoapi")
    port = _free_port()
    config, described = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(
        (SERVERS / "pygeoapi" / "config.yml")
        .read_text()
        .replace("${LAYER}", str(layer))
        .replace("${PORT}", str(port))
        .replace("5000", str(port))
    )
    environment = {**os.environ, "PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
    command = [str(PYGEOAPI.with_name("python")), "-c", _DESCRIBED_AND_SERVED, str(config), str(described)]
    with _running(command, f"http://127.0.0.1:{port}/", folder / "pygeoapi.log", environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def mapserver(layer, folder, *, most=700):
    """A Web Feature Service: MapServer, which answers by FastCGI, behind a small front; gives its address."""
    needed(shutil.which("mapserv"), "MapServer")
    (folder / "mapserver.conf").write_text('CONFIG\n  ENV\n    "MS_MAP_PATTERN" "."\n  END\nEND\n')
    described = folder / "layer.map"
    environment = {
        "MS_MAPFILE": str(described),
        "MAPSERVER_CONFIG_FILE": str(folder / "mapserver.conf"),
        "PATH": os.environ["PATH"],
    }

    def answer(_path, _params, _headers, query):
        given = fast_cgi.answer(listens, {**environment, "REQUEST_METHOD": "GET", "QUERY_STRING": query})
        head, _, body = given.partition(b"\r\n\r\n")
        return Answered(body, headers={"Content-Type": head.decode().partition(": ")[2].splitlines()[0]})

    with fast_cgi.running("mapserv", environment) as listens, serving(answer, with_query=True) as (address, asked):
        source = (SERVERS / "mapserver" / "layer.map").read_text()
        described.write_text(
            source.replace("%LAYER%", str(layer)).replace("%ONLINE%", f"{address}/").replace("%MOST%", str(most))
        )
        yield f"{address}/ows", asked


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _running(command, address, log, environment=None):
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
        try:
            _wait_for(address, process, log)
            yield
        finally:
            patience.end(process)


def _wait_for(address, process, log):
    while process.poll() is None:  # however long a busy machine takes
        try:
            with urllib.request.urlopen(address, timeout=20):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
