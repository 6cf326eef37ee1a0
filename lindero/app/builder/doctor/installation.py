"""Checks of this installation: Python, packages and their versions, bundled files, database extensions, sandbox."""

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.metadata import version
from pathlib import Path

from urllib3 import Timeout
from urllib3.exceptions import HTTPError

import lindero
from lindero.app.builder.doctor.finding import Finding, report_note, report_ok, report_problem
from lindero.app.builder.doctor.translation_state import translation_text
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.geo.kernels import numba_jit
from lindero.layers.database import integrity
from lindero.layers.disk.scratch import temporary_folder
from lindero.layers.errors import N_, LayerError, ServiceError
from lindero.layers.read.sandbox import client
from lindero.layers.reference import base_data
from lindero.layers.services.connection.connections import Connections
from lindero.layers.services.connection.url_guard import parse_endpoint

PATH = "/health"
_MOST_BYTES = 65_536
_CONNECT_S, _READ_S = 10.0, 300.0  # seconds: a large map is read completely before the answer
_OK, _FAILED = 200, 503


@dataclass(frozen=True)
class ServerHealth:
    """The health of a served map: the name of a complete map, or the reason why there is none."""

    map: str = ""
    why: str = ""


def check_server(address: str, *, ca_file: Path | None = None) -> Iterator[Finding]:
    """Check the served map at the given address. No other address is contacted."""
    try:
        health = fetch_health(address, language=i18n.current_language(), ca_file=ca_file)
    except LayerError as error:
        yield report_problem("served", _(error.template).format(**error.params))
        return
    if health.why:
        yield report_problem("served", _("{address} reports: {why}").format(address=address, why=health.why))
    else:
        text = _("{address} serves {map}, and the map is undamaged.")
        yield report_ok("served", text.format(address=address, map=health.map))


def fetch_health(url: str, *, language: str = "en", ca_file: Path | None = None) -> ServerHealth:
    """Fetch the health of a served map. An address without a path means `/health`. Redirects are not followed."""
    place = parse_endpoint(url)
    target = PATH if place.target in {"", "/"} else place.target
    connections = Connections(timeout=Timeout(connect=_CONNECT_S, read=_READ_S), allow_private=True, ca_file=ca_file)
    headers = {"User-Agent": f"Lindero/{version('lindero')}", "Accept-Language": language}
    try:
        response = connections.request(parse_endpoint(f"{place.scheme}://{place.host_header}{target}"), headers)
        try:
            return _parse_health(response.status, response.read(_MOST_BYTES), place.host_header)
        finally:
            response.close()
    except (HTTPError, OSError) as error:
        why = str(getattr(error, "reason", None) or error).rpartition(": ")[2]
        raise ServiceError(
            N_(
                "{host} does not answer ({why}); check that `lindero serve` and the web server in front of "
                "it are running there"
            ),
            host=place.host_header,
            why=why,
        ) from error


def _parse_health(status: int, body: bytes, host: str) -> ServerHealth:
    """Parse a response: the served map, or the reason why there is none."""
    try:
        content = dict(json.loads(body))
        health = ServerHealth(map=str(content.get("map", "")), why=str(content.get("why", "")))
    except (ValueError, TypeError):
        health = ServerHealth()
    if (status, bool(health.map)) == (_OK, True) or (status, bool(health.why)) == (_FAILED, True):
        return health
    raise ServiceError(
        N_(
            "the answer of {host} ({status}) does not come from a map of Lindero; check the address at which "
            "the map is served"
        ),
        host=host,
        status=status,
    )


OLDEST = (3, 11)
LOCK = Path(lindero.__file__).parents[1] / "constraints-run.txt"  # in a clone only; a wheel does not contain it
RESTRICTION_NAMES = {  # names of the limits in layers.read.sandbox.restrictions
    "memory": N_("memory"),
    "time": N_("processor time"),
    "file_size": N_("size of written files"),
    "files": N_("other files"),
    "network": N_("the network"),
    "programs": N_("other programs"),
    "python": N_("actions within Python"),
}
_WIDE = 2**32
_PINNED_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", re.MULTILINE)
_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)(?:==([^\s;]+))?")
_POINT = '{"type":"Feature","properties":{"name":"x"},"geometry":{"type":"Point","coordinates":[-78,-7]}}'


def check_installation() -> Iterator[Finding]:
    """Check Python, the packages, the bundled files, and the sandbox on this machine."""
    yield _check_python()
    yield from _check_packages()
    yield _check_own_files()
    yield report_ok("languages", translation_text())
    yield from _check_extensions()
    yield _check_numba()
    yield _check_reader()


def _check_python() -> Finding:
    python_version = sys.version.partition(" ")[0]
    if sys.version_info < OLDEST:
        return report_problem(
            "python", _("Lindero needs Python 3.11 or newer; this is {version}.").format(version=python_version)
        )
    if sys.maxsize < _WIDE:
        return report_problem(
            "python", _("This is a 32-bit Python, and the database does not run on it. Install a 64-bit Python.")
        )
    return report_ok("python", _("Python {version}.").format(version=python_version))


def _check_packages() -> Iterator[Finding]:
    required = {
        name: pin
        for name, pin in _iter_required_packages()
        if _installed_version(name) is None or pin not in {"", _installed_version(name)}
    }
    for name, pin in required.items():
        requirement = f"{name}=={pin}" if pin else name
        text = _("The package {wanted} is not installed: pip install --constraint constraints.txt {wanted}")
        yield report_problem("packages", text.format(wanted=requirement))
    locked = _read_lock()
    if not locked:
        text = _("Package versions were not compared: Lindero was installed from a wheel, which has no lock file.")
        yield report_note("packages", text)
        return
    for name, versions in locked.items():
        current = _installed_version(name)
        if current is not None and current not in versions and name not in required:
            text = _("{name} is version {here}, but Lindero was tested with {wanted}. Run `make setup`.")
            yield report_problem("packages", text.format(name=name, here=current, wanted=" / ".join(sorted(versions))))
    if all(_installed_version(name) in {None, *versions} for name, versions in locked.items()) and not required:
        yield report_ok("packages", _("All packages have the versions in the lock file."))


def _iter_required_packages() -> Iterator[tuple[str, str]]:
    """Yield the packages that the program requires, each with its pinned version or an empty text."""
    for line in metadata.requires("lindero") or ():
        if "extra ==" not in line and (match := _REQUIREMENT.match(line)):
            yield match[1], match[2] or ""


def _read_lock() -> dict[str, set[str]]:
    """Return the versions of each package in the lock file.

    Some packages have a version for each version of Python.
    """
    versions: dict[str, set[str]] = {}
    for name, pinned in _PINNED_REQUIREMENT.findall(LOCK.read_text(encoding="utf-8")) if LOCK.is_file() else ():
        versions.setdefault(name, set()).add(pinned)
    return versions


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _check_own_files() -> Finding:
    required = (base_data.BASEMAP, Path(__file__).parents[2] / "static" / "map.js")
    missing = [path.name for path in required if not path.is_file()]
    if i18n.DEFAULT_LANGUAGE not in i18n.languages():
        missing.append(f"{i18n.LOCALE_DIR.name}/{i18n.DEFAULT_LANGUAGE}")
    if missing:
        return report_problem(
            "program", _("The program is incomplete ({files}). Install it again.").format(files=", ".join(missing))
        )
    return report_ok("program", _("The program has its basemap, its pages and its languages."))


def _check_extensions() -> Iterator[Finding]:
    faults = integrity.check_extensions()
    for name, why in faults.items():
        text = _("The database extension {name} does not load ({why}). Run: pip install duckdb-extension-{name}")
        yield report_problem("database", f"{text.format(name=name, why=why)}=={_installed_version('duckdb')}")
    if not faults:
        text = _("The database loads its extensions: {names}.")
        yield report_ok("database", text.format(names=", ".join(integrity.NAMES)))


def _check_numba() -> Finding:
    """Check whether overlaps are compiled with numba, and whether the compiled code can be cached."""
    if not numba_jit.HAS_NUMBA:
        text = _(
            "numba is not installed. Overlaps give the same numbers, but take longer. To install it: `pip "
            "install numba`."
        )
        return report_note("numba", text)
    try:
        from lindero.machine import code_cache  # needs numba

        folder = code_cache.code_folder()
    except (ImportError, OSError) as error:
        text = _("numba cannot be used ({why}). Install it again, or uninstall it; without it, overlaps take longer.")
        return report_problem("numba", text.format(why=error))
    if not os.access(folder, os.W_OK):
        text = _(
            "Compiled code cannot be saved in {folder}, so each start compiles it again. Give this user "
            "write permission there."
        )
        return report_problem("numba", text.format(folder=folder))
    return report_ok("numba", _("numba is installed; its compiled code is saved in {folder}.").format(folder=folder))


def _check_reader() -> Finding:
    """Read a file of one point in the sandbox, and report the restrictions that were active."""
    try:
        with temporary_folder() as folder:
            file = folder / "one.geojson"
            file.write_text(_POINT, encoding="utf-8")
            restrictions = client.read_response(file, encoding=None, sublayer=None).tail.walls
    except LayerError as error:
        return report_problem("reader", error_text(error))
    except OSError as error:
        text = _(
            "Files cannot be read, because no temporary files can be written ({why}). Free some space, or "
            "give this user write permission in the temporary folder."
        )
        return report_problem("reader", text.format(why=error.strerror or error))
    if missing := [_(words) for wall, words in RESTRICTION_NAMES.items() if wall not in restrictions]:
        text = _(
            "The sandbox for received files is incomplete on this computer (not restricted: {missing}). "
            "It is complete on Linux 5.13 or newer. Here, open only files from people you trust."
        )
        return report_note("reader", text.format(missing=", ".join(missing)))
    text = _("Received files are opened in a complete sandbox, which restricts: {walls}.")
    return report_ok("reader", text.format(walls=", ".join(_(words) for words in RESTRICTION_NAMES.values())))
