"""Fixtures and options that several test modules share."""

import gc
import os
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from lindero.app.builder.build import build_map
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.workspace import manifest_file
from tests import network
from tests.amount import WHOLE, amount
from tests.files import Files
from tests.needed import missing
from tests.once import (
    backgrounds_drawn_once,
    commands_read_once,
    copied_tables,
    extensions_checked_once,
    made_once,
    maps_kept,
    pages_opened_sooner,
)
from tests.typed import typed

pytest_plugins = ["tests.one_thread", "tests.parts", "tests.processor_time", "tests.shared_out"]

__all__ = ["typed"]  # a fixture

DATA = Path(__file__).parents[1] / "lindero" / "data"
MAIN = sys.modules["__main__"]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# The same engine and version without windows, menus and extensions, which Debian packs by itself: it starts in a third of
# the processor time, and a page takes a sixth less. Where there is none, Chromium itself opens the pages.
WINDOWLESS = "/usr/bin/chromium-headless-shell"
FIREFOX = os.environ.get("FIREFOX", "/usr/bin/firefox-esr")
PATIENCE_MS = 60_000  # for what is to be seen on a page

# How fast the machine is says nothing of what is right. The share of every run is the same each time.
settings.register_profile("lindero", deadline=None, max_examples=amount(25, 100), derandomize=not WHOLE)
settings.load_profile("lindero")


OBJECTS_BEFORE_COLLECTION = 50_000  # Python's own 700 look for garbage a tenth of the time


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage until all tests are known, and afterwards not among what is there for good: modules, tests."""
    gc.disable()
    collected = yield
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])
    gc.enable()
    return collected


@pytest.fixture(autouse=True)
def _english():
    i18n.set_language("en")
    yield
    i18n.set_language(i18n.DEFAULT_LANGUAGE)


@pytest.fixture(autouse=True)
def _own_main_module():
    """Streamlit makes the script that it runs the main module, which a process started by a later test would run anew."""
    sys.modules["__main__"] = MAIN  # a fixture of a whole module may have run a script, too
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(scope="session", autouse=True)
def _made_and_checked_once(tmp_path_factory):
    with (
        maps_kept(tmp_path_factory),
        copied_tables(tmp_path_factory),
        extensions_checked_once(),
        commands_read_once(),
        pages_opened_sooner(),
        backgrounds_drawn_once(),
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _disk_not_waited_for():
    """Bring nothing to the disk (6 ms a file): a process that dies loses nothing of what it wrote, and no power is cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)  # which still tells a descriptor that is none
        yield


@pytest.fixture(autouse=True)
def _still_network(request):
    if {"chromiums", "firefox"}.isdisjoint(request.fixturenames):
        yield
        return
    with network.used():
        yield


@pytest.fixture(scope="session")
def chromiums():
    """Debian's Chromium as Playwright starts it: one for all tests of a process, which has room for one loop alone."""
    from playwright.sync_api import expect, sync_playwright

    _is_there(CHROMIUM)
    expect.set_options(timeout=PATIENCE_MS)  # how fast the machine is says nothing of what is right
    with sync_playwright() as playwright:
        yield playwright.chromium


def _is_there(browser):
    if not Path(browser).exists():
        missing(f"no browser at {browser}")


@pytest.fixture(scope="session")
def firefoxes(tmp_path_factory):
    """Debian's Firefox, with a profile of its own: one for all tests of a process."""
    from tests.browser.firefox import opened

    _is_there(FIREFOX)
    with opened(FIREFOX, tmp_path_factory.mktemp("firefox") / "profile") as window:
        yield window


@pytest.fixture
def firefox(firefoxes):
    """Firefox with an empty tab, and no other."""
    firefoxes.begin_anew()
    return firefoxes


@pytest.fixture(scope="session")
def chromium(chromiums):
    """Start a Chromium that keeps nothing when it ends: without windows, unless `CHROMIUM` names another."""
    is_there = "CHROMIUM" not in os.environ and Path(WINDOWLESS).exists()
    return partial(chromiums.launch, executable_path=WINDOWLESS if is_there else CHROMIUM)


@pytest.fixture(scope="session")
def apart(chromium):
    """A Chromium for pages that no server of a map gives, or in whose log others may stand: one for all such tests."""
    from tests.browser.conftest import BRIEF, QUIET

    browser = chromium(args=["--no-sandbox", "--disable-gpu", *QUIET, *BRIEF])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromium_with_a_profile(chromiums):
    """Start a whole Chromium that keeps in a folder what it does for somebody who uses it every day."""
    return partial(chromiums.launch_persistent_context, executable_path=CHROMIUM)


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "space")


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory):
    """The demonstration's workspace, built once for all that only read it, and a connection to its map."""
    made = made_once(tmp_path_factory, "demonstration", _demonstration)
    folder = shutil.copytree(made, tmp_path_factory.mktemp("workspace") / "demo")
    with map_database.connect(builds.current_map(folder / "build")) as con:
        yield folder, con


def _demonstration(folder):
    space = shutil.copytree(DATA / "demo", folder / "demo", ignore=shutil.ignore_patterns("build"))
    build_map(manifest_file.load_workspace(space))
    return space
