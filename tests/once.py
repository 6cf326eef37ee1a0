"""What is made once for all processes of a test run, and only read afterwards."""

import hashlib
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import lru_cache, wraps
from pathlib import Path

import pytest
import typer.main
import typer.testing

from lindero.app.media.phone import background, bundle, site_parts, whole_map
from lindero.layers.database import comments, map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds
from tests import beforehand

_RUN: list[pytest.TempPathFactory] = []  # of the tests that are run, for what takes no fixture


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """
    Give what `make` has made in a folder of the run, whichever process came first; the others wait for it.

    `make` is given the empty folder, and gives the path of what it made; where it fails, the next to come begins anew.
    """
    base = tmp_path_factory.getbasetemp()
    run = base.parent if base.name.startswith("popen-") else base  # the processes of pytest-xdist have one each
    with (run / f"{name}.lock").open("a") as lock:
        flock(lock, LOCK_EX)
        whole = run / f"{name}.whole"
        if not whole.exists():
            whole.write_text(str(make(tmp_path_factory.mktemp(name))))
        return Path(whole.read_text())


@contextmanager
def maps_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let `map_of` keep the maps of this run."""
    _RUN.append(tmp_path_factory)
    yield
    _RUN.pop()


def map_of(told: object, build_folder: Path, make: Callable[[], object]) -> Path:
    """
    Give the map that `make` puts into a build folder, or a copy of what it has put into another: of what is `told`.

    What is told is all that the map is made of, of a kind that is written down as it is. A folder that has a map
    already, which the next may be made upon, gets its own.
    """
    if not _RUN or any(build_folder.glob("map-*")):
        make()
        return builds.current_map(build_folder)

    def kept(folder: Path) -> Path:
        make()
        return _copied(build_folder, folder)

    key = hashlib.sha256(repr(told).encode()).hexdigest()[:20]
    map_folder = made_once(_RUN[-1], f"map-{key}", kept)
    if not any(build_folder.glob("map-*")):  # made into another folder
        build_folder.mkdir(parents=True, exist_ok=True)
        _copied(map_folder, build_folder)
    return builds.current_map(build_folder)


def _copied(build_folder: Path, folder: Path) -> Path:
    """Copy a map, with what belongs beside it, and the pointer to it; gives the folder where they are now."""
    for path in (*build_folder.glob(f"{builds.current_map(build_folder).stem}.*"), build_folder / builds.POINTER):
        shutil.copyfile(path, folder / path.name)
    return folder


@contextmanager
def extensions_checked_once() -> Iterator[None]:
    """
    Let DuckDB check the signatures of its extensions once in a process, and not each time that a test loads one.

    The files do not change meanwhile, and to check `spatial` takes 0.3 seconds. Processes that tests start check each.
    """
    beforehand.check_extensions()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(map_database._OFFLINE, "allow_unsigned_extensions", "true")
        yield


@contextmanager
def pages_opened_sooner() -> Iterator[None]:
    """
    Let Streamlit's own test harness look once which packages bring components, keep scripts, and wait for a page asleep.

    For each page opened it would read what every installed package says of itself (0.13 seconds), compile the scripts
    anew, which no server does, and ask a thousand times a second whether the page has ended.
    """
    if "streamlit.testing" not in sys.modules:  # no test of this run opens a page
        yield
        return
    from streamlit.components.v2 import manifest_scanner
    from streamlit.testing.v1 import local_script_runner

    look, ask = manifest_scanner.scan_component_manifests, local_script_runner.require_widgets_deltas

    def asleep(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
        if runner._script_thread is not None:
            runner._script_thread.join(timeout)
        ask(runner, timeout)  # which stops one that takes too long, and says so

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lru_cache(look))
        patch.setattr(local_script_runner, "require_widgets_deltas", asleep)
        patch.setattr(local_script_runner, "ScriptCache", lru_cache(local_script_runner.ScriptCache))
        yield


@contextmanager
def commands_read_once() -> Iterator[None]:
    """Let typer read once in a process what each command takes, and not for each that a test gives (13 milliseconds)."""
    read = lru_cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", read)
        patch.setattr(typer.testing, "_get_command", read)
        yield


@contextmanager
def backgrounds_drawn_once() -> Iterator[None]:
    """
    Let what pocket maps take of the program itself be made once.

    Backgrounds and places of a frame, sounds of names, the script; and what is packed of these, which nobody changes.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "fit_background", lru_cache(background.fit_background))
        patch.setattr(background, "list_places", lru_cache(background.list_places))
        patch.setattr(site_parts, "deflate", lru_cache(64)(site_parts.deflate))
        patch.setattr(whole_map, "lookup_keys", lru_cache(None)(whole_map.lookup_keys))
        patch.setattr(bundle, "build_script", lru_cache(bundle.build_script))
        yield


@contextmanager
def copied_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """
    Let each map of a test begin as a copy of an empty one: its tables and comments are the same in every map.

    To define them takes longer than half of what else a build of a few rows does in the database.
    """
    create, define, comment = map_writer.create_map, map_writer.create_tables, comments.write_comments
    empty = made_once(tmp_path_factory, "empty", _empty_map)
    here = threading.local()

    @wraps(create)
    def copied(path: Path, **limits: object) -> Connection:
        try:
            with path.open("xb") as new:
                new.write(empty.read_bytes())
        except OSError:  # what there is no room for, or what is there, `create` judges
            return create(path, **limits)
        here.is_copy = True
        try:
            return create(path, **limits)
        finally:
            here.is_copy = False

    def unless_copied(make: Callable[[Connection], None]) -> Callable[[Connection], None]:
        return wraps(make)(lambda con: None if getattr(here, "is_copy", False) else make(con))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_writer, "create_map", copied)
        patch.setattr(map_writer, "create_tables", unless_copied(define))
        patch.setattr(comments, "write_comments", unless_copied(comment))
        yield


def _empty_map(folder: Path) -> Path:
    path = folder / "empty.duckdb"
    map_writer.finish_map(map_writer.create_map(path))
    return path
