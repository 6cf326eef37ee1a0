"""Download of a layer from a service, complete or not at all.

The result is one GeoJSON collection: the original text of each feature, one per line, in the order of arrival. It is
built from the stored responses alone, so it can be rebuilt from them byte for byte.
"""

import datetime as dt
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from lindero.layers.disk.builds import write_atomically
from lindero.layers.errors import N_, NotWholeError, ServiceError
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.connection.url_guard import add_params
from lindero.layers.services.protocols.protocol import Page, Request, Service

Progress = Callable[[int, int | None], None]
"""Is told how many rows have come, and how many there are."""
_MOST_PAGES = 99_999
STATE = "state.json"
REQUESTS = "requests.json"
MAX_AGE = dt.timedelta(hours=48)  # older pages may be of another version of the layer
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that ZIP supports: equal pages give equal archives
_COMPRESSION = 6


# Responses of a service, stored unchanged in the workspace during a download, so that a break loses nothing.


class Pages:
    """A folder of stored responses, numbered from 0, so that an interrupted download can continue.

    `folder`: the folder of the responses. Contents of another layer, or older than `MAX_AGE`, are removed.
    """

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        self._folder = folder
        self._told = json.loads(json.dumps(identity))
        self._begun = dt.datetime.now(dt.UTC)
        self._kept: list[dict[str, str]] = self._load_pages()
        if not self._kept:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[bytes]:
        return (self._path(number).read_bytes() for number in range(len(self._kept)))

    def append(self, request: str, answer: bytes) -> None:
        """Store the response to a request; its content is on disk before the state file lists it."""
        path = self._path(len(self._kept))
        path.write_bytes(answer)
        self._kept.append({"request": request, "sha256": hashlib.sha256(answer).hexdigest()})
        self._write_state()

    def clear(self) -> None:
        """Remove all responses."""
        self._kept.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def pack(self, path: Path) -> None:
        """Write the responses and their requests to one archive; equal responses give equal bytes."""
        with zipfile.ZipFile(path, "w") as archive:
            _write_member(archive, REQUESTS, json.dumps(self._kept, indent=1).encode())
            for number, answer in enumerate(self):
                _write_member(archive, self._path(number).name, answer)

    def _write_state(self) -> None:
        state = {"told": self._told, "begun": self._begun.isoformat(), "pages": self._kept}
        write_atomically(self._folder / STATE, json.dumps(state))

    def _load_pages(self) -> list[dict[str, str]]:
        """Load the pages of an earlier attempt, up to the first that is missing or damaged."""
        try:
            state = json.loads(self._folder.joinpath(STATE).read_text(encoding="utf-8"))
            begun = dt.datetime.fromisoformat(state["begun"])
            pages = [{"request": str(page["request"]), "sha256": str(page["sha256"])} for page in state["pages"]]
            if state["told"] != self._told or self._begun - begun > MAX_AGE:
                return []
        except (OSError, ValueError, KeyError, TypeError):
            return []
        intact = []
        for number, page in enumerate(pages):
            path = self._path(number)
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != page["sha256"]:
                break
            intact.append(page)
        if intact:
            self._begun = begun  # the age of the first response, however often the download continues
        return intact

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05}.json"


def unpack(path: Path) -> Iterator[bytes]:
    """Yield the responses of an archive written by `Pages.pack`, in their order."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name != REQUESTS:
                yield archive.read(name)


def _write_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, date_time=_EPOCH)
    member.external_attr = 0o600 << 16
    archive.writestr(member, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION)


def download_layer(service: Service, web: HostClient, folder: Path, *, progress: Progress = lambda *_: None) -> Pages:
    """Download every response of a layer into `folder`, or continue an interrupted attempt.

    `folder`: the folder of the responses. Responses of another layer, or older than 48 hours, are removed. Returns: all
    responses in order, for `write_layer`.
    """
    pages = Pages(folder, service.description.identity())
    try:
        _download_pages(pages, service, web, progress)
    except NotWholeError:
        pages.clear()
        raise
    return pages


def _download_pages(pages: Pages, service: Service, web: HostClient, progress: Progress) -> None:
    progress_check = _CompletenessCheck(service, web.host)
    request: Request | None = service.first_request()
    for raw in pages:  # from an earlier attempt
        request = progress_check.next_request(service.parse_page(raw))
        progress(progress_check.rows, service.description.rows)
    while request is not None:
        if len(pages) >= _MOST_PAGES:
            raise NotWholeError(N_("{host} sends pages without end, so the layer cannot be complete"), host=web.host)
        raw = web.get(request.url, request.params, passing=service.passing)
        current, request = request, progress_check.next_request(service.parse_page(raw))
        pages.append(add_params(current.url, current.params), raw)
        progress(progress_check.rows, service.description.rows)
    progress_check.check_complete()


def write_layer(service: Service, answers: Iterable[bytes], path: Path) -> None:
    """Write the file of a layer from its responses; equal responses give equal bytes."""
    first_crs: str | None = None
    with ExitStack() as stack:
        file = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
        for raw in answers:
            page = service.parse_page(raw)
            if first_crs is None:
                first_crs = page.crs
                crs = f'"crs":{first_crs},' if first_crs else ""
                file.write(f'{{"type":"FeatureCollection",{crs}"features":[')
                separator = "\n"
            elif page.features and page.crs != first_crs:
                raise ServiceError(
                    N_("the pages of {url} state different coordinate reference systems and cannot be combined"),
                    url=service.description.url,
                )
            for feature in page.features:
                file.write(separator + feature.text)
                separator = ",\n"
        file.write("\n]}\n")


class _CompletenessCheck:
    """A check of the rows received from a service against the number of rows that it states."""

    def __init__(self, service: Service, host: str) -> None:
        self._service, self._host = service, host
        self._keys: set[object] = set()
        self._last: tuple[str, ...] = ()
        self._pages = 0
        self.rows = 0

    def next_request(self, page: Page) -> Request | None:
        """Count a page, and return the request that follows it."""
        texts = tuple(feature.text for feature in page.features)
        keys = [key for key in page.keys if key is not None]
        repeated = self._keys & set(keys)
        if repeated or len(set(keys)) < len(keys) or (texts and texts == self._last):
            raise NotWholeError(
                N_("{host} sent rows twice (the first is {row}), so its pages cannot be combined"),
                host=self._host,
                row=next(iter(repeated), keys[0] if keys else self.rows),
            )
        self._keys.update(keys)
        self._last = texts
        self._pages += 1
        self.rows += len(texts)
        return self._service.next_request(page, self.rows, self._pages)

    def check_complete(self) -> None:
        """Check that all rows arrived and that their number did not change."""
        before = self._service.description.rows
        now = self._service.count_rows() if before is not None else None
        if before is not None and now != before:
            raise NotWholeError(
                N_("the layer at {host} changed during the download, from {before} rows to {now}; fetch it again"),
                host=self._host,
                before=before,
                now=now if now is not None else "?",
            )
        if before is not None and self.rows != before:
            raise NotWholeError(
                N_("{host} announced {told} rows but sent {rows}, so the layer would be incomplete"),
                host=self._host,
                told=before,
                rows=self.rows,
            )
