"""Checks of a workspace: its manifest, received files, backgrounds, rivers, withdrawals, vault and map."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from lindero.app.answers.coverage.health import list_health, refused_snapshot_texts
from lindero.app.builder.doctor.finding import Finding, report_note, report_ok, report_problem
from lindero.app.builder.freshness import is_up_to_date
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.consent import tombstones
from lindero.layers.database import integrity, map_database
from lindero.layers.disk import builds
from lindero.layers.errors import LayerError
from lindero.layers.tiles.background_archive import Background
from lindero.layers.vault import contents, key_derivation, vault_file
from lindero.layers.watch.source_checks import ASIDE, CURRENT
from lindero.layers.workspace import backgrounds, manifest_file, rivers
from lindero.layers.workspace.manifest_file import Workspace

_LASTING_FAILURES = 3  # failed checks in a row that are no longer a passing fault


def check_workspace(folder: Path) -> Iterator[Finding]:
    """Check all parts of a workspace. Nothing is changed."""
    try:
        space = manifest_file.load_workspace(folder)
    except LayerError as error:
        yield report_problem("manifest", error_text(error))
        return
    yield _check_manifest(space)
    yield from _check_received_files(space)
    yield from _check_backgrounds(space)
    yield from _check_rivers(space)
    yield from _check_withdrawals(space)
    yield from _check_sources(space)
    yield from _check_vault(space)
    yield from _check_map(space)


def check_map_file(path: Path) -> Iterator[Finding]:
    """Check a map that is a file of its own."""
    try:
        integrity.check_map(path)
    except LayerError as error:
        yield report_problem("map", error_text(error))
    else:
        yield report_ok("map", _("{map} is undamaged.").format(map=path.name))


def check_key_file(file: Path) -> Iterator[Finding]:
    """Check the file with a vault's key: that it exists and only this user can read it."""
    try:
        key_derivation.read_secret(file)
    except LayerError as error:
        yield report_problem("key", error_text(error))
    else:
        yield report_ok("key", _("{file} contains a key, and only you can read it.").format(file=file))


def _check_manifest(space: Workspace) -> Finding:
    if not manifest_file.is_manifest_unchanged(space.folder):
        text = _(
            "lindero.toml has changed since Lindero last wrote it. Someone edited it, or the disk is "
            "failing: check that its content is right."
        )
        return report_note("manifest", text)
    if not os.access(space.folder, os.W_OK):
        return report_note(
            "manifest", _("{folder} is read-only; the map is served as it is.").format(folder=space.folder)
        )
    text = _("lindero.toml is readable and in the format of this version; no link leads outside {folder}.")
    return report_ok("manifest", text.format(folder=space.folder.resolve()))


def _check_received_files(space: Workspace) -> Iterator[Finding]:
    wrong = 0
    for entry in space.sources:
        try:
            manifest_file.check_file(space, entry)
        except (LayerError, OSError) as error:
            wrong += 1
            yield report_problem("files", error_text(error) if isinstance(error, LayerError) else str(error))
    if not wrong:
        count = len(space.sources)
        text = ngettext(
            "{n} received file is present and unchanged.", "{n} received files are present and unchanged.", count
        )
        yield report_ok("files", text.format(n=format_number(count)))


def _check_backgrounds(space: Workspace) -> Iterator[Finding]:
    """Check the operator's own backgrounds. Most workspaces have none."""
    try:
        entries = backgrounds.TABLE.read_entries(space.folder)
    except LayerError as error:
        yield report_problem("basemap", error_text(error))
        return
    for entry in entries:
        try:
            backgrounds.TABLE.check_file(space.folder, entry)
            Background(space.folder / entry.file)
        except LayerError as error:
            yield report_problem("basemap", error_text(error))
        else:
            yield report_ok("basemap", _("The basemap {id} is present and unchanged.").format(id=entry.id))


def _check_rivers(space: Workspace) -> Iterator[Finding]:
    """Check the operator's own rivers. Most workspaces have none."""
    try:
        for entry in rivers.TABLE.read_entries(space.folder):
            rivers.TABLE.check_file(space.folder, entry)
            yield report_ok("rivers", _("The river network {id} is present and unchanged.").format(id=entry.id))
    except LayerError as error:
        yield report_problem("rivers", error_text(error))


def _check_sources(space: Workspace) -> Iterator[Finding]:
    """Report the sources that the watch could not bring up to date; nothing before its first check."""
    sources = list_health(space.folder, dt.datetime.now(dt.UTC))
    for source in sources:
        if source.state == CURRENT:
            continue
        text = " ".join(filter(None, (f"{source.title}:", source.not_updated_since, source.reason, source.advice)))
        is_lasting = source.state == ASIDE or source.check.failures >= _LASTING_FAILURES
        yield report_problem("sources", text) if is_lasting else report_note("sources", text)
    if sources and all(source.state == CURRENT for source in sources):
        text = ngettext("{n} checked source is up to date.", "{n} checked sources are up to date.", len(sources))
        yield report_ok("sources", text.format(n=format_number(len(sources))))


def _check_withdrawals(space: Workspace) -> Iterator[Finding]:
    try:
        registers = tombstones.read_registers(space.folder)
    except LayerError as error:
        yield report_problem("withdrawn", error_text(error))
        return
    if registers:
        yield report_ok("withdrawn", _("Withdrawn records are registered and stay out."))


def _check_vault(space: Workspace) -> Iterator[Finding]:
    """Check the vault from outside, without its key."""
    if not vault_file.has_vault(space.folder):
        return
    folder = vault_file.vault_folder(space.folder)
    exposed = contents.find_exposed_files(folder)
    for path in exposed:
        text = _("Other users of this computer can read or change {path}. Run: chmod {mode} {path}")
        yield report_problem("vault", text.format(path=path, mode="700" if path == folder else "600"))
    try:
        key_derivation.check_salt(folder)
    except LayerError as error:
        yield report_problem("vault", error_text(error))
        return
    if not exposed:
        yield report_ok(
            "vault",
            _(
                "Only this user can open the files of the vault. To check whether a key opens it, run "
                "`lindero vault list`."
            ),
        )


def _check_map(space: Workspace) -> Iterator[Finding]:
    try:
        path = builds.current_map(space.build_folder)
        if damaged := builds.find_damaged_files(space.build_folder):
            text = _("Damaged on the disk: {files}. `lindero build` builds the map again from the received files.")
            yield report_problem("map", text.format(files=", ".join(damaged)))
            return
        integrity.check_map(path)
        with closing(map_database.connect(path)) as con:
            refused = refused_snapshot_texts(con)
    except LayerError as error:
        yield report_problem("map", error_text(error))
        return
    yield from (report_problem("sources", text) for text in refused)
    if is_up_to_date(space):
        yield report_ok("map", _("{map} is undamaged and up to date with the workspace.").format(map=path.name))
    else:
        text = _(
            "{map} is undamaged, but the workspace changed after it was built, or an earlier version of "
            "Lindero built it. Run: lindero build"
        )
        yield report_problem("map", text.format(map=path.name))
