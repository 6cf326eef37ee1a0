"""The file of watches shows where somebody looks and who is told: nothing of it leaves the workspace."""

import logging
import shutil
import zipfile
from pathlib import Path

import pytest

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.frame import page as pages
from lindero.layers.watch.outbox import OutboxMessage, put_message
from lindero.layers.watch.watches_file import WATCHES, read_mail_settings, read_watches
from tests.app_page import at_page

ROOT = Path(__file__).parents[2] / "lindero"
CANARIES = ("CanarioNombre", "canarioaquien", "canarioclave", "-77.654321", "CanarioTitulo")
FILE = """\
[mail]
server = "mail.example.org"
sender = "map@example.org"
user = "canarioclave"

[[watch]]
name = "CanarioNombre"
areas = ["community/demo-communities/INV-COM-CAJ-009", "polygon"]
polygon = "POLYGON ((-77.654321 -7, -77 -7, -77 -6, -77.654321 -7))"
channel = "email:canarioaquien@example.org"
created_on = 2026-06-01
"""
READERS = {  # who reads the file: the run, its commands, and the operator's page
    "app/commands/products",
    "app/watch/digest",
    "app/watch",
    "app/media/pages/forms/watch_form.py",
    "layers/watch",
}


@pytest.fixture
def folder(demonstration, tmp_path):
    folder = shutil.copytree(demonstration[0], tmp_path / "space")
    folder.joinpath(WATCHES).write_text(FILE, encoding="utf-8")
    put_message(
        folder,
        OutboxMessage("CanarioNombre", "2026-06-08", "email:canarioaquien@example.org", "es", title="CanarioTitulo"),
    )
    assert read_watches(folder)[0].polygon
    assert read_mail_settings(folder).user
    return folder


def contents(path):
    """The bytes of a file, and of the files in it if it is packed."""
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())


def written(page):
    """All that a page holds, shown or not, as the messages to the browser."""
    return "".join(str(node.proto) for node in page.main if hasattr(node, "proto"))


def found(*paths):
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    assert files
    return {
        (file.name, canary)
        for file in files
        for content in contents(file)
        for canary in CANARIES
        if canary.encode() in content
    }


@pytest.mark.slow
def test_no_product_and_no_answer_has_anything_of_the_watches(folder, typed, tmp_path):
    at, out = ("--workspace", folder), tmp_path / "out"
    out.mkdir()
    commands = [
        ("publish", out / "published", "--without-vault", *at),
        ("pack", "region", "PE-CAJ", "--output", out / "pocket.html", *at),
        ("export", "communities", "--output", out / "communities.gpkg", *at),
        ("export", "communities", "--output", out / "project.qgz", *at),
        ("doctor", folder),
        ("report", folder),
        ("changes", "--since", "2024-06-30", "--format", "json", *at),
        ("brief", "community", "demo-communities/INV-COM-CAJ-009", "--output", out / "brief.pdf", *at),
        ("build", folder),
    ]
    for command in commands:
        code, said, told = typed(*command)
        assert code == 0 or command[0] == "doctor", (command, told)
        assert [canary for canary in CANARIES if canary in said + told] == [], command
    assert found(out, folder / "build", folder / "files", folder / "lindero.toml") == set()
    assert {canary for _file, canary in found(folder / WATCHES, folder / "watch")} == set(CANARIES)


@pytest.mark.slow
def test_no_page_and_no_log_has_anything_of_the_watches(folder, caplog):
    open_map.use_folder(folder / "build")
    caplog.set_level(logging.DEBUG)
    for module, _title in pages.VIEWS.values():
        page = at_page(module)
        assert [canary for canary in CANARIES if canary in written(page) + str(page.query_params)] == [], module
    open_map.set_operated_workspace(folder)
    try:
        page = at_page("add_data")
    finally:
        open_map.set_operated_workspace(None)
    assert "CanarioNombre" in written(page)  # to the operator alone
    assert [canary for canary in CANARIES if canary in str(page.query_params) + caplog.text] == []


def test_only_the_run_its_commands_and_the_operators_page_read_the_file():
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if any(
            word in path.read_text(encoding="utf-8") for word in ("watches_file", "read_watches", "read_mail_settings")
        )
    }
    assert readers
    assert {reader for reader in readers if not any(reader.startswith(place) for place in READERS)} == set()
