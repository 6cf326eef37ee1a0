"""Whether a workspace is whole: its manifest, what was received, its vault, what was withdrawn, and its map."""

import os
from collections.abc import Iterator
from pathlib import Path

from lindero.app.pipeline.doctor.finding import Finding, mend, note, well
from lindero.app.pipeline.freshness import is_of_today
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.consent import tombstones
from lindero.layers.database import integrity
from lindero.layers.disk import builds
from lindero.layers.errors import LayerError
from lindero.layers.tiles.background_archive import Background
from lindero.layers.vault import contents, key_derivation, vault_file
from lindero.layers.workspace import backgrounds, manifest_file, rivers
from lindero.layers.workspace.manifest_file import Workspace


def findings(folder: Path) -> Iterator[Finding]:
    """Look at all that a workspace holds; nothing is changed."""
    try:
        space = manifest_file.load(folder)
    except LayerError as error:
        yield mend("manifest", error_text(error))
        return
    yield _manifest(space)
    yield from _received(space)
    yield from _backgrounds(space)
    yield from _rivers(space)
    yield from _withdrawn(space)
    yield from _vault(space)
    yield from _map(space)


def map_findings(path: Path) -> Iterator[Finding]:
    """Look at a map that is a file by itself."""
    try:
        integrity.check(path)
    except LayerError as error:
        yield mend("map", error_text(error))
    else:
        yield well("map", _("{map} is whole.").format(map=path.name))


def key_findings(file: Path) -> Iterator[Finding]:
    """Look at the file of a vault's key: whether it is there, and this user's alone."""
    try:
        key_derivation.configured_secret(file)
    except LayerError as error:
        yield mend("key", error_text(error))
    else:
        yield well("key", _("{file} holds a key, and is readable for you alone.").format(file=file))


def _manifest(space: Workspace) -> Finding:
    if not manifest_file.is_as_written(space.folder):
        text = _(
            "lindero.toml was changed since Lindero wrote it last, by a person or by a disk that fails: "
            "see that it is as it should be."
        )
        return note("manifest", text)
    if not os.access(space.folder, os.W_OK):
        return note("manifest", _("{folder} can only be read: it is served as it is.").format(folder=space.folder))
    text = _("lindero.toml is readable, of this version's form, and no link leads out of {folder}.")
    return well("manifest", text.format(folder=space.folder.resolve()))


def _received(space: Workspace) -> Iterator[Finding]:
    wrong = 0
    for entry in space.sources:
        try:
            manifest_file.check_file(space, entry)
        except (LayerError, OSError) as error:
            wrong += 1
            yield mend("files", error_text(error) if isinstance(error, LayerError) else str(error))
    if not wrong:
        count = len(space.sources)
        text = ngettext(
            "{n} received file is there, with its hash.", "{n} received files are there, each with its hash.", count
        )
        yield well("files", text.format(n=number(count)))


def _backgrounds(space: Workspace) -> Iterator[Finding]:
    """Look at the operator's own backgrounds, of which most workspaces have none."""
    try:
        entries = backgrounds.TABLE.entries(space.folder)
    except LayerError as error:
        yield mend("basemap", error_text(error))
        return
    for entry in entries:
        try:
            backgrounds.TABLE.check_whole(space.folder, entry)
            Background(space.folder / entry.file)
        except LayerError as error:
            yield mend("basemap", error_text(error))
        else:
            yield well("basemap", _("The background {id} is there, with its hash.").format(id=entry.id))


def _rivers(space: Workspace) -> Iterator[Finding]:
    """Look at the operator's own rivers, of which most workspaces have none."""
    try:
        for entry in rivers.TABLE.entries(space.folder):
            rivers.TABLE.check_whole(space.folder, entry)
            yield well("rivers", _("The rivers {id} are there, with their hash.").format(id=entry.id))
    except LayerError as error:
        yield mend("rivers", error_text(error))


def _withdrawn(space: Workspace) -> Iterator[Finding]:
    try:
        registers = tombstones.read(space.folder)
    except LayerError as error:
        yield mend("withdrawn", error_text(error))
        return
    if registers:
        yield well("withdrawn", _("What was withdrawn is on record, and stays out."))


def _vault(space: Workspace) -> Iterator[Finding]:
    """Look at the vault from outside: its key is not asked for."""
    if not vault_file.exists(space.folder):
        return
    folder = vault_file.folder_of(space.folder)
    exposed = contents.open_to_others(folder)
    for path in exposed:
        text = _("Other users of this machine can read or change {path}: chmod {mode} {path}")
        yield mend("vault", text.format(path=path, mode="700" if path == folder else "600"))
    try:
        key_derivation.hold_salted(folder)
    except LayerError as error:
        yield mend("vault", error_text(error))
        return
    if not exposed:
        yield well("vault", _("The vault is this user's alone; whether a key opens it, `lindero vault list` tells."))


def _map(space: Workspace) -> Iterator[Finding]:
    try:
        path = builds.current_map(space.build_folder)
        if damaged := builds.damaged(space.build_folder):
            text = _("Damaged on the disk: {files}. `lindero build` makes it anew from what was received.")
            yield mend("map", text.format(files=", ".join(damaged)))
            return
        integrity.check(path)
    except LayerError as error:
        yield mend("map", error_text(error))
        return
    if is_of_today(space):
        yield well("map", _("{map} is whole, and of the workspace as it is.").format(map=path.name))
    else:
        text = _("{map} is whole, but of the workspace as it was, or of an earlier version of Lindero: lindero build")
        yield mend("map", text.format(map=path.name))
