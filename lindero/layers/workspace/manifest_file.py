"""The workspace folder: its manifest `lindero.toml`, the received files in `files/` and the maps in `build/`.

The folder contains everything needed to build the same map again; nothing outside it is read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path, PurePosixPath
from types import UnionType
from typing import TYPE_CHECKING

from lindero.layers.database import machine_errors
from lindero.layers.disk import format_version
from lindero.layers.disk.builds import acquire_lock, replace_file, sync, write_atomically
from lindero.layers.disk.scratch import temporary_folder
from lindero.layers.errors import (
    N_,
    EntryError,
    GoneError,
    LayerError,
    OutsideError,
    SourceError,
    UnreadableManifestError,
    WorkspaceError,
)
from lindero.layers.model.accents import fold
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace.manifest_text import append_entry, format_document, read_document, source_values
from lindero.layers.workspace.source_options import (
    COMPARABLE,
    DATES,
    DESCRIPTION_OPTIONS,
    ROW_DECISIONS,
    SourceOptions,
)

if TYPE_CHECKING:
    import tomlkit

MANIFEST = "lindero.toml"
_LOCK = f".{MANIFEST}.lock"
_FILES = "files"
_SIDECARS = {  # of formats that consist of several files
    ".shp": (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx"),
    ".tab": (".dat", ".map", ".id", ".ind", ".dbf"),
    ".mif": (".mid",),
}


@dataclass(frozen=True)
class SourceEntry(SourceOptions):
    """A `[[source]]` of the manifest: a received file, and what is known about it."""

    file: str = ""  # relative to the workspace
    sha256: str = ""
    licence: str = "not stated"
    invented: bool = False
    service: str = ""  # the kind of the service at `url`; empty: the file was received by hand
    accepted: Sequence[int] = ()  # rows with an ambiguous geometry whose likely reading was accepted
    snapshot_stated: bool = True  # False: snapshot_on is the date of retrieval, and only orders the snapshots

    def fingerprint(self, reader: str) -> str:
        """Return a hash of the file and every option that affects reading it; `reader` is the version of the code."""
        others = (*DESCRIPTION_OPTIONS, *ROW_DECISIONS, COMPARABLE)
        decides = sorted(item for item in vars(self).items() if item[0] not in others)
        return hashlib.sha256(json.dumps([reader, decides], default=dict).encode()).hexdigest()


@dataclass(frozen=True)
class Workspace:
    """A workspace folder and its manifest."""

    folder: Path
    title: str
    country: str
    sources: tuple[SourceEntry, ...]
    same: tuple[tuple[str, ...], ...] = ()  # ids of incidents that were accepted as the same

    @property
    def build_folder(self) -> Path:
        """The folder of the maps."""
        return self.folder / "build"


def create_workspace(folder: Path, *, title: str, country: str) -> Workspace:
    """Create a workspace in `folder`.

    `country`: the ISO 3166 code of the country; it may be empty.
    """
    import tomlkit

    if folder.joinpath(MANIFEST).exists():
        raise WorkspaceError(N_("{folder} is already a workspace"), folder=folder)
    head = {"workspace": {"format": format_version.MANIFEST, "title": title, "country": country}}
    try:
        folder.joinpath(_FILES).mkdir(parents=True, exist_ok=True)
        write_atomically(folder / MANIFEST, tomlkit.dumps(head))
        store_manifest_hash(folder)
    except OSError as error:
        raise _write_error(folder, error) from error
    return load_workspace(folder)


def load_workspace(folder: Path) -> Workspace:
    """Read the manifest of the workspace at `folder`."""
    path = folder / MANIFEST
    check_inside(folder, [MANIFEST])
    if not path.is_file():
        raise WorkspaceError(N_("{folder} is not a workspace: it has no lindero.toml"), folder=folder)
    document = read_document(path)
    raw = document.get("source", [])
    head = document.get("workspace", {})
    if not isinstance(raw, list) or not isinstance(head, Mapping):
        raise UnreadableManifestError(N_("{path} must have one [workspace] and a [[source]] for each file"), path=path)
    try:
        format_version.check_version(head.get("format"), format_version.MANIFEST, file=path)
    except ValueError as error:
        raise UnreadableManifestError(N_("{path} cannot be read: {why}"), path=path, why=error) from error
    read = [source_values(source) for source in raw]
    faults = [(number, _find_faults(values)) for number, values in enumerate(read, start=1)]
    if sentences := [f"{number}: {', '.join(wrong)}" for number, wrong in faults if wrong]:
        raise UnreadableManifestError(
            N_("{path}: these sources have invalid values (number: values): {which}"),
            path=path,
            which="; ".join(sentences),
        )
    entries = [SourceEntry(**values) for values in read]  # type: ignore[arg-type]
    keys = [(entry.id, entry.snapshot_on) for entry in entries]
    if repeated := sorted({f"{a} {b}" for a, b in keys if keys.count((a, b)) > 1}):
        raise UnreadableManifestError(
            N_("{path} lists the same snapshot of a source twice; delete one of them: {which}"),
            path=path,
            which=", ".join(repeated),
        )
    names = [name.strip() for entry in entries for name in entry.coverage.split(",")]
    check_inside(folder, [_FILES, "build", *(entry.file for entry in entries), *names])
    title, country = str(head.get("title", folder.name)), str(head.get("country", ""))
    return Workspace(folder, title, country, tuple(entries), _parse_same(document.get("same", []), path))


def add_source(
    workspace: Workspace,
    entry: SourceEntry,
    received: Path,
    *,
    beside: Sequence[Path] = (),
    coverage: Sequence[Path] = (),
) -> Workspace:
    """Store the received file and add it to the manifest. A snapshot that exists already is refused.

    The file is copied under a temporary name first, and renamed if its hash matches the entry. So the stored file is
    the one that was inspected.

    `entry`: the new entry. Its `file` is the path at which the file is stored.
    """
    target = workspace.folder / entry.file
    check_file_checksum(received, entry)
    with edit_manifest(workspace.folder) as document:
        _check_new(entry, document)
        if received.resolve() != target.resolve():
            store_files([*list_parts(received), *beside], target, entry)
        for name in coverage:
            store_files(list_parts(name), workspace.folder / storage_path(name))
        append_entry(document, "source", manifest_values(entry))
    return load_workspace(workspace.folder)


@contextmanager
def lock_manifest(folder: Path) -> Generator[None]:
    """Lock the manifest against changes by others, who wait until the lock is released."""
    with folder.joinpath(_LOCK).open("a", encoding="utf-8") as lock:
        acquire_lock(lock.fileno(), wait=True)
        yield


@contextmanager
def edit_manifest(folder: Path) -> Generator[tomlkit.TOMLDocument]:
    """Yield the manifest to be changed, and write it at the end, unless the body raises. Other processes wait."""
    import tomlkit

    path = folder / MANIFEST
    try:
        with lock_manifest(folder):
            was_unchanged = is_manifest_unchanged(folder)
            document = tomlkit.parse(path.read_text(encoding="utf-8"))
            yield document
            write_atomically(path, format_document(document, path))
            if was_unchanged:
                store_manifest_hash(folder)
    except OSError as error:
        raise _write_error(folder, error) from error


def storage_path(file: Path) -> str:
    """Return the path in the workspace under which a file is stored by its hash.

    Returns: `files/`, the first 12 digits of its SHA-256, and its name, separated by slashes.
    """
    return f"{_FILES}/{file_sha256(file)[:12]}/{file.name}"


def _write_error(folder: Path, error: OSError) -> LayerError:
    why = error.strerror
    return machine_errors.to_layer_error(error) or WorkspaceError(
        N_("{folder} cannot be written: {why}"), folder=folder, why=why
    )


def is_manifest_unchanged(folder: Path) -> bool:
    """Return whether the manifest is unchanged since Lindero wrote it: a person or a failing disk may change it."""
    note = folder / _LOCK
    stored_hash = note.read_text(encoding="utf-8", errors="replace") if note.is_file() else ""
    return not stored_hash or stored_hash == file_sha256(folder / MANIFEST)


def store_manifest_hash(folder: Path) -> None:
    """Store the hash of the manifest, so that its present content counts as unchanged."""
    folder.joinpath(_LOCK).write_text(file_sha256(folder / MANIFEST), encoding="utf-8")


def store_files(files: Sequence[Path], target: Path, entry: SourceEntry | None = None) -> None:
    """Copy files, the first to `target`, others to its folder, through a temporary folder, deleted if that fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(target.parent.parent) as temporary:
        for file in files:
            shutil.copyfile(file, temporary / file.name)
        if entry is not None:
            check_file_checksum(temporary / files[0].name, entry)
        for file in files:
            replace_file(temporary / file.name, target.parent / file.name)
        sync(target.parent.parent)  # so that the folder's name is on the disk before the manifest names the file


def _check_new(entry: SourceEntry, document: tomlkit.TOMLDocument) -> None:
    entries = [source_values(source) for source in document.get("source", [])]
    if any((values.get("id"), values["snapshot_on"]) == (entry.id, entry.snapshot_on) for values in entries):
        raise EntryError(
            N_(
                "source {id} already has a snapshot dated {date}; give another date with --snapshot-on or "
                "another name with --id"
            ),
            id=entry.id,
            date=entry.snapshot_on,
        )


def check_file_checksum(received: Path, entry: SourceEntry) -> None:
    """Check that a file is unchanged since its entry was made.

    `entry`: the entry with the expected hash. Without `sha256` nothing is checked.
    """
    if entry.sha256 and file_sha256(received) != entry.sha256:
        raise SourceError(
            N_("{name} changed while it was being checked and was not stored; add it again"), name=received.name
        )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a received file, as sha256sum prints it.

    Returns: 64 hexadecimal digits. If the file has several parts, such as a Shapefile, the hash covers the hashes of
    all parts.
    """
    digests = []
    for part in list_parts(path):
        with part.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def check_file(workspace: Workspace, entry: SourceEntry) -> None:
    """Check that the file of a source exists, as it was received.

    `entry`: the entry of the source. Without `sha256` only the existence of the file is checked.
    """
    path = workspace.folder / entry.file
    if not path.is_file():
        raise GoneError(N_("the file of source {id} is missing: {file}"), id=entry.id, file=entry.file)
    if entry.sha256 and file_sha256(path) != entry.sha256:
        raise GoneError(
            N_("the file of source {id} has changed since it was received: {file}"), id=entry.id, file=entry.file
        )


def to_slug(name: str) -> str:
    """Convert a name to an id: lower case without accents, digits and hyphens.

    Returns: the id, without hyphens at its ends; `source` if nothing remains.
    """
    return _hyphenate(fold(name))


def choose_id(name: str, taken: Collection[str]) -> str:
    """Return the id for something of this name, which may be a new version of something that exists.

    Up to version 0.2, letters with accents became hyphens in ids. Such an id is kept if it is in use.

    Returns: the earlier id if only that one is in use, else `to_slug(name)`.
    """
    new, earlier = to_slug(name), _hyphenate(name.casefold())
    return earlier if earlier in taken and new not in taken else new


def _hyphenate(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-") or "source"


def list_parts(path: Path) -> list[Path]:
    """List the files that make up a received file: a Shapefile or a MapInfo table consists of several."""
    suffixes = _SIDECARS.get(path.suffix.lower())
    if suffixes is None:
        return [path]
    sidecars = [f for f in path.parent.iterdir() if f.stem == path.stem and f.suffix.lower() in suffixes]
    return [path, *sorted(sidecars)]


def _parse_same(raw: object, path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the groups of incidents that the manifest declares as one."""
    groups = (
        [table.get("incidents") if isinstance(table, Mapping) else None for table in raw]
        if isinstance(raw, list)
        else [0]
    )
    if any(not isinstance(group, list) or not all(isinstance(name, str) for name in group) for group in groups):
        raise UnreadableManifestError(N_("{path}: each [[same]] needs incidents = [two or more ids]"), path=path)
    return tuple(tuple(map(str, group)) for group in groups if isinstance(group, list))


def _find_faults(values: Mapping[str, object]) -> list[str]:
    """Return the invalid values of a source, as `name = value`."""
    kinds = {option.name: _value_type(option) for option in fields(SourceEntry) if option.name not in ROW_DECISIONS}
    wrong = {name for name, value in values.items() if name not in kinds or not isinstance(value, kinds[name])}
    wrong |= {name for name in ("id", "layer", "file", "snapshot_on") if not values.get(name)}
    wrong |= {name for name in (*DATES, "snapshot_on") if values.get(name) and not _is_date(values[name])}
    if str(values.get("layer")) not in LAYERS:
        wrong.add("layer")
    if not _is_inside(str(values.get("file", ""))):
        wrong.add("file")
    if not all(map(_is_inside, str(values.get("coverage", "")).split(","))):
        wrong.add("coverage")
    for name, kind in (("fields", str | int | float), ("constants", str | int | float), ("codes", Mapping)):
        mapping = values.get(name)
        if isinstance(mapping, Mapping) and not all(isinstance(value, kind) for value in mapping.values()):
            wrong.add(name)
    return [f"{name} = {values.get(name)!r}" for name in sorted(wrong)]


def _value_type(option: Field[object]) -> type | UnionType:
    """Return the type that the manifest requires for an option, by its default."""
    if option.default is MISSING:
        return Mapping
    return {type(None): int | float, tuple: Sequence}.get(type(option.default), type(option.default))


def _is_date(text: object) -> bool:
    try:
        dt.date.fromisoformat(str(text))
    except ValueError:
        return False
    return True


def _is_inside(file: str) -> bool:
    path = PurePosixPath(file.replace("\\", "/"))
    return not path.is_absolute() and ".." not in path.parts


def manifest_values(entry: SourceEntry) -> dict[str, object]:
    """Return the values of a source as stored in the manifest.

    Returns: values by name. Empty values, 0 and False are left out, and `snapshot_on` if it is not stated.
    """
    left_out = {"snapshot_stated"} if entry.snapshot_stated else {"snapshot_stated", "snapshot_on"}
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in entry.__dict__.items()
        if value and name not in left_out
    }


def check_inside(folder: Path, places: Sequence[str]) -> None:
    """Check that no path in a workspace leads outside its folder: the workspace may come from somebody else."""
    root = folder.resolve()
    if outside := [place for place in places if not _resolve_link(folder / place).is_relative_to(root)]:
        raise OutsideError(
            N_("{folder} was not opened, because links in it lead outside: {which}"),
            folder=folder,
            which=", ".join(outside),
        )


def _resolve_link(path: Path) -> Path:
    nowhere = Path(path.anchor)
    try:
        end = path.resolve()
    except (OSError, RuntimeError):  # a cycle of links leads nowhere
        return nowhere
    return nowhere if end.is_symlink() else end  # since Python 3.13, a cycle resolves to one of its links
