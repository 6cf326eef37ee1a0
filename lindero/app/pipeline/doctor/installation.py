"""Whether this installation has all that the program needs, in the versions that it was tested with."""

import os
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import lindero
from lindero.app.pipeline.doctor.finding import Finding, mend, note, well
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.geo.kernels import numba_jit
from lindero.layers.database import integrity
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, LayerError
from lindero.layers.read.sandbox import client
from lindero.layers.reference import base_data

OLDEST = (3, 11)
LOCK = Path(lindero.__file__).parents[1] / "constraints-run.txt"  # beside the code of a clone; a wheel brings none
WALLS = {  # of layers.read.sandbox.restrictions, in words
    "memory": N_("memory"),
    "time": N_("processor time"),
    "file_size": N_("size of what it writes"),
    "files": N_("other files"),
    "network": N_("the network"),
    "programs": N_("other programs"),
    "python": N_("what Python itself refuses"),
}
_WIDE = 2**32
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", re.MULTILINE)
_REQUIRED = re.compile(r"([A-Za-z0-9][\w.-]*)(?:==([^\s;]+))?")
_POINT = '{"type":"Feature","properties":{"name":"x"},"geometry":{"type":"Point","coordinates":[-78,-7]}}'


def findings() -> Iterator[Finding]:
    """Look at Python, the packages, what the program brings along, and what this machine lets it do."""
    yield _python()
    yield from _packages()
    yield _own_files()
    yield from _extensions()
    yield _kernels()
    yield _reader()


def _python() -> Finding:
    told = sys.version.partition(" ")[0]
    if sys.version_info < OLDEST:
        return mend("python", _("Lindero needs Python 3.11 or newer; this is {version}.").format(version=told))
    if sys.maxsize < _WIDE:
        return mend("python", _("This Python is one of 32 bits, for which there is no database: install that of 64."))
    return well("python", _("Python {version}.").format(version=told))


def _packages() -> Iterator[Finding]:
    required = {name: pin for name, pin in _required() if _installed(name) is None or pin not in {"", _installed(name)}}
    for name, pin in required.items():
        wanted = f"{name}=={pin}" if pin else name
        text = _("The package {wanted} is not installed: pip install --constraint constraints.txt {wanted}")
        yield mend("packages", text.format(wanted=wanted))
    locked = _locked()
    if not locked:
        text = _("There is no lock beside the code to hold the versions of packages to: it is installed from a wheel.")
        yield note("packages", text)
        return
    for name, versions in locked.items():
        here = _installed(name)
        if here is not None and here not in versions and name not in required:
            text = _("{name} is {here}, and was tested as {wanted}: run `make setup`.")
            yield mend("packages", text.format(name=name, here=here, wanted=" / ".join(sorted(versions))))
    if all(_installed(name) in {None, *versions} for name, versions in locked.items()) and not required:
        yield well("packages", _("All packages are of the versions that the lock names."))


def _required() -> Iterator[tuple[str, str]]:
    """Give the packages that the program declares, each with the version that it is held to, if it is to one."""
    for line in metadata.requires("lindero") or ():
        if "extra ==" not in line and (found := _REQUIRED.match(line)):
            yield found[1], found[2] or ""


def _locked() -> dict[str, set[str]]:
    """Give the versions that the lock names: some packages have one for each version of Python."""
    versions: dict[str, set[str]] = {}
    for name, version in _PINNED.findall(LOCK.read_text(encoding="utf-8")) if LOCK.is_file() else ():
        versions.setdefault(name, set()).add(version)
    return versions


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _own_files() -> Finding:
    wanted = (base_data.BASEMAP, Path(__file__).parents[2] / "static" / "map.js")
    gone = [path.name for path in wanted if not path.is_file()]
    if gone or i18n.DEFAULT_LANGUAGE not in i18n.languages():
        return mend("program", _("The program is not whole ({files}): install it anew.").format(files=", ".join(gone)))
    return well("program", _("The program has its base map, its pages and its languages."))


def _extensions() -> Iterator[Finding]:
    faults = integrity.faults()
    for name, why in faults.items():
        text = _("The extension {name} of the database does not load ({why}): pip install duckdb-extension-{name}")
        yield mend("database", f"{text.format(name=name, why=why)}=={_installed('duckdb')}")
    if not faults:
        text = _("The database loads its extensions: {names}.")
        yield well("database", text.format(names=", ".join(integrity.NAMES)))


def _kernels() -> Finding:
    """Say whether overlaps are compiled, and whether what is compiled can be kept."""
    if not numba_jit.AVAILABLE:
        text = _("numba is not installed: overlaps give the same numbers, later. `pip install numba` has it.")
        return note("numba", text)
    try:
        from lindero.machine import code_cache  # it needs numba

        folder = code_cache.folder()
    except (ImportError, OSError) as error:
        text = _("numba cannot be used ({why}): install it anew, or take it off and overlaps take longer.")
        return mend("numba", text.format(why=error))
    if not os.access(folder, os.W_OK):
        text = _("Compiled code cannot be kept in {folder}, so that each start compiles anew: let this user write it.")
        return mend("numba", text.format(folder=folder))
    return well("numba", _("numba is there, and keeps compiled code in {folder}.").format(folder=folder))


def _reader() -> Finding:
    """Have a file of one point read as received files are, and say which walls stood round that."""
    try:
        with scratch() as folder:
            file = folder / "one.geojson"
            file.write_text(_POINT, encoding="utf-8")
            standing = client.ask(file, encoding=None, sublayer=None).tail.walls
    except LayerError as error:
        return mend("reader", error_text(error))
    except OSError as error:
        text = _("Files cannot be read here, for there is no room for what is needed for a moment ({why}).")
        return mend("reader", text.format(why=error.strerror or error))
    if missing := [_(words) for wall, words in WALLS.items() if wall not in standing]:
        text = _(
            "Received files are opened behind fewer walls than there are (missing: {missing}). Linux 5.13 and newer "
            "has all of them; here, open no file of somebody whom you do not trust."
        )
        return note("reader", text.format(missing=", ".join(missing)))
    text = _("Received files are opened behind all walls: {walls}.")
    return well("reader", text.format(walls=", ".join(_(words) for words in WALLS.values())))
