"""Sentences of docs/safety.md that no other test holds: what commands take, what pages cannot do, what is left out."""

import ast
import errno
import os
import re
import shutil
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import typer
from typer.main import get_command

from lindero.app.builder.build import build_map
from lindero.app.commands.index import program
from lindero.app.commands.vault.key import KeyFileOption
from lindero.app.media.site.release import publish_release
from lindero.app.media.site.select import select_publication
from lindero.layers.disk import scratch
from lindero.layers.tiles import tile_archive
from lindero.layers.vault import journal
from lindero.layers.workspace.manifest_file import create_workspace
from tests.counted_files import hold, shown_in
from tests.files import Files, concessions
from tests.secret_files import TODAY, Secret, csv_of, made

APP = Path(__file__).parents[2] / "lindero" / "app"
ALL = get_command(program)
ANSWERS_READERS = ("media/pages/", "serving/", "answers/")


def commands(group, *path):
    """Every command of the program with the words that name it."""
    for name in group.list_commands(typer.Context(group)):
        command = group.get_command(typer.Context(group), name)
        if hasattr(command, "list_commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


def test_no_command_takes_a_key_as_an_argument():
    of_keys = re.compile(r"key|pass(word|phrase)|secret|clave")
    named = {
        " ".join(words): {one.name for one in command.params if of_keys.search(one.name)}
        for words, command in commands(ALL)
    }

    assert {name for name in named if "key_file" in named[name]} >= {
        "vault rekey",
        "vault add",
        "publish",
        "serve",
        "withdraw",
    }
    assert set().union(*named.values()) == {"key_file", "new_key_file", "signing_key"}
    assert get_args(KeyFileOption)[0] == Path | None


def test_the_server_listens_to_this_machine_alone_unless_told_otherwise():
    serve = dict(commands(ALL))[("serve",)]

    assert {one.name: one.default for one in serve.params}["host"] == "127.0.0.1"


@cache
def called(path):
    """The functions that a module calls, as they are written."""
    return {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }


def test_no_page_decides_on_pairs():
    deciding = {
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if any(
            re.search(
                r"\bmanifest_tables\.mark_same_incidents|published_database\.store_decision|^_store_decision$", name
            )
            for name in called(path)
        )
    }

    assert deciding == {"commands/questions/record.py", "commands/vault/duplicates.py"}


def test_the_journal_has_no_word_for_a_page_a_tile_or_a_question():
    acts = {
        "added",
        "accepted",
        "removed",
        "described",
        "decided",
        "withdrawn",
        "opened",
        "rekeyed",
        "published",
        "restored",
        "watched",
        "told",
    }
    noting = {
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if path.relative_to(APP).as_posix().startswith(ANSWERS_READERS)
        and called(path) & {"journal.record_entry", "journal.record_action"}
    }

    assert set(journal.ACTION_NAMES) == acts | {"served", "role", "login", "logout", "failed"}
    assert noting == {
        "serving/access/attendance.py",
        "media/pages/downloads/pack_download.py",
        "media/pages/sections/land_sections.py",
        "media/pages/upload.py",
    }


def test_a_file_lies_in_memory_where_there_is_room_for_twenty_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2_000))

    assert scratch.memory_folder(100) == tmp_path
    assert scratch.memory_folder(101) is None


def test_what_cannot_be_noted_is_not_done_but_a_medium_that_can_only_be_read_is_opened(typed, tmp_path, monkeypatch):
    at = ("--workspace", create_workspace(tmp_path / "space", title="A", country="PE").folder)
    typed("vault", "init", *at)
    before = (tmp_path / "space" / "vault" / "vault.duckdb").read_bytes()

    def read_only(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(journal, "sync", read_only)
    code, _, said = typed("vault", "duplicates", "--accept", "a", "b", *at)
    assert code == 1
    assert "Stored in the vault" not in said
    assert (tmp_path / "space" / "vault" / "vault.duckdb").read_bytes() == before
    code, _, said = typed("vault", "list", *at)
    assert code == 0
    assert "The opening of the vault was not recorded in the journal" in said


def test_without_the_vault_no_number_is_published(tmp_path):
    files, folder = Files(tmp_path / "space"), tmp_path / "public"
    build_map(files.space)
    held = made(files.folder)
    hold(held, 9)

    for opened, shown in ((held, [5]), (None, [])):
        publish_release(files.space, opened, folder, today=TODAY, prove=lambda _new: None)
        assert shown_in(folder) == shown


def test_what_is_kept_beside_a_map_is_not_published(tmp_path, monkeypatch):
    monkeypatch.setitem(tile_archive.write_archive.__kwdefaults__, "fewest", 1)
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(2))
    files.add("communities", concessions(2).drop(columns=["holder", "status"]), id="comunidades")
    build_map(files.space)
    publish_release(files.space, None, tmp_path / "public", today=TODAY, prove=lambda _new: None)

    kept = {path.read_bytes() for path in files.folder.joinpath("build").glob("map-*")}
    assert not kept & {path.read_bytes() for path in tmp_path.joinpath("public").rglob("*") if path.is_file()}


def test_measures_of_protection_are_not_published(files, tmp_path):
    record = Secret(1, "public_record").row(sources="La República")
    files.add("incidents", csv_of([record]), id="i")
    guarded = "incident_id,status,requested_on\ncaso-secreto-001,granted,2024-05-06\n"
    files.add("protection_measures", guarded, id="m")
    build_map(files.space)
    pub = select_publication(files.space, None, today=TODAY)

    assert pub.withheld["protection_measures"] == 1
    assert len(pub.layers["incidents"]) == 1
    assert "protection_measures" not in pub.layers
    publish_release(files.space, None, tmp_path / "public", today=TODAY, prove=lambda _new: None)
    assert not [path.name for path in tmp_path.joinpath("public").rglob("*") if "protection" in path.name]
