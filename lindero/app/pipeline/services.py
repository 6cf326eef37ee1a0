"""From the name or the address of a service to a file that can be added: asked for by a command, never by a page."""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lindero.app.pipeline.rows.row_report import Ingested
from lindero.app.text.codes import word
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, number
from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.catalogue import Offer, catalogue, offer, offer_at
from lindero.layers.services.check import Found
from lindero.layers.services.connection.download import Progress, read_whole, write_layer
from lindero.layers.services.connection.http import Manners, Web
from lindero.layers.services.protocols.detect import FILE, file_name, kind_of, looked_at, service_at
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, slug
from lindero.layers.workspace.source_options import SourceOptions

COMING = Path("files") / ".coming"
PAGES = "pages.zip"


@dataclass(frozen=True)
class ServiceRequest:
    """What is to be fetched, and what is known of it already."""

    url: str
    kind: str = ""  # empty: to be found out
    sublayer: str = ""
    paging: str = ""
    referer: str = ""
    expects: tuple[str, ...] = ()
    options: SourceOptions = field(default_factory=SourceOptions)
    ca_file: Path | None = None  # of this machine, never written down


@dataclass(frozen=True)
class Arrived:
    """A fetched file, what stands beside it, where it lies until it is added, and what was known or said of it."""

    path: Path
    beside: tuple[Path, ...]
    folder: Path
    kind: str
    url: str
    options: SourceOptions

    def entry(self, taken: Ingested) -> SourceEntry:
        """Give the manifest's entry of the planned file, with where it came from."""
        return replace(taken.entry, service=self.kind, url=self.url)

    def forget(self) -> None:
        """Clear away what lay in the workspace until the file was added."""
        shutil.rmtree(self.folder, ignore_errors=True)


def find_service(name: str, space: Workspace) -> ServiceRequest:
    """
    Find what a name stands for: a source of the workspace that a service gave, else an entry of the catalogue.

    Raises
    ------
    ServiceError
        If it is neither, or can only be got by hand; the message says where.
    """
    earlier = [entry for entry in space.sources if entry.id == name and entry.service]
    if earlier:
        return _again(max(earlier, key=lambda entry: entry.snapshot_on))
    found = offer(name)
    if not found.is_service:
        raise ServiceError(
            N_("{title} is not to be fetched by a program: get the file at {url}, then `lindero add FILE`. {terms}"),
            title=found.title,
            url=found.url,
            terms=found.terms,
        )
    return _offered(found)


def fetch(
    what: ServiceRequest,
    space: Workspace,
    *,
    allow_private: bool = False,
    manners: Manners | None = None,
    progress: Progress = lambda *_: None,
) -> Arrived:
    """
    Fetch a layer whole into the workspace's folder of what is coming; what an earlier attempt left is gone on with.

    Raises
    ------
    ServiceError
        If it cannot be had whole. Nothing of the workspace has changed then, but for what has come already.
    """
    web = Web(what.url, allow_private=allow_private, referer=what.referer, manners=manners, ca_file=what.ca_file)
    kind = what.kind or kind_of(what.url) or looked_at(web, what.url)
    key = hashlib.sha256(f"{kind} {what.url} {what.sublayer}".encode()).hexdigest()[:16]
    folder = space.folder / COMING / key
    folder.mkdir(parents=True, exist_ok=True)
    if kind == FILE:
        path = folder / file_name(what.url)
        web.save(what.url, path)
        return Arrived(path, (), folder, kind, what.url, what.options)
    service = service_at(web, what.url, kind, sublayer=what.sublayer, paging=what.paging)
    if missing := [name for name in what.expects if service.described.fields and name not in service.described.fields]:
        raise ServiceError(
            N_("{host} no longer gives the fields {missing}; it gives {fields}. `lindero add URL --field …` maps them"),
            host=web.host,
            missing=", ".join(missing),
            fields=", ".join(service.described.fields),
        )
    pages = read_whole(service, web, folder / "pages", progress=progress)
    name = what.options.id or slug(service.described.title)
    path = folder / f"{name}.geojson"
    write_layer(service, pages, path)
    pages.pack(folder / PAGES)
    options = replace(
        what.options,
        id=name,
        title=what.options.title or service.described.title,
        licence=what.options.licence or service.described.licence,
        sublayer="",
    )
    return Arrived(path, (folder / PAGES,), folder, kind, service.described.url, options)


def same_snapshot(arrived: Arrived, digest: str, space: Workspace) -> SourceEntry | None:
    """Give the latest snapshot of the source if what arrived is the same to the byte."""
    earlier = [entry for entry in space.sources if entry.id == arrived.options.id]
    latest = max(earlier, key=lambda entry: entry.snapshot_on, default=None)
    return latest if latest is not None and latest.sha256 == digest else None


def _offered(found: Offer) -> ServiceRequest:
    options = SourceOptions(
        id=found.name,
        layer=found.layer,
        publisher=found.publisher,
        licence=found.licence,
        title=found.title,
        crs=found.crs,
        boundary_accuracy_m=found.accuracy_m,
        constants=found.constants,
        mapping=found.mapping,
    )
    return ServiceRequest(found.url, found.kind, found.sublayer, found.paging, found.referer, found.expects, options)


def _again(entry: SourceEntry) -> ServiceRequest:
    """Fetch a source of the workspace once more: as it was mapped the last time."""
    listed = catalogue().get(entry.id) or offer_at(entry.url)
    return ServiceRequest(
        entry.url,
        entry.service,
        paging=listed.paging if listed else "",
        referer=listed.referer if listed else "",
        expects=(*(listed.expects if listed else ()), *entry.fields.values()),
        options=SourceOptions(id=entry.id).with_earlier(entry),
    )


# The catalogue in words: what can be had, from whom, on what terms, and how it answers today.


def offers_shown(offers: Iterable[Offer]) -> str:
    """Describe what can be had, one source a paragraph."""
    return "\n\n".join("\n".join(_lines(one)) for one in offers)


def offer_record(one: Offer) -> dict[str, object]:
    """Give an entry as a program reads it."""
    return {**one.__dict__, "expects": list(one.expects), "constants": dict(one.constants)}


def found_record(found: Found) -> dict[str, object]:
    """Give what became of a service as a program reads it."""
    described = found.described
    return {
        "name": found.name,
        "state": found.state,
        "rows": described.rows if described else None,
        "crs": described.crs if described else None,
        "paging": described.paging if described else None,
        "fields_missing": list(found.missing),
        "fields_new": list(found.new),
        "why": error_text(found.error) if found.error else None,
    }


def found_shown(found: Found) -> str:
    """Say in a few lines what became of looking at a service."""
    lines = [f"{found.name}: {word(found.state)}"]
    if found.described is not None:
        rows = _("not counted") if found.described.rows is None else number(found.described.rows)
        lines.append(
            _("  rows: {rows}; reference system: {crs}; paging: {paging}").format(
                rows=rows, crs=found.described.crs or "–", paging=found.described.paging
            )
        )
    if found.missing:
        lines.append(_("  fields that are gone: {fields}").format(fields=", ".join(found.missing)))
    if found.new:
        lines.append(_("  fields that the map does not use: {fields}").format(fields=", ".join(found.new)))
    if found.paging:
        lines.append(_("  it pages in another way than before: {paging}").format(paging=found.paging))
    if found.error is not None:
        lines.append(f"  {error_text(found.error)}")
    return "\n".join(lines)


def _lines(one: Offer) -> list[str]:
    how = (
        _("lindero fetch {name}").format(name=one.name)
        if one.is_service
        else _("by hand: register, get the file, then lindero add FILE")
    )
    checked = one.verified_on or _("never: it could not be reached when this was written")
    lines = [
        f"{one.name}  {one.title}",
        _("  {layer}, {publisher}; licence: {licence}").format(
            layer=word(one.layer),
            publisher=one.publisher,
            licence=word(one.licence),
        ),
        f"  {one.url}",
        f"  {how}",
        _("  seen to answer so: {date}").format(date=checked),
    ]
    lines += [_("  terms: {terms}").format(terms=one.terms)] if one.terms else []
    return [*lines, *([f"  {one.note}"] if one.note else [])]
