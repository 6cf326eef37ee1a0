"""Fetching a layer from a service, by its name or address, as a file that can be added. Only commands do this."""

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from lindero.app.builder.rows.row_report import IngestedSource
from lindero.app.text.codes import translate_code
from lindero.app.text.countries import country_name
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, format_number
from lindero.app.text.pack_texts import translate_pack_text
from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.catalogue import CatalogueEntry, find_entry, find_entry_of_source
from lindero.layers.services.check import ServiceCheck
from lindero.layers.services.connection.download import Progress, download_layer, write_layer
from lindero.layers.services.connection.http import HostClient, RequestSettings
from lindero.layers.services.protocols.detect import FILE, detect_kind, file_name, guess_kind, open_service
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, choose_id
from lindero.layers.workspace.source_options import SourceOptions

DOWNLOAD_FOLDER = Path("files") / ".coming"
PAGES = "pages.zip"


@dataclass(frozen=True)
class ServiceRequest:
    """A request for a layer of a service, with the options that are already known."""

    url: str
    kind: str = ""  # empty: to be detected
    sublayer: str = ""
    paging: str = ""
    referer: str = ""
    expects: tuple[str, ...] = ()
    options: SourceOptions = field(default_factory=SourceOptions)
    ca_file: Path | None = None  # a file of this machine, which is never stored


@dataclass(frozen=True)
class FetchedFile:
    """A fetched file, the files beside it, the folder where it stays until it is added, and its options."""

    path: Path
    beside: tuple[Path, ...]
    folder: Path
    kind: str
    url: str
    options: SourceOptions
    server_date: dt.datetime | None = None  # by the server's clock

    def build_entry(self, ingested: IngestedSource) -> SourceEntry:
        """Return the manifest entry of the planned file, with the service and address it came from."""
        return replace(ingested.entry, service=self.kind, url=self.url)

    def delete_folder(self) -> None:
        """Delete the folder that contained the file until it was added."""
        shutil.rmtree(self.folder, ignore_errors=True)


def find_service(name: str, space: Workspace) -> ServiceRequest:
    """Return the request for a name: a source of the workspace fetched from a service, or an entry of the catalogue."""
    earlier = [entry for entry in space.sources if entry.id == name and entry.service]
    if earlier:
        return _request_from_source(max(earlier, key=lambda entry: entry.snapshot_on))
    catalogue_entry = find_entry(name)
    if not catalogue_entry.is_service:
        raise ServiceError(
            N_(
                "{title} has to be downloaded by hand. Download the file at {url}, then run `lindero add FILE`. {terms}"
            ),
            title=catalogue_entry.title,
            url=catalogue_entry.url,
            terms=catalogue_entry.terms,
        )
    return _request_from_catalogue(catalogue_entry)


def fetch_layer(
    request: ServiceRequest,
    space: Workspace,
    *,
    allow_private: bool = False,
    manners: RequestSettings | None = None,
    progress: Progress = lambda *_: None,
) -> FetchedFile:
    """Download a complete layer into the workspace's folder for incoming files.

    An interrupted download is continued.
    """
    web = HostClient(
        request.url, allow_private=allow_private, referer=request.referer, manners=manners, ca_file=request.ca_file
    )
    kind = request.kind or guess_kind(request.url) or detect_kind(web, request.url)
    key = hashlib.sha256(f"{kind} {request.url} {request.sublayer}".encode()).hexdigest()[:16]
    folder = space.folder / DOWNLOAD_FOLDER / key
    folder.mkdir(parents=True, exist_ok=True)
    if kind == FILE:
        path = folder / file_name(request.url)
        web.save(request.url, path)
        return FetchedFile(path, (), folder, kind, request.url, request.options, web.server_date)
    service = open_service(web, request.url, kind, sublayer=request.sublayer, paging=request.paging)
    if missing := [
        name for name in request.expects if service.description.fields and name not in service.description.fields
    ]:
        raise ServiceError(
            N_("{host} no longer has the fields {missing}; it has {fields}. Map them with `lindero add URL --field …`"),
            host=web.host,
            missing=", ".join(missing),
            fields=", ".join(service.description.fields),
        )
    pages = download_layer(service, web, folder / "pages", progress=progress)
    name = request.options.id or choose_id(service.description.title, {entry.id for entry in space.sources})
    path = folder / f"{name}.geojson"
    write_layer(service, pages, path)
    pages.pack(folder / PAGES)
    options = replace(
        request.options,
        id=name,
        title=request.options.title or service.description.title,
        licence=request.options.licence or service.description.licence,
        sublayer="",
    )
    return FetchedFile(path, (folder / PAGES,), folder, kind, service.description.url, options, web.server_date)


def find_same_snapshot(fetched: FetchedFile, digest: str, space: Workspace) -> SourceEntry | None:
    """Return the latest snapshot of the source if the fetched file is identical to it, else None."""
    earlier = [entry for entry in space.sources if entry.id == fetched.options.id]
    latest = max(earlier, key=lambda entry: entry.snapshot_on, default=None)
    return latest if latest is not None and latest.sha256 == digest else None


def merge_source_options(entry: SourceEntry) -> SourceOptions:
    """Return the options for the next snapshot of a source: as for this one, without its dates."""
    return SourceOptions(id=entry.id).merge_earlier(entry)


def _request_from_catalogue(entry: CatalogueEntry) -> ServiceRequest:
    options = SourceOptions(
        id=entry.name,
        layer=entry.layer,
        publisher=entry.publisher,
        licence=entry.licence,
        title=entry.title,
        crs=entry.crs,
        boundary_accuracy_m=entry.accuracy_m,
        constants=entry.constants,
        mapping=entry.mapping,
    )
    return ServiceRequest(entry.url, entry.kind, entry.sublayer, entry.paging, entry.referer, entry.expects, options)


def _request_from_source(entry: SourceEntry) -> ServiceRequest:
    """Return the request that fetches a source of the workspace again, with the mapping used last time."""
    catalogue_entry = find_entry_of_source(entry.id, entry.url)
    return ServiceRequest(
        entry.url,
        entry.service,
        paging=catalogue_entry.paging if catalogue_entry else "",
        referer=catalogue_entry.referer if catalogue_entry else "",
        expects=(*(catalogue_entry.expects if catalogue_entry else ()), *entry.fields.values()),
        options=merge_source_options(entry),
    )


# The catalogue as text: the layers, their publishers, their terms, and how each service answers today.


def format_catalogue(offers: Iterable[CatalogueEntry]) -> str:
    """Format catalogue entries as text: a heading for each country, and one paragraph per source."""
    parts = []
    for country, entries in groupby(offers, key=lambda entry: entry.country):
        name = country_name(country) if country else _("Several countries")
        parts.append(f"{name}\n{'=' * len(name)}")
        parts += ["\n".join(_entry_lines(entry)) for entry in entries]
    return "\n\n".join(parts)


def entry_to_dict(entry: CatalogueEntry) -> dict[str, object]:
    """Return a catalogue entry as a dict for JSON output."""
    return {**entry.__dict__, "expects": list(entry.expects), "constants": dict(entry.constants)}


def check_to_dict(result: ServiceCheck) -> dict[str, object]:
    """Return the result of checking a service as a dict for JSON output."""
    described = result.described
    return {
        "name": result.name,
        "state": result.state,
        "rows": described.rows if described else None,
        "crs": described.crs if described else None,
        "paging": described.paging if described else None,
        "fields_missing": list(result.missing),
        "fields_new": list(result.new),
        "why": error_text(result.error) if result.error else None,
    }


def format_check(result: ServiceCheck) -> str:
    """Format the result of checking a service as a few lines of text."""
    lines = [f"{result.name}: {translate_code(result.state)}"]
    if result.described is not None:
        rows = (
            _("not counted by the service") if result.described.rows is None else format_number(result.described.rows)
        )
        lines.append(
            _("  rows: {rows}; CRS: {crs}; paging: {paging}").format(
                rows=rows, crs=result.described.crs or "–", paging=result.described.paging
            )
        )
    if result.missing:
        lines.append(_("  missing fields: {fields}").format(fields=", ".join(result.missing)))
    if result.new:
        lines.append(_("  fields that the map does not use: {fields}").format(fields=", ".join(result.new)))
    if result.paging:
        lines.append(_("  the paging has changed: {paging}").format(paging=result.paging))
    if result.error is not None:
        lines.append(f"  {error_text(result.error)}")
    return "\n".join(lines)


def _entry_lines(entry: CatalogueEntry) -> list[str]:
    checked = entry.verified_on or _("never; it could not be reached when this list was written")
    lines = [
        f"{entry.name}  {entry.title}",
        _("  {layer}, {publisher}; licence: {licence}").format(
            layer=translate_code(entry.layer),
            publisher=entry.publisher,
            licence=translate_code(entry.licence),
        ),
        *([f"  {entry.url}"] if entry.url else []),
        f"  {_instruction(entry)}",
        _("  last checked: {date}").format(date=checked),
    ]
    lines += [_("  terms: {terms}").format(terms=entry.terms)] if entry.terms else []
    return [*lines, *([f"  {translate_pack_text(entry.note)}"] if entry.note else [])]


def _instruction(entry: CatalogueEntry) -> str:
    """Return how a reader gets the data of a source."""
    if entry.is_service and entry.access == "open":
        return _("lindero fetch {name}").format(name=entry.name)
    texts = {
        "open": _("open: download the file, then run lindero add FILE"),
        "token_required": _("needs an account: sign up, download the file, then run lindero add FILE"),
        "portal_only": _("only on a website: accept its terms, download the file, then run lindero add FILE"),
        "pdf_only": _("only as PDF, without boundaries: ask the authority for a table with coordinates"),
        "on_request": _("on request: ask its publisher for the file, then run lindero add FILE"),
        "closed": _("closed by the State: ask for it by a request for public information"),
        "decommissioned": _("switched off by its publisher: only files that somebody kept can be added"),
    }
    return texts[entry.access]
